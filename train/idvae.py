"""Train the VAE whose encoder is the discriminator: `python -m train.idvae mnist`.

Reader (encoder and discriminator), then writer (decoder and generator), on the same minibatch.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from train.core import gan, sample
from train.core.average import Average
from train.core.command import main
from train.core.data import Examples, examples
from train.core.device import accelerator_of
from train.core.fit import build
from train.core.run import Run, publish
from train.core.steps import steps_of
from train.cvae import golden
from zoo.card import Metric
from zoo.models.idvae import IDVAE, Config
from zoo.pictures import grid
from zoo.tables import Losses, Progress


@dataclass(frozen=True)
class IDVAESettings(gan.GANSettings):
    """Settings of the training."""

    likeness: float = 1.0
    """weight of the squared pixel error, summed over a picture: 1 over twice the variance of p(x | z, y)"""
    adversarial: float = 100.0
    """weight of the adversarial losses"""
    model: Config = Config()


VARIANTS = {"mnist": IDVAESettings(data="mnist")}
BARS = {"mnist": {"agreement": (98, None), "recall": (0.5, None)}}
LOSSES = Losses(names={**gan.LOSSES.names, "squared_error": "squared error", "kl": "kl"})


def train(variant: str, settings: IDVAESettings) -> Path | None:
    """Train, measure and save `idvae.<variant>`; return its folder (None in all but the first process)."""
    found = examples(settings)
    fixed_y = torch.arange(2000) % len(found.data.CLASSES)
    judged = sample.Judged(found.test_x, found.data)

    def moment(run: Run, model: IDVAE, step: int) -> None:
        x = model.sample(2000, seed=1, label=fixed_y)
        run.keep(step, grid(x[:40], 10), **judged.facts(x, fixed_y))

    model, run = fit(f"idvae.{variant}", build(IDVAE, settings), found, settings, moment)
    return publish(
        run, run.name, model, found.data, evaluate, golden,
        pictures=sample.pictures, tables=sample.tables, progress=Progress(sample.axes(found.data), LOSSES),
    )  # fmt: skip


def fit(name: str, model: IDVAE, found: Examples, settings: IDVAESettings, moment: Any) -> tuple[IDVAE, Run]:
    """Train both networks in turn; return the averaged model in eval mode, and the run."""
    accelerator = accelerator_of(settings)
    run = Run(name, settings, steps_of(settings, len(found.x)), accelerator, data=found.sha256)
    device = accelerator.device
    model.to(memory_format=torch.channels_last)
    adam = {"lr": settings.lr, "betas": (0.0, settings.beta2), "fused": True}
    optimizers = {key: torch.optim.Adam(getattr(model, key).parameters(), **adam) for key in ("reader", "writer")}
    read, write = accelerator.prepare(model.reader, model.writer)
    model.to(device)
    ema = Average(model, settings.ema)
    indices = run.examples(len(found.x))

    def batch(step: int) -> tuple[Tensor, Tensor]:
        x, y = found.batch(indices(step))
        return x.to(device), y.to(device)

    def step_of(key: str, loss: Tensor) -> None:
        accelerator.backward(loss)
        optimizers[key].step()
        optimizers[key].zero_grad()

    for step, (x, y) in run.steps(
        batch,
        snapshot=lambda step: moment(run, ema.shipped(), step),
        scheduled=[*optimizers.values()],
        model=model,
        ema=ema,
        **optimizers,
    ):
        prior, eps = torch.randn(2, len(x), settings.model.latent).to(device)
        twice = torch.cat([y, y])

        model.writer.requires_grad_(False)
        mean, logvar, real_score = (part.float() for part in read(x, y))
        z = mean + (0.5 * logvar).exp() * eps
        again, made = write(torch.cat([z, prior]), twice).float().chunk(2)
        likeness = (again - x).square().sum((1, 2, 3)).mean()
        kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).sum(1).mean()
        drawn = torch.cat([again, made]).detach()
        real_twice = torch.cat([real_score, real_score])
        d_loss = F.softplus(read(drawn, twice)[2].float() - real_twice).mean()
        total = settings.likeness * likeness + kl + settings.adversarial * d_loss
        if step % settings.penalty_every == 0:

            def score(x: Tensor, y: Tensor) -> Tensor:
                return model.reader(x, y)[2]

            penalty = gan.gradient_penalty(score, x, y) + gan.gradient_penalty(score, made, y)
            total = total + settings.adversarial * 0.5 * settings.penalty * settings.penalty_every * penalty
        step_of("reader", total)
        model.writer.requires_grad_(True)

        model.reader.requires_grad_(False)
        drawn = write(torch.cat([z.detach(), prior]), twice).float()
        g_loss = F.softplus(real_twice.detach() - read(drawn, twice)[2].float()).mean()
        likeness = (drawn[: len(x)] - x).square().sum((1, 2, 3)).mean()
        step_of("writer", settings.likeness * likeness + settings.adversarial * g_loss)
        model.reader.requires_grad_(True)

        ema.update()
        run.record({"generator_loss": g_loss, "discriminator_loss": d_loss, "squared_error": likeness, "kl": kl})
    return ema.shipped(), run


@torch.no_grad()
def evaluate(model: IDVAE, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure reconstructions of the test digits, and 1,000 samples of each class."""
    x, y, _ = sample.real("test", data)
    again = torch.cat([model(*pair) for pair in zip(x.split(1000), y.split(1000), strict=True)])
    error = (again - x).square().mean()
    return [
        *sample.conditional_metrics(model, data),
        sample.metric("mse", error, "", 0.0005, "squared pixel error of decode(mean), pixels in [0, 1]"),
    ]


if __name__ == "__main__":
    main(VARIANTS, train)
