"""ViT: a vision transformer that classifies digits (arXiv 2010.11929).

A picture is cut into patches, each embedded as a token; a class token gathers what attention finds among them.

    z_0 = [class; E x_1; ...; E x_n] + positions,   h_l = z_{l-1} + A(N(z_{l-1})),   z_l = h_l + M(N(h_l)),   p(y | x) = softmax(W N(z_L[0]))

Departures: small and trained on 60,000 digits alone, so the patches are cut by two convolutions (arXiv 2106.14881), and in training
attention and MLP of a layer are left out at random, each for itself and for each picture (stochastic depth, arXiv 1603.09382).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PAPER = "arXiv:2010.11929"
TASK, TAKES, MAKES = "classify", ("picture",), "label"
USE = "probabilities = model.classify(x)  # x: (B, 1, 28, 28) in [0, 1]"
PICTURES: dict[str, str] = {}


@dataclass(frozen=True)
class Config:
    """Sizes of the model."""

    size: int = 28
    """side of the pictures, pixels"""
    patch: int = 4
    """side of a patch, pixels"""
    width: int = 128
    """length of a patch's vector"""
    layers: int = 6
    heads: int = 4
    classes: int = 10
    drop: float = 0.1
    """share of times that the last layer's attention, or its network, is left out in training; earlier layers' less"""


def weights(q: Tensor, k: Tensor) -> Tensor:
    """Return the attention of each query (..., Q, D) to each key (..., T, D): (..., Q, T), rows sum to 1."""
    return (q @ k.mT * q.shape[-1] ** -0.5).softmax(-1)


class Layer(nn.Module):
    """Attention, then an MLP, each added to the tokens."""

    def __init__(self, width: int, heads: int, drop: float):
        super().__init__()
        self.heads, self.drop = heads, drop
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.think = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values of tokens (B, T, width): (B, heads, T, D) each."""
        b, t, _ = x.shape
        return self.qkv(self.norms[0](x)).view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind()

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, width) to the same shape."""
        q, k, v = self.project(x)
        y = weights(q, k) @ v  # written out: torch's fused attention takes ten times the time to learn on a CPU
        x = x + self._kept(self.out(y.transpose(1, 2).flatten(2)))
        return x + self._kept(self.think(self.norms[1](x)))

    def _kept(self, x: Tensor) -> Tensor:
        if not self.training or not self.drop:
            return x
        return x * (torch.rand(len(x), 1, 1, device=x.device) >= self.drop) / (1 - self.drop)


class ViT(nn.Module):
    """Classifies digits, and gives its attention."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        w, side = config.width, config.size // config.patch
        self.patches = nn.Sequential(
            nn.Conv2d(1, w // 2, 3, padding=1), nn.GELU(), nn.Conv2d(w // 2, w, config.patch, stride=config.patch)
        )
        self.token = nn.Parameter(torch.zeros(1, 1, w))
        self.places = nn.Parameter(nn.init.normal_(torch.empty(1, side**2 + 1, w), std=0.02))
        self.layers = nn.ModuleList(
            Layer(w, config.heads, config.drop * i / max(1, config.layers - 1)) for i in range(config.layers)
        )
        self.norm, self.head = nn.LayerNorm(w), nn.Linear(w, config.classes)

    def tokens(self, x: Tensor) -> Tensor:
        """Cut pictures (B, 1, size, size) in [0, 1] into tokens (B, 1 + patches, width), the class token first."""
        cut = self.patches(2 * x - 1).flatten(2).transpose(1, 2)
        return torch.cat([self.token.expand(len(x), -1, -1), cut], 1) + self.places

    def logits(self, x: Tensor) -> Tensor:
        """Map pictures (B, 1, size, size) in [0, 1] to class logits (B, classes)."""
        h = self.tokens(x)
        for layer in self.layers:
            h = layer(h)
        return self.head(self.norm(h[:, 0]))

    def classify(self, x: Tensor) -> Tensor:
        """Map pictures (B, 1, size, size) in [0, 1] to class probabilities (B, classes)."""
        return self.logits(x).softmax(-1)

    def attention(self, x: Tensor) -> Tensor:
        """Return the attention of the class token to the patches: (B, layers, heads, side, side), a row's sum less what it gives itself."""
        h, found = self.tokens(x), []
        for layer in self.layers:
            assert isinstance(layer, Layer)
            q, k, _ = layer.project(h)
            side = self.config.size // self.config.patch
            found.append(weights(q[:, :, :1], k)[:, :, 0, 1:].unflatten(-1, (side, side)))
            h = layer(h)
        return torch.stack(found, 1)

    def saliency(self, x: Tensor) -> Tensor:
        """Return the attention of the class token, mean over heads and the last three layers: (B, size, size), none negative."""
        weight = self.attention(x)[:, -3:].mean((1, 2))
        return F.interpolate(weight[:, None], x.shape[2:], mode="bilinear")[:, 0]

    def forward(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the cross-entropy in nats per picture, and the share classified right.

        Args:
            x: (B, 1, size, size) in [0, 1].
            y: (B,) labels.
        """
        logits = self.logits(x).float()
        accuracy = (logits.argmax(-1) == y).float().mean()
        return {"loss": F.cross_entropy(logits, y), "accuracy": accuracy.detach()}


Model = ViT
