"""Erase from z, after training, what a warp of the encoder's input does to it on average: LEACE (arXiv 2306.03819).

Of all affine maps of z after which no linear function of z tells the warps apart, it is the one that changes z least.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from train.core.erasure import leace
from train.core.steps import seed_step
from train.retexture.specimens import Batches, Warp
from zoo.models.retexture import Retexture, draw

BATCH = 32


@torch.no_grad()
def erase(model: Retexture, make: Batches, *, warps: int = 64, halves: int = 256, seed: int = 0) -> None:
    """Set the encoder's erasure: the directions in which so many warps, each of the same halves, move z."""
    seed_step(seed, 2**31)
    n, encoder = make.pictures.shape[1], model.encoder
    encoder.read.zero_()

    def codes(index: Tensor, side: int, warp: Warp | None = None) -> Tensor:
        parts = []
        for part in index.split(BATCH):
            source = make.pictures[side, part].float() / 255
            small = F.avg_pool2d(source, max(1, source.shape[2] // 128))
            chart = make.chart(source, small, warp.repeat(len(part)) if warp else Warp(len(part), make.encoder_warp))
            parts.append(draw(*encoder(chart), seed=side).flatten(1))
        return torch.cat(parts)

    z = torch.cat([codes(torch.arange(n), side) for side in range(2)])
    chosen = torch.randperm(n)[:halves]
    means = torch.stack([codes(chosen, 0, Warp(1, make.encoder_warp)).mean(0) for _ in range(warps)])
    encoder.centre.copy_(z.mean(0))
    read, write = leace(z, means, encoder.read.shape[1])
    encoder.read.copy_(read)
    encoder.write.copy_(write)
