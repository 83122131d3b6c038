"""MNIST: 60,000 + 10,000 handwritten digits, 28x28 grey (LeCun et al. 1998, doi 10.1109/5.726791)."""

from functools import lru_cache

import numpy as np

from zoo.data import DataNotFound, Provenance, cache, check, find, sha256

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
NOUN = "digits"
CLASSES = tuple("0123456789")
CHANNELS, SIZES, GROUND = 1, (28,), (0.0,)
RADIUS = 1.5
JUDGE = "judge.mnist"


@lru_cache(maxsize=2)
def load(split: str, size: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Load one split.

    Args:
        split: 'train' (60,000) or 'test' (10,000), in the original order.
        size: 28.

    Returns:
        images (N, 28, 28) uint8, white on black; labels (N,) int64. Both read-only: they are cached.

    Raises:
        DataNotFound: no file in `ZOO_DATA` and no download.
        ValueError: the split or size is unknown, or the arrays' sha256 is not MNIST's.
    """
    check(split, size, SIZES)
    return read("MNIST", "mnist.npz", split, SHA256)


def at_hand() -> bool:
    """Return whether the digits can be loaded without a download."""
    return find("mnist.npz") is not None or any(cache().glob("data/MNIST/raw/train-images-idx3-ubyte*"))


def read(
    name: str, file: str, split: str, hashes: dict[str, str], *, ordered: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Load one split of a data set in MNIST's form: from `ZOO_DATA`, else by torchvision's class of that name.

    Args:
        ordered: put the pictures in the order of their bytes, where sources differ in theirs.

    Returns:
        images (N, 28, 28) uint8; labels (N,) int64. Both read-only.

    Raises:
        DataNotFound, ValueError: as `load`.
    """
    path = find(file)
    if path:
        with np.load(path, allow_pickle=False) as arrays:
            images, y = arrays[f"{split}_images"], arrays[f"{split}_labels"]
    else:
        images, y = _download(name, file, split)
    y = y.astype(np.int64)
    if ordered:
        order = sorted(range(len(y)), key=lambda i: images[i].tobytes())
        images, y = images[order], y[order]
    if (found := sha256(images, y)) != hashes[split]:
        raise ValueError(f"{name} {split} has sha256 {found}, expected {hashes[split]}: delete the file and load again")
    images.flags.writeable = y.flags.writeable = False
    return images, y


def _download(name: str, file: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        from torchvision import datasets

        data = getattr(datasets, name)(cache() / "data", train=split == "train", download=True)
    except (ImportError, OSError, RuntimeError) as error:
        raise DataNotFound(
            f"{name} is not at hand: set ZOO_DATA to a folder with {file}, or install torchvision "
            f"(pip install 'pocket-zoo[train]') and connect to the Internet once ({error})"
        ) from error
    return data.data.numpy(), data.targets.numpy()
