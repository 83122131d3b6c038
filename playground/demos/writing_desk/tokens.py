"""What a text is made of to a voice, its tokens: characters, or pieces of words; what it expects of the next, and how each surprises it."""

import numpy as np
import torch

from playground.catalogue import load
from playground.demos.writing_desk.voices import Told, given, spelt
from playground.memory import remembered
from zoo.models.speech.model import PARTIAL
from zoo.writing import RECENT, Sampling, UnknownCharacters, distribution

MOST = 2000  # tokens of a beginning
LIKELIEST = 12
_PRINTED = [*range(33, 127), *range(161, 173), *range(174, 256)]
_OTHER = [b for b in range(256) if b not in _PRINTED]
BYTES = {chr(b): b for b in _PRINTED} | {chr(256 + i): b for i, b in enumerate(_OTHER)}
"""bytes by the character that stands for each in a piece's name, as GPT-2 has it"""


def spans(name: str, text: str) -> list[tuple[int, int, int, int]]:
    """Return a text's tokens: where each begins and ends in the text, and which pieces it is, from and to.

    It is one piece; several where a character is made of them.
    """
    if spelt(name):
        return [(i, i + 1, i, i + 1) for i in range(len(text))]
    found: list[tuple[int, int, int, int]] = []
    for i, (start, end) in enumerate(load(name).tokenizer.encode(text).offsets):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1]), found[-1][2], i + 1
        else:
            found.append((start, end, i, i + 1))
    return found


def around(name: str, text: str, at: int) -> tuple[int, int]:
    """Return where the token that covers a character begins and ends."""
    return next((start, end) for start, end, *_ in spans(name, text) if at < end)


def known(name: str, text: str) -> tuple[str, str, str]:
    """Return a text that the model can read, what of it is unknown, and what is left out before it."""
    try:
        x = load(name).encode(text)
    except UnknownCharacters as error:
        return error.replaced, error.characters, ""
    if len(x) <= MOST or spelt(name):
        return text, "", ""
    start = next(start for start, _, first, _ in spans(name, text) if first >= len(x) - MOST)
    return text[start:], "", text[:start]


def read(name: str, text: str) -> str:
    """Return a text as a voice reads it before it goes on: a piece that begins a word brings its own blank along."""
    return text if spelt(name) else text.rstrip(" ")


def piece(name: str, i: int) -> str:
    """Return what token number i adds to a text; what is no whole character, and an address's end, by its name."""
    if spelt(name):
        return load(name).config.chars[i]
    tokenizer = load(name).tokenizer
    found, text = tokenizer.id_to_token(i), tokenizer.decode([i])
    if PARTIAL in text:
        return "bytes " + " ".join(f"{BYTES[c]:02X}" for c in found)
    return text if i else found


def end(name: str) -> str:
    """Return the name of the token that ends a text; '' where none does."""
    return "" if spelt(name) else load(name).tokenizer.id_to_token(0)


def adds(name: str, token: str) -> bool:
    """Return whether a token of `piece` can be put after a text."""
    return token != end(name) and (spelt(name) or not token.startswith("bytes "))


def face(name: str, token: str) -> str:
    """Return how a token is shown: of a piece its blanks can be seen."""
    if spelt(name) or (token and not adds(name, token)):
        return "the end" if token == end(name) and token else token
    return token.replace(" ", "␣").replace("\n", "⏎")


def likeliest(name: str, p: np.ndarray, most: int = LIKELIEST) -> list[tuple[str, float]]:
    """Return the likeliest tokens of a distribution (tokens,), with their probabilities."""
    return [(piece(name, i), float(p[i])) for i in np.argsort(-p, kind="stable")[:most].tolist() if p[i] > 0]


@remembered
@torch.inference_mode()
def expected(name: str, text: str, how: Sampling, for_: Told = ()) -> list[tuple[str, float]]:
    """Return the likeliest next tokens after a text, and the probabilities that one would be drawn from."""
    model = load(name)
    x = model.encode(read(name, text) or model.start)
    if reach := seen(name):
        x = x[-reach:]
    pen = model.guided(x, 1, given(name, for_).get("given"), how.guidance)
    return likeliest(name, distribution(pen.logits, how, x[None, -RECENT:].numpy())[0])


def seen(name: str) -> int:
    """Return how many tokens before the next can change what comes: each layer looks a window back again; 0 is all, where a state is kept."""
    c = load(name).config
    attends = hasattr(c, "window") and getattr(c, "kind", "") != "lstm"
    return c.layers * (c.window - 1) + 1 if attends else 0


def bits(name: str, text: str, for_: Told = ()) -> np.ndarray:
    """Return how surprising each character of a text that the model can read is to it, in bits, (T,): a piece's are shared among its characters."""
    found = load(name).bits(text, **given(name, for_)).numpy()
    if spelt(name):
        return found
    shared = np.zeros(len(text))
    for start, stop, first, last in spans(name, text):
        shared[start:stop] = found[first:last].sum() / (stop - start)
    return shared
