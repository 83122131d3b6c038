"""Short recordings of words, by speakers who may be known: how they are kept, and read out of a file."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from zoo.data import DataNotFound, DataSet, Provenance, content, damaged, find, sha256
from zoo.sound import levelled

UNKNOWN = -1  # a speaker whom nobody named


@dataclass(frozen=True)
class Clips:
    """Recordings of one split, in the file's order, levelled: see `zoo.sound.levelled`."""

    waveforms: tuple[np.ndarray, ...]
    """(samples,) float32 each, 8,000 a second, in [-1, 1]"""
    words: np.ndarray
    """(N,) int64, numbers of `CLASSES`"""
    speakers: np.ndarray
    """(N,) int64, numbers of `SPEAKERS`; -1 where they are not known"""

    def __len__(self) -> int:
        return len(self.words)

    def part(self, rows: np.ndarray) -> "Clips":
        """Return the clips of a mask (N,) or of row numbers."""
        chosen = np.arange(len(self))[rows]
        return Clips(tuple(self.waveforms[i] for i in chosen), self.words[chosen], self.speakers[chosen])

    @cached_property
    def sha256(self) -> str:
        """Hash of all that a training sees of them."""
        return sha256(*self.waveforms, self.words, self.speakers)


@runtime_checkable
class Spoken(DataSet, Protocol):
    """Recordings of words."""

    CLASSES: tuple[str, ...]
    """the words"""
    SPEAKERS: tuple[str, ...]
    """none where they are not known"""
    LISTENERS: dict[str, str]
    """checkpoints that show how a training goes, of the 'word' and, where it is known, of the 'voice'; their like with -judge judge"""
    VOCODER: str
    """the checkpoint by which spectrograms are heard"""

    def load(self, split: str) -> Clips:
        """Return the 'train' or 'test' recordings."""


def read(
    split: str, known: Provenance, digest: str, remedy: str, row: Callable[[Mapping[str, Any]], tuple[bool, int, int]]
) -> Clips:
    """Read a split out of a parquet file whose rows have a waveform, int16 at 8,000 samples a second.

    Args:
        remedy: what is said where the file is not at hand.
        row: a row -> whether it is in the test split, its word's number, its speaker's.

    Raises:
        DataNotFound: the file is not in `ZOO_DATA`, or what reads it is not installed.
        DataDamaged: it is another.
        ValueError: the split is unknown.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split must be 'train' or 'test', not {split!r}")
    path = find(known.files[0])
    if path is None:
        raise DataNotFound(remedy)
    table = _table(path, known, digest)
    try:
        rows = [row(one) for one in table.drop_columns("waveform").to_pylist()]
        own = [i for i, (test, _, _) in enumerate(rows) if test == (split == "test")]
        kept = table["waveform"].take(own).combine_chunks()
        ends = kept.value_lengths().to_numpy().cumsum()
        samples = np.split(kept.flatten().to_numpy().astype(np.float32) / 32768, ends[:-1])
    except (KeyError, TypeError, ValueError) as error:  # pyarrow's are ValueErrors too
        raise damaged(path, known, str(error)) from error
    waveforms = tuple(levelled(one) for one in samples)
    for waveform in waveforms:
        waveform.flags.writeable = False
    words, speakers = (np.array([rows[i][column] for i in own], np.int64) for column in (1, 2))
    return Clips(waveforms, words, speakers)


def _table(path: Path, known: Provenance, digest: str) -> Any:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise DataNotFound(f"reading {path.name} needs pyarrow: pip install 'pocket-zoo[train]'") from error
    return pyarrow.parquet.read_table(io.BytesIO(content(path, known, digest)))
