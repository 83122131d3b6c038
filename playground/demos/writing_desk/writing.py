"""Writing: what is asked for, what stands on the sheet of paper, and how a voice goes on with a text."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from playground.catalogue import load
from playground.demos.writing_desk import tokens, voices
from playground.demos.writing_desk.voices import Told, given, spelt, style, told
from playground.fields import Values
from playground.memory import remembered
from zoo.writing import Sampling

EVERY = 0.05  # seconds between two parts of the stream
LOOKED = 64  # the last characters, whose looks are shown
BLANK_LINE = "\n\n"  # what ends an address, and is not written on the page


def sampling(values: Values) -> Sampling:
    """Return how tokens are drawn, from the page's controls."""
    v = values
    guidance = v["guidance"] if voices.conditions(v["model"]) else 1.0
    return Sampling(v["wild"], v["top_k"], v["top_p"], v["min_p"], v["repetition"], guidance)


def known(name: str, text: str) -> tuple[str, str]:
    """Return a text that the model can read, and a sentence on what was replaced or left out ('' where nothing was)."""
    found, unknown, before = tokens.known(name, text)
    if unknown:
        shown = " ".join(repr(c) for c in unknown[:12])
        return found, f"{style(name)} does not know {shown}: the nearest characters stand for them."
    if before:
        return (
            found,
            f"{style(name)} reads at most {tokens.MOST:,} pieces: the first {len(before):,} characters are left out.",
        )
    return found, ""


class Task(NamedTuple):
    """What decides a text."""

    name: str
    beginning: str
    """that the model can read"""
    length: int
    """characters; a text of pieces ends with the first that reaches it, or where its address ends"""
    seed: int
    how: Sampling
    for_: Told = ()


@dataclass(frozen=True)
class Paper:
    """What stands on the page: a beginning, and what was written after it before somebody stopped it."""

    task: Task
    text: str = ""
    at: int | None = None
    """where the token that was chosen begins"""
    held: bool = False
    """whether nothing is written on this beginning until it is asked for"""
    ended: bool = False
    """whether the model ended it before its length"""


def task(v: Values) -> Task:
    """Return what the page's controls ask for."""
    return Task(v["model"], known(v["model"], v["beginning"])[0], v["length"], v["seed"], sampling(v), told(v))


def stands(v: Values) -> bool:
    """Return whether the page needs no writing: it was written as the controls ask, or is held."""
    paper, asked = v["paper"], task(v)
    return bool(paper) and (paper.task == asked or (paper.held and paper.task.beginning == asked.beginning))


def whole(v: Values) -> str:
    """Return what stands on the page, from the beginning on."""
    own = task(v).beginning
    return own + (v["paper"].text if v["paper"] and v["paper"].task.beginning == own else "")


def chosen(v: Values) -> int | None:
    """Return where the token that was chosen begins."""
    return v["paper"].at if stands(v) else None


def trace(
    name: str, beginning: str, length: int, seed: int, how: Sampling, for_: Told = (), branch: int = 0
) -> Iterator[tuple[str, np.ndarray]]:
    """Write on: what each token adds, and the probabilities (tokens,) that it was drawn from.

    Args:
        beginning: any text; see `known`.
        branch: 0, 1, 2 are the three ways on from the same seed.
    """
    written = 0
    more = voices.given(name, for_)
    for c, p in load(name).trace(known(name, beginning)[0], length, seed=seed, start=branch, **more, **vars(how)):
        written += len(c)
        yield c, p
        if written >= length:
            return


def streamed(
    name: str, beginning: str, length: int, seed: int, how: Sampling, for_: Told = (), branch: int = 0
) -> Iterator[tuple[str, list[tuple[str, float]], str]]:
    """Yield the text so far, what its last token was drawn from, and that token: at the first, every 50 ms, and at the end."""
    text, shown, c, p = "", 0.0, "", np.zeros(0)
    for c, p in trace(name, beginning, length, seed, how, for_, branch):
        text += c
        if time.monotonic() - shown > EVERY:
            yield ended(name, text), tokens.likeliest(name, p), c
            shown = time.monotonic()
    yield ended(name, text), tokens.likeliest(name, p), c


def ended(name: str, text: str) -> str:
    """Return a text without what ends an address."""
    return text if spelt(name) else text.removesuffix(BLANK_LINE)


@remembered
def write(name: str, beginning: str, length: int, seed: int, how: Sampling, for_: Told = (), branch: int = 0) -> str:
    """Return what `trace` writes."""
    return ended(name, "".join(c for c, _ in trace(name, beginning, length, seed, how, for_, branch)))


@remembered
def branches(
    name: str, beginning: str, length: int, seed: int, how: Sampling, for_: Told = (), count: int = 3
) -> list[str]:
    """Return several ways on; those of characters share the reading of the beginning."""
    if not spelt(name):  # each ends at a piece of its own
        return [write(name, beginning, length, seed, how, for_, branch) for branch in range(count)]
    more = given(name, for_)
    return load(name).sample(count, seed=seed, prompt=known(name, beginning)[0], length=length, **more, **vars(how))


def attention(name: str, text: str, layer: int) -> tuple[str, np.ndarray]:
    """Return the last `LOOKED` characters of a text, and where each of them looks, by head of a layer: (heads, T, T), rows sum to 1."""
    shown = known(name, text)[0][-LOOKED:]
    return shown, load(name).attention(shown)[layer].numpy()
