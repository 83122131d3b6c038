"""Where readers fail: held-back texts on which one is surest and wrong, and those on which they disagree."""

import re
from dataclasses import dataclass

import numpy as np
import torch

from playground.catalogue import load
from playground.demo import Part, Table, Words
from playground.demos.read_message.reader import DATA, chosen, classes, readers, style, title
from playground.fields import Values
from playground.memory import remembered
from zoo.data import DataDamaged, DataNotFound, named

SHOWN = 8  # texts of each kind
MOST = 140  # characters of a text
UNBROKEN = 24  # characters after which a word may be broken on a narrow screen
BATCH = 64  # texts read at once


@dataclass(frozen=True)
class Held:
    """Held-back texts, and what each reader of a task makes of them."""

    texts: list[str]
    labels: np.ndarray
    """(N,)"""
    shares: np.ndarray
    """(readers, N, classes) probabilities"""

    @property
    def said(self) -> np.ndarray:
        """(readers, N) labels."""
        return self.shares.argmax(2)

    def wrong(self, reader: int) -> np.ndarray:
        """Return the numbers of the texts that a reader gets wrong, those first of which it is surest."""
        found = np.flatnonzero(self.said[reader] != self.labels)
        return found[np.argsort(-self.shares[reader, found].max(1))]

    def apart(self) -> np.ndarray:
        """Return the numbers of the texts on which readers disagree, those first whose probabilities are farthest apart."""
        found = np.flatnonzero((self.said != self.said[0]).any(0))
        return found[np.argsort(-np.ptp(self.shares[:, found], 0).max(1))]


@remembered
def held(task: str) -> Held:
    """Let all readers of a task read its held-back texts.

    Raises:
        DataNotFound, DataDamaged: they are not at hand.
    """
    texts, labels = named(DATA[task]).load("test")
    order = np.argsort([len(text) for text in texts])  # alike in length, little is padded
    shares = []
    with torch.inference_mode():
        for name in readers(task):
            batches = [[texts[i] for i in order[at : at + BATCH]] for at in range(0, len(order), BATCH)]
            shares.append(torch.cat([load(name).classify(batch) for batch in batches])[np.argsort(order)].numpy())
    return Held(texts, labels, np.stack(shares))


def picked(v: Values) -> list[str]:
    """Return the texts that are shown; none where there are none at hand."""
    try:
        found = held(v["task"])
    except (DataNotFound, DataDamaged):
        return []
    rows = [*found.wrong(readers(v["task"]).index(chosen(v)))[:SHOWN], *found.apart()[:SHOWN]]
    return [found.texts[i] for i in dict.fromkeys(rows)]


def fails(v: Values) -> list[Part]:
    """Show the held-back texts on which the chosen reader is surest and wrong, and those on which readers disagree most."""
    names, called, noun = readers(v["task"]), classes(v["task"]), named(DATA[v["task"]]).NOUN
    try:
        found = held(v["task"])
    except (DataNotFound, DataDamaged) as error:
        return [Words(f"This needs held-back {noun} to read. {error}")]
    said, own = found.said, names.index(chosen(v))
    wrong = {name: int((answers != found.labels).sum()) for name, answers in zip(names, said, strict=True)}

    def rows(which: np.ndarray) -> Table:
        columns = {
            "text": [short(found.texts[i], MOST) for i in which],
            "it is": [called[found.labels[i]] for i in which],
        }
        cells = {head: [(text, False) for text in texts] for head, texts in columns.items()}
        for name, answers, shares in zip(names, said, found.shares, strict=True):
            cells[title(name)] = [
                (f"{called[answers[i]]}, {100 * shares[i].max():.0f} %", bool(answers[i] == found.labels[i]))
                for i in which
            ]
        return Table(cells)

    counts = ", ".join(f"{title(name)} {count}" for name, count in wrong.items())
    return [
        Words(f"Of {len(found.labels):,} {noun} held back, wrong: {counts}. In bold: who is right."),
        Words(f"**Where the {style(names[own])} is surest, and wrong**"),
        rows(found.wrong(own)[:SHOWN]),
        Words(f"**Where they disagree most**, of {len(found.apart()):,} on which they do"),
        rows(found.apart()[:SHOWN]),
    ]


def short(text: str, most: int) -> str:
    """Return a text in one line of at most so many characters, whose long words can be broken."""
    text = " ".join(text.split())
    text = text if len(text) <= most else text[: most - 1] + "…"
    return re.sub(rf"(\S{{{UNBROKEN}}})(?=\S)", "\\1\N{ZERO WIDTH SPACE}", text)
