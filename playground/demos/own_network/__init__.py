"""Build your own network: choose its layers, and watch it learn digits in numpy, in seconds."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np

from playground.demos.recipe import Field, choice, integer, number
from zoo.data import mnist
from zoo.models.scratch import ACTIVATIONS, LOSSES, Config, Network, softmax
from zoo.nn import MAX_SEED
from zoo.pictures import sheet

MOST_LAYERS, MOST_UNITS = 4, 256
BATCH = 64
MODEL = "scratch.mnist"
HOW = (
    "This is all there is to a neural network. Each layer multiplies what it gets by a matrix and bends the result; the last gives ten "
    "numbers, and the loss says how wrong they are. Going back through the layers, each matrix learns which way to change; that is "
    "done after every 64 digits, with steps that Adam evens out. It is written in numpy, by hand, without a library that takes "
    "derivatives. Then try to break it: a learning rate of 0.1, *sigmoid* in four layers, *none* for a bend. The pictures of weights "
    "are what the first units look for: orange is ink that they want, blue is ink that they refuse. The tabs beside this one are of the "
    "larger network that is shipped, `scratch.mnist`: layers of 256 and 128, ten times through all 60,000 digits."
)
EQUATION = r"h_l = f(W_l h_{l-1} + b_l), \qquad \frac{\partial L}{\partial W_l} = \Bigl(\frac{\partial L}{\partial h_l}\odot f'\Bigr)\,h_{l-1}^\top"
TRY_THIS = "Take four layers of 16 with sigmoid, then with relu: sigmoid needs many more steps to come as far. How many epochs, and digits?"


TURN = threading.Lock()  # numpy uses all cores: visitors take steps in turn
# A network that explodes is shown, not warned of. Around each call: a generator may go on in another thread.
quiet = np.errstate(over="ignore", invalid="ignore")


DIVERGED = "The loss has risen instead of falling: the learning rate is too high for this network."


@dataclass(frozen=True)
class Progress:
    """Where a training is."""

    done: float
    """share of all steps"""
    losses: list[float]
    """of each step"""
    accuracy: float
    """on 2,000 test digits, %"""
    network: Network
    seconds: float

    @property
    def diverged(self) -> bool:
        """Whether the loss is no number any more, or has ended far above where it began."""
        last = float(np.mean(self.losses[-20:]))
        return not np.isfinite(last) or last > 2 * self.losses[0]


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [MODEL]


def layers() -> Field:
    """Return a field for the units of up to four layers, such as '64 32'; '' is none."""

    def read(text: str) -> str:
        parts = text.split()
        if len(parts) > MOST_LAYERS or not all(
            re.fullmatch("[0-9]{1,3}", p) and 1 <= int(p) <= MOST_UNITS for p in parts
        ):
            raise ValueError(f"up to {MOST_LAYERS} numbers of units from 1 to {MOST_UNITS}, separated by blanks")
        return " ".join(str(int(p)) for p in parts)

    return Field("64 32", read)


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "hidden": layers(),
        "activation": choice(ACTIVATIONS, "relu"),
        "loss": choice(LOSSES, "cross-entropy"),
        "lr": number(-4.0, -1.0, -2.5),
        "digits": integer(1000, 20_000, 10_000),
        "epochs": integer(1, 5, 2),
        "seed": integer(0, MAX_SEED, 1),
    }


@lru_cache(maxsize=2)
def examples(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures (N, 784) in [0, 1] and labels (N,): up to 20,000 to learn from, or 2,000 to test.

    Raises:
        zoo.data.DataNotFound: the digits are not at hand.
    """
    images, y = mnist.load(split)
    n = 20_000 if split == "train" else 2000
    return images[:n].reshape(n, -1).astype(np.float32) / 255, y[:n]


def learn(
    hidden: str, activation: str, loss: str, lr: float, digits: int, epochs: int, seed: int
) -> Iterator[Progress]:
    """Train a network; tell how it goes about thirty times.

    Args:
        lr: exponent of ten of the learning rate.
        digits: number of training digits.

    Raises:
        zoo.data.DataNotFound: the digits are not at hand.
    """
    x, y = (array[:digits] for array in examples("train"))
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


@lru_cache(maxsize=8)
def learned(**values: Any) -> Progress:
    """Train a network to the end, as `learn` does."""
    *_, progress = learn(**values)
    return progress


@quiet
def accuracy(network: Network) -> float:
    """Return the share of the test digits that a network reads right, %."""
    x, y = examples("test")
    return 100 * float((network.forward(x)[0].argmax(1) == y).mean())


def weights(network: Network, most: int = 20) -> np.ndarray:
    """Return what the first units look for: (N, 28, 28, 3) uint8, orange where they want ink, blue where they refuse it."""
    w = np.nan_to_num(network.weights[0].T[:most].reshape(-1, 28, 28))
    w = w / np.maximum(np.abs(w).max((1, 2), keepdims=True), 1e-9)
    ends = np.where(w[..., None] > 0, np.array([232, 115, 26]), np.array([61, 90, 128]))
    return (251 + np.abs(w[..., None]) * (ends - 251)).round().astype(np.uint8)


@quiet
def mistakes(network: Network, most: int = 20) -> tuple[np.ndarray, list[str]]:
    """Return the test digits that a network is most sure of and wrong about: (N, 28, 28) uint8, and what it reads, as '4, not 9'."""
    x, y = examples("test")
    p = softmax(np.nan_to_num(network.forward(x)[0]))
    read = p.argmax(1)
    wrong = np.flatnonzero(read != y)
    wrong = wrong[np.argsort(-p[wrong, read[wrong]], kind="stable")][:most]
    return (x[wrong] * 255).astype(np.uint8).reshape(-1, 28, 28), [f"{read[i]}, not {y[i]}" for i in wrong]


def code(values: dict) -> str:
    """Return the lines of Python that train the same network."""
    return (
        "import numpy as np\nfrom zoo.data import mnist\nfrom zoo.models.scratch import Config, Network\n\n"
        f'images, y = (a[:{values["digits"]}] for a in mnist.load("train"))\nx = images.reshape(len(y), -1).astype(np.float32) / 255\n'
        f"network = Network(Config(hidden={values['hidden']!r}, activation={values['activation']!r}, loss={values['loss']!r}), seed={values['seed']})\n"
        f"rng = np.random.default_rng({values['seed']})\nfor epoch in range({values['epochs']}):\n"
        f"    losses = list(network.epoch(x, y, {BATCH}, lambda done: 10**{values['lr']:g}, rng))\n    print(losses[-1])"
    )


@lru_cache(maxsize=1)
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: what sixteen units of the shipped network look for, (112, 112, 3) uint8."""
    from playground.demos import load

    return sheet(weights(load(MODEL).numpy(), 16), 4)
