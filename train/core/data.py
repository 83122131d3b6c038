"""Pictures and labels in memory, as every family gets them from its data set."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from train.core.settings import Settings
from zoo.data import Pictures, named, sha256


@dataclass(frozen=True)
class Examples:
    """Pictures as bytes, labels, and those to look at on the way."""

    data: Pictures
    x: Tensor
    """(N, channels, size, size) uint8"""
    y: Tensor
    test_x: Tensor
    """(M, channels, size, size) in [0, 1]"""
    test_y: Tensor

    @cached_property
    def sha256(self) -> str:
        """Hash of all of them, as they were read: what a run's data is known by."""
        return sha256(*(part.numpy() for part in (self.x, self.y, self.test_x, self.test_y)))

    @property
    def ground(self) -> Tensor:
        """What moved pictures are filled up with, (channels, 1, 1)."""
        return torch.tensor(self.data.GROUND)[:, None, None]

    def batch(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Return pictures (B, channels, size, size) in [0, 1] and labels (B,) by their numbers."""
        return self.x[index].float() / 255, self.y[index]


def load(data: Pictures, split: str, **size: int) -> tuple[Tensor, Tensor]:
    """Return a split's pictures (N, channels, size, size) uint8 and labels (N,), less those of no class that was trained on."""
    images, labels = data.load(split, **size)
    x, y = torch.tensor(images), torch.tensor(labels)
    x = x[:, None] if x.ndim == 3 else x.permute(0, 3, 1, 2)
    return x[y >= 0].contiguous(), y[y >= 0]


def examples(settings: Settings, **size: int) -> Examples:
    """Return the settings' data set: what to train on, and what the history is measured on.

    That is the `holdout` last training pictures, kept back, else the test split; nothing is chosen by it in a run
    without `--holdout`.

    Raises:
        ValueError: the data set holds no such pictures, or none of that size.
    """
    data = named(settings.data)
    if not isinstance(data, Pictures):
        raise ValueError(f"{settings.data} holds no pictures with labels: give another --data")
    x, y = load(data, "train", **size)
    if settings.holdout:
        (x, test_x), (y, test_y) = (part.split([len(part) - settings.holdout, settings.holdout]) for part in (x, y))
    else:
        test_x, test_y = load(data, "test", **size)
    return Examples(data, x, y, test_x.float() / 255, test_y)
