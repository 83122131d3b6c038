"""What stands in the tabs below every stage, as parts and charts that any host shows."""

from collections.abc import Sequence

from playground import charts, learning
from playground.catalogue import card
from playground.demo import Chart, Part, Pictures, Prose, Table, Words
from zoo import tables

Panel = Part | Chart


def moment(name: str, i: int, said: str = "") -> list[Part]:
    """Return what a model made at a moment of its training, a picture or texts, and what was measured then, after what is said of it."""
    then = learning.moments(name)[i]
    if learning.writes(name):
        made: list[Part] = [Prose(beginning, written) for beginning, written in then["texts"].items()]
    else:
        made = [framed(learning.frame(name, i), f"{name} at step {then['step']:,}")]
    return [*made, Words(said + " · ".join(facts(name, i)), quiet=True)]


def facts(name: str, i: int) -> list[str]:
    """Return a moment's step, seconds and figures as text."""
    then = learning.moments(name)[i]
    told = [
        f"{axis.title.lower()} {axis.factor * then[key]:.2f} {axis.unit}" for key, axis in learning.axes(name).items()
    ]
    return [f"step {then['step']:,}", f"{then['seconds']:.0f} s", *told]


def curve(name: str, i: int) -> Chart:
    """Return the training log's curves, with a line at a moment."""
    series, said = learning.losses(name)
    first = next(iter(series.values()))[0][0]
    mark = max(learning.moments(name)[i]["step"], min(50, first))
    return Chart(lambda colors: charts.lines(colors, series, "training step", said, log=True, mark=mark))


def framed(pixels, alt: str) -> Pictures:
    """Return one picture as wide as reads well."""
    return Pictures([pixels], [alt], columns=1, largest=576)


def measured(name: str, *, plots: bool = True) -> list[Panel]:
    """Return a card's metrics with their definitions, its tables, and its failures as pictures.

    Args:
        plots: tables are drawn where they say how; else all of them are rows.
    """
    c = card(name)
    figures: dict[str, Sequence[tuple[str, bool]]] = {
        "metric": [(m.name, False) for m in c.metrics],
        "value": [(str(m), False) for m in c.metrics],
        "n": [(f"{m.n:,}", False) for m in c.metrics],
        "definition": [(m.definition, False) for m in c.metrics],
    }
    said = f"Measured {c.measured_on}, n each; computed again by `python -m train verify {name}`."
    return [
        Words(f"#### {name}"),
        *([Words(f"**{c.doubt}**")] if c.doubt else []),
        Table(figures),
        Words(said, quiet=True),
        *(panel for table in (*c.tables.values(), *c.studies.values()) for panel in tabled(table, plots=plots)),
        *pictured(name, "failures"),
    ]


def tabled(table: tables.Table, *, plots: bool = True) -> list[Panel]:
    """Return a table under its title: its charts, and its rows where they say more than the charts."""
    shown: list[Panel] = [Words(f"**{table.title}.** {table.text}")]
    if not (plots and table.drawn):
        shown.append(rows(table))
    return [*shown, *(plotted(table, plot) for plot in table.charts if plots)]


def rows(table: tables.Table) -> Table:
    """Return a table's rows."""
    return Table({head: [(cell, False) for cell in cells] for head, cells in table.written().items()})


def plotted(table: tables.Table, plot: tables.Plot, title: str = "") -> Chart:
    """Return one of a table's charts."""
    height = charts.HEIGHTS.get(plot.kind, Chart.height)
    return Chart(lambda colors: charts.drawn(colors, table, plot), title, height)


def pictured(name: str, stem: str) -> list[Panel]:
    """Return one of a card's pictures under its title, if it has it."""
    title = card(name).pictures.get(stem)
    return [Words(f"**{title}**"), framed(learning.picture(card(name).folder / f"{stem}.webp"), title)] if title else []
