"""Pocket Zoo: small models, trained from scratch, to play with.

import zoo
model = zoo.load("cvae.mnist")
pictures = model.sample(10, seed=3)
"""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from zoo import checkpoint, hub, places
from zoo.card import Card, Metric
from zoo.checkpoint import CheckpointError
from zoo.places import CheckpointNotFound, names

__version__ = "0.1.0"
__all__ = ["Card", "CheckpointError", "CheckpointNotFound", "Metric", "card", "extras", "load", "names", "save"]


def load(name: str) -> nn.Module:
    """Load a checkpoint's model: in eval mode, float32, on the CPU, gradients off.

    Args:
        name: '<family>.<variant>', one of `names()`.

    Raises:
        CheckpointNotFound: there is none of that name.
        CheckpointError: its files are broken or do not fit the model.
    """
    return checkpoint.read(hub.find(name)[0])


def card(name: str) -> Card:
    """Return what is known of a checkpoint.

    Raises:
        CheckpointNotFound: there is none of that name.
        CheckpointError: its facts cannot be read.
    """
    return Card.read(*hub.find(name))


def extras(name: str) -> dict[str, Tensor]:
    """Return the derived numbers that travel with a checkpoint, such as encoded test digits.

    Raises:
        CheckpointNotFound: there is none of that name.
    """
    return checkpoint.extras(hub.find(name)[0])


def save(model: nn.Module, name: str, *, folder: Path | None = None, **content: Any) -> Path:
    """Save a model as a checkpoint: in the folder given, else in `ZOO_CHECKPOINTS`, else in the repository's `checkpoints/`.

    Args:
        name: '<family>.<variant>'; the family is the module in `zoo/models/` that defines the model.
        folder: holds the checkpoint's own folder.
        content: `dtype`, `golden`, `extras`, `facts`, `complete` of `zoo.checkpoint.write`.

    Returns:
        the checkpoint's folder.

    Raises:
        ValueError: the name is malformed, there is no folder to save it in, or a weight is not finite.
        DiskFull: there is no room; a checkpoint of that name is as it was.
    """
    if not places.NAME.fullmatch(name):
        raise ValueError(f"a checkpoint's name is like 'vae.mnist-cnn', not {name!r}")
    place = folder or next(iter(places.folders().values()), None)
    if place is None:
        raise ValueError(f"{name} has no place to be saved in: give a folder, or set ZOO_CHECKPOINTS to one")
    return checkpoint.write(place / name, model, **content)
