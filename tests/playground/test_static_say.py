"""The page that speaks without a server says what its app says."""

import io
import json
import wave

import numpy as np
import pytest
import torch

from playground.catalogue import load
from playground.demos import say_it
from playground.demos.say_it import erased, pad, recorded, speech, static, together
from tests.playground.values import defaults
from zoo import sound
from zoo.nn import noise
from zoo.spoken import texture

CALLED = """async ([file, call, given]) => {
  const engine = await import(new URL(file, document.baseURI));
  const facts = await (await fetch(new URL('facts.json', document.baseURI))).json();
  const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value);
  return JSON.stringify(await new Function('engine', 'facts', 'given', `return (async () => ${call})()`)(engine, facts, given), plain);
}"""


def called(page, file: str, call: str, **given):
    """Return what an expression over a script's exports, `engine`, the page's facts and what is `given` comes to in the browser."""
    plain = {name: x.tolist() if isinstance(x, torch.Tensor) else x for name, x in given.items()}
    return json.loads(page.evaluate(CALLED, [file, call, plain]))


def spectrum(found: dict) -> np.ndarray:
    """Return a spectrogram of the page's as (128, T)."""
    return np.array(found["data"], np.float32).reshape(sound.BINS, found["frames"])


@pytest.fixture(scope="module")
def tones() -> torch.Tensor:
    """A waveform (1, 2560): two tones and a little noise, silent at its end."""
    t = torch.arange(2560) / sound.RATE
    x = 0.3 * torch.sin(2 * torch.pi * (300 + 200 * t) * t) + 0.1 * torch.sin(2 * torch.pi * 1800 * t)
    return ((x + 0.01 * noise(1, 2560, seed=5)[0]) * (t < 0.28))[None]


def test_sound_is_the_apps(opened, tones):
    page, s = opened("say_it", alone=True), sound.spectrogram(tones)
    n = s.shape[2]

    def apart(call: str, wanted: torch.Tensor, file: str = "sound.js") -> float:
        script = f"(({{data, frames}}, s) => {call})({{data: Float32Array.from(given.s), frames: given.n}}, given)"
        found = called(page, file, script.replace("S", "{data, frames}"), s=s.flatten(), n=n, x=tones[0])
        found = found["data"] if isinstance(found, dict) else found
        return float(np.abs(np.array(found) - wanted.flatten().double().numpy()).max())

    assert apart("engine.spectrogram(Float32Array.from(s.x))", s) < 1e-4
    assert apart("engine.texture(30, 4294967295, 1)", texture(2, 30, seed=2**32 - 1)[1]) < 1e-3
    assert apart("engine.phases(S)", sound.phases(s)) < 0.01
    assert apart("engine.guessed(S)", sound.istft(sound.guessed(s))) < 1e-3
    assert apart("engine.griffinLim(S, {steps: 5})", sound.griffin_lim(s, steps=5)) < 1e-3
    assert apart("engine.higher(S, 5)", sound.higher(s, 5), "wave.js") < 1e-4
    assert apart("engine.higher(S, -7)", sound.higher(s, -7), "wave.js") < 1e-4
    (loud,) = sound.ended(5 * tones, torch.tensor([1 + tones.shape[1] // sound.HOP]))
    assert apart("engine.ended(Float32Array.from(s.x, (v) => 5 * v))", loud, "wave.js") < 1e-5
    written = called(page, "wave.js", "engine.wav(Float32Array.from(given.x), 'say_it?word=a')", x=tones[0])
    assert bytes(written) == sound.wav(tones[0].numpy(), "say_it?word=a")


@torch.inference_mode()
@pytest.mark.parametrize("name", static.models())
def test_words_are_the_apps(opened, name):
    page, model = opened("say_it", alone=True), load(name)
    words, voices = len(model.words), len(model.voices)
    word, voice = torch.eye(words)[[0, 1]].mean(0), torch.eye(voices)[[0, -1]].mean(0)  # between two of each
    options = {"longer": 1.2, "temperature": 0.7} | ({"guidance": 1.5, "steps": 5} if speech.is_flow(name) else {})
    s, frames = model.sample(2, seed=2**32 - 1, word=word.expand(2, -1), voice=voice.expand(2, -1), **options)
    s, frames = s[1:, :, : int(frames[1])], frames[1:]
    z = model.encode(s, frames, word[None], voice[None])
    other = model.decode(z.expand(2, *z.shape[1:]), frames.expand(2), 1, voices - 1)[1]
    script = """{
      const model = await engine.speaker(facts.models.find(({name}) => name === given.name));
      const said = await model.sample(given.asked);
      const z = await model.encode(said, given.asked.word, given.asked.voice);
      const [word, voice] = [[0, 1, ...Array(given.words - 2).fill(0)], [...Array(given.voices - 1).fill(0), 1]];
      return [said, await model.decode(z, said.frames, word, voice, {index: 1})];
    }"""
    asked = {"word": word.tolist(), "voice": voice.tolist(), "seed": 2**32 - 1, "index": 1, **options}
    found = called(page, "speech.js", f"(async () => {script})()", name=name, asked=asked, words=words, voices=voices)
    assert spectrum(found[0]).shape == tuple(s[0].shape)
    assert np.abs(spectrum(found[0]) - s[0].numpy()).max() < 2e-3
    assert np.abs(spectrum(found[1]) - other.numpy()).mean() < 2e-3


def finished(page) -> None:
    """Wait until all is shown."""
    page.wait_for_selector("#stage[aria-busy='false']", timeout=60_000)


@torch.inference_mode()
def test_the_page_says_and_hears_what_the_app_does(opened, tmp_path):
    page, values = opened("say_it", "?seed=3&part=back"), defaults(say_it, seed=3, part="back")
    finished(page)
    words = speech.main(values)
    (told,) = speech.heard(values["model"], [words.x])
    cells = page.locator("[data-slot='heard'] .bars span").all_text_contents()
    shown, known = dict(zip(cells[::2], cells[1::2], strict=True)), dict(told["word"] + told["voice"])
    assert len(shown) == 8  # as far as another phase in some places changes what is heard
    assert all(abs(float(share.rstrip("%")) / 100 - known[name]) < 0.1 for name, share in shown.items())
    lines = page.locator("[data-slot='sounds'] .zoo-sound-said").all_text_contents()
    wanted = [one["said"] for one in together.ways_back(values)["sounds"]["sounds"]]
    assert [one.split(".")[0] for one in lines] == [one.split(".")[0] for one in wanted]
    with page.expect_download() as download:
        page.get_by_role("button", name="Sound (WAV)").click()
    download.value.save_as(tmp_path / "word.wav")
    content = (tmp_path / "word.wav").read_bytes()
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnframes()) == (sound.RATE, 2, len(words.x))
        x = np.frombuffer(file.readframes(-1), "<i2") / 32767
    assert b"ICMT" in content and b"seed=3" in content
    made, wanted = (torch.from_numpy(np.ascontiguousarray(one, np.float32))[None] for one in (x, words.x))
    assert sound.distance(made, wanted) < 3  # dB: phases differ where two ways to them are as loud


def test_a_number_is_said_and_none_is_asked_for(opened):
    page = opened("say_it", "?part=number&number=40-7x&longer=0.6")
    finished(page)
    assert page.locator("[data-slot='sounds'] b").all_text_contents()[0].startswith("40 7")
    assert "Only digits are said" in page.locator("[data-slot='told']").inner_text()
    page.locator("[data-field='number'] input").fill("")
    page.wait_for_function("document.querySelector('[data-slot=told]').textContent.startsWith('Type a number')")
    assert page.locator("[data-slot='sounds'] button").count() == 0


def test_strokes_do_what_they_do_in_the_app(opened):
    strokes, s = [[20, 40, 200, 60, 230, 220], [128, 128]], np.linspace(-1, 1, sound.BINS * 50, dtype=np.float32)
    page = opened("say_it", alone=True)
    for does in erased.DOES:
        script = f"engine.changed({{data: Float32Array.from(given.s), frames: 50}}, given.strokes, '{does}', -24)"
        found = spectrum(called(page, "erased.js", script, s=torch.from_numpy(s), strokes=strokes))
        wanted = erased.changed(s.reshape(sound.BINS, 50), strokes, does, -24)
        assert np.abs(found - wanted).mean() < 0.01


def test_a_recording_is_cut_and_said_again_as_in_the_app(opened, tones):
    quiet = torch.zeros(1, 4000)
    content = sound.wav(torch.cat([quiet, tones, quiet], 1)[0].numpy())
    page, values = (
        opened("say_it", "?part=recorded&longer=0.5"),
        defaults(say_it, part="recorded", longer=0.5, recording=content),
    )
    finished(page)
    assert "Until you record or bring a word" in page.locator("[data-slot='told']").inner_text()
    field = page.locator("[data-field='recording'] input")
    assert field.is_visible() and page.get_by_role("button", name="Record").is_visible()
    field.set_input_files({"name": "word.wav", "mimeType": "audio/wav", "buffer": content})
    page.get_by_text("Cut out of").wait_for()
    finished(page)
    parts = recorded.parts(values)
    assert page.locator("[data-slot='told']").inner_text().startswith(recorded.given(values)[2])
    titles = [one["title"] for one in parts["sounds"]["sounds"]]
    assert page.locator("[data-slot='sounds'] b").all_text_contents() == titles
    field.set_input_files({"name": "word.wav", "mimeType": "audio/wav", "buffer": b"RIFF"})
    page.get_by_text("The browser can read no sound in it").wait_for()
    finished(page)
    assert page.locator("[data-slot='sounds'] button").count() == 0


def test_the_pad_is_played_by_keys(opened):
    name = next(name for name in static.models() if not speech.is_flow(name))
    page = opened("say_it", f"?model={name}&part=pad&longer=0.5")
    finished(page)
    pads, words, voices, keys = page.locator(".zoo-sound-pad"), speech.words(name), speech.voices(name), pad.keys(name)
    assert pads.count() == len(words) * len(voices)
    pads.first.focus()
    page.keyboard.press(keys[2])
    label = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(label) == f"{words[2]}, {voices[0]}"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(label) == f"{words[2]}, {voices[1]}"
