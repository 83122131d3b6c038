"""Retexture's networks: the encoder in wing coordinates, the painter, and what they are trained by."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.models.retexture import wings
from zoo.nn import noise


@dataclass(frozen=True)
class Config:
    """Sizes of the model."""

    size: int = 256
    """side of the pictures, pixels"""
    rows: int = 64
    """radii of the chart"""
    columns: int = 256
    """angles of the chart, over one half"""
    latent: int = 16
    """channels of z, a map of rows / 8 by columns / 8"""
    width: int = 128
    """channels of the encoder and of the painter in the chart"""
    finish: int = 64
    """channels of the network that finishes the picture"""
    erased: int = 64
    """directions of z that are erased after training; see train/erasure.py"""


class Block(nn.Module):
    """Two convolutions with a shortcut."""

    def __init__(self, width: int, *, norm: bool = True):
        super().__init__()
        self.layers = nn.Sequential(
            nn.GroupNorm(8, width) if norm else nn.Identity(),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, width, H, W) to the same shape."""
        return x + self.layers(x)


class Encoder(nn.Module):
    """Chart of one half to the Gaussian of z."""

    def __init__(self, config: Config):
        super().__init__()
        w = config.width
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(3 * 16, w, 3, padding=1),
            Block(w),
            Block(w),
            nn.Conv2d(w, w, 4, stride=2, padding=1),
            Block(w),
            Block(w),
            nn.GroupNorm(8, w),
            nn.SiLU(),
            nn.Conv2d(w, 2 * config.latent, 1),
        )
        cells = config.latent * (config.rows // 8) * (config.columns // 8)
        self.register_buffer("centre", torch.zeros(cells))
        self.register_buffer("read", torch.zeros(cells, config.erased))
        self.register_buffer("write", torch.zeros(cells, config.erased))

    def forward(self, chart: Tensor) -> tuple[Tensor, Tensor]:
        """Map charts (B, 4, rows, columns) in [-1, 1] to mean, logvar: (B, latent, rows / 8, columns / 8)."""
        mean, logvar = self.layers(filled(chart)).float().chunk(2, 1)
        flat = mean.flatten(1)
        erased = flat - (flat - self.centre) @ self.read @ self.write.T
        return erased.view_as(mean), logvar.clamp(-12, 4)


def filled(chart: Tensor) -> Tensor:
    """Spread the colours inside over what is outside, where white would tell of the shape: (B, 4, h, w) -> (B, 3, h, w)."""
    inside = chart[:, 3:].clamp_min(0)
    known = torch.cat([chart[:, :3] * inside, inside], 1)
    total = known
    for i in range(1, 6):  # each coarser copy counts for little where a finer one knows
        coarse = F.avg_pool2d(known, (min(2**i, chart.shape[2]), 2**i))
        total = total + 0.02**i * F.interpolate(coarse, chart.shape[2:], mode="bilinear")
    return total[:, :3] / total[:, 3:].clamp_min(1e-9)


class Painter(nn.Module):
    """The decoder, z and the drawing to a picture: first in the chart, then wrapped into the outline and finished."""

    features = 16

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        w, half, f = config.width, config.width // 2, config.finish
        self.enter = nn.Sequential(nn.Conv2d(config.latent, w, 3, padding=1), Block(w), Block(w))
        self.up = nn.Sequential(nn.Conv2d(w, 4 * w, 1), nn.PixelShuffle(2))
        self.seen = nn.Conv2d(3 * 16, w, 1)  # the drawing and the place, as the chart sees them
        self.middle = nn.Sequential(Block(w), Block(w), nn.Conv2d(w, 4 * half, 3, padding=1), nn.PixelShuffle(2))
        self.seen_fine = nn.Conv2d(3 * 4, half, 1)
        self.fine = nn.Sequential(
            Block(half), Block(half), nn.SiLU(), nn.Conv2d(half, 4 * self.features, 3, padding=1), nn.PixelShuffle(2)
        )
        self.finish = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(4 * (self.features + 3), f, 3, padding=1),
            Block(f, norm=False),
            nn.SiLU(),
            nn.Conv2d(f, 4 * 4, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def forward(
        self, z: Tensor, strokes: Tensor, silhouette: Tensor, frames: wings.Frame
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Paint halves.

        Args:
            z: (B, latent, rows / 8, columns / 8).
            strokes: (B, 1, size, 9 size / 16) in [0, 1], 1 on a drawn line.
            silhouette: the same shape, 1 inside.
            frames: the silhouettes' wing coordinates.

        Returns:
            colour (B, 3, size, 9 size / 16), about [-1, 1]; alpha logits (B, 1, ...); the colour before finishing.
        """
        rows, columns = self.config.rows, self.config.columns
        x, y = wings.points(frames, *wings.chart_grid(rows, columns, len(z), z.device))
        shape = (len(z), rows, columns)
        x, y = x.view(shape), y.view(shape)
        seen = torch.cat([wings.sample(strokes, x, y), 4 * x[:, None] - 1, 2 * y[:, None] - 1], 1)
        h = self.up(self.enter(z)) + self.seen(F.pixel_unshuffle(seen, 4))
        h = self.middle(h) + self.seen_fine(F.pixel_unshuffle(seen, 2))
        chart = self.fine(h).float()
        drawn, _, v = wings.wrap(chart, frames, self.config.size)
        seen = torch.cat([drawn, strokes, silhouette, v.clamp_max(2) - 1], 1)
        done = self.finish(seen.contiguous(memory_format=torch.channels_last)).float()  # a third sooner on processors
        return drawn[:, :3] + done[:, :3], 8 * silhouette - 4 + done[:, 3:], drawn[:, :3]


class Retexture(nn.Module):
    """De-conditioned VAE of butterflies. Its `forward` works on halves, and returns terms of a loss and what the other losses need."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.painter = Painter(config)

    def chart(self, picture: Tensor, silhouette: Tensor) -> Tensor:
        """Lay pictures out in wing coordinates, as the encoder sees them.

        Args:
            picture: (B, 3, size, size) in [0, 1], on white.
            silhouette: (B, 1, size, size) in [0, 1].

        Returns:
            (2 B, 4, rows, columns) in [-1, 1]: right halves, then left ones.
        """
        both = wings.halves(torch.cat([picture, silhouette], 1))
        frames = wings.frame(F.avg_pool2d(both[:, 3:], max(1, self.config.size // 128)))
        return wings.unwrap(both, frames, self.config.rows, self.config.columns) * 2 - 1

    def encode(self, picture: Tensor, silhouette: Tensor) -> tuple[Tensor, Tensor]:
        """Map pictures to q(z | x), the halves' mean; shapes as in `chart`.

        Returns:
            mean, logvar: (B, latent, rows / 8, columns / 8) each.
        """
        mean, logvar = self.encoder(self.chart(picture, silhouette))
        return sum(mean.chunk(2)) / 2, sum(logvar.chunk(2)) / 2

    def decode(self, z: Tensor, strokes: Tensor, silhouette: Tensor, *, mirrored: bool = False) -> Tensor:
        """Paint z into drawings.

        Args:
            z: (B, latent, rows / 8, columns / 8).
            strokes: (B, 1, size, size) in [0, 1], 1 on a drawn line.
            silhouette: (B, 1, size, size) in [0, 1], 1 inside.
            mirrored: the drawings are symmetric: paint one half and mirror it.

        Returns:
            (B, 4, size, size): colour and alpha, in [0, 1].
        """
        strokes, silhouette = wings.halves(strokes), wings.halves(silhouette)
        if mirrored:
            strokes, silhouette = strokes[: len(z)], silhouette[: len(z)]
        frames = wings.frame(F.avg_pool2d(silhouette, max(1, self.config.size // 128)))
        colour, alpha, _ = self.painter(z.repeat(len(strokes) // len(z), 1, 1, 1), strokes, silhouette, frames)
        painted = torch.cat([(colour + 1) / 2, alpha.sigmoid()], 1).clamp(0, 1)
        return wings.join(painted[: len(z)], painted[-len(z) :])

    def forward(
        self, chart: Tensor, strokes: Tensor, silhouette: Tensor, frames: wings.Frame, target: Tensor
    ) -> dict[str, Tensor]:
        """Return the bound's two terms for halves, with what was painted.

        Args:
            chart: (B, 4, rows, columns) in [-1, 1].
            strokes, silhouette: (B, 1, size, 9 size / 16).
            frames: of the silhouettes.
            target: (B, 4, size, 9 size / 16) in [-1, 1]: colour on white, and alpha.

        Returns:
            recon and kl, the bound's terms; shape, the alpha's cross-entropy; picture (B, 3, size, 9 size / 16) on white
            in [-1, 1]; z.
        """
        mean, logvar = self.encoder(chart)
        z = mean + (0.5 * logvar).exp() * torch.randn_like(mean)
        colour, alpha, early = self.painter(z, strokes, silhouette, frames)
        inside = (target[:, 3:] + 1) / 2
        area = inside.mean((1, 2, 3), keepdim=True).clamp_min(0.02)
        opacity = alpha.sigmoid()
        picture = opacity * colour + 1 - opacity
        recon = distance(picture, target[:, :3], area) + 0.5 * distance(
            inside * early + 1 - inside, target[:, :3], area, scales=1
        )
        edge = F.binary_cross_entropy_with_logits(alpha, inside, reduction="none")
        shape = (edge / area).mean()
        kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).mean()
        return {"recon": recon, "kl": kl, "shape": shape, "picture": picture, "z": z}


def draw(mean: Tensor, logvar: Tensor, *, seed: int = 0) -> Tensor:
    """Draw z from the Gaussians of `Retexture.encode`, the same for the same seed: (B, latent, rows / 8, columns / 8)."""
    return mean + (0.5 * logvar).exp() * noise(len(mean), *mean.shape[1:], seed=seed)


CHROMA = 3.0  # weight of differences in hue: in L1 alone, orange is near enough to red


def distance(a: Tensor, b: Tensor, area: Tensor, *, scales: int = 4) -> Tensor:
    """Return the L1 distance of pictures (B, 3, H, W), of their hues, of their gradients and of coarser copies, by area painted."""
    total = a.new_zeros(())
    for scale in range(scales):
        if scale:
            a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
        d = a - b
        total = total + (d.abs() / area).mean() * (1 if scale == 0 else 0.5)
        total = total + CHROMA * ((d - d.mean(1, keepdim=True)).abs() / area).mean() * (1 if scale == 0 else 0.5)
        if scale < 2:
            total = total + 0.5 * (d.diff(dim=2).abs() / area).mean() + 0.5 * (d.diff(dim=3).abs() / area).mean()
    return total
