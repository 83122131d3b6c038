"""What decided a reader of texts: how much surer or less sure it is of its answer without each word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.models.text_classifier import Batch, Network, TextClassifier
from zoo.models.text_classifier.words import tokens

MOST = 200  # words that are left out
WORK = (
    200_000  # characters that are read at most to leave words out, so that any text is answered within a second or two
)
LETTERS = 5  # characters that a word counts as at least


class Reader(Protocol):
    """A model that reads texts."""

    def logits(self, texts: Sequence[str]) -> Tensor:
        """Return logits (B, classes) of texts."""


@dataclass(frozen=True)
class Verdict:
    """What a reader makes of a text."""

    probabilities: tuple[float, ...]
    """one for each class"""
    log_odds: tuple[float, ...]
    """of each class against all others, nats"""
    spans: tuple[tuple[int, int], ...]
    """where each word begins and ends"""
    changes: tuple[float, ...]
    """how much each word adds to the log-odds of the likeliest class, nats: theirs with it less theirs without it"""

    @property
    def label(self) -> int:
        """The likeliest class."""
        return max(range(len(self.log_odds)), key=self.log_odds.__getitem__)


def words(text: str) -> list[tuple[int, int]]:
    """Return where each word, number and mark of a text begins and ends."""
    return [(start, end) for _, start, end in tokens(text)]


def without(text: str, span: tuple[int, int]) -> str:
    """Return a text with a blank in place of a word."""
    start, end = span
    return f"{text[:start]} {text[end:]}"


def odds(logits: Tensor) -> Tensor:
    """Return the log-odds of each class against all others, nats, of logits (B, classes): (B, classes)."""
    itself = torch.eye(logits.shape[1], dtype=torch.bool)
    return logits - logits[:, None].masked_fill(itself, -torch.inf).logsumexp(2)


@torch.inference_mode()
def verdict(model: Reader, text: str, *, most: int = MOST) -> Verdict:
    """Read a text, and again without each of its first words.

    Args:
        most: words that are left out, each by itself; fewer in texts of over a thousand characters. The others' changes are 0.
    """
    spans = words(text)
    out = spans[: min(most, WORK // max(1, len(text), LETTERS * len(spans)))]
    told = odds(_logits(model, text, spans, len(out)))
    label = int(told[0].argmax())
    changes = (told[0, label] - told[1:, label]).tolist() + [0.0] * (len(spans) - len(out))
    return Verdict(tuple(told[0].sigmoid().tolist()), tuple(told[0].tolist()), tuple(spans), tuple(changes))


def _logits(model: Reader, text: str, spans: list[tuple[int, int]], out: int) -> Tensor:
    """Return logits (1 + out, classes) of a text, and of it without each of its first words."""
    if isinstance(model, TextClassifier) and 1 < len(spans) <= model.config.most:
        found = model.encode(text)  # once: what lacks a word has all others as they are
        if model.config.kind == "cnn":
            batch, networks = Batch.of([found]), cast(list[Network], model.networks)
            vectors = [network.vectors(batch, model.given)[batch.places[0]] for network in networks]
            each = [_gaps(network, x, out).log_softmax(-1) for network, x in zip(networks, vectors, strict=True)]
            return torch.stack(each).mean(0)
        return model.scores(Batch.of([found, *(found[:i] + found[i + 1 :] for i in range(out))]))
    return model.logits([text, *(without(text, span) for span in spans[:out])])


def _gaps(network: Network, x: Tensor, out: int) -> Tensor:
    """Return logits (1 + out, classes) of a convolution on words' vectors (T, D), and on them without each of the first.

    Only the windows that lie over the gap are computed anew; before and after it they are those of the whole text.
    """
    count, gone = len(x), torch.arange(out)
    largest, sums = [], []
    convolutions: Any = network.read
    for width, filters in zip(map(int, network.config.widths.split()), convolutions, strict=True):
        first = width // 2  # blanks before the text
        padded = F.pad(x, (0, 0, first, width - 1 - first))
        whole = filters(padded.unfold(0, width, 1).transpose(1, 2).flatten(1)).relu()  # (T, filters)
        gap = (gone + first)[:, None]
        starts = gap - width + 1 + torch.arange(width - 1)  # of the windows over each gap: (out, width - 1)
        there = ((starts >= 0) & (starts < count - 1))[..., None]
        at = (starts.clamp(0, count - 2)[..., None] + torch.arange(width)).flatten(1)
        windows = padded[at + (at >= gap)].view(out * (width - 1), width * x.shape[1])
        over = filters(windows).relu().view(out, width - 1, whole.shape[1])
        none = whole.new_full((1, whole.shape[1]), -torch.inf)
        before, after = (
            (gap[:, 0] - width + 1).clamp(0),
            (gap[:, 0] + 1).clamp(max=count),
        )  # windows wholly before, and from where after
        up_to = torch.cat([none, whole.cummax(0)[0]])[before]
        from_on = torch.cat([whole.flip(0).cummax(0)[0].flip(0), none])[after]
        anew = torch.cat([over.masked_fill(~there, -torch.inf), none.expand(out, 1, -1)], 1).amax(1)
        largest.append(torch.cat([whole.amax(0)[None], torch.stack([up_to, from_on, anew]).amax(0)]))
        total = torch.cat([torch.zeros_like(none), whole.cumsum(0)])
        sums.append(torch.cat([total[-1:], total[before] + total[-1] - total[after] + (over * there).sum(1)]))
    lengths = torch.cat([torch.tensor([count]), torch.full((out,), count - 1)])[:, None]
    words_ = torch.cat([x.sum(0)[None], x.sum(0) - x[:out]])
    kept = {"max": torch.cat(largest, 1), "mean": torch.cat(sums, 1) / lengths, "words": words_ / lengths}
    return network.head(torch.cat([kept[way] for way in network.config.pool.split()], 1))
