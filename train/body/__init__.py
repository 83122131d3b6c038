"""Train the painter of butterflies' bodies: `python -m train.body butterflies`.

It learns from the sources whose pictures have bodies. The middle of each half is closed, as if the wings met at the axis, and thin parts
are taken away; the network paints what was there, judged by the distance to the picture and by a patch discriminator. Antennae are measured.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

import zoo
from train.body.antennae import antennae
from train.core.average import Average
from train.core.device import accelerator_of
from train.core.fit import build
from train.core.run import Run, publish
from train.core.settings import Settings
from train.core.steps import steps_of
from train.retexture import patterns
from train.retexture.critics import Discriminator
from train.retexture.gallery import colour_sheet
from train.retexture.measures import decode_all, encode_all, on_white, strangers
from train.retexture.shapes import outline
from train.retexture.specimens import Warp, pixel_centres
from zoo.card import Metric
from zoo.data import Specimens, named
from zoo.data.butterflies import Butterflies
from zoo.metrics import kernel_distance
from zoo.models.body import Body, Config
from zoo.models.retexture import distance, wings
from zoo.tables import Axis, Losses, Progress

WORN = "retexture.butterflies"  # whose wings are given bodies, to see how real they look then
WITH_BODIES = ("leeds", "kaggle100")
UPRIGHT = 0.9  # least symmetry of a specimen that counts as upright
CHANGED = 0.06  # least difference of a channel, or of the mask, that the layer covers
WIDEST = 12 / 256  # of a closed middle, from the axis


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


def bodied(data: Butterflies) -> np.ndarray:
    """Return the rows of upright specimens with bodies."""
    return np.flatnonzero(np.isin(data.sources, WITH_BODIES) & (data.symmetry >= UPRIGHT))


def half_pictures(data: Butterflies, rows: np.ndarray) -> Tensor:
    """Return both halves of rows: (2 N, 4, size, 9 size / 16) uint8, colour and mask."""
    x = torch.from_numpy(np.concatenate([data.images[rows], data.masks[rows][..., None]], -1)).permute(0, 3, 1, 2)
    return wings.halves(x).contiguous()


def closed(halves: Tensor, width: Tensor, gap: Tensor) -> Tensor:
    """Take bodies out of halves on white: wings go on to the axis as they are beside it, and thin parts are gone.

    Args:
        halves: (B, 4, size, w) in [0, 1], the axis a sixteenth of the size from the left.
        width: (B,) where the wings begin to be as they are, from the axis, pixels.
        gap: (B,) how far the middle is left open, pixels.
    """
    size, w = halves.shape[-2:]
    x = torch.arange(w) - round(size * wings.MARGIN)
    nearest = torch.where(x >= 0, width[:, None].maximum(x), (-width[:, None] - 1).minimum(x))
    source = (nearest + round(size * wings.MARGIN)).clamp(0, w - 1)
    moved = halves.gather(3, source[:, None, None, :].expand(-1, 4, size, -1))
    mask = moved[:, 3:]
    mask = F.max_pool2d(-F.max_pool2d(-mask, 7, 1, 3), 7, 1, 3)  # opened: antennae are thinner
    open_ = ((x >= gap[:, None]) | (x < -gap[:, None]))[:, None, None, :]
    mask = mask.minimum(moved[:, 3:]) * open_
    return torch.cat([moved[:, :3] * mask + 1 - mask, mask], 1)


class Batches:
    """Makes what a step needs from example numbers."""

    def __init__(self, halves: Tensor, columns: int):
        self.halves, self.columns = halves, columns

    def __call__(self, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what a step learns from.

        Returns:
            middles of halves without and with bodies, on white and with their masks: (B, 4, size, columns) in [0, 1] each;
            and where they differ, (B, 1, size, columns) in [0, 1].
        """
        n, size = len(index), self.halves.shape[2]
        real = self.halves[index].float() / 255
        mask = real[:, 3:]
        real = torch.cat([real[:, :3] * mask + 1 - mask, mask], 1)
        gentle = Warp(n, 0.3)
        white = torch.cat([1 - real[:, :3], mask], 1)  # what comes in at the border is nothing
        real = wings.sample(white, *gentle(*pixel_centres(size, n)))
        real[:, :3] = 1 - real[:, :3]
        light = 1 + 0.2 * (torch.rand(n, 3, 1, 1) * 2 - 1)
        real[:, :3] = (
            1
            - real[:, 3:]
            + real[:, 3:] * ((real[:, :3] - 1 + real[:, 3:]) * light / real[:, 3:].clamp_min(1e-3)).clamp(0, 1)
        )
        width = (size * WIDEST * (0.5 + 0.5 * torch.rand(n))).round().long()
        gap = (width * torch.rand(n) * (torch.rand(n) < 0.3)).long()
        bare = closed(real, width, gap)
        same = (torch.rand(n, 1, 1, 1) < 0.1).expand_as(real)  # one that has a body already
        bare = torch.where(same, real, bare)
        change = ((real - bare).abs().amax(1, keepdim=True) > CHANGED).float()
        change = F.avg_pool2d(F.max_pool2d(change, 3, 1, 1), 3, 1, 1)
        soft = F.avg_pool2d(F.pad(bare, (1, 1, 1, 1), mode="replicate"), 3, 1)
        bare = torch.where(torch.rand(n, 1, 1, 1) < 0.5, soft, bare)
        return bare[..., : self.columns], real[..., : self.columns], change[..., : self.columns]


def joined(bare: Tensor, colour: Tensor, opacity: Tensor) -> Tensor:
    """Lay layers over wings on white with their masks (B, 4, H, W): the same."""
    picture = opacity * colour + (1 - opacity) * bare[:, :3]
    return torch.cat([picture, 1 - (1 - opacity) * (1 - bare[:, 3:])], 1)


def train(variant: str, settings: BodySettings) -> Path | None:
    """Train, measure and save `body.<variant>`; return its folder (None in all but the first process)."""
    source = named(settings.data)
    data = source.specimens("train", settings.model.size)
    rows = bodied(data)
    rows, held = rows[: len(rows) - settings.holdout], rows[len(rows) - settings.holdout :]
    kept = half_pictures(data, held) if settings.holdout else half_pictures(*_test(source, settings.model.size))
    accelerator = accelerator_of(settings)
    halves = half_pictures(data, rows)
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
        bare, real = _middles(kept[:: max(1, len(kept) // 64)], shipped.columns)
        made = joined(bare, *_layer(shipped, bare))
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


def _test(source: Specimens, size: int) -> tuple[Butterflies, np.ndarray]:
    data = source.specimens("test", size)
    return data, bodied(data)


def _middles(halves: Tensor, columns: int) -> tuple[Tensor, Tensor]:
    """Return middles of halves (N, 4, size, w) uint8 without and with bodies."""
    real = halves.float() / 255
    real = torch.cat([real[:, :3] * real[:, 3:] + 1 - real[:, 3:], real[:, 3:]], 1)
    width = torch.full((len(real),), round(real.shape[2] * WIDEST * 0.75))
    return closed(real, width, torch.zeros_like(width))[..., :columns], real[..., :columns]


@torch.no_grad()
def _layer(model: Body, bare: Tensor) -> tuple[Tensor, Tensor]:
    parts = [model(part[:, :3], part[:, 3:]) for part in bare.split(16)]
    colour, logits = (torch.cat(part) for part in zip(*parts, strict=True))
    return colour, logits.sigmoid()


@torch.no_grad()
def dressed(model: Body, source: Specimens) -> tuple[Tensor, Tensor]:
    """Dress test wings that have no bodies in patterns of other species.

    Returns:
        them and the same with bodies, (N, 3, size, size) on white each.
    """
    data = source.specimens("test", model.config.size)
    painter = zoo.load(WORN)
    picture = torch.from_numpy(data.images).permute(0, 3, 1, 2).float() / 255
    mask = torch.from_numpy(data.masks)[:, None].float() / 255
    bare = torch.from_numpy(~np.isin(data.sources, WITH_BODIES))
    z = encode_all(painter, picture, mask)[torch.from_numpy(strangers(data.kinds))]
    without = on_white(decode_all(painter, z[bare], outline(mask[bare]), mask[bare]))
    layers = torch.cat([model.decode(*part) for part in zip(without.split(16), mask[bare].split(16), strict=True)])
    return without, layers[:, :3] * layers[:, 3:] + without * (1 - layers[:, 3:])


def evaluate(model: Body, source: Specimens, *, full: bool = False) -> list[Metric]:
    """Measure the painter of bodies on the whole test split."""
    data, rows = _test(source, model.config.size)
    bare, real = _middles(half_pictures(data, rows), model.columns)
    made = joined(bare, *_layer(model, bare))
    reach = round(model.config.size * (wings.MARGIN + WIDEST))
    error = (x[:, :3, :, :reach] for x in (made - real, bare - real))
    l1, l1_without = (float(x.abs().mean()) for x in error)
    without, with_ = dressed(model, source)
    pictures_ = torch.from_numpy(data.images[rows]).permute(0, 3, 1, 2).float() / 255
    features = [patterns.features(x, "butterflies") for x in (pictures_, without, with_)]
    features = [x * x.shape[1] ** 0.5 for x in features]  # the kernel divides by their number
    kernel_without, kernel_with = (kernel_distance(x, features[0]) for x in features[1:])
    theirs = antennae(data, rows)
    turn, length = (np.abs(theirs - model.antennae.usual.numpy())[:, :2]).T

    def metric(name: str, value: float, tolerance: float, n: int, definition: str) -> Metric:
        return Metric(name, float(value), "", n=n, split="test", tolerance=tolerance, definition=definition)

    told = f"kernel distance in features of judge.butterflies, of unit length, of test outlines without bodies in swapped patterns ({WORN}) to the {len(rows)} upright test pictures with bodies"
    return [
        metric("kernel_with", kernel_with, 0.005, len(without), f"{told}: with bodies painted"),
        metric("kernel_without", kernel_without, 0.005, len(without), f"{told}: as they are"),
        metric("l1", l1, 0.001, len(bare), "mean absolute error near the axis, of halves of test pictures whose bodies were taken out and painted again, colours in [0, 1]"),
        metric("l1_without", l1_without, 0.001, len(bare), "the same without bodies: wings that go on to the axis"),
        *([] if not len(theirs) else [
            metric("antenna_turn", math.degrees(np.median(turn)), 0.5, len(theirs), "median difference in direction, degrees, of the painted antennae to those that test pictures' masks show"),
            metric("antenna_length", np.median(length / theirs[:, 1]), 0.02, len(theirs), "the same in length, share of theirs"),
        ]),
    ]  # fmt: skip


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
        "decode.in.0": picture, "decode.in.1": silhouette, "decode.out.0": model.decode(picture, silhouette),
    }  # fmt: skip


def pictures(model: Body, source: Specimens) -> dict[str, np.ndarray]:
    """Return the card's pictures: eight wings before and after, and the worst of the test pictures' own bodies."""
    without, with_ = dressed(model, source)
    some = np.random.default_rng(5).permutation(len(without))[:8]
    data, rows = _test(source, model.config.size)
    bare, real = _middles(half_pictures(data, rows), model.columns)
    made = joined(bare, *_layer(model, bare))
    worst = (made - real)[:, :3].abs().mean((1, 2, 3)).argsort(descending=True)[:12]
    side = model.config.size - model.columns
    shown = torch.cat([F.pad(x[worst, :3], (side // 2, side - side // 2), value=1.0) for x in (made, real)])
    return {
        "samples": colour_sheet(torch.cat([without[some], with_[some]]), 8), "failures": colour_sheet(shown, 12),
    }  # fmt: skip
