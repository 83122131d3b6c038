"""The U-Net of the diffusion model: at half resolution on 2x2 pixel blocks, with attention at the lowest."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Module):
    """Two convolutions added to their input, scaled and shifted by the conditioning: time and label embedded."""

    def __init__(self, inputs: int, outputs: int, told: int):
        super().__init__()
        self.norms = nn.ModuleList(nn.GroupNorm(8, n) for n in (inputs, outputs))
        self.convs = nn.ModuleList(nn.Conv2d(n, outputs, 3, padding=1) for n in (inputs, outputs))
        self.told = nn.Linear(told, 2 * outputs)
        self.short = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)
        nn.init.zeros_(self.convs[1].get_parameter("weight"))

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """Map (B, inputs, H, W) to (B, outputs, H, W)."""
        scale, shift = self.told(told)[:, :, None, None].chunk(2, 1)
        h = self.norms[1](self.convs[0](F.silu(self.norms[0](x)))) * (1 + scale) + shift
        return self.short(x) + self.convs[1](F.silu(h))


class Attention(nn.Module):
    """Self-attention over all positions, added to the input."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads, self.norm = heads, nn.GroupNorm(8, width)
        self.qkv, self.out = nn.Conv2d(width, 3 * width, 1), nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, width, H, W) to the same shape."""
        q, k, v = self.qkv(self.norm(x)).flatten(2).unflatten(1, (3, self.heads, -1)).mT.unbind(1)  # (B, heads, HW, D)
        return x + self.out(F.scaled_dot_product_attention(q, k, v).mT.reshape(x.shape))


class UNet(nn.Module):
    """Predicts v from a noisy picture, its level of noise and its label."""

    def __init__(self, width: int, deep: int, heads: int, classes: int):
        super().__init__()
        w, d, told = width, deep, 4 * width
        self.frequencies = w
        self.time = nn.Sequential(nn.Linear(w, told), nn.SiLU(), nn.Linear(told, told))
        self.label = nn.Embedding(classes + 1, told)  # the last stands for none
        self.stem = nn.Conv2d(4, w, 3, padding=1)
        self.down = nn.ModuleList(Block(w, w, told) for _ in range(2))
        self.shrink = nn.Conv2d(w, d, 3, stride=2, padding=1)
        self.middle = nn.ModuleList(Block(d, d, told) for _ in range(4))
        self.attention = Attention(d, heads)
        self.grow = nn.Sequential(nn.Conv2d(d, 4 * w, 3, padding=1), nn.PixelShuffle(2))
        self.up = nn.ModuleList(Block(2 * w, w, told) for _ in range(2))
        self.head = nn.Sequential(nn.GroupNorm(8, w), nn.SiLU(), nn.Conv2d(w, 4, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, x: Tensor, t: Tensor, y: Tensor) -> Tensor:
        """Map x_t (B, 1, 28, 28), t (B,) in [0, 1] and labels (B,), `classes` for none, to v (B, 1, 28, 28)."""
        rate = torch.exp(-math.log(1000) * torch.linspace(0, 1, self.frequencies // 2, device=x.device))
        angle = 1000 * t[:, None] * rate
        told = F.silu(self.time(torch.cat([angle.cos(), angle.sin()], 1)) + self.label(y))
        h, kept = self.stem(F.pixel_unshuffle(x, 2)), []
        for block in self.down:
            h = block(h, told)
            kept.append(h)
        h = self.shrink(h)
        for i, block in enumerate(self.middle):
            h = block(h, told)
            h = self.attention(h) if i == 1 else h
        h = self.grow(h)
        for block in self.up:
            h = block(torch.cat([h, kept.pop()], 1), told)
        return self.head(h)
