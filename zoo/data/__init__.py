"""Data sets, one a file: arrays in memory, and where they come from.

Their files are looked for in the folder `ZOO_DATA`, then among what was fetched before, in `data/` of the cache (`ZOO_CACHE`,
default `~/.cache/pocket-zoo`). What has a public source is fetched from there, checked by sha256, and kept whole or not at all.

A module here is a `DataSet`, and `Pictures`, `Texts`, `Specimens` or `labelled.Messages` by what it holds; `named` finds it.
"""

import hashlib
import importlib
import os
import pkgutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

import numpy as np

from zoo.files import DiskFull, full, given

MISTAKEN = {
    b"<!doctype html": "it is a web page", b"<html": "it is a web page", b"<?xml": "it is an answer of a server's",
    b"version https://git-lfs": "it is Git LFS's pointer to a file that was not fetched (git lfs pull)",
}  # fmt: skip


class DataNotFound(FileNotFoundError):
    """A data set is neither at hand nor to be downloaded; the message names the remedies."""


class DataDamaged(ValueError):
    """A data set's file is not what it should be; the message names it, what is wrong with it, and the remedy."""


class NoCache(OSError):
    """There is no folder to keep what is fetched in; the message names the remedy."""


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
    files: tuple[str, ...] = ()
    """names of its files in `ZOO_DATA`; none where nothing is read from a file"""
    size: int = 0
    """bytes of these files"""
    url: str = ""
    """public source that the module's `fetch()` takes them from; '' where there is none"""
    own: bool = False
    """files of the trainer's own, others each time: the module's `at(path)` is the data set"""


class DataSet(Protocol):
    """What is known of any data set."""

    PROVENANCE: Provenance
    SHA256: str | dict[str, str]
    """of the arrays of each split, or of the whole file"""

    def __hash__(self) -> int: ...


@runtime_checkable
class Pictures(DataSet, Protocol):
    """Pictures and their classes; where these have names they are `Classed`."""

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


class Classed(Pictures, Protocol):
    """Pictures whose classes have names."""

    CLASSES: tuple[str, ...]


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
    """Return a data set: the module of that name, or the files of one's own at a path, as 'folder', 'text' and 'labelled' read them.

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
    """Return the folder for downloads: `ZOO_CACHE`, else `~/.cache/pocket-zoo`.

    Raises:
        NoCache: `ZOO_CACHE` is not set, and there is no home folder.
    """
    if os.environ.get("ZOO_CACHE"):
        return given(os.environ["ZOO_CACHE"])
    try:
        return Path.home() / ".cache" / "pocket-zoo"
    except RuntimeError as error:
        raise NoCache("no home folder is known to keep files in: set ZOO_CACHE to a folder") from error


def fetched(filename: str) -> Path:
    """Return where a fetched file is kept; its folder is made.

    Raises:
        NoCache: there is no such folder, and none can be made.
    """
    folder = cache() / "data"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if full(error):
            raise
        raise NoCache(f"{folder} cannot be made ({error.strerror}): set ZOO_CACHE to a folder of your own") from error
    return folder / filename


def find(filename: str) -> Path | None:
    """Return the file, from the folder `ZOO_DATA` or as it was fetched; None where it is in neither."""
    folders = [given(os.environ["ZOO_DATA"])] if os.environ.get("ZOO_DATA") else []
    with suppress(NoCache):
        folders.append(cache() / "data")
    return next((path for folder in folders if os.path.isfile(path := folder / filename)), None)


def content(path: Path, known: Provenance, expected: str) -> bytes:
    """Read a data set's file.

    Args:
        expected: its sha256.

    Raises:
        DataDamaged: it cannot be read, or is another.
    """
    try:
        found = path.read_bytes()
    except OSError as error:
        raise damaged(path, known, str(error)) from error
    if (digest := hashlib.sha256(found).hexdigest()) != expected:
        raise damaged(path, known, f"its sha256 is {digest}, expected is {expected}")
    return found


def damaged(path: Path, known: Provenance, reason: str) -> DataDamaged:
    """Return the error for a file that is not what it should be: by its first bytes, where these tell more than the reason."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(256).lstrip().lower()
        if not head:
            reason = "it is empty"
        reason = next((said for start, said in MISTAKEN.items() if head.startswith(start)), reason)
    what = "Delete it: it is fetched when it is asked for next" if known.url else "Put the right file in its place"
    return DataDamaged(f"{path} is not {known.title}, or is damaged: {reason}. {what}")


def sha256(*arrays: np.ndarray) -> str:
    """Hash arrays' bytes in C order, so the same data has the same hash from any file format."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def names() -> list[str]:
    """Return the names of the data sets, sorted: modules here that know their hash, which a trainer's own data has not."""
    modules = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return [name for name in modules if hasattr(importlib.import_module(f"{__name__}.{name}"), "SHA256")]


def module(name: str) -> ModuleType:
    """Return a data set's module.

    Raises:
        LookupError: there is none of that name.
    """
    if name not in names():
        raise LookupError(f"No data set {name!r}. Have: {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}")


def at_hand(name: str) -> bool:
    """Return whether a data set can be loaded without a download; errors as `module`."""
    return all(find(file) for file in module(name).PROVENANCE.files)


def remedy(name: str) -> str:
    """Return the sentence on a data set that is not at hand: which one, and how to get it."""
    known = module(name).PROVENANCE
    get = f"fetch it with `python -m zoo data get {name}`, or " if known.url else ""
    return f"{known.title} is not at hand: {get}set ZOO_DATA to the folder that holds {' and '.join(known.files)}"


def get(name: str) -> None:
    """Fetch a data set that is not at hand from its public source; look whether one that is at hand is whole.

    Raises:
        LookupError: there is none of that name.
        DataNotFound: it has no public source, or that cannot be reached.
        DataDamaged: what is at hand is another.
        ValueError: what was sent has another sha256.
    """
    data = module(name)
    if at_hand(name):
        for split in ("train", "test") if data.PROVENANCE.url else ():
            data.load(split)
        return
    if not data.PROVENANCE.url:
        raise DataNotFound(
            f"{remedy(name)}. It has no public source as a whole; it was made from: {data.PROVENANCE.source}"
        )
    data.fetch()


def unreachable(known: Provenance, reason: Exception) -> OSError:
    """Return the error for a source that gave nothing, or whose gift there is no room for."""
    said = " ".join(str(reason).split())
    if full(reason):
        return DiskFull(
            f"{known.title} cannot be kept in {cache()} ({said}): make room, or set ZOO_CACHE to another folder"
        )
    return DataNotFound(
        f"{known.title} cannot be fetched ({said}): connect to the Internet and try again, "
        f"or set ZOO_DATA to the folder that holds {' and '.join(known.files)}"
    )


def changed(known: Provenance, reason: str) -> ValueError:
    """Return the error for a source that gave something else."""
    return ValueError(
        f"{known.url} gave other data than {known.title} ({reason}), and nothing of it was kept: try again, "
        f"or set ZOO_DATA to the folder that holds {' and '.join(known.files)}"
    )
