"""The tabs below the stage of a Gradio app."""

import html
from typing import Any

import gradio as gr

from playground.demos import card
from playground.demos import watch_it_learn as learning
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import HERE, picture
from playground.markup import texts


def tabs(models: list[str], *, how: str, equation: str, try_this: str, sketch: str) -> gr.Code:
    """Show the four tabs; return the code, which the stage fills.

    Args:
        how: explanation, Markdown.
        equation: LaTeX.
        try_this: one thing to try.
        sketch: file in static/drawings, an SVG in the current colour.
    """
    with gr.Tabs(overflow_behavior="wrap"):
        with gr.Tab("How it works"):
            gr.Markdown(f"{how}\n\n$${equation}$$")
            gr.HTML((HERE / "static" / "drawings" / sketch).read_text("utf-8"))
            gr.Markdown(f"**Try this.** {try_this}")
        with gr.Tab("Watch it learn"):
            scrub([model for model in models if model in learning.watchable()])
        with gr.Tab("Measured"):
            gr.HTML("".join(map(figures, models)))
        with gr.Tab("Code"):
            return gr.Code(language="python", interactive=False, show_label=False)


def scrub(models: list[str]) -> None:
    """Show a model's samples at a moment of its training, on a slider."""
    if not models:
        gr.Markdown("No history is kept for these models.")
        return
    page = Page("history", {**learning.fields(), "model": learning.choice(models, models[0])}, models)

    def moment(model: str = models[0], moment: int = 100) -> tuple[gr.FileData, dict[str, Any]]:
        """Return a model's samples at a share of its training's moments, 0 to 100 %, and what was measured then."""
        values = page.check(model=model, moment=moment)
        i = learning.at(values["model"], values["moment"])
        return page.file(learning.frames(values["model"])[i], values), learning.moments(values["model"])[i]

    def look(model, percent):
        values = page.check(model=model, moment=percent)
        name, i = values["model"], learning.at(values["model"], values["moment"])
        then = learning.moments(name)[i]
        facts = [f"step {then['step']:,}", f"{then['seconds']:.0f} s"]
        facts += [
            f"{learning.AXES[key][0].lower()} {then[key]:.2f} {learning.AXES[key][1]}" for key in learning.axes(name)
        ]
        if learning.writes(name):
            shown = texts(then["texts"])
        else:
            shown = f"<div class='zoo-frame'>{picture(learning.frames(name)[i], f'{name} at {facts[0]}')}</div>"
        return f"{shown}<p class='zoo-quiet'>{' · '.join(facts)}</p>"

    with gr.Row():
        model = gr.Radio(models, value=models[0], label="Model", visible=len(models) > 1)
        percent = gr.Slider(0, 100, 100, step=1, precision=0, label="Moment of training, %")
    shown = gr.HTML(look(models[0], 100))
    gr.on(
        [model.input, percent.input],
        look,
        [model, percent],
        shown,
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
    )
    gr.api(moment, api_name="moment")


def figures(name: str) -> str:
    """Return a card's metrics with their definitions, what the judge reads, and its failures, as HTML."""
    c = card(name)
    rows = "".join(
        f"<tr><td>{m.name}</td><td>{m}</td><td>{m.n:,}</td><td>{html.escape(m.definition)}</td></tr>" for m in c.metrics
    )
    parts = [
        f"<h3>{name}</h3><div class='zoo-scroll'><table><tr><th>metric</th><th>value</th><th>n</th><th>definition</th></tr>{rows}</table></div>",
        f"<p class='zoo-quiet'>Measured on the test split, n each; computed again by <code>python -m train verify {name}</code>.</p>",
    ]
    if "confusion" in c.tables:
        digits = "".join(f"<th>{i}</th>" for i in range(10))
        rows = "".join(
            f"<tr><th>{i}</th>{''.join(f'<td>{100 * n / sum(row):.0f}</td>' for n in row)}<td>{c.tables['diversity'][i]:.2f}</td></tr>"
            for i, row in enumerate(c.tables["confusion"])
        )
        parts.append(
            "<p><b>What the judge reads</b>, % of 1,000 samples of each digit; and their diversity: mean distance between two "
            "samples in judge features, over real digits' own</p><div class='zoo-scroll'><table class='zoo-confusion'>"
            f"<tr><th>asked for</th>{digits}<th>diversity</th></tr>{rows}</table></div>"
        )
    if title := c.pictures.get("failures"):
        shown = picture(learning.picture(c.folder / "failures.webp"), title)
        parts.append(f"<p><b>{html.escape(title)}</b></p><div class='zoo-frame'>{shown}</div>")
    return "".join(parts)
