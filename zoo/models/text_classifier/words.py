"""A text's words, as the networks see them: how they are cut, how they are written, and the pieces they are made of."""

import re
from dataclasses import dataclass
from functools import lru_cache

TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]|_")
SHAPES = 6
LONGEST = 30  # letters of a word of which pieces are made


@dataclass(frozen=True)
class Word:
    """A word as the network sees it."""

    number: int
    shape: int
    pieces: tuple[int, ...]


def tokens(text: str) -> list[tuple[str, int, int]]:
    """Cut a text into words, numbers and marks: each with where it begins and ends."""
    return [(found[0], found.start(), found.end()) for found in TOKEN.finditer(text)]


def shape(word: str) -> int:
    """Return how a word is written: 0 small, 1 its first letter capital, 2 all capital, 3 mixed, 4 a number, 5 a mark."""
    if word.isdigit():
        return 4
    if not word[0].isalpha():
        return 5
    if word == word.lower():
        return 0
    if len(word) > 1 and word == word.upper():
        return 2
    return 1 if word[1:] == word[1:].lower() else 3


def hashed(piece: str) -> int:
    """Return the FNV-1a hash of a piece's UTF-8, 32 bits."""
    value = 2166136261
    for byte in piece.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def pieces(word: str, digits: int = 0) -> list[str]:
    """Return the pieces of 3 to 5 characters of a word between < and >; of a number how long it is, and its first 1 to `digits` digits."""
    if word.isdigit():
        return [f"#{min(len(word), 12)}", *(f"<{word[:n]}" for n in range(1, min(digits, len(word)) + 1))]
    marked = f"<{word.lower()[:LONGEST]}>"
    return [marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]


@lru_cache(maxsize=50_000)
def spelled(word: str, buckets: int, digits: int) -> tuple[int, ...]:
    """Return the numbers of a word's pieces."""
    return tuple(hashed(piece) % buckets for piece in pieces(word, digits)) if buckets else ()
