"""Names that a model makes: for whom, which are new, and how each of their letters came."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

import zoo
from playground.catalogue import card, learnt, learnt_lines, load
from playground.fields import Values
from playground.memory import remembered
from zoo import copies
from zoo.data.lines import LONGEST
from zoo.writing import Sampling, nearest

COUNT, OTHERS = 20, 3  # names; letters that could have stood in a place
MODEL = "char_rnn.names"
TITLES = {MODEL: "US and India", "char_rnn.names-basic": "US and India, plain RNN", "char_rnn.makemore": "makemore"}
LATIN = {
    "æ": "ae", "ø": "o", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n", "ə": "e",
}  # fmt: skip
"""letters of names that Unicode does not take apart, in those that the model knows"""


def models() -> list[str]:
    """Return the models at hand that learnt lines, such as names: the repository's own first.

    Raises:
        zoo.CheckpointNotFound: there is none.
    """
    found = [name for name in zoo.names() if name.startswith("char_rnn.") and learnt_lines(card(name).training["data"])]
    if not found:
        raise zoo.CheckpointNotFound(
            "no char_rnn of names is at hand: restore checkpoints/, or train one: python -m train.char_rnn names"
        )
    return sorted(found, key=lambda name: (name != MODEL, name not in TITLES))


def title(name: str) -> str:
    """Return what a list is called."""
    return TITLES.get(name, name.split(".", 1)[1])


def knows(name: str, condition: str) -> bool:
    """Return whether a model writes for a condition, such as gender."""
    return condition in load(name).conditions


def alphabet(name: str) -> str:
    """Return the characters that a model knows, in words."""
    chars = load(name).config.chars.strip("\n")
    spelt_out = len(chars) > 2 and [*map(ord, chars)] == [*range(ord(chars[0]), ord(chars[-1]) + 1)]
    return f"{chars[0]} to {chars[-1]}" if spelt_out else f"{len(chars)} characters"


def small(name: str) -> bool:
    """Return whether a model knows no capital letters."""
    chars = load(name).config.chars
    return chars == chars.lower()


def shown(name: str, text: str) -> str:
    """Return a name as it is shown: with a capital where the model has none."""
    return text[:1].upper() + text[1:] if small(name) else text


def spelt(name: str, text: str) -> tuple[str, str]:
    """Return a text in characters that the model knows, on one line, and a sentence on what it did not know, '' where it knew all."""
    chars, text = load(name).config.chars, text.replace("\n", " ").strip(" ")
    text = text.lower() if small(name) else text
    unknown = "".join(dict.fromkeys(c for c in text if c not in chars))
    found = nearest("".join(c if c in chars else LATIN.get(c, c) for c in text), chars)
    if not unknown:
        return found, ""
    lacking = f"The model knows {alphabet(name)}, not " + " ".join(
        "a space" if c == " " else f"“{c}”" for c in unknown[:12]
    )
    return found, f"{lacking}: it reads “{found}”." if found else f"{lacking}: type it in characters that it knows."


class Task(NamedTuple):
    """What decides the names."""

    name: str
    beginning: str
    """in characters that the model knows"""
    gender: str
    origin: str
    india: int
    """of a blend, %"""
    seed: int
    how: Sampling


def task(v: Values) -> Task:
    """Return what the page's controls ask for."""
    how = Sampling(v["wild"], top_p=v["top_p"], min_p=v["min_p"])
    return Task(v["model"], spelt(v["model"], v["beginning"])[0], v["gender"], v["origin"], v["india"], v["seed"], how)


def wishes(asked: Task) -> dict[str, Any]:
    """Return what names are asked for, as `CharRNN.given` takes it."""
    share = asked.india / 100
    wanted: dict[str, Any] = {
        "gender": asked.gender,
        "origin": {"US": round(1 - share, 2), "India": share} if asked.origin == "blend" else asked.origin,
    }
    return {key: wish for key, wish in wanted.items() if wish != "any" and knows(asked.name, key)}


@dataclass(frozen=True)
class Made:
    """A name that was made."""

    text: str
    index: int
    """of the first sample that is this name"""
    times: int
    new: bool


@remembered
def made(asked: Task) -> list[Made]:
    """Return the different names among `COUNT` samples, in order; those without a letter are left out."""
    model = load(asked.name)
    given = model.given(**wishes(asked)) if wishes(asked) else None
    found = model.sample(
        COUNT, seed=asked.seed, prompt=model.start + asked.beginning, length=LONGEST, given=given, **vars(asked.how)
    )
    texts = [asked.beginning + text.split("\n")[0] for text in found]
    fresh = copies.new(texts, learnt(asked.name))
    return [
        Made(text, texts.index(text), texts.count(text), bool(fresh[texts.index(text)]))
        for text in dict.fromkeys(texts)
        if text
    ]


def chosen(v: Values) -> int:
    """Return the place of the chosen name among those made; the first where there is no such sample."""
    found = made(task(v))
    return max((i for i, one in enumerate(found) if one.index <= v["chosen"]), default=0)


@remembered
def letters(asked: Task, index: int) -> list[dict[str, Any]]:
    """Return the letters of a name for the component: each with the probability that it was drawn with, and the likeliest others."""
    model = load(asked.name)
    given = model.given(**wishes(asked)) if wishes(asked) else None
    written: list[dict[str, Any]] = [{"text": c, "p": None, "others": []} for c in shown(asked.name, asked.beginning)]
    prompt, chars = model.start + asked.beginning, model.config.chars
    for c, p in model.trace(prompt, LONGEST, seed=asked.seed, start=index, stop="\n", given=given, **vars(asked.how)):
        ranked = [i for i in np.argsort(-p, kind="stable") if p[i] > 0 and chars[i] != c][:OTHERS]
        first = not written
        others = [
            {"text": face(asked.name, chars[i], first), "p": float(p[i]), "begins": chars[i] != "\n"} for i in ranked
        ]
        written.append({"text": face(asked.name, c, first), "p": float(p[chars.index(c)]), "others": others})
    return written


def face(name: str, c: str, first: bool) -> str:
    """Return how a character is shown."""
    return {"\n": "end", " ": "space"}.get(c) or (shown(name, c) if first else c)
