"""Body: paints a butterfly's body between wings that have none, in colours that go with them.

An image-to-image network in the line of pix2pix (arXiv 1611.07004), on each half of the middle of the picture: it sees wings that meet at
the axis, and paints a layer of its own, colour and opacity, over them and beyond:

    y = a * body(x) + (1 - a) * x,  a = a(x)

Where wings are as they shall be the layer is transparent. Antennae may point anywhere, so a network that is judged by distances
averages them away, and outlines tell neither their direction nor their length (train/body/antennae.py): every head gets the usual
two, drawn as curves in its colour.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.models.retexture import Block, wings

PAPER = "arXiv:1611.07004"
TASK, TAKES, MAKES = "translate", ("picture", "outline"), "picture"
USE = """# (B, 3, 256, 256) on white and (B, 1, 256, 256), in [0, 1] -> (B, 4, 256, 256): colour, opacity
layer = model.decode(picture, silhouette)
painted = layer[:, :3] * layer[:, 3:] + picture * (1 - layer[:, 3:])"""
PICTURES = {
    "samples": "Test wings without bodies, in patterns of other specimens: before and after",
    "failures": "Test pictures whose own bodies were taken out: the twelve that are painted again worst",
}


HEAD = 0.03  # height and width of a head, sides
SUNK = 0.008  # how far below the top of it antennae begin, sides
NEAR, FEW = 0.1, 20  # where antennae are looked for, sides from the axis, and the pixels that are none
CLUB = 0.8  # of an antenna, where its end begins to widen; half-way to the tip it is as wide as it gets


@dataclass(frozen=True)
class Config:
    """Sizes of the model."""

    size: int = 256
    """side of the pictures, pixels"""
    reach: float = 0.1875
    """how far the network's layer goes from the axis, in sides"""
    width: int = 64
    """channels at a quarter of the pictures' size"""


class Antennae(nn.Module):
    """A curve with a club on each side of the head; its numbers are medians of the training specimens' antennae."""

    parts = ("turn", "length", "root", "bend", "radius", "club")
    """direction outwards from straight up, radians; length, and distance of the root from the axis, in roots of the silhouette's area; how
    far the middle lies outside the chord, in lengths; half the width, in roots of the area; how much wider the end is"""

    def __init__(self) -> None:
        super().__init__()
        self.usual: Tensor
        self.register_buffer("usual", torch.zeros(len(self.parts)))

    def forward(self, layer: Tensor, silhouette: Tensor) -> Tensor:
        """Lay antennae under halves' layers; silhouettes that have some get no others.

        Args:
            layer: (B, 4, size, w) in [0, 1], the axis a sixteenth of the size from the left.
            silhouette: (B, 1, size, w) in [0, 1].
        """
        turn, length, root, bend, radius, club = self.usual.unbind()
        size, w = layer.shape[2:]
        unit = (2 * silhouette[..., round(size * wings.MARGIN) :].sum((2, 3), keepdim=True)).sqrt()[
            :, 0
        ] / size  # (B, 1, 1)
        length, root, radius = length * unit, root * unit, radius * unit
        x = ((torch.arange(w, device=layer.device) + 0.5) / size - wings.MARGIN).abs()  # the margin is the other half
        y = ((torch.arange(size, device=layer.device) + 0.5) / size)[:, None]
        middle = (x < HEAD / 2).to(layer.dtype)
        thick = _largest(-_largest(-silhouette))  # opened: antennae that are there are thinner
        body = torch.maximum(layer[:, 3], thick[:, 0])
        profile = (body * middle).amax(2)  # (B, size)
        row = (profile > 0.5).to(torch.long).argmax(1, keepdim=True)
        within, above = profile.gather(1, row), profile.gather(1, (row - 1).clamp_min(0))
        over = ((within - 0.5) / (within - above).clamp_min(1e-3)).clamp(
            0, 1
        )  # between rows, so that no rounding moves it by one
        top = ((row + 0.5 - over) / size)[..., None]  # (B, 1, 1)
        head = (middle * (y > top) * (y < top + HEAD) * body.clamp_min(0.01))[:, None]
        colour = (head * layer[:, :3]).sum((2, 3), keepdim=True) / head.sum((2, 3), keepdim=True).clamp_min(1e-6)

        up = top + SUNK - y
        along = ((x - root) * turn.sin() + up * turn.cos()) / length.clamp_min(1e-6)
        aside = ((x - root) * turn.cos() - up * turn.sin()) / length.clamp_min(1e-6)
        t = along.clamp(0, 1)
        away = length * ((aside - 4 * bend * t * (1 - t)) ** 2 + (along - t) ** 2).sqrt()
        wide = radius * (1 + (club - 1) * (2 * (t - CLUB) / (1 - CLUB)).clamp(0, 1))
        cover = ((wide - away) * size + 0.5).clamp(0, 1) * (length > 0) * (within > 0.5)[..., None]
        thin = (silhouette - thick > 0.5)[:, 0] & (x < NEAR) & (y < top) & (y > top - 2 * NEAR)
        cover = cover * (thin.sum((1, 2), keepdim=True) < FEW)
        under = (1 - layer[:, 3:]) * cover[:, None]
        alpha = layer[:, 3:] + under
        mixed = (layer[:, :3] * layer[:, 3:] + colour * under) / alpha.clamp_min(1e-6)
        return torch.cat([torch.where(under > 0, mixed, layer[:, :3]), alpha], 1)


def _largest(x: Tensor) -> Tensor:
    """Return the largest of the 7x7 numbers about each of (B, 1, H, W): by rows, then by columns."""
    return F.max_pool2d(F.max_pool2d(x, (1, 7), 1, (0, 3)), (7, 1), 1, (3, 0))


class Body(nn.Module):
    """A U-Net on halves of the middle of the picture, (size, size / 16 + reach * size) pixels, and antennae."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        w = config.width
        deep = 2 * w
        self.enter = nn.Sequential(nn.PixelUnshuffle(4), nn.Conv2d(6 * 16, w, 3, padding=1), Block(w))
        self.down = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(w, deep, 4, stride=2, padding=1), Block(deep)),
                nn.Sequential(nn.Conv2d(deep, deep, 4, stride=2, padding=1), Block(deep), Block(deep)),
            ]
        )
        self.up = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(deep, 4 * deep, 1), nn.PixelShuffle(2)),
                nn.Sequential(Block(deep), nn.Conv2d(deep, 4 * w, 1), nn.PixelShuffle(2)),
            ]
        )
        blocks = Block(w), Block(w)
        last = nn.Conv2d(w, 4 * 16, 3, padding=1)
        self.leave = nn.Sequential(*blocks, nn.SiLU(), last, nn.PixelShuffle(4))
        last.bias = nn.Parameter(torch.full((4 * 16,), -1.0))  # transparent at first
        self.antennae = Antennae()

    @property
    def columns(self) -> int:
        """Width of a half's middle, pixels."""
        return round(self.config.size * (wings.MARGIN + self.config.reach))

    def forward(self, picture: Tensor, silhouette: Tensor) -> tuple[Tensor, Tensor]:
        """Paint the layer for halves' middles.

        Args:
            picture: (B, 3, size, columns) in [0, 1], wings on white, the axis a sixteenth of the size from the left.
            silhouette: (B, 1, size, columns) in [0, 1].

        Returns:
            colour (B, 3, ...) in [0, 1], and logits of the opacity (B, 1, ...).
        """
        h, w = picture.shape[2:]
        place = torch.arange(w, device=picture.device) / self.config.size - wings.MARGIN
        x = (8 * place).expand(len(picture), 1, h, w)
        y = torch.linspace(-1, 1, h, device=picture.device)[:, None].expand(len(picture), 1, h, w)
        features = [self.enter(torch.cat([2 * picture - 1, 2 * silhouette - 1, x, y], 1))]
        for layer in self.down:
            features.append(layer(features[-1]))
        h = features.pop()
        for layer in self.up:
            h = layer(h) + features.pop()
        painted = self.leave(h).float()
        return painted[:, :3].sigmoid(), painted[:, 3:]

    def middle(self, pictures: Tensor) -> Tensor:
        """Cut the middles out of upright pictures' halves: (B, C, size, size) -> (2 B, C, size, columns), right ones first."""
        return wings.halves(pictures)[..., : self.columns]

    def decode(self, picture: Tensor, silhouette: Tensor, *, mirrored: bool = False) -> Tensor:
        """Paint the layer for upright wings.

        Args:
            picture: (B, 3, size, size) in [0, 1], wings on white.
            silhouette: (B, 1, size, size) in [0, 1].
            mirrored: the wings are symmetric: paint one half and mirror it.

        Returns:
            (B, 4, size, size): colour and opacity, in [0, 1].
        """
        cut = self.middle(torch.cat([picture, silhouette], 1))
        cut = cut[: len(picture)] if mirrored else cut
        colour, opacity = self(cut[:, :3], cut[:, 3:])
        layer = torch.cat([colour, opacity.sigmoid()], 1)
        rest = round(self.config.size * wings.WIDTH) - self.columns
        halves = wings.halves(silhouette)[: len(layer)]
        layer = self.antennae(F.pad(layer, (0, rest)), halves)
        return wings.join(layer[: len(picture)], layer[-len(picture) :])


Model = Body
