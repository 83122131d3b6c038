"""For whom a name is: a model that writes names, asked by Bayes' rule, letter by letter."""

import html
import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import plotly.graph_objects as go
import torch

from playground import charts
from playground.catalogue import card, load
from playground.demo import Chart, Html, Part, Table
from playground.demos.name_maker.maker import face, shown, spelt
from playground.fields import Values
from playground.memory import remembered

CALLED = {"f": "girl", "m": "boy"}
HEIGHT, APART, FEW = (
    340,
    9.0,
    9,
)  # CSS pixels of the chart; % between two of its labels at least; columns that have room for words
TITLE = "How the answer comes about, letter by letter"
EMPTY = "Type a name: it is read letter by letter."
ONE = "The model makes it with probability {}."
HATCHES = ("", "/", "x", ".")
BLANK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Belief:
    """What a model makes of a name."""

    text: str
    """in characters that it knows"""
    kinds: tuple[tuple[str, ...], ...]
    """an option of each condition; one without any where it has no conditions"""
    prior: np.ndarray
    """(kinds,)"""
    p: np.ndarray
    """(letters + 1, kinds): of each letter after those before it, and of the end"""
    posterior: np.ndarray
    """(letters + 2, kinds): before any letter, after each, and after the end"""


def kinds(name: str) -> tuple[tuple[str, ...], ...]:
    """Return all that a model may write for, an option of each condition."""
    return tuple(product(*load(name).conditions.values()))


def called(kind: tuple[str, ...]) -> str:
    """Return what a kind of name is called."""
    return ", ".join(CALLED.get(option, option) for option in kind)


def prior(name: str, india: int) -> np.ndarray:
    """Return how likely each kind is before any letter, (kinds,): India as said, all else equal."""
    weight = {"India": india / 100, "US": 1 - india / 100}
    shares = np.array([math.prod(weight.get(option, 1.0) for option in kind) for kind in kinds(name)])
    return shares / shares.sum()


@remembered
@torch.inference_mode()
def belief(name: str, text: str, india: int) -> Belief:
    """Return how likely each letter of a text is for each kind, and each kind after it: p(c | x) = p(c) p(x | c) / p(x)."""
    model, every = load(name), kinds(name)
    given = torch.stack([model.given(**dict(zip(model.conditions, kind, strict=True))) for kind in every])
    x, y = model.lines([text])
    logits = model.logits(x.expand(len(every), -1), given if model.conditions else None)
    p = logits.double().softmax(-1)[:, torch.arange(y.shape[1]), y[0]].numpy().T
    start = prior(name, india)
    sums = np.cumsum(np.log(np.vstack([start, p])), 0)
    posterior = np.exp(sums - sums.max(1, keepdims=True))
    return Belief(text, every, start, p, posterior / posterior.sum(1, keepdims=True))


def percent(p: float) -> str:
    """Return a probability in words."""
    if p < 0.0005:
        return f"<0.1{BLANK}%"
    return f">99.9{BLANK}%" if 0.9995 < p < 1 else f"{100 * p:.1f}{BLANK}%"


def scientific(x: float) -> str:
    """Return a probability that may be small, such as 2.1 × 10⁻⁶."""
    if x >= 0.001:
        return percent(x)
    digits, power = f"{x:.1e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits}{BLANK}×{BLANK}10{raised}"


def quiet(text: str) -> Html:
    """Return a caption in which nothing is markup."""
    return Html(f"<div class='zoo-words zoo-quiet'><p>{html.escape(text)}</p></div>")


def asked(v: Values) -> tuple[Belief | None, str]:
    """Return what the model makes of the typed name, None where nothing of it can be read, and a sentence on what it does not know."""
    text, note = spelt(v["model"], v["name"])
    return (belief(v["model"], text, v["prior"]) if text else None), note


def verdict(v: Values) -> list[Part]:
    """Return the answer, in words."""
    found, note = asked(v)
    notes = [quiet(note)] if note else []
    if found is None:
        return notes or [quiet(EMPTY)]
    name = html.escape(shown(v["model"], found.text))
    if not found.prior[1:].size:
        return [*notes, Html(f"<p class='zoo-lead'><b>{name}</b></p>"), quiet(ONE.format(scientific(found.p.prod())))]
    sides = []
    for i, options in enumerate(load(v["model"]).conditions.values()):
        shares = [
            sum(found.posterior[-1][k] for k, kind in enumerate(found.kinds) if kind[i] == one) for one in options
        ]
        sides.append(
            ", ".join(f"{CALLED.get(one, one)}{BLANK}{percent(p)}" for one, p in zip(options, shares, strict=True))
        )
    return [*notes, Html(f"<p class='zoo-lead'><b>{name}</b>: {'; '.join(sides)}</p>")]


def steps(name: str, text: str) -> list[str]:
    """Return what the letters of a text are called, and its end."""
    return [*(face(name, c, i == 0) for i, c in enumerate(text)), "end"]


def numbers(v: Values) -> list[Part]:
    """Return the numbers of Bayes' rule: of each kind the prior, each letter's probability, their product, and the answer."""
    found, _ = asked(v)
    if found is None:
        return []
    products = found.prior * found.p.prod(0)
    best, only = int(found.posterior[-1].argmax()), len(found.kinds) == 1
    rows = [*(() if only else ("prior",)), *steps(v["model"], found.text), "product", *(() if only else ("answer",))]
    columns: dict[str, list[tuple[str, bool]]] = {"letter": [(row, False) for row in rows]}
    for k, kind in enumerate(found.kinds):
        factors = found.p[:, k] if only else [found.prior[k], *found.p[:, k]]
        cells = [*map(percent, factors), scientific(products[k])]
        if not only:
            cells.append(percent(found.posterior[-1, k]))
        columns[called(kind) or "probability"] = [
            (cell, not only and k == best and i == len(cells) - 1) for i, cell in enumerate(cells)
        ]
    return [Table(columns), quiet(rule(found))]


def rule(found: Belief) -> str:
    """Return Bayes' rule with its numbers."""
    products = found.prior * found.p.prod(0)
    if len(found.kinds) == 1:
        return "Each letter's probability after those before it; the product is the name's."
    best = int(found.posterior[-1].argmax())
    return (
        "A column is multiplied: the prior, then each letter's probability after those before it. The answer is a column's product over "
        f"the sum of all: {called(found.kinds[best])}, {scientific(products[best])} / {scientific(products.sum())} = "
        f"{percent(found.posterior[-1, best])}."
    )


def chart(v: Values) -> Chart | None:
    """Return how the answer comes about, letter by letter; None where the model has no conditions."""
    found, _ = asked(v)
    if found is None or len(found.kinds) == 1:
        return None
    names = ["prior", *steps(v["model"], found.text)]
    return Chart(lambda colors: columns(colors, names, found), f"**{TITLE}**", HEIGHT)


def columns(colors: charts.Colors, names: list[str], found: Belief) -> go.Figure:
    """Draw a column of shares for each letter, each kind's name beside the last."""
    figure, places = go.Figure(), list(range(len(names)))
    ticks = names if len(names) <= FEW else ["", *names[1:-1], ""]
    first = list(dict.fromkeys(kind[0] for kind in found.kinds))
    for k, kind in enumerate(found.kinds):
        color = colors[(1, 0, 3, 2)[first.index(kind[0]) % 4]]
        within = [other for other in found.kinds if other[0] == kind[0]].index(kind)
        figure.add_bar(
            x=places, y=100 * found.posterior[:, k], name=called(kind), customdata=names,
            marker={"color": color, "pattern": {"shape": HATCHES[within % 4], "solidity": 0.4, "size": 6}},
            hovertemplate="after %{customdata}: %{y:.1f} %",
        )  # fmt: skip
    ends = 100 * (found.posterior[-1].cumsum() - found.posterior[-1] / 2)
    for kind, y in zip(found.kinds, apart(ends.tolist()), strict=True):
        figure.add_annotation(
            x=places[-1] + 0.55, y=y, text=called(kind), showarrow=False, xanchor="left", yanchor="middle"
        )
    figure.update_layout(
        barmode="stack", bargap=0.12,
        xaxis={"title": "letter read", "tickvals": places, "ticktext": ticks, "tickangle": 0, "range": [-0.5, places[-1] + 0.5 + 0.34 * len(places)]},
        yaxis={"title": "probability, %", "range": [0, 100], "showgrid": False},
    )  # fmt: skip
    return figure


def apart(places: list[float]) -> list[float]:
    """Return rising places in 0 to 100 with `APART` between two at least."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + APART if moved else APART / 2))
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], moved[i + 1] - APART if i + 1 < len(moved) else 100 - APART / 2)
    return moved


def plainly(name: str) -> str:
    """Return how well a model tells the gender of a name, beside a plain method, by the figures of its card; '' where it has none."""
    figures = {metric.name: metric.value for metric in card(name).metrics}
    origins = [one for one in load(name).conditions.get("origin", ()) if f"gender_{one}_letters" in figures]
    if not origins:
        return ""
    ours = [round(figures[f"gender_{one}"], 1) for one in origins]
    plain = [round(figures[f"gender_{one}_letters"], 1) for one in origins]
    better = [one for one, a, b in zip(origins, ours, plain, strict=True) if b > a]
    listed = [
        " and ".join(f"{x:.1f}{BLANK}% ({one})" for x, one in zip(xs, origins, strict=True)) for xs in (ours, plain)
    ]
    if len(better) == len(origins):
        said = "It is the better at telling."
    elif better:
        said = f"It is the better on names of {' and '.join(better)} alone."
    else:
        said = "It is not better."
    return (
        f"Asked for the gender of test names, their origin told, this network is right for {listed[0]}. Logistic regression on runs of one "
        f"to four letters, which can tell and not write, is right for {listed[1]}. {said}"
    )
