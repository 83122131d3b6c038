"""What a recurrent voice's cells follow: those that can be read, as its card found them, and the value of one along the page's text."""

import numpy as np

from playground.catalogue import card, load
from playground.demo import Html, Part, Table, Words
from playground.demos.writing_desk.marks import quiet, signed
from playground.demos.writing_desk.writing import known, whole
from playground.fields import Values
from playground.memory import remembered

NONE = "none"  # the option where no voice has such cells


def cells(name: str) -> dict[str, tuple[int, float]]:
    """Return what a voice's cells follow, as its card has it: the cell's number, and its correlation on the test text."""
    table = card(name).tables.get("cells")
    return {str(title): (int(cell), float(found)) for title, cell, found in table.rows} if table else {}


def followed(names: list[str]) -> list[str]:
    """Return all that is followed by a cell of any of some voices."""
    return list(dict.fromkeys(title for name in names for title in cells(name))) or [NONE]


def best(name: str) -> str:
    """Return what a voice's cells follow best; nothing where none can be read."""
    there = cells(name)
    return max(there, key=lambda title: abs(there[title][1]), default=NONE)


@remembered
def trail(name: str, text: str, cell: int) -> np.ndarray:
    """Return a cell's value after each character of a text: (T,)."""
    return load(name).trail(text)[:, cell].numpy().copy()


def parts(v: Values) -> list[Part]:
    """Colour what stands on the page by the chosen cell; say how well it follows what, and list the others."""
    there = cells(v["model"])
    title = v["cell"] if v["cell"] in there else best(v["model"])
    cell, found = there[title]
    text = known(v["model"], whole(v))[0]
    said = (
        f"Its value after each character: orange above 0, blue below, the deeper the further. On the test text it goes with “{title}” "
        f"by a correlation of {found:.2f}; 1 or -1 is all the way, 0 not at all. Nobody told it to: cells were looked through afterwards."
    )
    table = {
        "what is followed": [(one, one == title) for one in there],
        "cell": [(str(number), False) for number, _ in there.values()],
        "correlation": [(f"{r:.2f}", False) for _, r in there.values()],
    }
    return [
        Words(f"**Cell {cell} follows: {title}**"),
        Html(signed(text, trail(v["model"], text, cell))) if text else quiet("Nothing stands on the page."),
        quiet(said),
        Table(table),
    ]
