"""Draw and see as a Gradio app: `python -m playground.gradio_apps.draw_and_see`."""

import gradio as gr
import numpy as np

from playground.components.canvas import gradio_canvas
from playground.demos import draw_and_see as see
from playground.demos.draw_and_see import TITLES
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import gallery

MODELS, FIELDS = see.models(), see.fields()
page = Page("draw_and_see", FIELDS, MODELS)


def shades(v: dict) -> dict[str, np.ndarray]:
    """Return the drawing as each classifier looks at it; nothing where nothing is drawn."""
    if not any(v["drawing"]):
        return {}
    x = see.seen(v["drawing"], v["shift"])
    return {name: see.shaded(x, see.looked_at(name, x)) for name in MODELS}


def draw(v: dict) -> tuple[str, str]:
    """Return the stage and the code."""
    if not any(v["drawing"]):
        return "<p class='zoo-quiet'>Nothing is drawn yet: draw a digit on the pad.</p>", see.code()
    x, images, captions = see.seen(v["drawing"], v["shift"]), [], []
    for name, shade in shades(v).items():
        p = see.judged(name, x)
        images.append(
            picture(np.kron(shade, np.ones((6, 6, 1), np.uint8)), f"{TITLES.get(name, name)} reads a {p.argmax()}")
        )
        captions.append(see.caption(p, name))
    shown = gallery(images, captions, columns=4, largest=180)
    return f"{shown}<p class='zoo-quiet'>{see.legend()}</p>", see.code()


def judge(strokes: list[list[int]] = see.FIRST, shift: int = 0) -> dict[str, list[float]]:
    """Return each classifier's probability of each digit. Strokes are lists of x0, y0, x1, y1, ... from 0 to 255; shift is in pixels."""
    v = page.check(drawing=strokes, shift=shift)
    if not any(v["drawing"]):
        raise gr.Error("Nothing is drawn yet: send strokes.", print_exception=False)
    x = see.seen(v["drawing"], v["shift"])
    return {name: see.judged(name, x).tolist() for name in MODELS}


with blocks("Draw and see") as demo:
    head("Draw and see", "One drawing, judged by every kind of network at once.", MODELS)
    with gr.Row():
        with gr.Column(scale=1, min_width=320):
            pad = gradio_canvas("draw a digit", size=300)
            shift = gr.Slider(
                -see.MOST_SHIFT, see.MOST_SHIFT, 0, step=1, precision=0, label="Shift to the right, pixels"
            )
        with gr.Column(scale=2, min_width=320):
            stage = gr.HTML()
    actions = gr.Column()
    code = tabs(MODELS, how=see.HOW, equation=see.EQUATION, try_this=see.TRY_THIS, sketch="ladder.svg")
    with actions:
        page.wire(
            demo, [pad, shift], None, [stage, code], pad=pad,
            gather=lambda drawn, moved: page.check(drawing=drawn["strokes"], shift=moved), spread=lambda v: [{"strokes": v["drawing"]}, v["shift"]],
            draw=draw, render=lambda v: np.concatenate(list(shades(v).values()) or [np.full((28, 28, 3), 255, np.uint8)], 1),
        )  # fmt: skip
    gr.api(judge, api_name="judge")

if __name__ == "__main__":
    launch(demo)
