"""Scratch: a network of plain numpy, its backward pass written by hand, without automatic differentiation.

Each layer is affine with an activation, y = f(W x + b). The gradient of the loss is passed back through the same layers, last first
(Rumelhart, Hinton, Williams 1986, doi 10.1038/323533a0):

    dL/dW = dL/dy f'(.) x^T,    dL/dx = W^T dL/dy f'(.)

Steps are Adam's (arXiv 1412.6980), weights start by the rule of He (arXiv 1502.01852). torch only stores the numbers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

PAPER = "doi:10.1038/323533a0"
TASK, TAKES, MAKES = "classify", ("picture",), "label"
USE = "probabilities = model.classify(x)  # x: (B, 1, 28, 28) in [0, 1]"
PICTURES: dict[str, str] = {}
Array = np.ndarray

# Each activation and its derivative, from what went in and what came out.
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]] = {
    "relu": (lambda x: np.maximum(x, 0), lambda x, y: (x > 0).astype(x.dtype)),
    "leaky relu": (lambda x: np.where(x > 0, x, 0.1 * x), lambda x, y: np.where(x > 0, 1, 0.1).astype(x.dtype)),
    "tanh": (np.tanh, lambda x, y: 1 - y * y),
    "sigmoid": (lambda x: 0.5 * (1 + np.tanh(0.5 * x)), lambda x, y: y * (1 - y)),
    "softplus": (lambda x: np.logaddexp(x, 0).astype(x.dtype), lambda x, y: 0.5 * (1 + np.tanh(0.5 * x))),
    "none": (lambda x: x, lambda x, y: np.ones_like(x)),
}


def softmax(logits: Array) -> Array:
    """Return probabilities (B, classes) of logits like them."""
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def cross_entropy(logits: Array, y: Array) -> tuple[float, Array]:
    """Return the mean of -log p(y), nats, and its gradient by the logits."""
    p, rows = softmax(logits), np.arange(len(y))
    loss = -np.log(p[rows, y] + 1e-30).mean()
    p[rows, y] -= 1
    return float(loss), p / len(y)


def squared_error(logits: Array, y: Array) -> tuple[float, Array]:
    """Return half the mean squared distance of the outputs from 1 for the label and 0 for the rest, and its gradient."""
    d = logits - np.eye(logits.shape[1], dtype=logits.dtype)[y]
    return float(0.5 * (d**2).sum(1).mean()), d / len(y)


def hinge(logits: Array, y: Array) -> tuple[float, Array]:
    """Return by how much other outputs come within 1 of the label's, in the mean, and its gradient (Weston, Watkins 1999)."""
    rows = np.arange(len(y))
    margin = np.maximum(0, 1 + logits - logits[rows, y][:, None])
    margin[rows, y] = 0
    d = (margin > 0).astype(logits.dtype)
    d[rows, y] = -d.sum(1)
    return float(margin.sum(1).mean()), d / len(y)


LOSSES = {"cross-entropy": cross_entropy, "squared error": squared_error, "hinge": hinge}


@dataclass(frozen=True)
class Config:
    """Layers, activation and loss."""

    inputs: int = 784
    hidden: str = "256 128"
    """units of the layers between, separated by blanks; '' for none"""
    classes: int = 10
    activation: str = "relu"
    """one of `ACTIVATIONS`"""
    loss: str = "cross-entropy"
    """one of `LOSSES`"""

    @property
    def sizes(self) -> list[int]:
        """Units of each layer, the pixels first."""
        return [self.inputs, *map(int, self.hidden.split()), self.classes]


class Network:
    """Layers of numbers that learn."""

    def __init__(self, config: Config = Config(), *, seed: int = 0):
        if config.activation not in ACTIVATIONS or config.loss not in LOSSES:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)} and loss one of {', '.join(LOSSES)}")
        self.config, generator = config, np.random.default_rng(seed)
        self.weights = [
            (generator.standard_normal((i, o)) * (2 / i) ** 0.5).astype(np.float32)
            for i, o in zip(config.sizes[:-1], config.sizes[1:], strict=True)
        ]
        self.biases = [np.zeros(o, np.float32) for o in config.sizes[1:]]
        self._moments: list[list[Array]] | None = None
        self.steps = 0

    @property
    def arrays(self) -> list[Array]:
        """All numbers that are learned: weights, then biases."""
        return [*self.weights, *self.biases]

    def forward(self, x: Array) -> tuple[Array, list[tuple[Array, Array, Array]]]:
        """Map pictures (B, inputs) to logits (B, classes), and each layer's input, sum and output."""
        bend, _ = ACTIVATIONS[self.config.activation]
        kept = []
        for i, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            total = x @ w + b
            out = bend(total) if i + 1 < len(self.weights) else total
            kept.append((x, total, out))
            x = out
        return x, kept

    def backward(self, kept: list[tuple[Array, Array, Array]], d: Array) -> tuple[list[Array], Array]:
        """Return the gradients of `arrays`, given that of the logits, and what is left to pass on at the first layer's sums."""
        _, slope = ACTIVATIONS[self.config.activation]
        weights, biases = [], []
        for i in reversed(range(len(self.weights))):
            x, total, out = kept[i]
            if i + 1 < len(self.weights):
                d = d * slope(total, out)
            weights.append(x.T @ d)
            biases.append(d.sum(0))
            if i:
                d = d @ self.weights[i].T
        return [*reversed(weights), *reversed(biases)], d

    def learn(self, x: Array, y: Array, lr: float, decay: float = 0.0) -> float:
        """Take one step of Adam on pictures (B, inputs) and labels (B,); return their loss before it.

        Args:
            lr: learning rate.
            decay: share of each weight (not bias) that is taken off per unit of learning rate (arXiv 1711.05101).
        """
        logits, kept = self.forward(x)
        loss, d = LOSSES[self.config.loss](logits, y)
        if self._moments is None:
            self._moments = [[np.zeros_like(a) for a in self.arrays] for _ in range(2)]
        self.steps += 1
        near, far = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        gradients, _ = self.backward(kept, d)
        for i, (a, g, m, v) in enumerate(zip(self.arrays, gradients, *self._moments, strict=True)):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            if decay and i < len(self.weights):
                a *= 1 - lr * decay
            a -= (lr / near) * m / (np.sqrt(v / far) + 1e-8)
        return loss

    def epoch(
        self,
        x: Array,
        y: Array,
        batch: int,
        lr: Callable[[float], float],
        generator: np.random.Generator,
        decay: float = 0.0,
    ) -> Iterator[float]:
        """Learn from all examples once, shuffled; yield each step's loss. `lr` is a function of the share done."""
        order, steps = generator.permutation(len(x)), len(x) // batch
        for i in range(steps):
            part = order[i * batch : (i + 1) * batch]
            yield self.learn(x[part], y[part], lr(i / steps), decay)


class Scratch(nn.Module):
    """The face that all models here have, over a numpy network. It has no `forward`: `Network.learn` does its own backward pass."""

    def __init__(self, config: Config = Config()):
        super().__init__()
        self.config = config
        self.network = Network(config)
        for i, array in enumerate(self.network.arrays):
            self.register_parameter(f"array{i}", nn.Parameter(torch.from_numpy(array), requires_grad=False))

    def take(self, network: Network) -> "Scratch":
        """Copy a network's numbers; return self."""
        for i, array in enumerate(network.arrays):
            getattr(self, f"array{i}").copy_(torch.from_numpy(array))
        return self

    def numpy(self) -> Network:
        """Return a numpy network with these numbers."""
        for i, array in enumerate(self.network.arrays):
            array[...] = getattr(self, f"array{i}").float().numpy()
        return self.network

    def logits(self, x: Tensor) -> Tensor:
        """Map pictures (B, 1, 28, 28) in [0, 1] to class logits (B, classes)."""
        return torch.from_numpy(self.numpy().forward(x.flatten(1).numpy())[0])

    def classify(self, x: Tensor) -> Tensor:
        """Map pictures (B, 1, 28, 28) in [0, 1] to class probabilities (B, classes)."""
        return torch.from_numpy(softmax(self.logits(x).numpy()))

    def saliency(self, x: Tensor) -> Tensor:
        """Return how much the likeliest class's logit changes with each pixel of pictures (B, 1, 28, 28): (B, 28, 28), a gradient's size."""
        network = self.numpy()
        logits, kept = network.forward(x.flatten(1).numpy())
        _, first = network.backward(kept, np.eye(logits.shape[1], dtype=np.float32)[logits.argmax(1)])
        return torch.from_numpy(np.abs(first @ network.weights[0].T)).view(len(x), *x.shape[2:])


Model = Scratch
