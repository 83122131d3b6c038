"""Data sets, one a file: arrays in memory, and where they come from.

Their files are looked for in the folder `ZOO_DATA`, then among what was fetched before, in `data/` of the cache (`ZOO_CACHE`,
default `~/.cache/pocket-zoo`). What has a public source is fetched from there, checked by sha256, and kept whole or not at all.
"""

import hashlib
import importlib
import os
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

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
    files: tuple[str, ...] = ()
    """names of its files in `ZOO_DATA`; none where nothing is read from a file"""
    size: int = 0
    """bytes of these files"""
    url: str = ""
    """public source that the module's `fetch()` takes them from; '' where there is none"""


def cache() -> Path:
    """Return the folder for downloads: `ZOO_CACHE`, else `~/.cache/pocket-zoo`."""
    return Path(os.environ.get("ZOO_CACHE") or Path.home() / ".cache" / "pocket-zoo")


def fetched(filename: str) -> Path:
    """Return where a fetched file is kept; its folder is made."""
    folder = cache() / "data"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / filename


def find(filename: str) -> Path | None:
    """Return the file, from the folder `ZOO_DATA` or as it was fetched; None where it is in neither."""
    folders = [os.environ.get("ZOO_DATA"), cache() / "data"]
    return next((path for folder in folders if folder and (path := Path(folder, filename)).is_file()), None)


def sha256(*arrays: np.ndarray) -> str:
    """Hash arrays' bytes in C order, so the same data has the same hash from any file format."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array))
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
    """Fetch a data set that is not at hand from its public source.

    Raises:
        LookupError: there is none of that name.
        DataNotFound: it has no public source, or that cannot be reached.
        ValueError: what was sent has another sha256.
    """
    data = module(name)
    if at_hand(name):
        return
    if not data.PROVENANCE.url:
        raise DataNotFound(
            f"{remedy(name)}. It has no public source as a whole; it was made from: {data.PROVENANCE.source}"
        )
    data.fetch()


def unreachable(known: Provenance, reason: Exception) -> DataNotFound:
    """Return the error for a source that gave nothing."""
    said = " ".join(str(reason).split())
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
