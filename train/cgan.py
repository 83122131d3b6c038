"""Train the conditional GAN: `python -m train.cgan mnist`; the loop is in train/core/gan.py.

The history has the discriminator's accuracy for each class.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from train.core import gan, sample
from train.core.command import main
from train.core.data import examples
from train.core.fit import build
from train.core.run import Run, publish
from zoo.card import Metric
from zoo.models.cgan import Config, Discriminator, Generator
from zoo.nn import noise
from zoo.pictures import grid
from zoo.tables import Progress


@dataclass(frozen=True)
class CGANSettings(gan.GANSettings):
    """Settings of the conditional GAN's training."""

    model: Config = Config()


VARIANTS = {"mnist": CGANSettings(data="mnist")}
BARS = {
    "mnist": {
        "agreement": (99, None), "recall": (0.5, None), "diversity": (0.8, None), "diversity_worst": (0.5, None),
        "nearest_training": (0.7, None),
    }
}  # fmt: skip


def train(variant: str, settings: CGANSettings) -> Path | None:
    """Train, measure and save `cgan.<variant>`; return its folder (None in all but the first process)."""
    found = examples(settings)
    classes, (real_x, real_y) = len(found.data.CLASSES), (found.test_x[:2000], found.test_y[:2000])
    fixed_z, fixed_y = noise(2000, settings.model.latent, seed=1), torch.arange(2000) % classes
    judged = sample.Judged(found.test_x, found.data)

    def moment(run: Run, generator: nn.Module, discriminator: nn.Module, step: int) -> None:
        device = next(discriminator.parameters()).device
        x = generator.decode(fixed_z, fixed_y)
        real, made = (discriminator(*(t.to(device) for t in pair)).cpu() for pair in ((real_x, real_y), (x, fixed_y)))
        accuracy = [gan.wins(real[real_y == c], made[fixed_y == c]) for c in range(classes)]
        run.keep(step, grid(x[:40], 10), **judged.facts(x, fixed_y), discriminator_accuracy=accuracy)

    networks = build(Generator, settings), build(Discriminator, settings)
    model, run = gan.fit(f"cgan.{variant}", networks, found.batch, len(found.x), settings, moment, data=found.sha256)
    return publish(
        run, run.name, model, found.data, evaluate, golden,
        pictures=sample.pictures, tables=sample.tables, progress=Progress(sample.axes(found.data) | gan.AXES, gan.LOSSES),
    )  # fmt: skip


def golden(model: Generator) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    z, y = noise(4, model.config.latent, seed=0), torch.tensor([0, 3, 6, 9])
    return {"decode.in.0": z, "decode.in.1": y, "decode.out.0": model.decode(z, y)}


def evaluate(model: Generator, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure 1,000 samples of each class against the test digits."""
    return sample.conditional_metrics(model, data)


if __name__ == "__main__":
    main(VARIANTS, train)
