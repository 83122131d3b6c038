"""Train the diffusion models: `python -m train.ddpm mnist` or `fashion`.

The whole measure, with sampling in 1,000 steps, is `python -m train verify ddpm.mnist --full`.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import zoo
from train.core import sample
from train.core.command import main
from train.core.data import examples
from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings
from zoo import metrics
from zoo.card import Metric
from zoo.data import Pictures
from zoo.models.ddpm import DDPM, Config
from zoo.nn import noise
from zoo.pictures import grid
from zoo.tables import Progress

RIVALS = {"judge.mnist": "cgan.mnist"}  # the GAN that is measured beside, by the judge that measures both
FEW = 2000  # samples a sampler and number of steps


@dataclass(frozen=True)
class DDPMSettings(Settings):
    """Settings of a diffusion model's training."""

    epochs: float = 60
    lr: float = 1e-3
    warmup: int = 500
    ema: float = 0.9995
    clip: float = 1.0
    """largest norm of the gradients"""
    model: Config = Config()


VARIANTS = {"mnist": DDPMSettings(data="mnist"), "fashion": DDPMSettings(data="fashion")}
BARS = {"mnist": {"agreement": (99, None)}, "fashion": {"agreement": (95, None)}}


def train(variant: str, settings: DDPMSettings) -> Path | None:
    """Train, measure and save `ddpm.<variant>`; return its folder (None in all but the first process)."""
    found = examples(settings)
    judged = sample.Judged(found.test_x, found.data)

    def snapshot(run: Run, model: DDPM, step: int) -> None:
        x, y = sample.draw(model, 500, seed=1, classes=len(found.data.CLASSES))
        run.keep(step, grid(x[:40], 10), **judged.facts(x, y))

    model = build(DDPM, settings)
    model, run = fit(
        f"ddpm.{variant}", model, found.batch, len(found.x), settings,
        data=found.sha256, snapshot=snapshot, clip=settings.clip,
    )  # fmt: skip
    return publish(
        run, run.name, model, found.data, partial(evaluate, full=True), golden,
        pictures=sample.pictures, tables=sample.tables, progress=Progress(sample.axes(found.data)),
    )  # fmt: skip


def golden(model: DDPM) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x, y = noise(4, 1, 28, 28, seed=0), torch.tensor([0, 3, 6, 9])
    at = torch.tensor([0.25, 0.5, 0.75, 1.0])
    return {"unet.in.0": x, "unet.in.1": at, "unet.in.2": y, "unet.out.0": model.unet(x, at, y)}


def few(model: Any, data: Pictures, **options: Any) -> tuple[float, float]:
    """Return the agreement with the label, %, and the Fréchet distance to the test pictures of 2,000 samples."""
    x, y = sample.draw(model, FEW, seed=3_000_000, classes=len(data.CLASSES), **options)
    features = metrics.predict(sample.judge(data), x, "features")
    agreed = 100 * metrics.agreement(y, metrics.predict(sample.judge(data), x).argmax(1))
    return agreed, metrics.frechet_distance(features, sample.real("test", data)[2])


def evaluate(model: DDPM, data: Pictures, *, full: bool = False) -> list[Metric]:
    """Measure 2,000 samples of few steps and, in full, of 1,000 steps and 1,000 of each class, against the test pictures."""
    found = []

    def add(name: str, what: str, model: Any = model, **options: Any) -> None:
        agreed, distance = few(model, data, **options)
        found.append(
            sample.metric(
                f"agreement_{name}", agreed, "%", 0.3, f"samples that the judge classifies as their label; {what}", FEW
            )
        )
        found.append(sample.metric(f"frechet_{name}", distance, "", 0.3, f"Fréchet distance to the test pictures in features of {data.JUDGE}; {what}", FEW))  # fmt: skip

    add("few", "10 guided steps of DPM-Solver++, as is the default: 20 evaluations of the network")
    if rival := RIVALS.get(data.JUDGE):
        add("cgan", f"of {rival}, for comparison", zoo.load(rival))
    quick = len(found)
    if full:
        add("dpm20", "20 steps of DPM-Solver++ without guidance", steps=20, guidance=1.0)
        add("ddim20", "20 steps of DDIM without guidance", steps=20, guidance=1.0, sampler="ddim")
        add("ddpm20", "20 steps of the paper's sampler without guidance", steps=20, guidance=1.0, sampler="ddpm")
        add("ddpm1000", "1,000 steps of the paper's sampler without guidance", steps=1000, guidance=1.0, sampler="ddpm")
        found += sample.conditional_metrics(model, data)
    return found[:quick] + [replace(metric, full=True) for metric in found[quick:]]


if __name__ == "__main__":
    main(VARIANTS, train)
