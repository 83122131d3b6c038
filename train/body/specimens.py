"""Specimens with bodies as the bodies' training sees them: halves whose body was taken out, and what was there."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.retexture.specimens import Warp, half_pictures, pixel_centres
from zoo.data.butterflies import Butterflies
from zoo.models.retexture import wings

WITH_BODIES = ("leeds", "kaggle100")
UPRIGHT = 0.9  # least symmetry of a specimen that counts as upright
CHANGED = 0.06  # least difference of a channel, or of the mask, that the layer covers
WIDEST = 12 / 256  # of a closed middle, from the axis


def bodied(data: Butterflies) -> np.ndarray:
    """Return the rows of upright specimens with bodies."""
    return np.flatnonzero(np.isin(data.sources, WITH_BODIES) & (data.symmetry >= UPRIGHT))


def halves_of(data: Butterflies, rows: np.ndarray) -> Tensor:
    """Return both halves of rows: (2 N, 4, size, 9 size / 16) uint8, colour and mask, right ones first."""
    return half_pictures(data, rows).flatten(0, 1)


def closed(halves: Tensor, width: Tensor, gap: Tensor) -> Tensor:
    """Take bodies out of halves on white: wings go on to the axis as they are beside it, and thin parts are gone.

    Args:
        halves: (B, 4, size, w) in [0, 1], the axis a sixteenth of the size from the left.
        width: (B,) where the wings begin to be as they are, from the axis, pixels.
        gap: (B,) how far the middle is left open, pixels.
    """
    size, w = halves.shape[-2:]
    x = torch.arange(w) - round(size * wings.MARGIN)
    nearest = torch.where(x >= 0, width[:, None].maximum(x), (-width[:, None] - 1).minimum(x))
    source = (nearest + round(size * wings.MARGIN)).clamp(0, w - 1)
    moved = halves.gather(3, source[:, None, None, :].expand(-1, 4, size, -1))
    mask = moved[:, 3:]
    mask = F.max_pool2d(-F.max_pool2d(-mask, 7, 1, 3), 7, 1, 3)  # opened: antennae are thinner
    open_ = ((x >= gap[:, None]) | (x < -gap[:, None]))[:, None, None, :]
    mask = mask.minimum(moved[:, 3:]) * open_
    return torch.cat([moved[:, :3] * mask + 1 - mask, mask], 1)


class Batches:
    """Makes what a step needs from example numbers."""

    def __init__(self, halves: Tensor, columns: int):
        self.halves, self.columns = halves, columns

    def __call__(self, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what a step learns from.

        Returns:
            middles of halves without and with bodies, on white and with their masks: (B, 4, size, columns) in [0, 1] each;
            and where they differ, (B, 1, size, columns) in [0, 1].
        """
        n, size = len(index), self.halves.shape[2]
        real = self.halves[index].float() / 255
        mask = real[:, 3:]
        real = torch.cat([real[:, :3] * mask + 1 - mask, mask], 1)
        gentle = Warp(n, 0.3)
        white = torch.cat([1 - real[:, :3], mask], 1)  # what comes in at the border is nothing
        real = wings.sample(white, *gentle(*pixel_centres(size, n)))
        real[:, :3] = 1 - real[:, :3]
        light = 1 + 0.2 * (torch.rand(n, 3, 1, 1) * 2 - 1)
        real[:, :3] = (
            1
            - real[:, 3:]
            + real[:, 3:] * ((real[:, :3] - 1 + real[:, 3:]) * light / real[:, 3:].clamp_min(1e-3)).clamp(0, 1)
        )
        width = (size * WIDEST * (0.5 + 0.5 * torch.rand(n))).round().long()
        gap = (width * torch.rand(n) * (torch.rand(n) < 0.3)).long()
        bare = closed(real, width, gap)
        same = (torch.rand(n, 1, 1, 1) < 0.1).expand_as(real)  # one that has a body already
        bare = torch.where(same, real, bare)
        change = ((real - bare).abs().amax(1, keepdim=True) > CHANGED).float()
        change = F.avg_pool2d(F.max_pool2d(change, 3, 1, 1), 3, 1, 1)
        soft = F.avg_pool2d(F.pad(bare, (1, 1, 1, 1), mode="replicate"), 3, 1)
        bare = torch.where(torch.rand(n, 1, 1, 1) < 0.5, soft, bare)
        return bare[..., : self.columns], real[..., : self.columns], change[..., : self.columns]


def joined(bare: Tensor, colour: Tensor, opacity: Tensor) -> Tensor:
    """Lay layers over wings on white with their masks (B, 4, H, W): the same."""
    picture = opacity * colour + (1 - opacity) * bare[:, :3]
    return torch.cat([picture, 1 - (1 - opacity) * (1 - bare[:, 3:])], 1)
