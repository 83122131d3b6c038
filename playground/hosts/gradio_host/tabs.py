"""The tabs below a stage in a Gradio app."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from playground import charts, learning, markup, panels, topics
from playground.demo import Chart, Demo, Drawn, Endpoint
from playground.fields import Values, choice, integer
from playground.hosts.gradio_host.endpoints import offer
from playground.hosts.gradio_host.look import INK, QUIET
from playground.hosts.gradio_host.page import Page
from playground.hosts.gradio_host.widgets import widget


def plotted(chart: Chart):
    """Return a chart's figure, in colours that can be told on paper and on ink."""
    figure = charts.dressed(chart.figure(charts.COLORS["both"]), chart.height)
    return figure.update_layout(font={"color": charts.GREY}, template="none")


def tabs(topic: str, demo: Demo) -> gr.Code:
    """Show the tabs below a stage; return the code, which the stage fills."""
    with gr.Tabs(overflow_behavior="wrap"):
        with gr.Tab("How it works"):
            gr.Markdown(f"{demo.how}\n\n$${demo.equation}$$")
            gr.HTML((topics.FOLDER / topic / "drawing.svg").read_text("utf-8"))
            gr.Markdown(f"**Try this.** {demo.try_this}")
        if demo.history:
            with gr.Tab("Watch it learn"):
                scrub([model for model in demo.shown() if model in learning.watchable()])
        if demo.shown():
            with gr.Tab("Measured"):
                for model in demo.shown():
                    show(panels.measured(model))
        with gr.Tab("Code"):
            return gr.Code(interactive=False, show_label=False, wrap_lines=True)  # its colours for Python are too faint


def show(found: Sequence[panels.Panel]) -> None:
    """Show parts and charts, one under the other."""
    for panel in found:
        if isinstance(panel, Chart):
            if panel.title:
                gr.Markdown(panel.title)
            gr.Plot(plotted(panel), show_label=False)
        else:
            gr.HTML(markup.shown(panel, INK))


def scrub(models: list[str]) -> None:
    """Show a model's samples at a moment of its training, on a slider, over the loss."""
    if not models:
        gr.Markdown("No history is kept for these models.")
        return
    fields = {
        "model": choice(models, models[0], "Model"),
        "moment": integer(0, 100, learning.FIRST, "Moment of training", unit="%"),
    }
    page = Page("history", fields, models)

    def kept(v: Values) -> tuple[Drawn, dict[str, Any]]:
        """Return a model's samples at a share of its training's moments, 0 to 100 %, and what was measured then."""
        i = learning.at(v["model"], v["moment"])
        return Drawn(learning.frame(v["model"], i)), learning.moments(v["model"])[i]

    def look(*widgets):
        v = page.gather(*widgets)
        i = learning.at(v["model"], v["moment"])
        return markup.shown(panels.moment(v["model"], i), INK), plotted(panels.curve(v["model"], i))

    with gr.Row():
        widget(page, "model")
        widget(page, "moment")
        page.widgets["moment"][0].value = 100
    page.widgets["model"][0].visible = len(models) > 1
    first = look(models[0], 100)
    shown, curve = gr.HTML(first[0]), gr.Plot(first[1], show_label=False)
    gr.on(
        [widget.input for widget in page.inputs], look, page.inputs, [shown, curve], trigger_mode="always_last", **QUIET
    )
    offer(page, Endpoint(kept, ("model", "moment"), "moment", fixed={"moment": 100}))
