"""Digit sampler: digits of a chosen label, from one model or from all with the same seed."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from playground.catalogue import card, conditional, load
from playground.demo import Demo, Drawn, Endpoint, Pictures, Section, Stage, Words
from playground.fields import Field, Values, choice, digit, integer, number, seed
from playground.memory import remembered
from zoo.nn import noise
from zoo.pictures import grid, pixels, sheet

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
        "model": choice([ALL, *conditional()], ALL, "Model", "'all' shows the same label and seed"),
        "label": digit("3"),
        "seed": seed(help="Picture i depends on (seed, i) alone"),
        "count": integer(1, 60, 10, "How many"),
        "wild": number(0.0, 1.5, 0.9, "Wilder", "Temperature: standard deviation of z"),
        "to": digit("8", "Turn into"),
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
    return pixels(model.decode(z, (1 - share) * ends[0] + share * ends[1]))


def chosen(v: Values) -> list[str]:
    """Return the models that draw."""
    return conditional() if v["model"] == ALL else [v["model"]]


def drawn(v: Values) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return each model's pictures and what the judge makes of them, as `sample` does."""
    return {name: sample(name, int(v["label"]), v["count"], v["seed"], v["wild"]) for name in chosen(v)}


def films(v: Values) -> dict[str, np.ndarray]:
    """Return each model's way from one label to the other, as `film` does."""
    return {name: film(name, int(v["label"]), int(v["to"]), v["seed"], v["wild"]) for name in chosen(v)}


def stage(v: Values) -> Stage:
    """Return the digits with what the judge reads, and the ways to another label."""
    label, digits = int(v["label"]), []
    for name, (x, judged) in drawn(v).items():
        read = judged.argmax(1)
        digits += [
            Words(f"**{name}** · the judge reads {(read == label).sum()} of {v['count']} as a {label}"),
            Pictures(
                x, [f"digit {label} by {name}, read as a {r}" for r in read], ["" if r == label else f"a {r}?" for r in read]
            ),
        ]  # fmt: skip
    turned = [
        Pictures(frames, [f"{name}: step {i} from {label} to {v['to']}" for i in range(len(frames))])
        for name, frames in films(v).items()
    ]
    return {"digits": digits, "film": turned}


def render(v: Values) -> np.ndarray:
    """Return the download: every model's pictures, ten in a row."""
    return np.concatenate([sheet(x, 10) for x, _ in drawn(v).values()])


def sampled(v: Values) -> tuple[list[Drawn], dict[str, Any]]:
    """Draw digits of one label: a PNG for each model, 28x28 ink on white, ten in a row; and the judge's reading of each."""
    found = drawn(v)
    read = {name: {"read": p.argmax(1).tolist(), "sure": p.max(1).round(4).tolist()} for name, (_, p) in found.items()}
    return [Drawn(sheet(x, 10), {"model": name}) for name, (x, _) in found.items()], read


def turned(v: Values) -> list[Drawn]:
    """Turn one label into another while the noise stays: a PNG for each model, ten steps of 28x28 side by side."""
    return [Drawn(sheet(x, 10), {"model": name}) for name, x in films(v).items()]


def code(v: Values) -> str:
    """Return the lines of Python that draw the same pictures."""
    return "\n\n".join(
        f'import zoo\n\nmodel = zoo.load("{name}")\n'
        f"x = model.sample({v['count']}, seed={v['seed']}, label={v['label']}, temperature={v['wild']:g})  # ({v['count']}, 1, 28, 28) in [0, 1]"
        for name in chosen(v)
    )


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture, drawn by its best model: (H, W) uint8."""
    name = min(conditional(), key=lambda name: card(name).metric("frechet").value)
    with torch.inference_mode():
        labels = torch.tensor([4, 2, 7, 3, 9, 0, 5, 8, 6, 1, 2, 7, 3, 5, 0, 4])
        return grid(load(name).sample(16, seed=4, label=labels), 4)


DEMO = Demo(
    title="Digit sampler", line="Choose a digit, and each model writes it in many hands.", term="conditional VAE and GAN",
    group="Digits", order=1, icon="grid_view", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, models=conditional, fields=fields, stage=stage, code=code, render=render, thumbnail=thumbnail,
    layout=(
        Section(("digits",), lead=("label",), fields=("wild", "count", "model", "seed")),
        Section(("film",), lead=("to",)),
    ),
    endpoints=(
        Endpoint(sampled, ("label", "seed", "count", "wild", "model"), "sample"),
        Endpoint(turned, ("label", "to", "seed", "wild", "model"), "film"),
    ),
)  # fmt: skip
