"""What stands in the tabs: every table of a card, drawn where it says how, on every host."""

import gradio as gr
import numpy as np
import pytest

import zoo
from playground import charts, markup, panels
from playground.catalogue import card
from playground.demo import Chart, Table, Words
from playground.hosts import gradio_host, static

TABLES = [
    (name, table) for name in zoo.names() for table in (*card(name).tables.values(), *card(name).studies.values())
]
COLORS = charts.COLORS["both"]


@pytest.mark.parametrize("name", zoo.names())
def test_every_table_is_shown(name):
    shown, rows = panels.measured(name), panels.measured(name, plots=False)
    said = [part.text for part in shown if isinstance(part, Words)]
    tables = [table for other, table in TABLES if other == name]
    assert all(any(table.title in text and table.text in text for text in said) for table in tables)
    assert sum(isinstance(part, Chart) for part in shown) == sum(len(table.charts) for table in tables)
    assert sum(isinstance(part, Table) for part in rows) == 1 + len(tables)
    assert not any(isinstance(part, Chart) for part in rows)
    assert static.measured(name).count("<table") == 1 + len(tables)


@pytest.mark.parametrize(("name", "table"), TABLES, ids=[f"{name}-{table.title}" for name, table in TABLES])
def test_a_chart_has_what_the_table_has(name, table):
    for plot in table.charts:
        drawn = charts.drawn(COLORS, table, plot).data
        columns = [table.column(title) for title in plot.columns]
        if plot.kind == "confusion":
            counts = np.array(columns[1:]).T
            np.testing.assert_allclose(drawn[0].text, 100 * counts / counts.sum(1, keepdims=True))
        elif plot.kind == "bundle":
            assert len(drawn) == len(table.rows) and list(drawn[0].y) == columns[1][0]
        elif plot.kind == "dots":
            assert list(drawn[0].x) == columns[1] and list(drawn[0].y) == columns[0]
        else:
            assert [list(trace.y) for trace in drawn] == columns[1:]
            assert all(list(trace.x) == columns[0] for trace in drawn)


def test_survival_and_seeds_are_in_the_app_too():
    app = gradio_host.build("cartpole")
    wanted = sum(isinstance(part, Chart) for part in panels.measured("ppo.cartpole"))
    plots = [block for block in app.blocks.values() if isinstance(block, gr.Plot) and block.value]
    assert wanted == 3 and len(plots) >= wanted
    said = " ".join(str(block.value) for block in app.blocks.values() if isinstance(block, gr.HTML))
    assert "Outside what it was trained on" in said and "Five seeds" in said
    assert markup.marked(card("ppo.cartpole").tables["survival"].text, inline=True) in said
