"""Figures of readers, said once: as charts of the hosts, and as facts that a page without a server draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from playground.charts import Colors
from playground.demo import Chart

Line = tuple[Sequence[float], Sequence[float]]  # x values, y values


@dataclass(frozen=True)
class Figure:
    """Up to four lines that end close together, so that their names stand in a corner; or a point with its name for each reader."""

    title: str
    series: Mapping[str, Line]
    x: str
    """axis titles with units"""
    y: str
    points: bool = False
    """whether there is one point a name"""
    log: bool = False
    """logarithmic x axis"""
    mark: float | None = None
    """x position of a vertical line"""
    ring: tuple[float, float] | None = None
    """a point that is ringed"""
    least: float | None = None
    """where both axes begin, %; they then end at 100"""
    corner: tuple[str, str] = ("right", "bottom")
    """where the names of lines stand"""

    def chart(self) -> Chart:
        """Return it as hosts show it."""
        return Chart(self._named if self.points else self._lines, f"**{self.title}**", 240)

    def _lines(self, colors: Colors) -> go.Figure:
        figure = go.Figure()
        inks = [*colors][: len(self.series)]
        side, end = self.corner
        place = {
            "x": 0.02 if side == "left" else 0.98,
            "xanchor": side,
            "y": 0.04 if end == "bottom" else 0.98,
            "yanchor": end,
        }
        for i, (color, (name, (xs, ys))) in enumerate(zip(inks, self.series.items(), strict=True)):
            look = {"color": color, "dash": "dash" if i == 2 else "solid"}
            figure.add_scatter(
                x=list(xs), y=list(ys), mode="lines+markers" if len(xs) < 40 else "lines", line=look, name=name
            )
            down = i if end == "top" else i + 1 - len(inks)
            figure.add_annotation(
                **place,
                xref="paper",
                yref="paper",
                yshift=-18 * down,
                text=name,
                showarrow=False,
                font={"color": color},
            )
        if self.mark is not None:
            figure.add_vline(self.mark, line={"color": colors[1], "dash": "dot"})
        if self.ring:
            look = {"color": colors[1], "size": 12, "symbol": "circle-open", "line": {"width": 3}}
            figure.add_scatter(
                x=self.ring[:1], y=self.ring[1:], mode="markers", marker=look, name="here", cliponaxis=False
            )
        ends = {} if self.least is None else {"range": [self.least, 101]}
        figure.update_layout(xaxis={"title": self.x, **self._scale(), **ends}, yaxis={"title": self.y, **ends})
        return figure

    def _named(self, colors: Colors) -> go.Figure:
        at = [(xs[0], ys[0]) for xs, ys in self.series.values()]
        xs, ys = map(list, zip(*at, strict=True))
        sides = ["left" if x > (min(xs) * max(xs)) ** 0.5 else "right" for x in xs]
        places = [f"{'top' if i % 2 else 'bottom'} {side}" for i, side in enumerate(sides)]
        look = {"size": 10, "color": colors[0]}
        figure = go.Figure(
            go.Scatter(
                x=xs,
                y=ys,
                mode="markers+text",
                text=list(self.series),
                textposition=places,
                marker=look,
                cliponaxis=False,
            )
        )
        pad = max(0.2 * (max(ys) - min(ys)), 0.05)
        ends = {"range": [min(ys) - 1.5 * pad, max(ys) + pad]}
        figure.update_layout(xaxis={"title": self.x, **self._scale()}, yaxis={"title": self.y, **ends})
        return figure

    def _scale(self) -> dict[str, Any]:
        if not self.log:
            return {"type": "linear"}
        ticks = [digit * 10.0**power for power in range(-3, 6) for digit in (1, 2, 5)]
        return {"type": "log", "tickvals": ticks, "ticktext": [f"{tick:,g}" for tick in ticks]}
