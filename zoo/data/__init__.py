"""Data sets, one a file: arrays in memory, and where they come from.

Each is looked for in the folder `ZOO_DATA` first; else it is downloaded by torchvision, or from its
public source with a sha256 check, into `ZOO_CACHE` (default `~/.cache/pocket-zoo`).

A module here is a `DataSet`, and `Pictures`, `Texts` or `Specimens` by what it holds; `named` finds it.
"""

import hashlib
import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np


class DataNotFound(FileNotFoundError):
    """A data set is neither at hand nor to be downloaded; the message names the remedies."""


@dataclass(frozen=True)
class Provenance:
    """What is known of a data set."""

    title: str
    hub_id: str
    """the data set's name on the Hugging Face Hub"""
    license: str
    source: str
    citation: str
    weights_license: str = "apache-2.0"
    """licence of models trained on it, by its name on the Hub"""
    own: bool = False
    """files of the trainer's own, others each time: the module's `at(path)` is the data set"""


class DataSet(Protocol):
    """What is known of any data set."""

    PROVENANCE: Provenance
    SHA256: str | dict[str, str]
    """of the arrays of each split, or of the whole file"""


@runtime_checkable
class Pictures(DataSet, Protocol):
    """Pictures and their classes; where these have names, `CLASSES` lists them."""

    NOUN: str
    """what a picture shows, in the plural"""
    CHANNELS: int
    SIZES: tuple[int, ...]
    """sides in pixels that there are"""
    GROUND: tuple[float, ...]
    """what a picture that is moved is filled up with, of each channel, in [0, 1]"""
    RADIUS: float | None
    """how far all pixels together may go, Euclidean, and leave a picture what it is for people, as is usual in attacks; None where nobody says"""
    JUDGE: str
    """the checkpoint whose features and answers judge pictures like these"""

    def load(self, split: str, size: int = ...) -> tuple[np.ndarray, np.ndarray]:
        """Return 'train' or 'test': images (N, size, size) or (N, size, size, 3) uint8, and labels (N,) int64, -1 where the training
        pictures have none of the kind."""


@runtime_checkable
class Texts(DataSet, Protocol):
    """A text."""

    BEGINNINGS: tuple[str, ...]
    """four, to be written on"""

    def load(self, split: str) -> str:
        """Return the 'train' or 'test' part."""


@runtime_checkable
class Specimens(DataSet, Protocol):
    """Pictures of things cut out, with their silhouettes."""

    JUDGE: str | None
    """as of `Pictures`; None where no judge knows their kinds"""
    FAMILIES: dict[str, tuple[str, ...]] | None
    """groups of kinds that people know, each by words that the kinds' names hold"""

    def specimens(self, split: str, size: int = ...) -> Any:
        """Return the 'train' or 'test' rows (`zoo.data.butterflies.Butterflies`)."""


def named(name: str, path: Path | None = None) -> Any:
    """Return a data set: the module of that name, or the files of one's own at a path, as 'folder' and 'text' read them.

    Raises:
        ValueError: there is no such module, or it needs a path.
    """
    try:
        module = importlib.import_module(f"zoo.data.{name}")
    except ModuleNotFoundError as error:
        raise ValueError(f"there is no data set {name!r} in zoo/data") from error
    if module.PROVENANCE.own and not path:
        raise ValueError(f"{name!r} is data of the trainer's own: say where it is")
    return module.at(path) if path else module


def check(split: str, size: int, sizes: tuple[int, ...]) -> None:
    """Refuse a split or a size that a data set has not.

    Raises:
        ValueError: it is unknown.
    """
    if split not in ("train", "test") or size not in sizes:
        raise ValueError(f"split must be 'train' or 'test' and size one of {sizes}, not {split!r} and {size!r}")


def cache() -> Path:
    """Return the folder for downloads: `ZOO_CACHE`, else `~/.cache/pocket-zoo`."""
    return Path(os.environ.get("ZOO_CACHE") or Path.home() / ".cache" / "pocket-zoo")


def find(filename: str) -> Path | None:
    """Return the file in the folder `ZOO_DATA`, or None where the variable or the file is missing."""
    folder = os.environ.get("ZOO_DATA")
    path = Path(folder, filename) if folder else None
    return path if path and path.is_file() else None


def sha256(*arrays: np.ndarray) -> str:
    """Hash arrays' bytes in C order, so the same data has the same hash from any file format."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()
