"""Latent sliders as a Gradio app: `python -m playground.gradio_apps.latent_sliders`."""

from typing import Any

import gradio as gr
import numpy as np
from torch import Tensor

from playground.components.canvas import gradio_canvas
from playground.demos import drawing, latent_sliders
from playground.demos.latent_sliders import MAPPED, MODELS, REACH, STARTS, decode, directions, morph, move, space
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import INK, blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import film, gallery, image, inked, uri
from zoo.nn import MAX_SEED
from zoo.pictures import sheet

FIELDS = latent_sliders.fields()
FIRST = 4  # sliders shown at once
page = Page("latent_sliders", FIELDS, MODELS)


def codes(v: dict) -> dict[str, Tensor]:
    """Return where the sliders lead, by model; the drawing may be empty only while it is being drawn."""
    at = {"seed": v["seed"], "digit": v["digit"], "strokes": v["drawing"]}
    empty = v["start"] == "drawing" and not any(v["drawing"])
    starts = {name: space(name).centre if empty else latent_sliders.start(name, v["start"], **at) for name in MODELS}
    return {name: move(name, z, v["sliders"]) for name, z in starts.items()}


def films(v: dict) -> dict[str, np.ndarray]:
    """Return the frames from here to another test digit, by model."""
    return {name: morph(name, z, space(name).mean[v["to"]]) for name, z in codes(v).items()}


def draw(v: dict) -> tuple[str, str, str]:
    """Return the stage, the morphs and the code."""
    images = [picture(decode(name, z), f"digit decoded by {name}") for name, z in codes(v).items()]
    captions = [f"{name} · {len(FIELDS['sliders'].default)} numbers" for name in MODELS]
    note = ""
    if v["start"] == "drawing" and any(v["drawing"]):
        images.append(picture(drawing.digit(v["drawing"]), "your drawing as the models see it"))
        captions.append("your drawing")
    elif v["start"] == "drawing":
        note = "<p class='zoo-quiet'>Draw a digit on the pad. Until then you see the mean digit.</p>"
    columns = 3 if v["start"] == "drawing" else 2  # the same before the first stroke and after it
    strips = []
    for name, frames in films(v).items():
        moving = image(latent_sliders.animation(frames, INK), f"{name}: from one digit to the other", "webp")
        strips.append(film(moving, [picture(x, f"{name}: step {i}") for i, x in enumerate(frames)]))
    code = latent_sliders.code(MODELS[0], v["start"], v["sliders"], seed=v["seed"], digit=v["digit"])
    return (
        gallery(images, captions, columns=columns, largest=260) + note,
        f"<div class='zoo-films'>{''.join(strips)}</div>",
        code,
    )


def ends(along: str) -> str:
    """Return a style that puts pictures of each direction's ends beside its slider."""
    rules = []
    for k, pair in enumerate(directions(page.check(along=along)["along"])):
        for side, pixels, word in zip(("before", "after"), pair, ("low", "high"), strict=True):
            said = f"content: '' / 'direction {k + 1}, its {word} end'"
            rules.append(
                f".zoo-direction-{k}::{side} {{ {said}; background-image: url({uri(inked(pixels, INK, scale=1))}); }}"
            )
    return f"<style>{''.join(rules)}</style>"


def given(start: str, seed: int, digit: int, strokes: list | None, sliders: list | None, to: int = 0) -> dict:
    """Check what an API caller sent."""
    v = page.check(start=start, seed=seed, digit=digit, drawing=strokes, sliders=sliders, to=to)
    if v["start"] == "drawing" and not any(v["drawing"]):
        problem = "Nothing is drawn yet: send strokes, lists of x0, y0, x1, y1, ... from 0 to 255."
        raise gr.Error(problem, print_exception=False)
    return v


def decoded(
    start: str = "digit", seed: int = 1, digit: int = 61, strokes: list[list[int]] | None = None,
    sliders: list[float] | None = None,
) -> tuple[list[gr.FileData], dict[str, Any]]:  # fmt: skip
    """Decode where the sliders lead: a 28x28 PNG for each model, ink on white; and its code z.

    Start is 'point' (by seed), 'digit' (an encoded test digit) or 'drawing' (strokes); sliders are in standard deviations.
    """
    v = given(start, seed, digit, strokes, sliders)
    z = codes(v)
    return [page.file(decode(name, z[name]), v) for name in MODELS], {name: z[name].tolist() for name in MODELS}


def morphed(
    start: str = "digit", seed: int = 1, digit: int = 61, strokes: list[list[int]] | None = None,
    sliders: list[float] | None = None, to: int = 110,
) -> list[gr.FileData]:  # fmt: skip
    """Morph from where the sliders lead to another test digit: a PNG for each model, 12 steps of 28x28 side by side."""
    v = given(start, seed, digit, strokes, sliders, to)
    return [page.file(sheet(frames, 12), v) for frames in films(v).values()]


def gather(start, seed, digit, to, pad, along, *sliders) -> dict:
    """Return checked values from the widgets'."""
    values = {"start": start, "seed": seed, "digit": digit, "to": to, "drawing": pad["strokes"], "along": along}
    return page.check(**values, sliders=[s or 0 for s in sliders])


def spread(v: dict) -> list:
    """Return the widgets' values."""
    return [v["start"], v["seed"], v["digit"], v["to"], {"strokes": v["drawing"]}, v["along"], *v["sliders"]]


def slider(k: int) -> gr.Slider:
    """Show slider k."""
    return gr.Slider(
        -REACH, REACH, 0, step=0.1, label=f"Direction {k + 1}", elem_classes=["zoo-direction", f"zoo-direction-{k}"]
    )


with blocks("Latent sliders") as demo:
    head("Latent sliders", "Twenty sliders, and every digit there is between them.", MODELS)
    with gr.Row():
        with gr.Column(min_width=320, elem_classes="zoo-stage"):
            stage = gr.HTML()
        with gr.Column(min_width=320):
            start = gr.Radio(
                [(label, key) for key, label in STARTS.items()], value=FIELDS["start"].default, label="Start from"
            )
            with gr.Column(visible=False) as from_point:
                seed = gr.Number(FIELDS["seed"].default, label="Seed", minimum=0, maximum=MAX_SEED, precision=0)
            with gr.Column() as from_digit:
                digit = gr.Slider(0, MAPPED - 1, FIELDS["digit"].default, step=1, precision=0, label="Test digit")
            with gr.Column(visible=False) as from_drawing:
                pad = gradio_canvas("draw a digit", size=260)
            sliders = [slider(k) for k in range(FIRST)]
            with gr.Accordion("More directions", open=False):
                sliders += [slider(k) for k in range(FIRST, len(FIELDS["sliders"].default))]
                along = gr.Radio(MODELS, value=FIELDS["along"].default, label="Small pictures by")
            style = gr.HTML(ends(FIELDS["along"].default))
    to = gr.Slider(0, MAPPED - 1, FIELDS["to"].default, step=1, precision=0, label="Morph into test digit")
    strips = gr.HTML()
    actions = gr.Column()
    code = tabs(
        MODELS,
        how=latent_sliders.HOW,
        equation=latent_sliders.EQUATION,
        try_this=latent_sliders.TRY_THIS,
        sketch="vae.svg",
    )
    with actions:
        page.wire(
            demo, [start, seed, digit, to, pad, along, *sliders], seed, [stage, strips, code],
            pad=pad, gather=gather, spread=spread, draw=draw,
            render=lambda v: np.concatenate([decode(name, z) for name, z in codes(v).items()], 1),
        )  # fmt: skip
    start.change(
        lambda start: [gr.Column(visible=start == kind) for kind in STARTS], start, [from_point, from_digit, from_drawing],
        show_progress="hidden", api_visibility="private",
    )  # fmt: skip
    along.change(ends, along, style, show_progress="hidden", api_visibility="private")
    gr.api(decoded, api_name="decode")
    gr.api(morphed, api_name="morph")

if __name__ == "__main__":
    launch(demo)
