"""Flow, there and back as a Gradio app: `python -m playground.gradio_apps.flow`."""

from typing import Any

import gradio as gr

from playground.components.canvas import gradio_canvas
from playground.demos import flow
from playground.demos.draw_and_see import FIRST
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import gallery
from zoo.nn import MAX_SEED
from zoo.pictures import sheet

MODELS, FIELDS = flow.checkpoints(), flow.fields()
page = Page("flow", FIELDS, MODELS)


def chosen(v: dict) -> tuple[int, int, int, float]:
    """Return what the ranked digits depend on."""
    return int(v["label"]), v["count"], v["seed"], v["wild"]


def travel(v: dict) -> str:
    """Return a drawing's way to noise and back."""
    if not any(v["drawing"]):
        return "<p class='zoo-quiet'>Nothing is drawn yet: draw a digit on the pad.</p>"
    found = flow.journey(v["drawing"])
    titles = ["your drawing, as it is seen", "the noise that it is", "the noise, turned back"]
    images = [picture(x, title) for x, title in zip((found.x, found.z, found.back), titles, strict=True)]
    shown = gallery(images, titles, columns=3, largest=180)
    return f"{shown}<p class='zoo-read'>{flow.said(found)}</p><p class='zoo-quiet'>{flow.returned(found)}</p>"


def draw(v: dict) -> tuple[str, str, str]:
    """Return the drawing's way, the ranked digits and the code."""
    drawn, bits = flow.ranked(*chosen(v))
    captions = [f"{b:.2f}" for b in bits]
    images = [picture(x, f"digit {v['label']}, {b} bits per pixel") for x, b in zip(drawn, captions, strict=True)]
    title = (
        "<p class='zoo-read'><b>Its own digits, the likeliest first</b>, with bits per pixel: fewer are likelier</p>"
    )
    return travel(v), title + gallery(images, captions, columns=6), flow.code(*chosen(v))


def sample(
    label: int = 3, count: int = 12, seed: int = 1, wild: float = FIELDS["wild"].default
) -> tuple[gr.FileData, list[float]]:
    """Draw digits of a label, the likeliest first: a PNG, 28x28 ink on white, six in a row; and the bits per pixel of each."""
    v = {**page.defaults(), **page.check(label=label, count=count, seed=seed, wild=wild)}
    drawn, bits = flow.ranked(*chosen(v))
    return page.file(sheet(drawn, 6), v), bits.tolist()


def rank(strokes: list[list[int]] = FIRST) -> dict[str, Any]:
    """Say how likely a drawing is: bits per pixel, the share of test digits that are less likely (%), the label read and its
    probability, and the largest error of a pixel in [0, 1] there and back. Strokes are lists of x0, y0, x1, y1, ... from 0 to 255."""
    v = page.check(drawing=strokes)
    if not any(v["drawing"]):
        raise gr.Error("Nothing is drawn yet: send strokes.", print_exception=False)
    found = flow.journey(v["drawing"])
    return {name: getattr(found, name) for name in ("bits", "rank", "read", "sure", "error")}


with blocks("Flow, there and back") as demo:
    head("Flow, there and back", "A digit becomes noise and comes back exactly; how likely is your drawing?", MODELS)
    with gr.Row():
        with gr.Column(scale=1, min_width=320):
            pad = gradio_canvas("draw a digit", size=300)
        with gr.Column(scale=2, min_width=320):
            way = gr.HTML()
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            stage = gr.HTML()
        with gr.Column(scale=1, min_width=320):
            label = gr.Radio(
                [str(i) for i in range(10)], value=FIELDS["label"].default, label="Digit", elem_classes="zoo-digits"
            )
            wild = gr.Slider(0, 1.3, FIELDS["wild"].default, step=0.05, label="Wilder", info=flow.WILD_HELP)
            count = gr.Slider(1, 24, FIELDS["count"].default, step=1, precision=0, label="How many")
            seed = gr.Number(FIELDS["seed"].default, label="Seed", minimum=0, maximum=MAX_SEED, precision=0)
    controls = {"label": label, "wild": wild, "count": count, "seed": seed}
    actions = gr.Column()
    code = tabs(MODELS, how=flow.HOW, equation=flow.EQUATION, try_this=flow.TRY_THIS, sketch="flow.svg")
    with actions:
        page.wire(
            demo, [pad, *controls.values()], seed, [way, stage, code], pad=pad,
            gather=lambda drawn, *w: page.check(drawing=drawn["strokes"], **dict(zip(controls, w, strict=True))),
            spread=lambda v: [{"strokes": v["drawing"]}, *(v[name] for name in controls)],
            draw=draw, render=lambda v: sheet(flow.ranked(*chosen(v))[0], 6),
        )  # fmt: skip
    gr.api(sample, api_name="sample")
    gr.api(rank, api_name="rank")

if __name__ == "__main__":
    launch(demo)
