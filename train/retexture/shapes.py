"""Outlines and inner lines: drawn, traced as by hand, and compared."""

import numpy as np
import torch.nn.functional as F
from contourpy import contour_generator
from torch import Tensor

from zoo import drawing


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


def strokes_inside(pictures: Tensor, masks: Tensor, edges: Tensor, *, least: float = 0.12, away: int = 5) -> Tensor:
    """Return the clear edges of pictures that lie well inside their silhouettes: (N, 1, S, S), 0 or 1.

    Args:
        edges: (N, 1, S, S) thin edge strength.
        least: weakest edge that counts.
        away: pixels from the outline at least.
    """
    inside = 1 - F.max_pool2d(1 - (masks > 0.5).float(), 2 * away + 1, 1, away)
    return (edges > least).float() * inside
