"""What a Streamlit page looks like: its ink, and the parts and charts on it."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import streamlit as st

from playground import charts, markup, panels
from playground.demo import Chart, Rows

# Plotly asks a pandas that is in sys.modules for its types, even one that another visitor's thread is only importing: Streamlit does late.
import_module("pandas")

INK = {"light": (27, 27, 31), "dark": (237, 235, 230)}


def theme() -> str:
    """Return 'dark' or 'light', as the visitor has it."""
    return "dark" if st.context.theme.type == "dark" else "light"


def ink() -> markup.Ink:
    """Return the theme's text colour, in which pictures of digits are shown."""
    return INK[theme()]


def plot(chart: Chart, key: str, pick: Callable[[int | str], None] | None = None) -> None:
    """Show a chart under its title; a click on a point of one that picks hands over its number, or its word."""
    if chart.title:
        st.markdown(chart.title)
    figure = charts.dressed(chart.figure(charts.COLORS[theme()]), chart.height)
    told: dict[str, Any] = {"key": key, "config": charts.CONFIG}
    if pick:

        def picked() -> None:
            points = st.session_state[key].selection.points
            if points and "customdata" in points[0]:
                (said,) = np.ravel(points[0]["customdata"])[:1].tolist()
                pick(said if isinstance(said, str) else int(said))

        told |= {"on_select": picked, "selection_mode": "points"}
        st.caption("Click a point to choose it.")
    st.plotly_chart(figure, **told)


def rows(table: Rows) -> None:
    """Show a long table; a click on a column's name sorts it."""
    told: dict[str, Any] = {}
    for name, cells in table.columns.items():
        if name in table.formats:
            form = table.formats[name]
            told[name] = st.column_config.NumberColumn(format="localized" if form == "," else f"%{form}")
        elif any(str(cell).startswith("https://") for cell in cells):
            told[name] = st.column_config.LinkColumn(display_text="([^/]*)$")
    st.dataframe(table.columns, hide_index=True, column_config=told)


def show(found: Sequence[panels.Panel], key: str) -> None:
    """Show parts and charts, one under the other."""
    for i, panel in enumerate(found):
        if isinstance(panel, Chart):
            plot(panel, f"{key} {i}")
        else:
            st.html(markup.shown(panel, ink()))
