"""What the classifiers of labelled pictures share: moves, history and measures."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.core.augment import Moves, move
from train.core.data import Examples, load
from train.core.run import Run
from zoo import metrics
from zoo.card import Metric
from zoo.data import Pictures
from zoo.tables import Axis, Losses, Progress

PROGRESS = Progress({"accuracy": Axis("Test accuracy", "%")}, Losses(unit="nats per picture"))


def batches(found: Examples, moves: Moves | None, *, flip: bool = False) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Return a function from example numbers to a batch: pictures in [0, 1], moved at random, and labels."""
    ground = found.ground

    def batch(index: Tensor) -> tuple[Tensor, Tensor]:
        x, y = found.batch(index)
        if flip:
            x = torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)
        return (ground + move(x - ground, moves) if moves else x), y

    return batch


def snapshot(found: Examples) -> Callable[[Run, nn.Module, int], None]:
    """Return what keeps a moment of the history: the confusion matrix, root of shares, and the accuracy."""

    def keep(run: Run, model: nn.Module, step: int) -> None:
        predicted = metrics.predict(model, found.test_x).argmax(1)
        config: Any = model.config
        matrix = metrics.confusion(found.test_y, predicted, config.classes)
        shares = (matrix / matrix.sum(1, keepdim=True).clamp_min(1)).sqrt()
        picture = np.kron((shares * 255).round().to(torch.uint8).numpy(), np.ones((6, 6), np.uint8))
        run.keep(step, picture, accuracy=100 * float((predicted == found.test_y).double().mean()))

    return keep


def measures(model: nn.Module, data: Pictures, tolerance: float = 0.02) -> list[Metric]:
    """Measure a classifier on the whole test split."""
    x, y = load(data, "test")
    probability = metrics.predict(model, x.float() / 255)
    accuracy = 100 * float((probability.argmax(1) == y).double().mean())
    loss = float(F.nll_loss(probability.clamp_min(1e-12).log(), y))
    return [
        Metric("accuracy", accuracy, "%", len(y), "test", tolerance, "share of test pictures classified right"),
        Metric("cross_entropy", loss, "nats", len(y), "test", 0.001, "mean of -log p(label)"),
    ]


def golden(model: Any, data: Pictures) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x = torch.rand(4, data.CHANNELS, data.SIZES[0], data.SIZES[0], generator=torch.Generator().manual_seed(0))
    return {"classify.in.0": x, "classify.out.0": model.classify(x)}
