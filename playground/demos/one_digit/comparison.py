"""The same label and seed in every model: what each draws, how long it takes, what lies nearest, and the scoreboard."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from playground.catalogue import card, labelled, load
from playground.memory import remembered
from playground.real_digits import COMPARED, nearest, usual
from zoo.data import mnist
from zoo.pictures import pixels

Cell = tuple[str, bool]  # what stands in it, and whether it is the column's best
COUNT = 4  # pictures of each model
PATIENCE = 0.3  # seconds: a model that is slower is timed once


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


@remembered
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


@remembered
def neighbours(label: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the training digits nearest to each model's first picture, (N, 28, 28) uint8, and their distances (N,)."""
    found, distance = nearest(np.stack([entry.pictures[0] for entry in entries(label, seed)]))
    return mnist.load("train")[0][found], distance


def facts(drawn: Entry) -> tuple[str, str]:
    """Return a model's time and the judge's verdict on its first picture, in words."""
    return (
        f"{amount(drawn.ms)} ms a picture on this server",
        f"the judge reads a {drawn.read}, {100 * drawn.sure:.0f}\N{NO-BREAK SPACE}%",
    )


def amount(ms: float) -> str:
    """Return milliseconds as text with two digits or all before the point."""
    return f"{ms:.1f}" if ms < 9.95 else f"{ms:.0f}"


def compared(label: int) -> str:
    """Return what the distances are to be compared with."""
    return (
        f"Distances are Euclidean, over 784 pixels from 0 to 1, to the nearest of the 60,000 training digits. For {COMPARED} "
        f"test digits of this label, which no model was trained on, the median is {usual(label):.1f}. A copy would be near 0."
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
