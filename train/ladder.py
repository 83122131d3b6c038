"""Train the ladder's rungs: `python -m train.ladder mnist-linear`, `mnist-mlp`, `mnist-cnn` or `cifar10-cnn`."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from train.core import classify
from train.core.augment import Moves
from train.core.command import main
from train.core.data import examples
from train.core.fit import build, fit
from train.core.run import publish
from train.core.settings import Settings
from zoo.card import Metric
from zoo.data import Pictures
from zoo.models.ladder import Config, Ladder


@dataclass(frozen=True)
class LadderSettings(Settings):
    """Settings of a rung's training."""

    epochs: float = 10
    weight_decay: float = 0.01
    model: Config = Config()
    turn: float = 0.0
    """largest turn, degrees"""
    scale: float = 0.0
    """largest change of size, as a share"""
    shift: float = 0.0
    """largest shift, pixels"""
    flip: bool = False
    """mirror half of the pictures"""


VARIANTS = {
    "mnist-linear": LadderSettings(data="mnist", model=Config(rung="linear", dropout=0.0)),
    "mnist-mlp": LadderSettings(data="mnist", epochs=20, model=Config(rung="mlp", width=512, dropout=0.3)),
    "mnist-cnn": LadderSettings(
        data="mnist", epochs=12, model=Config(rung="cnn", width=32, dropout=0.3), turn=10.0, scale=0.08, shift=1.5,
    ),
    "cifar10-cnn": LadderSettings(
        data="cifar10", epochs=16, lr=2e-3, weight_decay=0.05, ema=0.998,
        model=Config(rung="resnet", channels=3, size=32, width=32, dropout=0.1), scale=0.05, shift=3.0, flip=True,
    ),
}  # fmt: skip
BARS = {
    "mnist-linear": {"accuracy": (92, None)},
    "mnist-mlp": {"accuracy": (98.3, None)},
    "mnist-cnn": {"accuracy": (99.4, None)},
    "cifar10-cnn": {"accuracy": (85, None)},
}


def train(variant: str, settings: LadderSettings) -> Path | None:
    """Train, measure and save `ladder.<variant>`; return its folder (None in all but the first process)."""
    found = examples(settings)
    moved = settings.turn or settings.scale or settings.shift
    moves = Moves(turn=settings.turn, scale=settings.scale, shift=settings.shift) if moved else None
    model, run = fit(
        f"ladder.{variant}", build(Ladder, settings), classify.batches(found, moves, flip=settings.flip), len(found.x),
        settings, data=found.sha256, snapshot=classify.snapshot(found),
    )  # fmt: skip
    return publish(
        run, run.name, model, found.data, evaluate, partial(classify.golden, data=found.data),
        progress=classify.PROGRESS,
    )  # fmt: skip


def evaluate(model: Ladder, data: Pictures, *, full: bool = False) -> list[Metric]:
    """Measure a rung on the whole test split."""
    return classify.measures(model, data)


if __name__ == "__main__":
    main(VARIANTS, train)
