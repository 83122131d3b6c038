"""Flow, there and back: samples ranked by how likely they are, and a drawing's exact way to noise and back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from playground import drawing
from playground.catalogue import card, load
from playground.demo import Demo, Drawn, Endpoint, Part, Pictures, Refused, Section, Stage, Words
from playground.demos.draw_and_see import FIRST
from playground.fields import Field, Values, digit, integer, number, seed, strokes
from playground.memory import remembered
from zoo.nn import uniform
from zoo.pictures import pixels, sheet

NAME = "real_nvp.mnist"
HOW = (
    "Every step of a flow can be undone. It splits the numbers in two, and scales and shifts one half by what a network reads from the "
    "other; to go back, read again, shift and scale the other way. Thirty such steps turn a digit into noise and noise into a digit. "
    "Since each step says how much it stretches space, the density of every picture is known exactly, in **bits per pixel**: fewer bits "
    "are likelier. Ten bells of noise, one for each label, make room for the digits; which bell a drawing lands in is the flow's reading. "
    "Likely is not pretty: a thin stroke on empty paper costs few bits."
)
EQUATION = (
    r"\begin{gathered} z = f_{30}\circ\dots\circ f_1(x) \\ "
    r"\log p(x) = \log p(z) + \sum_i \log\left|\det \frac{\partial f_i}{\partial h_{i-1}}\right| \end{gathered}"
)
TRY_THIS = "Draw a 1, then a crowded 8: which costs more bits? Then scribble: how far down the ranks can you get?"


@dataclass(frozen=True)
class Journey:
    """What a flow makes of a picture."""

    x: np.ndarray
    """(28, 28) uint8: the picture"""
    z: np.ndarray
    """(28, 28) uint8: the noise that it becomes, 0 in the middle grey, three standard deviations to either end"""
    back: np.ndarray
    """(28, 28) uint8: the picture made of the noise"""
    error: float
    """largest difference of a pixel, there and back, of 1"""
    bits: float
    """bits per pixel"""
    rank: float
    """share of test digits that are less likely, %"""
    read: int
    """the label whose bell it lands in"""
    sure: float
    """that label's probability"""


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [NAME]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "label": digit("3"),
        "wild": number(
            0.0, 1.3, 0.9, "Wilder",
            "Temperature: standard deviation of the noise; 0 gives the middle of the label's bell each time",
        ),
        "count": integer(1, 24, 12, "How many"),
        "seed": seed(),
        "drawing": strokes(FIRST, "draw a digit", size=240),
    }  # fmt: skip


@remembered
@torch.inference_mode()
def ranked(label: int, count: int, seed: int, wild: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw digits of a label, the likeliest first.

    Args:
        wild: standard deviation of the noise; 0 gives the bell's middle each time.

    Returns:
        pictures (count, 28, 28) uint8; bits per pixel of each (count,), rising.
    """
    model = load(NAME)
    x = model.sample(count, seed=seed, label=label, temperature=wild)
    bits = model.bits(model.log_prob(x))  # they lie between the grey levels already
    order = bits.argsort(stable=True)
    return pixels(x[order]), bits[order].numpy()


def between_levels(x: Tensor) -> Tensor:
    """Put pictures (B, 1, 28, 28) of 256 grey levels in [0, 1] between the levels, by uniform noise that is always the same."""
    return load(NAME).dequantise(x, torch.from_numpy(uniform(1, 784, seed=0)).float().view(1, 1, 28, 28))


def journey(strokes: drawing.Strokes) -> Journey:
    """Send a drawing to noise and back.

    Raises:
        ValueError: nothing is drawn.
    """
    return _journey(tuple(map(tuple, strokes)))


@remembered
@torch.inference_mode()
def _journey(strokes: tuple[tuple[int, ...], ...]) -> Journey:
    model, drawn = load(NAME), drawing.digit(strokes)
    v = between_levels(torch.tensor(drawn)[None, None].float() / 255)
    z, _ = model.encode(v)
    back, log_prob, p = model.decode(z), float(model.log_prob(v)), model.classify(v)[0]
    noise = F.pixel_shuffle(F.pixel_shuffle(z.view(1, 16, 7, 7), 2), 2)
    rank = float(np.interp(log_prob, card(NAME).numbers["log_prob"], np.arange(101)))
    read = int(p.argmax())
    return Journey(
        drawn, pixels(0.5 + noise / 6)[0], pixels(back)[0], float((back - v).abs().max()),
        float(model.bits(torch.tensor(log_prob))), rank, read, float(p[read]),
    )  # fmt: skip


def said(found: Journey) -> str:
    """Return what was found out about a drawing, in two sentences."""
    return (
        f"{found.bits:.2f} bits per pixel: likelier than {int(found.rank)} % of the 10,000 test digits. "
        f"The flow reads it as {found.read}, {100 * found.sure:.0f} % sure."
    )


def returned(found: Journey) -> str:
    """Return how exactly a drawing came back."""
    steps = len(load(NAME).couplings)
    return f"There and back through {steps} steps: the worst pixel is off by {256 * found.error:.5f} of a grey level."


def own(v: Values) -> tuple[np.ndarray, np.ndarray]:
    """Return the flow's own digits and their bits, as `ranked` does."""
    return ranked(int(v["label"]), v["count"], v["seed"], v["wild"])


def way(strokes: drawing.Strokes) -> list[Part]:
    """Return a drawing's way to noise and back."""
    if not any(strokes):
        return [Words("Nothing is drawn yet: draw a digit on the pad.", quiet=True)]
    found = journey(strokes)
    titles = ["your drawing, as it is seen", "the noise that it is", "the noise, turned back"]
    pictures = Pictures([found.x, found.z, found.back], titles, titles, columns=3, largest=190, scale=6)
    return [pictures, Words(said(found)), Words(returned(found), quiet=True)]


def stage(v: Values) -> Stage:
    """Return the drawing's way, and the ranked digits."""
    drawn, bits = own(v)
    captions = [f"{b:.2f}" for b in bits]
    alts = [f"digit {v['label']}, {b} bits per pixel" for b in captions]
    said = Words("Under each its bits per pixel: fewer are likelier.", quiet=True)
    return {"way": way(v["drawing"]), "ranked": [Pictures(drawn, alts, captions, columns=6), said]}


def render(v: Values) -> np.ndarray:
    """Return the download: the drawing, its noise and what that turns back into, above the ranked digits."""
    drawn, _ = own(v)
    if not any(v["drawing"]):
        return sheet(drawn, 6)
    found = journey(v["drawing"])
    return sheet(np.stack([found.x, found.z, found.back, *drawn]), 3)


def sampled(v: Values) -> tuple[Drawn, list[float]]:
    """Draw digits of a label, the likeliest first: a PNG, 28x28 ink on white, six in a row; and the bits per pixel of each."""
    drawn, bits = own(v)
    return Drawn(sheet(drawn, 6)), bits.tolist()


def rank(v: Values) -> dict[str, Any]:
    """Say how likely a drawing is: bits per pixel, the share of test digits that are less likely (%), the label read and its
    probability, and the largest error of a pixel in [0, 1] there and back."""
    if not any(v["drawing"]):
        raise Refused("Nothing is drawn yet: send strokes.")
    found = journey(v["drawing"])
    return {name: getattr(found, name) for name in ("bits", "rank", "read", "sure", "error")}


def code(v: Values) -> str:
    """Return the lines of Python that draw and rank the same pictures."""
    return (
        f'import zoo\n\nmodel = zoo.load("{NAME}")\n'
        f"x = model.sample({v['count']}, seed={v['seed']}, label={v['label']}, temperature={v['wild']:g})  # ({v['count']}, 1, 28, 28) in [0, 1]\n"
        "bits = model.bits(model.log_prob(x))  # per pixel; fewer are likelier\n"
        "z, log_det = model.encode(x)\nback = model.decode(z)  # x again; a drawing goes through model.dequantise first"
    )


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: a digit, the noise that it is, twice, and the digit again, (56, 56) uint8."""
    found = journey(FIRST)
    return sheet(np.stack([found.x, found.z, found.z, found.back]), 2)


DEMO = Demo(
    title="Flow, there and back", line="A digit becomes noise and comes back exactly; how likely is your drawing?",
    term="normalizing flow", group="Digits", order=4, icon="swap_horiz", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, fields=fields, stage=stage, code=code, render=render, thumbnail=thumbnail,
    layout=(
        Section(("way",), side="left", fields=("drawing",)),
        Section(
            ("ranked",), title="Its own digits, the likeliest first", lead=("label",), fields=("wild",),
            more=("count", "seed"),
        ),
    ),
    endpoints=(
        Endpoint(sampled, ("label", "count", "seed", "wild"), "sample"),
        Endpoint(rank, ("drawing:strokes",)),
    ),
)  # fmt: skip
