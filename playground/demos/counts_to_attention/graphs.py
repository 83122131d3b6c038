"""The page's two charts: surprisal by model, and by how much of a text a model is shown."""

import numpy as np
import plotly.graph_objects as go

from playground import charts
from playground.demo import Chart
from playground.demos.counts_to_attention.ladder import MODELS, anchors, bits, context, counts, models

GAP = 0.07  # of the axis, between two lines' names
ROOM = 1.5  # to the right of the lines, for their names: so many doublings and a bit


def by_model() -> Chart:
    """Return the surprisal of each model, after what it costs to know next to nothing."""
    known = anchors() | {MODELS[name]: bits(name) for name in models()}
    return Chart(
        lambda colors: charts.dots(colors, [*known], [*known.values()], "bits per character", 2), height=40 * len(known) + 60
    )  # fmt: skip


def by_context() -> Chart | None:
    """Return the surprisal of each model by how many characters it is shown, None where no card tells it."""
    series = {name: found for name in models() if (found := context(name))}
    return Chart(lambda colors: lines(colors, series), height=380) if series else None


def lines(colors: charts.Colors, series: dict[str, dict[int, float]]) -> go.Figure:
    """Draw a line for each model, those of counts dashed, with their names beside their ends, none over another."""
    figure = go.Figure()
    every = [b for found in series.values() for b in found.values()]
    ends = {name: found[max(found)] for name, found in series.items()}
    places = spread(list(ends.values()), GAP * (max(every) - min(every)))
    looks = looked(colors, [*series])
    for (name, found), place in zip(series.items(), places, strict=True):
        color, dash = looks[name]
        figure.add_scatter(
            x=[*found], y=[*found.values()], mode="lines+markers", line={"color": color, "dash": dash}, name=MODELS[name],
            hovertemplate=f"{MODELS[name]}, shown %{{x}}: %{{y:.2f}} bits<extra></extra>",
        )  # fmt: skip
        figure.add_annotation(
            x=np.log10(max(found)), y=place, text=MODELS[name], showarrow=False, xanchor="left", xshift=8, font={"color": color},
        )  # fmt: skip
    shown = sorted({n for found in series.values() for n in found})
    figure.update_layout(
        xaxis={
            "title": "characters shown", "type": "log", "tickvals": shown, "ticktext": [f"{n}" for n in shown],
            "range": [np.log10(shown[0]) - 0.08, np.log10(shown[-1]) + np.log10(2) * ROOM * 2],
        },
        yaxis={"title": "bits per character"},
    )  # fmt: skip
    return figure


def looked(colors: charts.Colors, names: list[str]) -> dict[str, tuple[str, str]]:
    """Return each line's colour and dash: counts in the palette's blues, networks in the others, the last as what stands out."""
    of_counts, networks = [n for n in names if counts(n)], [n for n in names if not counts(n)]
    found = {name: (colors[(2, 0)[i % 2]], "dash") for i, name in enumerate(of_counts)}
    for i, name in enumerate(reversed(networks)):
        found[name] = (colors[(1, 3, 0)[i % 3]], "solid")
    return found


def spread(values: list[float], least: float) -> list[float]:
    """Return places for names beside values, in the same order from low to high, at least so far apart, as near to them as that leaves."""
    groups: list[list[int]] = []
    middles: list[float] = []
    for i in sorted(range(len(values)), key=lambda i: values[i]):
        groups.append([i])
        middles.append(values[i])
        while len(groups) > 1 and middles[-1] - middles[-2] < least * (len(groups[-1]) + len(groups[-2])) / 2:
            last = groups.pop()
            groups[-1] += last
            middles.pop()
            middles[-1] = sum(values[j] for j in groups[-1]) / len(groups[-1])
    places = [0.0] * len(values)
    for group, middle in zip(groups, middles, strict=True):
        for k, i in enumerate(group):
            places[i] = middle + least * (k - (len(group) - 1) / 2)
    return places
