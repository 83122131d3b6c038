"""Texts with labels: what repeats is taken out, and the folds are fixed by a hash, equally many of each class in all."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from zoo import texts
from zoo.data import DataNotFound, DataSet, Provenance, content, damaged, find, remedy
from zoo.files import trains

FOLDS, LEAST = 5, 20  # of one's own; and how many texts a class needs
PROVENANCE = Provenance(
    title="texts of the trainer's, with labels", hub_id="texts", license="other: as the texts' own",
    source="A file or folder of the trainer's", citation="none", weights_license="other", own=True,
)  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """Texts with labels, in the order of the texts' hashes."""

    texts: tuple[str, ...]
    labels: np.ndarray
    """(N,) int64"""
    folds: np.ndarray
    """(N,) int64, 0 to the number of folds less 1; fold 0 is the test split"""

    def part(self, which: np.ndarray) -> tuple[list[str], np.ndarray]:
        """Return the texts and labels of a mask (N,) or of row numbers."""
        rows = np.flatnonzero(which) if which.dtype == bool else which
        return [self.texts[i] for i in rows], self.labels[rows]


@runtime_checkable
class Messages(DataSet, Protocol):
    """Texts with labels."""

    NOUN: str
    """what a text is, in the plural"""
    CLASSES: tuple[str, ...]
    FOLDS: int
    """how many the rows are in; the first is the test split"""

    def load(self, split: str) -> tuple[list[str], np.ndarray]:
        """Return the 'train' or 'test' texts, and labels (N,) int64, numbers of `CLASSES`."""

    def messages(self) -> Rows:
        """Return all rows."""


def rows(pairs: Sequence[tuple[str, int]], folds: int) -> Rows:
    """Take out texts that repeat another, and those whose label is in doubt; put the rest into folds.

    Args:
        pairs: texts and labels.
        folds: how many; of each class the first goes into the first fold, the next into the second, in the order of sha256.
    """
    known: dict[str, set[int]] = {}
    for text, label in pairs:
        known.setdefault(text, set()).add(label)
    certain = ((text, min(labels)) for text, labels in known.items() if len(labels) == 1)
    found = sorted((sha256(text.encode()).hexdigest(), text, label) for text, label in certain)
    labels = np.array([label for _, _, label in found], np.int64)
    fold = np.zeros(len(found), np.int64)
    for label in np.unique(labels):
        where = np.flatnonzero(labels == label)
        fold[where] = np.arange(len(where)) % folds
    return Rows(tuple(text for _, text, _ in found), labels, fold)


class Labelled:
    """Texts with labels in a file, known by its hash and its provenance, or in any file or folder: `Messages`.

    A CSV or Parquet file has the columns `text` and `label`, and may have `title`, which is put before the text; a folder has a folder
    of .txt files for each label.
    """

    PROVENANCE = PROVENANCE
    NOUN = "texts"

    def __init__(self, path: str | Path, expected: str = "", name: str = "", known: Provenance | None = None,
                 classes: dict[str, str] | None = None, folds: int = FOLDS):  # fmt: skip
        """Say where it is. A file of one's own is read once: what is learnt and named by its hash is the same, whatever becomes of it.

        Args:
            expected: sha256 of the file; '' for one's own.
            name: of the data set's module.
            classes: what a label is called, by the file's labels, in the order of their numbers; read off the file where it is None.
        """
        self.path, self.expected, self.name, self.known = path, expected, name, known
        self._classes, self.FOLDS = classes, folds

    @cached_property
    def _own(self) -> list[tuple[str, str]]:
        return self._pairs()

    def _pairs(self) -> list[tuple[str, str]]:
        if self.known:
            path = find(str(self.path))
            if path is None:
                raise DataNotFound(remedy(self.name))
            return _read(path, content(path, self.known, self.expected), self.known)
        path = Path(self.path)
        if path.is_dir():
            return [(_text(file), file.parent.name) for file in sorted(path.glob("*/*.txt"))]
        if not path.is_file():
            own = "train on your own with --csv FILE" if trains() else "give another"
            raise DataNotFound(f"{path} is not at hand: {own}")
        return _read(path, path.read_bytes(), None)

    @property
    def CLASSES(self) -> tuple[str, ...]:
        """What the labels are called, by number."""
        return tuple(self._classes.values()) if self._classes else tuple(sorted({label for _, label in self._own}))

    @property
    def SHA256(self) -> str:
        """Hash of the file's bytes; of one's own, of the texts and labels."""
        return self.expected or sha256("\0".join("\1".join(pair) for pair in self._own).encode()).hexdigest()

    def messages(self) -> Rows:
        """Return all rows.

        Raises:
            DataNotFound: the file is not there.
            DataDamaged: it is another than was expected.
            ValueError: one's own file cannot be read, or has too few texts.
        """
        names = list(self._classes or self.CLASSES)
        pairs = self._pairs() if self.known else self._own
        found = rows([(text, names.index(label)) for text, label in pairs if text.strip()], self.FOLDS)
        if not self.known:
            counts = np.bincount(found.labels, minlength=len(names))
            if len(names) < 2 or counts.min() < LEAST:
                told = ", ".join(f"{count:,} of {name!r}" for name, count in zip(names, counts, strict=True))
                raise ValueError(
                    f"{self.path} has {told or 'nothing'}: two labels or more are needed, each with {LEAST} different texts or more"
                )
        return found

    def load(self, split: str) -> tuple[list[str], np.ndarray]:
        """Return the 'train' or 'test' texts, and labels (N,) int64; errors as `messages`."""
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test', not {split!r}")
        found = self.messages()
        return found.part((found.folds == 0) == (split == "test"))


def _text(path: Path) -> str:
    try:
        return texts.read(path.read_bytes())
    except texts.TextError as error:
        raise ValueError(f"{path} cannot be learnt from: {error}") from error


def _read(path: Path, found: bytes, known: Provenance | None) -> list[tuple[str, str]]:
    """Return texts and labels of a file's content."""
    try:
        table: list[dict[str, Any]]
        if path.suffix.lower() == ".parquet":
            table = _parquet(found, str(path))
        else:
            table = list(csv.DictReader(io.StringIO(texts.read(found), newline=""), strict=True))
        if not table or not {"text", "label"} <= set(table[0]):
            raise ValueError("it has no columns 'text' and 'label', or no row")
        pairs = [(_joined(row), str(row["label"]) if isinstance(row["label"], int) else row["label"]) for row in table]
        if any(not isinstance(text, str) or not isinstance(label, str) or not label for text, label in pairs):
            raise ValueError("a row has no text or no label")
        return [(texts.tidy(text), label) for text, label in pairs]
    except (ValueError, csv.Error, KeyError, TypeError) as error:
        if known:
            raise damaged(path, known, str(error)) from error
        raise ValueError(f"{path} cannot be read as a table with the columns text and label: {error}") from error


def _joined(row: dict[str, Any]) -> Any:
    return f"{row['title']}\n{row['text']}" if row.get("title") and row["text"] else row["text"]


def _parquet(found: bytes, path: str) -> list[dict[str, Any]]:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise DataNotFound(f"reading {path} needs pyarrow: pip install 'pocket-zoo[train]'") from error
    try:
        return pyarrow.parquet.read_table(io.BytesIO(found)).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(str(error)) from error


at = Labelled
