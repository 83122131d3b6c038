"""How likely a model finds lines and texts."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.models.char_rnn import CharRNN

TOGETHER = 2000  # lines that are read at a time


def weights(model: CharRNN, known: np.ndarray) -> Tensor | None:
    """Return what is known of lines, (N, conditions) numbers of options, as what the model is given, (N, options)."""
    sizes = [len(options) for options in model.conditions.values()]
    parts = [torch.eye(n)[torch.from_numpy(known[:, i])] for i, n in enumerate(sizes)]
    return torch.cat(parts, 1) if parts else None


def nats(model: CharRNN, lines: list[str], given: Tensor | None) -> float:
    """Return the mean surprisal of a character of lines, their ends among them, in nats."""
    total = -likelihoods(model, lines, given).sum()
    return float(total) / sum(len(line) + 1 for line in lines)


def likelihoods(model: CharRNN, lines: list[str], given: Tensor | None) -> Tensor:
    """Return log p of lines with their ends, (N,) float64, worked out a few at a time; `given` (N, options)."""
    parts = range(0, len(lines), TOGETHER)
    found = [
        model.likelihoods(lines[i : i + TOGETHER], None if given is None else given[i : i + TOGETHER]) for i in parts
    ]
    return torch.cat(found).double()


@torch.inference_mode()
def bits(model: CharRNN, text: str, *, part: int = 4096) -> Tensor:
    """Return the surprisal of each character of a text, (T,), in bits: read in one go, the state handed on from part to part."""
    x, state, found = model.encode(model.start + text), None, []
    for i in range(0, len(x) - 1, part):
        y = x[i + 1 : i + 1 + part]
        h, state = model.states(x[None, i : i + len(y)], state=state)
        found.append(F.cross_entropy(model.head(h)[0].float(), y, reduction="none"))
    return torch.cat(found) / math.log(2)
