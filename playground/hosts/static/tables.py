"""What a demo computes from its values, as tables for pages without Python."""

import itertools
from collections import UserDict
from collections.abc import Callable, Mapping
from typing import Any

from playground.fields import Field, Values


class _Watched(UserDict):
    """Values that know which of them were asked for."""

    def __init__(self, values: Values):
        super().__init__(values)
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> Any:
        self.asked.append(name)
        return super().__getitem__(name)


def table(said: Callable[[Any], Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return what a function of the values says as a table, for pages without Python.

    Returns:
        by, the names of the fields that it asks for, and rows: their values, and what it says of them.

    Raises:
        ValueError: it asks for a field whose values are too many to be listed.
    """
    defaults = {name: field.default for name, field in fields.items()}
    by: list[str] = []
    while True:
        rows, asked = [], dict.fromkeys(by)
        for given in itertools.product(*(fields[name].every() for name in by)):
            values = _Watched(defaults | dict(zip(by, given, strict=True)))
            rows.append([list(given), said(values)])
            asked |= dict.fromkeys(values.asked)
        if len(asked) == len(by):
            return {"by": by, "rows": rows}
        by = list(asked)
