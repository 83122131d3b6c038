"""Five ways to look closer at a text: values -> parts."""

import html
from dataclasses import dataclass, replace

from playground import charts
from playground.demo import Beside, Chart, Html, Part, Prose, Words
from playground.demos.writing_desk import writing
from playground.demos.writing_desk.writing import known, sampling, style, whole
from playground.fields import Values
from zoo.data import DataDamaged, DataNotFound
from zoo.nn import MAX_SEED
from zoo.writing import Sampling

PARTS = {
    "ways": "Three ways on", "both": "Side by side", "quiz": "Which is real?", "measure": "Measure a text", "looks": "Where it looks",
}  # fmt: skip

LENGTHS = {"ways": 160, "both": 240}  # characters of each text
MEASURED = 300  # characters of what stands on the page, where no other text is given
HEIGHT = 560  # CSS pixels of the map


def parts(v: Values) -> list[Part]:
    """Return the chosen closer look."""
    return {"ways": ways, "both": both, "quiz": quiz, "measure": measure, "looks": looks}[v["part"]](v)


def quiet(text: str) -> Html:
    """Return a caption in which nothing is markup."""
    return Html(f"<p class='zoo-quiet'>{html.escape(text)}</p>")


def ways_on(v: Values) -> list[str]:
    """Return three ways on from what stands on the page."""
    return writing.branches(v["model"], whole(v), LENGTHS["ways"], v["seed"], sampling(v))


def ways(v: Values) -> list[Part]:
    """Show three ways on, side by side."""
    return [Beside([[Prose("", text)] for text in ways_on(v)], "14rem")]


def both(v: Values) -> list[Part]:
    """Show all models on one beginning."""
    groups: list[list[Part]] = []
    for name in writing.models():
        own, note = known(name, v["beginning"])
        text = writing.write(name, own, LENGTHS["both"], v["seed"], sampling(v))
        groups.append([Words(f"**{style(name)}**"), Prose(own, text), *([quiet(note)] if note else [])])
    return [Beside(groups)]


@dataclass(frozen=True)
class Score:
    """How often the real passage was found."""

    pair: int = 0
    """how many pairs are done with"""
    asked: int = 0
    right: int = 0
    guess: int | None = None
    """at the present pair"""
    of: tuple[str, int, Sampling] | None = None
    """the pair of the guess"""


def score(v: Values) -> Score:
    """Return the score, with the guess if it was at the present pair."""
    found = v["score"] or Score()
    pair = (v["model"], (v["seed"] + found.pair) % (MAX_SEED + 1), sampling(v))
    return replace(found, of=pair, guess=found.guess if found.of == pair else None)


def quiz(v: Values) -> list[Part]:
    """Ask which of two passages is the real one; after a guess tell it, with what surprises the model in each."""
    found = score(v)
    try:
        passages, real = writing.quiz(*found.of)
    except (DataNotFound, DataDamaged) as error:
        return [quiet(f"There is nothing to compare with: {error}")]
    if found.guess is None:
        return [Beside([[Prose("", text)] for text in passages])]
    groups: list[list[Part]] = []
    for i, text in enumerate(passages):
        bits = writing.bits(v["model"], text)
        said = f"**{'Real' if i == real else 'Written by the model'}**, {bits.mean():.2f} bits a character to the model"
        groups.append([Html(writing.coloured(text, bits)), Words(said, quiet=True)])
    said = "Right" if found.guess == real else "Wrong"
    return [Beside(groups), Words(f"**{said}.** {found.right} of {found.asked} so far.")]


def guesses(v: Values) -> dict[str, str]:
    """Return what may be guessed now."""
    if v["part"] != "quiz" or score(v).guess is not None:
        return {}
    try:
        writing.quiz(*score(v).of)
    except (DataNotFound, DataDamaged):
        return {}
    return {"0": "The first", "1": "The second"}


def guessed(v: Values, option: str) -> Values:
    """Count a guess."""
    found = score(v)
    right = int(option) == writing.quiz(*found.of)[1]
    return {"score": replace(found, guess=int(option), asked=found.asked + 1, right=found.right + right)}


def another(v: Values, option: str) -> Values:
    """Go to the next pair."""
    return {"score": replace(score(v), pair=score(v).pair + 1, guess=None)}


def measure(v: Values) -> list[Part]:
    """Measure how surprising a text is: the given one, or what stands on the page."""
    text, note = known(v["model"], v["measured"] or whole(v)[:MEASURED])
    if not text:
        return [quiet("Put a text into the box.")]
    bits = writing.bits(v["model"], text)
    return [Html(writing.coloured(text, bits)), quiet(f"{bits.mean():.2f} bits a character. {note}")]


def looks(v: Values) -> list[Part]:
    """Show where the last character looks, by each head of the layer."""
    if not whole(v):
        return []
    text, weights = writing.attention(v["model"], whole(v), v["layer"] - 1)
    heads = [writing.coloured(text, 8 * head[-1] / head[-1].max(), "") for head in weights]
    return [
        Words(f"**Where the last character looks, by head of layer {v['layer']}**"),
        Beside([[Html(text)] for text in heads]),
    ]


def map_of(v: Values) -> Chart | None:
    """Return where each character looks, by the chosen head."""
    if v["part"] != "looks" or not whole(v):
        return None
    text, weights = writing.attention(v["model"], whole(v), v["layer"] - 1)
    return Chart(lambda colors: charts.attention(colors, list(text), weights[v["head"] - 1]), height=HEIGHT)
