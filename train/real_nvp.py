"""Train the flow: `python -m train.real_nvp mnist`."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from train.core import sample
from train.core.command import main
from train.core.data import examples
from train.core.device import device
from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings
from zoo import metrics
from zoo.card import Metric
from zoo.data import Pictures
from zoo.models.real_nvp import PIXELS, Config, RealNVP
from zoo.nn import noise
from zoo.pictures import grid
from zoo.tables import Axis, Losses, Progress


@dataclass(frozen=True)
class RealNVPSettings(Settings):
    """Settings of the flow's training."""

    epochs: float = 32
    batch_size: int = 128
    lr: float = 1e-3
    warmup: int = 500
    ema: float = 0.9995
    clip: float = 1.0
    """largest norm of the gradients"""
    model: Config = Config()


VARIANTS = {"mnist": RealNVPSettings(data="mnist")}
BARS = {"mnist": {"bits": (None, 1.15), "inverse_error": (None, 0.001)}}


def train(variant: str, settings: RealNVPSettings) -> Path | None:
    """Train, measure and save `real_nvp.<variant>`; return its folder (None in all but the first process)."""
    found = examples(settings)
    judged = sample.Judged(found.test_x, found.data)

    def snapshot(run: Run, model: RealNVP, step: int) -> None:
        x, y = sample.draw(model, 500, seed=1, classes=len(found.data.CLASSES))
        bits = float(model.bits(log_probs(model, found.test_x[:1000])).mean())
        run.keep(step, grid(x[:40], 10), **judged.facts(x, y), bits=bits)

    model = build(RealNVP, settings)
    model, run = fit(
        f"real_nvp.{variant}", model, found.batch, len(found.x), settings,
        data=found.sha256, snapshot=snapshot, clip=settings.clip,
    )  # fmt: skip
    bits = Axis("Bits", "per dimension", within=settings.data)
    return publish(
        run, run.name, model, found.data, evaluate, golden,
        pictures=sample.pictures, tables=sample.tables, numbers=quantiles,
        progress=Progress(sample.axes(found.data) | {"bits": bits}, Losses(unit="bits per dimension")),
    )  # fmt: skip


@torch.no_grad()
def log_probs(model: RealNVP, x: Tensor) -> Tensor:
    """Return log p, nats, of pictures (N, 1, 28, 28) in [0, 1] with uniform noise below a grey level: (N,)."""
    u = torch.rand(x.shape, generator=torch.Generator().manual_seed(7))
    model.to(device())
    v = model.dequantise(x, u).to(device())
    found = torch.cat([model.log_prob(part) for part in v.split(500)]).cpu()
    model.cpu()
    return found


def golden(model: RealNVP) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    z = 0.8 * noise(4, PIXELS, seed=0)
    v = model.decode(
        z + model.means[[0, 3, 6, 9]]
    )  # what it reads of its own digits; nats in the thousands keep too few decimals
    return {"classify.in.0": v, "classify.out.0": model.classify(v), "decode.in.0": z, "decode.out.0": model.decode(z)}


def quantiles(model: RealNVP, data: Pictures) -> dict[str, list[float]]:
    """Return log p of the test digits, nats, at 0, 1, ... 100 %: what a picture's own is ranked by."""
    found = log_probs(model, sample.real("test", data)[0]).double()
    levels = found.quantile(torch.linspace(0, 1, 101, dtype=torch.float64))
    return {"log_prob": [round(float(level), 2) for level in levels]}


@torch.no_grad()
def evaluate(model: RealNVP, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure the likelihood of the test digits, the inverse, and 1,000 samples of each class."""
    x, y, _ = sample.real("test", data)
    train_x = sample.real("train", data)[0][:10_000]
    bits, train_bits = (float(model.bits(log_probs(model, part)).double().mean()) for part in (x, train_x))
    v = model.dequantise(x[:1000])
    error = float((model.decode(model.encode(v)[0]) - v).abs().max())
    right = 100 * metrics.agreement(y, metrics.predict(model, model.dequantise(x)).argmax(1))
    return [
        sample.metric("bits", bits, "bits/dim", 0.01, "-log2 p(x) per pixel, of 256 grey levels, one draw of the uniform noise each; the logit's Jacobian counted"),
        replace(sample.metric("bits_train", train_bits, "bits/dim", 0.01, "the same on the first 10,000 training digits"), split="train"),
        sample.metric("inverse_error", error, "", 0.0001, "largest pixel error of decode(encode(v)), pixels in [0, 1]", 1000),
        sample.metric("bayes_accuracy", right, "%", 0.2, "digits whose label has the greatest p(y | x)"),
        *sample.conditional_metrics(model, data),
    ]  # fmt: skip


if __name__ == "__main__":
    main(VARIANTS, train)
