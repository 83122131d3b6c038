"""Ways to look closer at a text: values -> parts; which there are depends on what the voice has."""

from playground import charts
from playground.catalogue import card
from playground.demo import Beside, Chart, Html, Part, Prose, Shown, Words
from playground.demos.writing_desk import cells, copied, quiz, tokens, voices, writing
from playground.demos.writing_desk.marks import coloured, quiet
from playground.demos.writing_desk.voices import style, told
from playground.demos.writing_desk.writing import known, sampling, whole
from playground.fields import Values

PARTS = {
    "ways": "Three ways on", "both": "Side by side", "two": "Two presidents", "quiz": "Which is real?", "measure": "Measure a text",
    "looks": "Where it looks", "cells": "What its cells follow", "copied": "Memorised or made up?",
}  # fmt: skip

LENGTHS = {"ways": 160, "both": 240}  # characters of each text
MEASURED = 300  # characters of what stands on the page, where no other text is given
HEIGHT = 560  # CSS pixels of the map


def offered(name: str) -> list[str]:
    """Return the closer looks that a voice has."""
    has = {
        "two": bool(voices.conditions(name)), "looks": voices.looks(name), "cells": bool(cells.cells(name)),
        "copied": copied.tells(name),
    }  # fmt: skip
    return [part for part in PARTS if has.get(part, True)]


def part(v: Values) -> str:
    """Return the closer look: the chosen one, or the first."""
    return v["part"] if v["part"] in offered(v["model"]) else next(iter(PARTS))


def parts(v: Values) -> list[Part]:
    """Return the closer look."""
    looks_at = {
        "ways": ways, "both": both, "two": two, "quiz": quiz.parts, "measure": measure, "looks": looks, "cells": cells.parts,
        "copied": copied.parts,
    }  # fmt: skip
    return looks_at[part(v)](v)


def more(v: Values) -> dict[str, Shown]:
    """Return what the slots around the closer look hold: the map, and the twin's words and course."""
    overfit = part(v) == "copied"
    return {
        "map": map_of(v), "twin": copied.words(v) if overfit else None, "course": copied.course(v) if overfit else None,
    }  # fmt: skip


def ways_on(v: Values) -> list[str]:
    """Return three ways on from what stands on the page."""
    return writing.branches(v["model"], whole(v), LENGTHS["ways"], v["seed"], sampling(v), told(v))


def ways(v: Values) -> list[Part]:
    """Show three ways on, side by side."""
    return [Beside([[Prose("", text)] for text in ways_on(v)], "14rem")]


def both(v: Values) -> list[Part]:
    """Show all voices on one beginning."""
    return [Beside([begun(v, name, style(name), told(v, name)) for name in voices.models()])]


def two(v: Values) -> list[Part]:
    """Show one voice on one beginning, for two speakers and times."""
    sides = (told(v), told(v, side="2"))
    return [Beside([begun(v, v["model"], voices.named(for_), for_) for for_ in sides])]


def begun(v: Values, name: str, title: str, for_: voices.Told) -> list[Part]:
    """Return what a voice writes on the beginning, under a title."""
    own, note = known(name, v["beginning"])
    text = writing.write(name, own, LENGTHS["both"], v["seed"], sampling(v), for_)
    return [Words(f"**{title}**"), Prose(own, text), *([quiet(note)] if note else [])]


def measure(v: Values) -> list[Part]:
    """Measure how surprising a text is: the given one, or what stands on the page."""
    text, note = known(v["model"], v["measured"] or whole(v)[:MEASURED])
    if not text:
        return [quiet("Put a text into the box.")]
    bits = tokens.bits(v["model"], text, told(v))
    return [Html(coloured(text, bits)), quiet(f"{bits.mean():.2f} bits a character. {note}")]


def looks(v: Values) -> list[Part]:
    """Show where the last character looks, by each head of the layer."""
    if not whole(v):
        return []
    layer = layer_of(v)
    text, weights = writing.attention(v["model"], whole(v), layer)
    heads = [coloured(text, 8 * head[-1] / head[-1].max(), "") for head in weights]
    return [
        Words(f"**Where the last character looks, by head of layer {layer + 1}**"),
        Beside([[Html(text)] for text in heads]),
    ]


def layer_of(v: Values) -> int:
    """Return the number of the layer that is looked at: the chosen one, or the last."""
    return min(v["layer"], card(v["model"]).config["layers"]) - 1


def map_of(v: Values) -> Chart | None:
    """Return where each character looks, by the chosen head."""
    if part(v) != "looks" or not whole(v):
        return None
    text, weights = writing.attention(v["model"], whole(v), layer_of(v))
    head = weights[min(v["head"], len(weights)) - 1]
    return Chart(lambda colors: charts.attention(colors, list(text), head), height=HEIGHT)
