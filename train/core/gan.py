"""The loop of the GANs, written out: discriminator, then generator, on the same real pictures.

Gradient penalties are taken every few steps and weighted up by as much (lazy regularisation, arXiv 1912.04958). The log has both
losses and the discriminator's accuracy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.core.average import Average
from train.core.device import accelerator_of
from train.core.run import Run
from train.core.settings import Settings
from train.core.steps import steps_of
from zoo.tables import Axis, Losses

AXES = {
    "discriminator_accuracy": Axis(
        "Who is winning", "%", text="how often the discriminator ranks real above made. 50 % is a draw", chart="balance"
    )
}
LOSSES = Losses(names={"generator_loss": "generator loss", "discriminator_loss": "discriminator loss"})


@dataclass(frozen=True)
class GANSettings(Settings):
    """Settings of a GAN's training."""

    epochs: float = 24
    batch_size: int = 64
    lr: float = 4e-4
    ema: float = 0.9995
    penalty: float = 0.5
    """weight of the gradient penalties, on real and made pictures alike"""
    penalty_every: int = 8
    """steps between penalties"""
    beta2: float = 0.99
    """Adam's second decay; the first is 0, so that neither network runs on old momentum"""


def gradient_penalty(discriminator: Callable[..., Tensor], x: Tensor, *told: Tensor) -> Tensor:
    """Return the mean squared gradient of the score by the picture, under the run's autocast."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(x, *told).sum(), x, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()


def fit(
    name: str,
    networks: tuple[nn.Module, nn.Module],
    batch: Callable[[Tensor], tuple[Tensor, ...]],
    count: int,
    settings: GANSettings,
    moment: Callable[[Run, nn.Module, nn.Module, int], None],
    *,
    data: str,
) -> tuple[nn.Module, Run]:
    """Train a generator against a discriminator; return the generator's averaged weights, and the run.

    Args:
        name: the checkpoint's.
        networks: generator and discriminator; `settings.model.latent` is the length of the generator's noise.
        batch: from example numbers (B,) to pictures in [0, 1] and whatever else both networks are told.
        count: number of examples.
        moment: keeps a moment of the history, of the averaged generator and the discriminator.
        data: sha256 of what is learnt from, as it was read: see `Run`.
    """
    generator, discriminator = networks
    accelerator = accelerator_of(settings)
    run = Run(name, settings, steps_of(settings, count), accelerator, data=data)
    for network in networks:
        network.to(memory_format=torch.channels_last)
    adam: dict[str, Any] = {"lr": settings.lr, "betas": (0.0, settings.beta2), "fused": True}
    g_optimizer = torch.optim.Adam(generator.parameters(), **adam)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), **adam)
    g, d, g_optimizer, d_optimizer = accelerator.prepare(generator, discriminator, g_optimizer, d_optimizer)
    ema = Average(generator, settings.ema)
    indices = run.examples(count)
    parts: dict[str, Any] = {"generator": generator, "discriminator": discriminator, "ema": ema}
    optimizers = {"g_optimizer": g_optimizer, "d_optimizer": d_optimizer}
    for step, (x, *told) in run.steps(
        lambda step: [part.to(accelerator.device) for part in batch(indices(step))],
        snapshot=lambda step: moment(run, ema.shipped(), discriminator, step),
        scheduled=[*optimizers.values()],
        **parts,
        **optimizers,
    ):
        z = torch.randn(len(x), settings.model.latent).to(accelerator.device)  # type: ignore[attr-defined]  # each GAN's own

        with torch.no_grad():
            made = g(z, *told).float()
        real_score, made_score = d(torch.cat([x, made]), *(torch.cat([t, t]) for t in told)).float().chunk(2)
        d_loss = F.softplus(made_score - real_score).mean()
        total = d_loss
        if step % settings.penalty_every == 0:
            penalty = gradient_penalty(discriminator, x, *told) + gradient_penalty(discriminator, made, *told)
            total = total + 0.5 * settings.penalty * settings.penalty_every * penalty
        accelerator.backward(total)
        d_optimizer.step()
        d_optimizer.zero_grad()

        discriminator.requires_grad_(False)
        made_score = d(g(z, *told).float(), *told).float()
        g_loss = F.softplus(real_score.detach() - made_score).mean()
        accelerator.backward(g_loss)
        g_optimizer.step()
        g_optimizer.zero_grad()
        discriminator.requires_grad_(True)

        ema.update()
        right = (real_score > made_score).float().mean()
        run.record({"generator_loss": g_loss, "discriminator_loss": d_loss, "discriminator_accuracy": right})
    return ema.shipped(), run


def wins(real: Tensor, made: Tensor) -> float:
    """Return in how many pairs of a real and a made picture the real one scores higher, %: 50 is a draw."""
    return round(100 * float((real[:, None] > made).float().mean()), 2)
