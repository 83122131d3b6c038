"""A forger and a critic: pictures from noise alone, and what lies between two of them."""

import numpy as np
import torch
from torch import Tensor

from playground import charts
from playground.catalogue import card, load
from playground.demo import Chart, Demo, Drawn, Endpoint, Pictures, Section, Slot, Stage, Words
from playground.fields import Field, Values, choice, integer, number, seed
from playground.memory import remembered
from playground.noises import spherical
from zoo.nn import noise
from zoo.pictures import grid, pixels, sheet

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
CURVES = {"generator loss": "forger's loss", "discriminator loss": "critic's loss"}


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs, colour first."""
    return ["dcgan.cifar10", "dcgan.mnist"]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "model": choice(checkpoints(), checkpoints()[0], "Model"),
        "seed": seed(help="Picture i depends on (seed, i) alone"),
        "count": integer(1, MOST, 30, "How many"),
        "wild": number(0.0, 1.5, 1.0, "Wilder", "Temperature: standard deviation of z"),
        "start": integer(1, MOST, 1, "From picture", PAST, look="typed"),
        "end": integer(1, MOST, 2, "To picture", PAST, look="typed"),
    }


def points(name: str, count: int, seed: int, wild: float) -> Tensor:
    """Return where the pictures of a sheet lie: (count, latent)."""
    return wild * noise(count, load(name).config.latent, seed=seed)


@remembered
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
    return pixels(load(name).decode(points(name, count, seed, wild)))


@remembered
@torch.inference_mode()
def between(name: str, count: int, seed: int, wild: float, start: int, end: int) -> np.ndarray:
    """Draw what lies between two pictures of a sheet, counted from 1; numbers past the sheet's end mean its last.

    Returns:
        (FRAMES, 28, 28) or (FRAMES, 32, 32, 3) uint8: the two pictures at the ends.
    """
    z = points(name, count, seed, wild)
    a, b = (z[min(i, count) - 1][None] for i in (start, end))
    return pixels(load(name).decode(spherical(a, b, torch.linspace(0, 1, FRAMES))))


def game(name: str) -> dict[str, tuple[list[float], list[float]]]:
    """Return both losses by tenth of the training: (thousand steps, loss) by who loses; 0.69 is a draw."""
    table = card(name).tables["balance"]
    steps = [step / 1000 for step in table.column("step")]
    return {title: (steps, table.column(column)) for column, title in CURVES.items()}


def standing(name: str) -> str:
    """Return how the game stood in the last tenth of the training, in two sentences."""
    _, forger, critic, right = card(name).tables["balance"].rows[-1]
    return (
        f"In the last tenth of the training the forger's loss is {forger:.2f} and the critic's {critic:.2f}; 0.69 for both is a draw. "
        f"The critic ranks the real picture above the forged one in {100 * right:.0f} of 100 pairs."
    )


def chosen(v: Values) -> tuple[str, int, int, float]:
    """Return what a sheet depends on."""
    return v["model"], v["count"], v["seed"], v["wild"]


def stage(v: Values) -> Stage:
    """Return the sheet, the film between two of its pictures, and how the game went."""
    name, drawn = v["model"], sample(*chosen(v))
    frames = between(*chosen(v), v["start"], v["end"])
    alts = [f"picture {i} by {name}" for i in range(1, len(drawn) + 1)]
    source = [Words(SOURCE, quiet=True)] if name.endswith("cifar10") else []
    return {
        "sheet": [Pictures(drawn, alts, [str(i) for i in range(1, len(drawn) + 1)], columns=6), *source],
        "film": Pictures(frames, [f"step {i} on the way" for i in range(len(frames))]),
        "game": Chart(lambda colors: charts.lines(colors, game(name), "thousand steps", "loss"), height=240),
        "standing": Words(standing(name), quiet=True),
    }


def render(v: Values) -> np.ndarray:
    """Return the download: the sheet, six in a row."""
    return sheet(sample(*chosen(v)), 6)


def sampled(v: Values) -> Drawn:
    """Draw pictures from noise alone: a PNG, six in a row, 28x28 ink on white or 32x32 colour each."""
    return Drawn(render(v))


def mixed(v: Values) -> Drawn:
    """Go from one picture of a seed's sheet to another, by their numbers from 1: a PNG of ten steps side by side."""
    return Drawn(sheet(between(*chosen(v), v["start"], v["end"]), 10))


def code(v: Values) -> str:
    """Return the lines of Python that draw the same pictures."""
    name, count, seed, wild = chosen(v)
    return (
        f'import zoo\n\nmodel = zoo.load("{name}")\n'
        f"x = model.sample({count}, seed={seed}, temperature={wild:g})  # ({count}, channels, size, size) in [0, 1]"
    )


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: nine drawn by the first model."""
    with torch.inference_mode():
        return grid(load(checkpoints()[0]).sample(9, seed=12), 3)


DEMO = Demo(
    title="A forger and a critic", line="Two networks play against each other, and pictures come out of noise.", term="GAN",
    group="Digits", order=6, icon="palette", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, fields=fields, stage=stage, code=code, render=render, thumbnail=thumbnail,
    layout=(
        Section(("sheet",), lead=("model",), fields=("wild",), more=("count", "seed")),
        Section(("film",), lead=("start", "end"), title="From one picture to another, by their numbers on the sheet"),
        Section((Slot("game", charts=1), "standing"), title="Who is winning, over the training"),
    ),
    endpoints=(
        Endpoint(sampled, ("model", "count", "seed", "wild"), "sample"),
        Endpoint(mixed, ("model", "start", "end", "seed", "wild"), "between", fixed={"count": MOST}),
    ),
)  # fmt: skip
