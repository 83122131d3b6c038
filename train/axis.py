"""Train the finder of butterflies' axes: `python -m train.axis butterflies`.

Silhouettes of upright specimens are bent, each half by itself too, two in five cut down to one wing, and turned by any angle.
"""

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from contourpy import contour_generator
from torch import Tensor

import zoo
from train.core.command import main
from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings
from train.retexture import measures
from train.retexture.specimens import Warp, pixel_centres, specimens
from zoo import drawing
from zoo.card import Metric
from zoo.data import Specimens, named
from zoo.dressing import dress, placed_figures
from zoo.models.axis import LEFT, RIGHT, WHOLE, Axis, Config, Found, overlap
from zoo.models.retexture import wings
from zoo.placement import Placement
from zoo.tables import Axis as Scale
from zoo.tables import Losses, Progress

WORN = "retexture.butterflies"  # what is dressed in, to see what turning costs
SIDE = 128  # of the silhouettes that are learnt from, pixels
UPRIGHT = 0.9  # least symmetry of a specimen that counts as upright
TURNS = 4  # by which each test specimen is turned


@dataclass(frozen=True)
class AxisSettings(Settings):
    """Settings of the finder's training."""

    epochs: float = 60
    batch_size: int = 64
    lr: float = 2e-3
    warmup: int = 100
    ema: float = 0.998
    bf16: bool = False
    model: Config = Config()
    bend: float = 1.2
    """strength of the warp of both halves"""
    bend_each: float = 0.35
    """strength of another of each half by itself"""
    wings: float = 0.4
    """share of single wings"""


VARIANTS = {"butterflies": AxisSettings(data="butterflies")}
BARS = {"butterflies": {"axis_found": (95, None), "wing_found": (80, None)}}
PROGRESS = Progress(
    {"axis_found": Scale("Axis within 5 degrees", "%")}, Losses(unit="nats", names={"entropy": "kind and direction", "offset": "offset"})
)  # fmt: skip


def upright(source: Specimens, split: str) -> Tensor:
    """Return the silhouettes of a split's clean, upright specimens: (N, 1, SIDE, SIDE) in [0, 1]."""
    data = source.specimens(split, 256)
    masks = torch.from_numpy(data.masks[data.symmetry >= UPRIGHT])[:, None].float() / 255
    return F.avg_pool2d(masks, masks.shape[-1] // SIDE)


def turned(pictures: Tensor, angle: Tensor, scale: Tensor) -> Tensor:
    """Turn pictures (B, C, S, S), 0 outside, clockwise by angles (B,), and make them so much larger (B,)."""
    cos, sin, none = angle.cos() / scale, angle.sin() / scale, torch.zeros_like(angle)
    matrix = torch.stack([cos, sin, none, -sin, cos, none], 1).view(-1, 2, 3)
    return F.grid_sample(
        pictures, F.affine_grid(matrix, list(pictures.shape), align_corners=False), align_corners=False
    )


def one_wing(halves: Tensor, kind: Tensor) -> Tensor:
    """Lay halves (B, C, S, 9 S / 16), right or mirrored left, out as the only wing of a picture: (B, C, S, S)."""
    side = halves.shape[-2]
    whole = F.pad(halves, (side - halves.shape[-1], 0))
    return torch.where((kind == LEFT)[:, None, None, None], whole.flip(-1), whole)


class Batches:
    """Makes what a step learns from, of example numbers."""

    def __init__(self, masks: Tensor, settings: AxisSettings):
        self.masks, self.settings = masks, settings

    def __call__(self, index: Tensor) -> tuple[Tensor, ...]:
        """Return silhouettes (B, 1, SIDE, SIDE) of 0 and 1, their kinds, angles, and points of their axes x, y (B,) each."""
        n, s = len(index), self.settings
        both = Warp(n, s.bend)
        sides = []
        for half in wings.halves(self.masks[index]).chunk(2):
            for warp in (both, Warp(n, s.bend_each)):
                half = wings.sample(half, *warp(*pixel_centres(SIDE, n)))
            sides.append(half)
        kind = torch.where(torch.rand(n) < s.wings, torch.randint(RIGHT, LEFT + 1, (n,)), WHOLE)
        # A single wing ends at the axis or short of it.
        edge = 0.06 * torch.rand(n) * (torch.rand(n) < 0.5)
        beside = (pixel_centres(SIDE, n)[0] >= edge[:, None, None])[:, None].float()
        wing = one_wing(torch.where((kind == LEFT)[:, None, None, None], sides[1], sides[0]) * beside, kind)
        drawn = torch.where((kind == WHOLE)[:, None, None, None], wings.join(*sides), wing)
        angle, scale = torch.rand(n) * 2 * math.pi, 0.5 + 0.6 * torch.rand(n)
        middle = torch.full((n,), SIDE / 2)
        return (turned(drawn, angle, scale) > 0.5).float(), kind, angle, middle, middle


def train(variant: str, settings: AxisSettings) -> Path | None:
    """Train, measure and save `axis.<variant>`; return its folder (None in all but the first process)."""
    source = named(settings.data)
    masks = upright(source, "train")
    masks, held = masks[: len(masks) - settings.holdout], masks[len(masks) - settings.holdout :]
    held = held if settings.holdout else upright(source, "test")

    shown = test_turns(held[:: max(1, len(held) // 8)][:8], 1)[0]

    def snapshot(run: Run, model: Axis, step: int) -> None:
        found = 100 * float((errors(model, held, turns=1)[0] < 5).float().mean())
        run.keep(step, np.concatenate(drawn(shown, detect_all(model, shown)), 1), axis_found=found)

    model, run = fit(
        f"axis.{variant}", build(Axis, settings), Batches(masks, settings), len(masks), settings,
        data=source.specimens("train", 256).sha256, snapshot=snapshot,
    )  # fmt: skip
    return publish(
        run, run.name, model, source, partial(evaluate, full=True), golden, pictures=pictures, progress=PROGRESS
    )


def test_turns(masks: Tensor, turns: int, most: float = 180) -> tuple[Tensor, Tensor]:
    """Turn silhouettes by chance, each so often, by up to so many degrees: (turns * N, 1, S, S) of 0 and 1, and the angles."""
    n = len(masks) * turns
    angle = torch.from_numpy(np.random.default_rng(0).uniform(0, math.radians(most), n)).float()
    shown = turned(masks.repeat(turns, 1, 1, 1), angle, torch.full((n,), 0.75))  # the corners stay in the picture
    return (shown > 0.5).float(), angle


def detect_all(model: Axis, silhouettes: Tensor) -> Found:
    """Find the axes of silhouettes (N, 1, S, S), in batches."""
    parts = [vars(model.detect(part)) for part in silhouettes.split(64)]
    return Found(**{key: torch.cat([part[key] for part in parts]) for key in parts[0]})


def apart(a: Tensor, b: Tensor, period: float = 360) -> Tensor:
    """Return how far apart angles in radians are, degrees."""
    return ((torch.rad2deg(a - b) + period / 2) % period - period / 2).abs()


def errors(model: Axis, masks: Tensor, turns: int = TURNS) -> tuple[Tensor, Found]:
    """Turn upright silhouettes and find their axes: how far off the head's direction is, degrees, and what was found."""
    shown, angle = test_turns(masks, turns)
    found = detect_all(model, shown)
    return apart(found.angle, angle), found


def mirror_line(silhouettes: Tensor) -> Tensor:
    """Return the direction through the centroid in which silhouettes (N, 1, S, S) overlap most with their mirror images: radians, (N,)."""
    angles = torch.arange(90) * math.pi / 90
    found = []
    for part in F.interpolate(silhouettes, (64, 64), mode="area").split(16):
        place, area = torch.arange(64) + 0.5, part.sum((1, 2, 3))
        centre = torch.stack([(part.sum((1, 2)) * place).sum(1), (part.sum((1, 3)) * place).sum(1)], 1) / area[:, None]
        turns = angles.expand(len(part), -1)
        found.append(angles[overlap(part, centre, turns, torch.zeros_like(turns)).argmax(1)])
    return torch.cat(found)


def traced(mask: np.ndarray) -> np.ndarray:
    """Return the longest outline of a silhouette (S, S), inside over 0.5: a line (points, 2) in 0..255."""
    line = max(contour_generator(z=np.pad(mask, 1)).lines(0.5), key=len) - 0.5
    return line * ((drawing.SIDE + 1) / len(mask)) - 0.5


def worn_turned(finder: Axis, data: Specimens, *turns: Tensor) -> list[float]:
    """Turn the outlines of all clean test specimens, dress them in patterns of other species, turn them back; return `pattern_found`.

    Args:
        turns: (N,) degrees by which each is turned, all drawn at three quarters of their size; a figure for each.
    """
    model = zoo.load(WORN)
    picture, mask, kinds = specimens("test", model.config.size, data)
    other = torch.from_numpy(measures.strangers(kinds))
    z = measures.encode_all(model, picture, mask)[other]
    known, found = measures.Known(data, model.config.size), []
    for degrees in turns:
        worn = []
        for i, turn in enumerate(degrees.deg2rad().tolist()):
            there = Placement(turn, 0.75)
            drawn = placed_figures(finder, [there.on_pad(traced(mask[i, 0].numpy()))], size=model.config.size)
            painted = dress(model, z[i : i + 1], drawn)
            colours = torch.cat([painted[:, :3] * painted[:, 3:], painted[:, 3:]], 1)
            back = turned(colours, torch.tensor([-turn]), torch.tensor([1 / 0.75])).clamp(0, 1)
            worn.append(back[:, :3] + 1 - back[:, 3:])
        found.append(100 * float(known.found(torch.cat(worn), mask, other)[:, 0].mean()))
    return found


def evaluate(model: Axis, data: Specimens, *, full: bool = False) -> list[Metric]:
    """Measure the finder on all upright test specimens."""
    masks = upright(data, "test")
    error, found = errors(model, masks)
    shown, angle = test_turns(masks, TURNS)
    plain = apart(mirror_line(shown), angle, 180)
    halves = wings.halves(masks)
    kind = torch.tensor([RIGHT, LEFT]).repeat_interleave(len(masks))
    edge = (pixel_centres(SIDE, 1)[0] >= 0)[:, None].float()
    single, single_angle = test_turns(one_wing(halves * edge, kind), 1)
    wing = detect_all(model, single)
    wing_error = apart(wing.angle, single_angle)

    def metric(
        name: str, value: Tensor | float, unit: str, tolerance: float, n: int, definition: str, **more
    ) -> Metric:
        return Metric(name, float(value), unit, n=n, split="test", tolerance=tolerance, definition=definition, **more)

    clean = F.avg_pool2d(specimens("test", 256, data)[1], 2)
    moved, by = test_turns(clean, 1)
    steady = apart(detect_all(model, moved).angle - by, detect_all(model, test_turns(clean, 1, 0)[0]).angle)

    n = len(error)
    said = f"upright test silhouettes, each turned {TURNS} times by 0 to 180 degrees"
    measured = [
        metric("axis_found", 100 * (error < 5).float().mean(), "%", 0.5, n, f"{said}: taken for whole or not, the head's direction is within 5 degrees"),
        metric("axis_line", 100 * (apart(found.angle, angle, 180) < 5).float().mean(), "%", 0.5, n, "the same, head and tail confused or not"),
        metric("axis_line_by_mirror", 100 * (plain < 5).float().mean(), "%", 0.5, n, "the same for the plain method: the line through the centroid with the largest overlap of the silhouette and its mirror image, which knows no head"),
        metric("axis_error", error.median(), "degrees", 0.1, n, "median error of the head's direction"),
        metric("taken_whole", 100 * (found.kind == WHOLE).float().mean(), "%", 0.5, n, "of the same, those that are taken for whole butterflies"),
        metric("wing_found", 100 * ((wing_error < 15) & (wing.kind == kind)).float().mean(), "%", 0.5, len(kind), "single wings, turned once by 0 to 180 degrees: taken for that wing, the head's direction within 15 degrees"),
        metric("wing_error", wing_error.median(), "degrees", 0.3, len(kind), "median error of the same"),
        metric("axis_steady", 100 * (steady < 5).float().mean(), "%", 0.5, len(clean), "all clean test silhouettes, upright or not: turned once by 0 to 180 degrees, the axis lies within 5 degrees of where the axis found unturned goes"),
    ]  # fmt: skip
    if not full:
        return measured
    turns = torch.from_numpy(np.random.default_rng(0).uniform(0, 180, len(clean)))
    found_turned, found_upright = worn_turned(model, data, turns, torch.zeros(len(clean)))
    told = f"outputs of {WORN} with swapped patterns, outlines traced, drawn at three quarters of their size, whose exemplar is found, as its card has it"
    return [
        *measured,
        metric("pattern_found_turned", found_turned, "%", 1.0, len(clean), f"{told}: turned by 0 to 180 degrees, and the pictures turned back", full=True),
        metric("pattern_found_upright", found_upright, "%", 1.0, len(clean), f"{told}: not turned", full=True),
    ]  # fmt: skip


def golden(model: Axis) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    y, x = torch.meshgrid(*[(torch.arange(SIDE) + 0.5) / SIDE * 2 - 1] * 2, indexing="ij")
    shape = ((x.abs() - 0.4) ** 2 / 0.12 + (y + 0.3 * x) ** 2 / 0.2 < 1).float()[None, None]
    readings = model.polar(shape)[0]
    logits, offsets = model.guess(readings)
    return {"guess.in.0": readings, "guess.out.0": logits, "guess.out.1": offsets}


def drawn(silhouettes: Tensor, found: Found) -> np.ndarray:
    """Draw axes into silhouettes (N, 1, S, S): (N, S, S, 3) uint8."""
    from PIL import Image, ImageDraw

    shown = []
    for i, silhouette in enumerate(silhouettes):
        image = Image.fromarray((255 - 90 * silhouette[0].numpy()).astype(np.uint8)).convert("RGB")
        draw = ImageDraw.Draw(image)
        x, y, angle = float(found.x[i]), float(found.y[i]), float(found.angle[i])
        head = x + 0.4 * SIDE * math.sin(angle), y - 0.4 * SIDE * math.cos(angle)
        draw.line([head, (2 * x - head[0], 2 * y - head[1])], (214, 96, 20), 2)
        draw.ellipse([head[0] - 4, head[1] - 4, head[0] + 4, head[1] + 4], (214, 96, 20))
        shown.append(np.asarray(image))
    return np.stack(shown)


def pictures(model: Axis, source: Specimens) -> dict[str, np.ndarray]:
    """Return the card's pictures: axes of twenty-four turned specimens, half of them single wings, and the worst of the whole ones."""
    masks = upright(source, "test")
    some = masks[np.random.default_rng(5).permutation(len(masks))[:24]]
    kind = torch.tensor([RIGHT, LEFT]).repeat(6)
    edge = (pixel_centres(SIDE, 1)[0] >= 0)[:, None].float()
    cut = one_wing(wings.halves(some[12:])[:12] * edge, kind)
    mixed, _ = test_turns(torch.cat([some[:12], cut]), 1)
    error, found = errors(model, masks, 1)
    worst = error.argsort(descending=True)[:12]
    chosen = Found(**{key: value[worst] for key, value in vars(found).items()})
    sheets = drawn(mixed, detect_all(model, mixed)), drawn(test_turns(masks, 1)[0][worst], chosen)
    samples, failures = (np.concatenate([np.concatenate(row, 1) for row in np.split(x, len(x) // 6)]) for x in sheets)
    return {"samples": samples, "failures": failures}


if __name__ == "__main__":
    main(VARIANTS, train)
