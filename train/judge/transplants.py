"""Patterns carried to other butterflies' outlines by plain copying through wing coordinates: no model has a part in it."""

from dataclasses import fields

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.data.butterflies import Butterflies
from zoo.models.retexture import filled, wings

ROWS, COLUMNS = 64, 128


class Transplants:
    """Specimens' charts and frames, measured once, to dress any of them in any other's pattern."""

    def __init__(self, data: Butterflies):
        self.masks = torch.from_numpy(data.masks)[:, None]
        pictures = torch.from_numpy(data.images).permute(0, 3, 1, 2)
        charts, frames = [], []
        for picture, mask in zip(pictures.split(64), self.masks.split(64), strict=True):
            half = wings.halves(torch.cat([picture, mask], 1).float() / 255)
            frame = wings.frame(half[:, 3:])
            charts.append(chart(half, frame).unflatten(0, (2, -1)))
            frames.append([getattr(frame, field.name).unflatten(0, (2, -1)) for field in fields(frame)])
        self.charts = torch.cat(charts, 1)  # (2, N, 3, ROWS, COLUMNS) uint8: right halves, then left ones
        self.frames = [torch.cat(parts, 1) for parts in zip(*frames, strict=True)]

    def __call__(self, patterns: Tensor, outlines: Tensor) -> Tensor:
        """Dress specimens `outlines` (B,) in the patterns of specimens `patterns` (B,): (B, 3, S, S) in [0, 1] on white."""
        frames = wings.Frame(*(part[:, outlines].flatten(0, 1) for part in self.frames))
        charts = self.charts[:, patterns].flatten(0, 1).float() / 255
        drawn, _, _ = wings.wrap(charts, frames, self.masks.shape[-1])
        mask = self.masks[outlines].float() / 255
        return wings.join(*drawn.chunk(2)) * mask + 1 - mask


def chart(half: Tensor, frame: wings.Frame) -> Tensor:
    """Lay halves (B, 4, H, W) in [0, 1] out in wing coordinates, a little smoothed: (B, 3, ROWS, COLUMNS) uint8.

    The silhouette's edge is left out, where colours mix with the ground, and what lies beyond it gets colours from inside.
    """
    outside = F.max_pool2d((half[:, 3:] <= 0.5).float(), 3, 1, 1)
    colour = filled(wings.unwrap(torch.cat([half[:, :3], 1 - outside], 1), frame, ROWS, COLUMNS) * 2 - 1)
    smooth = F.avg_pool2d(F.pad(colour, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return ((smooth + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
