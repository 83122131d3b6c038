"""Whose pattern a butterfly wears: by the judges' features, and by colour alone."""

from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import zoo
from train import judge as training
from train.core.augment import move
from train.core.steps import seed_step
from zoo import metrics

BINS = 4  # of each colour in the histograms


@lru_cache(maxsize=2)
def judge(variant: str) -> nn.Module:
    """Return a judge of butterflies, loaded once: 'butterflies', or 'butterflies-worn', which knows patterns in any outline."""
    return zoo.load(f"judge.{variant}")


def features(pictures: Tensor, variant: str, *, views: int = 1) -> Tensor:
    """Return a judge's features of pictures (N, 3, S, S) in [0, 1] on white, of unit length: (N, 128).

    Args:
        variant: as in `judge`.
        views: mean over the picture and views - 1 copies of it, moved and bent as in the judge's training.
    """
    model, settings = judge(variant), training.VARIANTS[variant]
    side = model.config.size
    parts = pictures.split(100)
    small = torch.cat([F.interpolate(p, (side, side), mode="bilinear", antialias=True) for p in parts])
    total = F.normalize(metrics.predict(model, small, "features", batch_size=100), dim=1)
    for seed in range(1, views):
        seed_step(seed, 0)
        moved = torch.cat([1 + move(part - 1, settings) for part in small.split(100)])
        total = total + F.normalize(metrics.predict(model, moved, "features", batch_size=100), dim=1)
    return F.normalize(total, dim=1)


def histogram(pictures: Tensor, masks: Tensor) -> Tensor:
    """Return colour histograms of what is inside: (N, BINS ** 3), each adding up to 1.

    Args:
        pictures: (N, 3, S, S) in [0, 1].
        masks: (N, 1, S, S), inside over 0.5.
    """
    rows = []
    for picture, mask in zip(pictures, masks, strict=True):
        red, green, blue = (picture * BINS).long().clamp(0, BINS - 1)
        inside = ((red * BINS + green) * BINS + blue)[mask[0] > 0.5]
        row = torch.bincount(inside, minlength=BINS**3).float()
        rows.append(row / row.sum().clamp_min(1))
    return torch.stack(rows)


def nearest_in_colour(histograms: Tensor, kinds: np.ndarray, row: int, n: int) -> list[int]:
    """Return the n rows of other kinds whose histograms are nearest to a row's, nearest first."""
    distance = (histograms - histograms[row]).abs().sum(1)
    distance[torch.from_numpy(kinds == kinds[row])] = torch.inf
    return distance.argsort()[:n].tolist()
