"""Writing desk: a beginning, and models that go on with it; what they expect, what surprises them, where they look."""

import html
import importlib
import textwrap
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

import zoo
from playground.demos import card, load
from playground.demos.recipe import Field, choice, integer, number
from zoo.data import DataNotFound
from zoo.models.char_gpt import UnknownCharacters
from zoo.models.char_gpt.writing import RECENT, Sampling, distribution
from zoo.nn import MAX_SEED

PAPER, INK = "#FBFAF7", "#1B1B1F"
MOST = 2000  # characters of a beginning or of a pasted text
STYLES = {"char_gpt.shakespeare": "Shakespeare", "char_gpt.wells": "Wells"}
INKS = {"plain": "Plain", "surprise": "By surprise"}
PARTS = {
    "ways": "Three ways on", "both": "Side by side", "quiz": "Which is real?", "measure": "Measure a text", "looks": "Where it looks",
}  # fmt: skip
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


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return models()


def style(name: str) -> str:
    """Return whom a model writes like."""
    return STYLES.get(name, name.split(".", 1)[1])


def text_field(default: str) -> Field:
    """Return a field for a text of up to 2,000 characters."""

    def read(text: str) -> str:
        if len(text) > MOST or any(ord(c) < 32 and c not in "\n\t" for c in text):
            raise ValueError(f"a text of at most {MOST:,} characters, without control characters")
        return text

    return Field(default, read)


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "model": choice(models(), models()[0]),
        "beginning": text_field(BEGINNING),
        "seed": integer(0, MAX_SEED, 1),
        "length": integer(50, 2000, 400),
        "wild": number(0.0, 2.0, 0.8),
        "top_p": number(0.05, 1.0, 1.0),
        "min_p": number(0.0, 0.5, 0.02),
        "top_k": integer(0, 100, 0),
        "repetition": number(1.0, 2.0, 1.0),
        "ink": choice(INKS, "plain"),
        "part": choice(PARTS, "ways"),
    }


def sampling(values: dict[str, Any]) -> Sampling:
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


def trace(
    name: str, beginning: str, length: int, seed: int, how: Sampling, branch: int = 0
) -> Iterator[tuple[str, np.ndarray]]:
    """Write on, a character at a time, each with the probabilities (chars,) that it was drawn from.

    Args:
        beginning: any text; see `known`.
        branch: 0, 1, 2 are the three ways on from the same seed.
    """
    return load(name).trace(known(name, beginning)[0], length, seed=seed, start=branch, **vars(how))


@lru_cache(maxsize=64)
def write(name: str, beginning: str, length: int, seed: int, how: Sampling) -> str:
    """Return what `trace` writes."""
    return "".join(c for c, _ in trace(name, beginning, length, seed, how))


@lru_cache(maxsize=64)
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


def attention(name: str, text: str, layer: int, head: int) -> np.ndarray:
    """Return where each of the last 64 characters of a text looks: (T, T), rows sum to 1."""
    return load(name).attention(known(name, text)[0][-64:])[layer, head].numpy()


def looks(name: str, text: str, layer: int) -> list[tuple[str, np.ndarray]]:
    """Return, for each head of a layer, the last 64 characters of a text and where the last of them looks: (T,), sums to 1."""
    shown = known(name, text)[0][-64:]
    return [(shown, head[-1].numpy()) for head in load(name).attention(shown)[layer]]


def coloured(text: str, strength: np.ndarray, unit: str = " bits") -> str:
    """Return a text as HTML, the stronger a character the deeper its ground: (T,), 0 to 8."""
    spans = "".join(
        f"<span style='--bits: {min(1, b / 8):.2f}' title='{b:.1f}{unit}'>{html.escape(c)}</span>"
        for c, b in zip(text, strength, strict=True)
    )
    return f"<div class='zoo-prose zoo-surprise'>{spans}</div>"


def moments(name: str) -> list[dict[str, Any]]:
    """Return what the model wrote at each moment of its training: dicts with step, test_loss and texts by beginning."""
    return card(name).history["moments"]


def quiz(name: str, seed: int, how: Sampling, length: int = 200) -> tuple[list[str], int]:
    """Return a passage that the model was not trained on and one that it wrote, and which of them is the real one: 0 or 1.

    Raises:
        zoo.data.DataNotFound: the text is not at hand.
    """
    data = importlib.import_module(f"zoo.data.{card(name).training['data']}")
    if not hasattr(data, "load"):
        raise DataNotFound(f"{name} learned from a text of its trainer's own")
    text = data.load("test")
    rng = np.random.default_rng(seed)
    lines = [i + 1 for i, c in enumerate(text[:-length]) if c == "\n"]
    at = lines[int(rng.integers(len(lines)))]
    passages, real = (
        [text[at : at + length], write(name, text[max(0, at - 256) : at], length, seed, how)],
        int(rng.integers(2)),
    )
    return passages[::-1] if real else passages, real


def code(name: str, beginning: str, length: int, seed: int, how: Sampling) -> str:
    """Return the lines of Python that write the same text."""
    changed = {k: v for k, v in vars(how).items() if v != getattr(Sampling(), k)}
    options = "".join(f", {k}={v:g}" for k, v in changed.items())
    return (
        f'import zoo\n\nmodel = zoo.load("{name}")\nbeginning = {known(name, beginning)[0]!r}\n'
        f'for c in model.stream(beginning, {length}, seed={seed}{options}):\n    print(c, end="", flush=True)'
    )


@lru_cache(maxsize=1)
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: what the first model wrote at the end of its training, (336, 336, 3) uint8."""
    return picture(next(iter(moments(models()[0])[-1]["texts"].values())).strip(), (336, 336), 0.7)
