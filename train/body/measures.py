"""What a painter of bodies is measured by: how real butterflies look with them, and bodies painted again."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

import zoo
from train.body.antennae import antennae
from train.body.specimens import WIDEST, WITH_BODIES, bodied, closed, halves_of, joined
from train.retexture import patterns
from train.retexture.gallery import colour_sheet
from train.retexture.measures import decode_all, encode_all, on_white, strangers
from train.retexture.shapes import outline
from zoo.card import Metric
from zoo.data import Specimens
from zoo.data.butterflies import Butterflies
from zoo.metrics import kernel_distance
from zoo.models.body import Body
from zoo.models.retexture import wings

WORN = "retexture.butterflies"  # whose wings are given bodies, to see how real they look then


def upright_test(source: Specimens, size: int) -> tuple[Butterflies, np.ndarray]:
    data = source.specimens("test", size)
    return data, bodied(data)


def middles(halves: Tensor, columns: int) -> tuple[Tensor, Tensor]:
    """Return middles of halves (N, 4, size, w) uint8 without and with bodies."""
    real = halves.float() / 255
    real = torch.cat([real[:, :3] * real[:, 3:] + 1 - real[:, 3:], real[:, 3:]], 1)
    width = torch.full((len(real),), round(real.shape[2] * WIDEST * 0.75))
    return closed(real, width, torch.zeros_like(width))[..., :columns], real[..., :columns]


@torch.no_grad()
def layer_of(model: Body, bare: Tensor) -> tuple[Tensor, Tensor]:
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
    data, rows = upright_test(source, model.config.size)
    bare, real = middles(halves_of(data, rows), model.columns)
    made = joined(bare, *layer_of(model, bare))
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


def pictures(model: Body, source: Specimens) -> dict[str, np.ndarray]:
    """Return the card's pictures: eight wings before and after, and the worst of the test pictures' own bodies."""
    without, with_ = dressed(model, source)
    some = np.random.default_rng(5).permutation(len(without))[:8]
    data, rows = upright_test(source, model.config.size)
    bare, real = middles(halves_of(data, rows), model.columns)
    made = joined(bare, *layer_of(model, bare))
    worst = (made - real)[:, :3].abs().mean((1, 2, 3)).argsort(descending=True)[:12]
    side = model.config.size - model.columns
    shown = torch.cat([F.pad(x[worst, :3], (side // 2, side - side // 2), value=1.0) for x in (made, real)])
    return {
        "samples": colour_sheet(torch.cat([without[some], with_[some]]), 8), "failures": colour_sheet(shown, 12),
    }  # fmt: skip
