"""Train the butterflies' de-conditioned VAE: `python -m train.retexture butterflies`.

Each step sees specimens' halves twice: warped strongly for the encoder, gently for the painter, which also gets the
drawing of what it should paint. Three losses pull: the bound, a patch discriminator on painted pictures (with their own
and with each other's patterns), and an adversary that reads the shape off z, which the encoder must mislead.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.core.average import Average
from train.core.device import accelerator_of
from train.core.fit import build
from train.core.run import Run, publish
from train.core.settings import Settings, named_after
from train.core.steps import steps_of
from train.retexture.critics import Adversary, Discriminator
from train.retexture.erasure import erase
from train.retexture.gallery import card_pictures, colour_sheet, extras
from train.retexture.measures import decode_all, encode_all, evaluate, on_white
from train.retexture.shapes import outline
from train.retexture.specimens import Batches, half_pictures, kind_numbers
from zoo.data import Specimens, named
from zoo.data.butterflies import Butterflies
from zoo.data.folder import Folder
from zoo.models.retexture import Config, Retexture, wings
from zoo.tables import Axis, Losses, Progress


@dataclass(frozen=True)
class RetextureSettings(Settings):
    """Settings of the butterflies' training."""

    epochs: float = 14
    batch_size: int = 16
    lr: float = 5e-4
    warmup: int = 200
    ema: float = 0.998
    model: Config = Config()
    kl_weight: float = 0.01
    """weight of the KL term, a mean over z's numbers"""
    shape_weight: float = 0.2
    """weight of the alpha's cross-entropy"""
    gan_weight: float = 0.2
    """weight of the patch discriminator's opinion"""
    match_weight: float = 4.0
    """weight of the distance in the discriminator's features"""
    gan_start: int = 400
    """first step with the discriminator"""
    forget_weight: float = 1.0
    """weight of misleading the adversary; 0 trains a plain conditional VAE"""
    forget_edges: float = 0.25
    """of it, weight of the edges inside beside the silhouette's: most of them are the pattern"""
    adversary_steps: int = 2
    """the adversary's steps for each of the encoder's"""
    encoder_warp: float = 1.0
    """strength of the warp before the encoder"""
    erase: bool = True
    """erase from z, after training, what a warp does to it on average"""
    symmetry: float = 0.9
    """least symmetry of a picture to be trained on: others are not upright"""
    images: Path | None = None
    """folder of cut-out pictures to train on instead; the checkpoint is named after it"""


VARIANTS = {"butterflies": RetextureSettings(data="butterflies")}
BARS = {
    "butterflies": {
        "shape_iou": (0.95, None), "shape_f1": (0.85, None), "hand_iou": (0.9, None), "pattern_found": (60, None)
    }
}  # fmt: skip
PROGRESS = Progress(
    {"l1": Axis("Test error (L1)", "of 1")},
    Losses(names={key: key.replace("_", " ") for key in ("loss", "shape", "kl", "guess", "guess_by_kind")}),
)


def train(variant: str, settings: RetextureSettings) -> Path | None:
    """Train, measure and save `retexture.<variant>`; return its folder (None in all but the first process)."""
    if settings.images:
        variant, settings = named_after(settings.images, VARIANTS), replace(settings, data="folder")
    source = named(settings.data, settings.images)
    if isinstance(source, Folder):
        print(source.report(settings.model.size))
    model, run = run_of(f"retexture.{variant}", settings, source)
    return publish(
        run, run.name, model, source, partial(evaluate, full=True), golden,
        extras=extras, pictures=card_pictures, progress=PROGRESS,
    )  # fmt: skip


def run_of(name: str, settings: RetextureSettings, source: Specimens) -> tuple[Retexture, Run]:
    """Train one model; return its average and its run."""
    data = source.specimens("train", settings.model.size)
    learnt = data.sha256
    rows = np.flatnonzero(data.symmetry >= settings.symmetry)
    rows, held = rows[: len(rows) - settings.holdout], rows[len(rows) - settings.holdout :]
    pictures, kinds = half_pictures(data, rows), kind_numbers(data.kinds[rows])
    make = Batches(pictures, settings.model, settings.encoder_warp)
    if not settings.holdout:
        data = source.specimens("test", settings.model.size)
        held = np.arange(len(data.kinds))
    accelerator = accelerator_of(settings)
    run = Run(name, settings, steps_of(settings, len(rows)), accelerator, data=learnt + data.sha256)
    model = build(Retexture, settings).to(memory_format=torch.channels_last)
    discriminator = Discriminator().to(memory_format=torch.channels_last)
    adversary = Adversary(settings.model, int(kinds.max()) + 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.lr, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    d_optimizer = torch.optim.AdamW(discriminator.parameters(), lr=settings.lr, betas=(0.5, 0.99), fused=True)
    tables = [adversary.common, *adversary.kind.parameters()]  # one logit each: they take larger steps
    groups = [{"params": list(adversary.layers.parameters())}, {"params": tables, "lr": 0.03}]
    a_optimizer = torch.optim.AdamW(groups, lr=1e-3, weight_decay=0.01, fused=True)
    m, d, a, optimizer, d_optimizer, a_optimizer = accelerator.prepare(
        model, discriminator, adversary, optimizer, d_optimizer, a_optimizer
    )
    ema = Average(model, settings.ema)
    indices = run.examples(len(rows))

    def views(step: int) -> tuple[dict[str, Any], Tensor]:
        index = indices(step)
        return make(index), kinds[index]

    model.train()
    for step, (batch, kind) in run.steps(
        views, snapshot=snapshots(run, ema, data, held), scheduled=[optimizer, d_optimizer],
        model=model, discriminator=discriminator, adversary=adversary, ema=ema,
        optimizer=optimizer, d_optimizer=d_optimizer, a_optimizer=a_optimizer,
    ):  # fmt: skip
        strokes, silhouette, frames, target = (batch[k] for k in ("strokes", "silhouette", "frames", "target"))
        gan = step >= settings.gan_start
        out = m(batch["chart"], strokes, silhouette, frames, target)
        loss = out["recon"] + settings.shape_weight * out["shape"] + settings.kl_weight * out["kl"]
        log = {"loss": out["recon"], "shape": out["shape"], "kl": out["kl"]}

        # The adversary learns what z tells of the shape, and what the kind alone tells.
        z, shapes = out["z"].detach(), batch["shapes"]
        for _ in range(settings.adversary_steps):
            guess = F.binary_cross_entropy_with_logits(a(z).float(), shapes)
            alone = F.binary_cross_entropy_with_logits(adversary.by_kind(kind), shapes)
            accelerator.backward(guess + alone)
            a_optimizer.step()
            a_optimizer.zero_grad()
        if settings.forget_weight:
            adversary.requires_grad_(False)
            told = adversary.by_kind(kind).sigmoid()
            excess = F.binary_cross_entropy_with_logits(a(out["z"]).float(), told, reduction="none")
            silhouettes, edges = (part.mean(1) for part in excess.chunk(2, 1))
            excess = (silhouettes + settings.forget_edges * edges) / 2
            # Of a kind with few specimens the kind alone would tell the shape, if it were known: nothing to forget there.
            loss = loss + settings.forget_weight * (excess * (kind > 0)).mean()
            adversary.requires_grad_(True)
        log |= {"guess": guess, "guess_by_kind": alone}

        if gan:
            # A quarter of the batch is also painted with its neighbours' patterns: there is no target, only the critic.
            half = max(1, len(kind) // 4)
            swapped = paint(accelerator, m, out["z"].roll(1, 0)[:half], strokes, silhouette, frames, half)
            made = torch.cat([out["picture"], swapped])
            strokes2, silhouette2 = torch.cat([strokes, strokes[:half]]), torch.cat([silhouette, silhouette[:half]])
            scores, features = d(
                torch.cat([target[:, :3], made.detach()]),
                torch.cat([strokes, strokes2]),
                torch.cat([silhouette, silhouette2]),
            )
            n = len(kind)
            d_loss = F.relu(1 - scores[:n].float()).mean() + F.relu(1 + scores[n:].float()).mean()
            accelerator.backward(d_loss)
            d_optimizer.step()
            d_optimizer.zero_grad()
            discriminator.requires_grad_(False)
            scores, now = d(made, strokes2, silhouette2)
            match = sum(
                (p[:n].float() - q[:n].detach().float()).abs().mean() for p, q in zip(now, features, strict=True)
            )
            loss = loss - settings.gan_weight * scores.float().mean() + settings.match_weight * match
            discriminator.requires_grad_(True)
            log |= {"discriminator": d_loss, "match": match}
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        ema.update()
        run.record(log)
    shipped = ema.shipped()
    if settings.erase:
        erase(shipped, make)
    return shipped, run


def paint(accelerator, model, z: Tensor, strokes: Tensor, silhouette: Tensor, frames: wings.Frame, n: int) -> Tensor:
    """Paint the first n drawings with z: (n, 3, H, W) on white."""
    with accelerator.autocast():
        colour, alpha, _ = model.painter(z, strokes[:n], silhouette[:n], frames[slice(n)])
    opacity = alpha.sigmoid()
    return opacity * colour + 1 - opacity


def snapshots(run: Run, ema: Average, data: Butterflies, rows: np.ndarray):
    """Return what keeps a moment of the history: patterns of 4 of the rows on each other's outlines, and the L1 error of 64."""
    rows = np.array([i for i in rows if data.symmetry[i] >= 0.93])
    rows = rows[np.random.default_rng(0).permutation(len(rows))]
    picture = torch.from_numpy(data.images[rows[:64]]).permute(0, 3, 1, 2).float() / 255
    mask = torch.from_numpy(data.masks[rows[:64]])[:, None].float() / 255
    line = outline(mask)

    def moment(step: int) -> None:
        model, n = ema.shipped(), 4
        mean = encode_all(model, picture, mask)
        again = decode_all(model, mean, line, mask)
        l1 = float((on_white(again) - picture).abs().sum() / mask.sum() / 3)
        crossed = [decode_all(model, mean[:n], line[[i] * n], mask[[i] * n]) for i in range(n)]
        shown = colour_sheet(torch.cat([on_white(c) for c in crossed]), n, 96)  # a row for each outline
        run.keep(step, shown, l1=l1)

    return moment


def golden(model: Retexture) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    size = model.config.size
    y, x = torch.meshgrid(*[(torch.arange(size) + 0.5) / size * 2 - 1] * 2, indexing="ij")
    wings_like = ((x.abs() - 0.45) ** 2 / 0.18 + y**2 / 0.4 < 1).float()[None, None]
    picture = torch.stack([(x + 1) / 2, (y + 1) / 2, (x * y + 1) / 2])[None] * wings_like + 1 - wings_like
    mean, logvar = model.encode(picture, wings_like)
    line = outline(wings_like)
    painted = model.decode(mean, line, wings_like)
    return {
        "encode.in.0": picture, "encode.in.1": wings_like, "encode.out.0": mean, "encode.out.1": logvar,
        "decode.in.0": mean, "decode.in.1": line, "decode.in.2": wings_like, "decode.out.0": painted.half(),
    }  # fmt: skip
