"""IDVAE: a variational autoencoder whose encoder is also the discriminator (arXiv 1909.13062), class-conditional.

A VAE's pictures are blurred, for its likelihood is of pixels; a GAN's are sharp, but it cannot encode a picture. Here one network,
the reader, is encoder and discriminator: from the same features it gives the posterior of z and a score of how real a picture
looks. The decoder, the writer, is trained on its reconstructions and on the adversarial loss:

    encoder: -log p(x | z, y) + KL(q(z | x, y) || N(0, I)) + w f(D(G(z', y)) - D(x))
    decoder: -log p(x | z, y) + w f(D(x) - D(G(z', y))),    z' from q or N(0, I),    f = softplus

Departures: the label enters everywhere, D's as a projection (arXiv 1802.05637); the adversarial loss compares a real and a made
picture, with gradient penalties on both sides (arXiv 2501.05441); the reconstruction term is squared pixel error.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zoo.nn import SAMPLES, embed, labels, noise

PAPER = "arXiv:1909.13062"
TASK, TAKES, MAKES = "generate", ("latent", "label"), "picture"
USE = "x = model.sample(16, seed=3, label=7)  # (16, 1, 28, 28) in [0, 1]"
PICTURES = SAMPLES


@dataclass(frozen=True)
class Config:
    """Shape of the networks."""

    latent: int = 32
    """length of z"""
    width: int = 64
    """channels at 14x14; twice as many at 7x7"""
    classes: int = 10
    """number of labels"""


class Reader(nn.Module):
    """Encoder and discriminator in one: the posterior of z, and a score of how real a picture looks."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        w = config.width
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(4, w, 3, padding=1),  # 14
            nn.LeakyReLU(0.2),
            nn.Conv2d(w, 2 * w, 4, stride=2, padding=1),  # 7
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * w, 4 * w, 3, stride=2, padding=1),  # 4
            nn.LeakyReLU(0.2),
            nn.Flatten(),
        )
        self.place = nn.Linear(4 * w * 16, 2 * config.latent)
        self.place_label = nn.Embedding(config.classes, 2 * config.latent)
        self.score = nn.Linear(4 * w * 16, 1)
        self.score_label = nn.Linear(4 * w * 16, config.classes, bias=False)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Encode and score pictures.

        Args:
            x: (B, 1, 28, 28) in [0, 1].
            y: (B,) labels.

        Returns:
            mean, logvar: (B, latent) each; score: (B,), higher is more real.
        """
        h = self.body(2 * x - 1)
        mean, logvar = (self.place(h) + self.place_label(y)).chunk(2, 1)
        return mean, logvar, (self.score(h) + self.score_label(h).gather(1, y[:, None]))[:, 0]


class Writer(nn.Module):
    """Decoder and generator in one."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        w = config.width
        self.label = nn.Embedding(config.classes, config.latent)
        self.project = nn.Sequential(nn.Linear(2 * config.latent, 2 * w * 49), nn.Unflatten(1, (2 * w, 7, 7)))
        self.body = nn.Sequential(
            nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(2 * w, w, 4, stride=2, padding=1),  # 14
            nn.LeakyReLU(0.2),
            nn.Conv2d(w, w, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(w, 4, 3, padding=1),
            nn.PixelShuffle(2),  # 28
        )

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        """Map z (B, latent) and labels (B,), or label weights (B, classes), to pictures (B, 1, 28, 28) in [0, 1]."""
        return self.body(self.project(torch.cat([z, embed(self.label, y)], 1))).sigmoid()


class IDVAE(nn.Module):
    """Class-conditional variational autoencoder of 28x28 grey pictures with a discriminator in its encoder."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.reader, self.writer = Reader(config), Writer(config)

    def encode(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Map pictures (B, 1, 28, 28) in [0, 1] and labels (B,) to mean and logvar of q(z | x, y): (B, latent) each."""
        return self.reader(x, y)[:2]

    def decode(self, z: Tensor, y: Tensor) -> Tensor:
        """Map z (B, latent) and labels (B,), or label weights (B, classes), to pictures (B, 1, 28, 28) in [0, 1]."""
        return self.writer(z, y)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Reconstruct pictures: (B, 1, 28, 28). No losses: the adversarial ones need both networks in turn, in train/idvae.py."""
        return self.decode(self.encode(x, y)[0], y)

    def sample(self, n: int, *, seed: int, label: int | Tensor | None = None, temperature: float = 0.9) -> Tensor:
        """Decode n draws of z with the labels given.

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
        device = self.writer.label.weight.device
        z = temperature * noise(n, self.config.latent, seed=seed)
        return self.decode(z.to(device), labels(n, label, self.config.classes).to(device))


Model = IDVAE
