"""cGAN: a conditional generative adversarial network (arXiv 1411.1784), DCGAN-style (arXiv 1511.06434).

A generator G draws digit y from noise z; a discriminator D, conditioned on the same label, scores how
real a picture looks. Each learns from the other. The loss is relativistic (arXiv 1807.00734): D compares a
real and a made picture of the same label, and gradient penalties on both sides (arXiv 2501.05441)
keep the two in balance, so that neither wins and no part of the data is dropped:

    D: f(D(G(z,y),y) - D(x,y)) + g/2 (|grad D(x,y)|^2 + |grad D(G(z,y),y)|^2),   f = softplus
    G: f(D(x,y) - D(G(z,y),y))

Departures: the label enters D as a projection (arXiv 1802.05637), G's pictures leave as 2x2 pixel
blocks, no batch normalisation anywhere. The checkpoint holds the generator; D serves training alone.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zoo.nn import SAMPLES, embed, labels, noise

PAPER = "arXiv:1411.1784"
TASK, TAKES, MAKES = "generate", ("latent", "label"), "picture"
USE = "x = model.sample(16, seed=3, label=7)  # (16, 1, 28, 28) in [0, 1]"
PICTURES = SAMPLES


@dataclass(frozen=True)
class Config:
    """Shape of the networks."""

    latent: int = 64
    """length of z"""
    width: int = 64
    """channels at 14x14; twice as many at 7x7"""
    classes: int = 10
    """number of labels"""


class Generator(nn.Module):
    """Draws 28x28 digits from noise and a label."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        w = config.width
        self.label = nn.Embedding(config.classes, config.latent)
        self.project = nn.Linear(2 * config.latent, 2 * w * 49)
        self.body = nn.Sequential(
            nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(2 * w, w, 4, stride=2, padding=1),  # 14
            nn.LeakyReLU(0.2),
            nn.Conv2d(w, w, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(w, 4, 3, padding=1),
            nn.PixelShuffle(2),  # 28
        )

    def decode(self, z: Tensor, y: Tensor) -> Tensor:
        """Map z (B, latent) and labels (B,), or label weights (B, classes), to pictures (B, 1, 28, 28) in [0, 1]."""
        h = self.project(torch.cat([z, embed(self.label, y)], 1)).view(-1, 2 * self.config.width, 7, 7)
        return self.body(h).sigmoid()

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        """Do as `decode`. No losses: those of a GAN need both networks in turn, in train/core/gan.py."""
        return self.decode(z, y)

    def sample(self, n: int, *, seed: int, label: int | Tensor | None = None, temperature: float = 0.9) -> Tensor:
        """Draw n pictures with the labels given.

        Args:
            n: number of pictures.
            seed: 0 to 2**32 - 1; picture i depends on (seed, i) and its label alone.
            label: one for all, (n,) one each, or None for 0, 1, 2 ... in turn.
            temperature: standard deviation of z; below 1 plainer, above 1 wilder.

        Returns:
            (n, 1, 28, 28) in [0, 1].

        Raises:
            ValueError: a label, n or the seed is out of range.
        """
        device = next(self.parameters()).device
        z = temperature * noise(n, self.config.latent, seed=seed)
        return self.decode(z.to(device), labels(n, label, self.config.classes).to(device))


class Discriminator(nn.Module):
    """Scores how real a picture of a label looks; used in training alone."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        w = config.width
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2),  # 14
            nn.Conv2d(4, w, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(w, 2 * w, 4, stride=2, padding=1),  # 7
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * w, 4 * w, 3, stride=2, padding=1),  # 4
            nn.LeakyReLU(0.2),
            nn.Flatten(),
        )
        self.score = nn.Linear(4 * w * 16, 1)
        self.label = nn.Linear(4 * w * 16, config.classes, bias=False)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Map pictures (B, 1, 28, 28) in [0, 1] and labels (B,) to scores (B,); higher is more real."""
        h = self.body(2 * x - 1)
        return (self.score(h) + self.label(h).gather(1, y[:, None]))[:, 0]


Model = Generator
