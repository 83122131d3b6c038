"""Fashion-MNIST: 60,000 + 10,000 pictures of ten kinds of clothing, 28x28 grey (arXiv 1708.07747)."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from zoo.data import Provenance, check
from zoo.data.mnist import pack, read

CLASSES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
PROVENANCE = Provenance(
    title="Fashion-MNIST",
    hub_id="zalando-datasets/fashion_mnist",
    license="MIT",
    source="Zalando Research: Fashion-MNIST",
    citation="Xiao, Rasul, Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms, 2017",
    files=("fashion_mnist.npz",),
    size=30_843_463,
    url="torchvision.datasets.FashionMNIST",
)
SHA256 = {  # of the pictures in the order of their bytes
    "train": "1340f7c41248db27370dd49310503fc3a0285245bcac54fd5a92c79b1a52e4e6",
    "test": "f28c6377ae0d53aa576fbc91b449b304970ab5666500e125192161ccce7bef5a",
}
NOUN = "pictures"
CHANNELS, SIZES, GROUND = 1, (28,), (0.0,)
RADIUS = None
JUDGE = "judge.fashion"


@lru_cache(maxsize=2)
def load(split: str, size: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Load one split; fetch the pictures where they are not at hand.

    Args:
        split: 'train' (60,000) or 'test' (10,000), in the order of the pictures' bytes.
        size: 28.

    Returns:
        images (N, 28, 28) uint8, white on black; labels (N,) int64, numbers of `CLASSES`. Both read-only: they are cached.

    Raises:
        DataNotFound, DataDamaged, ValueError: as `zoo.data.mnist.load`.
    """
    check(split, size, SIZES)
    return read(split, PROVENANCE, SHA256, ordered=True)


def fetch() -> Path:
    """Fetch the pictures with a progress bar; return the file they are kept in. Errors as `zoo.data.mnist.load`."""
    return pack(PROVENANCE, SHA256, ordered=True)
