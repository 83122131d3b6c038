"""Listener: the small classifier that says which word was spoken, or by whom; what judges the models that speak.

Two kinds, so that one may help in training and another judge: small convolutions over the spectrogram as a picture (after LeCun et al. 1998,
doi:10.1109/5.726791), or a recurrent network, both ways, over its frames (GRU, arXiv 1406.1078). Its features, before the last matrix, are
the space in which spoken words are compared.

    features = relu(W h(s)),  p(y | s) = softmax(V features)
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.sound import BINS, HOP, spectrogram

PAPER = ""  # none: plain networks
TASK, TAKES, MAKES = "classify", ("sound",), "label"
USE = "probabilities = model.classify(model.framed(x))  # x: (B, N) in [-1, 1], 8,000 samples a second"
PICTURES: dict[str, str] = {}


@dataclass(frozen=True)
class Config:
    """Kind and sizes of the listener."""

    kind: str = "convolutions"
    """'convolutions' or 'recurrent'"""
    frames: int = 128
    """of 8 ms, that it hears"""
    width: int = 24
    """channels of the first convolution, doubled by each; of the recurrent kind, four times as many numbers each way"""
    features: int = 128
    """length of the feature vector"""
    classes: str = "yes|no"
    """their names, as of the words"""
    dropout: float = 0.3


class Convolutions(nn.Sequential):
    """Map spectrograms (B, 128, T) to (B, 8 width): halved, then four convolutions, then the largest and the mean over time."""

    def __init__(self, width: int):
        widths = [1, width, 2 * width, 4 * width, 4 * width]
        blocks = (
            layer
            for a, b in zip(widths, widths[1:], strict=False)
            for layer in (nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2))
        )
        super().__init__(nn.Unflatten(1, (1, BINS)), nn.AvgPool2d(2), *blocks)
        self.size = 4 * width * BINS // 32 * 2

    def forward(self, s: Tensor) -> Tensor:
        h = super().forward(s).flatten(1, 2)  # (B, channels * frequencies, T / 32)
        return torch.cat([h.amax(-1), h.mean(-1)], 1)


class Recurrent(nn.Module):
    """Map spectrograms (B, 128, T) to (B, 16 width): two frames at a time through a GRU both ways, then the largest and the mean over time."""

    def __init__(self, width: int):
        super().__init__()
        self.enter = nn.Sequential(
            nn.Conv1d(BINS, 4 * width, 5, stride=2, padding=2), nn.BatchNorm1d(4 * width), nn.ReLU()
        )
        self.cells = nn.GRU(4 * width, 4 * width, batch_first=True, bidirectional=True)
        self.size = 16 * width

    def forward(self, s: Tensor) -> Tensor:
        h = self.cells(self.enter(s).mT)[0]
        return torch.cat([h.amax(1), h.mean(1)], 1)


KINDS = {"convolutions": Convolutions, "recurrent": Recurrent}


class Listener(nn.Module):
    """Classifies spoken words by their spectrograms."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        if config.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {config.kind!r}")
        self.config = config
        body: Any = KINDS[config.kind](config.width)
        self.body = body
        self.dropout = nn.Dropout(config.dropout)
        self.out = nn.Linear(body.size, config.features)
        self.classes = tuple(config.classes.split("|"))
        self.head = nn.Linear(config.features, len(self.classes))

    def framed(self, x: Tensor) -> Tensor:
        """Return the spectrograms of waveforms (B, N), their middle, with silence around what is shorter: (B, 128, frames)."""
        n = (self.config.frames - 1) * HOP
        missing = n - x.shape[1]
        return spectrogram(F.pad(x, (missing // 2, missing - missing // 2)))

    def features(self, s: Tensor) -> Tensor:
        """Map spectrograms (B, 128, frames) in [-1, 1] to features (B, 128), none negative."""
        return F.relu(self.out(self.dropout(self.body(s))))

    def logits(self, s: Tensor) -> Tensor:
        """Map spectrograms (B, 128, frames) in [-1, 1] to logits (B, classes)."""
        return self.head(self.dropout(self.features(s)))

    def classify(self, s: Tensor) -> Tensor:
        """Map spectrograms (B, 128, frames) in [-1, 1] to class probabilities (B, classes)."""
        return self.logits(s).softmax(-1)

    def forward(self, s: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the cross-entropy in nats per recording, and the share classified right.

        Args:
            s: (B, 128, frames) in [-1, 1].
            y: (B,) labels.
        """
        logits = self.logits(s).float()
        return {"loss": F.cross_entropy(logits, y), "accuracy": (logits.argmax(-1) == y).float().mean().detach()}


Model = Listener
