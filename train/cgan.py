"""Train the conditional GAN: `python -m train.cgan mnist`.

The loop is written out: discriminator, then generator, on the same real digits and labels. Gradient
penalties are taken every few steps and weighted up by as much (lazy regularisation, arXiv 1912.04958).
The log has both losses, and the history the discriminator's accuracy for each class.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from train import common, samplers
from train.run import Run, Settings, publish
from zoo.card import Metric
from zoo.cgan import Config, Discriminator, Generator
from zoo.data import mnist
from zoo.nn import noise
from zoo.pictures import grid


@dataclass(frozen=True)
class CGANSettings(Settings):
    """Settings of the GAN's training."""

    epochs: float = 24
    batch_size: int = 64
    lr: float = 4e-4
    ema: float = 0.9995
    model: Config = Config()
    penalty: float = 0.5
    """weight of the gradient penalties, on real and made pictures alike"""
    penalty_every: int = 8
    """steps between penalties"""
    beta2: float = 0.99
    """Adam's second decay; the first is 0, so that neither network runs on old momentum"""


VARIANTS = {"mnist": CGANSettings()}


def gradient_penalty(discriminator: Discriminator, x: Tensor, y: Tensor) -> Tensor:
    """Return the mean squared gradient of the score by the picture, in float32."""
    x = x.detach().requires_grad_()
    with torch.autocast(x.device.type, enabled=False):
        (gradient,) = torch.autograd.grad(discriminator(x, y).sum(), x, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()


def train(variant: str, settings: CGANSettings) -> Path | None:
    """Train, measure and save `cgan.<variant>`; return its folder (None in all but the first process)."""
    images, labels = (torch.tensor(a) for a in common.kept(mnist.load("train"), settings))
    test_x, test_y = common.validation(mnist, settings)
    accelerator = common.accelerator_of(settings)
    rank, world, device = accelerator.process_index, accelerator.num_processes, accelerator.device
    steps = common.steps_of(settings, len(images))
    run = Run(f"cgan.{variant}", settings, steps, main=accelerator.is_main_process)
    generator, discriminator = common.build(Generator, settings), common.build(Discriminator, settings)
    for network in (generator, discriminator):
        network.to(memory_format=torch.channels_last)
    adam = {"lr": settings.lr, "betas": (0.0, settings.beta2), "fused": True}
    g_optimizer = torch.optim.Adam(generator.parameters(), **adam)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), **adam)
    g, d, g_optimizer, d_optimizer = accelerator.prepare(generator, discriminator, g_optimizer, d_optimizer)
    ema = common.Average(generator, settings.ema)
    first = run.resume(
        generator=generator, discriminator=discriminator, ema=ema, g_optimizer=g_optimizer, d_optimizer=d_optimizer
    )
    indices = common.batches(len(images), settings.batch_size, seed=settings.seed, rank=rank, world=world)
    fixed_z = noise(2000, settings.model.latent, seed=1)
    fixed_y = torch.arange(2000) % 10
    judged = samplers.Judged(test_x, test_y)

    def moment(step: int) -> None:
        if not (run.main and step in run.moments):
            return
        with torch.no_grad():
            x = ema.shipped().generate(fixed_z, fixed_y)
            pairs = {"real": (test_x[:2000], test_y[:2000]), "made": (x, fixed_y)}
            scores = {key: discriminator(*(t.to(device) for t in pair)).cpu() for key, pair in pairs.items()}
        accuracy = []  # over all pairs of a real and a made digit of the class: 50 % is a draw, 100 % D's win
        for c in range(10):
            real, made = scores["real"][test_y[:2000] == c], scores["made"][fixed_y == c]
            accuracy.append(round(100 * float((real[:, None] > made).float().mean()), 2))
        run.keep(step, grid(x[:40], 10), **judged.facts(x, fixed_y), discriminator_accuracy=accuracy)

    moment(first)
    for step in range(first, steps):
        common.seed_step(settings.seed, step, rank)
        lr = common.learning_rate(settings, step, steps)
        for group in [*g_optimizer.param_groups, *d_optimizer.param_groups]:
            group["lr"] = lr
        index = indices(step)
        x, y = (images[index, None].float() / 255).to(device), labels[index].to(device)
        z = torch.randn(len(y), settings.model.latent).to(device)

        with torch.no_grad():
            made = g(z, y).float()
        real_score, made_score = d(torch.cat([x, made]), torch.cat([y, y])).float().chunk(2)
        d_loss = F.softplus(made_score - real_score).mean()
        total = d_loss
        if step % settings.penalty_every == 0:
            penalty = gradient_penalty(discriminator, x, y) + gradient_penalty(discriminator, made, y)
            total = total + 0.5 * settings.penalty * settings.penalty_every * penalty
        accelerator.backward(total)
        d_optimizer.step()
        d_optimizer.zero_grad()

        discriminator.requires_grad_(False)
        made_score = d(g(z, y).float(), y).float()
        g_loss = F.softplus(real_score.detach() - made_score).mean()
        accelerator.backward(g_loss)
        g_optimizer.step()
        g_optimizer.zero_grad()
        discriminator.requires_grad_(True)

        ema.update()
        right = (real_score > made_score).float().mean()
        run.after_step(step, {"generator_loss": g_loss, "discriminator_loss": d_loss, "discriminator_accuracy": right})
        moment(step + 1)
    return publish(
        run,
        f"cgan.{variant}",
        ema.shipped(),
        mnist,
        evaluate,
        golden,
        pictures=samplers.conditional_pictures,
        tables=samplers.tables,
    )


def golden(model: Generator) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    z, y = noise(4, model.config.latent, seed=0), torch.tensor([0, 3, 6, 9])
    return {"generate.in.0": z, "generate.in.1": y, "generate.out.0": model.generate(z, y)}


def evaluate(model: Generator, *, full: bool = False) -> list[Metric]:
    """Measure 1,000 samples of each class against the test digits."""
    return samplers.conditional_metrics(model)


if __name__ == "__main__":
    common.main(VARIANTS, train)
