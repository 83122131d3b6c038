"""One digit, many ways: the same label and seed in every model, side by side."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from playground.demos import card, labelled, load
from playground.demos.real_digits import COMPARED, nearest, usual
from playground.demos.recipe import Field, choice, integer
from playground.demos.which_is_real import MOST_ROUNDS, answers
from zoo.data import mnist
from zoo.nn import MAX_SEED
from zoo.pictures import pixels, sheet

Cell = tuple[str, bool]  # what stands in it, and whether it is the column's best
COUNT = 4  # pictures of each model
PATIENCE = 0.3  # seconds: a model that is slower is timed once
HOW = (
    "All models learned from the same 60,000 digits, and all get your label and seed. The **cVAE** and the **IDVAE** unpack a short "
    "code in one pass. So does the **cGAN**, which was taught by a critic. The **flow** (real_nvp) bends noise into a picture by steps "
    "that also run backwards: it alone can say how probable a digit is. The **diffusion** model (ddpm) cleans noise little by little: "
    "it runs its network again and again. A judge reads what was drawn. And is a picture just remembered? Then some training digit would lie "
    "much closer to it than one does to a new digit of the test set."
)
EQUATION = r"d(x) = \min_{i \le 60000} \lVert x - x_i \rVert_2"
TRY_THIS = "Play ten rounds of the quiz with 1, then ten with 8. Which model fooled you most?"


@dataclass(frozen=True)
class Entry:
    """What a model made of the label and the seed."""

    name: str
    pictures: np.ndarray
    """(COUNT, 28, 28) uint8"""
    ms: float
    """a picture, when they were drawn"""
    read: int
    """the label that the judge reads in the first picture"""
    sure: float
    """the judge's probability of it"""


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [*labelled(), "judge.mnist"]


def fields() -> dict[str, Field]:
    """Return the page's controls: label and seed, and where the quiz stands."""
    return {
        "label": choice([str(digit) for digit in range(10)], "3"),
        "seed": integer(0, MAX_SEED, 1),
        "round": integer(0, MOST_ROUNDS, 0),
        "pick": answers(),
        "right": integer(0, MOST_ROUNDS, 0),
        "rounds": integer(0, MOST_ROUNDS, 0),
    }


@lru_cache(maxsize=160)
@torch.inference_mode()
def entry(name: str, label: int, seed: int) -> Entry:
    """Let a model draw, and take the time: the median of up to three draws of `COUNT` pictures at once.

    The time is kept with the pictures: it is that of when they were drawn.
    """
    model, seconds = load(name), []
    while len(seconds) < 3 and sum(seconds) < PATIENCE:
        begun = time.perf_counter()
        x = model.sample(COUNT, seed=seed, label=label)
        seconds.append(time.perf_counter() - begun)
    p = load("judge.mnist").classify(x[:1])[0]
    return Entry(name, pixels(x), 1000 * float(np.median(seconds)) / COUNT, int(p.argmax()), float(p.max()))


def entries(label: int, seed: int) -> list[Entry]:
    """Return what every model at hand makes of a label and a seed, with its own temperature."""
    return [entry(name, label, seed) for name in labelled()]


@lru_cache(maxsize=32)
def neighbours(label: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the training digits nearest to each model's first picture, (N, 28, 28) uint8, and their distances (N,)."""
    found, distance = nearest(np.stack([entry.pictures[0] for entry in entries(label, seed)]))
    return mnist.load("train")[0][found], distance


def facts(drawn: Entry) -> tuple[str, str]:
    """Return a model's time and the judge's verdict on its first picture, in words."""
    return (
        f"{amount(drawn.ms)} ms a picture on this server",
        f"the judge reads a {drawn.read}, {100 * drawn.sure:.0f} %",
    )


def amount(ms: float) -> str:
    """Return milliseconds as text with two digits or all before the point."""
    return f"{ms:.1f}" if ms < 9.95 else f"{ms:.0f}"


def compared(label: int) -> str:
    """Return what the distances are to be compared with."""
    return (
        f"Distances are Euclidean, over 784 pixels from 0 to 1, to the nearest of the 60,000 training digits. For {COMPARED} test "
        f"digits of this label, which no model was trained on, the median is {usual(label):.1f}. A copy would be near 0."
    )


def scoreboard(label: int, seed: int) -> dict[str, list[Cell]]:
    """Return all models' figures by column, in the order of `labelled()`: from their cards, and the time they took here."""
    drawn = entries(label, seed)
    cards = [card(one.name) for one in drawn]
    measured = {
        key: [figure(one.name, key) for one in drawn] for key in ("frechet", "agreement", "recall", "diversity", "bits")
    }
    return {
        "model": [(c.name, False) for c in cards],
        "Fréchet": column(measured["frechet"], "{:.2f}", min),
        "as asked, %": column(measured["agreement"], "{:.1f}", max),
        "recall": column(measured["recall"], "{:.2f}", max),
        "diversity": column(measured["diversity"], "{:.2f}"),
        "ms a picture": column([one.ms for one in drawn], "{:.1f}", min),
        "size, MB": column([c.size / 1e6 for c in cards], "{:.2f}", min),
        "parameters": column([c.parameters for c in cards], "{:,}", min),
        "bits a pixel": column(measured["bits"], "{:.2f}"),
    }


def legend() -> str:
    """Return what the scoreboard's columns are."""
    return (
        f"Time: {COUNT} pictures drawn at once on this server. The rest stands in the models' cards. Fréchet distance to "
        "the test digits: lower is better. As asked: what the judge reads as its label. Recall: share of test digits that lie among the samples. Diversity: 1 is that of real digits. Bits a pixel: "
        "minus log2 p(x), exact, which the flow alone can say here. The GAN and the IDVAE give no likelihood, diffusion's was not measured, and the cVAE's "
        "loss takes pixels for probabilities: that is no density of grey levels, so it cannot be compared."
    )


def figure(name: str, key: str) -> float | None:
    """Return a metric's value from a model's card; None where the card has none of that name."""
    return next((metric.value for metric in card(name).metrics if metric.name == key), None)


def column(values: list[float | None], form: str, best: Callable | None = None) -> list[Cell]:
    """Return a column's cells: '-' where there is no value; best is min or max where one of them is."""
    there = [value for value in values if value is not None]
    top = best(there) if best and there else None
    return [("-", False) if value is None else (form.format(value), value == top) for value in values]


def render(label: int, seed: int) -> np.ndarray:
    """Return the download: a row of each model's pictures, (H, W) uint8."""
    return np.concatenate([sheet(one.pictures, COUNT) for one in entries(label, seed)])


def code(label: int, seed: int) -> str:
    """Return the lines of Python that draw the same pictures."""
    names = ", ".join(f'"{name}"' for name in labelled())
    return (
        f"import zoo\n\nfor name in ({names}):\n"
        f"    x = zoo.load(name).sample({COUNT}, seed={seed}, label={label})  # ({COUNT}, 1, 28, 28) in [0, 1]"
    )


@lru_cache(maxsize=1)
@torch.inference_mode()
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: one digit by four models, (56, 56) uint8."""
    names = (labelled() * 4)[:4]
    return sheet(np.stack([pixels(load(name).sample(1, seed=3, label=5))[0] for name in names]), 2)
