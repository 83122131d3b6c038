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
