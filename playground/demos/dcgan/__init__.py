"""A forger and a critic: pictures from noise alone, and what lies between two of them."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from playground.demos import card, load
from playground.demos.diffusion import spherical
from playground.demos.recipe import Field, choice, integer, number
from zoo.nn import MAX_SEED, noise
from zoo.pictures import grid, pixels

FRAMES = 10
MOST = 60  # pictures
HOW = (
    "Two networks play. The **forger** turns random numbers *z* into a picture; the **critic** is shown a real and a forged one and "
    "says which is which. Each learns from the other's last move: the critic where the forgeries give themselves away, the forger "
    "what the critic looks at. Nobody tells them what a horse or a 4 is. If the critic won, the forger would learn nothing; if the "
    "forger found one picture that always passes, it would draw nothing else. Comparing pairs, and keeping the critic's slopes small, "
    "keeps the critic's lead small enough to learn from. Every point of the noise is a picture, so a line through it is a film."
)
EQUATION = (
    r"\begin{gathered} \max_D\; \mathbb{E}\,\log\sigma\bigl(D(x) - D(G(z))\bigr) \\ "
    r"\max_G\; \mathbb{E}\,\log\sigma\bigl(D(G(z)) - D(x)\bigr) \end{gathered}"
)
TRY_THIS = "Set *wilder* to 0: the one picture in the middle of everything. Raise it, and watch where variety becomes nonsense."
SOURCE = "CIFAR-10 comes from JPEG files here (quality 75): no figure can be compared with published ones."
PAST = "A number past the sheet's end means its last picture"
CURVES = {"generator_loss": "forger's loss", "discriminator_loss": "critic's loss"}


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs, colour first."""
    return ["dcgan.cifar10", "dcgan.mnist"]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "model": choice(checkpoints(), checkpoints()[0]),
        "seed": integer(0, MAX_SEED, 1),
        "count": integer(1, MOST, 30),
        "wild": number(0.0, 1.5, 1.0),
        "start": integer(1, MOST, 1),
        "end": integer(1, MOST, 2),
    }


def points(name: str, count: int, seed: int, wild: float) -> Tensor:
    """Return where the pictures of a sheet lie: (count, latent)."""
    return wild * noise(count, load(name).config.latent, seed=seed)


@lru_cache(maxsize=32)
@torch.inference_mode()
def sample(name: str, count: int, seed: int, wild: float) -> np.ndarray:
    """Draw pictures.

    Args:
        count: number of pictures.
        seed: picture i depends on (seed, i) alone.
        wild: standard deviation of the noise; 0 gives the same picture each time.

    Returns:
        (count, 28, 28) or (count, 32, 32, 3) uint8.
    """
    return pixels(load(name).generate(points(name, count, seed, wild)))


@lru_cache(maxsize=32)
@torch.inference_mode()
def between(name: str, count: int, seed: int, wild: float, start: int, end: int) -> np.ndarray:
    """Draw what lies between two pictures of a sheet, counted from 1; numbers past the sheet's end mean its last.

    Returns:
        (FRAMES, 28, 28) or (FRAMES, 32, 32, 3) uint8: the two pictures at the ends.
    """
    z = points(name, count, seed, wild)
    a, b = (z[min(i, count) - 1][None] for i in (start, end))
    return pixels(load(name).generate(spherical(a, b, torch.linspace(0, 1, FRAMES))))


def game(name: str) -> dict[str, tuple[list[float], list[float]]]:
    """Return both losses by tenth of the training: (thousand steps, loss) by who loses; 0.69 is a draw."""
    rows = card(name).tables["balance"]
    steps = [row[0] / 1000 for row in rows]
    return {title: (steps, [row[i] for row in rows]) for i, title in enumerate(CURVES.values(), 1)}


def standing(name: str) -> str:
    """Return how the game stood in the last tenth of the training, in two sentences."""
    _, forger, critic, right = card(name).tables["balance"][-1]
    return (
        f"In the last tenth of the training the forger's loss is {forger:.2f} and the critic's {critic:.2f}; 0.69 for both is a draw. "
        f"The critic ranks the real picture above the forged one in {100 * right:.0f} of 100 pairs."
    )


def code(name: str, count: int, seed: int, wild: float) -> str:
    """Return the lines of Python that draw the same pictures."""
    return (
        f'import zoo\n\nmodel = zoo.load("{name}")\n'
        f"x = model.sample({count}, seed={seed}, temperature={wild:g})  # ({count}, channels, size, size) in [0, 1]"
    )


@lru_cache(maxsize=1)
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: nine drawn by the first model."""
    with torch.inference_mode():
        return grid(load(checkpoints()[0]).sample(9, seed=12), 3)
