"""MNIST: 60,000 + 10,000 handwritten digits, 28x28 grey (LeCun et al. 1998, doi 10.1109/5.726791)."""

import lzma
import os
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from zoo.data import DataNotFound, Provenance, changed, check, damaged, fetched, find, sha256, unreachable
from zoo.files import room

PROVENANCE = Provenance(
    title="MNIST",
    hub_id="ylecun/mnist",
    license="CC BY-SA 3.0 as usually cited; its makers state none",
    source="Y. LeCun, C. Cortes, C. J. C. Burges: the MNIST database of handwritten digits",
    citation="LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998",
    files=("mnist.npz",),
    size=11_490_559,
    url="torchvision.datasets.MNIST",
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
BROKEN = (  # what numpy and zipfile raise for a file that is not whole
    OSError, ValueError, TypeError, LookupError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip


@lru_cache(maxsize=2)
def load(split: str, size: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Load one split; fetch the digits where they are not at hand.

    Args:
        split: 'train' (60,000) or 'test' (10,000), in the original order.
        size: 28.

    Returns:
        images (N, 28, 28) uint8, white on black; labels (N,) int64. Both read-only: they are cached.

    Raises:
        DataNotFound: not at hand, and the source cannot be reached.
        DataDamaged: the file cannot be read, or the arrays' sha256 is not MNIST's.
        ValueError: the split or size is unknown.
    """
    check(split, size, SIZES)
    return read(split, PROVENANCE, SHA256)


def fetch() -> Path:
    """Fetch the digits with a progress bar; return the file they are kept in. Errors as `load`."""
    return pack(PROVENANCE, SHA256)


def read(
    split: str, known: Provenance, hashes: dict[str, str], *, ordered: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Load one split of a data set in MNIST's form, fetched where it is not at hand.

    Args:
        ordered: put the pictures in the order of their bytes, where sources differ in theirs.

    Returns:
        images (N, 28, 28) uint8; labels (N,) int64. Both read-only.

    Raises:
        DataNotFound, DataDamaged: as `load`.
    """
    path = find(known.files[0]) or pack(known, hashes, ordered=ordered)
    try:
        images, y = _unpacked(path, split)
        if ordered:
            images, y = in_order(images, y)
    except BROKEN as error:
        said = "it holds pickled objects" if "pickle" in str(error) else " ".join(str(error).split())
        raise damaged(path, known, said or type(error).__name__) from error
    if (found := sha256(images, y)) != hashes[split]:
        raise damaged(path, known, f"the sha256 of its {split} split is {found}, expected is {hashes[split]}")
    images.flags.writeable = y.flags.writeable = False
    return images, y


def _unpacked(path: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Read one split from our file, or from one of the same name that Keras fetched."""
    if not zipfile.is_zipfile(path):  # numpy would take it for a pickle, and advise to trust it
        raise ValueError("it is no whole npz file")
    with np.load(path, allow_pickle=False) as arrays:
        ours, keras = (f"{split}_images", f"{split}_labels"), (f"x_{split}", f"y_{split}")
        keys = next((keys for keys in (ours, keras) if {*keys} <= {*arrays}), None)
        if keys is None:
            raise ValueError(
                f"it holds {', '.join(arrays)[:200] or 'nothing'}, where {' and '.join(ours)} are expected"
            )
        images, y = (arrays[key] for key in keys)
    return images.astype(np.uint8).reshape(-1, 28, 28), y.astype(np.int64).reshape(-1)


def pack(known: Provenance, hashes: dict[str, str], *, ordered: bool = False) -> Path:
    """Fetch both splits of a data set in MNIST's form by the class of torchvision that `known.url` names, into one file; errors as `load`."""
    try:
        from torchvision import datasets
    except ImportError as error:
        raise DataNotFound(f"fetching {known.title} needs torchvision: pip install 'pocket-zoo[train]'") from error
    path = fetched(known.files[0])
    with TemporaryDirectory(dir=path.parent) as folder:
        arrays: dict[str, Any] = {}
        for split, expected in hashes.items():
            try:
                data = getattr(datasets, known.url.rpartition(".")[2])(folder, train=split == "train", download=True)
            except (OSError, RuntimeError) as error:
                raise unreachable(known, error) from error
            images, y = data.data.numpy(), data.targets.numpy().astype(np.int64)
            if (found := sha256(*(in_order(images, y) if ordered else (images, y)))) != expected:
                raise changed(known, f"{split} has sha256 {found}, expected {expected}")
            arrays |= {f"{split}_images": images, f"{split}_labels": y}
        whole = Path(folder, path.name)
        with room(path):
            np.savez_compressed(whole, **arrays)
            os.replace(whole, path)
    return path


def in_order(images: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures and labels in the order of the pictures' bytes."""
    order = sorted(range(len(y)), key=lambda i: images[i].tobytes())
    return images[order], y[order]
