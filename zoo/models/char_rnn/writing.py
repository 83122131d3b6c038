"""Writing with char-RNN, a character at a time: a step of the network in numpy, which costs the same at any length."""

from typing import Any

import numpy as np
import torch
from torch import Tensor


class Pen:
    """Some texts that go on from one prompt, each with its state.

    What a character adds to the first layer's gates is looked up: it is the same wherever it stands.

    Args:
        model: a `zoo.models.char_rnn.CharRNN`.
        prompt: (T,) character numbers, read once for all texts.
        n: how many texts.
        given: what they are written for, (options,) or (n, options); None withholds all.
    """

    @torch.inference_mode()
    def __init__(self, model: Any, prompt: Tensor, n: int, given: Tensor | None = None):
        rows = n if given is not None and given.ndim == 2 else 1
        h, state = model.states(prompt.expand(rows, -1), given)
        self.cell = model.config.cell
        self.logits = np.repeat(model.head(h[:, -1:]).float().numpy()[:, 0], n // rows, 0)
        """(n, chars), of what comes next"""
        lstm = self.cell == "lstm"
        self.h = [np.repeat((one[0] if lstm else one)[0].numpy(), n // rows, 0) for one in state]
        """of each layer (n, width)"""
        self.c = [np.repeat(one[1][0].numpy(), n // rows, 0) for one in state] if lstm else []
        """an LSTM's cells, of each layer (n, width)"""
        layers = [
            [getattr(cell, f"{part}_l0").float().numpy() for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            for cell in model.cells
        ]
        self.layers = [(into.T, onward.T, a, b) for into, onward, a, b in layers]
        first = self.layers[0][0]
        self.read = model.embedding.weight.float().numpy() @ first
        self.added = 0 if given is None or not model.condition else model.condition(given).float().numpy() @ first
        self.head = model.head.weight.float().numpy().T, model.head.bias.float().numpy()

    def step(self, x: np.ndarray) -> None:
        """Take in the next characters (n,), and work out what comes after them."""
        below = self.read[x] + self.added
        for i, (into, onward, a, b) in enumerate(self.layers):
            below = (self.h[i - 1] @ into if i else below) + a
            turned = self.h[i] @ onward + b
            if self.cell == "rnn":
                self.h[i] = np.tanh(below + turned)
            elif self.cell == "gru":
                (r, z, new), (r_, z_, new_) = np.split(below, 3, 1), np.split(turned, 3, 1)
                z = sigmoid(z + z_)
                self.h[i] = (1 - z) * np.tanh(new + sigmoid(r + r_) * new_) + z * self.h[i]
            else:
                enter, forget, new, out = np.split(below + turned, 4, 1)
                self.c[i] = sigmoid(forget) * self.c[i] + sigmoid(enter) * np.tanh(new)
                self.h[i] = sigmoid(out) * np.tanh(self.c[i])
        weight, bias = self.head
        self.logits = self.h[-1] @ weight + bias


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)), which never overflows."""
    return 0.5 * (1 + np.tanh(0.5 * x))
