"""Body: paints a butterfly's body between wings that have none, in colours that go with them.

An image-to-image network in the line of pix2pix (arXiv 1611.07004), on each half of the middle of the picture: it sees wings that meet at
the axis, and paints a layer of its own, colour and opacity, over them and beyond:

    y = a * body(x) + (1 - a) * x,  a = a(x)

Where wings are as they shall be the layer is transparent.
"""

from dataclasses import dataclass

import torch
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


@dataclass(frozen=True)
class Config:
    """Sizes of the model."""

    size: int = 256
    """side of the pictures, pixels"""
    reach: float = 0.1875
    """how far the layer goes from the axis, in sides"""
    width: int = 64
    """channels at a quarter of the pictures' size"""


class Body(nn.Module):
    """A U-Net on halves of the middle of the picture: (size, size / 16 + reach * size) pixels."""

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
        layer = nn.functional.pad(layer, (0, rest))
        return wings.join(layer[: len(picture)], layer[-len(picture) :])


Model = Body
