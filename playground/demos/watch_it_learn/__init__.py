"""Watch it learn: the same samples at many moments of a training run, and what was measured at each."""

from functools import lru_cache
from typing import Any

import numpy as np

import zoo
from playground import charts, panels
from playground.catalogue import card
from playground.demo import Chart, Demo, Drawn, Endpoint, Section, Slot, Stage, Table, Words
from playground.fields import Field, Values, choice, integer
from playground.learning import AXES, FIRST, at, axes, discriminator, frames, moments, rivals, seen, watchable, writes

NOTHING = "nothing"
MOST_STUDIES = 4
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
        "model": choice(names, first, "Model", look="list"),
        "moment": integer(0, 100, FIRST, "Moment", "Log-spaced: early moments are close together", unit="%"),
        "against": choice(
            [NOTHING, *names], rival, "Against", look="list", allows=lambda v: [NOTHING, *rivals(v["model"])]
        ),
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


def recipes(name: str) -> list[tuple[str, str, str, str]]:
    """Return the shipped, plain and peer trainings of one network: its name, who trained it, epochs, test loss in nats."""
    c = card(name)
    plain, peer = c.study["plain"], c.study.get("peer")
    rows = [
        ("shipped", c.training["settings"]["epochs"], c.metric("test_loss").value),
        ("plain recipe", 10, plain["test_loss"]),
        *([(peer["library"], peer["epochs"], peer["test_loss"])] if peer else []),
    ]
    return [(name, who, f"{epochs:g}", f"{loss:.2f}") for who, epochs, loss in rows]


def shown(v: Values) -> list[str]:
    """Return the model and, where it has one, its rival."""
    return [v["model"], *([v["against"]] if v["against"] in rivals(v["model"]) else [])]


def stage(v: Values) -> Stage:
    """Return the samples at the moment, the runs' curves, who was winning, and the same networks trained otherwise."""
    names = shown(v)
    return {
        "moments": [part for name in names for part in panels.moment(name, at(name, v["moment"]), f"**{name}** · ")],
        "axes": curves(names, v["moment"]),
        "balance": [balance(name) for name in names if discriminator(name) is not None],
        **studies(),
    }


def curves(names: list[str], moment: int) -> list[Chart]:
    """Return a chart for everything that all these runs measured, over the training examples seen."""
    mark = seen(names[0])[max(1, at(names[0], moment))]

    def curve(metric: str, title: str, unit: str) -> Chart:
        series = {name: (seen(name)[1:], [then[metric] for then in moments(name)][1:]) for name in names}
        x = "thousand training examples seen"
        return Chart(lambda colors: charts.lines(colors, series, x, unit, log=True, mark=mark), f"**{title}**", 280)

    return [curve(metric, *said) for metric, said in axes(*names).items()]


def balance(name: str) -> Chart:
    """Return how a GAN's game went."""
    accuracy = discriminator(name)
    title = f"**Who is winning, {name}**: how often the discriminator ranks real above made. 50 % is a draw"
    return Chart(
        lambda colors: charts.balance(colors, accuracy, seen(name)), title, height=320 if len(accuracy) > 1 else 160
    )


@lru_cache(maxsize=1)
def studies() -> Stage:
    """Return the table of the same networks trained otherwise, and a chart of each one's ablations."""
    names = studied()
    if not names:
        return {"recipes": None, "ablations": None}

    def ablated(name: str) -> Chart:
        rows = ablations(name)
        return Chart(
            lambda colors: charts.dots(colors, list(rows), list(rows.values()), "test loss, nats per picture"),
            f"**{name}**: one change to the plain recipe, 3 epochs, test loss in nats", 420,
        )  # fmt: skip

    columns = zip(*(row for name in names for row in recipes(name)), strict=True)
    heads = ("network", "trained by", "epochs", "test loss, nats")
    table = Table({head: [(cell, False) for cell in cells] for head, cells in zip(heads, columns, strict=True)})
    return {
        "recipes": [Words("#### The same network, trained otherwise"), table],
        "ablations": [ablated(name) for name in names],
    }


def render(v: Values) -> np.ndarray:
    """Return the download: the samples at the moment, one model's under the other's."""
    return np.concatenate([frames(name)[at(name, v["moment"])] for name in shown(v)])


def kept(v: Values) -> tuple[Drawn, dict[str, Any]]:
    """Return a model's samples at a share of its training's moments, 0 to 100 %, and what was measured then."""
    i = at(v["model"], v["moment"])
    return Drawn(frames(v["model"])[i]), moments(v["model"])[i]


def code(v: Values) -> str:
    """Return the lines of Python that read the same histories."""
    lines = ["import zoo", "from PIL import Image"]
    for name in shown(v):
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


DEMO = Demo(
    title="Watch it learn", line="Drag through a model's training, from noise to digits.", term="learning curves",
    group="Understand", order=1, icon="timeline", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=watchable, fields=fields, stage=stage, code=code, render=render, thumbnail=thumbnail, history=False, space=False,
    layout=(
        Section(("moments",), lead=("moment",), fields=("model", "against"), widths=(3, 2)),
        Section((
            Slot("axes", charts=len(AXES)), Slot("balance", charts=2), "recipes", Slot("ablations", charts=MOST_STUDIES),
        )),
    ),
    endpoints=(Endpoint(kept, ("model", "moment"), "moment", fixed={"moment": 100}),),
)  # fmt: skip
