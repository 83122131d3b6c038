"""A field as a Gradio widget, and how its look follows the other values."""

import html
from collections.abc import Callable
from typing import Any

import gradio as gr

from playground import markup
from playground.components.canvas import gradio_canvas, under
from playground.demo import Words
from playground.fields import Field, Values
from playground.hosts.gradio_host.look import INK
from playground.hosts.gradio_host.page import Page


def widget(page: Page, name: str) -> None:
    """Show a control's widget."""
    field, now = page.fields[name], page.defaults()
    told: dict[str, Any] = {"label": field.label, "visible": field.when(now)}
    info = {"info": field.help} if field.help else {}
    made: Any
    match field.kind:
        case "choice" if field.look == "list":
            made = gr.Dropdown(_called(field, now), value=field.default, min_width=280, **told, **info)
        case "choice":
            look = (
                {"elem_classes": "zoo-digits", "min_width": 240}
                if field.look == "digits"
                else {"show_label": field.look != "bare"}
            )
            made = gr.Radio(_called(field, now), value=field.default, **told, **info, **look)
        case "switch":
            made = gr.Checkbox(field.default == "yes", **told, **info)
        case "integer" if field.look == "typed":
            made = gr.Number(field.default, minimum=field.low, maximum=field.high, precision=0, **told, **info)
        case "integer":
            if field.unit:
                told["label"] += f", {field.unit}"
            high = field.end(now) if field.end else field.high
            made = gr.Slider(field.low, high, field.default, step=field.step, precision=0, **told, **info)
        case "number":
            made = gr.Slider(field.low, field.high, field.default, step=field.step, **told, **info)
        case "numbers":
            return _numbers(page, name, field)
        case "text":
            made = gr.Textbox(field.default, lines=field.lines, max_length=field.most, **told, **info)
        case "strokes":
            with gr.Column(visible=field.when(now)) as around:
                if field.under:
                    page.under[name] = gr.HTML(under(f".zoo-pad-{name}", field.under(now)))
                made = gradio_canvas(field.label, axes=bool(field.handles), css=f"zoo-pad-{name}", **field.look_of_pad)
                if field.help:
                    gr.HTML(markup.shown(Words(field.help, quiet=True), INK))
            made.zoo_around = around
        case "file":
            label = f"{field.label}. {field.help}"
            made = gr.File(
                label=label, file_types=[f".{end}" for end in field.types], type="binary", visible=field.when(now)
            )
        case "sound":
            made = gr.State()
            with gr.Column(visible=field.when(now)) as around:
                page.recorders[made] = gr.Audio(label=field.label, sources=["microphone", "upload"], type="filepath")
                if field.help:
                    gr.HTML(markup.shown(Words(field.help, quiet=True), INK))
            made.zoo_around = around
        case _:
            raise ValueError(f"{name}: no widget for a {field.kind}")
    page.widgets[name] = [made]


def _numbers(page: Page, name: str, field: Field) -> None:
    def slider(i: int) -> gr.Slider:
        style = ["zoo-direction", f"zoo-{name}-{i}"] if field.ends else None
        return gr.Slider(field.low, field.high, 0, step=field.step, label=f"{field.label} {i + 1}", elem_classes=style)

    if field.help:
        gr.HTML(f"<div class='zoo-quiet'>{html.escape(field.help)}</div>")
    made = [slider(i) for i in range(field.first)]
    with gr.Accordion(f"More: {field.label.lower()}", open=False) if field.first else gr.Column():
        made += [slider(i) for i in range(field.first, field.most)]
    page.widgets[name] = made
    if field.ends:
        page.ends[name] = gr.HTML(ends(name, field, page.defaults()))


def followers(page: Page) -> list:
    """Return what changes its look with the other values: widgets that may be hidden, renamed or end elsewhere."""
    return [around for around, _ in _followers(page)]


def follow(page: Page, values: Values) -> list:
    """Return the followers' looks."""
    return [look(values) for _, look in _followers(page)]


def _followers(page: Page) -> list[tuple[Any, Callable[[Values], Any]]]:
    found: list[tuple[Any, Callable[[Values], Any]]] = []
    always = Field.__dataclass_fields__["when"].default
    for name, style in page.under.items():
        found.append((style, lambda values, name=name: under(f".zoo-pad-{name}", page.fields[name].under(values))))
    for name, made in page.widgets.items():
        field = page.fields[name]
        if field.kind in ("strokes", "sound") and field.when is not always:
            found.append((made[0].zoo_around, lambda values, field=field: gr.Column(visible=field.when(values))))
        elif field.when is not always or field.calls or field.allows or field.end:
            found.append((made[0], lambda values, name=name, field=field: _look(name, field, values)))
    return found


def _look(name: str, field: Field, values: Values) -> Any:
    look: dict[str, Any] = {"visible": field.when(values)}
    if field.calls or field.allows:
        look["choices"] = _called(field, values)
    if field.allows and values[name] not in (allowed := field.allowed(values)):
        look["value"] = allowed[0]
    if field.end:
        look["maximum"] = field.end(values)
        if values[name] > look["maximum"]:  # else the slider may be moving on
            look["value"] = look["maximum"]
    return gr.update(**look)


def _called(field: Field, values: Values) -> list[tuple[str, str]]:
    """Return a choice's options as Gradio takes them."""
    return [(field.called(option, values), option) for option in field.allowed(values)]


def ends(name: str, field: Field, values: Values) -> str:
    """Return a style that puts pictures of what each number does at its ends beside its slider."""
    rules = []
    for i in range(field.most):
        for side, end, pixels in zip(("before", "after"), ("low", "high"), field.ends(i, values), strict=True):
            said = f"content: '' / '{field.label} {i + 1}, its {end} end'"
            source = markup.uri(markup.inked(pixels, INK, scale=1))
            rules.append(f".zoo-{name}-{i}::{side} {{ {said}; background-image: url({source}); }}")
    return f"<style>{''.join(rules)}</style>"
