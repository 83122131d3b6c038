"""What does a classifier dream of? as a Gradio app: `python -m playground.gradio_apps.dreams`."""

import gradio as gr
import numpy as np

from playground.demos import dreams
from playground.demos.dreams import STEPS, WAYS
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import gallery
from zoo.nn import MAX_SEED

MODELS, FIELDS = dreams.checkpoints(), dreams.fields()
page = Page("dreams", FIELDS, MODELS)


def all_ways(v: dict) -> dict[str, tuple[np.ndarray, float]]:
    """Return each way's picture at the chosen moment, and how sure its classifier is."""
    found = {way: dreams.dream(way, int(v["label"]), v["seed"], v["size"]) for way in WAYS}
    return {way: (pictures[v["steps"]], float(sure[v["steps"]])) for way, (pictures, sure) in found.items()}


def draw(v: dict) -> tuple[str, str]:
    """Return the stage and the code."""
    found = all_ways(v)
    said = [f"{WAYS[way]}: {100 * sure:.1f} % a {v['label']}" for way, (_, sure) in found.items()]
    images = [picture(x, text) for (x, _), text in zip(found.values(), said, strict=True)]
    return gallery(images, said, columns=2, largest=240), dreams.code(int(v["label"]), v["seed"], v["size"], v["steps"])


def dream(label: int = 3, seed: int = 1, size: float = 0.3, steps: int = STEPS) -> tuple[gr.FileData, dict[str, float]]:
    """Make pictures that classifiers take for a digit, in four ways: a PNG, side by side; and how sure each classifier is."""
    v = {**page.defaults(), **page.check(label=label, seed=seed, size=size, steps=steps)}
    found = all_ways(v)
    return page.file(np.concatenate([x for x, _ in found.values()], 1), v), {
        way: sure for way, (_, sure) in found.items()
    }


with blocks("What does a classifier dream of?") as demo:
    head("What does a classifier dream of?", "Four pictures that it is sure of, and only one that you are.", MODELS)
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            stage = gr.HTML()
        with gr.Column(scale=1, min_width=320):
            label = gr.Radio(
                [str(i) for i in range(10)], value=FIELDS["label"].default, label="Digit", elem_classes="zoo-digits"
            )
            steps = gr.Slider(1, STEPS, FIELDS["steps"].default, step=1, precision=0, label="Moment")
            size = gr.Slider(
                0.05,
                1,
                FIELDS["size"].default,
                step=0.05,
                label="Length of a step uphill",
                info="Euclidean, over all pixels; random changes have none",
            )
            seed = gr.Number(FIELDS["seed"].default, label="Seed", minimum=0, maximum=MAX_SEED, precision=0)
    controls = {"label": label, "seed": seed, "size": size, "steps": steps}
    actions = gr.Column()
    code = tabs(MODELS, how=dreams.HOW, equation=dreams.EQUATION, try_this=dreams.TRY_THIS, sketch="dreams.svg")
    with actions:
        page.wire(
            demo, list(controls.values()), seed, [stage, code],
            gather=lambda *w: page.check(**dict(zip(controls, w, strict=True))), spread=lambda v: [v[name] for name in controls],
            draw=draw, render=lambda v: np.concatenate([x for x, _ in all_ways(v).values()], 1),
        )  # fmt: skip
    gr.api(dream, api_name="dream")

if __name__ == "__main__":
    launch(demo)
