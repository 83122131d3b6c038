"""Read a message: spam or not, for or against, about what; every reader's verdict, and the words that decided."""

import html
from typing import Any

import numpy as np

from playground.components.words import WORDS, validate_word
from playground.demo import Button, Demo, Endpoint, Html, Part, Section, Slot, Stage, Table, Words
from playground.demos.read_message import closer, fails, picture
from playground.demos.read_message.closer import PARTS, part
from playground.demos.read_message.reader import (
    TASKS,
    answer,
    checkpoints,
    chosen,
    classes,
    doubt,
    left,
    left_out,
    read,
    read_out,
    readers,
    signed,
    sure,
    title,
    toggled,
)  # fmt: skip
from playground.fields import Field, Values, choice, integer, text
from playground.memory import remembered
from zoo.reading import Verdict, words

MOST = 1000  # characters of a message
EXAMPLES = {
    "spam": {
        "A prize": "CONGRATS! You've been picked for a £500 prize. To claim it call 09060 111 222 before Friday",
        "A friend": "Running late, the bus never came. Start without me and keep me a slice?",
        "Between": "Free tonight? Call me when you get this, I've won the tickets",
        "No message": "sing, goddess, of the anger of the son of Peleus, that brought sorrows without number",
    },
    "opinion": {
        "Praise": "a warm, funny and beautifully acted film that never talks down to its audience",
        "A pan": "two hours of noise without one idea or one joke that lands",
        "Irony": "it is not bad at all, if you have nothing better to do and somebody else pays",
    },
    "topics": {
        "A match": "The home side came from two goals down to win the cup in the last minute of extra time",
        "A launch": "The company says its new phone and the software for it will be in shops by spring",
        "A summit": "Ministers of twelve countries met in Geneva to discuss a cease-fire and aid for refugees",
    },
}  # fmt: skip
FIRST = EXAMPLES["spam"]["A prize"]
LABEL = 28  # characters of a text on a button
STRONGEST = 3  # words that are named on either side
STRONG = 1.0  # change of the log-odds, nats, at which a word's colour is full where no word has more
HOW = (
    "A **linear model** counts words, or pieces of words, less where many messages have them (TF-IDF); each has a weight, and their sum "
    "is the **log-odds** of the answer. A **recurrent** network reads word by word and keeps a state; a **convolution** looks at a few "
    "words at a time and keeps the strongest signs. All learnt from labelled messages alone. To see what decided, each reads the message "
    "again without every word in turn: the change of the log-odds is that word's part, the same unit for all readers. Readers **don't "
    "know** when another model, which learnt to tell kinds of text apart, takes the message for something else."
)
EQUATION = r"\Delta_t = \log\frac{p(y \mid x)}{1 - p(y \mid x)} - \log\frac{p(y \mid x_{-t})}{1 - p(y \mid x_{-t})}"
TRY_THIS = (
    "Leave out the words of the prize one by one. How many must go before it passes? Then write it so that it does."
)


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    names = {name: title(name) for task in TASKS for name in readers(task)}
    costs = {"when": lambda v: v["task"] == "spam" and part(v) == "risk"}
    return {
        "task": choice(TASKS, "spam", "What to tell"),
        "message": text(FIRST, "Message", most=MOST, lines=3),
        "model": choice(names, next(iter(names)), "Words coloured by", allows=lambda v: readers(v["task"])),
        "part": choice(PARTS, "compare", "Look closer", look="bare", allows=lambda v: closer.parts(v["task"])),
        "lost": integer(1, 100, 1, "Cost of losing a wanted message", **costs),
        "missed": integer(1, 100, 1, "Cost of letting a spam through", **costs),
        "out": Field(kind="state", default="", read=read_out),
    }  # fmt: skip


def marked(v: Values) -> dict[str, Any]:
    """Return the message for the component: its words, what each changes, and what is between them."""
    message, out = v["message"], left_out(v)
    changes = iter(read(chosen(v), left(v)).changes)
    parts: list[dict[str, Any]] = []
    at = 0
    for i, (start, end) in enumerate(words(message)):
        if start > at:
            parts.append({"text": message[at:start]})
        change = 0.0 if i in out else round(next(changes), 3)
        parts.append({"text": message[start:end], "change": change, "out": i in out})
        at = end
    if message[at:]:
        parts.append({"text": message[at:]})
    most = max((abs(part.get("change", 0.0)) for part in parts), default=0.0)
    return {"parts": parts, "most": max(STRONG, most), "unit": "log-odds"}


def verdicts(v: Values) -> Table | None:
    """Return what every reader makes of the message; None where it has no word."""
    message, called = left(v), classes(v["task"])
    if not words(message):
        return None
    mark = "?" if doubt(v) else ""
    columns: dict[str, list[tuple[str, bool]]] = {"reader": [], "says": [], "how sure": [], "log-odds": []}
    for name in readers(v["task"]):
        found = read(name, message)
        label = answer(found, v)
        row = (title(name), called[label] + mark, sure(found.probabilities[label]), signed(found.log_odds[label]))
        for column, cell in zip(columns.values(), row, strict=True):
            column.append((cell, name == chosen(v)))
    return Table(columns)


def told(v: Values) -> list[Part]:
    """Return what decided, in words, and whether the message is in doubt."""
    message = left(v)
    if not words(message):
        return [Words("There is no word to read. Type a message, or choose an example.")]
    found, called = read(chosen(v), message), classes(v["task"])
    ranked = sorted(zip(found.changes, found.spans, strict=True))
    sides = {
        "for it": [pair for pair in ranked[::-1][:STRONGEST] if pair[0] > 0],
        "against it": [pair for pair in ranked[:STRONGEST] if pair[0] < 0],
    }
    said = [f"{title(chosen(v))}: {called[found.label]}"]
    for side, pairs in sides.items():
        if pairs:
            said.append(
                f"{side} " + ", ".join(f"{message[start:end]} {signed(change)}" for change, (start, end) in pairs)
            )
    parts: list[Part] = [
        Html(
            f"<div class='zoo-words zoo-quiet'><p>{html.escape('; '.join(said))}. Press a word to leave it out.</p></div>"
        )
    ]
    if why := doubt(v):
        parts.insert(0, Words(why, warns=True))
    return parts


def stage(v: Values) -> Stage:
    """Return the message with its words coloured, every reader's verdict, and a closer look."""
    return {"words": marked(v), "verdicts": verdicts(v), "said": told(v), **closer.stage(v)}


def press(given: object, v: Values) -> Values:
    """Leave a word out, or put it back."""
    return {"out": toggled(v, validate_word(given, len(words(v["message"]))))}


def takes(v: Values) -> dict[str, str]:
    """Return the held-back texts that may be read, where such are shown."""
    texts = fails.picked(v) if part(v) == "fails" else []
    return {str(i): fails.short(text, LABEL) for i, text in enumerate(texts)}


def take(v: Values, option: str) -> Values:
    """Read one of the held-back texts that are shown."""
    return {"message": fails.picked(v)[int(option)][:MOST], "out": ""}


BUTTONS = {
    "example": Button(
        "An example", lambda v, name: {"message": EXAMPLES[v["task"]][name], "out": ""},
        options=lambda v: {name: name for name in EXAMPLES[v["task"]]},
    ),
    "take": Button("Read one of these", take, options=takes, help="To see which of its words decided"),
    "back": Button("Put all words back", lambda v, _: {"out": ""}, icon="undo", when=lambda v: bool(left_out(v))),
}  # fmt: skip


def said_of(found: Verdict, v: Values) -> dict[str, Any]:
    """Return a verdict's answer and the probability of each."""
    called = classes(v["task"])
    return {"answer": called[answer(found, v)], "probabilities": dict(zip(called, found.probabilities, strict=True))}


def reading(v: Values) -> dict[str, Any]:
    """Read a message: one reader's answer, its probabilities, and each word with how much it adds to the log-odds of the likeliest."""
    message = left(v)
    found = read(chosen(v), message)
    changed = [[message[start:end], change] for (start, end), change in zip(found.spans, found.changes, strict=True)]
    return {"reader": chosen(v), **said_of(found, v), "words": changed, "doubt": doubt(v)}


def all_readings(v: Values) -> dict[str, Any]:
    """Let every reader of a task read a message: each one's answer and probabilities."""
    return {name: said_of(read(name, left(v)), v) for name in readers(v["task"])}


def code(v: Values) -> str:
    """Return the lines of Python that give the same verdict."""
    called = ", ".join(map(repr, classes(v["task"])))
    return (
        f'import zoo\nfrom zoo.reading import verdict\n\nmodel = zoo.load("{chosen(v)}")\nmessage = {left(v)!r}\n'
        f"found = verdict(model, message)\nprint([{called}][found.label], max(found.probabilities))\n"
        "for (start, end), change in zip(found.spans, found.changes):\n    print(message[start:end], round(change, 3))"
    )


def drawn(v: Values, size: tuple[int, int], scale: float, *, verdicts: bool = True) -> np.ndarray:
    """Draw the message with its words coloured, and what each reader says: (H, W, 3) uint8."""
    shown, called = marked(v), classes(v["task"])
    said = []
    for name in readers(v["task"]) if verdicts else []:
        found = read(name, left(v))
        label = answer(found, v)
        said.append(f"{title(name)}: {called[label]}, {sure(found.probabilities[label])}")
    parts = [(one["text"], one.get("change", 0.0) / shown["most"]) for one in shown["parts"] if not one.get("out")]
    return picture.page(parts, said, size, scale)


def render(v: Values) -> np.ndarray:
    """Return the download."""
    return drawn(v, (960, 960), 1.0)


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: the first example, (336, 336, 3) uint8."""
    return drawn({name: field.default for name, field in fields().items()}, (336, 336), 1.2, verdicts=False)


DEMO = Demo(
    title="Read a message", line="Spam or not, for or against, about what: see which words decided, and leave them out.",
    term="text classification", group="Read and write", order=3, icon="mark_email_read", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, fields=fields, buttons=BUTTONS, stage=stage, code=code, render=render, scale=1, thumbnail=thumbnail,
    layout=(
        Section(lead=("task",)),
        Section(lead=("message",), under=("example",)),
        Section(
            slots=(Slot("words", component=WORDS, sets=press, redraws=True), "said"),
            fields=(Slot("verdicts"), "model"), under=("back",), widths=(3, 2),
        ),
        Section(lead=("part",)),
        Section(("closer", Slot("charts", charts=2)), lead=("lost", "missed"), under=("take",)),
    ),
    endpoints=(
        Endpoint(reading, ("message", "task", "model", "lost", "missed"), "read"),
        Endpoint(all_readings, ("message", "task", "lost", "missed"), "verdicts"),
    ),
)  # fmt: skip
