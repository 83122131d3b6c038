"""Random moves of pictures."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Moves:
    """How far each picture is moved, at most; a family whose settings these are inherits them."""

    turn: float = 12.0
    """largest turn, degrees"""
    scale: float = 0.1
    """largest change of size, as a share"""
    shift: float = 2.0
    """largest shift, pixels"""
    bend: float = 0.0
    """typical size of a smooth random displacement, as a share of the picture"""


def move(x: Tensor, moves: Moves) -> Tensor:
    """Turn, scale, shear, shift and bend pictures (B, C, S, S), each by its own random amount; 0 comes in at the border."""
    n, half = len(x), x.shape[-1] / 2
    angle, shear = (torch.rand(2, n) * 2 - 1) * torch.deg2rad(torch.tensor(moves.turn))
    size = 1 + (torch.rand(2, n) * 2 - 1) * moves.scale
    shift = (torch.rand(2, n) * 2 - 1) * moves.shift / half  # half a side is 1 in grid units
    rows = [
        torch.stack([size[0] * angle.cos(), -size[0] * (angle + shear).sin(), shift[0]], 1),
        torch.stack([size[1] * angle.sin(), size[1] * (angle + shear).cos(), shift[1]], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    if moves.bend:
        field = F.interpolate(torch.randn(n, 2, 4, 4), x.shape[2:], mode="bicubic", align_corners=True)
        grid = grid + 2 * moves.bend * field.permute(0, 2, 3, 1)
    return F.grid_sample(x, grid, align_corners=False)
