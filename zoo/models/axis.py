"""Axis: where a butterfly's silhouette has its mirror line, and which end of it is the head, however it is turned.

The silhouette is read in polar coordinates about its centroid, in units of the root of its area (as in arXiv 1709.01889).
A turn shifts what is read along the angles, and convolutions around the circle answer it by the same shift, so that no turn has to be
learnt. Of each direction the network says how likely the head lies there, of a whole butterfly, a right wing by itself or a left
one, and how far from the centroid the axis then passes:

    p(kind, angle | silhouette),  offset(kind, angle | silhouette)

A whole butterfly's axis is then moved to where the silhouette and its mirror image overlap most.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PAPER = "arXiv:1709.01889"
TASK, TAKES, MAKES = "detect", ("outline",), "axis"
USE = """axis = model.detect(silhouette)  # (B, 1, H, W) in [0, 1]
axis.kind  # 0 whole, 1 a right wing by itself, 2 a left one
axis.x, axis.y, axis.angle  # pixels; radians, clockwise from up, to the head"""
PICTURES = {
    "samples": "Test silhouettes, turned by chance, and the axes found: a dot at the head",
    "failures": "The twelve whole test silhouettes whose axes are found worst",
}
REACH = 1.3  # farthest point that is read, in units
DILATIONS = (1, 2, 4, 8, 4, 2)  # of the convolutions
WHOLE, RIGHT, LEFT = range(3)


@dataclass(frozen=True)
class Config:
    """Sizes of the model."""

    angles: int = 120
    """directions that are told apart"""
    radii: int = 24
    """distances at which each is read"""
    width: int = 64
    """channels of the convolutions"""


@dataclass(frozen=True)
class Found:
    """Axes of B silhouettes."""

    kind: Tensor
    """(B,) `WHOLE`, `RIGHT` (a right wing by itself) or `LEFT`"""
    x: Tensor
    """(B,) point of the axis that is nearest to the centroid, pixels"""
    y: Tensor
    """(B,)"""
    angle: Tensor
    """(B,) direction of the head, radians, clockwise from up"""
    overlap: Tensor
    """(B,) of the silhouette with its mirror image, 1 for all of it"""


class Axis(nn.Module):
    """Finds axes. Angles are in radians, clockwise from up; offsets to the right of one who looks to the head."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        w = config.width
        self.enter = nn.Conv1d(config.radii, w, 1)
        self.around = nn.ModuleList([nn.Conv1d(w, w, 9, dilation=d) for d in DILATIONS])
        self.leave = nn.Conv1d(w, 6, 1)

    def polar(self, silhouette: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Read silhouettes (B, 1, H, W) about their centroids.

        Returns:
            (B, radii, angles) in [0, 1], the centroids' x and y (B,) each, and the units (B,), pixels.
        """
        h, w = silhouette.shape[2:]
        device = silhouette.device
        area = silhouette.sum((1, 2, 3)).clamp_min(1)
        x = (silhouette.sum((1, 2)) * (torch.arange(w, device=device) + 0.5)).sum(1) / area
        y = (silhouette.sum((1, 3)) * (torch.arange(h, device=device) + 0.5)).sum(1) / area
        unit = area.sqrt()
        angle = (torch.arange(self.config.angles, device=device) + 0.5) * (2 * math.pi / self.config.angles)
        reach = (torch.arange(self.config.radii, device=device) + 0.5)[:, None] * (REACH / self.config.radii)
        across = x[:, None, None] + unit[:, None, None] * reach * angle.sin()
        down = y[:, None, None] - unit[:, None, None] * reach * angle.cos()
        grid = torch.stack([across / w, down / h], -1) * 2 - 1
        return F.grid_sample(silhouette, grid, align_corners=False)[:, 0], x, y, unit

    def guess(self, readings: Tensor) -> tuple[Tensor, Tensor]:
        """Map readings (B, radii, angles) to logits and offsets, in units: (B, 3, angles) each, by kind and direction."""
        h = self.enter(readings - 0.5)
        for layer, dilation in zip(self.around, DILATIONS, strict=True):
            reach = 4 * dilation
            h = h + layer(F.pad(F.silu(h), (reach, reach), mode="circular"))
        return self.leave(F.silu(h)).unflatten(1, (2, 3)).unbind(1)

    @torch.no_grad()
    def detect(self, silhouette: Tensor) -> Found:
        """Find the axes of silhouettes (B, 1, H, W) in [0, 1], none of them empty."""
        readings, x, y, unit = self.polar(silhouette)
        logits, offsets = self.guess(readings)
        likely = logits.flatten(1).softmax(1).view_as(logits)
        near = likely.roll(-1, 2) + likely + likely.roll(1, 2)
        best = near.flatten(1).argmax(1)
        row, kind, place = torch.arange(len(best)), best // self.config.angles, best % self.config.angles
        around = torch.arange(-2, 3, device=best.device)
        weights = likely[row[:, None], kind[:, None], (place[:, None] + around) % self.config.angles]
        bend = (weights * around).sum(1) / weights.sum(1)
        angle = (place + bend + 0.5) * (2 * math.pi / self.config.angles)
        offset = offsets[row, kind, place] * unit
        found = Found(kind, x + offset * angle.cos(), y + offset * angle.sin(), angle, torch.zeros_like(x))
        return refined(silhouette, found, unit)

    def forward(self, silhouette: Tensor, kind: Tensor, angle: Tensor, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the loss: cross-entropy in nats of kind and direction, and twice the offset's absolute error, in units.

        Args:
            silhouette: (B, 1, H, W) in [0, 1].
            kind, angle: (B,) as in `Found`.
            x, y: (B,) any point of the axis, pixels.
        """
        readings, centre_x, centre_y, unit = self.polar(silhouette)
        logits, offsets = self.guess(readings)
        n, row = self.config.angles, torch.arange(len(kind))
        place = angle * (n / (2 * math.pi)) - 0.5
        away = (torch.arange(n, device=place.device) - place[:, None] + n / 2) % n - n / 2
        target = (-0.5 * (away / 0.8) ** 2).softmax(1)  # a narrow bell: the next direction is nearly right
        entropy = -(logits.float().flatten(1).log_softmax(1).view_as(logits)[row, kind] * target).sum(1).mean()
        true = ((x - centre_x) * angle.cos() + (y - centre_y) * angle.sin()) / unit
        offset = ((offsets.float()[row, kind] - true[:, None]).abs() * target).sum(1).mean()
        return {"loss": entropy + 2 * offset, "entropy": entropy.detach(), "offset": offset.detach()}


def refined(silhouette: Tensor, found: Found, unit: Tensor) -> Found:
    """Move whole butterflies' axes to where silhouettes (B, 1, H, W) overlap most with their mirror images.

    Args:
        unit: (B,) root of the area, pixels.
    """
    side = 64
    small = F.interpolate(silhouette, (side, side), mode="area")
    size = torch.tensor([silhouette.shape[3], silhouette.shape[2]], device=unit.device) / side
    centre, angle = torch.stack([found.x, found.y], 1) / size, found.angle
    best = torch.zeros_like(angle)
    for degrees, share in ((2.0, 0.012), (0.5, 0.003)):
        steps = torch.arange(-4, 5, device=unit.device)
        turns = (angle[:, None] + steps * (degrees * math.pi / 180)).repeat_interleave(9, 1)
        shifts = (steps * share * unit[:, None] / size.mean()).repeat(1, 9)
        overlaps = overlap(small, centre, turns, shifts)
        best, chosen = overlaps.max(1)
        row = torch.arange(len(best))
        angle, shift = turns[row, chosen], shifts[row, chosen]
        centre = centre + shift[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
    whole = found.kind == WHOLE
    x, y = torch.where(whole[:, None], centre * size, torch.stack([found.x, found.y], 1)).unbind(1)
    return Found(found.kind, x, y, torch.where(whole, angle, found.angle) % (2 * math.pi), best)


def overlap(silhouette: Tensor, centre: Tensor, angle: Tensor, shift: Tensor) -> Tensor:
    """Return how far silhouettes (B, 1, S, S) overlap with their mirror images in K axes each: (B, K), 1 for all of it.

    Args:
        centre: (B, 2) x and y, pixels.
        angle: (B, K) the axes' directions.
        shift: (B, K) how far to the right of the centre each passes, pixels.
    """
    side = silhouette.shape[-1]
    place = torch.arange(side, device=angle.device) + 0.5
    normal = torch.stack([angle.cos(), angle.sin()], -1)  # (B, K, 2)
    away = (place - centre[:, :1])[:, None, None, :] * normal[..., 0, None, None]
    away = away + (place - centre[:, 1:])[:, None, :, None] * normal[..., 1, None, None] - shift[..., None, None]
    x = place - 2 * away * normal[..., 0, None, None]
    y = place[:, None] - 2 * away * normal[..., 1, None, None]
    grid = torch.stack([x, y], -1).flatten(1, 2) / side * 2 - 1  # (B, K * S, S, 2)
    mirrored = F.grid_sample(silhouette, grid, align_corners=False).view(*angle.shape, side, side)
    both, either = torch.minimum(mirrored, silhouette), torch.maximum(mirrored, silhouette)
    return both.sum((2, 3)) / either.sum((2, 3)).clamp_min(1e-6)


Model = Axis
