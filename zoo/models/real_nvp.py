"""RealNVP: a flow of real-valued non-volume-preserving transformations (arXiv 1605.08803).

Thirty affine couplings turn a digit into a point z of the same size, and back, exactly. Each scales and shifts half of the
numbers by what a network computes from the other half, so the density of every picture is known:

    y_b = x_b * exp(s(x_a)) + t(x_a),    log p(x) = log p(z) + sum s + log |d logit|

Pixels come with uniform noise below one grey level, v = (255 x + u) / 256, and pass l = logit(edge + (1 - 2 edge) v), whose
Jacobian log((1 - 2 edge) / (p (1 - p))), p = edge + (1 - 2 edge) v, is counted. Bits per dimension are those of the
256 grey levels: 8 - log2 p(v) / 784.

Departures: p(z) is a mixture of ten Gaussians, one for each label (arXiv 1912.13025), so that a label can be asked for and
p(x) stays exact; no multi-scale split; the networks see blocks of pixels as channels and have no normalisation.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn import SAMPLES, labels, noise

PAPER = "arXiv:1605.08803"
TASK, TAKES, MAKES = "generate", ("noise", "label"), "picture"
USE = "x = model.sample(16, seed=3, label=7)  # (16, 1, 28, 28) in [0, 1]"
PICTURES = SAMPLES
PIXELS = 784


@dataclass(frozen=True)
class Config:
    """Sizes of the networks, and how pixels become real numbers."""

    width: int = 64
    """channels of the networks that see pixels, at 14x14"""
    deep: int = 96
    """channels of the networks that see blocks of pixels, at 7x7"""
    blocks: int = 2
    """residual blocks of a network"""
    classes: int = 10
    """number of labels"""
    edge: float = 1e-5
    """how far from 0 and 1 the logit is taken"""


class Residual(nn.Module):
    """A 3x3 and a 1x1 convolution added to their input."""

    def __init__(self, width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.SiLU(), nn.Conv2d(width, width, 3, padding=1), nn.SiLU(), nn.Conv2d(width, width, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, width, H, W) to the same shape."""
        return x + self.layers(x)


class Coupling(nn.Module):
    """Affine coupling: scales and shifts the half where `mask` is 0 by what a network computes from the half where it is 1."""

    mask: Tensor
    """(1, C, H, W)"""

    def __init__(self, mask: Tensor, width: int, blocks: int):
        super().__init__()
        self.register_buffer("mask", mask, persistent=False)
        self.block = 2 if len(mask[0]) < 16 else 1
        channels = len(mask[0]) * self.block**2
        self.net = nn.Sequential(
            nn.Conv2d(channels, width, 3, padding=1), *(Residual(width) for _ in range(blocks)), nn.SiLU(),
            nn.Conv2d(width, 2 * channels, 3, padding=1),
        )  # fmt: skip
        nn.init.zeros_(self.net[-1].get_parameter("weight"))
        nn.init.zeros_(self.net[-1].get_parameter("bias"))

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return log-scale and shift (B, C, H, W), both 0 where the mask is 1."""
        found = self.net(F.pixel_unshuffle(x * self.mask, self.block)).float()
        s, t = (F.pixel_shuffle(part, self.block) * (1 - self.mask) for part in found.chunk(2, 1))
        return 2 * torch.tanh(s / 2), t

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map (B, C, H, W) to the same shape; the second is log|det| (B,)."""
        s, t = self.read(x)
        return x * s.exp() + t, s.sum((1, 2, 3))

    def inverse(self, y: Tensor) -> Tensor:
        """Undo `forward`: what the network computes from was left as it was."""
        s, t = self.read(y)
        return (y - t) * (-s).exp()


def checkerboard(channels: int, size: int, odd: int) -> Tensor:
    """Return a mask (1, channels, size, size) of 0 and 1 like a chessboard."""
    at = torch.arange(size, device="cpu")  # what they are, not shapes alone, wherever the model is built
    return ((at[:, None] + at + odd) % 2).float().expand(1, channels, size, size).clone()


def halves(channels: int, size: int, odd: int) -> Tensor:
    """Return a mask (1, channels, size, size): 1 for half of the channels."""
    chosen = (torch.arange(channels, device="cpu") < channels // 2) ^ bool(odd)
    return chosen.float()[None, :, None, None].expand(1, channels, size, size).clone()


class RealNVP(nn.Module):
    """An invertible map between 28x28 grey pictures and Gaussian noise."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        plan = [(checkerboard, 1, 28), (halves, 4, 14), (checkerboard, 4, 14), (halves, 16, 7), (checkerboard, 16, 7)]
        self.couplings = nn.ModuleList(
            Coupling(mask(channels, size, i % 2), config.width if channels == 1 else config.deep, config.blocks)
            for mask, channels, size in plan
            for i in range(6)
        )
        self.shift, self.scale = (nn.Parameter(torch.zeros(1, 1, 28, 28)) for _ in range(2))
        self.means = nn.Parameter(torch.zeros(config.classes, PIXELS))

    def encode(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """Map pictures to noise.

        Args:
            v: (B, 1, 28, 28) in [0, 1], between the grey levels too: see `dequantise`.

        Returns:
            z: (B, 784); log|dz/dv|: (B,), nats.
        """
        e = self.config.edge
        p = e + (1 - 2 * e) * v
        h = p.log() - (1 - p).log()
        log_det = (math.log(1 - 2 * e) - p.log() - (1 - p).log()).sum((1, 2, 3))
        h = (h + 6 + self.shift) / 3 * self.scale.exp()  # 6 and 3 bring an empty page's logits near 0 from the start
        log_det = log_det + self.scale.sum() - PIXELS * math.log(3)
        for i, coupling in enumerate(self.couplings):
            h = F.pixel_unshuffle(h, 2) if i in (6, 18) else h
            h, more = coupling(h)
            log_det = log_det + more
        return h.flatten(1), log_det

    def decode(self, z: Tensor) -> Tensor:
        """Undo `encode`: map z (B, 784) to pictures (B, 1, 28, 28) in [0, 1]."""
        h = z.view(-1, 16, 7, 7)
        for i, coupling in reversed(list(enumerate(self.couplings))):
            assert isinstance(coupling, Coupling)
            h = coupling.inverse(h)
            h = F.pixel_shuffle(h, 2) if i in (6, 18) else h
        p = (3 * h * (-self.scale).exp() - 6 - self.shift).sigmoid()
        e = self.config.edge
        return ((p - e) / (1 - 2 * e)).clamp(0, 1)

    @staticmethod
    def dequantise(x: Tensor, u: Tensor | float = 0.5) -> Tensor:
        """Put pictures x (B, 1, 28, 28) in [0, 1] of 256 grey levels between the levels, by u in [0, 1)."""
        return (255 * x + u) / 256

    def by_label(self, z: Tensor) -> Tensor:
        """Return log p(z | y) for each label: (B, 784) to (B, classes), nats."""
        square = (z**2).sum(1, keepdim=True) - 2 * z @ self.means.T + (self.means**2).sum(1)
        return -0.5 * square - 0.5 * PIXELS * math.log(2 * math.pi)

    def log_prob(self, v: Tensor) -> Tensor:
        """Return log p(v), nats, of pictures (B, 1, 28, 28) between the grey levels: (B,)."""
        z, log_det = self.encode(v)
        return self.by_label(z).logsumexp(1) - math.log(self.config.classes) + log_det

    def classify(self, v: Tensor) -> Tensor:
        """Return p(y | v), by Bayes' rule, of pictures (B, 1, 28, 28): (B, classes)."""
        return self.by_label(self.encode(v)[0]).softmax(1)

    @staticmethod
    def bits(log_prob: Tensor) -> Tensor:
        """Return the bits per dimension that densities log p(v) in nats stand for."""
        return 8 - log_prob / (PIXELS * math.log(2))

    def forward(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the training loss, -log p(x | y) in bits per dimension.

        Args:
            x: (B, 1, 28, 28) in [0, 1], of 256 grey levels.
            y: (B,) labels.
        """
        z, log_det = self.encode(self.dequantise(x, torch.rand_like(x)))
        with torch.autocast(x.device.type, enabled=False):
            log_prob = self.by_label(z.float()).gather(1, y[:, None])[:, 0] + log_det
        return {"loss": self.bits(log_prob).mean()}

    def sample(self, n: int, *, seed: int, label: int | Tensor | None = None, temperature: float = 0.9) -> Tensor:
        """Draw n pictures with the labels given.

        Args:
            n: number of pictures.
            seed: 0 to 2**32 - 1; picture i depends on (seed, i) and its label alone.
            label: one for all, (n,) one each, or None for 0, 1, 2 ... in turn.
            temperature: standard deviation of the noise; below 1 plainer, above 1 wilder.

        Returns:
            (n, 1, 28, 28) in [0, 1].

        Raises:
            ValueError: a label, n or the seed is out of range.
        """
        z = temperature * noise(n, PIXELS, seed=seed).to(self.means.device)
        return self.decode(z + self.means[labels(n, label, self.config.classes).to(self.means.device)])


Model = RealNVP
