"""Words as vectors, ours and GloVe's: neighbours, sums of words, directions, maps; and sums as people type them."""

import difflib
import re
from dataclasses import dataclass

import numpy as np

import zoo
from playground.catalogue import load
from playground.memory import remembered
from zoo import data
from zoo.data import DataDamaged, DataNotFound, glove
from zoo.models.word2vec import UnknownWord

MODEL = "word2vec.speeches"
MOST = 8  # words of a sum
SIGN = re.compile(r"\s*([+\-−–])\s*")
FEW = 20  # a word that is said less often in a period has hardly been learnt there


class Unclear(ValueError):
    """What was typed is no sum of words; the message says what to type."""


@dataclass(frozen=True)
class Space:
    """Words with vectors of length 1."""

    words: tuple[str, ...]
    table: np.ndarray
    """(words, dims)"""

    def number(self, word: str) -> int:
        """Return a word's place; UnknownWord where there is none."""
        plain = word.strip().lower().replace("’", "'")
        if plain not in self.words:
            near = difflib.get_close_matches(plain, self.words, 3)
            raise UnknownWord(
                f"{word!r} is not among these {len(self.words):,} words"
                + f"; spelled most like it: {', '.join(near)}" * bool(near)
            )
        return self.words.index(plain)

    def nearest(self, vector: np.ndarray, n: int, without: tuple[int, ...] = ()) -> list[tuple[str, float]]:
        """Return the words nearest to a vector (dims,) by the cosine, and these, without some."""
        cosines = self.table @ (vector / max(float(np.linalg.norm(vector)), 1e-12))
        cosines[list(without)] = -np.inf
        return [(self.words[i], float(cosines[i])) for i in np.argsort(-cosines, kind="stable")[:n]]

    def total(self, plus: list[str], minus: list[str]) -> np.ndarray:
        """Return a sum of words' vectors (dims,); UnknownWord where one is not known."""
        zero = np.zeros(self.table.shape[1], np.float32)
        return sum((self.table[self.number(w)] for w in plus), zero) - sum(
            (self.table[self.number(w)] for w in minus), zero
        )


@remembered
def ours() -> Space:
    """Return the checkpoint's words and vectors."""
    model = load(MODEL)
    return Space(model.words, model.table().numpy())


@remembered
def theirs() -> Space | None:
    """Return GloVe's vectors of the words that ours has too; None where GloVe is not at hand, or is damaged."""
    try:
        words, vectors = glove.load()
    except (DataNotFound, DataDamaged):
        return None
    own = set(ours().words)
    rows = [i for i, word in enumerate(words) if word in own]
    table = vectors[rows]
    return Space(tuple(words[i] for i in rows), table / np.linalg.norm(table, axis=1, keepdims=True))


def lacking() -> str:
    """Return the sentence on GloVe's vectors that are not there."""
    return f"This needs GloVe's vectors, which no checkpoint of ours carries. {data.remedy('glove')}."


@remembered
def extras() -> dict[str, np.ndarray]:
    """Return the maps, GloVe's neighbours, and how often words were said; see train/word2vec/maps.py."""
    return {
        key: tensor.float().numpy() if tensor.is_floating_point() else tensor.numpy()
        for key, tensor in zoo.extras(MODEL).items()
    }


def mapped() -> int:
    """Return how many words are on the map, the most frequent ones."""
    return len(extras()["ours.pca"])


def points(source: str, layout: str, dims: int) -> np.ndarray:
    """Return where the words of the map are: (words, dims)."""
    stored = extras()
    return stored[f"{source}.pca"][:, :dims] if layout == "pca" else stored[f"{source}.{layout}_{dims}"]


def on_map(source: str) -> np.ndarray:
    """Return which words of the map a source has: (words,) bool."""
    count = mapped()
    return np.ones(count, bool) if source == "ours" else extras()["glove.near"][:count, 0] >= 0


def neighbours(source: str, word: str, n: int) -> list[tuple[str, float]]:
    """Return the nearest words to a word in the full space, each with its cosine; of GloVe's, 10 at most, and none of a word it has not.

    Raises:
        UnknownWord: the word is not among ours.
    """
    number = load(MODEL).number(word)
    if source == "ours":
        return load(MODEL).neighbours(word, n)
    near, cosines = extras()["glove.near"][number], extras()["glove.cosine"][number]
    return [(ours().words[i], float(cosine)) for i, cosine in zip(near[:n], cosines, strict=False) if i >= 0]


def parsed(text: str) -> tuple[list[str], list[str]]:
    """Return the words of a sum such as 'king - man + woman' that are added, and those that are taken away.

    Raises:
        Unclear: it is no such sum.
    """
    parts = SIGN.split(text.strip())
    parts = ["+", *parts] if parts[0] else parts[1:]
    signs, words = parts[::2], parts[1::2]
    if not words:
        raise Unclear("Type words with + and - between them, such as king - man + woman.")
    if len(words) > MOST:
        raise Unclear(f"Type at most {MOST} words.")
    for sign, word in zip(signs, words, strict=True):
        if not word:
            raise Unclear(f"A word is missing after “{sign}”.")
        if re.search(r"\s", word):
            raise Unclear(f"Put + or - between the words of “{word[:40]}”.")
    return [w for s, w in zip(signs, words, strict=True) if s == "+"], [
        w for s, w in zip(signs, words, strict=True) if s != "+"
    ]


def between(text: str) -> tuple[list[str], list[str]]:
    """Return the words at either end of a direction such as 'she - he'.

    Raises:
        Unclear: it is no such direction.
    """
    plus, minus = parsed(text)
    if not plus or not minus:
        raise Unclear("A direction needs words at both ends, such as she - he.")
    if sorted(plus) == sorted(minus):
        raise Unclear("A direction needs different words at its ends, such as she - he.")
    return plus, minus


def along(space: Space, direction: str) -> np.ndarray:
    """Return each word's cosine with a direction (words,).

    Raises:
        Unclear: it is no direction.
        UnknownWord: a word of it is not known.
    """
    vector = space.total(*between(direction))
    return space.table @ (vector / max(float(np.linalg.norm(vector)), 1e-12))


def periods() -> list[str]:
    """Return what the periods are called."""
    starts = load(MODEL).starts
    return [f"{a}-{b}" for a, b in zip(starts, [*(start - 1 for start in starts[1:]), "today"], strict=True)]


@remembered
def company(number: int, n: int) -> tuple[list[list[tuple[str, float]]], dict[str, list[float]]]:
    """Return the neighbours of a word that moves in each period, none where it is not said, and the cosines of all of these by period."""
    model, words = load(MODEL), ours().words
    cosines = [(table @ table[number]).numpy() for table in map(model.table, range(len(model.starts)))]
    near = []
    for p, values in enumerate(cosines):
        order = [i for i in np.argsort(-values, kind="stable")[: n + 1].tolist() if i != number][:n]
        near.append([(words[i], float(values[i])) for i in order] if extras()["said"][p, number] else [])
    others = sorted({word for found in near for word, _ in found}, key=words.index)
    return near, {word: [float(values[words.index(word)]) for values in cosines] for word in others}
