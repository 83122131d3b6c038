"""How models learned: the same samples at many moments of a training run, and what was measured at each."""

import textwrap
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import zoo
from playground.catalogue import card

FIRST = 60  # % of its moments: where a training that is to be watched begins to be shown
PAPER, INK = "#FBFAF7", "#1B1B1F"
# What may stand on the vertical axis: label and unit.
AXES = {
    "test_loss": ("Test loss", "nats per picture"),
    "agreement": ("Judge reads the label", "%"),
    "frechet": ("Fréchet distance to test pictures", "judge features"),
    "bits": ("Bits", "per dimension"),
    "validation_loss": ("Validation loss", "nats per character"),
    "accuracy": ("Test accuracy", "%"),
    "l1": ("Test error (L1)", "of 1"),
    "greedy_return": ("An episode lasts", "steps of 500"),
}


def watchable() -> list[str]:
    """Return the checkpoints with a history."""
    return [name for name in zoo.names() if (card(name).folder / "history.webp").exists() or writes(name)]


def writes(name: str) -> bool:
    """Return whether a history holds texts instead of pictures."""
    return "texts" in card(name).history["moments"][0]


@lru_cache(maxsize=16)
def frames(name: str) -> np.ndarray:
    """Return a history's pictures, or its texts drawn as pages: (moments, H, W) or (moments, H, W, 3) uint8."""
    if writes(name):
        return np.stack([_written(name, i) for i in range(len(moments(name)))])
    return np.stack(np.split(picture(card(name).folder / "history.webp"), len(moments(name))))


def picture(path: Path) -> np.ndarray:
    """Read one of a card's pictures: (H, W) where it is grey, else (H, W, 3), uint8."""
    with Image.open(path) as file:
        colour = np.asarray(file.convert("RGB"))
    return colour[..., 0] if (colour == colour[..., :1]).all() else colour


def moments(name: str) -> list[dict]:
    """Return what was measured at each picture: dicts with 'step', 'seconds' and metrics."""
    return card(name).history["moments"]


def axes(*names: str) -> dict[str, tuple[str, str]]:
    """Return the metrics that all these runs measured as they went, with title and unit; distances only by the same judge."""
    alike = len({card(name).training["data"] for name in names}) == 1
    return {
        key: said
        for key, said in AXES.items()
        if (alike or key != "frechet") and all(key in moments(name)[-1] for name in names)
    }


def rivals(name: str) -> list[str]:
    """Return the other models that measured the same thing as they learned."""
    return [other for other in watchable() if other != name and axes(name, other)]


def at(name: str, percent: int) -> int:
    """Return the number of the moment at a share of a history's moments, 0 to 100 %."""
    return round(percent / 100 * (len(frames(name)) - 1))


def seen(name: str) -> list[float]:
    """Return how many thousand training examples the model had seen at each moment."""
    batch = card(name).training["settings"]["batch_size"]
    return [moment.get("env_steps", moment["step"] * batch) / 1000 for moment in moments(name)]


def discriminator(name: str) -> np.ndarray | None:
    """Return how often a GAN's discriminator ranks real above made, %: (10, moments), or (1, moments) of one without labels.

    50 is a draw, 100 a discriminator that has won. None for models without one.
    """
    rows = [moment.get("discriminator_accuracy") for moment in moments(name)]
    return None if rows[0] is None else np.array(rows).reshape(len(rows), -1).T


def losses(name: str) -> tuple[dict[str, tuple[list[int], list[float]]], str]:
    """Return the training log's curves, (steps, values) by name, and what they are; of an agent how long its episodes last, for its losses tell little."""
    log = card(name).history["curve"]
    keys = [key for key in log[0] if key not in ("step", "seconds", "discriminator_accuracy", "accuracy")]
    said = "training loss"
    if "greedy_return" in keys:
        keys, said = ["return", "greedy_return"], "steps an episode lasts"
    steps = [record["step"] for record in log]
    return {key.replace("_", " "): (steps, [record[key] for record in log]) for key in keys}, said


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
