"""char-n-gram: how often each character followed the few before it, smoothed (Kneser and Ney 1995, doi:10.1109/ICASSP.1995.479394).

A context that was seen gives up a share of its counts, a discount D of each, to what one character less of context says:

    p_n(x | c) = (count(c x) - D) / count(c .) + (discounts given up / count(c .)) p_{n-1}(x | c without its first),   p_0 = 1 / characters

Below the longest context a count is of how many different characters stood before, not of how often (that is their point: "Francisco" is
frequent, and follows one word). D is one of three for counts of 1, 2 and more (Chen and Goodman 1999, doi:10.1006/csla.1999.0128).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.writing import Writes

PAPER = "doi:10.1109/ICASSP.1995.479394"
TASK, TAKES, MAKES = "generate", ("prompt",), "text"
USE = """print(model.write("a", 200, seed=3))  # 200 characters more"""
PICTURES: dict[str, str] = {}


@dataclass(frozen=True)
class Config:
    """Characters, longest context, and how many n-grams there are."""

    chars: str = "\nabcdefghijklmnopqrstuvwxyz"
    """all characters that it knows, in order"""
    order: int = 6
    """characters of the longest n-gram: the context and what follows"""
    grams: str = "0 0 0 0 0 0"
    """how many n-grams of 1, 2, ... characters are kept"""


class CharNgram(Writes, nn.Module):
    """Counts of n-grams, as sorted numbers: in base `chars`, so that all that follows a context stands together.

    Without any, all characters are as likely as each other.
    """

    config: Config
    grams_1: Tensor

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        sizes = [int(n) for n in config.grams.split()]
        if len(sizes) != config.order or len(config.chars) ** config.order >= 2**63:
            raise ValueError(
                f"{config.order} numbers of n-grams are needed, and characters in 63 bits; not {config.grams!r}"
            )
        self.discounts = nn.Parameter(torch.zeros(config.order, 3))
        for n, size in enumerate(sizes, 1):
            self.register_buffer(f"grams_{n}", torch.zeros(size, dtype=torch.int64))
            self.register_buffer(f"counts_{n}", torch.zeros(size, dtype=torch.int32))

    @cached_property
    def _sums(self) -> list[Tensor]:
        """Return, for each length, what the n-grams before each place count together, and the discounts that they give up: (N + 1, 2)."""
        counts = [getattr(self, f"counts_{n}") for n in range(1, self.config.order + 1)]
        given_up = [d.double()[(c - 1).clamp(0, 2)] for c, d in zip(counts, self.discounts, strict=True)]
        found = [torch.stack([c.double(), d], 1).cumsum(0) for c, d in zip(counts, given_up, strict=True)]
        return [F.pad(x, (0, 0, 1, 0)) for x in found]

    def probability(self, contexts: Tensor, x: Tensor) -> Tensor:
        """Return p(x | context).

        Args:
            contexts: (..., order - 1) numbers of the characters before; what is not known, at the beginning, is negative.
            x: numbers of characters; its shape and (...) are broadcast.
        """
        chars = len(self.config.chars)
        p = torch.full(torch.broadcast_shapes(contexts.shape[:-1], x.shape), 1 / chars, dtype=torch.float64)
        for n in range(1, 1 + self.config.order if len(self.grams_1) else 1):
            grams, counts = getattr(self, f"grams_{n}"), getattr(self, f"counts_{n}").long()
            place = chars ** torch.arange(n - 1, 0, -1)
            before = contexts[..., self.config.order - n :]
            context = (before * place).sum(-1)
            first, end = (torch.searchsorted(grams, context + more) for more in (0, chars))
            total, given_up = (self._sums[n - 1][end] - self._sums[n - 1][first]).unbind(-1)
            gram = context + x
            at = torch.searchsorted(grams, gram).clamp(max=len(grams) - 1)
            count = counts[at] * (grams[at] == gram)
            own = (count - self.discounts[n - 1].double()[(count - 1).clamp(0, 2)]).clamp(min=0)
            p = torch.where((total > 0) & (before >= 0).all(-1), (own + given_up * p) / total.clamp(min=1), p)
        return p

    def logits(self, x: Tensor) -> Tensor:
        """Return log p of the next characters at each place of texts x (B, T): (B, T, chars).

        With a line's end before it a text is at its beginning; else nothing is known of what stood before.
        """
        return self.probability(self._contexts(x)[:, :, None], torch.arange(len(self.config.chars))).log().float()

    def following(self, x: Tensor, **given: Any) -> Tensor:
        """Return log p of what comes after texts x (B, T): (B, chars)."""
        return self.logits(x[:, -max(1, self.config.order - 1) :])[:, -1]

    def _contexts(self, x: Tensor) -> Tensor:
        """Return what stands before what comes next at each place of x (B, T): (B, T, order - 1)."""
        start, before = self.encode(self.start), self.config.order - 1
        filled = torch.cat([torch.where(x[:, :1] == start, start, -1).expand(-1, before), x], 1)
        return filled[:, 1:].unfold(1, before, 1)

    @torch.inference_mode()
    def bits(self, text: str) -> Tensor:
        """Return the surprisal of each character of a text, after a line's start and those before it: (T,), in bits."""
        x = self.encode(self.start + text)
        return -self.probability(self._contexts(x[None, :-1])[0], x[1:]).log2().float()

    def pen(self, x: Tensor, n: int, *, given: Tensor | None = None) -> "Pen":
        """Return what writes n texts on after the characters x (T,)."""
        return Pen(self, x, n)


class Pen:
    """Some texts that go on from one prompt."""

    def __init__(self, model: CharNgram, prompt: Tensor, n: int):
        self.model = model
        self.context = model._contexts(prompt[None])[0, -1].expand(n, -1)
        self.step_on()

    def step_on(self) -> None:
        chars = torch.arange(len(self.model.config.chars))
        self.logits = self.model.probability(self.context[:, None], chars).log().numpy()

    def step(self, x: np.ndarray) -> None:
        """Take in the next characters (n,), and look up what came after them."""
        self.context = torch.cat([self.context[:, 1:], torch.from_numpy(x)[:, None]], 1)
        self.step_on()


Model = CharNgram
