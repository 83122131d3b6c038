"""Train the vision transformer: `python -m train.vit mnist`. AdamW, cosine schedule, random moves, weight averaging."""

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
from zoo.models.vit import Config, ViT


@dataclass(frozen=True)
class ViTSettings(Settings):
    """Settings of the training."""

    epochs: float = 20
    lr: float = 1e-3
    weight_decay: float = 0.05
    warmup: int = 500
    model: Config = Config()
    turn: float = 12.0
    """largest turn, degrees"""
    scale: float = 0.1
    """largest change of size, as a share"""
    shift: float = 2.0
    """largest shift, pixels"""


VARIANTS = {"mnist": ViTSettings(data="mnist")}
BARS = {"mnist": {"accuracy": (99.2, None)}}


def train(variant: str, settings: ViTSettings) -> Path | None:
    """Train, measure and save `vit.<variant>`; return its folder (None in all but the first process)."""
    found = examples(settings)
    moves = Moves(turn=settings.turn, scale=settings.scale, shift=settings.shift)
    model, run = fit(
        f"vit.{variant}", build(ViT, settings), classify.batches(found, moves), len(found.x), settings,
        data=found.sha256, snapshot=classify.snapshot(found),
    )  # fmt: skip
    return publish(
        run, run.name, model, found.data, evaluate, partial(classify.golden, data=found.data),
        progress=classify.PROGRESS,
    )  # fmt: skip


def evaluate(model: ViT, data: Pictures, *, full: bool = False) -> list[Metric]:
    """Measure the model on the whole test split."""
    return classify.measures(model, data)


if __name__ == "__main__":
    main(VARIANTS, train)
