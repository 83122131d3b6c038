"""Writing desk as a Gradio app: `python -m playground.gradio_apps.writing_desk`."""

import html
import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from playground.components.page import gradio_page, validate_choice
from playground.demos import writing_desk as desk
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch
from playground.gradio_apps.tabs import tabs
from playground.markup import bars, prose
from zoo.data import DataNotFound
from zoo.nn import MAX_SEED
from zoo.writing import Sampling

FIELDS = desk.fields()
MODELS = desk.models()
EVERY = 0.05  # seconds between two pieces of the stream
page = Page("writing_desk", FIELDS, MODELS)


def streamed(v: dict[str, Any], branch: int = 0) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    """Yield the text so far and what its last character was drawn from: at the first character, then every 50 ms, and at the end."""
    text, shown, options = "", 0.0, []
    for c, p in desk.trace(v["model"], v["beginning"], v["length"], v["seed"], desk.sampling(v), branch):
        text += c
        if time.monotonic() - shown > EVERY:
            options = desk.likeliest(v["model"], p)
            yield text, options
            shown = time.monotonic()
    yield text, options


def write(
    beginning: str = desk.BEGINNING, length: int = 400, seed: int = 1, model: str = MODELS[0], wild: float = 0.8,
    top_p: float = 1.0, min_p: float = 0.02, top_k: int = 0, repetition: float = 1.0, branch: int = 0,
) -> Iterator[str]:  # fmt: skip
    """Write on after a beginning, streamed: each answer is the text so far, without the beginning. Branches 0, 1, 2, ... of a seed differ."""
    v = page.check(
        beginning=beginning, length=length, seed=seed, model=model, wild=wild, top_p=top_p, min_p=min_p, top_k=top_k,
        repetition=repetition,
    )  # fmt: skip
    if not 0 <= branch <= 15:
        raise gr.Error("branch must be a whole number from 0 to 15.", print_exception=False)
    yield from (text for text, _ in streamed(v, branch))


def expected(beginning: str = desk.BEGINNING, model: str = MODELS[0], wild: float = 1.0) -> dict[str, float]:
    """Return the likeliest next characters after a text, and their probabilities."""
    v = page.check(beginning=beginning, model=model, wild=wild)
    how = Sampling(temperature=v["wild"])
    return dict(desk.expected(v["model"], v["beginning"], how))


def bits(text: str, model: str = MODELS[0]) -> list[float]:
    """Return how surprising each character of a text is to the model, in bits."""
    v = page.check(beginning=text, model=model)
    return desk.bits(v["model"], v["beginning"]).tolist() if v["beginning"] else []


def gather(*widgets) -> dict[str, Any]:
    """Return checked values from the widgets'."""
    return page.check(**dict(zip(FIELDS, widgets, strict=True)))


def paper(own: str, written: str, bits: list[float] | None = None) -> dict[str, Any]:
    """Return what the page shows."""
    return {"page": {"text": own + written, "from": len(own), "selected": None, "bits": bits}, "choice": None}


def growing(v: dict[str, Any]) -> Iterator[tuple]:
    """Yield the page, what comes next, a closer look and the code, as the text grows."""
    name, how = v["model"], desk.sampling(v)
    own, note = desk.known(name, v["beginning"])
    written = ""
    for written, options in streamed(v):
        yield paper(own, written), bars(options, written[-1:]), gr.skip(), gr.skip()
    whole = own + written
    colours = desk.bits(name, whole).tolist() if v["ink"] == "surprise" and whole else None
    expected = bars(desk.expected(name, whole, how))
    closer = f"<p class='zoo-quiet'>{html.escape(note)}</p>" + LOOKS[v["part"]](v, whole, how)
    yield paper(own, written, colours), expected, closer, desk.code(name, own, v["length"], v["seed"], how)


def ways(v: dict[str, Any], whole: str, how: Sampling) -> str:
    """Return three ways on from what stands on the page."""
    return f"<div class='zoo-texts'>{''.join(prose('', text) for text in desk.branches(v['model'], whole, 160, v['seed'], how))}</div>"


def both(v: dict[str, Any], whole: str, how: Sampling) -> str:
    """Return what each model writes after the beginning."""
    own = {name: desk.known(name, v["beginning"])[0] for name in MODELS}
    parts = (
        f"<div><b>{desk.style(name)}</b>{prose(own[name], desk.write(name, own[name], 240, v['seed'], how))}</div>" for name in MODELS
    )  # fmt: skip
    return f"<div class='zoo-texts'>{''.join(parts)}</div>"


def quiz(v: dict[str, Any], whole: str, how: Sampling) -> str:
    """Return two passages, and the answer folded away."""
    try:
        passages, real = desk.quiz(v["model"], v["seed"], how)
    except DataNotFound as error:
        return f"<p class='zoo-quiet'>There is nothing to compare with: {html.escape(str(error))}</p>"
    shown = "".join(prose("", text) for text in passages)
    said = "".join(measured(v["model"], text) for text in passages)
    return (
        f"<div class='zoo-texts'>{shown}</div><details><summary>Which is real?</summary><p>The {('first', 'second')[real]}. "
        f"The other is the model's. Colour is surprise.</p><div class='zoo-texts'>{said}</div></details>"
    )


def measured(name: str, text: str) -> str:
    """Return a text coloured by surprise, with its average."""
    found = desk.bits(name, text)
    return f"<div>{desk.coloured(text, found)}<p class='zoo-quiet'>{found.mean():.2f} bits a character</p></div>"


def measure(v: dict[str, Any], whole: str, how: Sampling) -> str:
    """Return the beginning, coloured by surprise: any text can be put there."""
    own = desk.known(v["model"], v["beginning"])[0]
    return measured(v["model"], own) if own else "<p class='zoo-quiet'>Put a text into the box of the beginning.</p>"


def looks(v: dict[str, Any], whole: str, how: Sampling) -> str:
    """Return where the last character looks, by layer and head."""
    layers = range(desk.load(v["model"]).config.layers)
    heads = [
        "".join(desk.coloured(text, 8 * w / w.max(), "") for text, w in desk.looks(v["model"], whole, i))
        for i in layers
    ]
    return "".join(
        f"<details{'' if i else ' open'}><summary>Layer {i + 1}: where the last character looks, by head</summary>"
        f"<div class='zoo-texts'>{heads[i]}</div></details>"
        for i in layers
    )


LOOKS = {"ways": ways, "both": both, "quiz": quiz, "measure": measure, "looks": looks}


def going_on(value: dict, seed: int) -> tuple[str, int]:
    """Return what stands on the page as the new beginning, and the next seed."""
    return value["page"]["text"][-desk.MOST :], (int(seed or 0) + 1) % MAX_SEED


def cut(value: dict, seed: int) -> tuple[str, int]:
    """Return what stands before the chosen character as the new beginning, and the next seed."""
    at = validate_choice(value["choice"], len(value["page"]["text"])) if value["choice"] else None
    return value["page"]["text"][:at][-desk.MOST :], (int(seed or 0) + 1) % MAX_SEED


def looked_at(value: dict, *widgets) -> str:
    """Return what could have come at the character that was chosen."""
    v = gather(*widgets)
    text = value["page"]["text"]
    at = validate_choice(value["choice"], len(text))
    return bars(desk.expected(v["model"], text[:at], desk.sampling(v)), text[at])


with blocks("Writing desk") as demo:
    head("Writing desk", "Begin a text, and a small model goes on with it, character by character.", MODELS)
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            beginning = gr.Textbox(FIELDS["beginning"].default, label="Beginning", lines=3, max_length=desk.MOST)
            with gr.Row(elem_classes="zoo-actions"):
                start, stop, on, again = (
                    gr.Button(name, size="md") for name in ("Write", "Stop", "Go on", "Again from the chosen")
                )
            sheet = gradio_page(paper(FIELDS["beginning"].default, "")["page"])
        with gr.Column(scale=2, min_width=320):
            model = gr.Radio([(desk.style(name), name) for name in MODELS], value=MODELS[0], label="Write like")
            wild = gr.Slider(0, 2, FIELDS["wild"].default, step=0.05, label="Wilder", info="Temperature")
            length = gr.Slider(50, 2000, FIELDS["length"].default, step=50, precision=0, label="Length")
            with gr.Accordion("More", open=False):
                seed = gr.Number(FIELDS["seed"].default, label="Seed", minimum=0, maximum=MAX_SEED, precision=0)
                ink = gr.Radio([(title, key) for key, title in desk.INKS.items()], value="plain", label="Ink")
                min_p = gr.Slider(
                    0,
                    0.5,
                    FIELDS["min_p"].default,
                    step=0.01,
                    label="At least this share of the likeliest",
                    info="min p",
                )
                top_p = gr.Slider(0.05, 1, 1, step=0.05, label="The likeliest with this much together", info="top p")
                top_k = gr.Slider(
                    0, 100, 0, step=1, precision=0, label="Only so many of the likeliest (0: all)", info="top k"
                )
                repetition = gr.Slider(1, 2, 1, step=0.05, label="Avoid repetition")
            gr.HTML("<b>What comes next, or could stand at the chosen character</b>")
            next_ = gr.HTML(bars([]))
    actions = gr.Column()
    part = gr.Radio([(title, key) for key, title in desk.PARTS.items()], value=FIELDS["part"].default, show_label=False)
    closer = gr.HTML()
    code = tabs(MODELS, how=desk.HOW, equation=desk.EQUATION, try_this=desk.TRY_THIS, sketch="gpt.svg")
    controls = [model, beginning, seed, length, wild, top_p, min_p, top_k, repetition, ink, part]
    with actions:
        redraw, events = page.wire(
            demo, controls, seed, [sheet, next_, closer, code], gather=gather, spread=lambda v: [v[name] for name in FIELDS],
            draw=growing, scale=1,
            render=lambda v: desk.picture(desk.known(v["model"], v["beginning"])[0] + desk.write(v["model"], v["beginning"], v["length"], v["seed"], desk.sampling(v))),
        )  # fmt: skip
    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    redraw(start.click(None, None, None, api_visibility="private"))
    redraw(on.click(going_on, [sheet, seed], [beginning, seed], **quiet))
    redraw(again.click(cut, [sheet, seed], [beginning, seed], **quiet))
    stop.click(None, cancels=events, api_visibility="private")
    sheet.input(looked_at, [sheet, *controls], next_, **quiet)
    gr.api(write, api_name="write")
    gr.api(expected, api_name="expected")
    gr.api(bits, api_name="bits")

if __name__ == "__main__":
    launch(demo)
