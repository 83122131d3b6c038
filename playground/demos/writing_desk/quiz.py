"""Which is real? A passage of the text that a voice was tested by beside one that it wrote, and the score."""

from dataclasses import dataclass, replace

import numpy as np

from playground.catalogue import card
from playground.demo import Beside, Html, Part, Prose, Words
from playground.demos.writing_desk import tokens
from playground.demos.writing_desk.marks import coloured, quiet
from playground.demos.writing_desk.voices import Told, told
from playground.demos.writing_desk.writing import known, sampling, write
from playground.fields import Values
from zoo import data
from zoo.data import DataDamaged, DataNotFound
from zoo.nn import MAX_SEED
from zoo.writing import Sampling

BEFORE = 256  # characters that the model reads before the passage that it writes


def pair(name: str, seed: int, how: Sampling, for_: Told = (), length: int = 200) -> tuple[list[str], int]:
    """Return a passage that the model was not trained on and one that it wrote, and which of them is the real one: 0 or 1.

    Raises:
        zoo.data.DataNotFound: the text is not at hand.
        zoo.data.DataDamaged: its file is another.
    """
    source = card(name).training["data"]
    if source not in data.names():
        raise DataNotFound(f"{name} learned from a text of its trainer's own")
    if not data.at_hand(source):
        raise DataNotFound(data.remedy(source))
    text = data.module(source).load("test")
    rng = np.random.default_rng(seed)
    lines = [i + 1 for i, c in enumerate(text[:-length]) if c == "\n"]
    at = lines[int(rng.integers(len(lines)))]
    written = write(name, text[max(0, at - BEFORE) : at], length, seed, how, for_)[:length]
    passages, real = [text[at : at + length], written], int(rng.integers(2))
    return passages[::-1] if real else passages, real


@dataclass(frozen=True)
class Score:
    """How often the real passage was found."""

    pair: int = 0
    """how many pairs are done with"""
    asked: int = 0
    right: int = 0
    guess: int | None = None
    """at the present pair"""
    of: tuple[str, int, Sampling, Told] | None = None
    """the pair of the guess"""


def score(v: Values) -> Score:
    """Return the score, with the guess if it was at the present pair."""
    found = v["score"] or Score()
    now = (v["model"], (v["seed"] + found.pair) % (MAX_SEED + 1), sampling(v), told(v))
    return replace(found, of=now, guess=found.guess if found.of == now else None)


def parts(v: Values) -> list[Part]:
    """Ask which of two passages is the real one; after a guess tell it, with what surprises the model in each."""
    found = score(v)
    try:
        passages, real = pair(*found.of)
    except (DataNotFound, DataDamaged) as error:
        return [quiet(f"There is nothing to compare with: {error}")]
    if found.guess is None:
        return [Beside([[Prose("", text)] for text in passages])]
    groups: list[list[Part]] = []
    for i, text in enumerate(passages):
        text = known(v["model"], text)[0]
        bits = tokens.bits(v["model"], text, told(v))
        mean = f", {bits.mean():.2f} bits a character to the model" if text else ""
        said = f"**{'Real' if i == real else 'Written by the model'}**{mean}"
        groups.append([Html(coloured(text, bits)), Words(said, quiet=True)])
    said = "Right" if found.guess == real else "Wrong"
    return [Beside(groups), Words(f"**{said}.** {found.right} of {found.asked} so far.")]


def guesses(v: Values) -> dict[str, str]:
    """Return what may be guessed now."""
    if v["part"] != "quiz" or score(v).guess is not None:
        return {}
    try:
        pair(*score(v).of)
    except (DataNotFound, DataDamaged):
        return {}
    return {"0": "The first", "1": "The second"}


def guessed(v: Values, option: str) -> Values:
    """Count a guess."""
    found = score(v)
    right = int(option) == pair(*found.of)[1]
    return {"score": replace(found, guess=int(option), asked=found.asked + 1, right=found.right + right)}


def another(v: Values, option: str) -> Values:
    """Go to the next pair."""
    return {"score": replace(score(v), pair=score(v).pair + 1, guess=None)}
