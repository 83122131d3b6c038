"""MNIST: 60,000 + 10,000 handwritten digits, 28x28 grey (LeCun et al. 1998, doi 10.1109/5.726791)."""

from functools import lru_cache

import numpy as np

from zoo.data import DataNotFound, Provenance, cache, find, sha256

PROVENANCE = Provenance(
    title="MNIST",
    hub_id="ylecun/mnist",
    license="CC BY-SA 3.0 as usually cited; its makers state none",
    source="Y. LeCun, C. Cortes, C. J. C. Burges: the MNIST database of handwritten digits",
    citation="LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998",
)
SHA256 = {
    "train": "d18cfd466eb143ac1097fde604dba9eec4116885869d04cc648b510949f9e88c",
    "test": "a0863a96c44e5666edbb30c4071ee79ca0514c621e6349c5967fc78e7305c891",
}


@lru_cache(maxsize=2)
def load(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Load one split.

    Args:
        split: 'train' (60,000) or 'test' (10,000), in the original order.

    Returns:
        images (N, 28, 28) uint8, white on black; labels (N,) int64. Both read-only: they are cached.

    Raises:
        DataNotFound: no file in `ZOO_DATA` and no download.
        ValueError: the split is unknown, or the arrays' sha256 is not MNIST's.
    """
    if split not in SHA256:
        raise ValueError(f"split must be 'train' or 'test', not {split!r}")
    path = find("mnist.npz")
    if path:
        with np.load(path, allow_pickle=False) as file:
            images, y = file[f"{split}_images"], file[f"{split}_labels"]
    else:
        images, y = _download(split)
    y = y.astype(np.int64)
    if (found := sha256(images, y)) != SHA256[split]:
        raise ValueError(f"MNIST {split} has sha256 {found}, expected {SHA256[split]}: delete the file and load again")
    images.flags.writeable = y.flags.writeable = False
    return images, y


def _download(split: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        from torchvision.datasets import MNIST

        data = MNIST(cache() / "data", train=split == "train", download=True)
    except (ImportError, OSError, RuntimeError) as error:
        raise DataNotFound(
            "MNIST is not at hand: set ZOO_DATA to a folder with mnist.npz, or install torchvision "
            f"(pip install 'pocket-zoo[train]') and connect to the Internet once ({error})"
        ) from error
    return data.data.numpy(), data.targets.numpy()
