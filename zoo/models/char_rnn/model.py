"""char-RNN's network, what it writes for, and how likely it finds a text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.models.char_rnn.writing import Pen
from zoo.writing import Writes

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
NONE = -1  # stands for no character, beyond a line's end


@dataclass(frozen=True)
class Config:
    """Kind and sizes of the network."""

    chars: str = "\nabcdefghijklmnopqrstuvwxyz"
    """all characters that it knows, in order"""
    cell: str = "lstm"
    """'rnn', 'gru' or 'lstm'"""
    layers: int = 1
    width: int = 256
    """numbers of a layer's state"""
    embedding: int = 64
    """numbers of a character's embedding"""
    conditions: str = ""
    """what it writes for, as 'gender: f|m; origin: US|India'; '' for nothing"""
    dropout: float = 0.0
    """share of numbers dropped in training: of the embedding, between layers, and before the last matrix"""
    withheld: float = 0.25
    """share of texts of which each condition is withheld in training"""
    tell: float = 0.0
    """in training, the weight of -log p(option | line) of the first condition, in nats per line, beside the surprisal of a character"""


class CharRNN(Writes, nn.Module):
    """A recurrent network over characters."""

    config: Config

    def __init__(self, config: Config = Config()):
        super().__init__()
        if config.cell not in CELLS:
            raise ValueError(f"cell must be one of {', '.join(CELLS)}, not {config.cell!r}")
        self.config = config
        self.embedding = nn.Embedding(len(config.chars), config.embedding)
        options = sum(map(len, self.conditions.values()))
        self.condition = nn.Linear(options, config.embedding, bias=False) if options else None
        self.cells: Any = nn.ModuleList(
            CELLS[config.cell](config.width if i else config.embedding, config.width, batch_first=True)
            for i in range(config.layers)
        )
        self.head = nn.Linear(config.width, len(config.chars))
        self.dropout = nn.Dropout(config.dropout)

    def states(self, x: Tensor, given: Tensor | None = None, state: Any = None) -> tuple[Tensor, list[Any]]:
        """Return the last layer's states after each character, and all layers' states after the last, to go on with.

        Args:
            x: (B, T) character numbers.
            given: (options,) or (B, options), what it is written for; None withholds all.
            state: of an earlier part of the texts; None at their beginning.

        Returns:
            (B, T, width), and for each layer h, or h and c, (1, B, width) each.
        """
        e = self.embedding(x)
        if given is not None and self.condition:
            e = e + self.condition(given).expand(len(x), -1)[:, None]
        h, last = self.dropout(e), []
        for cell, before in zip(self.cells, state or [None] * self.config.layers, strict=True):
            h, after = cell(h, before)
            h = self.dropout(h)
            last.append(after)
        return h, last

    def logits(self, x: Tensor, given: Tensor | None = None) -> Tensor:
        """Return the next characters' logits at each place of texts from their beginning: (B, T, chars); arguments as `states`."""
        return self.head(self.states(x, given)[0]).float()

    def forward(self, x: Tensor, y: Tensor, given: Tensor | None) -> dict[str, Tensor]:
        """Return the cross-entropy of the next characters y (B, T) given x (B, T), nats per character; where y is negative none is asked.

        In training each condition of `given`, (B, options), is withheld at random, and with `tell` the loss has a second part.
        """
        if given is not None and self.training:
            given = self.told(given, self.config.withheld)
        nats = self.surprisal(x, y, given)
        loss = surprisal = nats.sum() / (y >= 0).sum()
        if given is not None and self.training and self.config.tell:
            loss = loss + self.config.tell * self.mistaken(x, y, given, nats.sum(1))
        return {"loss": loss, "surprisal": surprisal.detach()}

    def surprisal(self, x: Tensor, y: Tensor, given: Tensor | None = None) -> Tensor:
        """Return -log p of each next character y (B, T) given x (B, T), in nats; 0 where y is negative."""
        return F.cross_entropy(self.logits(x, given).transpose(1, 2), y, ignore_index=NONE, reduction="none")

    def mistaken(self, x: Tensor, y: Tensor, given: Tensor, nats: Tensor) -> Tensor:
        """Return -log p of the first condition's option by Bayes' rule, each as likely as the others before: mean over the lines it is given of.

        Args:
            nats: (B,) the lines' surprisal for what is given.
        """
        options = len(next(iter(self.conditions.values())))
        told, own = given[:, :options].max(1)
        others = []
        for step in range(1, options):
            other = F.one_hot((own + step) % options, options).to(given)
            others.append(-self.surprisal(x, y, torch.cat([other, given[:, options:]], 1)).sum(1))
        apart = torch.stack([-nats, *others], 1).log_softmax(1)[:, 0]
        return -(apart * told).sum() / told.sum().clamp(min=1)

    @torch.inference_mode()
    def bits(self, text: str, given: Tensor | None = None) -> Tensor:
        """Return the surprisal of each character of a text, after a line's start and those before it: (T,), in bits."""
        x = self.encode(self.start + text)
        return F.cross_entropy(self.logits(x[None, :-1], given)[0], x[1:], reduction="none") / math.log(2)

    @torch.inference_mode()
    def trail(self, text: str, given: Tensor | None = None) -> Tensor:
        """Return the last layer's cells, or states where it has no cells, after each character of a text: (T, width)."""
        x = self.encode(text).numpy()
        pen = self.pen(self.encode(self.start), 1, given=given)
        found = []
        for i in x:
            pen.step(np.array([i]))
            found.append((pen.c or pen.h)[-1][0])
        return torch.from_numpy(np.array(found).reshape(len(x), -1))

    @torch.inference_mode()
    def likelihoods(self, lines: Sequence[str], given: Tensor | None = None) -> Tensor:
        """Return log p of whole lines with their ends, (B,), in nats; `given` (options,) or (B, options)."""
        x, y = self.lines(lines)
        return -self.surprisal(x, y, given).sum(1)

    def lines(self, lines: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return what is read of lines and what comes next, (B, T) each: from the end of the line before to their own; beyond that `NONE`."""
        whole = [self.encode(f"{self.start}{line}{self.start}") for line in lines]
        padded = nn.utils.rnn.pad_sequence(whole, batch_first=True, padding_value=NONE)
        return padded[:, :-1].clamp(min=0), padded[:, 1:]

    def pen(self, x: Tensor, n: int, *, given: Tensor | None = None) -> Pen:
        """Return what writes n texts on after the characters x (T,), for what is given, (options,) or (n, options)."""
        return Pen(self, x, n, given)
