"""Word2Vec: words as vectors, such that a word's vector tells which words stand near it (arXiv 1310.4546), and how that changed with time.

Skip-gram with negative sampling. Of every two words w and c that stand near each other, and of words n drawn at random instead of c:

    -log sigmoid(v_w . u_c) - k E[log sigmoid(-v_w . u_n)],   n drawn by (how often it stands in the text) ** 0.75

A word has two vectors: v where it stands in the middle, which is what ships as its vector, and u where it stands beside another. In a period
p the frequent words' vector is v_w + d_(p, w), the contexts u are shared, and the d are drawn to 0: so all periods lie in one space, with
nothing to be aligned (Bamman, Dyer, Smith 2014, doi:10.3115/v1/P14-2134, who have regions for periods). Departures: noise words are shared
within a batch, which makes matrix products of all; a noise word may be the context itself; the optimizer is Adam.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PAPER = "arXiv:1310.4546"
TASK, TAKES, MAKES = "embed", ("text",), "vector"
USE = 'near = model.neighbours("peace", 10)  # the nearest words, each with its cosine'
PICTURES: dict[str, str] = {}
TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
LONGEST = 40  # characters of a word that others are compared with


class UnknownWord(LookupError):
    """A word that the model has not; the message names the known words that are spelled most like it."""


@dataclass(frozen=True)
class Config:
    """What words there are, and the sizes of their vectors."""

    words: int = 0
    """how many words are known, the most frequent first"""
    letters: int = 0
    """bytes of these words, one a line"""
    dims: int = 64
    """numbers of a vector"""
    periods: str = ""
    """the first year of each period; '' where there is one"""
    moving: int = 0
    """so many words, from the most frequent on, have a vector of their own in each period"""
    noise: int = 5
    """noise words for each real one: k"""
    prior: float = 0.0
    """weight of the sum of all d squared, against the loss of a pair"""


def tokens(text: str) -> list[str]:
    """Return a text's words in lower case, without numbers, marks, and 's at their ends."""
    return [word.replace("’", "'").removesuffix("'s") for word in TOKEN.findall(text.lower())]


class Word2Vec(nn.Module):
    """Words and their vectors."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.starts = tuple(map(int, config.periods.split()))
        self.vocabulary: Tensor
        self.register_buffer("vocabulary", torch.zeros(config.letters, dtype=torch.uint8))
        self.vector_of = nn.Parameter(
            torch.empty(config.words, config.dims).uniform_(-0.5 / config.dims, 0.5 / config.dims)
        )
        self.context_of = nn.Parameter(torch.zeros(config.words, config.dims))
        self.offset_of = nn.Parameter(torch.zeros(len(self.starts), config.moving, config.dims))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The known words, the most frequent first."""
        return tuple(bytes(self.vocabulary.tolist()).decode().split("\n")) if self.config.letters else ()

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words)}

    def period(self, year: int) -> int:
        """Return the number of the period that a year is in; the first begins with time."""
        return max(0, sum(start <= year for start in self.starts) - 1)

    def number(self, word: str) -> int:
        """Return a word's place among the known ones.

        Raises:
            UnknownWord: it is not known.
        """
        plain = word.strip().lower().replace("’", "'")
        if plain not in self._numbers:
            near = difflib.get_close_matches(plain, self.words, 3) if len(plain) <= LONGEST else []
            like = f"; spelled most like it: {', '.join(near)}" if near else ""
            raise UnknownWord(
                f"{word.strip()[:LONGEST]!r} is not among the {len(self.words):,} words that the model knows{like}"
            )
        return self._numbers[plain]

    def centres(self, x: Tensor, period: Tensor) -> Tensor:
        """Return v + d of words in periods: numbers of both, of one shape or spread to one, (...) -> (..., dims)."""
        v = F.embedding(x, self.vector_of)
        if not self.config.moving or not self.starts:
            return v
        moves = x < self.config.moving
        d = F.embedding((period * self.config.moving + x).masked_fill(~moves, 0), self.offset_of.flatten(0, 1))
        return v + d * moves[..., None]

    def forward(self, x: Tensor, period: Tensor, reach: Tensor, negatives: Tensor) -> dict[str, Tensor]:
        """Return the mean loss of a pair of near words, with the prior, and without it, in nats.

        Args:
            x: words in a row (B, T), -1 beyond the end.
            period: of each row (B,).
            reach: how many words to either side of each word are near it (B, T).
            negatives: noise words (K,), of which each pair takes the mean, k times.
        """
        there, place = x >= 0, torch.arange(x.shape[1], device=x.device)
        x = x.clamp_min(0)
        v = self.centres(x, period[:, None])
        apart = (place[:, None] - place).abs()
        near = (apart > 0) & (apart <= reach[..., None]) & there[:, None] & there[..., None]
        scores = v @ F.embedding(x, self.context_of).mT  # (B, T, T)
        real = -F.logsigmoid(scores[near]).sum()
        noise = -F.logsigmoid(-v @ F.embedding(negatives, self.context_of).T).mean(-1)  # (B, T)
        pairs = near.sum().clamp_min(1)
        loss = (real + self.config.noise * (near.sum(-1) * noise).sum()) / pairs
        return {"loss": loss + self.config.prior * (self.offset_of**2).sum(), "pairs": loss.detach()}

    def table(self, period: int | None = None) -> Tensor:
        """Return all words' vectors of length 1, (words, dims); `period` None for those of all time."""
        if period is None or not self.starts:
            return F.normalize(self.vector_of, dim=-1)
        return F.normalize(self.centres(torch.arange(self.config.words), torch.tensor(period)), dim=-1)

    def vector(self, word: str, period: int | None = None) -> Tensor:
        """Return a word's vector (dims,); of all time, or as it was in a period, where the word is frequent enough to have one.

        Raises:
            UnknownWord: it is not known.
        """
        number = torch.tensor(self.number(word))
        return self.vector_of[number] if period is None else self.centres(number, torch.tensor(period))

    def nearest(
        self, vector: Tensor, n: int, period: int | None = None, without: Sequence[int] = ()
    ) -> list[tuple[str, float]]:
        """Return the words nearest to a vector (dims,) by the cosine, and these; words of some numbers are left out."""
        cosines = self.table(period) @ F.normalize(vector, dim=-1)
        cosines[list(without)] = -torch.inf
        found = cosines.topk(min(n, max(0, len(cosines) - len(set(without)))))
        return [(self.words[i], value) for i, value in zip(found.indices.tolist(), found.values.tolist(), strict=True)]

    def neighbours(self, word: str | Tensor, n: int = 10, period: int | None = None) -> list[tuple[str, float]]:
        """Return the words nearest to a word, which is left out, or to a vector (dims,): each with its cosine, in the full space.

        Raises:
            UnknownWord: it is not known.
        """
        if isinstance(word, Tensor):
            return self.nearest(word, n, period)
        return self.nearest(self.vector(word, period), n, period, [self.number(word)])

    def analogy(
        self, plus: Sequence[str], minus: Sequence[str], n: int = 10, period: int | None = None
    ) -> list[tuple[str, float]]:
        """Return the words nearest to the sum of some words' vectors less that of others, each of length 1; none of these is an answer.

        Raises:
            UnknownWord: a word is not known.
            ValueError: there is no word.
        """
        signs = [(self.number(word), sign) for given, sign in ((plus, 1.0), (minus, -1.0)) for word in given]
        if not signs:
            raise ValueError("an analogy needs a word, such as king - man + woman")
        table = self.table(period)
        total = sum(sign * table[i] for i, sign in signs)
        return self.nearest(torch.as_tensor(total), n, period, [i for i, _ in signs])


Model = Word2Vec
