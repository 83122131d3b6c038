"""ClassicalText: TF-IDF, texts as bags of words and of pieces of words, and a linear model over them, read without the library it was fitted with.

How often a term t stands in a text counts for more the fewer of the N texts have it (Spärck Jones 1972, doi:10.1108/eb026526):

    x_t = f(count of t) (1 + log((1 + N) / (1 + texts with t))),   x / |x|,   d = W x + b,   p(y | text) = softmax(s d + c)

in one block for words, one for pieces of words; f(n) is n or 1 + log n. s and c make log-odds of the decisions d (Platt 1999), fitted on
texts that W had not seen. Terms and numbers are scikit-learn's, whose vectorisers and models gave them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

PAPER = "doi:10.1108/eb026526"
TASK, TAKES, MAKES = "classify", ("text",), "label"
USE = 'probabilities = model.classify(["Call me when you are home"])  # (1, classes)'
PICTURES: dict[str, str] = {}
WORD = re.compile(r"(?u)\b\w\w+\b")


@dataclass(frozen=True)
class Config:
    """What terms there are, and how they are counted."""

    words: str = "1 2"
    """least and most words of a term; '' where there are no such terms"""
    pieces: str = "2 5"
    """least and most characters of a piece of a word, its ends counted; '' where there are no such terms"""
    word_terms: int = 0
    """how many terms of words"""
    piece_terms: int = 0
    letters: int = 0
    """bytes of all terms, one a line"""
    sublinear: bool = True
    """whether f(n) is 1 + log n, else n"""
    inverse: bool = True
    """whether terms are weighted by how few texts have them, and texts have length 1; else a term counts as often as it stands there"""
    classifier: str = "linear SVC"
    """what found W; see train/classical_text.py"""
    classes: int = 2


def word_terms(text: str, least: int, most: int) -> Iterator[str]:
    """Give the words of a text in lower case, of two characters or more, and what they make in a row."""
    tokens = WORD.findall(text.lower())
    for n in range(least, most + 1):
        for i in range(len(tokens) - n + 1):
            yield " ".join(tokens[i : i + n])


def piece_terms(text: str, least: int, most: int) -> Iterator[str]:
    """Give the pieces of a text's words in lower case; a word has a blank on either side, and a short one is a piece itself, once."""
    for word in text.lower().split():
        word = f" {word} "
        for n in range(least, most + 1):
            yield word[:n]
            yield from (word[i : i + n] for i in range(1, len(word) - n + 1))
            if n >= len(word):
                break


class ClassicalText(nn.Module):
    """The face that all models here have, over terms and a matrix."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.terms: Tensor
        self.idf: Tensor
        terms, rows = config.word_terms + config.piece_terms, 1 if config.classes == 2 else config.classes
        self.register_buffer("terms", torch.zeros(config.letters, dtype=torch.uint8))
        self.register_buffer("idf", torch.ones(terms))
        self.weight, self.bias = (nn.Parameter(torch.zeros(*shape)) for shape in ((terms, rows), (rows,)))
        self.scale, self.shift = nn.Parameter(torch.ones(rows)), nn.Parameter(torch.zeros(rows))

    @cached_property
    def _known(self) -> tuple[dict[str, int], dict[str, int], np.ndarray, np.ndarray, np.ndarray]:
        found = bytes(self.terms.tolist()).decode().split("\n") if self.config.letters else []
        if len(found) != len(self.idf):
            raise ValueError(f"{len(found):,} terms do not go with {len(self.idf):,} weights: restore the checkpoint")
        cut = self.config.word_terms
        words, pieces = ({term: i for i, term in enumerate(part)} for part in (found[:cut], found[cut:]))
        idf, weight, bias = (x.detach().double().numpy() for x in (self.idf, self.weight, self.bias))
        return words, pieces, idf, weight, bias

    def features(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the terms that a text has (T,), and their x (T,) float64."""
        words, pieces, idf, _, _ = self._known
        places, values = [], []
        for rule, known, make, first in (
            (self.config.words, words, word_terms, 0), (self.config.pieces, pieces, piece_terms, self.config.word_terms),
        ):  # fmt: skip
            if not rule:
                continue
            least, most = map(int, rule.split())
            counts = Counter(known[term] for term in make(text, least, most) if term in known)
            at = np.fromiter(counts, np.int64, len(counts)) + first
            x = np.fromiter(counts.values(), np.float64, len(counts))
            x = 1 + np.log(x) if self.config.sublinear else x
            if self.config.inverse:
                x = x * idf[at]
                x = x / max(float(np.sqrt((x**2).sum())), 1e-300)
            places.append(at)
            values.append(x)
        return np.concatenate(places), np.concatenate(values)

    def decision(self, texts: Sequence[str]) -> np.ndarray:
        """Return the decisions d on texts: (B, 1) for two classes, above 0 for the second, else (B, classes); float64."""
        _, _, _, weight, bias = self._known
        found = [(x[:, None] * weight[at]).sum(0) for at, x in map(self.features, texts)]
        return np.array(found).reshape(len(found), len(bias)) + bias

    def logits(self, texts: Sequence[str]) -> Tensor:
        """Return logits (B, classes) float32 of texts; of two classes their difference is the log-odds of the second."""
        d = torch.from_numpy(self.decision(texts)) * self.scale + self.shift
        return (torch.cat([-d / 2, d / 2], 1) if self.config.classes == 2 else d).float()

    def forward(self, lines: Tensor) -> Tensor:
        """Return logits (B, classes) of texts given as the bytes of their UTF-8, one a line, (N,) uint8."""
        return self.logits(bytes(lines.tolist()).decode().split("\n"))

    def classify(self, texts: Sequence[str]) -> Tensor:
        """Return class probabilities (B, classes) of texts."""
        return self.logits(texts).softmax(-1)


Model = ClassicalText
