"""VAE: auto-encoding variational Bayes (arXiv 1312.6114).

An encoder gives a Gaussian posterior over a short latent z for each picture, a decoder maps z back to a
picture, and both are trained on one lower bound of the picture's log-likelihood:

    loss = E_q(z|x)[-log p(x | z)] + KL(q(z | x) || N(0, I))   nats per picture

As in the paper, pixels in [0, 1] are taken as Bernoulli probabilities (a cross-entropy; for grey
pixels no true likelihood, so its values compare only with the same convention).
Departures: ReLU instead of tanh, two hidden layers or convolutions, and training as in train/vae.py.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zoo.nn import SAMPLES, noise

PAPER = "arXiv:1312.6114"
TASK, TAKES, MAKES = "generate", ("latent",), "picture"
USE = "x = model.sample(16, seed=3)  # (16, 1, 28, 28) in [0, 1]"
PICTURES = SAMPLES
ARCHS = ("mlp", "cnn")
ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU, "tanh": nn.Tanh}


@dataclass(frozen=True)
class Config:
    """Shape of the networks."""

    arch: str = "cnn"
    """'mlp' (784-400-400-z and back) or 'cnn' (1-32-64-64 channels, 7x7x64 to z and back)"""
    latent: int = 20
    """length of z"""
    activation: str = "relu"
    """'relu', 'gelu', 'silu' or 'tanh'"""
    batch_norm: bool = False
    """batch normalisation before every hidden activation"""


class VAE(nn.Module):
    """Variational autoencoder of 28x28 grey pictures."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        if config.activation not in ACTIVATIONS:
            raise ValueError(f"activation {config.activation!r} is none of {', '.join(ACTIVATIONS)}")
        if config.arch not in ARCHS:
            raise ValueError(f"arch {config.arch!r} is none of {', '.join(ARCHS)}")
        if config.arch == "mlp":
            self.encoder = nn.Sequential(
                nn.Flatten(),
                *self._hidden(nn.Linear(784, 400)),
                *self._hidden(nn.Linear(400, 400)),
                nn.Linear(400, 2 * config.latent),
            )
            self.decoder = nn.Sequential(
                *self._hidden(nn.Linear(config.latent, 400)),
                *self._hidden(nn.Linear(400, 400)),
                nn.Linear(400, 784),
                nn.Unflatten(1, (1, 28, 28)),
            )
        else:
            down: dict[str, Any] = {"kernel_size": 3, "padding": 1}
            up = {**down, "stride": 2, "output_padding": 1}
            self.encoder = nn.Sequential(
                *self._hidden(nn.Conv2d(1, 32, stride=2, **down)),  # 14
                *self._hidden(nn.Conv2d(32, 64, stride=2, **down)),  # 7
                *self._hidden(nn.Conv2d(64, 64, **down)),
                nn.Flatten(),
                nn.Linear(64 * 49, 2 * config.latent),
            )
            self.decoder = nn.Sequential(
                *self._hidden(nn.Linear(config.latent, 64 * 49)),
                nn.Unflatten(1, (64, 7, 7)),
                *self._hidden(nn.ConvTranspose2d(64, 64, **down)),
                *self._hidden(nn.ConvTranspose2d(64, 32, **up)),  # 14
                nn.ConvTranspose2d(32, 1, **up),  # 28
            )

    def _hidden(self, layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
        layers: list[nn.Module] = [layer, ACTIVATIONS[self.config.activation]()]
        if self.config.batch_norm:
            norm = (
                nn.BatchNorm1d(layer.out_features)
                if isinstance(layer, nn.Linear)
                else nn.BatchNorm2d(layer.out_channels)
            )
            layers.insert(1, norm)
        return layers

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map pictures (B, 1, 28, 28) in [0, 1] to q(z | x): mean and log-variance, each (B, latent)."""
        mean, logvar = self.encoder(x).chunk(2, -1)
        return mean, logvar

    def decode(self, z: Tensor) -> Tensor:
        """Map z (B, latent) to pictures (B, 1, 28, 28) in [0, 1]."""
        return self.decoder(z).sigmoid()

    def bound(self, x: Tensor, eps: Tensor) -> tuple[Tensor, Tensor]:
        """Return the two terms of the bound for each picture, with the noise given.

        Args:
            x: (B, 1, 28, 28) in [0, 1].
            eps: (B, latent), standard normal.

        Returns:
            recon, kl: (B,) each, nats.
        """
        mean, logvar = (t.float() for t in self.encode(x))
        z = mean + (0.5 * logvar).exp() * eps
        logits = self.decoder(z).float()
        # Binary cross-entropy, even part and odd part; torch's own takes log1p, ten times slower than log on CPUs.
        size = logits.abs()
        recon = (0.5 * size - size.sigmoid().log() + (0.5 - x) * logits).sum((1, 2, 3))
        kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).sum(1)
        return recon, kl

    def forward(self, x: Tensor, kl_weight: float = 1.0) -> dict[str, Tensor]:
        """Return the training loss and its terms, nats per picture.

        Args:
            x: (B, 1, 28, 28) in [0, 1].
            kl_weight: weight of the KL term; 1 is the bound itself.
        """
        eps = torch.randn(len(x), self.config.latent, device=x.device)
        recon, kl = (term.mean() for term in self.bound(x, eps))
        return {"loss": recon + kl_weight * kl, "recon": recon.detach(), "kl": kl.detach()}

    def sample(self, n: int, *, seed: int, temperature: float = 1.0) -> Tensor:
        """Decode n draws from the prior.

        Args:
            n: number of pictures.
            seed: 0 to 2**32 - 1; picture i depends on (seed, i) alone.
            temperature: standard deviation of z; below 1 plainer, above 1 wilder.

        Returns:
            (n, 1, 28, 28) in [0, 1].
        """
        z = temperature * noise(n, self.config.latent, seed=seed)
        return self.decode(z.to(next(self.parameters()).device))


Model = VAE
