"""Speech's network, and its text as pieces and back."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from zoo.models import char_gpt, char_rnn
from zoo.writing import Pen, Sampling, Writes

NONE = -1  # stands for no piece, beyond a text's end
PARTIAL = "\ufffd"  # what bytes decode to that are no whole character


@dataclass(frozen=True)
class Config:
    """Kind and sizes of the network."""

    kind: str = "lstm"
    """'lstm' or 'transformer'"""
    pieces: int = 257
    """how many there are; the first is an address's end, and what stands before its beginning"""
    letters: int = 0
    """bytes of the tokenizer, as the library tokenizers writes it"""
    layers: int = 2
    width: int = 384
    embedding: int = 256
    """numbers of a piece's embedding, of an LSTM; a transformer's are its width"""
    heads: int = 8
    """of a transformer"""
    window: int = 256
    """pieces that one piece attends to in a layer of a transformer"""
    conditions: str = ""
    """what it writes for, as 'speaker: A. Lincoln|B. Obama; decade: 1860|2010'; '' for nothing"""
    withheld: float = 0.25
    """share of texts of which each condition is withheld in training"""
    dropout: float = 0.1


class Speech(Writes, nn.Module):
    """A recurrent network or a transformer over pieces of words."""

    config: Config

    def __init__(self, config: Config = Config()):
        super().__init__()
        if config.kind not in ("lstm", "transformer"):
            raise ValueError(f"kind must be 'lstm' or 'transformer', not {config.kind!r}")
        self.config = config
        self.vocabulary: Tensor
        self.register_buffer("vocabulary", torch.zeros(config.letters, dtype=torch.uint8))
        # Each piece is a character of an alphabet of their own.
        symbols = "".join(map(chr, range(0xF0000, 0xF0000 + config.pieces)))
        self.network: Any
        if config.kind == "lstm":
            sizes: dict[str, Any] = {"layers": config.layers, "width": config.width, "embedding": config.embedding}
            self.network = char_rnn.CharRNN(
                char_rnn.Config(symbols, **sizes, conditions=config.conditions, dropout=config.dropout)
            )
        else:
            sizes = {"layers": config.layers, "width": config.width, "heads": config.heads, "window": config.window}
            self.network = char_gpt.CharGPT(char_gpt.Config(symbols, **sizes, dropout=config.dropout))
            if options := sum(map(len, self.conditions.values())):
                self.network.condition = nn.Linear(options, config.width, bias=False)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Texts to pieces and back."""
        return Tokenizer.from_str(bytes(self.vocabulary.tolist()).decode())

    def encode(self, text: str) -> Tensor:
        """Return a text's pieces, (T,) int64; any text can be encoded."""
        return torch.tensor(self.tokenizer.encode(text).ids, dtype=torch.int64)

    def decode(self, x: Tensor) -> str:
        """Return the text of pieces (T,); an address's end is a blank line."""
        parts, part = [], []
        for i in [*x.tolist(), 0]:
            if i:
                part.append(i)
            else:
                parts.append(self.tokenizer.decode(part))
                part = []
        return "\n\n".join(parts)

    def logits(self, x: Tensor, given: Tensor | None = None) -> Tensor:
        """Return the next pieces' logits at each place of texts (B, T) from their beginning, for what is given: (B, T, pieces)."""
        return self.network.logits(x, given=given)

    def forward(self, x: Tensor, y: Tensor, given: Tensor | None = None) -> dict[str, Tensor]:
        """Return the cross-entropy of the next pieces y (B, T) given x (B, T), nats per piece; conditions are withheld at random in training."""
        if given is not None and self.training:
            given = self.told(given, self.config.withheld)
        return {"loss": F.cross_entropy(self.logits(x, given).flatten(0, 1), y.flatten(), ignore_index=NONE)}

    @torch.inference_mode()
    def bits(self, text: str, given: Tensor | None = None) -> Tensor:
        """Return the surprisal of each piece of an address's text, after those before it: (T,), in bits."""
        x = F.pad(self.encode(text), (1, 0))
        return F.cross_entropy(self.logits(x[None, :-1], given)[0], x[1:], reduction="none") / math.log(2)

    def pen(self, x: Tensor, n: int, *, given: Tensor | None = None) -> Pen:
        """Return what writes n texts on after the pieces x (T,), for what is given, (options,)."""
        return self.network.pen(F.pad(x, (1, 0)), n, given=given)

    @property
    def start(self) -> str:
        """What stands before a text that begins with nothing: nothing."""
        return ""

    def trace(
        self,
        prompt: str,
        length: int,
        *,
        seed: int,
        start: int = 0,
        stop: str = "",
        given: Tensor | None = None,
        **how: Any,
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Write on after a prompt, to the address's end or for `length` pieces: what each adds, and the probabilities (pieces,) that it was drawn from.

        A piece that ends within a character adds nothing; the next one adds the whole. Arguments as `zoo.writing.Writes.trace`.
        """
        ids: list[int] = []
        written = ""
        for (i,), p in self._steps(prompt.rstrip(" "), 1, length, seed, start, given, Sampling(**how)):
            ids.append(i)
            said = self._said(prompt, ids)
            added = "" if said.endswith(PARTIAL) else said[len(written) :]
            yield added, p[0]
            written += added
            if not i or (stop and written.endswith(stop)):
                return

    def sample(
        self, n: int, *, seed: int, prompt: str = "", length: int = 200, given: Tensor | None = None, **how: Any
    ) -> list[str]:
        """Return n continuations of a prompt, of at most `length` pieces, written together; `given` and `how` as `trace`."""
        steps = self._steps(prompt.rstrip(" "), n, length, seed, 0, given, Sampling(**how))
        rows = zip(*(x for x, _ in steps), strict=True)
        return [self._said(prompt, row[: row.index(0) + 1] if 0 in row else row) for row in rows]

    def _said(self, prompt: str, ids: Sequence[int]) -> str:
        """Return what pieces add to a prompt; one that begins a word brings its blank along, which may stand there already."""
        said = self.decode(torch.tensor(ids))
        return said.removeprefix(" ") if prompt.endswith(" ") else said
