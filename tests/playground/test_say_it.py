"""Say it: what is asked for is what is said, odd input is answered, a WAV holds its recipe."""

import base64
import io
import wave
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch

from playground.components import sound as component
from playground.demo import Refused
from playground.demos.say_it import DEMO, closer, pad, recording, speech, together
from playground.recipe import restore
from tests.playground.values import defaults
from zoo.sound import HOP, PEAK, RATE, higher, spectrogram, wav

FLOW, IDVAE, WORDS = "audio_flow.digits", "audio_idvae.digits", "audio_idvae.words"
NUMBERS = {
    "031 415-926": ["031", "415", "926"], "+41 (0)44 / 123.45.67": ["41", "0", "44", "123", "45", "67"], "": [], "  ": [], "abc": [],
    "1" * 24: ["1" * pad.DIALLED], "١٢٣": [], "7\u200b7": ["77"], "<b>4</b>": ["4"], "-": [],
}  # fmt: skip


def asked(**changes):
    return defaults(DEMO, **{"model": IDVAE, **changes})


def samples(shown: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(shown["x"]), "<i2") / 32767


def call(endpoint: str, /, **values):
    return next(one.call for one in DEMO.endpoints if one.name == endpoint)(asked(**values))


def read(content: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


@pytest.mark.parametrize(
    "changes",
    [{"model": FLOW}, {"word": "two", "voice": "theo", "wild": 0.5, "longer": 1.4, "high": 3, "seed": 9}, {"model": WORDS, "word": "jarvis"}],
)  # fmt: skip
def test_the_code_says_the_same(changes):
    v, names = asked(**changes), {}
    exec(DEMO.code(v), names)
    said = speech.main(v)
    assert np.abs(names["x"].numpy() - said.x).max() < 2e-3
    assert names["content"] == wav(names["x"].numpy()) and len(said.x) == (said.s.shape[1] - 1) * HOP
    shown = DEMO.stage(v)["sound"]
    assert shown["speaks"] and np.abs(samples(shown["sounds"][0]) - said.x).max() < 1e-4


@pytest.mark.parametrize(("typed", "groups"), NUMBERS.items())
def test_any_number_is_said_or_said_not_to_be(typed, groups):
    found, note = pad.dialled(typed)
    assert found == groups
    assert bool(note) == (typed in ("abc", "1" * 24, "١٢٣", "7\u200b7", "<b>4</b>"))


def test_a_number_is_said_digit_by_digit():
    v = asked(part="number", number="07 3", voice="lucas")
    groups, found, _ = pad.number(v)
    shown = closer.found(v)["sounds"]["sounds"][0]
    assert groups == ["07", "3"] and len(found) == 3
    assert len(samples(shown)) == sum(len(one.x) for one in found) + pad.REST + pad.BREATH
    alone = speech.spoken(speech.asked(v), (speech.alone("zero"),), (speech.alone("lucas"),))[0]
    assert np.allclose(found[0].s, alone.s, atol=1e-4)  # what is said first depends on nothing after it
    told = call("number", number="073", voice="lucas")
    assert len(told["heard"]) == 3 and len(read(base64.b64decode(told["wav"]))) > 3000
    nothing = closer.found(asked(part="number", number="?"))
    assert nothing["sounds"] == {} and nothing["told"]
    with pytest.raises(Refused):
        call("number", number="?")
    with pytest.raises(Refused, match="knows no digits"):
        call("number", number="1", model=WORDS)


def test_a_wav_holds_its_recipe_and_ends_softly():
    v = asked(word="nine", voice="nicolas", seed=5, high=-2, part="between", number="12 & 3=4")
    content = recording(v)
    x = read(content)
    assert np.abs(x).max() <= 1 and np.abs(x[[0, -1]]).max() < 1e-3
    comment = content[content.index(b"ICMT") + 8 :].rstrip(b"\0").decode()
    page, _, query = comment.partition("?")
    found = dict(parse_qsl(query))
    values, problems = restore(found, DEMO.fields(), found["weights"])
    assert page == "say_it" and not problems
    assert {k: x for k, x in values.items() if x != v[k]} == {}


def test_a_model_says_only_what_it_knows():
    v = asked(model=WORDS, word="seven", voice="theo", part="voices")  # from a hostile link
    assert speech.word(v) == speech.words(WORDS)[0] and closer.part(v) == "between"
    assert "voices" not in closer.offered(WORDS) and "number" not in closer.offered(WORDS)
    filled = DEMO.stage(v)
    assert filled["sound"]["sounds"][0]["title"] == "alexa" and filled["sounds"]()["sounds"]
    with pytest.raises(Refused, match="has the words alexa"):
        call("say", model=WORDS, word="seven")


def test_the_listener_took_no_part():
    assert all(name.endswith("-judge") for name in speech.judges(FLOW)) and len(speech.judges(FLOW)) == 2
    assert len(speech.judges(WORDS)) == 1
    told = call("say", word="four", voice="george")["heard"]
    assert set(told["word"]) == set(speech.words(IDVAE)) and set(told["voice"]) == set(speech.voices(IDVAE))
    assert sum(told["word"].values()) == pytest.approx(1, abs=1e-3)


def test_what_lies_between_begins_and_ends_at_its_ends():
    v = asked(part="between", word="one", word2="six", voice="george", voice2="theo", morph=0, blend=0)
    first = speech.mixed(v, *together.mixes(v))
    assert np.allclose(first.s, speech.main(v).s, atol=1e-4)
    last = speech.mixed(v, *together.mixes(v | {"morph": 100, "blend": 100}))
    assert np.allclose(last.s, speech.main(v | {"word": "six", "voice": "theo"}).s, atol=1e-4)
    for share in (1, 33, 50, 99):
        for mix in together.mixes(v | {"morph": share, "blend": share}):
            assert sum(part for _, part in mix) == pytest.approx(1)
    half = closer.found(v | {"morph": 50, "blend": 30})["sounds"]["sounds"]
    assert [one["title"] for one in half] == ["one · george", "In between", "six · theo"]
    assert half[1]["said"].startswith("50% one and 50% six · 70% george and 30% theo. Heard: ")


def test_every_voice_says_the_same_utterance():
    v = asked(word="five", voice="jackson", part="voices")
    found = speech.again(IDVAE, speech.asked(v), "five", "jackson", 0, ("jackson", "theo"))
    own = speech.main(v)
    assert {one.s.shape for one in found} == {own.s.shape}  # as long as it was
    assert np.abs(found[0].s - found[1].s).mean() > 0.01
    shown = closer.found(v)["sounds"]["sounds"]
    assert [one["title"] for one in shown] == ["george", "jackson, who said it", "lucas", "nicolas", "theo", "yweweler"]


def test_the_pad_has_every_word_in_every_voice():
    shown = closer.found(asked(part="pad"))["sounds"]
    words, voices = speech.words(IDVAE), speech.voices(IDVAE)
    assert shown["pad"] == {"words": words, "voices": voices, "keys": "0123456789"}
    assert [one["title"] for one in shown["sounds"]] == [f"{word}, {voice}" for voice in voices for word in words]
    row = speech.spoken(
        speech.Asked(IDVAE, guidance=1.0), tuple(map(speech.alone, words)), (speech.alone("theo"),) * 10
    )
    assert [len(samples(one)) for one in shown["sounds"][40:50]] == [len(one.x) for one in row]
    alone = speech.spoken(speech.Asked(IDVAE, guidance=1.0), (speech.alone("zero"),), (speech.alone("theo"),))[0]
    assert np.allclose(row[0].s, alone.s, atol=1e-4)
    assert closer.found(asked(model=WORDS, part="pad"))["sounds"]["pad"]["keys"] == "123456"


def test_higher_moves_tones_and_leaves_silence():
    t = torch.arange(4000) / RATE
    s = spectrogram(PEAK * torch.sin(2 * torch.pi * 500 * t)[None])
    for semitones, wanted in ((0, 500), (12, 1000), (-12, 250), (7, 749)):
        moved = higher(s, semitones)
        loudest = moved[0, :, 30].argmax() * RATE / 256
        assert moved.shape == s.shape and abs(float(loudest) - wanted) <= RATE / 256
    assert torch.equal(higher(s, 0), s) and (higher(s, -12)[:, 64:] == -1).all()
    assert (higher(torch.full((1, 128, 4), -1.0), 5) == -1).all()


def test_sounds_are_sent_as_whole_numbers():
    shown = component.sound(np.array([-2, -1, 0, 0.5, 1, 2], np.float32), "x")
    assert samples(shown) == pytest.approx([-1, -1, 0, 0.5, 1, 1], abs=1e-4)
