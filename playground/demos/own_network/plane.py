"""Learning points in the plane: a whole training as a film, each moment a map of what the network says everywhere."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from playground.components.film import KINDS, LEVELS, MOST, film, validate_points
from playground.demos.own_network.turns import TURN, diverged, lately, quiet
from zoo.data import points
from zoo.models.scratch import LOSSES, Config, Network, softmax

Array = np.ndarray
BATCH = 32
HELD_OUT = 4  # one point of so many is not learned from
SPAN = 1.2  # the map's edges
SIDE = 48  # pixels of a map
EARLY, LATE = 24, 48  # moments one step apart at first, and at most so many after, ever further apart
PAINTS = np.array([[61, 90, 128], [232, 115, 26], [62, 142, 98]], np.float32)  # as in film.js
PAPER = np.array([251, 250, 247], np.float32)


@dataclass(frozen=True)
class Film:
    """How a training went. Shares are %, and NaN where there are no such points."""

    x: Array
    """(N, 2)"""
    y: Array
    """(N,)"""
    held: Array
    """(N,) bool: which points were not learned from"""
    steps: list[int]
    """of each moment"""
    maps: Array
    """(moments, SIDE, SIDE, classes - 1) uint8: probabilities of classes 1, 2 ..., 255 for 1; the first row on top"""
    losses: list[float]
    held_losses: list[float]
    right: list[float]
    held_right: list[float]
    parameters: int

    @property
    def diverged(self) -> bool:
        """Whether the loss is no number any more, or has ended far above where it began."""
        return len(self.steps) > 1 and diverged(self.losses[:1], self.losses[-1:])


def read(text: str) -> str:
    """Check the text of placed points.

    Raises:
        ValueError: it is none of ours.
    """
    unpack(text)
    return text


def pack(placed: list[tuple[int, int, int]]) -> str:
    """Return placed points, x, y and class, as URL-safe text of four characters each."""
    return base64.urlsafe_b64encode(bytes(chain.from_iterable(placed))).decode()


def unpack(text: str) -> list[tuple[int, int, int]]:
    """Read placed points from text.

    Raises:
        ValueError: it is none of ours.
    """
    try:
        content = list(base64.b64decode(text.encode("ascii"), b"-_", validate=True))
        if len(content) % 3:
            raise ValueError("cut short")
        return validate_points({"points": [content[i : i + 3] for i in range(0, len(content), 3)]})
    except (ValueError, binascii.Error):
        raise ValueError(f"at most {MOST} points of up to {KINDS} classes, placed here") from None


def examples(data: str, placed: str, noise: float, count: int, seed: int) -> tuple[Array, Array, Array]:
    """Return points x (N, 2) float32, their classes y (N,), and which are held out, (N,) bool: the last of a set, none of placed ones."""
    if data in points.SETS:
        x, y = points.make(data, count, noise=noise, seed=seed)
        return x, y, np.arange(count) >= count - count // HELD_OUT
    found = np.array(unpack(placed), np.int64).reshape(-1, 3)
    x = ((2 * found[:, :2] / LEVELS - 1) * SPAN).astype(np.float32)
    return x, found[:, 2], np.zeros(len(found), bool)


def moments(steps: int) -> list[int]:
    """Return the steps that the film shows, from 0 to the last: each at first, then ever fewer."""
    early = min(steps, EARLY)
    late = np.geomspace(early, steps, LATE).round().astype(int) if steps else []
    return sorted({*range(early + 1), *map(int, late)})


def grid() -> Array:
    """Return the middles of a map's pixels, (SIDE * SIDE, 2) float32, row by row from the top."""
    middles = (2 * np.arange(SIDE) + 1) / SIDE - 1
    x, y = np.meshgrid(SPAN * middles, -SPAN * middles)
    return np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)


def shares(network: Network, x: Array) -> Array:
    """Return what a network gives each class at points x (N, 2): (N, classes), each row sums to 1."""
    outputs = np.nan_to_num(network.forward(x)[0]).clip(-1e3, 1e3)
    if network.config.loss == "squared error":  # its outputs are probabilities, but for what lies outside 0 to 1
        outputs = outputs.clip(1e-6, 1)
        return outputs / outputs.sum(1, keepdims=True)
    # Hinge is content with a lead of 1, which a plain softmax takes for a doubt.
    return softmax(4 * outputs if network.config.loss == "hinge" else outputs)


def measured(network: Network, x: Array, y: Array) -> tuple[float, float]:
    """Return the loss on points and the share that a network tells right, %; NaN where there are none."""
    if not len(y):
        return float("nan"), float("nan")
    outputs = network.forward(x)[0]
    return LOSSES[network.config.loss](outputs, y)[0], 100 * float((outputs.argmax(1) == y).mean())


def learn(
    data: str, placed: str, hidden: str, activation: str, loss: str, lr: float, noise: float, count: int, steps: int,
    seed: int,
) -> Iterator[float | Film]:  # fmt: skip
    """Train a network on points and keep what it says at each moment; the film ends where the loss is no number any more.

    Args:
        data: one of `points.SETS`, or any other name for placed points.
        placed: text of `pack`.
        lr: exponent of ten of the learning rate.
        noise, count: of a set's points; seed: of those, and of the network.

    Yields:
        the share of steps done, at each moment; and last the film.
    """
    x, y, held = examples(data, placed, noise, count, seed)
    classes = max(2, int(y.max(initial=0)) + 1)
    network = Network(Config(inputs=2, hidden=hidden, classes=classes, activation=activation, loss=loss), seed=seed)
    rng, known, plane = np.random.default_rng(seed), (x[~held], y[~held]), grid()
    size = min(BATCH, len(known[1]))
    learning = chain.from_iterable(network.epoch(*known, size, lambda done: 10**lr, rng) for _ in repeat(None))
    shown, maps, figures = [], [], []

    @quiet
    def look(moment: int) -> bool:
        while network.steps < moment:
            next(learning)
        shown.append(moment)
        maps.append((255 * shares(network, plane)[:, 1:]).round().astype(np.uint8))
        figures.append((*measured(network, *known), *measured(network, x[held], y[held])))
        return not size or bool(np.isfinite(figures[-1][0]))

    for moment in moments(steps if size else 0):
        with TURN:
            goes_on = look(moment)
        yield moment / steps
        if not goes_on:
            break
    losses, right, held_losses, held_right = (list(line) for line in zip(*figures, strict=True))
    frames = np.stack(maps).reshape(len(shown), SIDE, SIDE, classes - 1)
    numbers = sum(a.size for a in network.arrays)
    yield Film(x, y, held, shown, frames, losses, held_losses, right, held_right, numbers)


def progress(**values: Any) -> Iterator[float | Film]:
    """Tell how a training goes, as `learn` does; of one that was made lately only the film."""
    return lately(("plane", *sorted(values.items())), lambda: learn(**values))


def learned(**values: Any) -> Film:
    """Train a network to the end, as `learn` does, unless that was done lately."""
    *_, made = progress(**values)
    return made


def told(made: Film, i: int) -> str:
    """Return the sentence on a moment."""
    if not len(made.y):
        return "Nothing is learned yet: a network as it begins"
    said = f"Step {made.steps[i]:,}: loss {made.losses[i]:.3f}, {made.right[i]:.0f}\N{NO-BREAK SPACE}% right"
    return (
        said
        if np.isnan(made.held_right[i])
        else f"{said}, {made.held_right[i]:.0f}\N{NO-BREAK SPACE}% of those held out"
    )


def scene(made: Film, places: bool) -> dict[str, Any]:
    """Return a film as the component shows it; where points may be placed there are no held-out ones."""
    curves = {"learned from": made.losses} if places else {"learned from": made.losses, "held out": made.held_losses}
    return film(
        made.maps,
        span=SPAN,
        points=[(*p, kind, held) for p, kind, held in zip(made.x, made.y, made.held, strict=True)],
        titles=[told(made, i) for i in range(len(made.steps))],
        ticks=[f"{step:,}" for step in made.steps],
        curves={name: [round(v, 4) if np.isfinite(v) else None for v in line] for name, line in curves.items()},
        names=("loss", "training step", "held out: not learned from"),
        places=places,
    )  # fmt: skip


def picture(made: Film, side: int) -> Array:
    """Draw the last moment with its points, (side, side, 3) uint8: the surer, the stronger the colour."""
    others = made.maps[-1].astype(np.float32) / 255
    p = np.concatenate([1 - others.sum(2, keepdims=True), others], 2)
    sure = (p.max(2, keepdims=True) - 1 / p.shape[2]) / (1 - 1 / p.shape[2])
    ground = PAPER + 0.62 * sure * (p @ PAINTS[: p.shape[2]] - PAPER)
    image = Image.fromarray(ground.clip(0, 255).round().astype(np.uint8))
    image = image.resize((2 * side, 2 * side), Image.Resampling.BICUBIC)
    draw, radius, paper = ImageDraw.Draw(image), side / 40, tuple(PAPER.astype(int))
    for (x, y), kind, held in zip(made.x, made.y, made.held, strict=True):
        paint = tuple(PAINTS[kind].astype(int))
        at = np.array([1 + x / SPAN, 1 - y / SPAN]) * side
        box = [*(at - radius), *(at + radius)]
        fill, line = (paper, paint) if held else (paint, paper)
        mark = draw.rectangle if kind == 2 else draw.ellipse
        mark(box, fill=fill, outline=line, width=max(1, round(side / (100 if held else 200))))
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))
