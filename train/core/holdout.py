"""Training examples kept back for the choice of settings."""

from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from train.core.run import Settings


def kept(data: tuple[np.ndarray, np.ndarray], settings: Settings) -> tuple[np.ndarray, ...]:
    """Return the training arrays less the last `holdout` examples."""
    return tuple(array[: len(array) - settings.holdout] for array in data)


def validation(data: ModuleType, settings: Settings) -> tuple[Tensor, Tensor]:
    """Return what the history's curves are measured on: the held-out training digits, else the test digits.

    Nothing is chosen by these curves in a run without `--holdout`.

    Returns:
        x (N, 1, 28, 28) in [0, 1], y (N,).
    """
    images, y = data.load("train" if settings.holdout else "test")
    if settings.holdout:
        images, y = images[-settings.holdout :], y[-settings.holdout :]
    return torch.tensor(images)[:, None].float() / 255, torch.tensor(y)
