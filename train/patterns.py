"""What the butterfly models are measured by: specimens, their outlines, the judge of patterns, and drawings by hand."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from contourpy import contour_generator
from torch import Tensor, nn

import zoo
from train import common
from train import judge as training
from zoo import drawing, metrics
from zoo.data import butterflies

BINS = 4  # of each colour in the histograms


@lru_cache(maxsize=2)
def judge(variant: str) -> nn.Module:
    """Return a judge of butterflies, loaded once: 'butterflies', or 'butterflies-worn', which knows patterns in any outline."""
    return zoo.load(f"judge.{variant}")


@lru_cache(maxsize=4)
def specimens(split: str, size: int, source: Any = butterflies) -> tuple[Tensor, Tensor, np.ndarray]:
    """Return a split's clean pictures (N, 3, size, size) and silhouettes (N, 1, size, size) in [0, 1], and kinds (N,)."""
    data = source.load(split, size)
    pictures = torch.from_numpy(data.images).permute(0, 3, 1, 2)
    masks = torch.from_numpy(data.masks)[:, None]
    return pictures.float() / 255, masks.float() / 255, data.kinds


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
        common.seed_step(seed, 0)
        moved = torch.cat([1 + training.move(part - 1, settings) for part in small.split(100)])
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


def outline(masks: Tensor) -> Tensor:
    """Draw the outlines of silhouettes (N, 1, S, S): lines of about three pixels, in [0, 1]."""
    inside = (masks > 0.5).float()
    line = inside + F.max_pool2d(1 - inside, 3, 1, 1) - 1
    return (F.avg_pool2d(F.max_pool2d(line, 3, 1, 1), 3, 1, 1) * 1.3).clamp(0, 1)


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Return the intersection over union of masks (N, 1, S, S), inside over 0.5: (N,)."""
    a, b = a > 0.5, b > 0.5
    return (a & b).sum((1, 2, 3)) / (a | b).sum((1, 2, 3)).clamp_min(1)


def line_score(a: Tensor, b: Tensor, reach: int) -> Tensor:
    """Return the F1 of thin lines (N, 1, S, S), 0 or 1: a point counts as found within `reach` pixels.

    Returns:
        (N,); 0 where either is empty.
    """

    def found(points: Tensor, lines: Tensor) -> Tensor:
        near = F.max_pool2d(lines, 2 * reach + 1, 1, reach)
        return (points * near).sum((1, 2, 3)) / points.sum((1, 2, 3)).clamp_min(1)

    precision, recall = found(a, b), found(b, a)
    return 2 * precision * recall / (precision + recall).clamp_min(1e-9)


def border(masks: Tensor) -> Tensor:
    """Return the inner border pixels of masks (N, 1, S, S): 0 or 1."""
    inside = (masks > 0.5).float()
    return inside * F.max_pool2d(1 - inside, 3, 1, 1)


def by_hand(mask: np.ndarray, *, seed: int) -> list[np.ndarray]:
    """Trace a silhouette as an unsteady hand would: wobble, gaps between strokes, a part left out.

    Args:
        mask: (S, S), inside over 0.5.

    Returns:
        strokes as arrays (points, 2) in 0..255.
    """
    generator = np.random.default_rng(seed)
    size = len(mask)
    line = max(contour_generator(z=np.pad(mask, 1)).lines(0.5), key=len) - 1  # x, y in pixels
    line = line * (drawing.SIDE + 1) / size
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    n = max(16, int(length[-1] / 3))
    even = np.linspace(0, length[-1], n, endpoint=False)
    points = np.stack([np.interp(even, length, line[:, i]) for i in (0, 1)], 1)
    # The hand rounds corners, and drifts slowly.
    kernel = np.hanning(7) / np.hanning(7).sum()
    points = np.stack([np.convolve(np.pad(points[:, i], 3, mode="wrap"), kernel, "valid") for i in (0, 1)], 1)
    phase = np.linspace(0, 2 * np.pi, n, endpoint=False)
    for k in range(1, 13):
        a, b = generator.normal(0, 1.6 / np.sqrt(k), (2, 2))
        points += np.cos(k * phase)[:, None] * a / 2 + np.sin(k * phase)[:, None] * b / 2
    start = generator.integers(n)
    points = np.roll(points, -start, 0)
    points = points[: n - int(n * generator.uniform(0, 0.12))]  # half-open
    cuts = np.sort(generator.choice(np.arange(8, len(points) - 8), generator.integers(2, 6), replace=False))
    strokes = np.split(points, cuts)
    return [np.clip(s[: len(s) - generator.integers(0, 3)], 0, drawing.SIDE) for s in strokes if len(s) > 5]


def belongs(kinds: np.ndarray, words: tuple[str, ...]) -> np.ndarray:
    """Return which kinds (N,) hold one of the words, whatever their case: (N,) bool."""
    return np.array([any(word.lower() in kind.lower() for word in words) for kind in kinds])


def strokes_inside(pictures: Tensor, masks: Tensor, edges: Tensor, *, least: float = 0.12, away: int = 5) -> Tensor:
    """Return the clear edges of pictures that lie well inside their silhouettes: (N, 1, S, S), 0 or 1.

    Args:
        edges: (N, 1, S, S) thin edge strength.
        least: weakest edge that counts.
        away: pixels from the outline at least.
    """
    inside = 1 - F.max_pool2d(1 - (masks > 0.5).float(), 2 * away + 1, 1, away)
    return (edges > least).float() * inside


def attributes(kinds: np.ndarray, known: np.ndarray) -> Tensor:
    """Return what kinds (N,) say as numbers: one for each species, form, view and kind among the known, (N, M) of 0 and 1."""

    def parts(kind: str) -> list[str]:
        return [kind, *(f"{i}:{part}" for i, part in enumerate(kind.split("|")))]

    names = sorted({part for kind in known for part in parts(kind)})
    place = {name: i for i, name in enumerate(names)}
    rows = torch.zeros(len(kinds), len(names))
    for row, kind in zip(rows, kinds, strict=True):
        row[[place[part] for part in parts(kind) if part in place]] = 1
    return rows


def probe(
    train_x: Tensor, train_y: Tensor, test_x: Tensor, network: nn.Module, loss, *, epochs: int = 60, seed: int = 0
) -> Tensor:
    """Train a fresh network from x to y and return what it says of test_x, stopped by a tenth of the training pairs."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(train_x), generator=generator)
    held, rest = order[: len(order) // 10], order[len(order) // 10 :]
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.05)
    best, answer = torch.inf, None
    with torch.enable_grad():
        for _ in range(epochs):
            network.train()
            for part in rest[torch.randperm(len(rest), generator=generator)].split(64):
                optimizer.zero_grad()
                loss(network(train_x[part]), train_y[part]).backward()
                optimizer.step()
            network.eval()
            with torch.no_grad():
                held_loss = float(loss(network(train_x[held]), train_y[held]))
                if held_loss < best:
                    best, answer = held_loss, network(test_x)
    return answer
