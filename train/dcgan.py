"""Train the DCGANs: `python -m train.dcgan mnist` or `cifar10`; the loop is in train/core/gan.py.

The history has how often the discriminator is right, on test pictures too: 50 % is a draw.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from train.core import gan, sample
from train.core.command import main
from train.core.data import examples
from train.core.fit import build
from train.core.run import Run, publish
from zoo.card import Metric
from zoo.data import Pictures
from zoo.models.dcgan import Config, Discriminator, Generator
from zoo.nn import noise
from zoo.pictures import grid
from zoo.tables import Column, Plot, Progress, Table


@dataclass(frozen=True)
class DCGANSettings(gan.GANSettings):
    """Settings of a DCGAN's training."""

    flip: bool = False
    """mirror half of the pictures"""
    model: Config = Config()


VARIANTS = {
    "mnist": DCGANSettings(data="mnist"),
    "cifar10": DCGANSettings(
        data="cifar10",
        epochs=50,
        batch_size=128,
        penalty=0.1,
        flip=True,
        model=Config(latent=128, width=96, blocks=1, channels=3, size=32),
    ),
}
BARS = {"mnist": {"recall": (0.5, None)}, "cifar10": {"recall": (0.3, None)}}


def train(variant: str, settings: DCGANSettings) -> Path | None:
    """Train, measure and save `dcgan.<variant>`; return its folder (None in all but the first process)."""
    found = examples(settings)
    fixed, judged = noise(2000, settings.model.latent, seed=1), sample.Judged(found.test_x, found.data)

    def moment(run: Run, generator: nn.Module, discriminator: nn.Module, step: int) -> None:
        device = next(discriminator.parameters()).device
        x = torch.cat([generator.decode(part) for part in fixed.split(500)])
        real, made = (discriminator(part[:2000].to(device)).cpu() for part in (found.test_x, x))
        run.keep(step, grid(x[:40], 10), **judged.facts(x), discriminator_accuracy=gan.wins(real, made))

    def batch(index: Tensor) -> tuple[Tensor]:
        x, _ = found.batch(index)
        return (torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x) if settings.flip else x,)

    networks = build(Generator, settings), build(Discriminator, settings)
    model, run = gan.fit(f"dcgan.{variant}", networks, batch, len(found.x), settings, moment, data=found.sha256)
    return publish(
        run, run.name, model, found.data, evaluate, golden,
        pictures=partial(sample.pictures, labelled=False), tables=lambda *_: {"balance": balance(run.log())},
        progress=Progress(sample.axes(found.data, labelled=False) | gan.AXES, gan.LOSSES),
    )  # fmt: skip


def balance(log: list[dict[str, float]]) -> Table:
    """Return a table of both losses and the discriminator's accuracy: means of ten parts of a training's log."""
    keys, rows = ("generator_loss", "discriminator_loss", "discriminator_accuracy"), []
    for i in range(10):
        part = log[i * len(log) // 10 : max((i + 1) * len(log) // 10, i * len(log) // 10 + 1)]
        means = (round(sum(line[key] for line in part) / len(part), 4) for key in keys)
        rows.append((part[-1]["step"], *means))
    return balance_table(rows)


def balance_table(rows: list[tuple[float, ...]]) -> Table:
    """Lay out step, generator's and discriminator's loss, and the discriminator's accuracy."""
    titles = ("generator loss", "discriminator loss", "discriminator accuracy")
    return Table(
        "Balance of the two networks",
        "Means over the ten tenths of the training; a draw is ln 2 = 0.69 for both losses, and 0.5 for the discriminator's accuracy.",
        (Column("step", format=","), *(Column(title, format=".4f") for title in titles)),
        tuple(rows),
        (Plot("lines", ("step", "generator loss", "discriminator loss"), "training step", "loss"),),
    )


def golden(model: Generator) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    z = noise(4, model.config.latent, seed=0)
    return {"decode.in.0": z, "decode.out.0": model.decode(z)}


def evaluate(model: Generator, data: Pictures, *, full: bool = False) -> list[Metric]:
    """Measure 10,000 samples against the test pictures."""
    x, _ = sample.draw(model, sample.SAMPLES, seed=1_000_000)
    return sample.distances(x, data)


if __name__ == "__main__":
    main(VARIANTS, train)
