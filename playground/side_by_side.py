"""HTML that both hosts show: models side by side, each with what it drew, and their scoreboard."""

import html
from collections.abc import Callable

import numpy as np

from playground.demos import one_digit
from playground.demos.one_digit import Cell, Entry
from playground.markup import gallery

GRID = "margin-bottom: 8px; gap: 24px 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 9rem), 1fr))"
BESIDE = "align-items: center; display: grid; font-size: 0.875rem; gap: 8px; grid-template-columns: 48px 1fr; margin-top: 8px"
LINE = "border: 0 solid color-mix(in srgb, currentColor 22%, transparent); border-bottom-width: 1px; padding: 4px 12px 4px 0"


def side_by_side(
    drawn: list[Entry],
    found: tuple[np.ndarray, np.ndarray] | None,
    label: int,
    picture: Callable[[np.ndarray, str], str],
) -> str:
    """Lay models out side by side, two in a row on a phone.

    Args:
        found: nearest training digits (N, 28, 28) uint8 and their distances (N,), or None without the data.
        label: what was asked for.
        picture: makes an <img> of pixels and an alternative text, as the host does.
    """
    cells = []
    for i, one in enumerate(drawn):
        time, read = (html.escape(fact) for fact in one_digit.facts(one))
        first, *rest = [picture(x, f"{one.name}: a {label}, picture {k + 1}") for k, x in enumerate(one.pictures)]
        near = ""
        if found:
            image = picture(found[0][i], f"the training digit nearest to the first picture by {one.name}")
            near = f"<div style='{BESIDE}'>{image}<span>nearest training digit, {found[1][i]:.1f} away</span></div>"
        cells.append(
            f"<div><b>{html.escape(one.name)}</b>{gallery([first], columns=1, largest=176)}"
            f"{gallery(rest, columns=len(rest), largest=53)}"
            f"<div style='font-size: 0.875rem; margin-top: 8px'>{time}<br>{read}</div>{near}</div>"
        )
    return f"<div class='zoo-texts' style='{GRID}'>{''.join(cells)}</div>"


def table(columns: dict[str, list[Cell]]) -> str:
    """Return columns as a table that scrolls within itself on a narrow screen, the best of each in bold."""

    def row(kind: str, cells: list[str]) -> str:
        sides = ["left", *["right"] * (len(cells) - 1)]
        return "".join(
            f"<{kind} style='{LINE}; text-align: {side}; white-space: nowrap'>{cell}</{kind}>"
            for cell, side in zip(cells, sides, strict=True)
        )

    rows = [
        row("td", [f"<b>{html.escape(text)}</b>" if best else html.escape(text) for text, best in cells])
        for cells in zip(*columns.values(), strict=True)
    ]
    head = row("th", [html.escape(name) for name in columns])
    body = "".join(f"<tr style='border: 0'>{cells}</tr>" for cells in rows)
    return (
        "<div style='overflow-x: auto' tabindex='0'><table style='border: 0; border-collapse: collapse; font-variant-numeric: tabular-nums'>"
        f"<tr style='border: 0'>{head}</tr>{body}</table></div>"
    )
