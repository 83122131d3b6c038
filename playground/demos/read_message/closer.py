"""Ways to look closer at readers: compared, as they learn, at every threshold, where they fail, and what padding does to one."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from playground.catalogue import card
from playground.demo import Part, Table, Words
from playground.demos.read_message.fails import fails
from playground.demos.read_message.figures import Figure
from playground.demos.read_message.padding import padders, padding
from playground.demos.read_message.reader import DATA, metric, readers, style, title
from playground.demos.read_message.risk import risk
from playground.fields import Values
from zoo.data import named

PARTS = {
    "compare": "Compared",
    "curves": "As they learn",
    "risk": "Threshold",
    "fails": "Where they fail",
    "padding": "Padding",
}
Look = tuple[list[Part], list[Figure]]


def parts(task: str) -> list[str]:
    """Return the ways to look closer that a task has."""
    known = {"risk": task == "spam", "padding": bool(padders(task))}
    return [name for name in PARTS if known.get(name, True)]


def part(v: Values) -> str:
    """Return the way to look closer: the one chosen, or the first."""
    return v["part"] if v["part"] in parts(v["task"]) else "compare"


def stage(v: Values) -> dict[str, Any]:
    """Return what the slots of the closer look hold; what reads a whole data set as a function."""
    if part(v) == "fails":
        return {"closer": lambda: fails(v), "charts": []}
    shown, figures = {"compare": compare, "curves": curves, "risk": risk, "padding": padding}[part(v)](v)
    return {"closer": shown, "charts": [figure.chart() for figure in figures]}


def compare(v: Values) -> Look:
    """Lay out accuracy and F1 against training time and size; say which networks do not beat the linear model."""
    names = readers(v["task"])
    accuracy = {name: metric(name, "accuracy_folds", "accuracy") for name in names}
    f1 = {name: metric(name, "f1_folds", "f1") for name in names}
    seconds = {name: card(name).training["seconds"] for name in names}
    size = {name: card(name).size / 1e6 for name in names}
    spread = {name: metric(name, "accuracy_spread") for name in names}
    columns: dict[str, Sequence[tuple[str, bool]]] = {
        "reader": [(title(name), False) for name in names],
        "accuracy, %": [(f"{a:.2f} ± {spread[name]:.2f}", a == max(accuracy.values())) for name, a in accuracy.items()],
        "F1": [(f"{f:.4f}", f == max(f1.values())) for f in f1.values()],
        "trained in, s": [(f"{s:.0f}", s == min(seconds.values())) for s in seconds.values()],
        "size, MB": [(f"{s:.2f}", s == min(size.values())) for s in size.values()],
    }
    found = named(DATA[v["task"]])
    said = (
        f"Means over {found.FOLDS} folds of {found.NOUN}, each held back from a training of its own; ± is the deviation over the folds. "
        f"Always giving the most frequent answer is right for {metric(names[0], 'majority'):.1f} %. The time of a model of words counted is "
        "for trying many and keeping the best."
    )
    if any(card(name).config.get("members", 1) > 1 for name in names):
        said += " After × stands how many networks of different seeds answer together, averaged; their cards have the figures of each."
    figures = [
        Figure(
            f"Accuracy against {what}",
            {title(name): ([by[name]], [accuracy[name]]) for name in names},
            x,
            "accuracy, %",
            True,
            log=True,
        )
        for what, by, x in (("training time", seconds, "seconds of training"), ("size", size, "MB of weights"))
    ]
    return [Table(columns), Words(beaten(accuracy)), Words(said, quiet=True)], figures


def beaten(accuracy: dict[str, float]) -> str:
    """Return the sentence on which networks beat the best classical reader, and which lose to it; accuracies in %, by reader."""
    classical = [name for name in accuracy if "kind" not in card(name).config]
    best = max(classical, key=accuracy.__getitem__)
    told = []
    for name, own in accuracy.items():
        more = round(own - accuracy[best], 2)
        if name not in classical:
            verb = "beats" if more > 0 else "loses to" if more < 0 else "equals"
            told.append(f"the {style(name)} {verb} it" + (f" by {abs(more):.2f} points" if more else ""))
    return f"**Against the {style(best)}**: {'; '.join(told)}." if told else ""


def curves(v: Values) -> Look:
    """Lay out what each reader makes of few texts and of all."""
    noun = named(DATA[v["task"]]).NOUN
    found = {
        title(name): card(name).tables["learning"] for name in readers(v["task"]) if "learning" in card(name).tables
    }
    series = {name: (list(table.column("texts")), list(table.column("accuracy"))) for name, table in found.items()}
    columns: dict[str, Sequence[tuple[str, bool]]] = {"reader": [(name, False) for name in found]}
    for head, size in (("50", 50), ("500", 500), ("all", np.inf)):
        there = [
            ys[int(np.abs(np.log(np.array(xs)) - np.log(min(size, xs[-1]))).argmin())] for xs, ys in series.values()
        ]
        columns[f"of {head}, %"] = [(f"{value:.1f}", value == max(there)) for value in there]
    said = f"Accuracy on held-back {noun} of readers that learnt from about so many {noun}, or from all that are not held back."
    figure = Figure("What they make of few texts", series, f"{noun} learnt from", "accuracy, %", log=True)
    return [Table(columns), Words(said, quiet=True)], [figure] if series else []
