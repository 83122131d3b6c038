"""Lines, each a text of its own such as a name, with what may be known of each; in a file of one's own, one a line."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from zoo import texts
from zoo.data import DataNotFound, DataSet, Provenance
from zoo.files import trains

LEAST, LONGEST = 200, 100  # lines that are needed, and characters of one
TENTHS = 10  # one line in so many is kept for the test
PROVENANCE = Provenance(
    title="lines of the trainer's", hub_id="lines", license="other: as the lines' own", source="A file of the trainer's",
    citation="none", weights_license="other", own=True,
)  # fmt: skip


@runtime_checkable
class Lines(DataSet, Protocol):
    """Lines, all different, and what is known of each."""

    CONDITIONS: dict[str, tuple[str, ...]]
    """what may be known: options by name; empty for nothing"""
    BEGINNINGS: tuple[str, ...]
    """four, to be written on"""

    def load(self, split: str) -> tuple[list[str], np.ndarray]:
        """Return the 'train' or 'test' lines, and (N, conditions) int64, numbers of options."""


def held(line: str, tenths: int = 1) -> bool:
    """Return whether a line is in the test split: so many tenths of all, by a hash, whatever else is known of it."""
    return int(sha256(line.lower().encode()).hexdigest(), 16) % TENTHS < tenths


@dataclass(frozen=True)
class Own:
    """Lines in a file of one's own, read once: what is learnt and named by its hash is the same, whatever becomes of the file."""

    path: Path

    PROVENANCE = PROVENANCE
    CONDITIONS: ClassVar[dict[str, tuple[str, ...]]] = {}

    @cached_property
    def _lines(self) -> list[str]:
        path = Path(self.path)
        if not path.is_file():
            raise DataNotFound(
                f"{path} is not at hand: {'train on another with --lines FILE' if trains() else 'give another'}"
            )
        try:
            found = texts.read(path.read_bytes())
        except texts.TextError as error:
            raise ValueError(f"{path} cannot be learnt from: {error}") from error
        lines = list(dict.fromkeys(line.strip() for line in found.split("\n") if line.strip()))
        if (long := max(lines, key=len)) and len(long) > LONGEST:
            raise ValueError(f"{path} has a line of {len(long):,} characters, {long[:30]!r}: a line may have {LONGEST}")
        if len(lines) < LEAST:
            raise ValueError(f"{path} has {len(lines):,} different lines: {LEAST} or more are needed")
        return lines

    @property
    def SHA256(self) -> str:
        """Hash of the lines."""
        return sha256("\n".join(self._lines).encode()).hexdigest()

    @property
    def BEGINNINGS(self) -> tuple[str, ...]:
        """The first letters of four lines."""
        return tuple(self._lines[i * len(self._lines) // 4][:1] for i in range(4))

    def load(self, split: str) -> tuple[list[str], np.ndarray]:
        """Return the 'train' or 'test' lines; nothing is known of them.

        Raises:
            DataNotFound: the file is not there.
            ValueError: it is no text, or has too few lines or too long ones.
        """
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test', not {split!r}")
        found = [line for line in self._lines if held(line) == (split == "test")]
        return found, np.zeros((len(found), 0), np.int64)


at = Own
