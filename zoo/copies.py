"""What of a written text stands in the text that was learnt from, known by hashes of its stretches, so that the text itself need not be at hand."""

import zlib
from collections.abc import Iterable, Sequence

import numpy as np

WINDOW = 12  # characters in a row that are a copy


def hashed(parts: Iterable[str]) -> np.ndarray:
    """Return the CRC-32 of texts, (N,) uint32."""
    return np.fromiter((zlib.crc32(part.encode()) for part in parts), np.uint32)


def windows(text: str, size: int) -> list[str]:
    """Return all that stands in so many characters in a row."""
    return [text[i : i + size] for i in range(len(text) - size + 1)]


def known(parts: Iterable[str]) -> np.ndarray:
    """Return the hashes of lines or stretches by which they are known: sorted, none twice, (N,) int32, as uint32 has no safetensors everywhere."""
    return np.unique(hashed(parts)).view(np.int32)


def new(lines: Sequence[str], learnt: np.ndarray) -> np.ndarray:
    """Return which lines are not among those that `learnt` is known by, (N,) bool."""
    x, there = hashed(lines), learnt.view(np.uint32)  # bisection, where numpy's isin would sort both
    return np.searchsorted(there, x, "left") == np.searchsorted(there, x, "right")


def copies(text: str, learnt: np.ndarray, window: int) -> list[tuple[int, int]]:
    """Return where stretches begin and end of which each `window` characters in a row stand in the text that `learnt` is known by, in order.

    A stretch is one only if it is at least that long. Another of the same hash is met once in 2**32 / len(learnt) characters.
    """
    found: list[tuple[int, int]] = []
    for i in np.flatnonzero(~new(windows(text, window), learnt)):
        if found and i <= found[-1][1] - window + 1:
            found[-1] = found[-1][0], int(i) + window
        else:
            found.append((int(i), int(i) + window))
    return found


def covered(stretches: Iterable[tuple[int, int]]) -> int:
    """Return how many characters are in stretches, of which some may overlap."""
    return len({i for start, end in stretches for i in range(start, end)})
