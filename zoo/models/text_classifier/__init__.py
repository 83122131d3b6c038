"""TextClassifier: networks that read a text word by word, recurrent (doi:10.1162/neco.1997.9.8.1735) or convolutional (arXiv 1408.5882).

What differs between them is how the words' vectors e become states h; the rest is shared:

    e_t = [G[word t], E[word t] + S[its shape] + mean of P over its pieces],   h = recurrent(e) or convolution(e)
    p(y | text) = softmax(W pool(h) + b)

Padding never reaches what is pooled: a recurrent network has it behind the text, whichever end it begins at, and states beyond the text
are not looked at. `padded=True` lets it, as many notebooks do: the last state is then that of hundreds of blanks, the same after any text.
Departures: pieces of words (arXiv 1607.04606) tell of words that were not learnt, and of numbers; the pool is the largest of each number
over the text and its mean, not the last state, unless `pool` says so; several networks of different seeds may answer together (`members`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from zoo.models.text_classifier.words import SHAPES, Word, shape, spelled, tokens

PAPER = "doi:10.1162/neco.1997.9.8.1735"
TASK, TAKES, MAKES = "classify", ("text",), "label"
USE = 'probabilities = model.classify(["Call me when you are home"])  # (1, classes)'
PICTURES: dict[str, str] = {}
BLANK, UNKNOWN = 0, 1  # numbers of no word, and of a word that is not known
TOGETHER = 32  # texts that are padded to one length


@dataclass(frozen=True)
class Config:
    """Kind and sizes of the network."""

    kind: str = "lstm"
    """'rnn', 'lstm' or 'cnn'"""
    both: bool = True
    """whether a recurrent network also reads from the end"""
    layers: int = 1
    """of a recurrent network"""
    widths: str = "3 4 5"
    """words that a convolution sees at a time"""
    pool: str = "max mean"
    """of the states the 'max' and 'mean' over the text, or the 'last' (of a recurrent network); mean of the 'words' vectors"""
    words: int = 0
    """how many words are known"""
    own: int = 0
    """of these, the first, which have a vector E; the rest have G alone"""
    letters: int = 0
    """bytes of these words, one a line"""
    given: int = 0
    """numbers of a word's vector G that training does not change; 0 for none"""
    embedding: int = 64
    """numbers of a word's vector E"""
    buckets: int = 4096
    """vectors P for pieces of words, which share them by a hash; 0 for none"""
    digits: int = 0
    """so many digits a number begins with are pieces of it"""
    states: int = 96
    """numbers of a state in each direction, or filters of each width"""
    classes: int = 2
    members: int = 1
    """networks, trained from different seeds, whose log-probabilities are averaged"""
    drop: float = 0.4
    """share of numbers that are left out in training"""
    forget: float = 0.15
    """share of words whose vector E is left out in training, so that shape and pieces must do"""
    lose: float = 0.0
    """share of words that are left out whole in training"""
    most: int = 512
    """words of a text that are read; what follows is not"""


class Network(nn.Module):
    """Words to logits."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        e, h = config.given + config.embedding, config.states
        self.embed = nn.Embedding(config.own + 2, config.embedding, padding_idx=BLANK)
        self.shape = nn.Embedding(SHAPES, config.embedding)
        self.pieces = nn.EmbeddingBag(max(1, config.buckets), config.embedding, mode="mean")
        if config.kind == "cnn":
            widths = [int(n) for n in config.widths.split()]
            self.read = nn.ModuleList(
                nn.Linear(n * e, h) for n in widths
            )  # a convolution, as the product that is soonest here
            states = h * len(widths)
        else:
            kind, states = (nn.LSTM if config.kind == "lstm" else nn.RNN), h * (1 + config.both)
            self.read = nn.ModuleList(
                nn.ModuleList(kind(states if layer else e, h, batch_first=True) for _ in range(1 + config.both))
                for layer in range(config.layers)
            )
        kept = sum(e if way == "words" else states for way in config.pool.split())
        self.head = nn.Linear(kept, config.classes)

    def drop(self, x: Tensor) -> Tensor:
        """Leave numbers out, in training."""
        return F.dropout(x, self.config.drop, self.training)

    def vectors(self, batch: "Batch", given: Tensor) -> Tensor:
        """Return the vectors e of a batch's distinct words: (U, given + embedding)."""
        learnt = batch.numbers.where(batch.numbers < self.embed.num_embeddings, UNKNOWN)
        if self.training:
            gone = torch.rand(learnt.shape, device=learnt.device) < self.config.forget
            learnt = learnt.masked_fill(gone & (learnt != BLANK), UNKNOWN)
        x = self.embed(learnt) + self.shape(batch.shapes)
        if self.config.buckets:
            x = x + self.pieces(batch.pieces, batch.offsets)
        return torch.cat([given[batch.numbers], x], 1)

    def states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Map vectors (B, T, given + embedding) to states (B, T, states), which beyond a text's end mean nothing."""
        if self.config.kind == "cnn":
            found = []
            for width, filters in zip(map(int, self.config.widths.split()), self.read, strict=True):
                wide = F.pad(x, (0, 0, width // 2, width - 1 - width // 2))
                found.append(filters(torch.cat([wide[:, i : i + x.shape[1]] for i in range(width)], -1)))
            return torch.cat(found, -1).relu()
        time = torch.arange(x.shape[1], device=x.device)
        turned = torch.where(time < lengths[:, None], lengths[:, None] - 1 - time, time)[
            ..., None
        ]  # the text turned round
        layers: Any = self.read
        for i, (onward, *back) in enumerate(layers):
            x = self.drop(x) if i else x
            h = onward(x)[0]
            if back:
                other = back[0](x.gather(1, turned.expand_as(x)))[0]
                h = torch.cat([h, other.gather(1, turned.expand_as(other))], -1)
            x = h
        return x

    def pool(self, x: Tensor, h: Tensor, lengths: Tensor) -> Tensor:
        """Return what is kept of texts' vectors (B, T, given + embedding) and states (B, T, states), one way after the other: (B, kept)."""
        within = (torch.arange(h.shape[1], device=h.device) < lengths[:, None])[..., None]
        last, size = (lengths - 1)[:, None, None].expand(-1, 1, h.shape[-1]), self.config.states
        kept = []
        for way in self.config.pool.split():
            if way == "max":
                kept.append(h.masked_fill(~within, -torch.inf).amax(1))
            elif way == "mean":
                kept.append((h * within).sum(1) / lengths[:, None])
            elif way == "words":
                kept.append((x * within).sum(1) / lengths[:, None])
            else:  # read from the end, the first is the last
                kept.append(torch.cat([h.gather(1, last)[:, 0, :size], h[:, 0, size:]], 1))
        return torch.cat(kept, 1)

    def forward(self, batch: "Batch", given: Tensor) -> Tensor:
        """Return logits (B, classes); texts of like length are read together."""
        there = batch.mask * (torch.rand_like(batch.mask) >= self.config.lose) if self.training else batch.mask
        x = self.drop(self.vectors(batch, given))[batch.places] * there[..., None]
        order = batch.lengths.argsort()
        kept = []
        for rows in order.chunk(max(1, len(order) // TOGETHER)):
            lengths = batch.lengths[rows]
            part = x[rows, : int(lengths[-1])]
            kept.append(self.pool(part, self.states(part, lengths).float(), lengths))
        return self.head(self.drop(torch.cat(kept)[order.argsort()])).float()


class TextClassifier(nn.Module):
    """Texts to classes, by one network or by several together."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        if config.kind not in ("rnn", "lstm", "cnn") or not set(config.pool.split()) <= {
            "max",
            "mean",
            "last",
            "words",
        }:
            raise ValueError("kind must be 'rnn', 'lstm' or 'cnn', and pool of 'max', 'mean', 'last', 'words'")
        self.config = config
        self.vocabulary: Tensor
        self.given: Tensor
        self.register_buffer("vocabulary", torch.zeros(config.letters, dtype=torch.uint8))
        self.register_buffer("given", torch.zeros(config.words + 2, config.given))
        self.networks = nn.ModuleList(Network(config) for _ in range(config.members))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        known = bytes(self.vocabulary.tolist()).decode().split("\n") if self.config.letters else []
        return {word: i + 2 for i, word in enumerate(known)}

    def word(self, word: str) -> Word:
        """Return how a word is seen."""
        own = spelled(word, self.config.buckets, self.config.digits)
        return Word(self._numbers.get(word.lower(), UNKNOWN), shape(word), own)

    def encode(self, text: str) -> list[Word]:
        """Return a text's words, at least one, a blank."""
        return [self.word(word) for word, _, _ in tokens(text)[: self.config.most]] or [Word(BLANK, SHAPES - 1, ())]

    def scores(self, batch: "Batch") -> Tensor:
        """Return logits (B, classes) of texts: the mean log-probability of all networks."""
        return torch.stack([network(batch, self.given).log_softmax(-1) for network in self.networks]).mean(0)

    def logits(self, texts: Sequence[str], *, padded: int = 0) -> Tensor:
        """Return logits (B, classes) of texts; with `padded` all are as long as the longest, or that long, by blanks that count as words."""
        return self.scores(Batch.of([self.encode(text) for text in texts], padded=padded))

    def lines(self, lines: Tensor) -> Tensor:
        """Return logits (B, classes) of texts given as the bytes of their UTF-8, one a line, (N,) uint8."""
        return self.logits(bytes(lines.tolist()).decode().split("\n"))

    def classify(self, texts: Sequence[str]) -> Tensor:
        """Return class probabilities (B, classes) of texts."""
        return self.logits(texts).softmax(-1)

    def forward(self, batch: "Batch", y: Tensor) -> dict[str, Tensor]:
        """Return the networks' mean cross-entropy in nats per text, and the share that they classify right."""
        logits = [network(batch, self.given) for network in self.networks]
        loss = torch.stack([F.cross_entropy(one, y) for one in logits]).mean()
        accuracy = torch.stack([(one.argmax(-1) == y).float().mean() for one in logits]).mean()
        return {"loss": loss, "accuracy": accuracy.detach()}


@dataclass(frozen=True)
class Batch:
    """Texts as numbers: their U distinct words, and where each stands."""

    places: Tensor
    """(B, T) numbers of distinct words; beyond a text's end 0"""
    lengths: Tensor
    """(B,)"""
    mask: Tensor
    """(B, T), 1 within the texts"""
    numbers: Tensor
    """(U,)"""
    shapes: Tensor
    """(U,)"""
    pieces: Tensor
    """all distinct words' pieces, one after the other"""
    offsets: Tensor
    """(U,) where each word's begin"""

    @classmethod
    def of(cls, texts: Sequence[Sequence[Word]], *, padded: int = 0) -> "Batch":
        """Put texts of one word or more together; with `padded` all count as long as the longest, or that long."""
        distinct: dict[Word, int] = {}
        places = [torch.tensor([distinct.setdefault(word, len(distinct)) for word in text]) for text in texts]
        lengths = torch.tensor([len(text) for text in texts])
        longest = max(padded, int(lengths.max()))
        mask = (torch.arange(longest) < lengths[:, None]).float()
        filled = F.pad(pad_sequence(places, batch_first=True), (0, longest - int(lengths.max())))
        counts = torch.tensor([len(word.pieces) for word in distinct])
        numbers = torch.tensor([word.number for word in distinct])
        return cls(
            filled, torch.full_like(lengths, longest) if padded else lengths, mask, numbers,
            torch.tensor([word.shape for word in distinct]), torch.tensor([piece for word in distinct for piece in word.pieces], dtype=torch.long),
            counts.cumsum(0) - counts,
        )  # fmt: skip


Model = TextClassifier
