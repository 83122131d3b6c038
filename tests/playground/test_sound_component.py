"""Sounds and the pad in a real Chromium, mounted without any framework: what is played is what is asked for."""

from pathlib import Path

import numpy as np
import pytest
import torch

from playground.components import sound as component
from zoo.sound import BINS, spectrogram

FOLDER = Path(component.__file__).parent

# The browser's own player is watched: what begins, and when all is stopped.
PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="sound.css"><body style="margin: 16px; background: #fbfaf7"><button id="other">Other</button>
<div id="first"></div><div id="second"></div><script type="module">
import { mount } from "./sound.js";
import { spectrogram } from "./spectrum.js";
window.played = [];
window.spectrogram = spectrogram;
const begin = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...told) {
  played.push([this.buffer.length, this.buffer.sampleRate]);
  begin.apply(this, told);
};
window.start = (at, state) => (window[at + "View"] = mount(document.getElementById(at), state));
window.ready = true;
</script>"""


def tone(samples: int, pitch: float = 440) -> np.ndarray:
    return np.sin(2 * np.pi * pitch * np.arange(samples) / 8000) * np.hanning(samples) * 0.8


def some(*lengths: int, **told) -> dict:
    return component.player([component.sound(tone(n), f"sound {n}", "Heard: a tone") for n in lengths], **told)


PAD = component.pad(
    [component.sound(tone(1000 + 100 * v + w), f"{v} {w}") for v in range(3) for w in range(10)],
    [f"word {w}" for w in range(10)],
    ["ann", "bob", "cy"],
    "0123456789",
)


@pytest.fixture(scope="module")
def address(serve):
    return serve(PAGE, FOLDER)


@pytest.fixture
def page(browser, address, request):
    context = browser.new_context(**{"viewport": {"width": 1000, "height": 800}, **getattr(request, "param", {})})
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    page.wait_for_function("window.ready")
    yield page
    context.close()
    assert not problems


PHONE = pytest.mark.parametrize(
    "page", [{"viewport": {"width": 390, "height": 844}, "has_touch": True, "reduced_motion": "reduce"}], indirect=True
)


def start(page, at, state):
    page.evaluate("([at, state]) => void start(at, state)", [at, state])


def lengths(page):
    return [length for length, _ in page.evaluate("played")]


def test_a_sound_plays_at_its_rate_and_one_at_a_time(page):
    start(page, "first", some(6000, 7000))
    start(page, "second", some(9000))
    buttons = page.locator(".zoo-sound-play")
    buttons.nth(1).click()
    assert page.evaluate("played") == [[7000, 8000]]
    assert buttons.nth(1).get_attribute("aria-label") == "Stop sound 7000"
    buttons.nth(2).click()
    assert lengths(page) == [7000, 9000] and buttons.nth(1).get_attribute("aria-label") == "Play sound 7000"
    buttons.nth(2).press("Enter")  # stops
    assert lengths(page) == [7000, 9000] and buttons.nth(2).get_attribute("aria-label") == "Play sound 9000"
    page.locator("canvas").first.click()
    assert lengths(page)[2:] == [6000]
    page.wait_for_function(
        "document.querySelector('.zoo-sound-play').ariaLabel === 'Play sound 6000'"
    )  # it ends by itself


def test_it_speaks_when_it_is_another_and_not_when_it_is_not(page):
    start(page, "first", some(4000, speaks=True))
    page.locator("#other").click()  # where the browser wants a click before
    page.wait_for_function("played.length === 1")
    page.evaluate("(state) => firstView.update(state)", some(4000, speaks=True))
    assert lengths(page) == [4000]
    page.evaluate("(state) => firstView.update(state)", some(5000, speaks=True))
    page.wait_for_function("played.length === 2")
    page.locator("input").uncheck()
    page.evaluate("(state) => firstView.update(state)", some(5500, speaks=True))
    page.locator("#other").click()
    assert lengths(page) == [4000, 5000]


def test_the_pad_is_played_by_pointer_keys_and_arrows(page):
    start(page, "first", PAD)
    pads = page.locator(".zoo-sound-pad")
    assert pads.count() == 30 and pads.nth(12).get_attribute("aria-label") == "word 2, bob"
    pads.nth(12).click()
    assert lengths(page) == [1102]
    page.keyboard.press("7")  # the voice that was played last
    assert lengths(page) == [1102, 1107]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert lengths(page)[2:] == []
    page.keyboard.press("Enter")
    page.keyboard.press("0")
    assert lengths(page)[2:] == [1208, 1200]
    assert page.locator("[tabindex='0']").count() == 1
    page.keyboard.press("Control+3")
    page.locator("#other").click()
    page.keyboard.press("4")  # nobody is at the pad
    assert len(lengths(page)) == 4


@PHONE
def test_on_a_phone_pads_can_be_touched_and_nothing_overflows(page):
    start(page, "first", PAD)
    start(page, "second", some(4000, 8000, 6000))
    pads = page.locator(".zoo-sound-pad")
    boxes = [pads.nth(i).bounding_box() for i in range(30)]
    assert min(box["width"] for box in boxes) >= 44 and min(box["height"] for box in boxes) >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pads.nth(4).tap()
    assert lengths(page) == [1101]  # words lie below each other: the second row's second voice is bob's word 1
    assert pads.nth(4).get_attribute("aria-label") == "word 1, bob"
    page.locator(".zoo-sound-play").nth(1).tap()
    assert lengths(page) == [1101, 8000]


def test_it_draws_the_spectrogram_that_models_see(page):
    x = (tone(2048, 700) + tone(2048, 2100) / 4).astype(np.float32)
    found = page.evaluate("(x) => spectrogram(Float32Array.from(x)).map((frame) => [...frame])", x.tolist())
    wanted = (spectrogram(torch.from_numpy(x)[None])[0].mT + 1) / 2
    assert np.shape(found) == (33, BINS) and np.abs(np.array(found) - wanted.numpy()).max() < 2e-3


def test_nothing_shown_is_empty_and_what_is_unmounted_is_gone(page):
    start(page, "first", {})
    assert page.locator(".zoo-sound").inner_text() == ""
    page.evaluate("(state) => firstView.update(state)", some(3000))
    assert page.locator("canvas").get_attribute("aria-label").startswith("Spectrogram and waveform of sound 3000, 0.3")
    page.evaluate("firstView.destroy()")
    assert page.locator(".zoo-sound").count() == 0
