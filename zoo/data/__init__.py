"""Data sets, one a file: arrays in memory, and where they come from.

Each is looked for in the folder `ZOO_DATA` first; else it is downloaded by torchvision, or from its
public source with a sha256 check, into `ZOO_CACHE` (default `~/.cache/pocket-zoo`).
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

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
