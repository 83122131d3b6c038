"""Diffusion, step by step as a Gradio app: `python -m playground.gradio_apps.diffusion`."""

from typing import Any

import gradio as gr
import numpy as np

from playground.components.canvas import gradio_canvas
from playground.demos import diffusion
from playground.demos.diffusion import ANY, LABELS, MODELS, STEPS, WAYS, called
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import gallery
from zoo.models.ddpm import SAMPLERS
from zoo.nn import MAX_SEED
from zoo.pictures import sheet

FIELDS = diffusion.fields()
SENTENCE = "A picture comes out of nothing but noise; stop it anywhere, or begin it yourself."
page = Page("diffusion", FIELDS, diffusion.checkpoints())


def quiet(text: str) -> str:
    """Return a caption."""
    return f"<p class='zoo-quiet'>{text}</p>"


def way(v: dict) -> str:
    """Return one moment large, and the whole way small."""
    (there, seen, levels), name = diffusion.walk(*diffusion.walk_of(v)), called(v["model"], v["label"])
    moment, at = min(v["moment"], v["steps"]), diffusion.chosen(v["steps"])
    said = ["what is there", "what the network sees in it"]
    large = [
        picture(x[moment], f"{name}: {text} at moment {moment}") for x, text in zip((there, seen), said, strict=True)
    ]
    film = [
        picture(x, f"moment {i}: what is there, and under it what the network sees")
        for i, x in zip(at, diffusion.pairs(there[at], seen[at]), strict=True)
    ]
    return (
        gallery(large, said, columns=2, largest=280)
        + quiet(f"{diffusion.where(moment, levels)} {diffusion.cost(v['steps'], v['guidance'])}")
        + gallery(film, [f"now {i}" if i == moment else str(i) for i in at], columns=len(at), largest=72)
    )


def colours(v: dict) -> tuple[np.ndarray, np.ndarray]:
    """Return the finished digits, (ways, 28, 28, 3) uint8 on white, what was drawn in orange; and the judge's readings."""
    made, read = diffusion.finish(v["drawing"], v["into"], v["seed"], v["ways"])
    drawn = diffusion.part(v["drawing"])
    shown = [diffusion.on_paper(diffusion.coloured(x, drawn, (27, 27, 31))) for x in made]
    return np.stack(shown) if shown else np.zeros((0, 28, 28, 3), np.uint8), read


def draw(v: dict) -> tuple[str, str, str, str]:
    """Return the stage, the finished digits, the pictures between and the code."""
    made, read = colours(v)
    images = [
        picture(np.kron(x, np.ones((8, 8, 1), np.uint8)), f"your part finished, read as {r}")
        for x, r in zip(made, read, strict=True)
    ]
    finished = gallery(images, [f"read as {r}" for r in read], columns=4, largest=160) + quiet(diffusion.ends(read))
    frames = diffusion.between(*diffusion.strip_of(v))
    films = [picture(x, f"picture {i + 1} of {len(frames)} between two noises") for i, x in enumerate(frames)]
    strip = gallery(films, columns=len(frames), largest=112) + quiet(diffusion.strip(v))
    return way(v), finished, strip, diffusion.code(v)


def walk(
    model: str = MODELS[0], label: int = int(FIELDS["label"].default), seed: int = 1, steps: int = 10,
    guidance: float = 1.2, sampler: str = "dpm",
) -> tuple[gr.FileData, list[int]]:  # fmt: skip
    """Draw a picture out of noise: a PNG of all moments, 28x28 each, above what is there and below what the network sees in it; and the moments' levels of noise, 1000 to 0."""
    v = {
        **page.defaults(),
        **page.check(model=model, label=label, seed=seed, steps=steps, guidance=guidance, sampler=sampler),
    }
    v["moment"] = min(v["moment"], v["steps"])
    there, seen, levels = diffusion.walk(*diffusion.walk_of(v))
    return page.file(sheet(np.concatenate([there, seen]), len(levels)), v), levels


def between(
    model: str = MODELS[0], label: int = int(FIELDS["label"].default), seed: int = 1, other: int = FIELDS["other"].default,
    steps: int = 10, guidance: float = 1.2, sampler: str = "dpm",
) -> gr.FileData:  # fmt: skip
    """Draw pictures from noises between two seeds': a PNG, 8 pictures of 28x28 side by side, the first and last the seeds' own."""
    v = page.check(model=model, label=label, seed=seed, other=other, steps=steps, guidance=guidance, sampler=sampler)
    return page.file(sheet(diffusion.between(*diffusion.strip_of(v)), diffusion.FRAMES), v)


def finish(
    strokes: list[list[int]] = diffusion.FIRST, into: str = ANY, seed: int = 1, ways: int = 4
) -> tuple[gr.FileData, list[int]]:
    """Finish a digit: a PNG, its ways of 28x28 pixels side by side, what was drawn in orange; and the digit that the judge reads in each.

    Strokes are lists of x0, y0, x1, y1, ... from 0 to 255; into is 'any' or a digit.
    """
    v = page.check(drawing=strokes, into=into, seed=seed, ways=ways)
    made, read = colours(v)
    if not len(made):
        raise gr.Error("Nothing is drawn yet: send strokes.", print_exception=False)
    return page.file(np.concatenate(list(made), 1), v), read.tolist()


def names(model: str) -> list[tuple[str, str]]:
    """Return a model's labels as a radio takes them."""
    return [(called(model, label), label) for label in LABELS]


def gather(model, moment, label, steps, seed, guidance, sampler, drawn, into, ways, other) -> dict[str, Any]:
    """Return checked values from the widgets'; a moment beyond the last step is the last."""
    return page.check(
        model=model, moment=moment, label=label, steps=steps, seed=seed, guidance=guidance, sampler=sampler,
        drawing=drawn["strokes"], into=into, ways=ways, other=other,
    )  # fmt: skip


def spread(v: dict) -> list:
    """Return the widgets' values."""
    moment = min(v["moment"], v["steps"])
    label = gr.Radio(choices=names(v["model"]), value=v["label"])
    drawn = {"strokes": v["drawing"]}
    return [v["model"], moment, label, *(v[k] for k in ("steps", "seed", "guidance", "sampler")), drawn, *(v[k] for k in ("into", "ways", "other"))]  # fmt: skip


with blocks("Diffusion, step by step") as demo:
    head("Diffusion, step by step", SENTENCE, MODELS)
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            moment = gr.Slider(
                0, STEPS, FIELDS["moment"].default, step=1, precision=0, label="Moment",
                info="0 is noise alone, the last step is the picture; past it nothing changes",
            )  # fmt: skip
            stage = gr.HTML()
        with gr.Column(scale=1, min_width=320):
            model = gr.Radio(list(MODELS), value=MODELS[0], label="Model")
            label = gr.Radio(
                names(MODELS[0]), value=FIELDS["label"].default, label="Picture of", elem_classes="zoo-digits"
            )
            steps = gr.Slider(
                1, STEPS, FIELDS["steps"].default, step=1, precision=0, label="Steps", info="Between noise and picture"
            )
            seed = gr.Number(FIELDS["seed"].default, label="Seed", minimum=0, maximum=MAX_SEED, precision=0)
            with gr.Accordion("More", open=False):
                guidance = gr.Slider(
                    0, 5, FIELDS["guidance"].default, step=0.1, label="Guidance", info=diffusion.GUIDANCE_HELP
                )
                sampler = gr.Radio(
                    list(SAMPLERS), value=FIELDS["sampler"].default, label="Sampler", info=diffusion.SAMPLER_HELP
                )
    gr.Markdown("#### Finish my digit")
    with gr.Row():
        with gr.Column(scale=1, min_width=320):
            pad = gradio_canvas("draw a part of a digit", size=260)
            gr.HTML(quiet(diffusion.PAD))
        with gr.Column(scale=2, min_width=320):
            into = gr.Radio([ANY, *LABELS], value=ANY, label="Make of it", info=diffusion.INTO_HELP)
            finished = gr.HTML()
            with gr.Accordion("More", open=False):
                ways = gr.Slider(
                    1,
                    WAYS,
                    FIELDS["ways"].default,
                    step=1,
                    precision=0,
                    label="Ways",
                    info="Each begins with a noise of its own",
                )
    gr.Markdown("#### From noise to noise")
    other = gr.Number(FIELDS["other"].default, label="To seed", minimum=0, maximum=MAX_SEED, precision=0)
    strip = gr.HTML()
    actions = gr.Column()
    code = tabs(
        MODELS, how=diffusion.HOW, equation=diffusion.EQUATION, try_this=diffusion.TRY_THIS, sketch="diffusion.svg"
    )
    with actions:
        page.wire(
            demo, [model, moment, label, steps, seed, guidance, sampler, pad, into, ways, other], seed,
            [stage, finished, strip, code], gather=gather, spread=spread, draw=draw, pad=pad, render=diffusion.poster,
        )  # fmt: skip
    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    model.change(lambda model: gr.Radio(choices=names(model)), model, label, **hidden)
    gr.api(walk, api_name="walk")
    gr.api(between, api_name="between")
    gr.api(finish, api_name="finish")

if __name__ == "__main__":
    launch(demo)
