"""A forger and a critic as a Gradio app: `python -m playground.gradio_apps.dcgan`."""

import gradio as gr

from playground.demos import dcgan
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import gallery
from zoo.nn import MAX_SEED
from zoo.pictures import sheet

MODELS, FIELDS = dcgan.checkpoints(), dcgan.fields()
page = Page("dcgan", FIELDS, MODELS)


def chosen(v: dict) -> tuple[str, int, int, float]:
    """Return what a sheet depends on."""
    return v["model"], v["count"], v["seed"], v["wild"]


def draw(v: dict) -> tuple[str, str, str]:
    """Return the sheet, the film between two of its pictures, and the code."""
    name, drawn = v["model"], dcgan.sample(*chosen(v))
    images = [picture(x, f"picture {i} by {name}") for i, x in enumerate(drawn, 1)]
    frames = dcgan.between(*chosen(v), v["start"], v["end"])
    film = gallery([picture(x, f"step {i} on the way") for i, x in enumerate(frames)])
    said = f"{dcgan.standing(name)} {dcgan.SOURCE if name.endswith('cifar10') else ''}"
    shown = gallery(images, [str(i) for i in range(1, len(drawn) + 1)], columns=6)
    return f"{shown}<p class='zoo-quiet'>{said}</p>", f"<div class='zoo-films'>{film}</div>", dcgan.code(*chosen(v))


def sample(
    model: str = FIELDS["model"].default, count: int = 30, seed: int = 1, wild: float = FIELDS["wild"].default
) -> gr.FileData:
    """Draw pictures from noise alone: a PNG, six in a row, 28x28 ink on white or 32x32 colour each."""
    v = {**page.defaults(), **page.check(model=model, count=count, seed=seed, wild=wild)}
    return page.file(sheet(dcgan.sample(*chosen(v)), 6), v)


def between(
    model: str = FIELDS["model"].default, start: int = 1, end: int = 2, seed: int = 1, wild: float = FIELDS["wild"].default
) -> gr.FileData:  # fmt: skip
    """Go from one picture of a seed's sheet to another, by their numbers from 1: a PNG of ten steps side by side."""
    v = {**page.defaults(), **page.check(model=model, start=start, end=end, seed=seed, wild=wild), "count": dcgan.MOST}
    return page.file(sheet(dcgan.between(*chosen(v), v["start"], v["end"]), 10), v)


with blocks("A forger and a critic") as demo:
    head("A forger and a critic", "Two networks play against each other, and pictures come out of noise.", MODELS)
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            stage = gr.HTML()
        with gr.Column(scale=1, min_width=320):
            model = gr.Radio(MODELS, value=FIELDS["model"].default, label="Model")
            wild = gr.Slider(
                0, 1.5, FIELDS["wild"].default, step=0.05, label="Wilder", info="Temperature: standard deviation of z"
            )
            count = gr.Slider(1, dcgan.MOST, FIELDS["count"].default, step=1, precision=0, label="How many")
            seed = gr.Number(FIELDS["seed"].default, label="Seed", minimum=0, maximum=MAX_SEED, precision=0)
    gr.HTML(
        "<p class='zoo-read'><b>From one picture to another</b>, by their numbers on the sheet; "
        f"{dcgan.PAST[0].lower()}{dcgan.PAST[1:]}</p>"
    )
    with gr.Row():
        start = gr.Number(FIELDS["start"].default, label="From picture", minimum=1, maximum=dcgan.MOST, precision=0)
        end = gr.Number(FIELDS["end"].default, label="To picture", minimum=1, maximum=dcgan.MOST, precision=0)
    film = gr.HTML()
    controls = {"model": model, "seed": seed, "count": count, "wild": wild, "start": start, "end": end}
    actions = gr.Column()
    code = tabs(MODELS, how=dcgan.HOW, equation=dcgan.EQUATION, try_this=dcgan.TRY_THIS, sketch="dcgan.svg")
    with actions:
        page.wire(
            demo, list(controls.values()), seed, [stage, film, code],
            gather=lambda *w: page.check(**dict(zip(controls, w, strict=True))), spread=lambda v: [v[name] for name in controls],
            draw=draw, render=lambda v: sheet(dcgan.sample(*chosen(v)), 6),
        )  # fmt: skip
    gr.api(sample, api_name="sample")
    gr.api(between, api_name="between")

if __name__ == "__main__":
    launch(demo)
