"""Plotly charts in the theme's colours, readable on a phone: no mode bar, direct labels, units on the axes."""

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go

from zoo.tables import Plot, Table

COLORS = {
    "light": ["#3D5A80", "#D96A14", "#6B8FBE", "#8A4107"],
    "dark": ["#8FADD3", "#E8731A", "#6B8FBE", "#F2B48A"],
    "both": ["#5C82B2", "#D96A14", "#6B8FBE", "#B8722C"],  # where a host cannot tell: 3:1 on either ground
}
# Ten digits on the map: a wheel of hues of equal lightness, since ten shades of two hues cannot be told apart.
DIGITS = ["#C05746", "#B8722C", "#9A8A1E", "#6A9A2D", "#2F9E62", "#159A96", "#2C88C4", "#6374CF", "#9A60BF", "#BD5392"]
Colors = Sequence[str]  # a palette: the first for what is usual, the second for what stands out
GREY = "#7D7A74"  # of letters where a host cannot tell the ground: 4:1 on either
CONFIG = {"displayModeBar": False, "scrollZoom": False}


def dressed(figure: go.Figure, height: int) -> go.Figure:
    """Return a figure in the page's manner, of a height in CSS pixels."""
    figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False, dragmode=False,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
    )  # fmt: skip
    figure.update_xaxes(automargin=True, title_standoff=6)
    figure.update_yaxes(automargin=True, title_standoff=6)
    return figure


def lines(
    colors: Colors,
    series: dict[str, tuple[list, list]],
    x: str,
    y: str,
    *,
    log: bool = False,
    mark: float | None = None,
) -> go.Figure:
    """Draw up to four lines with their names at their ends.

    Args:
        series: (x values, y values) by name.
        x, y: axis titles with units.
        log: logarithmic x axis.
        mark: x position of a vertical line.
    """
    figure = go.Figure()
    for color, (name, (xs, ys)) in zip([*colors] * 2, series.items(), strict=False):
        figure.add_scatter(
            x=xs, y=ys, mode="lines+markers" if len(xs) < 40 else "lines", line={"color": color}, name=name
        )
        figure.add_annotation(
            x=np.log10(xs[-1]) if log else xs[-1], y=ys[-1], text=name, showarrow=False, xanchor="right", yshift=12 if len(figure.data) % 2 else -12,
            font={"color": color},
        )  # fmt: skip
    if mark is not None:
        figure.add_vline(mark, line={"color": colors[1], "dash": "dot"})
    figure.update_layout(xaxis={"title": x, "type": "log" if log else "linear"}, yaxis={"title": y})
    return figure


def bundle(colors: Colors, runs: list[tuple[list, list]], x: str, y: str) -> go.Figure:
    """Draw runs of one kind, (x values, y values) each, that need no names: the first, which is shipped, stands out."""
    figure = go.Figure()
    for i, (xs, ys) in enumerate(runs):
        figure.add_scatter(
            x=xs,
            y=ys,
            mode="lines",
            line={"color": colors[1 if i == 0 else 0], "width": 3 if i == 0 else 1.5},
            opacity=1 if i == 0 else 0.6,
            name=f"seed {i}",
        )
    figure.update_layout(xaxis={"title": x}, yaxis={"title": y, "rangemode": "tozero"})
    return figure


def dots(colors: Colors, names: list[str], values: list[float], x: str, digits: int = 1) -> go.Figure:
    """Draw a value for each name, from the first at the top: dots, since the axis need not begin at 0."""
    label = {"text": [f"{v:.{digits}f}" for v in values], "textposition": "middle right"}
    figure = go.Figure(
        go.Scatter(x=values, y=names, mode="markers+text", marker={"size": 10, "color": colors[0]}, **label)
    )
    low, high = min(values), max(values)
    figure.update_layout(
        xaxis={"title": x, "range": [low - 0.08 * (high - low), high + 0.2 * (high - low)]},
        yaxis={"autorange": "reversed"},
    )
    return figure


def columns(
    colors: Colors, names: list[str], values: list[float], x: str, y: str, *, mark: float | None = None
) -> go.Figure:
    """Draw upright bars from 0, with a line across at a height."""
    figure = go.Figure(go.Bar(x=names, y=values, marker_color=colors[0], hovertemplate="%{x}: %{y:.2f}<extra></extra>"))
    if mark is not None:
        figure.add_hline(mark, line={"color": colors[1], "dash": "dot"})
    figure.update_layout(xaxis={"title": x, "type": "category"}, yaxis={"title": y, "rangemode": "tozero"})
    return figure


def confusion(colors: Colors, rows: list[str], names: list[str], counts: list[list[int]], x: str, y: str) -> go.Figure:
    """Draw counts, a row a true label and a column a label found, as shares of their row in %."""
    matrix = np.array(counts, float)
    share = 100 * matrix / matrix.sum(1, keepdims=True).clip(1)
    figure = go.Figure(
        go.Heatmap(
            z=np.sqrt(share),
            x=names,
            y=rows,
            showscale=False,
            xgap=2,
            ygap=2,
            text=share,
            texttemplate="%{text:.0f}",
            hovertemplate=f"{y} %{{y}}, {x} %{{x}}: %{{text:.1f}} %<extra></extra>",
            colorscale=[[0, "rgba(0,0,0,0)"], [1, colors[0]]],
        )  # fmt: skip
    )
    figure.update_layout(
        xaxis={"title": x, "type": "category"},
        yaxis={"title": y, "type": "category", "autorange": "reversed"},
    )
    return figure


def balance(colors: Colors, shares: np.ndarray, seen: list[float]) -> go.Figure:
    """Draw shares of which 50 is a draw, % for each class (rows), or for all in one, at each moment (columns)."""
    labelled = len(shares) > 1
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            y=[str(i) for i in range(len(shares))] if labelled else ["all"],
            x=[f"{k:.0f}" for k in seen],
            xgap=1,
            ygap=1,
            zmin=50,
            zmax=100,
            colorscale=[[0, colors[0]], [1, colors[1]]],
            colorbar={"title": "%", "thickness": 10},
            hovertemplate=("class " if labelled else "")
            + "%{y} after %{x} thousand pictures: %{z:.0f} %<extra></extra>",
        )  # fmt: skip
    )
    figure.update_layout(
        xaxis={"title": "thousand training pictures seen", "type": "category"},
        yaxis={"title": "class" if labelled else "", "type": "category", "autorange": "reversed"},
    )
    return figure


def drawn(colors: Colors, table: Table, plot: Plot) -> go.Figure:
    """Draw columns of a table as it says."""
    return _KINDS[plot.kind](colors, plot, *map(table.column, plot.columns))


def _lines(colors: Colors, plot: Plot, xs: list[float], *ys: list[float]) -> go.Figure:
    series = {name: (xs, y) for name, y in zip(plot.columns[1:], ys, strict=True)}
    return lines(colors, series, plot.x, plot.y, log=plot.log, mark=plot.mark)


def _confusion(colors: Colors, plot: Plot, names: list[str], *counts: list[int]) -> go.Figure:
    matrix = [list(row) for row in zip(*counts, strict=True)]
    return confusion(colors, names, list(plot.columns[1:]), matrix, plot.x, plot.y)


_KINDS: dict[str, Callable[..., go.Figure]] = {
    "lines": _lines,
    "columns": lambda colors, plot, names, values: columns(colors, names, values, plot.x, plot.y, mark=plot.mark),
    "dots": lambda colors, plot, names, values: dots(colors, names, values, plot.x),
    "confusion": _confusion,
    "bundle": lambda colors, plot, *parts: bundle(colors, list(zip(*parts, strict=True)), plot.x, plot.y),
}
HEIGHTS = {"confusion": 380, "columns": 220, "dots": 420}  # CSS pixels; others as `Chart` has them


def cloud(colors: Colors, points: np.ndarray, labels: np.ndarray, chosen: int | None) -> go.Figure:
    """Draw the map of encoded digits: each a point in its class's colour, its class's number in the middle.

    Args:
        points: (N, 2).
        labels: (N,).
        chosen: number of the point to ring.
    """
    figure = go.Figure(
        go.Scattergl(
            x=points[:, 0],
            y=points[:, 1],
            mode="markers",
            customdata=np.arange(len(points)),
            marker={"color": [DIGITS[label] for label in labels], "size": 5, "opacity": 0.75},
            hovertext=[f"a {label}, number {i}" for i, label in enumerate(labels)],
            hoverinfo="text",
        )  # fmt: skip
    )
    for digit in range(10):
        x, y = np.median(points[labels == digit], axis=0)
        figure.add_annotation(x=x, y=y, text=f"<b>{digit}</b>", showarrow=False, font={"size": 18})
    if chosen is not None:
        ring = {"size": 16, "color": "rgba(0,0,0,0)", "line": {"width": 3, "color": colors[1]}}
        figure.add_scattergl(
            x=[points[chosen, 0]], y=[points[chosen, 1]], mode="markers", marker=ring, hoverinfo="skip"
        )
    figure.update_layout(xaxis={"visible": False}, yaxis={"visible": False, "scaleanchor": "x"})
    return figure


def attention(colors: Colors, characters: list[str], weights: np.ndarray) -> go.Figure:
    """Draw where each character (rows) looks among those before it (columns): weights (T, T), rows sum to 1."""
    shown = [{"\n": "⏎", " ": "␣"}.get(c, c) for c in characters]
    place = list(range(len(shown)))
    figure = go.Figure(
        go.Heatmap(
            z=np.sqrt(weights), x=place, y=place, showscale=False, customdata=weights,
            colorscale=[[0, "rgba(0,0,0,0)"], [1, colors[1]]], hovertemplate="%{y} looks at %{x}: %{customdata:.2f}<extra></extra>",
        )
    )  # fmt: skip
    ticks = {"tickvals": place, "ticktext": shown, "tickangle": 0}
    figure.update_layout(
        xaxis={"title": "looks at", **ticks}, yaxis={"title": "character", "autorange": "reversed", **ticks}
    )
    return figure
