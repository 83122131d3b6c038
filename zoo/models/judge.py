"""Judge: the small classifier whose predictions and features measure the models of digits, clothes and butterflies.

A plain convolutional network in the line of LeNet-5 (LeCun et al. 1998, doi 10.1109/5.726791), with batch
normalisation (arXiv 1502.03167) and dropout. Its 128 penultimate activations are the space in which
samples are compared: what FID does with Inception, done with a network trained on the data itself.

    features = relu(W h(x)),  p(y | x) = softmax(V features)
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from zoo.nn import slope

PAPER = ""  # none: a plain network
TASK, TAKES, MAKES = "classify", ("picture",), "label"
USE = "probabilities = model.classify(x)  # x: (B, channels, size, size) in [0, 1], as in config.json"
PICTURES: dict[str, str] = {}


@dataclass(frozen=True)
class Config:
    """Sizes of the judge."""

    channels: int = 1
    """channels of the pictures"""
    size: int = 28
    """side of the pictures, pixels"""
    blocks: int = 3
    """convolutions, each followed by halving the side"""
    width: int = 32
    """channels of the first convolution; doubled by each block"""
    features: int = 128
    """length of the feature vector"""
    classes: int = 10
    """number of classes"""
    dropout: float = 0.3
    """share of features dropped in training"""


class Judge(nn.Module):
    """Classifies a picture and gives the features that the metrics compare."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        widths = [config.channels, *(config.width * 2**i for i in range(config.blocks))]
        side = config.size // 2**config.blocks
        self.body = nn.Sequential(
            *(layer for i in range(config.blocks) for layer in self._block(widths[i], widths[i + 1])),
            nn.Flatten(),
            nn.Linear(side**2 * widths[-1], config.features),
            nn.ReLU(),
        )
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.features, config.classes)

    @staticmethod
    def _block(inputs: int, outputs: int) -> list[nn.Module]:
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return [conv, nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]

    def features(self, x: Tensor) -> Tensor:
        """Map pictures (B, channels, size, size) in [0, 1] to features (B, 128), none negative."""
        return self.body(x)

    def logits(self, x: Tensor) -> Tensor:
        """Map pictures (B, channels, size, size) in [0, 1] to class logits (B, classes)."""
        return self.head(self.dropout(self.features(x)))

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


Model = Judge
