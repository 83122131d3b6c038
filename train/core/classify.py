"""What the classifiers of labelled pictures share: their data in memory, moves, history and measures."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.core.augment import Moves, move
from train.core.run import Run, Settings
from zoo import metrics
from zoo.card import Metric
from zoo.tables import Axis, Losses, Progress

PROGRESS = Progress({"accuracy": Axis("Test accuracy", "%")}, Losses(unit="nats per picture"))


@dataclass(frozen=True)
class Examples:
    """Pictures as bytes, labels, and those to look at on the way."""

    x: Tensor
    """(N, channels, size, size) uint8"""
    y: Tensor
    test_x: Tensor
    """(M, channels, size, size) in [0, 1]"""
    test_y: Tensor


def load(data: ModuleType, split: str) -> tuple[Tensor, Tensor]:
    """Return a split's pictures (N, channels, size, size) uint8 and labels (N,)."""
    images, y = data.load(split)
    x = torch.tensor(images)
    return (x[:, None] if x.ndim == 3 else x.permute(0, 3, 1, 2).contiguous()), torch.tensor(y)


def examples(data: ModuleType, settings: Settings) -> Examples:
    """Return what to train on, and what its history is measured on: held-out training pictures, else the test split."""
    x, y = load(data, "train")
    if settings.holdout:
        cut = len(x) - settings.holdout
        return Examples(x[:cut], y[:cut], x[cut:].float() / 255, y[cut:])
    test_x, test_y = load(data, "test")
    return Examples(x, y, test_x.float() / 255, test_y)


def batches(found: Examples, moves: Moves | None, *, flip: bool = False) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Return a function from example numbers to a batch: pictures in [0, 1], moved at random, and labels."""
    ground = found.x[:1000].float().mean((0, 2, 3))[:, None, None] / 255 if found.x.shape[1] == 3 else 0.0

    def batch(index: Tensor) -> tuple[Tensor, Tensor]:
        x = found.x[index].float() / 255
        if flip:
            x = torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)
        return (ground + move(x - ground, moves) if moves else x), found.y[index]

    return batch


def snapshot(found: Examples) -> Callable[[Run, nn.Module, int], None]:
    """Return what keeps a moment of the history: the confusion matrix, root of shares, and the accuracy."""

    def keep(run: Run, model: nn.Module, step: int) -> None:
        predicted = metrics.predict(model, found.test_x).argmax(1)
        matrix = metrics.confusion(found.test_y, predicted, model.config.classes)
        shares = (matrix / matrix.sum(1, keepdim=True).clamp_min(1)).sqrt()
        picture = np.kron((shares * 255).round().to(torch.uint8).numpy(), np.ones((6, 6), np.uint8))
        run.keep(step, picture, accuracy=100 * float((predicted == found.test_y).double().mean()))

    return keep


def measures(model: nn.Module, data: ModuleType, tolerance: float = 0.02) -> list[Metric]:
    """Measure a classifier on the whole test split."""
    x, y = load(data, "test")
    probability = metrics.predict(model, x.float() / 255)
    accuracy = 100 * float((probability.argmax(1) == y).double().mean())
    loss = float(F.nll_loss(probability.clamp_min(1e-12).log(), y))
    return [
        Metric("accuracy", accuracy, "%", len(y), "test", tolerance, "share of test pictures classified right"),
        Metric("cross_entropy", loss, "nats", len(y), "test", 0.001, "mean of -log p(label)"),
    ]


def golden(model: nn.Module) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    channels, size = getattr(model.config, "channels", 1), getattr(model.config, "size", 28)
    x = torch.rand(4, channels, size, size, generator=torch.Generator().manual_seed(0))
    return {"classify.in.0": x, "classify.out.0": model.classify(x)}
