"""Ways out of the noise: a picture's, step by step; those between two noises; and those that keep what is drawn."""

import numpy as np
import torch

from playground import drawing
from playground.catalogue import load
from playground.markup import ORANGE
from playground.memory import remembered
from playground.noises import spherical
from zoo.drawing import SIDE, lines, rasterise
from zoo.nn import noise
from zoo.pictures import pixels

DIGITS = "ddpm.mnist"
ANY = "any"
FRAMES = 8  # of a strip
SHORT = 10  # steps of a strip's frames at most
BOX = 24  # pixels of the picture that the pad stands for
FINISH = {"steps": 20, "repeats": 3}  # a second for four digits; fewer repeats join the parts less well


@remembered
@torch.inference_mode()
def walk(
    model: str, label: int, seed: int, steps: int, guidance: float, sampler: str
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Go from noise to picture.

    Returns:
        what is there at each moment, the start included (steps + 1, 28, 28) uint8; the clean picture that the network sees in it,
        as many (at the end, the picture itself); the levels of noise, T to 0.
    """
    x, network = noise(1, 1, 28, 28, seed=seed), load(model)
    way = list(network.walk(x, torch.tensor([label]), seed=seed, steps=steps, guidance=guidance, sampler=sampler))
    there = torch.cat([x, *(step.x for step in way)])
    seen = torch.cat([*(step.clean for step in way), way[-1].x])
    return pixels((there + 1) / 2), pixels((seen + 1) / 2), network.levels(steps)


def evaluations(steps: int, guidance: float) -> int:
    """Return how often a walk asks the network."""
    return steps * (1 if guidance in (0, 1) else 2)


@remembered
@torch.inference_mode()
def between(model: str, label: int, seed: int, other: int, steps: int, guidance: float, sampler: str) -> np.ndarray:
    """Draw pictures from noises between two seeds'; the first and the last are the seeds' own: (FRAMES, 28, 28) uint8."""
    x = spherical(*(noise(1, 1, 28, 28, seed=s) for s in (seed, other)), torch.linspace(0, 1, FRAMES))
    y = torch.full((FRAMES,), label)
    *_, last = load(model).walk(x, y, seed=seed, steps=steps, guidance=guidance, sampler=sampler)
    return pixels((last.x + 1) / 2)


def quick(steps: int, sampler: str) -> tuple[int, str]:
    """Return how a strip's frames are drawn: in few steps, and with no noise but the first."""
    return min(steps, SHORT), "ddim" if sampler == "ddpm" else sampler


def part(strokes: drawing.Strokes) -> np.ndarray:
    """Return a drawing where it was drawn, neither centred nor scaled to fit: (28, 28) ink in [0, 1]; 0 where nothing is."""
    inner = [BOX / 28 * (line - SIDE / 2) + SIDE / 2 for line in lines(strokes)]
    return rasterise(inner, 28, width=2.3)


def finish(strokes: drawing.Strokes, into: str, seed: int, ways: int) -> tuple[np.ndarray, np.ndarray]:
    """Finish a digit: what is drawn stays, and the model adds the rest.

    Args:
        into: the label to make of it, or `ANY`.
        seed: way i depends on (seed, i) alone.

    Returns:
        pictures (ways, 28, 28) uint8; the digit that the judge reads in each (ways,). None of them where nothing is drawn.
    """
    return _finish(tuple(map(tuple, strokes)), into, seed, ways)


@remembered
@torch.inference_mode()
def _finish(strokes: tuple[tuple[int, ...], ...], into: str, seed: int, ways: int) -> tuple[np.ndarray, np.ndarray]:
    ink = torch.from_numpy(part(strokes))[None, None]
    if not ink.any():
        return np.zeros((0, 28, 28), np.uint8), np.zeros(0, int)
    y = torch.full((ways,), 0 if into == ANY else int(into))
    told = {"known": 2 * ink - 1, "mask": (ink > 0).float(), "guidance": 0 if into == ANY else 1}
    x = noise(ways, 1, 28, 28, seed=seed)
    *_, last = load(DIGITS).walk(x, y, seed=seed, sampler="ddpm", **told, **FINISH)
    whole = (last.x + 1) / 2
    return pixels(whole), load("judge.mnist").classify(whole).argmax(1).numpy()


def coloured(pictures: np.ndarray, own: np.ndarray, ink: tuple[int, int, int]) -> np.ndarray:
    """Lay finished digits (N, 28, 28) uint8 on white, what was drawn (28, 28) bool in orange, the rest in ink: (N, 28, 28, 3) uint8."""
    share = pictures[..., None] / 255
    return (255 * (1 - share) + np.where(own[..., None], ORANGE, ink) * share).round().astype(np.uint8)
