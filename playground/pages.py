"""The pages, found by folder: what each view's docstring says of itself."""

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "views"
GROUPS = ["Draw", "Digits", "Write", "Drive", "Understand"]


@dataclass(frozen=True)
class View:
    """A page: 'Title: one line.' in the first line of its file's docstring, then 'group:', 'icon:', 'order:'."""

    stem: str
    path: Path
    title: str
    line: str
    group: str
    icon: str
    order: int


@lru_cache(maxsize=1)
def find() -> list[View]:
    """Return every page, home first, then by group and order."""
    views = []
    for path in FOLDER.glob("[a-z]*.py"):
        first, *rest = ast.get_docstring(ast.parse(path.read_text("utf-8"))).splitlines()
        title, line = first.split(": ", 1)
        facts = dict(row.split(": ", 1) for row in rest if ": " in row)
        views.append(View(path.stem, path, title, line, facts["group"], facts["icon"], int(facts["order"])))
    return sorted(views, key=lambda view: (view.stem != "home", GROUPS.index(view.group), view.order))
