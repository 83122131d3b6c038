"""Writing desk: a beginning, and voices that go on with it; what they expect, what surprises them, and a closer look at each."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from playground import learning, markup
from playground.catalogue import card
from playground.components.page import PAGE, validate_choice
from playground.demo import Button, Demo, Endpoint, Html, Prose, Section, Slot, Stage, Words
from playground.demos.writing_desk import cells, closer, copied, quiz, tokens, voices
from playground.demos.writing_desk.closer import PARTS, offered, part
from playground.demos.writing_desk.marks import quiet
from playground.demos.writing_desk.voices import ANY, OPEN, called, conditions, models, style, told
from playground.demos.writing_desk.writing import (
    Paper,
    chosen,
    known,
    sampling,
    stands,
    streamed,
    task,
    whole,
    write,
)  # fmt: skip
from playground.fields import Field, Values, choice, integer, kept, number, seed, text
from playground.memory import remembered
from zoo.nn import MAX_SEED
from zoo.texts import tidy
from zoo.writing import Sampling

MOST = 2000  # characters of a beginning or of a pasted text
BEGINNING = "ROMEO:\nWhat light"
HOW = (
    "The model reads characters, or for the presidents pieces of words, and was never told what a word is. From those before it works out "
    "how likely each is to come next; one is drawn, and the whole repeats. A **transformer** has layers of attention: each "
    "character asks the 256 before it for what it needs (was there a quote? whose line is it?). An **LSTM** looks at none of them again: "
    "it carries a state along, cells that each character changes a little, and learns what to keep. Training showed a text and "
    "asked for the next character; the loss is its surprise, in bits. *Wilder* makes the unlikely likelier. "
    "Going on costs the same at any length."
)
EQUATION = r"p(x_1, \dots, x_T) = \prod_t p(x_t \mid x_1, \dots, x_{t-1})"
TRY_THIS = "Under *Measure a text*, paste a sentence, misspell a word in it, and see where the surprise is."


def checkpoints() -> list[str]:
    """Return what the page needs: the voices, and their twins."""
    return [*models(), *voices.twins(models())]


def fields() -> dict[str, Field]:
    """Return the page's controls, and what it keeps: the paper and the score of the quiz."""
    names = models()
    sizes = [card(name).config for name in names if voices.looks(name)]
    followed, last = cells.followed(names), copied.last(voices.twins(names))

    def on(name: str) -> Any:
        return lambda v: part(v) == name

    def end(size: str) -> Any:  # 2 at least: a slider has two ends, shown or not
        return lambda v: max(2, card(v["model"]).config[size]) if voices.looks(v["model"]) else 2

    return {
        "model": choice(
            {name: style(name) for name in names}, names[0], "Write like", look="list", when=lambda v: len(names) > 1
        ),
        **conditioned(names, "", "Speaker", "Decade", lambda v: bool(conditions(v["model"]))),
        "guidance": number(
            1.0, 4.0, 2.0, "True to the speaker", "Guidance: 1 writes as it learnt to, more goes further from what anyone would say", step=0.25,
            when=lambda v: bool(conditions(v["model"])),
        ),
        "beginning": text(BEGINNING, "Beginning", most=MOST, lines=3),
        "seed": seed(),
        "length": integer(50, 2000, 400, "Length", "Characters to write", step=50),
        "wild": number(0.0, 2.0, 0.8, "Wilder", "Temperature of the distribution"),
        "top_p": number(0.05, 1.0, 1.0, "The likeliest with this much together", "top p"),
        "min_p": number(0.0, 0.5, 0.02, "At least this share of the likeliest", "min p", step=0.01),
        "top_k": integer(0, 100, 0, "Only so many of the likeliest (0: all)", "top k"),
        "repetition": number(1.0, 2.0, 1.0, "Avoid repetition", "Penalty of the last 64 characters, or pieces"),
        "ink": choice({"plain": "Plain", "surprise": "By surprise"}, "plain", "Ink", "Colour by bits per character"),
        "part": choice(PARTS, "ways", "Look closer", look="bare", allows=lambda v: offered(v["model"])),
        "measured": text("", "A text of yours", "Empty: what stands on the page", most=MOST, lines=3, when=on("measure")),
        "layer": integer(1, max([2, *(c["layers"] for c in sizes)]), 1, "Layer", end=end("layers"), when=on("looks")),
        "head": integer(1, max([2, *(c["heads"] for c in sizes)]), 1, "Head", end=end("heads"), when=on("looks")),
        **conditioned(names, "2", "The other speaker", "The other's decade", on("two")),
        "cell": choice(
            followed, next((cells.best(name) for name in names if cells.cells(name)), followed[0]), "A cell that follows", look="list", when=on("cells"),
            allows=lambda v: list(cells.cells(v["model"])) or followed,
        ),
        "moment": integer(
            0, last, last, "From too little training to too much", "Moment of its training",
            when=lambda v: part(v) == "copied" and bool(voices.twin(v["model"])),
        ),
        "branch": integer(0, 15, 0, linked=False),
        "paper": kept(),
        "score": kept(),
    }  # fmt: skip


def conditioned(names: list[str], side: str, speaker: str, decade: str, when: Any) -> dict[str, Field]:
    """Return the fields for whom is written: any option of the chosen voice, or withheld; the other side begins with its first."""

    def field(key: str, label: str, help: str) -> Field:
        every = {ANY: OPEN[key].capitalize()} | {option: called(key, option) for option in voices.options(key, names)}
        default = [*every][min(1, len(every) - 1)] if side and key == "speaker" else ANY
        return choice(
            every, default, label, help, look="list", when=when,
            allows=lambda v: [ANY, *conditions(v["model"])[key]] if key in conditions(v["model"]) else [*every],
        )  # fmt: skip

    return {
        f"speaker{side}": field("speaker", speaker, "Whose manner: told to the model with each piece, or withheld"),
        f"decade{side}": field("decade", decade, "When it is said, which may be when the speaker was not there"),
    }


def stage(v: Values) -> Iterator[Stage]:
    """Write where that is asked for, as it goes on; then return the page, what else could stand on it, and a closer look."""
    own, note = known(v["model"], v["beginning"])
    note = [quiet(note)] if note else []
    yield {"said": note}
    if not stands(v):
        v = {**v, "paper": Paper(task(v))}
        for written, options, drawn in streamed(*task(v)):
            v = {**v, "paper": replace(v["paper"], text=written)}
            page = {"text": own + written, "from": len(own)}
            yield {"paper": v["paper"], "page": page, "next": following(v, options, drawn)}
        v = {**v, "paper": replace(v["paper"], ended=len(written) < v["length"])}
    name, all_, at = v["model"], whole(v), chosen(v)
    options = tokens.expected(name, all_[:at], sampling(v), told(v))
    found = tokens.bits(name, all_, told(v)).tolist() if v["ink"] == "surprise" and all_ else None
    stop = at if at is None else tokens.around(name, all_, at)[1]
    said = (
        f"{sum(found) / len(found):.2f} bits a character"
        if found
        else "Choose a character to see what else could stand there."
    )
    if v["paper"].ended:
        said = f"The text ends here, before {v['length']} characters. {said}"
    yield {
        "paper": v["paper"],
        "page": {"text": all_, "from": len(own), "selected": at, "to": stop, "bits": found},
        "said": [*note, Words(said, quiet=True)],
        "next": following(v, options, "" if at is None else all_[at:stop]),
    }
    yield {"closer": closer.parts(v), **closer.more(v)}


def growing(page: dict[str, Any]) -> Prose | None:
    """Return a page that is still written on as plain text."""
    return None if "bits" in page else Prose(page["text"][: page["from"]], page["text"][page["from"] :])


def following(v: Values, options: list[tuple[str, float]], drawn: str) -> list[Words | Html]:
    """Return tokens that could come next, or stand at the chosen place, as bars."""
    name, title = v["model"], "What comes next" if chosen(v) is None else "What could stand there"
    shown = [(tokens.face(name, c), p) for c, p in options]
    return [Words(f"**{title}**"), Html(markup.bars(shown, tokens.face(name, drawn), wide=not voices.spelt(name)))]


def choose(answer: Any, v: Values) -> Values:
    """Choose the token of the page that a character is of."""
    if not v["paper"]:
        return {"paper": None}
    at = validate_choice(answer, len(whole(v)))
    return {"paper": replace(v["paper"], at=tokens.around(v["model"], whole(v), at)[0])}


def begin(v: Values, beginning: str, *, later: int = 0) -> Values:
    """Return what writes on from another beginning, with a later seed."""
    typed = "".join(c for c in tidy(beginning) if c in "\n\t" or ord(c) >= 32)  # pieces can be any bytes
    return {"beginning": typed[-MOST:], "seed": (v["seed"] + later) % (MAX_SEED + 1), "paper": None}


def take_over(v: Values, option: str) -> Values:
    """Put all that stands on the page into the box; nothing is written until that is asked for."""
    changed = begin(v, whole(v))
    return changed | {"paper": Paper(task({**v, **changed}), held=True)}


def others(v: Values) -> dict[str, str]:
    """Return the likeliest tokens at the chosen place, or after the end."""
    name, names = v["model"], {" ": "space", "\n": "new line"}
    likely = [c for c, _ in tokens.expected(name, whole(v)[: chosen(v)], sampling(v), told(v)) if tokens.adds(name, c)]
    return {c: names.get(c, tokens.face(name, c)) for c in likely[:8]}


def go_on_with(v: Values, token: str) -> Values:
    """Write on from the chosen place, or the end, with another token there."""
    return begin(v, tokens.read(v["model"], whole(v)[: chosen(v)]) + token)


BUTTONS = {
    "write": Button("Write", lambda v, _: {"paper": None}, icon="edit_note", help="From the beginning in the box"),
    "stop": Button("Stop", lambda v, _: {}, icon="stop_circle"),
    "go_on": Button("Go on", lambda v, _: begin(v, whole(v), later=1), icon="play_arrow"),
    "take_over": Button("Take over", take_over, icon="edit", help="Move all of it into the box, to change it"),
    "other": Button("Go on with another", go_on_with, options=others),
    "again": Button(
        "Write again from here", lambda v, _: begin(v, whole(v)[: chosen(v)], later=1), icon="edit",
        when=lambda v: chosen(v) is not None,
    ),
    "take": Button(
        "Take this", lambda v, i: begin(v, whole(v) + closer.ways_on(v)[int(i)]),
        options=lambda v: {"0": "The first", "1": "The second", "2": "The third"} if part(v) == "ways" else {},
    ),
    "guess": Button("Which one is real?", quiz.guessed, options=quiz.guesses),
    "another": Button(
        "Another pair", quiz.another, when=lambda v: v["part"] == "quiz" and quiz.score(v).guess is not None
    ),
}  # fmt: skip


def code(v: Values) -> str:
    """Return the lines of Python that write the same text."""
    name, beginning, length, seed, how, for_ = task(v)
    changed = {k: x for k, x in vars(how).items() if x != getattr(Sampling(), k) and (for_ or k != "guidance")}
    options = "".join(f", {k}={v:g}" for k, v in changed.items())
    lines = ["import zoo\n", f'model = zoo.load("{name}")', f"beginning = {beginning!r}"]
    if for_:
        lines.append(f"given = model.given({', '.join(f'{key}={option!r}' for key, option in for_)})")
        options += ", given=given"
    stream = f"model.stream(beginning, {length}, seed={seed}{options})"
    if voices.spelt(name):
        return "\n".join([*lines, f"for c in {stream}:", '    print(c, end="", flush=True)'])
    return "\n".join([
        *lines, "", "characters = 0", f"for piece in {stream}:", '    print(piece, end="", flush=True)',
        "    characters += len(piece)", f"    if characters >= {length}:", "        break",
    ])  # fmt: skip


def render(v: Values) -> np.ndarray:
    """Return the download: the text as a page, as much of it as fits."""
    return learning.page(whole(v) if stands(v) else task(v).beginning + write(*task(v)))


def writing_on(v: Values) -> Iterator[str]:
    """Write on after a beginning, streamed: each answer is the text so far, without the beginning. Branches 0, 1, 2, ... of a seed differ."""
    yield from (written for written, *_ in streamed(*task(v), v["branch"]))


def likely(v: Values) -> dict[str, float]:
    """Return the likeliest next characters after a text, or pieces of words, and their probabilities."""
    beginning = known(v["model"], v["beginning"])[0]
    return dict(tokens.expected(v["model"], beginning, Sampling(temperature=v["wild"]), told(v)))


def surprise(v: Values) -> list[float]:
    """Return how surprising each character of a text is to the model, in bits; those of a piece share what it is."""
    text = known(v["model"], v["measured"])[0]
    return tokens.bits(v["model"], text, told(v)).tolist() if text else []


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: what the first model wrote at the end of its training, (336, 336, 3) uint8."""
    texts = learning.moments(models()[0])[-1]["texts"]
    return learning.page(next(iter(texts.values())).strip(), (336, 336), 0.7)


DEMO = Demo(
    title="Writing desk", line="Begin a text, and a small model goes on with it, character by character.",
    term="transformer (GPT) and LSTM", group="Read and write", order=1, icon="edit_note", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, models=models, fields=fields, buttons=BUTTONS, stage=stage, stops=True, code=code, render=render, scale=1,
    thumbnail=thumbnail,
    layout=(
        Section(lead=("beginning",)),
        Section(
            slots=(
                Slot("page", component=PAGE, sets=choose, redraws=True, meanwhile=growing),
                "said",
            ),
            lead=("write", "stop", "go_on", "take_over"),
            fields=("model", "speaker", "decade", "guidance", "wild", "length", Slot("next"), "other", "again"),
            more=("seed", "ink", "min_p", "top_p", "top_k", "repetition"),
            widths=(3, 2),
        ),
        Section(lead=("part",)),
        Section(
            (Slot("map", charts=1), "closer"), lead=("measured", "layer", "head", "speaker2", "decade2", "cell"),
            under=("take", "guess", "another"),
        ),
        Section(("twin", Slot("course", charts=1)), lead=("moment",)),
    ),
    endpoints=(
        Endpoint(
            writing_on,
            ("beginning", "length", "seed", "model", "wild", "top_p", "min_p", "top_k", "repetition", "branch", "speaker", "decade", "guidance"),
            "write",
        ),
        Endpoint(likely, ("beginning", "model", "wild", "speaker", "decade"), "expected", {"wild": 1.0}),
        Endpoint(surprise, ("measured:text", "model", "speaker", "decade"), "bits", {"measured": ...}),
    ),
)  # fmt: skip
