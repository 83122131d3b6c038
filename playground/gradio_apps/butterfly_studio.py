"""Butterfly studio as a Gradio app: `python -m playground.gradio_apps.butterfly_studio`."""

from functools import lru_cache

import gradio as gr
import numpy as np
from torch import Tensor

from playground.components.canvas import gradio_canvas
from playground.demos import butterfly_studio as studio
from playground.demos.photo import PhotoError
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import gallery
from zoo.nn import MAX_SEED

FIELDS = studio.fields()
NAMES = [(studio.title(name), name) for name in studio.space().names]
page = Page("butterfly_studio", FIELDS, [studio.MODEL])


def pattern(v: dict) -> tuple[Tensor, np.ndarray | None]:
    """Return the z that the controls choose, and the cut-out (256, 256, 4) uint8 if it is a photo's."""
    seen = None
    if v["source"] == "random":
        z = studio.random(v["seed"])
    elif v["source"] == "photo" and v.get("photo"):
        try:
            z, seen = studio.encode(v["photo"])
        except PhotoError as error:
            raise gr.Error(str(error), print_exception=False) from error
    else:
        z = studio.latent(v["texture"])
    if v["blend"]:
        z = studio.mixed(z, studio.latent(v["second"]), v["mix"], v["blend"] / 100)
    return studio.moved(z, v["sliders"]), seen


def painted(v: dict, z: Tensor) -> np.ndarray:
    """Return the butterfly (256, 256, 4) uint8."""
    mirror = v["mirror"] == "yes"
    return studio.paint(z[None], *studio.drawn(v["drawing"], mirror), mirror=mirror)[0]


def render(v: dict) -> np.ndarray:
    """Return the butterfly on white, (256, 256, 3) uint8."""
    return studio.on_white(painted(v, pattern(v)[0]))


def draw(v: dict) -> tuple[str, str, str, str]:
    """Return the stage, the code, the cut-out photo, and what the encoder forgot."""
    z, seen = pattern(v)
    cut = "" if seen is None else gallery([picture(seen, "the photo as the encoder sees it")], ["cut out"], columns=1)
    return picture(painted(v, z), "your butterfly"), studio.code(v), cut, forgotten(v["texture"])


@lru_cache(maxsize=64)
def forgotten(name: str) -> str:
    """Show the outlines that can and cannot be read off a species' z."""
    shown = studio.forgotten(name)
    return gallery([picture(p, f"outline: {t}") for t, p in shown.items()], list(shown), columns=4, largest=160)


def sixteen(*widgets) -> str:
    """Show sixteen species on the drawing."""
    v = gather(*widgets)
    mirror, chosen = v["mirror"] == "yes", studio.sixteen(v["seed"])
    worn = studio.paint(studio.latents(chosen), *studio.drawn(v["drawing"], mirror), mirror=mirror)
    titles = [studio.title(name) for name in chosen]
    return gallery([picture(p, t) for p, t in zip(worn, titles, strict=True)], titles, columns=4, largest=180)


def gather(pad, source, texture, seed, photo, blend, second, mix, *sliders) -> dict:
    """Return checked values from the widgets'; the photo is no part of a link."""
    checked = page.check(
        drawing=pad["strokes"], mirror="yes" if pad.get("mirror", True) else "no", source=source, texture=texture,
        seed=seed, blend=blend, second=second, mix=mix, sliders=[s or 0 for s in sliders],
    )  # fmt: skip
    return {**checked, "photo": photo}


def spread(v: dict) -> list:
    """Return the widgets' values."""
    pad = {"strokes": v["drawing"], "mirror": v["mirror"] == "yes"}
    return [pad, v["source"], v["texture"], v["seed"], None, v["blend"], v["second"], v["mix"], *v["sliders"]]


def retexture(
    texture: str = FIELDS["texture"].default, strokes: list[list[int]] | None = None, mirror: bool = True,
    second: str = FIELDS["second"].default, blend: int = 0, sliders: list[float] | None = None,
) -> gr.FileData:  # fmt: skip
    """Paint a species' pattern into a drawing: a 256x256 PNG. Strokes are lists of x0, y0, x1, y1, ... from 0 to 255."""
    v = page.check(
        drawing=strokes, mirror="yes" if mirror else "no", texture=texture, second=second, blend=blend, sliders=sliders
    )
    v = {**page.defaults(), **v}
    return page.file(render(v), v)


with blocks("Butterfly studio") as demo:
    head("Butterfly studio", "Draw a butterfly, and dress it in another's pattern.", [studio.MODEL])
    with gr.Row():
        with gr.Column(min_width=320):
            pad = gradio_canvas("draw half a butterfly", size=460, width=3, tools=True)
            starter = gr.Radio(list(studio.space().starters), label="Start from")
        with gr.Column(min_width=320, elem_classes="zoo-stage"):
            stage = gr.HTML()
            source = gr.Radio(
                [(label, key) for key, label in studio.SOURCES.items()], value="species", label="Pattern of"
            )
            texture = gr.Dropdown(NAMES, value=FIELDS["texture"].default, label="Species (type to search)")
            seed = gr.Number(
                FIELDS["seed"].default, label="Seed", minimum=0, maximum=MAX_SEED, precision=0, visible=False
            )
            photo = gr.File(
                label="A butterfly, or anything, on a plain ground. It stays in memory and is deleted with the session.",
                file_types=[".png", ".jpg", ".jpeg", ".webp"], type="binary", visible=False,
            )  # fmt: skip
            cut = gr.HTML()
            blend = gr.Slider(0, 100, 0, step=1, precision=0, label="Mix in a second species, %")
            with gr.Accordion("More", open=False):
                second = gr.Dropdown(NAMES, value=FIELDS["second"].default, label="Second species")
                mix = gr.Radio([(label, key) for key, label in studio.MIXES.items()], value="blend", label="How")
                sliders = [
                    gr.Slider(-studio.REACH, studio.REACH, 0, step=0.1, label=f"Direction {k + 1}")
                    for k in range(studio.SLIDERS)
                ]
    actions = gr.Column()
    many = gr.Button("Sixteen species on your shape")
    sheet = gr.HTML()
    with gr.Accordion("What did the encoder forget?", open=False):
        forgot = gr.HTML()
    code = tabs(
        [studio.MODEL], how=studio.HOW, equation=studio.EQUATION, try_this=studio.TRY_THIS, sketch="retexture.svg"
    )
    controls = [pad, source, texture, seed, photo, blend, second, mix, *sliders]
    with actions:
        page.wire(
            demo, controls, seed, [stage, code, cut, forgot], pad=pad, gather=gather, spread=spread, draw=draw, scale=2,
            render=render,
        )  # fmt: skip
    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    source.change(
        lambda kind: [gr.Dropdown(visible=kind != "random"), gr.Number(visible=kind == "random"), gr.File(visible=kind == "photo")],
        source, [texture, seed, photo], **quiet,
    )  # fmt: skip
    starter.input(
        lambda name, *widgets: (
            {"strokes": studio.space().starters[name], "mirror": True},
            *draw(gather({"strokes": studio.space().starters[name], "mirror": True}, *widgets)),
        ),
        [starter, *controls[1:]],
        [pad, stage, code, cut, forgot],
        **quiet,
    )
    many.click(sixteen, controls, sheet, **quiet)
    gr.api(retexture, api_name="retexture")

if __name__ == "__main__":
    launch(demo)
