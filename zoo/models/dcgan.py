"""DCGAN: a generative adversarial network of convolutions alone (arXiv 1511.06434; the game itself is arXiv 1406.2661).

A generator G draws from noise z, a discriminator D tells its pictures from real ones, and each learns from the other. The loss
compares a real and a made picture (arXiv 1807.00734), with gradient penalties on both sides (arXiv 2501.05441), so that D
keeps no lead too large to learn from, and no part of the data is dropped:

    D: f(D(G(z)) - D(x)) + g/2 (|grad D(x)|^2 + |grad D(G(z))|^2),    G: f(D(x) - D(G(z))),    f = softplus

Departures: no batch normalisation, for that loss does without; for colour, two convolutions added to their input at each size;
pictures enter and leave as 2x2 pixel blocks. The checkpoint holds the generator; D serves training alone.
"""

from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from zoo.nn import SAMPLES, noise

PAPER = "arXiv:1511.06434"
TASK, TAKES, MAKES = "generate", ("latent",), "picture"
USE = "x = model.sample(16, seed=3)  # (16, channels, size, size) in [0, 1], as in config.json"
PICTURES = SAMPLES


@dataclass(frozen=True)
class Config:
    """Shape of the networks."""

    latent: int = 64
    """length of z"""
    width: int = 64
    """channels at half the picture's size; twice as many at each halving"""
    blocks: int = 0
    """residual blocks at each size"""
    channels: int = 1
    """channels of the pictures"""
    size: int = 28
    """side of the pictures, pixels"""

    @property
    def halvings(self) -> int:
        """How often the side is halved: down to 4 pixels, or to an odd number of them."""
        return next(i for i in range(1, 10) if self.size >> i <= 4 or (self.size >> i) % 2)


class Residual(nn.Module):
    """Two convolutions added to their input."""

    def __init__(self, width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3, padding=1),
            nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3, padding=1, bias=False),
        )  # fmt: skip
        nn.init.zeros_(self.layers[-1].get_parameter("weight"))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, width, H, W) to the same shape."""
        return x + self.layers(x)


def residuals(config: Config, width: int) -> list[Residual]:
    """Return the blocks of one size."""
    return [Residual(width) for _ in range(config.blocks)]


def widths(config: Config) -> list[int]:
    """Return the channels at half the picture's side, at a quarter, and so on."""
    return [config.width * 2**i for i in range(config.halvings)]


class Generator(nn.Module):
    """Draws pictures from noise."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        inner = widths(config)[::-1]
        self.side = config.size // 2**config.halvings
        self.project = nn.Linear(config.latent, inner[0] * self.side**2)
        rest = partial(residuals, config)
        grown = [
            layer
            for before, after in zip(inner, inner[1:], strict=False)
            for layer in (nn.LeakyReLU(0.2), nn.ConvTranspose2d(before, after, 4, stride=2, padding=1), *rest(after))
        ]
        self.body = nn.Sequential(
            *rest(inner[0]), *grown, nn.LeakyReLU(0.2),
            nn.Conv2d(inner[-1], 4 * config.channels, 3, padding=1), nn.PixelShuffle(2),
        )  # fmt: skip

    def decode(self, z: Tensor) -> Tensor:
        """Map z (B, latent) to pictures (B, channels, size, size) in [0, 1]."""
        return self.body(self.project(z).view(len(z), -1, self.side, self.side)).sigmoid()

    def forward(self, z: Tensor) -> Tensor:
        """Do as `decode`. No losses: those of a GAN need both networks in turn, in train/core/gan.py."""
        return self.decode(z)

    def sample(self, n: int, *, seed: int, temperature: float = 1.0) -> Tensor:
        """Draw n pictures.

        Args:
            n: number of pictures.
            seed: 0 to 2**32 - 1; picture i depends on (seed, i) alone.
            temperature: standard deviation of z; below 1 plainer, above 1 wilder.

        Returns:
            (n, channels, size, size) in [0, 1].

        Raises:
            ValueError: n or the seed is out of range.
        """
        z = temperature * noise(n, self.config.latent, seed=seed)
        return self.decode(z.to(self.project.weight.device))


class Discriminator(nn.Module):
    """Scores how real a picture looks; used in training alone."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        outer = widths(config)
        rest = partial(residuals, config)
        shrunk = [
            layer
            for before, after in zip(outer, outer[1:], strict=False)
            for layer in (*rest(before), nn.LeakyReLU(0.2), nn.Conv2d(before, after, 4, stride=2, padding=1))
        ]
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(4 * config.channels, outer[0], 3, padding=1), *shrunk,
            *rest(outer[-1]), nn.LeakyReLU(0.2), nn.Flatten(),
        )  # fmt: skip
        self.score = nn.Linear(outer[-1] * (config.size // 2**config.halvings) ** 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map pictures (B, channels, size, size) in [0, 1] to scores (B,); higher is more real."""
        return self.score(self.body(2 * x - 1))[:, 0]


Model = Generator
