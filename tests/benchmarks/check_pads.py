"""Several butterflies on a pad: is each painted as if it were alone?

    ZOO_DATA=... python tests/benchmarks/check_pads.py [hand]

Draws a hundred pads with two or three test outlines each, turned and made smaller by chance, at least four units apart: traced exactly, or
by a simulated hand, in pieces with gaps. Counts those on which every butterfly has the pixels, within 2/255 inside its outline, that it has alone.
"""

import math
import sys

import numpy as np
import torch
from scipy import ndimage

import zoo
from train.axis import UPRIGHT, traced
from train.retexture.shapes import by_hand
from zoo.data import named
from zoo.drawing import enclose
from zoo.dressing import dress, placed_figures
from zoo.placement import Placement

PADS, APART = 100, 4


def pad(masks: np.ndarray, seed: int, hand: bool) -> list[list[np.ndarray]]:
    """Return the lines of two or three butterflies that do not touch."""
    generator = np.random.default_rng(seed)
    count = generator.integers(2, 4)
    while True:
        drawn: list[list[np.ndarray]] = []
        taken = np.zeros((256, 256), bool)
        for k in range(count):
            mask = masks[generator.integers(len(masks))] / 255
            lines = by_hand(mask, seed=10 * seed + k) if hand else [traced(mask)]
            for _ in range(60):
                scale = generator.uniform(0.28, 0.5)
                place = generator.uniform(127 * scale, 255 - 127 * scale, 2)
                there = Placement(generator.uniform(0, 2 * math.pi), scale, *place)
                laid = [there.on_pad(line).round() for line in lines]
                points = np.concatenate(laid)
                inside = enclose(laid) > 0
                near = ndimage.binary_dilation(inside, iterations=APART)
                if points.min() >= 0 and points.max() <= 255 and not (near & taken).any():
                    taken |= inside
                    drawn.append(laid)
                    break
        if len(drawn) == count:
            return drawn


def seen(painted: torch.Tensor) -> torch.Tensor:
    """Return what shows of pictures (N, 4, H, W): colour as far as it is opaque, and alpha."""
    return torch.cat([painted[:, :3] * painted[:, 3:], painted[:, 3:]], 1)


def alike(finder, painter, z: torch.Tensor, drawn: list[list[np.ndarray]]) -> bool:
    """Return whether butterflies are painted together as they are alone."""
    together = placed_figures(finder, [line for lines in drawn for line in lines])
    if len(together) != len(drawn):
        return False
    whole = seen(dress(painter, z, together))
    for lines in drawn:
        alone = placed_figures(finder, lines)
        inside = sum(figure.placement.laid(figure.silhouette, 256) for figure in alone) > 0.5
        if ((seen(dress(painter, z, alone)) - whole).abs() * inside).max() > 2 / 255:
            return False
    return True


def main() -> None:
    """Print how many pads are right."""
    hand = sys.argv[1:] == ["hand"]
    data = named("butterflies").specimens("test", 256)
    masks, gallery = data.masks[data.symmetry >= UPRIGHT], zoo.extras("retexture.butterflies")["gallery"].float()
    finder, painter = zoo.load("axis.butterflies"), zoo.load("retexture.butterflies")
    right = [alike(finder, painter, gallery[[seed]], pad(masks, seed, hand)) for seed in range(PADS)]
    print(f"{sum(right)} of {PADS} pads; not: {[seed for seed, fine in enumerate(right) if not fine]}")


if __name__ == "__main__":
    main()
