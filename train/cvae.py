"""Train the conditional VAE: `python -m train.cvae mnist`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from train.core import sample
from train.core.command import main
from train.core.data import examples
from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings
from zoo.card import Metric
from zoo.models.cvae import CVAE, Config
from zoo.nn import noise
from zoo.pictures import grid
from zoo.tables import Axis, Losses, Progress


@dataclass(frozen=True)
class CVAESettings(Settings):
    """Settings of the conditional VAE's training."""

    epochs: float = 30
    lr: float = 2e-3
    model: Config = Config()


VARIANTS = {"mnist": CVAESettings(data="mnist")}
BARS = {"mnist": {"agreement": (98, None), "diversity": (0.6, None)}}
AXES = {"test_loss": Axis("Test loss", "nats per picture")}
LOSSES = Losses(unit="nats per picture", names={"loss": "loss", "recon": "recon", "kl": "kl"})


def train(variant: str, settings: CVAESettings) -> Path | None:
    """Train, measure and save `cvae.<variant>`; return its folder (None in all but the first process)."""
    found = examples(settings)
    judged = sample.Judged(found.test_x, found.data)
    y = torch.arange(2000) % len(found.data.CLASSES)

    def snapshot(run: Run, model: CVAE, step: int) -> None:
        x = model.sample(2000, seed=1, label=y)
        loss = sum(bound(model, found.test_x, found.test_y))
        run.keep(step, grid(x[:40], 10), **judged.facts(x, y), test_loss=loss)

    model = build(CVAE, settings)
    model, run = fit(
        f"cvae.{variant}", model, found.batch, len(found.x), settings, data=found.sha256, snapshot=snapshot
    )
    return publish(
        run, run.name, model, found.data, evaluate, golden,
        pictures=sample.pictures, tables=sample.tables, progress=Progress(AXES | sample.axes(found.data), LOSSES),
    )  # fmt: skip


@torch.no_grad()
def bound(model: CVAE, x: Tensor, y: Tensor) -> tuple[float, float]:
    """Return the bound's two terms, nats per picture, with one draw of z for each."""
    eps = noise(len(x), model.config.latent, seed=7)
    parts = zip(x.split(1000), y.split(1000), eps.split(1000), strict=True)
    recon, kl = zip(*(model.bound(*part) for part in parts), strict=True)
    return float(torch.cat(recon).double().mean()), float(torch.cat(kl).double().mean())


def golden(model: nn.Module) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded class-conditional autoencoder must reproduce (CVAE, IDVAE)."""
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    z, y = noise(4, model.config.latent, seed=0), torch.tensor([0, 3, 6, 9])
    mean, logvar = model.encode(x, y)
    return {
        "encode.in.0": x, "encode.in.1": y, "encode.out.0": mean, "encode.out.1": logvar,
        "decode.in.0": z, "decode.in.1": y, "decode.out.0": model.decode(z, y),
    }  # fmt: skip


@torch.no_grad()
def evaluate(model: CVAE, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure the bound and reconstructions on the test digits, and 1,000 samples of each class."""
    x, y, _ = sample.real("test", data)
    recon, kl = bound(model, x, y)
    pairs = zip(x.split(1000), y.split(1000), strict=True)
    again = torch.cat([model.decode(model.encode(*pair)[0], pair[1]) for pair in pairs])
    error = ((again - x) ** 2).mean((1, 2, 3))

    def metric(name: str, value: float, unit: str, tolerance: float, definition: str, n: int = len(x)) -> Metric:
        return Metric(name, float(value), unit, n=n, split="test", tolerance=tolerance, definition=definition)

    return [
        *sample.conditional_metrics(model, data),
        metric("test_loss", recon + kl, "nats", 0.3, "negative bound (BCE + KL), mean over pictures, one draw of z"),
        metric("kl", kl, "nats", 0.05, "its KL term"),
        metric("mse", error.mean(), "", 0.0001, "squared pixel error of decode(mean), pixels in [0, 1]"),
        *(
            metric(f"mse_{c}", error[y == c].mean(), "", 0.0002, f"the same for digit {c}", n=int((y == c).sum()))
            for c in range(len(data.CLASSES))
        ),
    ]


if __name__ == "__main__":
    main(VARIANTS, train)
