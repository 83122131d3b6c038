"""Digit sampler as a Gradio app: `python -m playground.gradio_apps.digit_sampler`."""

from typing import Any

import gradio as gr
import numpy as np

from playground.demos import conditional, digit_sampler
from playground.demos.digit_sampler import ALL
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import gallery
from zoo.nn import MAX_SEED
from zoo.pictures import sheet

MODELS, FIELDS = conditional(), digit_sampler.fields()
DIGITS = [str(digit) for digit in range(10)]
page = Page("digit_sampler", FIELDS, MODELS)


def drawn(v: dict) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return pictures and the judge's probabilities by model."""
    names = MODELS if v["model"] == ALL else [v["model"]]
    return {name: digit_sampler.sample(name, int(v["label"]), v["count"], v["seed"], v["wild"]) for name in names}


def strips(v: dict) -> dict[str, np.ndarray]:
    """Return the frames from one label to the other by model."""
    names = MODELS if v["model"] == ALL else [v["model"]]
    return {name: digit_sampler.film(name, int(v["label"]), int(v["to"]), v["seed"], v["wild"]) for name in names}


def render(v: dict) -> np.ndarray:
    """Return the download: every model's pictures, ten in a row."""
    return np.concatenate([sheet(pixels, 10) for pixels, _ in drawn(v).values()])


def draw(v: dict) -> tuple[str, str, str]:
    """Return the stage, the film strips and the code."""
    label, stage, films = int(v["label"]), [], []
    for name, (pixels, judged) in drawn(v).items():
        read = judged.argmax(1)
        images = [picture(x, f"digit {label} by {name}, read as a {r}") for x, r in zip(pixels, read, strict=True)]
        stage.append(
            f"<p class='zoo-read'><b>{name}</b> · the judge reads {(read == label).sum()} of {v['count']} as a {label}</p>"
        )
        stage.append(gallery(images, ["" if r == label else f"a {r}?" for r in read]))
    for name, frames in strips(v).items():
        films.append(gallery([picture(x, f"{name}: step {i} from {label} to {v['to']}") for i, x in enumerate(frames)]))
    code = [digit_sampler.code(name, label, v["count"], v["seed"], v["wild"]) for name in drawn(v)]
    return "".join(stage), f"<div class='zoo-films'>{''.join(films)}</div>", "\n\n".join(code)


def sample(
    label: int = 3, seed: int = 1, count: int = 10, wild: float = FIELDS["wild"].default, model: str = ALL
) -> tuple[list[gr.FileData], dict[str, Any]]:
    """Draw digits of one label: a PNG for each model, 28x28 ink on white, ten in a row; and the judge's reading of each."""
    v = page.check(label=label, seed=seed, count=count, wild=wild, model=model)
    results = drawn(v)
    read = {
        name: {"read": p.argmax(1).tolist(), "sure": p.max(1).round(4).tolist()} for name, (_, p) in results.items()
    }
    return [page.file(sheet(x, 10), {**v, "model": name}) for name, (x, _) in results.items()], read


def film(
    label: int = 3, to: int = 8, seed: int = 1, wild: float = FIELDS["wild"].default, model: str = ALL
) -> list[gr.FileData]:
    """Turn one label into another while the noise stays: a PNG for each model, ten steps of 28x28 side by side."""
    v = page.check(label=label, to=to, seed=seed, wild=wild, model=model)
    return [page.file(sheet(x, 10), {**v, "model": name}) for name, x in strips(v).items()]


with blocks("Digit sampler") as demo:
    head("Digit sampler", "Choose a digit, and each model writes it in many hands.", MODELS)
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            stage = gr.HTML()
        with gr.Column(scale=1, min_width=320):
            label = gr.Radio(DIGITS, value=FIELDS["label"].default, label="Digit", elem_classes="zoo-digits")
            wild = gr.Slider(
                0, 1.5, FIELDS["wild"].default, step=0.05, label="Wilder", info="Temperature: standard deviation of z"
            )
            count = gr.Slider(1, 60, FIELDS["count"].default, step=1, precision=0, label="How many")
            model = gr.Radio([ALL, *MODELS], value=ALL, label="Model", info="'all' shows the same label and seed")
            seed = gr.Number(
                FIELDS["seed"].default,
                label="Seed",
                minimum=0,
                maximum=MAX_SEED,
                precision=0,
                info="Picture i depends on (seed, i) alone",
            )
    to = gr.Radio(DIGITS, value=FIELDS["to"].default, label="Turn into", elem_classes="zoo-digits")
    films = gr.HTML()
    controls = {"model": model, "label": label, "seed": seed, "count": count, "wild": wild, "to": to}
    actions = gr.Column()
    code = tabs(
        MODELS,
        how=digit_sampler.HOW,
        equation=digit_sampler.EQUATION,
        try_this=digit_sampler.TRY_THIS,
        sketch="conditional.svg",
    )
    with actions:
        page.wire(
            demo, list(controls.values()), seed, [stage, films, code],
            gather=lambda *widgets: page.check(**dict(zip(controls, widgets, strict=True))),
            spread=lambda v: [v[name] for name in controls],
            draw=draw, render=render,
        )  # fmt: skip
    gr.api(sample, api_name="sample")
    gr.api(film, api_name="film")

if __name__ == "__main__":
    launch(demo)
