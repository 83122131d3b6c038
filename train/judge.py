"""Train the judge: `python -m train.judge mnist`.

Cross-entropy with AdamW, cosine schedule, weight averaging, and small random affine moves of every digit
(turn, scale, shear, shift), which is what takes a small network past 99.5 %.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from train import common
from train.run import Run, Settings, publish
from zoo import metrics
from zoo.card import Metric
from zoo.data import mnist
from zoo.judge import Config, Judge


@dataclass(frozen=True)
class JudgeSettings(Settings):
    """Settings of the judge's training."""

    epochs: float = 20
    lr: float = 2e-3
    weight_decay: float = 0.02
    model: Config = Config()
    turn: float = 12.0
    """largest turn, degrees"""
    scale: float = 0.1
    """largest change of size, as a share"""
    shift: float = 2.0
    """largest shift, pixels"""


VARIANTS = {"mnist": JudgeSettings()}


def move(x: Tensor, settings: JudgeSettings) -> Tensor:
    """Turn, scale, shear and shift pictures (B, 1, 28, 28), each by its own random amount."""
    n = len(x)
    angle, shear = (torch.rand(2, n) * 2 - 1) * torch.deg2rad(torch.tensor(settings.turn))
    size = 1 + (torch.rand(2, n) * 2 - 1) * settings.scale
    shift = (torch.rand(2, n) * 2 - 1) * settings.shift / 14  # 14 pixels are 1 in grid units
    rows = [
        torch.stack([size[0] * angle.cos(), -size[0] * (angle + shear).sin(), shift[0]], 1),
        torch.stack([size[1] * angle.sin(), size[1] * (angle + shear).cos(), shift[1]], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def train(variant: str, settings: JudgeSettings) -> Path | None:
    """Train, measure and save `judge.<variant>`; return its folder (None in all but the first process)."""
    images, y = (torch.tensor(a) for a in common.kept(mnist.load("train"), settings))
    test_x, test_y = common.validation(mnist, settings)

    def batch(index: Tensor) -> tuple[Tensor, Tensor]:
        return move(images[index, None].float() / 255, settings), y[index]

    def snapshot(run: Run, model: Judge, step: int) -> None:
        predicted = metrics.predict(model, test_x).argmax(1)
        matrix = metrics.confusion(test_y, predicted)
        accuracy = float((predicted == test_y).float().mean())
        shares = matrix / matrix.sum(1, keepdim=True)
        picture = (shares.sqrt() * 255).round().to(torch.uint8).numpy()  # the root shows small shares
        run.keep(step, picture, accuracy=accuracy)

    model = common.build(Judge, settings)
    model, run = common.fit(f"judge.{variant}", model, batch, len(images), settings, snapshot=snapshot)
    return publish(run, f"judge.{variant}", model, mnist, evaluate, golden)


def golden(model: Judge) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    return {
        "classify.in.0": x,
        "classify.out.0": model.classify(x),
        "features.in.0": x,
        "features.out.0": model.features(x),
    }


def evaluate(model: Judge, *, full: bool = False) -> list[Metric]:
    """Measure a judge on the 10,000 test digits."""
    images, y = mnist.load("test")
    probability = metrics.predict(model, torch.tensor(images)[:, None].float() / 255)
    y = torch.tensor(y)
    loss = F.nll_loss(probability.clamp_min(1e-12).log(), y)
    accuracy = (probability.argmax(1) == y).double().mean() * 100
    common_facts = {"n": len(y), "split": "test"}
    return [
        Metric(
            "accuracy",
            float(accuracy),
            "%",
            tolerance=0.02,
            definition="share of digits classified right",
            **common_facts,
        ),
        Metric(
            "cross_entropy", float(loss), "nats", tolerance=0.0005, definition="mean of -log p(label)", **common_facts
        ),
    ]


if __name__ == "__main__":
    common.main(VARIANTS, train)
