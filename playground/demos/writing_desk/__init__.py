"""Writing desk: a beginning, and models that go on with it; what they expect, what surprises them, where they look."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from playground import learning, markup
from playground.catalogue import card
from playground.components.page import PAGE, validate_choice
from playground.demo import Button, Demo, Endpoint, Html, Prose, Section, Slot, Stage, Words
from playground.demos.writing_desk import closer
from playground.demos.writing_desk.closer import PARTS
from playground.demos.writing_desk.writing import (
    STYLES,
    Paper,
    attention,
    bits,
    branches,
    chosen,
    coloured,
    expected,
    known,
    likeliest,
    models,
    quiz,
    sampling,
    stands,
    streamed,
    style,
    task,
    trace,
    whole,
    write,
)  # fmt: skip
from playground.fields import Field, Values, choice, integer, kept, number, seed, text
from playground.memory import remembered
from zoo.nn import MAX_SEED
from zoo.writing import Sampling

__all__ = [
    "DEMO", "PARTS", "STYLES", "attention", "bits", "branches", "coloured", "expected", "known", "likeliest", "models", "quiz",
    "sampling", "style", "trace", "write",
]  # fmt: skip
MOST = 2000  # characters of a beginning or of a pasted text
BEGINNING = "ROMEO:\nWhat light"
HOW = (
    "The model reads characters, not words, and was never told what a word is. From those before it works out how likely each "
    "character is to come next; one is drawn, appended, and the whole repeats. Inside are layers of **attention**: each character "
    "asks the 256 before it for what it needs (was there a quote? whose line is it?) and adds the answers to what it knows. "
    "Training showed it a text and asked for the next character, millions of times; the loss is its surprise, in bits. "
    "*Wilder* makes unlikely characters likelier. The keys and values of what was read are kept, so that going on costs the "
    "same at any length."
)
EQUATION = r"p(x_1, \dots, x_T) = \prod_t p(x_t \mid x_1, \dots, x_{t-1})"
TRY_THIS = "Under *Measure a text*, paste a sentence, misspell a word in it, and see where the surprise is."


def fields() -> dict[str, Field]:
    """Return the page's controls, and what it keeps: the paper and the score of the quiz."""
    sizes = [card(name).config for name in models()]
    looks = {"when": lambda v: v["part"] == "looks"}
    return {
        "model": choice(
            {name: style(name) for name in models()}, models()[0], "Write like", when=lambda v: len(models()) > 1
        ),
        "beginning": text(BEGINNING, "Beginning", most=MOST, lines=3),
        "seed": seed(),
        "length": integer(50, 2000, 400, "Length", "Characters to write", step=50),
        "wild": number(0.0, 2.0, 0.8, "Wilder", "Temperature of the distribution"),
        "top_p": number(0.05, 1.0, 1.0, "The likeliest with this much together", "top p"),
        "min_p": number(0.0, 0.5, 0.02, "At least this share of the likeliest", "min p", step=0.01),
        "top_k": integer(0, 100, 0, "Only so many of the likeliest (0: all)", "top k"),
        "repetition": number(1.0, 2.0, 1.0, "Avoid repetition", "Penalty of the last 64 characters"),
        "ink": choice({"plain": "Plain", "surprise": "By surprise"}, "plain", "Ink", "Colour by bits per character"),
        "part": choice(PARTS, "ways", "Look closer", look="bare"),
        "measured": text(
            "", "A text of yours", "Empty: what stands on the page", most=MOST, lines=3, when=lambda v: v["part"] == "measure"
        ),
        "layer": integer(
            1, max(c["layers"] for c in sizes), 1, "Layer", end=lambda v: card(v["model"]).config["layers"], **looks
        ),
        "head": integer(
            1, max(c["heads"] for c in sizes), 1, "Head", end=lambda v: card(v["model"]).config["heads"], **looks
        ),
        "branch": integer(0, 15, 0, linked=False),
        "paper": kept(),
        "score": kept(),
    }  # fmt: skip


def stage(v: Values) -> Iterator[Stage]:
    """Write where that is asked for, as it goes on; then return the page, what else could stand on it, and a closer look."""
    own, note = known(v["model"], v["beginning"])
    note = [closer.quiet(note)] if note else []
    yield {"said": note}
    if not stands(v):
        v = {**v, "paper": Paper(task(v))}
        for written, options in streamed(*task(v)):
            v = {**v, "paper": replace(v["paper"], text=written)}
            page = {"text": own + written, "from": len(own)}
            yield {"paper": v["paper"], "page": page, "next": following(v, options, written[-1:])}
    name, all_, at = v["model"], whole(v), chosen(v)
    options = expected(name, all_[:at], sampling(v))
    found = bits(name, all_).tolist() if v["ink"] == "surprise" and all_ else None
    said = (
        f"{sum(found) / len(found):.2f} bits a character"
        if found
        else "Choose a character to see what else could stand there."
    )
    yield {
        "page": {"text": all_, "from": len(own), "selected": at, "bits": found},
        "said": [*note, Words(said, quiet=True)],
        "next": following(v, options, "" if at is None else all_[at]),
    }
    yield {"closer": closer.parts(v), "map": closer.map_of(v)}


def growing(page: dict[str, Any]) -> Prose | None:
    """Return a page that is still written on as plain text."""
    return None if "bits" in page else Prose(page["text"][: page["from"]], page["text"][page["from"] :])


def following(v: Values, options: list[tuple[str, float]], drawn: str) -> list[Words | Html]:
    """Return characters that could come next, or stand at the chosen place, as bars."""
    title = "What comes next" if chosen(v) is None else "What could stand there"
    return [Words(f"**{title}**"), Html(markup.bars(options, drawn))]


def choose(given: Any, v: Values) -> Values:
    """Choose a character of the page."""
    return {"paper": replace(v["paper"], at=validate_choice(given, len(whole(v)))) if v["paper"] else None}


def begin(v: Values, beginning: str, *, later: int = 0) -> Values:
    """Return what writes on from another beginning, with a later seed."""
    return {"beginning": beginning[-MOST:], "seed": (v["seed"] + later) % (MAX_SEED + 1), "paper": None}


def take_over(v: Values, option: str) -> Values:
    """Put all that stands on the page into the box; nothing is written until that is asked for."""
    changed = begin(v, whole(v))
    return changed | {"paper": Paper(task({**v, **changed}), held=True)}


def others(v: Values) -> dict[str, str]:
    """Return the likeliest characters at the chosen place, or after the end."""
    names = {" ": "space", "\n": "new line"}
    return {c: names.get(c, c) for c, _ in expected(v["model"], whole(v)[: chosen(v)], sampling(v))[:8]}


BUTTONS = {
    "write": Button("Write", lambda v, _: {"paper": None}, icon="edit_note", help="From the beginning in the box"),
    "stop": Button("Stop", lambda v, _: {}, icon="stop_circle"),
    "go_on": Button("Go on", lambda v, _: begin(v, whole(v), later=1), icon="play_arrow"),
    "take_over": Button("Take over", take_over, icon="edit", help="Move all of it into the box, to change it"),
    "other": Button("Go on with another", lambda v, c: begin(v, whole(v)[: chosen(v)] + c), options=others),
    "again": Button(
        "Write again from here", lambda v, _: begin(v, whole(v)[: chosen(v)], later=1), icon="edit",
        when=lambda v: chosen(v) is not None,
    ),
    "take": Button(
        "Take this", lambda v, i: begin(v, whole(v) + closer.ways_on(v)[int(i)]),
        options=lambda v: {"0": "The first", "1": "The second", "2": "The third"} if v["part"] == "ways" else {},
    ),
    "guess": Button("Which one is real?", closer.guessed, options=closer.guesses),
    "another": Button(
        "Another pair", closer.another, when=lambda v: v["part"] == "quiz" and closer.score(v).guess is not None
    ),
}  # fmt: skip


def code(v: Values) -> str:
    """Return the lines of Python that write the same text."""
    name, beginning, length, seed, how = task(v)
    changed = {k: v for k, v in vars(how).items() if v != getattr(Sampling(), k)}
    options = "".join(f", {k}={v:g}" for k, v in changed.items())
    return (
        f'import zoo\n\nmodel = zoo.load("{name}")\nbeginning = {beginning!r}\n'
        f'for c in model.stream(beginning, {length}, seed={seed}{options}):\n    print(c, end="", flush=True)'
    )


def render(v: Values) -> np.ndarray:
    """Return the download: the text as a page, as much of it as fits."""
    return learning.page(whole(v) if stands(v) else task(v).beginning + write(*task(v)))


def writing_on(v: Values) -> Iterator[str]:
    """Write on after a beginning, streamed: each answer is the text so far, without the beginning. Branches 0, 1, 2, ... of a seed differ."""
    yield from (written for written, _ in streamed(*task(v), v["branch"]))


def likely(v: Values) -> dict[str, float]:
    """Return the likeliest next characters after a text, and their probabilities."""
    return dict(expected(v["model"], v["beginning"], Sampling(temperature=v["wild"])))


def surprise(v: Values) -> list[float]:
    """Return how surprising each character of a text is to the model, in bits."""
    return bits(v["model"], v["measured"]).tolist() if v["measured"] else []


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: what the first model wrote at the end of its training, (336, 336, 3) uint8."""
    texts = learning.moments(models()[0])[-1]["texts"]
    return learning.page(next(iter(texts.values())).strip(), (336, 336), 0.7)


DEMO = Demo(
    title="Writing desk", line="Begin a text, and a small model goes on with it, character by character.",
    term="transformer (GPT)", group="Read and write", order=1, icon="edit_note", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=models, fields=fields, buttons=BUTTONS, stage=stage, stops=True, code=code, render=render, scale=1,
    thumbnail=thumbnail,
    layout=(
        Section(lead=("beginning",)),
        Section(
            slots=(
                Slot("page", component=PAGE, sets=choose, redraws=True, meanwhile=growing),
                "said",
            ),
            lead=("write", "stop", "go_on", "take_over"),
            fields=("model", "wild", "length", Slot("next"), "other", "again"),
            more=("seed", "ink", "min_p", "top_p", "top_k", "repetition"),
            widths=(3, 2),
        ),
        Section(lead=("part",)),
        Section((Slot("map", charts=1), "closer"), lead=("measured", "layer", "head"), under=("take", "guess", "another")),
    ),
    endpoints=(
        Endpoint(
            writing_on, ("beginning", "length", "seed", "model", "wild", "top_p", "min_p", "top_k", "repetition", "branch"), "write"
        ),
        Endpoint(likely, ("beginning", "model", "wild"), "expected", {"wild": 1.0}),
        Endpoint(surprise, ("measured:text", "model"), "bits", {"measured": ...}),
    ),
)  # fmt: skip
