"""Where a butterfly lies on a drawing pad: how it is turned upright into a picture of its own, and back."""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.drawing import SIDE
from zoo.models.axis import LEFT, RIGHT, WHOLE

MIDDLE = SIDE / 2
FILLS = 0.92  # share of its own picture that a butterfly's longest side fills, as in the pictures that are learnt from
NEAR = math.radians(4), 5.0  # from upright, and from the pad's middle: what is left where it is


@dataclass(frozen=True)
class Placement:
    """The similarity from a butterfly's own picture, where it is upright, to the pad. Both go from 0 to 255."""

    angle: float = 0.0
    """direction of the head on the pad, radians, clockwise from up"""
    scale: float = 1.0
    """length on the pad of what has length 1 in its own picture"""
    x: float = MIDDLE
    """where the middle of its own picture lies on the pad"""
    y: float = MIDDLE

    def upright(self, points: np.ndarray) -> np.ndarray:
        """Map points of the pad (N, 2) to its own picture."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return (points - (self.x, self.y)) @ np.array([[cos, -sin], [sin, cos]]) / self.scale + MIDDLE

    def on_pad(self, points: np.ndarray) -> np.ndarray:
        """Map points of its own picture (N, 2) to the pad."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return (points - MIDDLE) @ np.array([[cos, sin], [-sin, cos]]) * self.scale + (self.x, self.y)

    def laid(self, pictures: Tensor, size: int) -> Tensor:
        """Lay own pictures (N, C, S, S) on the pad: (N, C, size, size), 0 where there are none."""
        if self == Placement() and pictures.shape[-1] == size:
            return pictures
        share = self.scale * size / pictures.shape[-1]
        if share < 0.7:  # made smaller, a picture is averaged first
            side = max(8, round(share * pictures.shape[-1]))
            pictures = F.interpolate(pictures, (side, side), mode="bilinear", antialias=True)
        cos, sin = math.cos(self.angle) / self.scale, math.sin(self.angle) / self.scale
        # Coordinates from -1 to 1, pixel centres lying half a unit within the pad.
        x, y = ((place - MIDDLE) / (MIDDLE + 0.5) for place in (self.x, self.y))
        matrix = torch.tensor([[cos, sin, -cos * x - sin * y], [-sin, cos, sin * x - cos * y]], dtype=pictures.dtype)
        shape = (len(pictures), pictures.shape[1], size, size)
        grid = F.affine_grid(matrix.expand(len(pictures), -1, -1), list(shape), align_corners=False)
        return F.grid_sample(pictures, grid, mode="bicubic", align_corners=False)


def placement(outline: np.ndarray, x: float, y: float, angle: float, kind: int = WHOLE) -> Placement:
    """Return how a butterfly lies whose axis is known.

    Args:
        outline: (N, 2) points of its outline on the pad, at least one.
        x, y: a point of the axis.
        angle: direction of the head, radians, clockwise from up.
        kind: a single wing (`RIGHT`, `LEFT`) leaves room for the other beyond the axis.
    """
    along = Placement(angle, 1.0, x, y).upright(outline) - MIDDLE  # from the axis' point
    (left, top), (right, bottom) = along.min(0), along.max(0)
    wide = {WHOLE: max(right, -left), RIGHT: right, LEFT: -left}[kind]
    scale = max(2 * wide, bottom - top, 1.0) / (FILLS * SIDE)
    middle = Placement(angle, 1.0, x, y).on_pad(np.array([[MIDDLE, MIDDLE + (top + bottom) / 2]]))[0]
    return Placement(angle, scale, *middle.tolist())


def settled(placed: Placement) -> Placement:
    """Return the pad itself for a butterfly that is upright in its middle as good as exactly, and else the placement."""
    turn = (placed.angle + math.pi) % (2 * math.pi) - math.pi
    return Placement() if abs(turn) <= NEAR[0] and abs(placed.x - MIDDLE) <= NEAR[1] else placed
