"""Learning digits: MNIST where it is at hand, else digits that a model here draws."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import torch

from playground import real_digits
from playground.catalogue import load
from playground.demos.own_network.turns import TURN, diverged, lately, quiet
from playground.memory import remembered
from zoo.data import mnist
from zoo.models.scratch import Config, Network, softmax
from zoo.pictures import pixels

Array = np.ndarray
BATCH = 64
FEWEST, MOST, TESTED = 1000, 20_000, 2000  # digits to learn from, and to test
ARTIST = "cgan.mnist"  # who draws digits while the real ones are not at hand
SHEET = 1000  # digits that it draws at once
TEST_SHEET = 1000  # number of the first sheet to test: far from those to learn from


@dataclass(frozen=True)
class Progress:
    """Where a training is."""

    done: float
    """share of all steps"""
    losses: list[float]
    """of each step"""
    accuracy: float
    """on the test digits, %"""
    network: Network
    seconds: float

    @property
    def diverged(self) -> bool:
        """Whether the loss is no number any more, or has ended far above where it began."""
        return diverged(self.losses[:1], self.losses[-20:])


def real() -> bool:
    """Return whether the digits to learn from are MNIST's."""
    return not real_digits.problem()


@remembered
@torch.inference_mode()
def sheet(number: int) -> Array:
    """Return digits that a model draws, 0, 1, 2 ... in turn, (SHEET, 28, 28) uint8; each number gives others."""
    return pixels(load(ARTIST).sample(SHEET, seed=number))


def draw(count: int) -> Iterator[int]:
    """Draw the digits to test and `count` to learn from, unless the real ones are at hand; tell how many are there."""
    numbers = [] if real() else [*range(-(-count // SHEET)), *range(TEST_SHEET, TEST_SHEET + TESTED // SHEET)]
    for i, number in enumerate(numbers):
        sheet(number)
        yield (i + 1) * SHEET


def examples(split: str, count: int) -> tuple[Array, Array]:
    """Return digits, pictures (count, 784) in [0, 1] and labels (count,): 'train' to learn from, or 'test'."""
    if real():
        images, y = mnist.load(split)
        return images[:count].reshape(count, -1).astype(np.float32) / 255, y[:count]
    first = 0 if split == "train" else TEST_SHEET
    drawn = np.concatenate([sheet(first + i) for i in range(-(-count // SHEET))])[:count]
    return drawn.reshape(count, -1).astype(np.float32) / 255, np.arange(count) % 10


def learn(
    hidden: str, activation: str, loss: str, lr: float, digits: int, epochs: int, seed: int
) -> Iterator[Progress]:
    """Train a network; tell how it goes about thirty times.

    Args:
        lr: exponent of ten of the learning rate.
        digits: number of training digits.
    """
    x, y = examples("train", digits)
    examples("test", TESTED)  # drawing some is no training: before the clock begins
    network = Network(Config(hidden=hidden, activation=activation, loss=loss), seed=seed)
    rng, losses, began = np.random.default_rng(seed), [], time.perf_counter()
    steps = epochs * (digits // BATCH)
    every = max(1, steps // 30)
    learning = chain.from_iterable(network.epoch(x, y, BATCH, lambda done: 10**lr, rng) for _ in range(epochs))

    def step() -> float | None:
        with TURN:
            return next(learning, None)

    for value in iter(quiet(step), None):
        losses.append(value)
        if len(losses) % every == 0 or len(losses) == steps or not np.isfinite(value):
            yield Progress(len(losses) / steps, losses, accuracy(network), network, time.perf_counter() - began)
        if not np.isfinite(value):
            return


def progress(**values: Any) -> Iterator[Progress]:
    """Tell how a training goes, as `learn` does; of one that was made lately only the end."""
    return lately(("digits", real(), *sorted(values.items())), lambda: learn(**values))


def learned(**values: Any) -> Progress:
    """Train a network to the end, as `learn` does, unless that was done lately."""
    *_, last = progress(**values)
    return last


@quiet
def accuracy(network: Network) -> float:
    """Return the share of the test digits that a network reads right, %."""
    x, y = examples("test", TESTED)
    return 100 * float((network.forward(x)[0].argmax(1) == y).mean())


def weights(network: Network, most: int = 20) -> Array:
    """Return what the first units look for: (N, 28, 28, 3) uint8, orange where they want ink, blue where they refuse it."""
    w = np.nan_to_num(network.weights[0].T[:most].reshape(-1, 28, 28))
    w = w / np.maximum(np.abs(w).max((1, 2), keepdims=True), 1e-9)
    ends = np.where(w[..., None] > 0, np.array([232, 115, 26]), np.array([61, 90, 128]))
    return (251 + np.abs(w[..., None]) * (ends - 251)).round().astype(np.uint8)


@quiet
def mistakes(network: Network, most: int = 20) -> tuple[Array, list[str]]:
    """Return the test digits that a network is most sure of and wrong about: (N, 28, 28) uint8, and what it reads, as '4, not 9'."""
    x, y = examples("test", TESTED)
    p = softmax(np.nan_to_num(network.forward(x)[0]))
    read = p.argmax(1)
    wrong = np.flatnonzero(read != y)
    wrong = wrong[np.argsort(-p[wrong, read[wrong]], kind="stable")][:most]
    return (x[wrong] * 255).astype(np.uint8).reshape(-1, 28, 28), [f"{read[i]}, not {y[i]}" for i in wrong]
