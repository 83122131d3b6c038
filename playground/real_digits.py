"""Real digits: whether they are at hand, and which of those trained on lie nearest to a picture."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from playground.memory import remembered
from zoo.data import at_hand, mnist

COMPARED = 100  # test digits of a label, whose nearest training digits are looked for
CHUNK = 1000  # training digits at once: what fits in a core's cache
MISSING = "The digits (MNIST) are not at hand, so the nearest training digits and the quiz wait for them."
FETCH = f"Fetch the digits (MNIST, {mnist.PROVENANCE.size / 1e6:.0f} MB)"


def problem() -> str:
    """Return why the real digits cannot be used; '' where they can."""
    if not at_hand("mnist"):
        return MISSING
    return fetch()


def fetch() -> str:
    """Load the real digits, from the Internet if need be; return why that failed, or ''."""
    try:
        mnist.load("train"), mnist.load("test")
    except (OSError, ValueError) as error:
        return str(error)
    return ""


@remembered
def norms() -> Tensor:
    """Return the squared length of each training digit, of bytes: (60000,)."""
    rows = mnist.load("train")[0].reshape(-1, 784)
    return torch.cat([torch.tensor(rows[i : i + CHUNK]).float().square().sum(1) for i in range(0, len(rows), CHUNK)])


@torch.inference_mode()
def nearest(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest training digits.

    Args:
        pictures: (N, 28, 28) uint8.

    Returns:
        their numbers (N,), and their Euclidean distances (N,) over 784 pixels in [0, 1].
    """
    rows = mnist.load("train")[0].reshape(-1, 784)
    x = torch.tensor(pictures).reshape(-1, 784).float()
    found, best = torch.zeros(len(x), dtype=torch.int64), torch.full((len(x),), torch.inf)
    for i in range(0, len(rows), CHUNK):  # the digits stay bytes: as floats all would take 190 MB
        square = norms()[i : i + CHUNK, None] - 2 * torch.tensor(rows[i : i + CHUNK]).float() @ x.T
        low, place = square.min(0)
        found, best = torch.where(low < best, place + i, found), torch.minimum(low, best)
    apart = pictures.reshape(-1, 784) / 255 - rows[found.numpy()] / 255
    return found.numpy(), np.linalg.norm(apart, axis=1)


@lru_cache(maxsize=10)
def usual(label: int) -> float:
    """Return how far test digits of a label lie from their nearest training digits: the median of the first `COMPARED`."""
    images, y = mnist.load("test")
    return float(np.median(nearest(images[y == label][:COMPARED])[1]))
