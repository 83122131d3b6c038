"""Fit classical models of texts: `python -m train.classical_text spam`. Each is tried on each kind of features by cross-validation.

The best linear one over bags of terms is kept, as arrays: chosen within the training split, whose folds take turns, then measured on
the test split, and with all folds in turn. Its learning curve is the history.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from train.classical_text.fitting import BAGS, CLASSIFIERS, VECTORS, Corpus, chosen, corpus_of, fitted
from train.classical_text.kinds import familiar, strange
from train.core.reading import LINES, Folds, curves, f1, judged, learning, on_folds, on_test, source, turns
from train.core.run import Run, publish
from train.core.settings import Stepless
from zoo.card import Metric
from zoo.data import at_hand
from zoo.data.labelled import Messages
from zoo.models.classical_text import ClassicalText, Config
from zoo.tables import Axis, Column, Losses, Plot, Progress, Table

CURVED = ("random forest", "feed-forward net")  # not linear
TRIED = [
    *((bag, name) for bag in BAGS for name in CLASSIFIERS if name not in CURVED),
    *(("TF-IDF of words", name) for name in CURVED),
    *((kind, name) for kind in VECTORS for name in CLASSIFIERS if "C =" not in name),
]  # fmt: skip
POINTS = 12  # sizes of the learning curve


@dataclass(frozen=True)
class ClassicalSettings(Stepless):
    """Settings of the fitting."""

    model: Config = Config()
    features: str = ""
    """the one kind of features that is tried, by linear models; '' for all"""
    csv: Path | None = None
    """a CSV or Parquet file with the columns text and label to learn from instead; the checkpoint is named after it"""
    text_folder: Path | None = None
    """the same: a folder with a folder of .txt files for each label"""


VARIANTS = {
    "spam": ClassicalSettings(data="sms"),
    "opinion": ClassicalSettings(data="sentiment"),
    "topics": ClassicalSettings(data="agnews"),
    # Words alone: marks and spaces would tell the data sets apart by how they were prepared.
    "kind": ClassicalSettings(data="kinds", features="TF-IDF of words"),
}
BARS: dict[str, dict[str, tuple[float | None, float | None]]] = {
    "spam": {"accuracy_folds": (99.0, None), "f1_folds": (0.96, None)},
    "opinion": {"accuracy_folds": (78.0, None)},
    "topics": {"accuracy_folds": (88.0, None)},
    "kind": {"accuracy_folds": (95.0, None)},
}


def progress(data: Messages) -> Progress:
    """Say what the history measures."""
    return Progress(
        {"accuracy": Axis("Test accuracy", "%", within=data.PROVENANCE.title)},
        Losses("least validation error so far", "of 1", {"error": "error"}),
        examples="examples",
    )


def tried(corpus: Corpus, kind: str, name: str) -> list[float]:
    """Cross-validate within the training split: accuracy in %, its deviation over the folds, F1, and seconds of a fit."""
    scores, seconds = [], []
    for fit, held in turns(corpus.folds, np.flatnonzero(corpus.folds > 0)):
        x, classifier = corpus.features(kind, fit), chosen(kind, name)
        began = time.perf_counter()
        classifier.fit(x[fit], corpus.labels[fit])
        seconds.append(time.perf_counter() - began)
        found, y = classifier.predict(x[held]), corpus.labels[held]
        scores.append((100 * (found == y).mean(), f1(y, found, corpus.classes)))
    accuracy, scored = np.array(scores).T
    return [float(accuracy.mean()), float(accuracy.std()), float(scored.mean()), float(np.mean(seconds))]


class Tried:
    """What was tried so far, of these pairs of features and classifiers, as a run saves it."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = TRIED) -> None:
        self.pairs = pairs
        self.results: list[list[float]] = []

    def state_dict(self) -> dict[str, Any]:
        """Return the results."""
        return {"results": self.results}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.results = state["results"]

    def best(self) -> tuple[str, str]:
        """Return kind and name of the best linear classifier over bags: the most accurate, of equal ones that with the higher F1."""
        scores = {
            pair: (result[0], result[2])
            for pair, result in zip(self.pairs, self.results, strict=True)
            if pair[0] in BAGS and pair[1] not in CURVED
        }
        return max(scores, key=lambda pair: scores[pair])


def train(variant: str, settings: ClassicalSettings) -> Path | None:
    """Try, fit, measure and save `classical_text.<variant>`; return its folder."""
    variant, settings, data = source(variant, settings, VARIANTS)
    corpus = corpus_of(data)
    # Vectors of words are not for everyone: they have no public source as a file of ours.
    pairs = [pair for pair in TRIED if settings.data != "labelled" or pair[0] in BAGS or at_hand("glove")]
    if settings.features:
        pairs = [(kind, name) for kind, name in pairs if kind == settings.features and name not in CURVED]
    results = Tried(pairs)
    if not pairs or pairs[0][0] not in BAGS:
        raise ValueError(f"features must be one of {', '.join(BAGS)}, not {settings.features!r}")
    rows = np.random.default_rng(settings.seed).permutation(np.flatnonzero(corpus.folds > 0))
    sizes = np.unique(np.geomspace(min(50, len(rows)), len(rows), POINTS).round().astype(int))
    sizes = np.array([size for size in sizes if enough(corpus, rows[:size])])
    run = Run(f"classical_text.{variant}", settings, len(pairs) + len(sizes), data=data.SHA256)
    run.moments = {0, *range(len(pairs) + 1, run.total + 1)}
    test_x, test_y = data.load("test")

    def moment(step: int) -> None:
        size = int(sizes[step - len(pairs) - 1]) if step else 0
        model = (
            fitted(corpus, *results.best(), np.sort(rows[:size]))
            if step
            else ClassicalText(Config(classes=corpus.classes))
        )
        right = model.logits(test_x).argmax(1).numpy() == test_y
        run.keep(step, texts=judged(model, data, settings.data), accuracy=100 * float(right.mean()), examples=size)

    for step, _ in run.steps(lambda step: None, snapshot=moment, log_every=4, results=results):
        if step < len(pairs):
            results.results.append(tried(corpus, *pairs[step]))
        error = min(1 - result[0] / 100 for result in results.results[: step + 1])
        run.record({"error": torch.tensor(error)})
    model = fitted(corpus, *results.best(), np.sort(rows))
    run.settings = replace(settings, model=model.config)

    def tables(model: Any, data: Any) -> dict[str, Table]:
        answers = partial(_answers, corpus, results.best(), test_x)
        found = {"tried": compared(results), "learning": learning(answers, rows, test_y, corpus.classes)}
        return found | ({"strange": strange(model, unseen(model, data))} if settings.data == "kinds" else {})

    def numbers(model: Any, data: Any) -> dict[str, Any]:
        folds = unseen(model, data)
        return {"familiar": familiar(folds)} if settings.data == "kinds" else curves(folds)

    return publish(
        run, run.name, model, data, evaluate, golden, progress=progress(data), dtype="float32", tables=tables, numbers=numbers
    )  # fmt: skip


def _answers(corpus: Corpus, best: tuple[str, str], texts: Sequence[str], fit: np.ndarray) -> np.ndarray:
    return fitted(corpus, *best, fit).logits(texts).numpy()


def enough(corpus: Corpus, fit: np.ndarray) -> bool:
    """Return whether there are all classes among rows, whichever fold is held back."""
    return all(len(np.unique(corpus.labels[part])) == corpus.classes for part, _ in turns(corpus.folds, fit))


def compared(results: Tried) -> Table:
    """Lay out what was tried."""
    columns = (
        Column("model"), Column("accuracy", "%", ".2f"), Column("spread", "%", ".2f"), Column("F1", format=".4f"),
        Column("fitted in", "s", ".2f"),
    )  # fmt: skip
    rows = sorted(
        ((f"{name}, {kind}", *result) for (kind, name), result in zip(results.pairs, results.results, strict=True)),
        key=lambda row: -row[1],
    )
    return Table(
        "Tried",
        "Each classifier on each kind of features, by cross-validation within the training split; the spread is the deviation over its folds.",
        columns, tuple(rows), (Plot("dots", ("model", "accuracy"), "accuracy, %"),),
    )  # fmt: skip


@lru_cache(maxsize=1)
def unseen(model: ClassicalText, data: Messages) -> Folds:
    """Fit the model's kind with each fold held back; return, for each, the logits of its texts and their labels."""
    corpus, config = corpus_of(data), model.config
    kind = next(
        kind for kind, bag in BAGS.items()
        if (bag.words, bag.pieces, bag.inverse) == (config.words, config.pieces, config.inverse)
    )  # fmt: skip
    found = []
    for fit, held in turns(corpus.folds, np.arange(len(corpus.labels))):
        texts = [corpus.rows.texts[i] for i in held]
        found.append((_answers(corpus, (kind, config.classifier), texts, fit), corpus.labels[held]))
    return found


def evaluate(model: ClassicalText, data: Messages, *, full: bool = False) -> list[Metric]:
    """Measure the model on the test split, and its kind with all folds in turn."""
    texts, y = data.load("test")
    how = "each held back from a fit of its own; which classifier it is was chosen on all but the first"
    found = on_test(model.logits(texts).numpy(), y, data, tolerance=0.02)
    return found + on_folds(unseen(model, data), data, how, tolerance=0.05)


def golden(model: ClassicalText) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    lines = torch.frombuffer(bytearray(LINES.encode()), dtype=torch.uint8).clone()
    return {"forward.in.0": lines, "forward.out.0": model(lines)}
