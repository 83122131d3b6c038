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
from train.core.device import accelerator_of
from train.core.fit import build
from train.core.holdout import kept, validation
from train.core.run import Run, publish
from train.core.steps import batches, learning_rate, seed_step, steps_of
from train.cvae import golden
from zoo.card import Metric
from zoo.data import mnist
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


VARIANTS = {"mnist": IDVAESettings()}
BARS = {"mnist": {"agreement": (98, None), "recall": (0.5, None)}}
PROGRESS = Progress(sample.axes(), Losses(names={**gan.LOSSES.names, "squared_error": "squared error", "kl": "kl"}))


def train(variant: str, settings: IDVAESettings) -> Path | None:
    """Train, measure and save `idvae.<variant>`; return its folder (None in all but the first process)."""
    images, labels = (torch.tensor(a) for a in kept(mnist.load("train"), settings))
    judged, fixed_y = sample.Judged(validation(mnist, settings)[0]), torch.arange(2000) % 10

    def moment(run: Run, model: IDVAE, step: int) -> None:
        x = model.sample(2000, seed=1, label=fixed_y)
        run.keep(step, grid(x[:40], 10), **judged.facts(x, fixed_y))

    model, run = fit(f"idvae.{variant}", build(IDVAE, settings), images, labels, settings, moment)
    return publish(
        run, run.name, model, mnist, evaluate, golden,
        pictures=sample.pictures, tables=sample.tables, progress=PROGRESS,
    )  # fmt: skip


def fit(
    name: str, model: IDVAE, images: Tensor, labels: Tensor, settings: IDVAESettings, moment: Any
) -> tuple[IDVAE, Run]:
    """Train both networks in turn; return the averaged model in eval mode, and the run."""
    accelerator = accelerator_of(settings)
    rank, world, device = accelerator.process_index, accelerator.num_processes, accelerator.device
    steps = steps_of(settings, len(images))
    run = Run(name, settings, steps, main=accelerator.is_main_process)
    model.to(memory_format=torch.channels_last)
    adam = {"lr": settings.lr, "betas": (0.0, settings.beta2), "fused": True}
    optimizers = {key: torch.optim.Adam(getattr(model, key).parameters(), **adam) for key in ("reader", "writer")}
    read, write = accelerator.prepare(model.reader, model.writer)
    model.to(device)
    ema = Average(model, settings.ema)
    first = run.resume(model=model, ema=ema, **optimizers)
    indices = batches(len(images), settings.batch_size, seed=settings.seed, rank=rank, world=world)

    def look(step: int) -> None:
        if run.main and step in run.moments:
            with torch.no_grad():
                moment(run, ema.shipped(), step)

    def step_of(key: str, loss: Tensor) -> None:
        accelerator.backward(loss)
        optimizers[key].step()
        optimizers[key].zero_grad()

    look(first)
    for step in range(first, steps):
        seed_step(settings.seed, step, rank)
        for optimizer in optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(settings, step, steps)
        index = indices(step)
        x, y = (images[index, None].float() / 255).to(device), labels[index].to(device)
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
        losses = {"generator_loss": g_loss, "discriminator_loss": d_loss, "squared_error": likeness, "kl": kl}
        run.after_step(step, losses)
        look(step + 1)
    return ema.shipped(), run


@torch.no_grad()
def evaluate(model: IDVAE, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure reconstructions of the test digits, and 1,000 samples of each class."""
    x, y, _ = sample.real("test")
    again = torch.cat([model(*pair) for pair in zip(x.split(1000), y.split(1000), strict=True)])
    error = (again - x).square().mean()
    return [
        *sample.conditional_metrics(model, data),
        sample.metric("mse", error, "", 0.0005, "squared pixel error of decode(mean), pixels in [0, 1]"),
    ]


if __name__ == "__main__":
    main(VARIANTS, train)
