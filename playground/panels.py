"""What stands in the tabs below every stage, as parts and charts that any host shows."""

from collections.abc import Sequence

from playground import charts, learning
from playground.catalogue import card
from playground.demo import Chart, Part, Pictures, Prose, Table, Words

Panel = Part | Chart


def moment(name: str, i: int, said: str = "") -> list[Part]:
    """Return what a model made at a moment of its training, a picture or texts, and what was measured then, after what is said of it."""
    then = learning.moments(name)[i]
    if learning.writes(name):
        made: list[Part] = [Prose(beginning, written) for beginning, written in then["texts"].items()]
    else:
        made = [framed(learning.frames(name)[i], f"{name} at step {then['step']:,}")]
    return [*made, Words(said + " · ".join(facts(name, i)), quiet=True)]


def facts(name: str, i: int) -> list[str]:
    """Return a moment's step, seconds and figures as text."""
    then = learning.moments(name)[i]
    told = [f"{title.lower()} {then[key]:.2f} {unit}" for key, (title, unit) in learning.axes(name).items()]
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


def measured(name: str) -> list[Panel]:
    """Return a card's metrics with their definitions, its tables, and its failures as pictures."""
    c = card(name)
    rows: dict[str, Sequence[tuple[str, bool]]] = {
        "metric": [(m.name, False) for m in c.metrics],
        "value": [(str(m), False) for m in c.metrics],
        "n": [(f"{m.n:,}", False) for m in c.metrics],
        "definition": [(m.definition, False) for m in c.metrics],
    }
    said = f"Measured on the test split, n each; computed again by `python -m train verify {name}`."
    return [Words(f"#### {name}"), Table(rows), Words(said, quiet=True), *pictured(name, "failures")]


def pictured(name: str, stem: str) -> list[Panel]:
    """Return one of a card's pictures under its title, if it has it."""
    title = card(name).pictures.get(stem)
    return [Words(f"**{title}**"), framed(learning.picture(card(name).folder / f"{stem}.webp"), title)] if title else []
