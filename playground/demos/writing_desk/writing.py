"""Writing with a character model: going on with a text, what it expects, what surprises it, where it looks; and the sheet of paper it stands on."""

import html
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

import zoo
from playground.catalogue import card, load
from playground.fields import Values
from playground.memory import remembered
from zoo import data
from zoo.data import DataNotFound
from zoo.writing import RECENT, Sampling, UnknownCharacters, distribution

STYLES = {"char_gpt.shakespeare": "Shakespeare", "char_gpt.wells": "Wells"}
EVERY = 0.05  # seconds between two pieces of the stream
LOOKED = 64  # the last characters, whose looks are shown


def models() -> list[str]:
    """Return the models at hand that write, the repository's own first.

    Raises:
        zoo.CheckpointNotFound: there is none.
    """
    found = [name for name in zoo.names() if name.startswith("char_gpt.")]
    if not found:
        raise zoo.CheckpointNotFound(
            "no char_gpt is at hand: restore checkpoints/, or train one: python -m train.char_gpt"
        )
    return sorted(found, key=lambda name: name not in STYLES)


def style(name: str) -> str:
    """Return whom a model writes like."""
    return STYLES.get(name, name.split(".", 1)[1])


def sampling(values: Values) -> Sampling:
    """Return how characters are drawn, from the page's controls."""
    return Sampling(values["wild"], values["top_k"], values["top_p"], values["min_p"], values["repetition"])


def known(name: str, text: str) -> tuple[str, str]:
    """Return a text with only characters that the model knows, and a sentence on what was replaced ('' where nothing was)."""
    model = load(name)
    try:
        model.encode(text)
        return text, ""
    except UnknownCharacters as error:
        shown = " ".join(repr(c) for c in error.characters[:12])
        return error.replaced, f"{style(name)} does not know {shown}: the nearest characters stand for them."


class Task(NamedTuple):
    """What decides a text."""

    name: str
    beginning: str
    """in characters that the model knows"""
    length: int
    seed: int
    how: Sampling


@dataclass(frozen=True)
class Paper:
    """What stands on the page: a beginning, and what was written after it before somebody stopped it."""

    task: Task
    text: str = ""
    at: int | None = None
    """the character that was chosen"""
    held: bool = False
    """whether nothing is written on this beginning until it is asked for"""


def task(v: Values) -> Task:
    """Return what the page's controls ask for."""
    return Task(v["model"], known(v["model"], v["beginning"])[0], v["length"], v["seed"], sampling(v))


def stands(v: Values) -> bool:
    """Return whether the page needs no writing: it was written as the controls ask, or is held."""
    paper, asked = v["paper"], task(v)
    return bool(paper) and (paper.task == asked or (paper.held and paper.task.beginning == asked.beginning))


def whole(v: Values) -> str:
    """Return what stands on the page, from the beginning on."""
    own = task(v).beginning
    return own + (v["paper"].text if v["paper"] and v["paper"].task.beginning == own else "")


def chosen(v: Values) -> int | None:
    """Return the place of the character that was chosen."""
    return v["paper"].at if stands(v) else None


def trace(
    name: str, beginning: str, length: int, seed: int, how: Sampling, branch: int = 0
) -> Iterator[tuple[str, np.ndarray]]:
    """Write on, a character at a time, each with the probabilities (chars,) that it was drawn from.

    Args:
        beginning: any text; see `known`.
        branch: 0, 1, 2 are the three ways on from the same seed.
    """
    return load(name).trace(known(name, beginning)[0], length, seed=seed, start=branch, **vars(how))


def streamed(
    name: str, beginning: str, length: int, seed: int, how: Sampling, branch: int = 0
) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    """Yield the text so far and what its last character was drawn from: at the first character, every 50 ms, and at the end."""
    text, shown, p = "", 0.0, np.zeros(0)
    for c, p in trace(name, beginning, length, seed, how, branch):
        text += c
        if time.monotonic() - shown > EVERY:
            yield text, likeliest(name, p)
            shown = time.monotonic()
    yield text, likeliest(name, p)


@remembered
def write(name: str, beginning: str, length: int, seed: int, how: Sampling) -> str:
    """Return what `trace` writes."""
    return "".join(c for c, _ in trace(name, beginning, length, seed, how))


@remembered
def branches(name: str, beginning: str, length: int, seed: int, how: Sampling, count: int = 3) -> list[str]:
    """Return several ways on, which share the reading of the beginning."""
    return load(name).sample(count, seed=seed, prompt=known(name, beginning)[0], length=length, **vars(how))


@torch.inference_mode()
def expected(name: str, text: str, how: Sampling) -> list[tuple[str, float]]:
    """Return the likeliest next characters after a text, and the probabilities that one would be drawn from."""
    model = load(name)
    reach = model.config.layers * (model.config.window - 1) + 1  # each layer looks so far back again
    x = model.encode(known(name, text)[0] or model.start)[-reach:]
    return likeliest(name, distribution(model.logits(x[None])[:, -1].numpy(), how, x[None, -RECENT:].numpy())[0])


def likeliest(name: str, p: np.ndarray, most: int = 12) -> list[tuple[str, float]]:
    """Return the likeliest characters of a distribution (chars,), with their probabilities."""
    chars = load(name).config.chars
    return [(chars[i], float(p[i])) for i in np.argsort(-p, kind="stable")[:most] if p[i] > 0]


def bits(name: str, text: str) -> np.ndarray:
    """Return how surprising each character is to the model, in bits: (T,)."""
    return load(name).bits(known(name, text)[0]).numpy()


def attention(name: str, text: str, layer: int) -> tuple[str, np.ndarray]:
    """Return the last `LOOKED` characters of a text, and where each of them looks, by head of a layer: (heads, T, T), rows sum to 1."""
    shown = known(name, text)[0][-LOOKED:]
    return shown, load(name).attention(shown)[layer].numpy()


def coloured(text: str, strength: np.ndarray, unit: str = " bits") -> str:
    """Return a text as HTML, the stronger a character the deeper its ground: (T,), 0 to 8."""
    spans = "".join(
        f"<span style='--bits: {min(1, b / 8):.2f}' title='{b:.1f}{unit}'>{html.escape(c)}</span>"
        for c, b in zip(text, strength, strict=True)
    )
    return f"<div class='zoo-prose zoo-surprise'>{spans}</div>"


def quiz(name: str, seed: int, how: Sampling, length: int = 200) -> tuple[list[str], int]:
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
    passages, real = (
        [text[at : at + length], write(name, text[max(0, at - 256) : at], length, seed, how)],
        int(rng.integers(2)),
    )
    return passages[::-1] if real else passages, real
