"""Building blocks shared by three models or more."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

MAX_SEED = 2**32 - 1
SAMPLES = {  # what the pictures on a sampler's card show: a family's PICTURES
    "samples": "Typical samples",
    "failures": "Failures: the samples of which the judge is least sure",
}


def uniform(n: int, count: int, *, seed: int, start: int = 0) -> np.ndarray:
    """Draw numbers between 0 and 1, never either, that depend on nothing but the seed and the sample's index.

    Sample i of a batch of 16 gets the same numbers as sample i drawn alone, in any thread, on any machine and with any later
    numpy: the bits are those of the counter-based Philox4x64-10 generator (Salmon et al. 2011, doi 10.1145/2063384.2063405)
    keyed by (seed, index), a stream that numpy guarantees.

    Args:
        n: number of samples.
        count: numbers for each.
        seed: 0 to 2**32 - 1.
        start: index of the first sample.

    Returns:
        (n, count), float64.

    Raises:
        ValueError: the seed or n is out of range.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"seed must be from 0 to {MAX_SEED}, not {seed}")
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    bits = [np.random.Philox(key=np.array([seed, i], np.uint64)).random_raw(count) for i in range(start, start + n)]
    return ((np.stack(bits) >> np.uint64(11)) + 0.5) * 2.0**-53  # 53 bits


def noise(n: int, *shape: int, seed: int, start: int = 0) -> Tensor:
    """Draw standard normal noise that depends on nothing but the seed and the sample's index, as `uniform`.

    The normals are made by Box and Muller's formula, since numpy does not guarantee its own between versions.

    Args:
        shape: shape of one sample's noise.

    Returns:
        (n, *shape), float32.
    """
    count = math.prod(shape)
    half = (count + 1) // 2
    numbers = uniform(n, 2 * half, seed=seed, start=start)
    radius = np.sqrt(-2 * np.log(numbers[:, :half]))
    angle = 2 * np.pi * numbers[:, half:]
    normal = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], 1)[:, :count]
    return torch.from_numpy(normal.astype(np.float32)).reshape(n, *shape)


def labels(n: int, label: int | Tensor | None, classes: int = 10) -> Tensor:
    """Return n labels: one for all, one each, or 0, 1, 2 ... in turn where `label` is None.

    Returns:
        (n,), int64.

    Raises:
        ValueError: a label is not one of the classes, or their number is not n.
    """
    if label is None:
        return torch.arange(n) % classes
    y = torch.as_tensor(label, dtype=torch.int64).reshape(-1)
    y = y.expand(n) if len(y) == 1 else y
    if len(y) != n or y.min() < 0 or y.max() >= classes:
        raise ValueError(f"label must be one or {n} of 0 to {classes - 1}, not {label}")
    return y


def slope(logits: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return how much the likeliest class's logit changes with each pixel: (B, H, W), the size of its gradient, channels summed.

    Args:
        logits: from pictures (B, C, H, W) to class logits (B, classes).
        x: (B, C, H, W).
    """
    with torch.inference_mode(False), torch.enable_grad():
        x = x.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(logits(x).amax(1).sum(), x)
    return gradient.abs().sum(1)


def embed(table: torch.nn.Embedding, y: Tensor) -> Tensor:
    """Look labels up in a table, or mix its rows.

    Args:
        y: (B,) int64 labels, or (B, classes) weights, such as (0.5, 0.5, 0, ...) for halfway between 0 and 1.

    Returns:
        (B, width).
    """
    return table(y) if y.ndim == 1 else y @ table.weight


class FrameBlock(torch.nn.Module):
    """ConvNeXt's block (arXiv 2201.03545) along time: each channel's own convolution, then an MLP of each frame, added to what came in."""

    def __init__(self, width: int, kernel: int = 7, expansion: int = 3):
        super().__init__()
        self.frames = torch.nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = torch.nn.LayerNorm(width)
        self.enter = torch.nn.Linear(width, expansion * width)
        self.leave = torch.nn.Linear(expansion * width, width)
        torch.nn.init.normal_(self.leave.weight, std=0.02 / width**0.5)

    def forward(self, h: Tensor, there: Tensor | None = None) -> Tensor:
        """Map frames (B, T, width) to the same shape; those that are not `there`, (B, T, 1) of 0 and 1, are not seen by others."""
        seen = h if there is None else h * there
        return h + self.leave(torch.nn.functional.gelu(self.enter(self.norm(self.frames(seen.mT).mT))))
