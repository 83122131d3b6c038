"""Strokes over a spectrogram: what is erased falls silent, what is drawn sounds, or only what is under them is left."""

import base64
import io

import numpy as np
from PIL import Image, ImageDraw

from playground.components.canvas import SIDE
from playground.components.sound import player, sound
from playground.demo import Words
from playground.demos.say_it import speech
from playground.demos.say_it.speech import heard, main, verdict
from playground.demos.say_it.together import Found, On
from playground.drawing import Strokes
from playground.fields import Field, Values, choice, integer, strokes
from zoo.sound import LOUD, QUIET, RATE

PEN = 12  # of 255: six frequencies
DOES = {"erase": "Erase", "draw": "Draw", "keep": "Keep only this"}
DECIBELS = 20 * np.log10(LOUD / QUIET)  # from the quietest that a spectrogram knows to the loudest
NOTCH = [[0, 128, 255, 128], [0, 140, 255, 140]]  # on arrival: a band in the middle is gone


def fields(on: On) -> dict[str, Field]:
    """Return the controls: strokes, what they do, and how loud what is drawn is."""
    return {
        "painted": strokes(
            NOTCH, "draw over the spectrogram", "Time runs to the right, frequencies upwards to 4,000 a second.",
            when=on("erased"), width=PEN, size=320, under=under,
        ),
        "does": choice(DOES, "erase", "Strokes", when=on("erased")),
        "louder": integer(
            -60, 0, -24, "How loud what is drawn is", "Below the loudest that a spectrogram holds", unit="dB",
            when=lambda v: on("erased")(v) and v["does"] == "draw",
        ),
    }  # fmt: skip


def under(v: Values) -> str:
    """Return the spectrogram of the word that the page says as an address of a picture, as opaque as it is loud."""
    loud = np.clip((main(v).s[::-1] + 1) / 2, 0, 1) ** 2
    pixels = np.zeros((*loud.shape, 4), np.uint8)
    pixels[..., 3] = np.round(255 * loud)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def covered(drawn: Strokes, shape: tuple[int, ...], pen: float = PEN) -> np.ndarray:
    """Return how much of each place of a spectrogram of this shape, (128, T), lies under strokes, 0 to 1."""
    zoom = 2
    image = Image.new("L", ((SIDE + 1) * zoom,) * 2)
    draw = ImageDraw.Draw(image)
    for stroke in drawn:
        points = [((x + 0.5) * zoom, (y + 0.5) * zoom) for x, y in zip(stroke[::2], stroke[1::2], strict=True)]
        if len(points) > 1:
            draw.line(points, 255, round(pen * zoom), joint="curve")
        r = pen * zoom / 2
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - r, y - r, x + r, y + r), 255)
    return np.asarray(image.resize(shape[::-1], Image.Resampling.BOX), np.float32)[::-1] / 255


def changed(s: np.ndarray, drawn: Strokes, does: str, decibels: float) -> np.ndarray:
    """Return a spectrogram (128, T) with strokes done to it."""
    under = covered(drawn, s.shape)
    if does == "draw":
        return np.maximum(s, under * (2 * decibels / DECIBELS + 2) - 1).astype(np.float32)
    kept = under if does == "keep" and drawn else 1 - under
    return (kept * (s + 1) - 1).astype(np.float32)


def parts(v: Values) -> Found:
    """Show the word as it was and as the strokes leave it."""
    said = main(v)
    s = changed(said.s, v["painted"], v["does"], v["louder"])
    (made,) = speech.voiced([s])
    verdicts = heard(v["model"], [said.x, made.x])
    change = (s - said.s) * (DECIBELS / 2)
    share = float((np.abs(change) > 1).mean())
    text = (
        "Every spot of a spectrogram is how loud one frequency is for 8 ms. Vowels are the strong bands, formants; an s is a cloud at the top; "
        f"voices are the fine stripes. Your strokes changed {share:.0%} of the spots of these {len(made.x) / RATE:.2f} seconds by more than 1 dB."
    )
    shown = [sound(made.x, "With your strokes", verdict(verdicts[1])), sound(said.x, "As it was", verdict(verdicts[0]))]
    return {"told": [Words(text)], "sounds": player(shown), "after": None}
