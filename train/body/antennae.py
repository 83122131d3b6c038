"""Measure the antennae of specimens, as far as their masks show them: thin parts that begin at the head.

Ridge regressions of direction and length on the wings' pose, landmarks, span and area told no more of held-out specimens than medians do.
"""

import math

import numpy as np
from scipy import ndimage

from zoo.data.butterflies import Butterflies
from zoo.models.body import CLUB, Antennae

THICK = 7 / 256  # an antenna is thinner, in sides
REACH = 6 / 256  # how far a head goes from the axis
NEAR = 16 / 256  # how far from the axis and from the head's top one begins
SHORTEST = 20 / 256
DARK = 0.2  # of a head at least
WIDEST = 5 / 256  # what is wider on average is a leg or a shadow


def antennae(data: Butterflies, rows: np.ndarray) -> np.ndarray:
    """Measure those of the rows.

    Returns:
        (N, 6), as `Antennae.parts` has them, for each antenna that shows.
    """
    found = [antenna for row in rows for antenna in _of(data.images[row] / 255, data.masks[row] > 127)]
    return np.array(found).reshape(-1, len(Antennae.parts))


def _of(picture: np.ndarray, mask: np.ndarray) -> list[tuple[float, ...]]:
    size, found = len(mask), []
    brush = np.ones((round(THICK * size),) * 2)
    core = ndimage.binary_opening(mask, brush)
    middle, reach = (size - 1) / 2, round(REACH * size)
    rows = np.flatnonzero(core[:, size // 2 - reach : size // 2 + reach].any(1))
    if not len(rows):
        return []
    top, unit, grey = rows[0], math.sqrt(mask.sum()), picture.mean(2)
    head = (slice(top, top + 2 * reach), slice(size // 2 - reach, size // 2 + reach))
    shade = 1 - grey[head][core[head]].mean()
    if shade < DARK:
        return []
    labels, _ = ndimage.label(mask & ~ndimage.binary_dilation(core), np.ones((3, 3)))
    for number, box in enumerate(ndimage.find_objects(labels), 1):
        y, x = (axis + side.start for axis, side in zip(np.nonzero(labels[box] == number), box, strict=True))
        beside = (x - middle) * np.sign(x.mean() - middle)
        start = np.hypot(beside, y - top).argmin()
        dx, up = beside - beside[start], y[start] - y
        end = np.hypot(dx, up).argmax()
        length, turn = math.hypot(dx[end], up[end]), math.atan2(dx[end], up[end])
        begins = max(abs(beside[start]), abs(y[start] - top)) <= NEAR * size
        if not begins or length < SHORTEST * size or not 0 <= turn < math.pi / 2:
            continue
        if len(y) > WIDEST * size * length:
            continue
        along = (dx * math.sin(turn) + up * math.cos(turn)) / length
        aside = (dx * math.cos(turn) - up * math.sin(turn)) / length
        # Its width is what its darkness comes to, were it as dark as the head: the mask is wider than the antenna.
        dark = (1 - grey[y, x]) / shade
        stem = dark[(along > 0.2) & (along < 0.7)].sum() / (0.5 * length)
        tip = dark[along > (1 + CLUB) / 2].sum() / ((1 - CLUB) / 2 * length)
        bend = aside[abs(along - 0.5) < 0.1]
        if len(bend) and stem > 0:
            root = max(0.0, beside[start])
            found.append((turn, length / unit, root / unit, bend.mean(), stem / 2 / unit, tip / stem))
    return found
