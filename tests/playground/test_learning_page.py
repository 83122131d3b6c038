"""Watch it learn: whom a model can be put against, and what is shown of both; the table of the models."""

import gradio as gr
import plotly.graph_objects as go
import pytest

import zoo
from playground import learning, markup
from playground.demos import models, watch_it_learn
from playground.hosts import gradio_host
from playground.hosts.gradio_host.wiring import unsent

FIELDS = watch_it_learn.fields()


def values(**changed) -> dict:
    """Return the page's values, some of them changed."""
    return {name: changed.get(name, field.default) for name, field in FIELDS.items()}


@pytest.mark.parametrize("name", learning.watchable())
def test_a_model_is_put_against_those_that_measured_the_same(name):
    allowed = FIELDS["against"].allowed(values(model=name))
    assert allowed[0] == watch_it_learn.NOTHING and name not in allowed
    assert all(learning.axes(name, rival) for rival in allowed[1:])
    stage = watch_it_learn.stage(values(model=name))
    assert {slot.name for slot in watch_it_learn.DEMO.slots()} == set(stage)
    for slot in watch_it_learn.DEMO.slots():
        assert not slot.charts or len(stage[slot.name]) <= slot.charts


def test_one_that_measured_something_else_is_left_out():
    v = values(model="vae.mnist-cnn", against="char_gpt.wells")
    assert watch_it_learn.shown(v) == ["vae.mnist-cnn"]
    assert watch_it_learn.shown({**v, "against": "vae.mnist-mlp"}) == ["vae.mnist-cnn", "vae.mnist-mlp"]
    app = gradio_host.build("watch_it_learn")
    against = next(block for block in app.blocks.values() if getattr(block, "label", None) == "Against")
    assert [option for _, option in against.choices] == FIELDS["against"].allowed(values())


def test_a_link_in_the_table_leads_to_the_paper_and_markup_is_text():
    shown = markup.shown(models.table(), (0, 0, 0))
    assert shown.count("<tr>") == len(zoo.names()) + 1
    assert "<a href='https://arxiv.org/abs/1406.5298'>1406.5298</a>" in shown
    assert "<i>" not in markup.rows({"a": ["<i>"], "b": [None]}, {})
    assert "<td>1,234</td><td>0.5</td>" in markup.rows({"a": [1234], "b": [0.52]}, {"a": ",", "b": ".1f"})


def test_a_chart_is_sent_once():
    def chart(y: int) -> dict:
        return gr.update(value=go.Figure(go.Scatter(x=[0], y=[y])), visible=True)

    hidden = gr.update(visible=False)
    first, has = unsent(["text", chart(1)], ())
    assert first[1] == chart(1)
    again, has = unsent(["text", chart(1)], has)
    assert again == ["text", gr.skip()]
    skipped, has = unsent([gr.skip(), gr.skip()], has)  # a stage that goes on, and has nothing new there
    assert unsent(["text", chart(1)], has)[0][1] == gr.skip()
    assert unsent(["text", chart(2)], has)[0][1] == chart(2)
    _, has = unsent(["text", hidden], has)
    assert unsent(["text", chart(1)], has)[0][1] == chart(1)
