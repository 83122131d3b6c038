"""What cards show of word vectors: analogies by category, neighbours of frequent words, and words that moved between periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from train.word2vec.corpus import FEWEST, Corpus
from train.word2vec.questions import Question, questions
from zoo.data import at_hand, glove
from zoo.models.word2vec import Word2Vec
from zoo.tables import Column, Plot, Table

FREQUENT = ["war", "peace", "law", "power", "congress", "president", "money", "trade", "tax", "school", "work", "health", "children", "women", "army", "navy", "union", "freedom", "slavery", "land"]  # fmt: skip
NEAR, COMPANY = 5, 20  # neighbours that are shown, and that are compared
MOVED, LEAST = 24, 40  # words that moved; how often a word must be said in both periods


@dataclass(frozen=True)
class Glove:
    """GloVe's vectors of the words that a model knows too."""

    words: list[str]
    table: Tensor
    """(words, dims), of length 1"""

    @classmethod
    def beside(cls, model: Word2Vec) -> "Glove | None":
        """Return them where GloVe is at hand and has enough of the words, else None."""
        if not at_hand("glove"):
            return None
        words, vectors = glove.load()
        own = set(model.words)
        rows = [i for i, word in enumerate(words) if word in own]
        return (
            cls([words[i] for i in rows], F.normalize(torch.from_numpy(vectors[rows]), dim=-1))
            if len(rows) > FEWEST
            else None
        )

    def nearest(self, n: int) -> tuple[Tensor, Tensor]:
        """Return each word's nearest others, (words, n): their numbers here, and their cosines."""
        cosines = self.table @ self.table.T
        found = cosines.fill_diagonal_(-torch.inf).topk(n)
        return found.indices, found.values


def answered(table: Tensor, words: Sequence[str], asked: dict[str, list[Question]]) -> dict[str, list[int]]:
    """Return at which place, from 1, the right answer to each question comes, by category.

    Args:
        table: vectors of length 1 (words, dims).
    """
    numbers, ranks = {word: i for i, word in enumerate(words)}, {}
    for category, listed in asked.items():
        a, b, c, d = torch.tensor([[numbers[word] for word in question] for question in listed]).T
        scores = (table[b] - table[a] + table[c]) @ table.T
        scores.scatter_(1, torch.stack([a, b, c], 1), -torch.inf)  # the words given are no answers
        ranks[category] = (1 + (scores > scores.gather(1, d[:, None])).sum(1)).tolist()
    return ranks


def share(ranks: Sequence[int], best: int) -> float:
    """Return the share of answers among the best, in %; 0 where nothing was asked."""
    return 100 * sum(rank <= best for rank in ranks) / max(1, len(ranks))


def tables(model: Word2Vec, learnt: Corpus) -> dict[str, Table]:
    """Lay out what was measured of a model that learnt from a corpus; what has no row is left out."""
    known = Glove.beside(model)
    found = {
        "analogies": analogies(model, known),
        "neighbours": neighbours(model, known),
        "moved": moved(model, learnt),
    }
    return {name: table for name, table in found.items() if table.rows}


def analogies(model: Word2Vec, known: Glove | None) -> Table:
    """Lay out the share of analogies that is right, by category."""
    asked = questions(model.words)
    ours = answered(model.table(), model.words, asked)
    theirs = answered(known.table, known.words, asked) if known else {}
    percent = partial(Column, unit="%", format=".0f")
    columns = (
        Column("category"), Column("asked", format=".0f"), percent("right"), percent("among five"), percent("GloVe right"),
        percent("GloVe among five"),
    )  # fmt: skip
    rows = tuple(
        (
            f"{category}, such as {' : '.join(listed[0][:2])} = {' : '.join(listed[0][2:])}", float(len(listed)),
            *(share(ours[category], best) for best in (1, 5)), *(share(theirs[category], best) if known else None for best in (1, 5)),
        )
        for category, listed in asked.items()
    )  # fmt: skip
    said = (
        "Made of pairs of words that are listed in `train/word2vec/questions.py`, our own, in the manner of Mikolov's question-words; "
        "half of the pairs served the choice of settings and are not asked here. The three words given are no answers. "
        "GloVe answers among the same words, as far as it has them."
    )
    return Table("Analogies", said, columns, rows, (Plot("dots", ("category", "right"), "right, %"),))


def neighbours(model: Word2Vec, known: Glove | None) -> Table:
    """Lay out the nearest words of frequent words."""
    near = known.nearest(NEAR)[0] if known else None

    def theirs(word: str) -> str:
        if known is None or near is None or word not in known.words:
            return ""
        return ", ".join(known.words[i] for i in near[known.words.index(word)].tolist())

    rows = tuple(
        (word, ", ".join(w for w, _ in model.neighbours(word, NEAR)), theirs(word))
        for word in FREQUENT
        if word in model.words
    )
    said = "The five nearest by the cosine, the nearest first; GloVe's of the words that both know."
    return Table("Neighbours", said, (Column("word"), Column("here"), Column("GloVe")), rows)


def moved(model: Word2Vec, learnt: Corpus) -> Table:
    """Lay out the words that changed company most between the first and the last period, of those that both have often."""
    columns = (
        Column("word"), Column(f"in common, of {COMPANY}", format=".0f"), Column("cosine", format=".2f"), Column("at first"),
        Column("at last"),
    )  # fmt: skip
    first, last = 0, len(model.starts) - 1
    rows: list[tuple[str, float, float, str, str]] = []
    if last > 0:
        counts = learnt.by_period(model.config.words, last + 1)[:, : model.config.moving]
        then, now = (model.table(period) for period in (first, last))
        for i in (counts[[first, last]] >= LEAST).all(0).nonzero()[:, 0].tolist():
            near = [[w for w, _ in model.neighbours(model.words[i], COMPANY, period)] for period in (first, last)]
            both, cosine = len(set(near[0]) & set(near[1])), float(then[i] @ now[i])
            rows.append((model.words[i], float(both), cosine, *(", ".join(words[:NEAR]) for words in near)))
    rows = sorted(rows, key=lambda row: row[1:3])[:MOVED]
    said = (
        f"The words of whose {COMPANY} nearest the fewest are the same in the first period and in the last ({' and '.join(map(str, model.starts[:: max(1, last)]))} on), "
        f"of those said {LEAST} times or more in both; and the nearest then."
    )
    return Table("Words that moved", said, columns, tuple(rows))
