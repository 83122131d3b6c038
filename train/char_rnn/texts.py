"""What is measured of a model of a text: how surprising the rest of it is, what of its writing is copied, and which cells follow what."""

import re
from collections.abc import Callable

import numpy as np
from torch import Tensor

from zoo import copies
from zoo.card import Metric
from zoo.models.char_rnn import CharRNN
from zoo.tables import Column, Table

SAMPLES, LENGTH, TEMPERATURE = 20, 500, 0.8
LOOKED = 40_000  # characters of the training text by which cells are chosen


def copied(texts: list[str], learnt: np.ndarray) -> tuple[float, float]:
    """Return the mean length of texts' longest copies, in characters, and the share of all characters that are in copies, in %."""
    found = [copies.copies(text, learnt, copies.WINDOW) for text in texts]
    longest = float(np.mean([max((end - start for start, end in own), default=0) for own in found]))
    return longest, 100 * sum(map(copies.covered, found)) / max(1, sum(map(len, texts)))


def memory(model: CharRNN, text: str, learnt: np.ndarray) -> list[Metric]:
    """Measure what of the model's writing is copied from what it learnt, beside what of the test text is.

    Args:
        text: the test text.
        learnt: what the training text is known by, see `zoo.copies`.
    """
    written = model.sample(SAMPLES, seed=1_000_000, length=LENGTH, temperature=TEMPERATURE)
    places = np.linspace(0, max(0, len(text) - LENGTH), SAMPLES).astype(int)
    real = [text[i : i + LENGTH] for i in places]
    found = []
    for name, texts, whose in (
        ("", written, f"texts written at temperature {TEMPERATURE:g}"),
        ("_real", real, "passages of the test part"),
    ):
        longest, share = copied(texts, learnt)
        n = sum(map(len, texts))
        found += [
            Metric(f"longest_copy{name}", longest, "characters", SAMPLES, "samples" if not name else "test", 1.0, f"longest stretch that stands in the training text too, of {copies.WINDOW} characters or more, mean over {SAMPLES} {whose} of {LENGTH} characters"),
            Metric(f"copied{name}", share, "%", n, "samples" if not name else "test", 1.0, f"characters of these {whose.split()[0]} in such stretches"),
        ]  # fmt: skip
    return found


def inside(opening: str, closing: str) -> Callable[[str], np.ndarray]:
    """Return what marks the places between an opening and the next closing character, or a line's end."""

    def marked(text: str) -> np.ndarray:
        found, within = np.zeros(len(text)), False
        for i, c in enumerate(text):
            within = not within if c == opening == closing else (c == opening or (within and c not in (closing, "\n")))
            found[i] = within and c != "\n"
        return found

    return marked


def since(pattern: str, most: int) -> Callable[[str], np.ndarray]:
    """Return what counts the characters since the last match of a pattern, to a limit."""

    def counted(text: str) -> np.ndarray:
        starts = np.zeros(len(text), int)
        for match in re.finditer(pattern, text):
            starts[match.end() - 1 :] = match.end() - 1
        return np.minimum(np.arange(len(text)) - starts, most)

    return counted


FOLLOWED: dict[str, Callable[[str], np.ndarray]] = {
    "inside quotation marks": inside('"', '"'),
    "inside parentheses": inside("(", ")"),
    "characters since the paragraph began": since(r"\n", 600),
    "characters since the sentence began": since(r"[.!?]\"?[ \n]", 200),
    "characters since the clause began": since(r"[,;:.!?]\"?[ \n]", 60),
    "characters of the word so far": since(r"[^A-Za-z']", 12),
    "in a title, in capitals": lambda text: np.array([c.isupper() for c in text], float),
}


def cells(model: CharRNN, train: str, test: str) -> Table:
    """Find the cell that follows each of a few things best in the training text, and tell how well it follows it in the test text."""
    rows = []
    found = (_correlations(model, text[:LOOKED]) for text in (train, test))
    for title, chosen, seen in zip(FOLLOWED, *found, strict=True):
        if np.isfinite(chosen).any() and np.isfinite(seen).any():  # else it never changes there
            cell = int(np.nanargmax(np.abs(chosen)))
            rows.append((title, float(cell), float(seen[cell])))
    columns = (Column("what is followed"), Column("cell", format=".0f"), Column("correlation", format=".2f"))
    return Table("Cells that can be read", "The cell whose state follows best what is told, chosen on the training text, and the correlation on the test text.", columns, tuple(rows))  # fmt: skip


def _correlations(model: CharRNN, text: str) -> np.ndarray:
    """Return the correlation of each thing that may be followed with each cell: (things, cells); not a number where one never changes."""
    states: Tensor = model.trail(text)
    x = states.double().numpy()
    x = x - x.mean(0)
    found = []
    for follow in FOLLOWED.values():
        y = follow(text)
        y = y - y.mean()
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(y @ x / (np.linalg.norm(x, axis=0) * np.linalg.norm(y)))
    return np.stack(found)
