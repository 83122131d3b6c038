"""What the five models write and how they read: on one text, in characters that all of them know, by the same random numbers."""

import html
import math
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from playground.catalogue import card, learnt, load
from playground.demos.counts_to_attention.ladder import models
from playground.fields import Values
from playground.memory import remembered
from zoo import copies, writing

DEEP = 8  # bits whose ground is deepest
LONG = 40  # characters of a copy whose ground is deepest


class Task(NamedTuple):
    """What decides the texts."""

    beginning: str
    """in characters that all models know"""
    length: int
    seed: int
    temperature: float


class Written(NamedTuple):
    """What a model wrote, and how long a character took."""

    text: str
    """without the beginning"""
    ms: float


def alphabet() -> str:
    """Return the characters that all models know, in order."""
    first, *others = (load(name).config.chars for name in models())
    return "".join(c for c in first if all(c in chars for chars in others))


def known(text: str) -> tuple[str, str]:
    """Return a text with only characters that the models know, and a sentence on what was replaced ('' where nothing was)."""
    chars = alphabet()
    if not (unknown := "".join(dict.fromkeys(c for c in text if c not in chars))):
        return text, ""
    shown = " ".join(repr(c) for c in unknown[:12])
    return writing.nearest(
        text, chars
    ), f"The models do not know {shown}: the nearest characters stand for what they lack."


def task(v: Values) -> Task:
    """Return what the page's controls ask for."""
    return Task(known(v["beginning"])[0], v["length"], v["seed"], v["wild"])


@remembered
def written(name: str, asked: Task) -> Written:
    """Write on; the time is of all characters but the first, before which the beginning is read."""
    steps = load(name).trace(asked.beginning, asked.length, seed=asked.seed, temperature=asked.temperature)
    text = next(steps)[0]
    began = time.perf_counter()
    text += "".join(c for c, _ in steps)
    return Written(text, 1000 * (time.perf_counter() - began) / max(1, asked.length - 1))


@remembered
def expected(name: str, text: str) -> np.ndarray:
    """Return log2 of a model's probabilities of all characters at each place of a text, after a line's start and those before it: (T, chars)."""
    model = load(name)
    with torch.inference_mode():
        return model.logits(model.encode(model.start + text)[None, :-1])[0].log_softmax(-1).numpy() / math.log(2)


def surprise(name: str, text: str) -> np.ndarray:
    """Return how surprising each character of a text is to a model, in bits: (T,)."""
    return -np.take_along_axis(expected(name, text), load(name).encode(text).numpy()[:, None], 1)[:, 0]


def likeliest(name: str, text: str, at: int, most: int = 6) -> list[tuple[str, float]]:
    """Return the likeliest characters at a place of a text and their probabilities; the text's own is among them, at the end if need be."""
    p, chars = 2.0 ** expected(name, text)[at], load(name).config.chars
    order = [int(i) for i in np.argsort(-p, kind="stable")]
    own = chars.index(text[at])
    shown = order[:most] if own in order[:most] else [*order[: most - 1], own]
    return [(chars[i], float(p[i])) for i in shown]


def divided(text: str) -> np.ndarray:
    """Return how far apart the models' surprise is at each character of a text, in bits: (T,)."""
    found = np.stack([surprise(name, text) for name in models()])
    return found.max(0) - found.min(0)


def witness() -> str:
    """Return the model that keeps what the training text is known by; '' where none at hand does. All learnt from the same text."""
    return next((name for name in models() if card(name).family == "char_rnn"), "")


@remembered
def copied(text: str) -> list[tuple[int, int]]:
    """Return where stretches of a text that stand in the training text begin and end."""
    return copies.copies(text, learnt(witness()), copies.WINDOW)


def spans(
    text: str, depth: Sequence[float] | np.ndarray, said: Sequence[str], own: int = 0, chosen: int | None = None
) -> str:
    """Return a text as HTML, each character on a ground as deep as it says, 0 to 1; what is equal stands together.

    Args:
        depth: (T,).
        said: (T,) what each says of itself under a pointer; '' for nothing.
        own: characters at the beginning that are the visitor's.
        chosen: place of the character that is ringed.
    """
    looks = [
        (round(min(1.0, float(d)), 2), said[i], i < own, i == chosen) for i, d in enumerate(np.asarray(depth, float))
    ]
    starts = [i for i in range(len(text)) if i == 0 or looks[i] != looks[i - 1]]
    pieces = []
    for i, end in zip(starts, [*starts[1:], len(text)], strict=True):
        deep, title, mine, ringed = looks[i]
        weight = "; font-weight: 600" if mine else ""
        ring = "; outline: 2px solid" if ringed else ""
        told = f" title='{html.escape(title, quote=True)}'" if title else ""
        pieces.append(f"<span style='--bits: {deep:.2f}{weight}{ring}'{told}>{html.escape(text[i:end])}</span>")
    return f"<div class='zoo-prose zoo-surprise'>{''.join(pieces)}</div>"


def by_surprise(name: str, text: str, own: int = 0, chosen: int | None = None) -> str:
    """Return a text coloured by how little a model expected each character."""
    bits = surprise(name, text)
    return spans(text, bits / DEEP, [f"{b:.1f} bits" for b in bits], own, chosen)


def by_copies(text: str, own: int) -> str:
    """Return a text in which copies are marked, the longer the deeper."""
    depth, said = np.zeros(len(text)), [""] * len(text)
    for start, end in sorted(copied(text), key=lambda one: one[1] - one[0]):  # they may overlap: the longest tells
        depth[start:end] = 0.25 + 0.75 * min(1, (end - start - copies.WINDOW) / (LONG - copies.WINDOW))
        said[start:end] = [f"{end - start} characters"] * (end - start)
    return spans(text, depth, said, own)


def share(text: str) -> float:
    """Return how much of a text is in copies, %."""
    return 100 * copies.covered(copied(text)) / max(1, len(text))
