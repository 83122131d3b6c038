"""How models learned: the same samples at many moments of a training run, and what was measured at each."""

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import zoo
from playground.catalogue import card
from playground.memory import remembered
from zoo.checkpoint import CheckpointError
from zoo.sound import BINS
from zoo.tables import Axis, Progress

FIRST = 60  # % of its moments: where a training that is to be watched begins to be shown
PAPER, INK = "#FBFAF7", "#1B1B1F"


@remembered
def history(name: str) -> dict[str, Any]:
    """Return what a run measured as it went; see `zoo.Card.history`."""
    return card(name).history


@remembered
def progress(name: str) -> Progress:
    """Return what a history says of its own figures."""
    return Progress.read(history(name))


def watchable() -> list[str]:
    """Return the checkpoints with a history."""
    return [name for name in zoo.names() if (card(name).folder / "history.webp").exists() or writes(name)]


def writes(name: str) -> bool:
    """Return whether a history holds texts instead of pictures."""
    return "texts" in history(name)["moments"][0]


@remembered
def frames(name: str) -> np.ndarray:
    """Return a history's pictures, or its texts drawn as pages: (moments, H, W) or (moments, H, W, 3) uint8."""
    if writes(name):
        return np.stack([_written(name, i) for i in range(len(moments(name)))])
    return np.stack(np.split(picture(card(name).folder / "history.webp"), len(moments(name))))


def frame(name: str, i: int) -> np.ndarray:
    """Return a moment's picture as it is looked at: (H, W) or (H, W, 3) uint8; spectrograms, which are kept one under the other, side by side."""
    kept = frames(name)[i]
    return np.hstack(np.split(kept, len(kept) // BINS)) if card(name).declared.MAKES == "sound" else kept


def picture(path: Path) -> np.ndarray:
    """Read one of a card's pictures: (H, W) where it is grey, else (H, W, 3), uint8."""
    try:
        with Image.open(path) as file:
            colour = np.asarray(file.convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read ({error}): restore it") from error
    return colour[..., 0] if (colour == colour[..., :1]).all() else colour


def moments(name: str) -> list[dict]:
    """Return what was measured at each picture: dicts with 'step', 'seconds' and metrics."""
    return history(name)["moments"]


def axes(*names: str) -> dict[str, Axis]:
    """Return what all these runs measured as they went, comparably, and what a line shows of each; by its key in the moments."""
    first, *others = (progress(name).axes for name in names)
    return {
        key: axis
        for key, axis in first.items()
        if axis.chart == "lines" and all(comparable(axis, other.get(key)) for other in others)
    }


def comparable(a: Axis, b: Axis | None) -> bool:
    """Return whether two runs measured the same, by the same judge where there is one."""
    return b is not None and (a.title, a.unit, a.within) == (b.title, b.unit, b.within)


def along(name: str, key: str) -> list[float]:
    """Return what was measured under a key at each moment, in its axis's unit."""
    factor = progress(name).axes[key].factor
    return [factor * moment[key] for moment in moments(name)]


def balances(name: str) -> dict[str, tuple[Axis, np.ndarray]]:
    """Return the games that a run's history followed: what each is, and its shares in %, (classes or 1, moments); 50 is a draw."""
    return {
        key: (axis, np.array([moment[key] for moment in moments(name)]).reshape(len(moments(name)), -1).T)
        for key, axis in progress(name).axes.items()
        if axis.chart == "balance"
    }


def rivals(name: str) -> list[str]:
    """Return the other models that measured the same thing as they learned."""
    return [other for other in watchable() if other != name and axes(name, other)]


def at(name: str, percent: int) -> int:
    """Return the number of the moment at a share of a history's moments, 0 to 100 %."""
    return round(percent / 100 * (len(frames(name)) - 1))


def seen(name: str) -> list[float]:
    """Return how many thousand training examples the model had seen at each moment."""
    counted, batch = progress(name).examples, card(name).training["settings"]["batch_size"]
    return [(moment[counted] if counted else moment["step"] * batch) / 1000 for moment in moments(name)]


def losses(name: str) -> tuple[dict[str, tuple[list[int], list[float]]], str]:
    """Return the curves of the training's log, (steps, values) by name, and what they are."""
    log, said = history(name)["curve"], progress(name).losses
    steps = [record["step"] for record in log]
    shown = {title: (steps, [record[key] for record in log]) for key, title in said.names.items()}
    return shown, f"{said.title}, {said.unit}" if said.unit else said.title


def page(text: str, size: tuple[int, int] = (960, 1280), scale: float = 1.0) -> np.ndarray:
    """Draw a text as a page, as much of it as fits: (H, W, 3) uint8."""
    image = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(26 * scale)
    margin, step = 48 * scale, 36 * scale
    columns, rows = int((size[0] - 2 * margin) / (13.5 * scale)), int((size[1] - 2 * margin) / step)
    lines = [row for line in text.split("\n") for row in textwrap.wrap(line, columns) or [""]]
    for i, line in enumerate(lines[:rows]):
        draw.text((margin, margin + i * step), line, INK, font)
    return np.asarray(image)


def _written(name: str, moment: int) -> np.ndarray:
    """Return what a model wrote at a moment of its training as a page, (640, 480, 3) uint8."""
    texts = moments(name)[moment]["texts"]
    return page("\n\n".join((start + text).strip() for start, text in texts.items()), (480, 640), 0.5)
