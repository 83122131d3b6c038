"""What is measured of models that read texts, of every family alike: on the test split, on all folds in turn, and as they learn."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import f1_score

from train.core.settings import named_after
from zoo.card import Metric
from zoo.data import named
from zoo.data.labelled import Messages
from zoo.tables import Column, Plot, Table

Folds = Sequence[tuple[np.ndarray, np.ndarray]]
"""for each fold the logits (N, classes) of its texts, by a model that had not seen them, and their labels (N,)"""
LINES = (
    "Call me when you are home\nWINNER!! You have won a prize, call 09061701461 now\n\nOil prices rise to a new high"
)
"""what a checkpoint's golden outputs are of"""
FALSE_ALARMS = 0.001
FIRST = (50, 500)  # training texts of the first models of a learning curve
TEXTS = {  # whose verdicts histories show, by data set; written for this
    "sms": (
        "Running late, the bus never came. Start without me and keep me a slice?",
        "You have been picked for a £500 prize. Call 09060 111 222 to claim it before Friday",
        "Free tonight? Call me, I won two tickets",
        "Your parcel could not be delivered, pay the fee at the link to get it",
    ),
    "sentiment": (
        "a warm, funny and beautifully acted film that never talks down to its audience",
        "two hours of noise without one idea or one joke that lands",
        "not bad at all, and far from as dull as its title",
        "the best thing about it is that it ends",
    ),
    "agnews": (
        "The home side came from two goals down to win the cup in the last minute of extra time",
        "Ministers of twelve countries met in Geneva to discuss a cease-fire and aid for refugees",
        "The chip maker's shares fell after it said that its profit would be lower this quarter",
        "A telescope in orbit has found water on a planet of another star",
    ),
    "kinds": (
        "See you at eight, bring the keys",
        "a slight comedy that its cast makes better than it is",
        "The bank raised its rates by a quarter of a point on Tuesday",
        "Preheat the oven and grease the tin with butter",
    ),
}
OWN = 4  # of the texts of one's own: so many of the test split


def source(variant: str, settings: Any, variants: Iterable[str]) -> tuple[str, Any, Messages]:
    """Return the variant's name, its settings, and what it learns from: the data set that they name, or one's own `csv` or `text_folder`.

    Raises:
        ValueError: both are given, or the data set holds no texts with labels.
    """
    if settings.csv and settings.text_folder:
        raise ValueError("give --csv or --text-folder, not both")
    if own := settings.csv or settings.text_folder:
        variant, settings = named_after(own, variants), replace(settings, data="labelled")
    data = named(settings.data, own)
    if not isinstance(data, Messages):
        raise ValueError(f"{settings.data!r} is no data set of texts with labels")
    return variant, settings, data


def judged(model: Any, data: Messages, name: str) -> dict[str, str]:
    """Return what a model says of a few texts for a data set: each text, and the likeliest class with its probability."""
    texts = TEXTS.get(name) or data.load("test")[0][:OWN]
    p, labels = model.classify(texts).max(1)
    return {
        f"{text}\n": f"→ {data.CLASSES[label]}, {100 * share:.0f} %\n"
        for text, share, label in zip(texts, p.tolist(), labels.tolist(), strict=True)
    }


def turns(folds: np.ndarray, among: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give, for each fold among some rows, the rows of the others and its own; `folds` are those of all rows."""
    for fold in np.unique(folds[among]):
        own = folds[among] == fold
        yield among[~own], among[own]


def f1(y: np.ndarray, found: np.ndarray, classes: int) -> float:
    """Return the F1 of the second of two classes, or of more the mean."""
    return float(f1_score(y, found, average="binary" if classes == 2 else "macro", zero_division=0))


def on_test(logits: np.ndarray, y: np.ndarray, data: Messages, *, tolerance: float) -> list[Metric]:
    """Return the figures of logits (N, classes) of the test split.

    Args:
        tolerance: of the accuracy, in points; the others' go with it.
    """
    n, classes = len(y), len(data.CLASSES)
    loss = float(F.cross_entropy(torch.from_numpy(logits).float(), torch.from_numpy(y)))
    return [
        Metric("accuracy", 100 * float((logits.argmax(1) == y).mean()), "%", n, "test", tolerance, "share of test texts classified right"),
        Metric("f1", f1(y, logits.argmax(1), classes), "", n, "test", 0.05 * tolerance, _called(data)),
        Metric("cross_entropy", loss, "nats", n, "test", 0.05 * tolerance, "mean of -log p(label)"),
    ]  # fmt: skip


def _called(data: Messages) -> str:
    return f"F1 of {data.CLASSES[1]!r}" if len(data.CLASSES) == 2 else "mean of the classes' F1"


def on_folds(folds: Folds, data: Messages, how: str, *, tolerance: float, full: bool = False) -> list[Metric]:
    """Return the figures of all folds in turn.

    Args:
        how: what was done for each fold.
        tolerance: as in `on_test`.
        full: whether only `verify --full` measures them again.
    """
    classes = len(data.CLASSES)
    scores = np.array([(100 * (x.argmax(1) == y).mean(), f1(y, x.argmax(1), classes)) for x, y in folds])
    logits, y = (np.concatenate(part) for part in zip(*folds, strict=True))
    n, each = len(y), f"mean over {len(folds)} folds, {how}"
    found = [
        Metric("accuracy_folds", float(scores[:, 0].mean()), "%", n, "folds", tolerance, f"accuracy, {each}", full),
        Metric("accuracy_spread", float(scores[:, 0].std()), "%", n, "folds", tolerance, "its deviation over the folds", full),
        Metric("f1_folds", float(scores[:, 1].mean()), "", n, "folds", 0.05 * tolerance, f"{_called(data)}, {each}", full),
        Metric("majority", 100 * float(np.bincount(y).max()) / n, "%", n, "folds", 0.01, "accuracy of always answering the most frequent class", full),
    ]  # fmt: skip
    if classes == 2:
        odds = logits[:, 1] - logits[:, 0]
        asked = np.quantile(odds[y == 0], 1 - FALSE_ALARMS, method="higher")
        recall, second = 100 * float((odds[y == 1] > asked).mean()), int((y == 1).sum())
        found.append(
            Metric("recall_few_false", recall, "%", second, "folds", max(0.5, 10 * tolerance), f"texts of the second class found where {100 * FALSE_ALARMS:g} % of the first are taken for it, all folds together", full)
        )  # fmt: skip
    return found


def curves(folds: Folds) -> dict[str, Any]:
    """Return, of two classes, how many of the second are found and how many of the first are taken for it, by the log-odds asked for."""
    logits, y = (np.concatenate(part) for part in zip(*folds, strict=True))
    if logits.shape[1] != 2:
        return {}
    odds = logits[:, 1] - logits[:, 0]
    asked = np.quantile(odds, np.linspace(0, 1, 400))
    return {
        "threshold": asked.round(4).tolist(),
        "found": [round(float((odds[y == 1] >= a).mean()), 5) for a in asked],
        "false_alarms": [round(float((odds[y == 0] >= a).mean()), 6) for a in asked],
    }


def learning(answers: Callable[[np.ndarray], np.ndarray], rows: np.ndarray, y: np.ndarray, classes: int) -> Table:
    """Lay out what a model makes of few, more and all training texts.

    Args:
        answers: rows to learn from -> logits (N, classes) of the test texts.
        rows: of the training texts, in the order in which they are taken.
        y: labels (N,) of the test texts.
    """
    found = []
    for size in (*(size for size in FIRST if size < len(rows)), len(rows)):
        labels = answers(np.sort(rows[:size])).argmax(1)
        found.append((float(size), 100 * float((labels == y).mean()), f1(y, labels, classes)))
    columns = (Column("texts", format=",.0f"), Column("accuracy", "%", ".2f"), Column("F1", format=".4f"))
    return Table(
        "Learning curve", "What it makes of the first training texts and of all of them, on the test split.", columns, tuple(found),
        (Plot("lines", ("texts", "accuracy"), "training texts", "accuracy, %", log=True),),
    )  # fmt: skip
