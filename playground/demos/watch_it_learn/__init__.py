"""Watch it learn: the same samples at many moments of a training run, and what was measured at each."""

from typing import Any

import numpy as np

from playground import charts, panels
from playground.catalogue import card
from playground.demo import Chart, Demo, Drawn, Endpoint, Section, Slot, Stage, Words
from playground.fields import Field, Values, choice, integer
from playground.learning import (
    FIRST,
    along,
    at,
    axes,
    balances,
    frame,
    frames,
    moments,
    rivals,
    seen,
    watchable,
    writes,
)
from playground.memory import remembered
from zoo.tables import Axis

NOTHING = "nothing"
MOST = 8  # charts of a kind
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


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: one sampler's digits from noise to finished, (112, 112) uint8."""
    strips = frames("cgan.mnist" if "cgan.mnist" in watchable() else watchable()[-1])
    moments = np.linspace(0, len(strips) - 1, 5).round().astype(int)[1:]
    return np.concatenate([strips[i][:28, 28:140] for i in moments])


def shown(v: Values) -> list[str]:
    """Return the model and, where it has one, its rival."""
    return [v["model"], *([v["against"]] if v["against"] in rivals(v["model"]) else [])]


def stage(v: Values) -> Stage:
    """Return the samples at the moment, the runs' curves, who was winning, and what was trained beside them."""
    names = shown(v)
    return {
        "moments": [part for name in names for part in panels.moment(name, at(name, v["moment"]), f"**{name}** · ")],
        "axes": curves(names, v["moment"]),
        "balance": [balance for name in names for balance in games(name)],
        **studies(names),
    }


def curves(names: list[str], moment: int) -> list[Chart]:
    """Return a chart for everything that all these runs measured, over the training examples seen."""
    mark = seen(names[0])[max(1, at(names[0], moment))]

    def curve(key: str, axis: Axis) -> Chart:
        series = {name: (seen(name)[1:], along(name, key)[1:]) for name in names}
        x, y = "thousand training examples seen", axis.unit
        return Chart(lambda colors: charts.lines(colors, series, x, y, log=True, mark=mark), f"**{axis.title}**", 280)

    return [curve(key, axis) for key, axis in axes(*names).items()]


def games(name: str) -> list[Chart]:
    """Return how the games of a run went, such as a GAN's."""

    def game(axis: Axis, shares: np.ndarray) -> Chart:
        return Chart(
            lambda colors: charts.balance(colors, shares, seen(name)), f"**{axis.title}, {name}**: {axis.text}",
            height=320 if len(shares) > 1 else 160,
        )  # fmt: skip

    return [game(*found) for found in balances(name).values()]


def studies(names: list[str]) -> Stage:
    """Return the tables of what was trained beside these models, other recipes, parts left out, other seeds, and their charts."""
    found = [(name, table) for name in names for table in card(name).studies.values()]
    rows = [
        part
        for name, table in found if not table.drawn
        for part in (Words(f"#### {table.title}: {name}\n\n{table.text}"), panels.rows(table))
    ]  # fmt: skip
    drawn = [
        panels.plotted(table, plot, f"**{table.title}: {name}**") for name, table in found for plot in table.charts
    ]
    return {"studies": rows, "study_charts": drawn}


def render(v: Values) -> np.ndarray:
    """Return the download: the samples at the moment, one model's under the other's."""
    return np.concatenate([frame(name, at(name, v["moment"])) for name in shown(v)])


def kept(v: Values) -> tuple[Drawn, dict[str, Any]]:
    """Return a model's samples at a share of its training's moments, 0 to 100 %, and what was measured then."""
    i = at(v["model"], v["moment"])
    return Drawn(frame(v["model"], i)), moments(v["model"])[i]


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
            Slot("axes", charts=MOST), Slot("balance", charts=2), "studies", Slot("study_charts", charts=MOST),
        )),
    ),
    endpoints=(Endpoint(kept, ("model", "moment"), "moment", fixed={"moment": 100}),),
)  # fmt: skip
