"""Watch it learn: the same samples at many moments of a training run, and what was measured at each."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

import zoo
from playground.demos import card, writing_desk
from playground.demos.recipe import Field, choice, integer

NOTHING = "nothing"
HOW = (
    "Training begins with random weights, so the first pictures are noise. A few dozen steps give grey blots: the "
    "average digit. Then come strokes, then ten separate digits, and most of the time goes into the last details. "
    "The pictures were kept at moments spaced evenly on a **logarithmic** scale, from the same *z* each time. "
    "A **VAE**'s loss falls steadily, for it measures the pictures themselves. A **GAN**'s two losses do "
    "not fall: each network is graded against the other. So the judge gives both one axis: how many samples it "
    "reads as their label, and how far their features are from those of real digits."
)
EQUATION = r"\theta_{t+1} = \theta_t - \eta_t \, \nabla_\theta \mathcal{L}(\theta_t)"
TRY_THIS = "Put the cGAN against the cVAE. Which has digits first, and which has the better ones at the end?"

# What may stand on the vertical axis: label and unit.
AXES = {
    "test_loss": ("Test loss", "nats per picture"),
    "agreement": ("Judge reads the label", "%"),
    "frechet": ("Fréchet distance to test pictures", "judge features"),
    "bits": ("Bits", "per dimension"),
    "validation_loss": ("Validation loss", "nats per character"),
    "accuracy": ("Test accuracy", "%"),
    "l1": ("Test error (L1)", "of 1"),
    "greedy_return": ("An episode lasts", "steps of 500"),
}


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    names = watchable()
    first = "cgan.mnist" if "cgan.mnist" in names else names[-1]
    rival = "cvae.mnist" if "cvae.mnist" in names else NOTHING
    return {
        "model": choice(names, first),
        "moment": integer(0, 100, 60),
        "against": choice([NOTHING, *names], rival),
    }


def watchable() -> list[str]:
    """Return the checkpoints with a history."""
    return [name for name in zoo.names() if (card(name).folder / "history.webp").exists() or writes(name)]


def writes(name: str) -> bool:
    """Return whether a history holds texts instead of pictures."""
    return "texts" in card(name).history["moments"][0]


@lru_cache(maxsize=16)
def frames(name: str) -> np.ndarray:
    """Return a history's pictures, or its texts drawn as pages: (moments, H, W) or (moments, H, W, 3) uint8."""
    if writes(name):
        return np.stack([writing_desk.page_at(name, i) for i in range(len(moments(name)))])
    return np.stack(np.split(picture(card(name).folder / "history.webp"), len(moments(name))))


def picture(path: Path) -> np.ndarray:
    """Read one of a card's pictures: (H, W) where it is grey, else (H, W, 3), uint8."""
    with Image.open(path) as file:
        colour = np.asarray(file.convert("RGB"))
    return colour[..., 0] if (colour == colour[..., :1]).all() else colour


def moments(name: str) -> list[dict]:
    """Return what was measured at each picture: dicts with 'step', 'seconds' and metrics."""
    return card(name).history["moments"]


def axes(*names: str) -> list[str]:
    """Return the metrics that all these runs measured as they went, distances only by the same judge."""
    alike = len({card(name).training["data"] for name in names}) == 1
    return [key for key in AXES if (alike or key != "frechet") and all(key in moments(name)[-1] for name in names)]


def rivals(name: str) -> list[str]:
    """Return the other models that measured the same thing as they learned."""
    return [other for other in watchable() if other != name and axes(name, other)]


def at(name: str, percent: int) -> int:
    """Return the number of the moment at a share of a history's moments, 0 to 100 %."""
    return round(percent / 100 * (len(frames(name)) - 1))


def seen(name: str) -> list[float]:
    """Return how many thousand training examples the model had seen at each moment."""
    batch = card(name).training["settings"]["batch_size"]
    return [moment.get("env_steps", moment["step"] * batch) / 1000 for moment in moments(name)]


def discriminator(name: str) -> np.ndarray | None:
    """Return how often a GAN's discriminator ranks real above made, %: (10, moments), or (1, moments) of one without labels.

    50 is a draw, 100 a discriminator that has won. None for models without one.
    """
    rows = [moment.get("discriminator_accuracy") for moment in moments(name)]
    return None if rows[0] is None else np.array(rows).reshape(len(rows), -1).T


def losses(name: str) -> dict[str, list[tuple[int, float]]]:
    """Return the training log's curves: (step, value) by name; of an agent how long its episodes last, for its losses tell little."""
    curve = card(name).history["curve"]
    keys = [key for key in curve[0] if key not in ("step", "seconds")]
    if "greedy_return" in keys:
        keys = ["return", "greedy_return"]
    return {key: [(record["step"], record[key]) for record in curve] for key in keys}


@lru_cache(maxsize=1)
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: one sampler's digits from noise to finished, (112, 112) uint8."""
    strips = frames("cgan.mnist" if "cgan.mnist" in watchable() else watchable()[-1])
    moments = np.linspace(0, len(strips) - 1, 5).round().astype(int)[1:]
    return np.concatenate([strips[i][:28, 28:140] for i in moments])


def studied() -> list[str]:
    """Return the models with a study: the plain recipe and ablations beside what ships."""
    return [name for name in zoo.names() if "plain" in card(name).study]


def ablations(name: str) -> dict[str, float]:
    """Return the test loss (nats) of each 3-epoch ablation, by what was changed."""
    rows = card(name).study["ablations"]
    return {
        ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in row["change"].items()): row["test_loss"]
        for row in rows
    }


def recipes(name: str) -> list[dict[str, str]]:
    """Return the shipped, plain and peer trainings of one network, as rows of a table."""
    c = card(name)
    plain, peer = c.study["plain"], c.study.get("peer")
    rows = [
        ("shipped", c.training["settings"]["epochs"], c.metric("test_loss").value),
        ("plain recipe", 10, plain["test_loss"]),
        *([(peer["library"], peer["epochs"], peer["test_loss"])] if peer else []),
    ]
    return [
        {
            "network": name,
            "trained by": who,
            "epochs": f"{epochs:g}",
            "test loss, nats": f"{loss:.2f}",
        }
        for who, epochs, loss in rows
    ]


def code(names: list[str]) -> str:
    """Return the lines of Python that read the same histories."""
    lines = ["import zoo", "from PIL import Image"]
    for name in names:
        if writes(name):
            lines += [
                "",
                f'moments = zoo.card("{name}").history["moments"]  # steps, seconds, loss, and what it wrote: texts',
            ]
            continue
        lines += [
            "", f'card = zoo.card("{name}")', 'frames = Image.open(card.folder / "history.webp")  # one below the other, a moment each',
            'moments = card.history["moments"]  # steps, seconds and what was measured',
        ]  # fmt: skip
    return "\n".join(lines)
