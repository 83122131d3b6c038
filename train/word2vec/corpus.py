"""Texts as word vectors learn from them: as words' numbers, in runs, without most of the frequent words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.data import speeches
from zoo.models.word2vec import Word2Vec, tokens

Dated = tuple[int, str]
"""a text and its year"""
FEWEST = 50


@dataclass(frozen=True)
class Corpus:
    """Texts as words' numbers, one after the other."""

    words: Tensor
    """(N,) int64; unknown words are left out"""
    text: Tensor
    """(N,) which text each is of"""
    period: Tensor
    """(texts,) the period of each"""

    @classmethod
    def of(cls, model: Word2Vec, texts: list[Dated]) -> "Corpus":
        """Return texts as a model knows their words."""
        numbers = {word: i for i, word in enumerate(model.words)}
        found = [
            torch.tensor([numbers[w] for w in tokens(text) if w in numbers], dtype=torch.long) for _, text in texts
        ]
        text = torch.repeat_interleave(torch.tensor([len(part) for part in found]))
        return cls(torch.cat(found), text, torch.tensor([model.period(year) for year, _ in texts]))

    def counts(self, known: int) -> Tensor:
        """Return how often each of the known words stands there (known,) float64."""
        return torch.bincount(self.words, minlength=known).double()

    def by_period(self, known: int, periods: int) -> Tensor:
        """Return the same for each period (periods, known)."""
        return (
            torch.bincount(self.period[self.text] * known + self.words, minlength=periods * known)
            .view(periods, known)
            .double()
        )

    def near(self, window: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Give the places of all pairs of words of one text that stand within a window, by how far they are apart."""
        for apart in range(1, window + 1):
            same = (self.text[apart:] == self.text[:-apart]).nonzero()[:, 0]
            yield same, same + apart
            yield same + apart, same


def texts_of(data: Any, split: str) -> list[Dated]:
    """Return a split's texts, each with its year; a text of one's own is one, of year 0."""
    if data is speeches:
        return [(address.year, address.text) for address in speeches.addresses(split)]
    return [(0, data.load(split))]


def kept_back(texts: list[Dated], count: int) -> tuple[list[Dated], list[Dated]]:
    """Return texts for the training, and so many for validation, spread over all years."""
    back = {i * len(texts) // count for i in range(count)}
    return [t for i, t in enumerate(texts) if i not in back], [t for i, t in enumerate(texts) if i in back]


def vocabulary(texts: list[Dated], most: int) -> tuple[str, ...]:
    """Return the most frequent words, the most frequent first, of equals the first by the alphabet.

    Raises:
        ValueError: there are hardly any.
    """
    counts = Counter(word for _, text in texts for word in tokens(text))
    found = sorted((word for word, n in counts.items() if n > 1), key=lambda word: (-counts[word], word))[:most]
    if len(found) < FEWEST:
        raise ValueError(f"the text has {len(found)} words that stand there twice: a model needs {FEWEST} or more")
    return tuple(found)


class Batches:
    """Runs of a corpus, as `Word2Vec.forward` takes them."""

    def __init__(self, corpus: Corpus, known: int, *, run: int, window: int, often: float, negatives: int):
        """Count the words. Args as of `train.word2vec.Word2VecSettings`."""
        self.corpus, self.run, self.window, self.negatives = corpus, run, window, negatives
        counts = corpus.counts(known)
        self.keep = (often * len(corpus.words) / counts.clamp_min(1)).sqrt().clamp_max(1).float()
        self.noise = noise_of(counts)
        self.size = max(1, len(corpus.words) // run)

    def __call__(self, index: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the runs of these numbers, moved by up to a run's length, less what is left out: arguments of `forward`."""
        c = self.corpus
        at = index[:, None] * self.run + torch.randint(self.run, (len(index), 1)) + torch.arange(self.run)
        beyond = at >= len(c.words)
        at = at.clamp_max(len(c.words) - 1)
        x = c.words[at]
        out = beyond | (c.text[at] != c.text[at[:, :1]]) | (torch.rand(x.shape) > self.keep[x])
        order = out.int().argsort(dim=1, stable=True)
        x = x.masked_fill(out, -1).gather(1, order)[:, : max(2, int((~out).sum(1).max()))]
        reach = torch.randint(1, self.window + 1, x.shape)
        return x, c.period[c.text[at[:, 0]]], reach, torch.multinomial(self.noise, self.negatives, replacement=True)


def noise_of(counts: Tensor) -> Tensor:
    """Return how likely each word is to be drawn as noise, by how often it stands there: (words,) each."""
    weights = counts**0.75
    return (weights / weights.sum()).float()
