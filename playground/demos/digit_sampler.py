"""Digit sampler: digits of a chosen label, from one model or from all with the same seed."""

from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F

from playground.demos import card, conditional, load
from playground.demos.recipe import Field, choice, integer, number
from zoo.nn import MAX_SEED, noise
from zoo.pictures import grid, pixels

ALL = "all"
HOW = (
    "Each model turns random numbers *z* and a label *y* into a picture. The **cVAE** learned by packing real "
    "digits into a short code and drawing them again; asked for a digit, it draws from a random code: smooth, a "
    "little blurred. The **cGAN** never saw a picture to copy: it learned from a second network that tells real "
    "from made: crisp, sometimes odd. The seed fixes *z*, so the same seed gives the same hand for every label. "
    "*Wilder* scales *z*: near 0 each picture is the plainest digit, above 1 the model leaves what it knows. A "
    "third network, the judge, reads every picture and says where it disagrees."
)
EQUATION = r"x = G(z, y), \qquad z \sim \mathcal{N}(0, \tau^2 I)"
TRY_THIS = "Set *wilder* to 0, then raise it slowly: the hands part from each other one by one."


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [*conditional(), "judge.mnist"]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "model": choice([ALL, *conditional()], ALL),
        "label": choice([str(digit) for digit in range(10)], "3"),
        "seed": integer(0, MAX_SEED, 1),
        "count": integer(1, 60, 10),
        "wild": number(0.0, 1.5, 0.9),
        "to": choice([str(digit) for digit in range(10)], "8"),
    }


@torch.inference_mode()
def sample(name: str, label: int, count: int, seed: int, wild: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw digits of one label.

    Args:
        name: a checkpoint of `conditional()`.
        label: 0 to 9.
        count: number of pictures.
        seed: picture i depends on (seed, i) and the label alone.
        wild: standard deviation of the noise; 0 gives the same digit each time.

    Returns:
        pictures (count, 28, 28) uint8, white on black; the judge's probability of each label (count, 10).
    """
    x = load(name).sample(count, seed=seed, label=label, temperature=wild)
    return pixels(x), load("judge.mnist").classify(x).numpy()


@torch.inference_mode()
def film(name: str, start: int, end: int, seed: int, wild: float, frames: int = 10) -> np.ndarray:
    """Change one label into another while the noise stays: (frames, 28, 28) uint8."""
    model = load(name)
    z = wild * noise(1, model.config.latent, seed=seed).expand(frames, -1)
    share = torch.linspace(0, 1, frames)[:, None]
    ends = F.one_hot(torch.tensor([start, end]), model.config.classes).float()
    draw = getattr(model, "decode", None) or model.generate
    return pixels(draw(z, (1 - share) * ends[0] + share * ends[1]))


def code(name: str, label: int, count: int, seed: int, wild: float) -> str:
    """Return the lines of Python that draw the same pictures."""
    return (
        f'import zoo\n\nmodel = zoo.load("{name}")\n'
        f"x = model.sample({count}, seed={seed}, label={label}, temperature={wild:g})  # ({count}, 1, 28, 28) in [0, 1]"
    )


@lru_cache(maxsize=1)
def thumbnail() -> np.ndarray:
    """Return the demo's square picture, drawn by its best model: (H, W) uint8."""
    name = min(conditional(), key=lambda name: card(name).metric("frechet").value)
    with torch.inference_mode():
        labels = torch.tensor([4, 2, 7, 3, 9, 0, 5, 8, 6, 1, 2, 7, 3, 5, 0, 4])
        return grid(load(name).sample(16, seed=4, label=labels), 4)
