"""Figures that say of themselves what they are: a card's tables and their charts, and what a history measured."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any

Cell = str | float | list[float] | None
KINDS = ("lines", "columns", "dots", "confusion", "bundle")


@dataclass(frozen=True)
class Column:
    """What stands in a column of a table."""

    title: str
    unit: str = ""
    format: str = ""
    """how its numbers are written, such as '.2f'"""
    series: bool = False
    """its cells are lists of numbers, for charts alone"""

    @property
    def head(self) -> str:
        """Title and unit."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    def text(self, cell: Cell) -> str:
        """Return a cell as it is written."""
        return "" if cell is None else cell if isinstance(cell, str) else format(cell, self.format)


@dataclass(frozen=True)
class Plot:
    """How columns of a table are drawn."""

    kind: str
    """
    'lines': the first column is x, each other one a line.
    'columns', 'dots': a name and a value a row.
    'confusion': the true label, then counts by label found, as shares of their row.
    'bundle': a run a row, of two columns of series, x and y; the first run stands out.
    """
    columns: tuple[str, ...]
    """titles"""
    x: str
    """title of the axis, with its unit"""
    y: str = ""
    log: bool = False
    """logarithmic x axis"""
    mark: float | None = None
    """where a line is drawn across: at this x of lines, at this height of columns"""


@dataclass(frozen=True)
class Table:
    """Rows with a title and a sentence, and the charts that they can be drawn as."""

    title: str
    text: str
    """Markdown"""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    charts: tuple[Plot, ...] = ()

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> "Table":
        """Return the table of a record as `json` writes it.

        Raises:
            ValueError: it is no such record: a row or a chart does not fit the columns.
        """
        try:
            columns = tuple(Column(**column) for column in record["columns"])
            charts = tuple(Plot(**{**chart, "columns": tuple(chart["columns"])}) for chart in record.get("charts", ()))
            table = cls(str(record["title"]), str(record["text"]), columns, tuple(map(tuple, record["rows"])), charts)
            titles = [column.title for column in columns]
            for row in table.rows:
                for column, cell in zip(columns, row, strict=True):
                    if not column.series:
                        column.text(cell)
                    elif isinstance(cell, list):
                        _ = [float(n) for n in cell]
                    else:
                        raise TypeError(f"{column.title!r} wants lists of numbers")
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"a table does not fit its columns: {error!r}") from error
        if len(set(titles)) < len(titles) or not all(
            chart.kind in KINDS and set(chart.columns) <= set(titles) for chart in charts
        ):
            raise ValueError(f"the table {table.title!r} has two columns of one title, or a chart of none of them")
        return table

    def json(self) -> dict[str, Any]:
        """Return the table as a record, less what is as by default."""
        return _record(self)

    def column(self, title: str) -> list[Any]:
        """Return a column's cells.

        Raises:
            ValueError: there is no such column.
        """
        i = [column.title for column in self.columns].index(title)
        return [row[i] for row in self.rows]

    def written(self) -> dict[str, list[str]]:
        """Return the cells as text, by the columns' titles with units; without series."""
        return {c.head: [c.text(row[i]) for row in self.rows] for i, c in enumerate(self.columns) if not c.series}

    @property
    def drawn(self) -> bool:
        """Whether its charts show all of its columns."""
        return {column.title for column in self.columns} <= {title for chart in self.charts for title in chart.columns}

    def markdown(self) -> str:
        """Return the table under its title."""
        cells = self.written()
        rows = [list(cells), ["---"] * len(cells), *zip(*cells.values(), strict=True)]
        lines = " |\n| ".join(" | ".join(row) for row in rows)
        return f"## {self.title}\n\n{self.text}\n\n| {lines} |"


@dataclass(frozen=True)
class Axis:
    """What a history measured at each of its moments, under a key."""

    title: str
    unit: str
    within: str = ""
    """what runs must share to be compared, such as the judge"""
    factor: float = 1
    """times what the moments hold"""
    text: str = ""
    """what it says, for what the title alone cannot"""
    chart: str = "lines"
    """'lines'; 'balance': shares in %, one a class or one in all, of which 50 is a draw"""


@dataclass(frozen=True)
class Losses:
    """What the curve of a training's log is called, and which of its records it shows."""

    title: str = "training loss"
    unit: str = ""
    names: Mapping[str, str] = field(default_factory=lambda: {"loss": "loss"})
    """what a key of the log is called"""


@dataclass(frozen=True)
class Progress:
    """What a history says of itself."""

    axes: Mapping[str, Axis] = field(default_factory=dict)
    """by their key in the moments"""
    losses: Losses = Losses()
    examples: str = ""
    """key under which the moments count the training examples seen; '' where that is steps times batch size"""

    @classmethod
    def read(cls, history: Mapping[str, Any]) -> "Progress":
        """Return what the content of a history.json says of itself."""
        axes = {key: Axis(**record) for key, record in history.get("axes", {}).items()}
        return cls(axes, Losses(**history.get("losses", {})), history.get("examples", ""))

    def json(self) -> dict[str, Any]:
        """Return the records, less what is as by default."""
        axes = {key: _record(axis) for key, axis in self.axes.items()}
        counted = {"examples": self.examples} if self.examples else {}
        return {"axes": axes, "losses": asdict(self.losses), **counted}


def _record(said: Any) -> Any:
    """Return a dataclass as JSON knows it, less the fields that are as by default."""
    if isinstance(said, (tuple, list)):
        return [_record(part) for part in said]
    if not isinstance(said, (Column, Plot, Table, Axis)):
        return said
    values = {f.name: (f, vars(said)[f.name]) for f in fields(said)}
    return {name: _record(value) for name, (f, value) in values.items() if f.default is MISSING or value != f.default}
