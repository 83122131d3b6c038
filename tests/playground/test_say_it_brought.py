"""Say it: a visitor's own voice, strokes over a spectrogram, real or made, and history by ear."""

import base64
import types

import numpy as np
import pytest
import torch

from playground import sounds
from playground.components.canvas import under
from playground.demos.say_it import DEMO, erased, history, nearest, quiz, recorded, speech
from playground.hosts.gradio_host.wiring import taken
from tests.playground.values import defaults
from zoo import data
from zoo.data.spoken import Clips
from zoo.sound import RATE, levelled, wav

FLOW, IDVAE, WORDS = "audio_flow.digits", "audio_idvae.digits", "audio_idvae.words"
TONE = np.sin(np.arange(RATE // 2) * 0.5).astype(np.float32) / 2
NOTHING = np.zeros(RATE // 2, np.float32)


def values(part: str, **changes):
    return defaults(DEMO, **{"model": IDVAE, "part": part, **changes})


def samples(shown: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(shown["x"]), "<i2") / 32767


def told(found: dict) -> str:
    return " ".join(part.text for part in found["told"])


# --- one's own voice ---


def test_a_recording_is_cut_shown_and_said_again_in_every_voice():
    found = recorded.parts(values("recorded", recording=wav(np.concatenate([NOTHING, TONE, NOTHING]))))
    shown = found["sounds"]["sounds"]
    by = speech.voices(IDVAE)
    titles = [one["title"] for one in shown]
    assert titles[:2] == ["Your recording", "Its spectrogram, spoken"]
    for kind in ("flow", "IDVAE"):
        assert [f"{who}, {kind}" for who in by] == [title for title in titles if title.endswith(f", {kind}")]
    own = samples(shown[0])
    wanted = levelled(TONE)
    assert abs(len(own) - len(wanted)) < 600 and abs(np.abs(own).max() / np.abs(wanted).max() - 1) < 0.1
    assert all(np.isfinite(samples(one)).all() and np.abs(samples(one)).max() <= 1 for one in shown)
    assert "Cut out of 1.5 seconds" in told(found) and recorded.PRIVATE in told(found)


def test_until_there_is_a_recording_it_is_the_word_above():
    v = values("recorded", word="three")
    shown = recorded.parts(v)["sounds"]["sounds"]
    assert shown[0]["title"] == "The word above"
    assert np.abs(samples(shown[0]) - speech.main(v).x).max() < 1e-4


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"<html>", "no sound"), (wav(NOTHING), "Nothing is to be heard"), (wav(TONE)[:30], "cannot be read")],
)  # fmt: skip
def test_a_recording_that_cannot_be_used_says_why(content, said):
    found = recorded.parts(values("recorded", recording=content))
    assert found["told"][0].warns and said in found["told"][0].text and not found["sounds"]


def test_the_word_meant_is_told_and_one_that_the_model_does_not_know_is_as_heard():
    content = wav(TONE)
    assert "**nine**" in told(recorded.parts(values("recorded", recording=content, meant="nine")))
    found = recorded.parts(values("recorded", model=WORDS, recording=content, meant="nine"))
    assert any(f"**{one}**" in told(found) for one in speech.words(WORDS))
    assert {"Said again, IDVAE", "Said again, flow"} <= {one["title"] for one in found["sounds"]["sounds"]}


def test_the_models_are_told_whose_voice_it_is_nearest_to(monkeypatch):
    told_of = []

    def repeated(name, s, word, voice, by, high=0):
        told_of.append((word, voice))
        return [speech.Said(s, NOTHING)] * len(by)

    monkeypatch.setattr(recorded.speech, "repeated", repeated)
    (heard,) = speech.heard(IDVAE, [sounds.word(wav(TONE)).x])
    found = recorded.parts(values("recorded", recording=wav(TONE)))
    nearest = heard["voice"][0][0]
    assert set(told_of) == {(heard["word"][0][0], nearest)} and f"nearest to {nearest}'s" in told(found)
    told_of.clear()
    recorded.parts(values("recorded", word="two", voice="theo"))
    assert set(told_of) == {("two", "theo")}


def test_no_link_carries_a_recording():
    field = DEMO.fields()["recording"]
    assert not field.linked and field.brought
    with pytest.raises(ValueError, match="no link carries"):
        field.read("x")


def test_gradio_keeps_no_file_of_a_recording(tmp_path):
    path = tmp_path / "said.wav"
    path.write_bytes(b"sound")
    assert taken(str(path)) == (b"sound", None)
    assert not path.exists()
    assert taken(None)[0] is None


# --- strokes ---


def test_strokes_lie_where_they_are_drawn():
    place = erased.covered([[0, 0, 255, 0]], (128, 40))
    assert (
        place.shape == (128, 40) and place[127].min() > 0.9 and place[:115].max() == 0
    )  # the top is the highest frequency
    spot = erased.covered([[255, 255]], (128, 40))
    assert spot[0, 39] > 0.9 and spot[64].max() == 0
    assert not erased.covered([], (128, 40)).any()


def test_what_is_erased_falls_silent_and_what_is_drawn_sounds():
    s = torch.zeros(128, 40).numpy()
    line = [[0, 128, 255, 128]]
    gone = erased.changed(s, line, "erase", 0)
    assert gone[63, 20] == -1 and gone[10, 20] == 0
    kept = erased.changed(s, line, "keep", 0)
    assert kept[63, 20] == 0 and kept[10, 20] == -1
    drawn = erased.changed(s - 1, line, "draw", -20)
    assert abs(drawn[63, 20] - (1 - 2 * 20 / erased.DECIBELS)) < 1e-5 and drawn[10, 20] == -1
    assert (erased.changed(s, [], "keep", 0) == s).all() and (erased.changed(s, [], "erase", 0) == s).all()


def test_a_drawn_line_is_heard_at_its_pitch(monkeypatch):
    silent = np.full((128, 60), -1, np.float32)
    monkeypatch.setattr(erased, "main", lambda v: speech.Said(silent, np.zeros(59 * 64, np.float32)))
    v = values("erased", painted=[[0, 191, 255, 191]], does="draw")  # a quarter up: 1,000 a second
    x = samples(erased.parts(v)["sounds"]["sounds"][0])
    loud = np.abs(np.fft.rfft(x))
    places = np.fft.rfftfreq(len(x), 1 / RATE)
    assert loud[np.abs(places - 1000) < 150].max() > 10 * loud[np.abs(places - 1000) > 400].max() > 0


def test_the_spectrogram_lies_under_the_pad():
    field = DEMO.fields()["painted"]
    one, other = (field.under(values("erased", seed=seed)) for seed in (1, 2))
    assert one != other and one.startswith("data:image/png;base64,")
    assert one in under(".pad", one)


# --- real or made ---


def test_without_the_recordings_the_quiz_says_how_to_get_them(monkeypatch):
    monkeypatch.setattr(data, "at_hand", lambda name: False)
    found = quiz.parts(values("quiz"))
    assert "nothing to compare with" in told(found) and not found["sounds"]
    assert DEMO.buttons["guess"].options(values("quiz")) == {}


def test_the_quiz_tells_after_the_guess_and_counts(monkeypatch):
    clips = Clips((levelled(TONE),), np.array([4]), np.array([2]))
    monkeypatch.setattr(data, "at_hand", lambda name: True)
    monkeypatch.setattr(data, "module", lambda name: types.SimpleNamespace(load=lambda split: clips))
    v = values("quiz")
    before = quiz.parts(v)
    assert "four · lucas" in told(before)
    assert [one["title"] for one in before["sounds"]["sounds"]] == ["The first", "The second"]
    assert all(not one["said"] for one in before["sounds"]["sounds"])
    real = quiz.pair(quiz.score(v).of).real
    places = {quiz.pair(quiz.score({**v, "seed": seed}).of).real for seed in range(8)}
    assert places == {0, 1}
    v |= DEMO.buttons["guess"].press(v, str(real))
    after = quiz.parts(v)
    assert after["sounds"]["sounds"][real]["title"] == "A recording"
    assert after["after"][0].text == "**Right.** 1 of 1 so far." and DEMO.buttons["another"].when(v)
    v |= DEMO.buttons["another"].press(v, "")
    assert set(DEMO.buttons["guess"].options(v)) == {"0", "1"}
    v |= DEMO.buttons["guess"].press(v, str(1 - quiz.pair(quiz.score(v).of).real))
    assert quiz.parts(v)["after"][0].text == "**Wrong.** 1 of 2 so far."
    assert quiz.score({**v, "seed": 99}).guess is None  # of another pair
    sounds = [samples(one) for one in quiz.parts(v)["sounds"]["sounds"]]
    loud = [np.sqrt(np.sort(np.add.reduceat(x**2, np.arange(0, len(x), 64)))[len(x) // 128 :].mean()) for x in sounds]
    assert max(loud) < 2 * min(loud)  # it cannot be told by how loud they are


# --- copied? ---


def test_the_nearest_recordings_are_played_and_how_near_they_are_is_said(monkeypatch):
    v = values("nearest", word="nine")
    clips = Clips((levelled(TONE), speech.main(v).x, levelled(TONE)), np.array([9, 9, 4]), np.array([2, 1, 0]))
    monkeypatch.setattr(data, "at_hand", lambda name: True)
    monkeypatch.setattr(data, "module", lambda name: types.SimpleNamespace(load=lambda split: clips))
    found = nearest.parts(v)
    made, copied, other = found["sounds"]["sounds"]  # of the two recordings of that word
    assert copied["said"] == "A recording by jackson, 0.0 away" and other["said"].startswith("A recording by lucas")
    assert np.abs(samples(copied) - samples(made))[64:-64].max() < 0.02
    assert "Of 2 recordings of *nine*" in told(found) and found["after"][0].text.startswith("0.0 away")


def test_without_the_recordings_it_says_how_to_get_them(monkeypatch):
    monkeypatch.setattr(data, "at_hand", lambda name: False)
    found = nearest.parts(values("nearest"))
    assert "nothing to compare with" in told(found) and not found["sounds"]


# --- history ---


@pytest.mark.parametrize("name", [IDVAE, WORDS])
def test_history_is_heard_at_any_moment(name):
    last = history.last(name)
    for moment in (0, 10**6):
        found = history.parts(values("history", model=name, moment=moment))
        shown = found["sounds"]["sounds"]
        assert len(shown) == 6 and shown[0]["title"].split(" ·")[0] == speech.words(name)[0]
        assert all(np.abs(samples(one)).max() <= 1 for one in shown)
        assert f"moment {min(moment, last)} of {last}" in told(found)


def test_a_tile_is_turned_back_into_its_spectrogram(monkeypatch):
    tiles = np.zeros((2, 6 * 128, 96), np.uint8)
    tiles[1, 127, :31] = 255  # the first word's lowest frequency, for 31 frames
    monkeypatch.setattr(history.learning, "frames", lambda name: tiles)
    first, second, *_ = history.spectrograms(FLOW, 1)
    assert first.shape == (128, 32) and (first[0, :31] == 1).all() and first[1:].max() == -1
    assert second.shape == (128, 2) and second.max() == -1
