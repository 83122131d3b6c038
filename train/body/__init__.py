"""Train the painter of butterflies' bodies: `python -m train.body butterflies`.

It learns from the sources whose pictures have bodies. The middle of each half is closed, as if the wings met at the axis, and thin parts
are taken away; the network paints what was there, judged by the distance to the picture and by a patch discriminator. Antennae are measured.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.body.antennae import antennae
from train.body.measures import evaluate, layer_of, middles, pictures, upright_test
from train.body.specimens import Batches, bodied, halves_of, joined
from train.core.average import Average
from train.core.device import accelerator_of
from train.core.fit import build
from train.core.run import Run, publish
from train.core.settings import Settings
from train.core.steps import steps_of
from train.retexture.critics import Discriminator
from train.retexture.gallery import colour_sheet
from zoo.data import named
from zoo.models.body import Body, Config
from zoo.models.retexture import distance
from zoo.tables import Axis, Losses, Progress


@dataclass(frozen=True)
class BodySettings(Settings):
    """Settings of the bodies' training."""

    epochs: float = 20
    batch_size: int = 24
    lr: float = 5e-4
    warmup: int = 100
    ema: float = 0.998
    model: Config = Config()
    layer_weight: float = 1.0
    """weight of the opacity's cross-entropy"""
    gan_weight: float = 0.2
    """weight of the patch discriminator's opinion"""
    match_weight: float = 4.0
    """weight of the distance in the discriminator's features"""
    gan_start: int = 200
    """first step with the discriminator"""


VARIANTS = {"butterflies": BodySettings(data="butterflies")}
BARS = {"butterflies": {"kernel_with": (None, 0.7)}}
PROGRESS = Progress(
    {"l1": Axis("Test error near the axis (L1)", "of 1")}, Losses(names={"loss": "loss", "layer": "opacity"})
)  # fmt: skip


def train(variant: str, settings: BodySettings) -> Path | None:
    """Train, measure and save `body.<variant>`; return its folder (None in all but the first process)."""
    source = named(settings.data)
    data = source.specimens("train", settings.model.size)
    rows = bodied(data)
    rows, held = rows[: len(rows) - settings.holdout], rows[len(rows) - settings.holdout :]
    kept = halves_of(data, held) if settings.holdout else halves_of(*upright_test(source, settings.model.size))
    accelerator = accelerator_of(settings)
    halves = halves_of(data, rows)
    run = Run(f"body.{variant}", settings, steps_of(settings, len(halves)), accelerator, data=data.sha256)
    model = build(Body, settings).to(memory_format=torch.channels_last)
    discriminator = Discriminator().to(memory_format=torch.channels_last)
    make = Batches(halves, model.columns)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.lr, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    d_optimizer = torch.optim.AdamW(discriminator.parameters(), lr=settings.lr, betas=(0.5, 0.99), fused=True)
    m, d, optimizer, d_optimizer = accelerator.prepare(model, discriminator, optimizer, d_optimizer)
    ema = Average(model, settings.ema)
    indices = run.examples(len(halves))

    def moment(step: int) -> None:
        shipped = ema.shipped()
        bare, real = middles(kept[:: max(1, len(kept) // 64)], shipped.columns)
        made = joined(bare, *layer_of(shipped, bare))
        shown = torch.cat([bare[:8], made[:8], real[:8]])[:, :3]
        run.keep(
            step, colour_sheet(F.pad(shown, (96, 96), value=1.0), 8, 96), l1=float((made - real)[:, :3].abs().mean())
        )

    model.train()
    for step, (bare, real, change) in run.steps(
        lambda step: make(indices(step)), snapshot=moment, scheduled=[optimizer, d_optimizer],
        model=model, discriminator=discriminator, ema=ema, optimizer=optimizer, d_optimizer=d_optimizer,
    ):  # fmt: skip
        colour, logits = m(bare[:, :3], bare[:, 3:])
        opacity = logits.sigmoid()
        made = joined(bare, colour, opacity)
        area = real.new_full((len(real), 1, 1, 1), 0.5)
        # The colour is that of the whole middle: were it judged through the opacity, that would soon be none.
        recon = distance(2 * colour - 1, 2 * real[:, :3] - 1, area)
        layer = F.binary_cross_entropy_with_logits(logits.float(), change)
        loss = recon + settings.layer_weight * layer
        log = {"loss": recon, "layer": layer}
        if step >= settings.gan_start:
            signed = 2 * torch.cat([real[:, :3], made[:, :3].detach()]) - 1
            masks = torch.cat([real[:, 3:], made[:, 3:].detach()])
            scores, features = d(signed, masks, bare[:, 3:].repeat(2, 1, 1, 1))
            right, wrong = scores.float().chunk(2)
            accelerator.backward(F.relu(1 - right).mean() + F.relu(1 + wrong).mean())
            d_optimizer.step()
            d_optimizer.zero_grad()
            discriminator.requires_grad_(False)
            scores, now = d(2 * made[:, :3] - 1, made[:, 3:], bare[:, 3:])
            n = len(real)
            match = sum((p.float() - q[:n].detach().float()).abs().mean() for p, q in zip(now, features, strict=True))
            loss = loss - settings.gan_weight * scores.float().mean() + settings.match_weight * match
            discriminator.requires_grad_(True)
            log["match"] = match
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        ema.update()
        run.record(log)
    shipped = ema.shipped()
    measured = antennae(data, rows)
    if len(measured):
        shipped.antennae.usual.copy_(torch.from_numpy(np.median(measured, 0)))
    return publish(
        run, run.name, shipped, source, evaluate, golden, pictures=pictures, progress=PROGRESS
    )  # fmt: skip


def golden(model: Body) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    size = model.config.size
    y, x = torch.meshgrid(*[(torch.arange(size) + 0.5) / size * 2 - 1] * 2, indexing="ij")
    silhouette = ((x.abs() - 0.45) ** 2 / 0.18 + y**2 / 0.4 < 1).float()[None, None]
    picture = torch.stack([(x + 1) / 2, (y + 1) / 2, (x * y + 1) / 2])[None] * silhouette + 1 - silhouette
    middles = model.middle(torch.cat([picture, silhouette], 1))[:1].split([3, 1], 1)
    colour, opacity = model(*middles)
    return {
        "forward.in.0": middles[0], "forward.in.1": middles[1], "forward.out.0": colour, "forward.out.1": opacity,
        "decode.in.0": picture, "decode.in.1": silhouette, "decode.out.0": model.decode(picture, silhouette).half(),
    }  # fmt: skip
