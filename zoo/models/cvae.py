"""cVAE: a variational autoencoder conditioned on the label (arXiv 1406.5298, its M2 model with y always seen).

Both networks are conditioned on the digit's label y, so the latent z need only hold what the label does
not say: slant, thickness, loops. Choose y, draw z, and the decoder draws that digit in that hand:

    loss = E_q(z|x,y)[-log p(x | y, z)] + KL(q(z | x, y) || N(0, I))   nats per picture

Departures: convolutional networks, at half resolution on 2x2 pixel blocks, which CPU cores like;
the label enters the decoder as a learned map at each of its resolutions.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn import SAMPLES, embed, labels, noise

PAPER = "arXiv:1406.5298"
TASK, TAKES, MAKES = "generate", ("latent", "label"), "picture"
USE = "x = model.sample(16, seed=3, label=7)  # (16, 1, 28, 28) in [0, 1]"
PICTURES = SAMPLES


@dataclass(frozen=True)
class Config:
    """Shape of the networks."""

    latent: int = 16
    """length of z"""
    width: int = 32
    """channels at 14x14; twice as many at 7x7"""
    classes: int = 10
    """number of labels"""


class CVAE(nn.Module):
    """Class-conditional variational autoencoder of 28x28 grey pictures."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        w = config.width
        self.encoder = nn.Sequential(
            nn.Conv2d(4 + config.classes, w, 3, padding=1),  # 14
            nn.SiLU(),
            nn.Conv2d(w, 2 * w, 3, stride=2, padding=1),  # 7
            nn.SiLU(),
            nn.Conv2d(2 * w, 2 * w, 3, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(2 * w * 49, 2 * config.latent),
        )
        self.project = nn.Linear(config.latent, 2 * w * 49)
        self.label7 = nn.Embedding(config.classes, 2 * w * 49)
        self.label14 = nn.Embedding(config.classes, w * 196)
        self.up = nn.Sequential(
            nn.SiLU(),
            nn.Conv2d(2 * w, 2 * w, 3, padding=1),
            nn.SiLU(),
            nn.ConvTranspose2d(2 * w, w, 4, stride=2, padding=1),  # 14
        )
        self.top = nn.Sequential(
            nn.SiLU(),
            nn.Conv2d(w, w, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(w, 4, 3, padding=1),
            nn.PixelShuffle(2),  # 28
        )
        for table in (self.label7, self.label14):
            nn.init.normal_(table.weight, std=0.1)

    def encode(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Map pictures and labels to q(z | x, y).

        Args:
            x: (B, 1, 28, 28) in [0, 1].
            y: (B,) labels.

        Returns:
            mean, logvar: (B, latent) each.
        """
        planes = F.one_hot(y, self.config.classes).to(x.dtype)[:, :, None, None].expand(-1, -1, 14, 14)
        mean, logvar = self.encoder(torch.cat([F.pixel_unshuffle(x, 2), planes], 1)).chunk(2, -1)
        return mean, logvar

    def logits(self, z: Tensor, y: Tensor) -> Tensor:
        """Map z (B, latent) and labels (B,), or label weights (B, classes), to pixel logits (B, 1, 28, 28)."""
        w = self.config.width
        h = (self.project(z) + embed(self.label7, y)).view(-1, 2 * w, 7, 7)
        return self.top(self.up(h) + embed(self.label14, y).view(-1, w, 14, 14))

    def decode(self, z: Tensor, y: Tensor) -> Tensor:
        """Map z (B, latent) and labels (B,), or label weights (B, classes), to pictures (B, 1, 28, 28) in [0, 1]."""
        return self.logits(z, y).sigmoid()

    def bound(self, x: Tensor, y: Tensor, eps: Tensor) -> tuple[Tensor, Tensor]:
        """Return the two terms of the bound for each picture, with the noise given.

        Args:
            x: (B, 1, 28, 28) in [0, 1].
            y: (B,) labels.
            eps: (B, latent), standard normal.

        Returns:
            recon, kl: (B,) each, nats.
        """
        mean, logvar = (t.float() for t in self.encode(x, y))
        logits = self.logits(mean + (0.5 * logvar).exp() * eps, y).float()
        recon = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum((1, 2, 3))
        kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).sum(1)
        return recon, kl

    def forward(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the training loss and its terms, nats per picture.

        Args:
            x: (B, 1, 28, 28) in [0, 1].
            y: (B,) labels.
        """
        eps = torch.randn(len(x), self.config.latent, device=x.device)
        recon, kl = (term.mean() for term in self.bound(x, y, eps))
        return {"loss": recon + kl, "recon": recon.detach(), "kl": kl.detach()}

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
        device = next(self.parameters()).device
        z = temperature * noise(n, self.config.latent, seed=seed)
        return self.decode(z.to(device), labels(n, label, self.config.classes).to(device))


Model = CVAE
