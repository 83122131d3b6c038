"""Ladder: from logistic regression to a convolutional network, so that the gain of each step is seen.

    linear   p = softmax(W x + b)                                      one matrix
    mlp      p = softmax(W relu(V relu(U x)))                          layers between
    cnn      the same on windows that share their weights (LeCun et al. 1998, doi 10.1109/5.726791)
    resnet   blocks that add to what they were given (arXiv 1512.03385): for colour pictures; its features judge them too

All but the first have dropout or batch normalisation (arXiv 1502.03167), which is younger than they are. The checkpoints' training
moves the pictures a little for the last two, and averages the weights.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn import slope

PAPER = "arXiv:1512.03385"
TASK, TAKES, MAKES = "classify", ("picture",), "label"
USE = "probabilities = model.classify(x)  # x: (B, channels, size, size) in [0, 1], as in config.json"
PICTURES: dict[str, str] = {}


@dataclass(frozen=True)
class Config:
    """Which rung, and its sizes."""

    rung: str = "cnn"
    """'linear', 'mlp', 'cnn' or 'resnet'"""
    channels: int = 1
    size: int = 28
    """side of the pictures, pixels"""
    width: int = 32
    """units of the MLP's layers, or channels of the first convolutions"""
    classes: int = 10
    dropout: float = 0.2


class Residual(nn.Module):
    """Two convolutions added to their input."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        same = stride == 1 and inputs == outputs
        self.short = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        return F.relu(self.short(x) + self.layers(x))


class Ladder(nn.Module):
    """One rung: a body that makes features, and a last matrix."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        c, w, inputs = config, config.width, config.channels * config.size**2
        body: list[nn.Module]
        if c.rung == "linear":
            body, features = [nn.Flatten()], inputs
        elif c.rung == "mlp":
            body = [
                nn.Flatten(),
                nn.Linear(inputs, w),
                nn.ReLU(),
                nn.Dropout(c.dropout),
                nn.Linear(w, w),
                nn.ReLU(),
                nn.Dropout(c.dropout),
            ]
            features = w
        elif c.rung == "cnn":
            body = [*self._window(c.channels, w), *self._window(w, 2 * w), nn.Flatten(), nn.Dropout(c.dropout)]
            features = 2 * w * (c.size // 4) ** 2
        elif c.rung == "resnet":
            body = [
                nn.Conv2d(c.channels, w, 3, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU(),
                Residual(w, 2 * w, 2), Residual(2 * w, 2 * w, 1), Residual(2 * w, 4 * w, 2), Residual(4 * w, 4 * w, 1),
                Residual(4 * w, 8 * w, 2), Residual(8 * w, 8 * w, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(c.dropout),
            ]  # fmt: skip
            features = 8 * w
        else:
            raise ValueError(f"rung must be 'linear', 'mlp', 'cnn' or 'resnet', not {c.rung!r}")
        self.body, self.head = nn.Sequential(*body), nn.Linear(features, c.classes)

    @staticmethod
    def _window(inputs: int, outputs: int) -> list[nn.Module]:
        conv = nn.Conv2d(inputs, outputs, 5, padding=2, bias=False)
        return [conv, nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]

    def features(self, x: Tensor) -> Tensor:
        """Map pictures (B, channels, size, size) in [0, 1] to what the last matrix sees: (B, features)."""
        return self.body(2 * x - 1)

    def logits(self, x: Tensor) -> Tensor:
        """Map pictures (B, channels, size, size) in [0, 1] to class logits (B, classes)."""
        return self.head(self.features(x))

    def classify(self, x: Tensor) -> Tensor:
        """Map pictures (B, channels, size, size) in [0, 1] to class probabilities (B, classes)."""
        return self.logits(x).softmax(-1)

    def saliency(self, x: Tensor) -> Tensor:
        """Return what counts for the likeliest class of pictures (B, channels, size, size): (B, size, size), none negative."""
        return slope(self.logits, x)

    def forward(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the cross-entropy in nats per picture, and the share classified right.

        Args:
            x: (B, channels, size, size) in [0, 1].
            y: (B,) labels.
        """
        logits = self.logits(x).float()
        accuracy = (logits.argmax(-1) == y).float().mean()
        return {"loss": F.cross_entropy(logits, y), "accuracy": accuracy.detach()}


Model = Ladder
