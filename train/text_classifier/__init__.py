"""Train networks that read texts: `python -m train.text_classifier spam-lstm`. AdamW, words left out at random, weight averaging; at
the end each network's answers are settled.

What is kept learnt from all folds but the first, the test split; the folds' figures are of networks trained alike with each held back.
"""

import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from train.core.fit import build, fit
from train.core.reading import LINES, Folds, curves, f1, judged, learning, on_folds, on_test, source, turns
from train.core.run import Run, publish
from train.core.settings import Settings
from train.text_classifier.answers import alone, answers, settled
from zoo.card import Metric
from zoo.data import glove, named
from zoo.data.labelled import Messages, Rows
from zoo.models.text_classifier import BLANK, Batch, Config, TextClassifier
from zoo.models.text_classifier.words import tokens
from zoo.tables import Axis, Column, Losses, Progress, Table

LEAST = 2  # times that a word stands in the training texts, to be known


@dataclass(frozen=True)
class TextSettings(Settings):
    """Settings of the training."""

    epochs: float = 12
    snapshots: int = 12
    batch_size: int = 64
    lr: float = 2e-3
    warmup: int = 50
    weight_decay: float = 0.02
    ema: float = 0.99
    bf16: bool = False
    model: Config = Config()
    vectors: bool = False
    """begin with GloVe's vectors, where a word has one"""
    alike: bool = False
    """texts of like length in a batch: a recurrent network learns twice as fast, as little is padded, and no less well if it is an LSTM"""
    csv: Path | None = None
    """a CSV or Parquet file with the columns text and label to learn from instead; the checkpoint is named after it"""
    text_folder: Path | None = None
    """the same: a folder with a folder of .txt files for each label"""


PLAIN = Config(kind="rnn", both=False, pool="last", buckets=0, drop=0.2)
CNN = Config(kind="cnn", pool="max", drop=0.5, lose=0.1, forget=0.3, members=3)
NEWS = Config(pool="max words", states=64, drop=0.5, lose=0.3, forget=0.3, members=2)
VARIANTS = {
    "spam-rnn": TextSettings(data="sms", model=PLAIN),
    "spam-lstm": TextSettings(
        data="sms",
        bf16=True,
        alike=True,
        weight_decay=1.0,
        model=Config(pool="max words", buckets=8192, digits=5, lose=0.1, members=3),
    ),
    "opinion-bilstm": TextSettings(
        data="sentiment",
        vectors=True,
        bf16=True,
        alike=True,
        epochs=6,
        model=Config(layers=2, pool="max", states=64, drop=0.5, lose=0.1, forget=0.3, members=2),
    ),
    "opinion-cnn": TextSettings(data="sentiment", vectors=True, lr=4e-3, epochs=10, model=CNN),
    "topics-lstm": TextSettings(data="agnews", vectors=True, bf16=True, alike=True, epochs=14, model=NEWS),
    "topics-cnn": TextSettings(
        data="agnews",
        vectors=True,
        lr=3e-3,
        epochs=14,
        model=replace(CNN, pool="max words", lose=0.4, widths="2 3 4", members=2),
    ),
}
BARS: dict[str, dict[str, tuple[float | None, float | None]]] = {
    "spam-rnn": {"accuracy_folds": (98.5, None)},
    "spam-lstm": {"accuracy_folds": (98.9, None), "f1_folds": (0.955, None)},
    "opinion-bilstm": {"accuracy_folds": (77.5, None)},
    "opinion-cnn": {"accuracy_folds": (78.5, None)},
    "topics-lstm": {"accuracy_folds": (87.0, None)},
    "topics-cnn": {"accuracy_folds": (88.7, None)},
}
FEW = 500
PADDED = 2  # epochs of the network that padding reaches in training


def progress(data: Messages) -> Progress:
    """Say what the history measures."""
    axis = Axis("Test accuracy", "%", within=data.PROVENANCE.title)
    return Progress({"accuracy": axis}, Losses("cross-entropy", "nats per text", {"loss": "training"}))


def vocabulary(texts: list[str]) -> list[str]:
    """Return the words that stand in texts often enough, the most frequent first."""
    counts = Counter(word.lower() for text in texts for word, _, _ in tokens(text))
    return [word for word, count in counts.most_common() if count >= LEAST]


def started(settings: TextSettings, texts: list[str]) -> TextClassifier:
    """Return an untrained network that knows the words of these texts, and with `vectors` GloVe's too."""
    words = vocabulary(texts)
    known, vectors = glove.load() if settings.vectors else ((), np.zeros((0, 0), np.float32))
    own = set(words)
    words += [word for word in known if word not in own]
    letters = "\n".join(words).encode()
    config = replace(settings.model, words=len(words), own=len(own), letters=len(letters), given=vectors.shape[1])
    model: Any = build(TextClassifier, replace(settings, model=config))
    place = {word: i + 2 for i, word in enumerate(words)}
    with torch.no_grad():
        model.vocabulary.copy_(torch.frombuffer(bytearray(letters), dtype=torch.uint8))
        for network in model.networks:
            for table, size in ((network.embed, 0.3), (network.shape, 0.1), (network.pieces, 0.3)):
                table.weight.mul_(size)
            network.embed.weight[BLANK] = 0
        if known:
            model.given[[place[word] for word in known]] = torch.from_numpy(vectors / vectors.std())
    return model


def learnt(
    name: str,
    settings: TextSettings,
    rows: Rows,
    among: np.ndarray,
    *,
    data: str,
    snapshot: Any = None,
    padded: bool = False,
) -> tuple[TextClassifier, Run]:
    """Train on some rows; with `padded`, padding to the longest text of all counts as words."""
    texts, labels = rows.part(among)
    model = started(settings, texts)
    words = [model.encode(text) for text in texts]
    longest = max(map(len, words))
    y = torch.from_numpy(labels)

    def batch(index: Tensor) -> tuple[Batch, Tensor]:
        return Batch.of([words[i] for i in index.tolist()], padded=longest if padded else 0), y[index]

    own = replace(settings, model=model.config, batch_size=min(settings.batch_size, len(texts)))
    lengths = torch.tensor([len(text) for text in words]) if settings.alike else None
    model, run = fit(name, model, batch, len(texts), own, data=data, snapshot=snapshot, clip=1.0, lengths=lengths)
    return settled(model, texts, y), run


def once(settings: TextSettings, rows: Rows, among: np.ndarray, *, padded: bool = False) -> TextClassifier:
    """Train on some rows, for a measurement: nothing is kept."""
    with tempfile.TemporaryDirectory() as folder:
        own = replace(settings, runs=Path(folder), snapshots=0)
        return learnt("text_classifier.once", own, rows, among, data="", padded=padded)[0]


def train(variant: str, settings: TextSettings) -> Path | None:
    """Train, measure and save `text_classifier.<variant>`; return its folder."""
    variant, settings, data = source(variant, settings, VARIANTS)
    rows = data.messages()
    settings = replace(settings, model=replace(settings.model, classes=len(data.CLASSES)))
    among, held = np.flatnonzero(rows.folds > 0), np.flatnonzero(rows.folds == 0)
    if settings.holdout:
        shuffled = np.random.default_rng(settings.seed).permutation(among)
        among, held = shuffled[settings.holdout :], shuffled[: settings.holdout]
    texts, y = rows.part(held)

    def keep(run: Run, model: Any, step: int) -> None:
        right = answers(model, texts).argmax(1) == y
        run.keep(step, texts=judged(model, data, settings.data), accuracy=100 * float(right.mean()))

    model, run = learnt(f"text_classifier.{variant}", settings, rows, among, data=data.SHA256, snapshot=keep)
    run.settings = replace(settings, model=model.config)
    numbers = lambda model, data: curves(unseen(settings, data))  # noqa: E731
    return publish(
        run, run.name, model, data, partial(evaluate, full=True, settings=settings), golden, progress=progress(data),
        tables=partial(tables, settings), numbers=numbers,
    )  # fmt: skip


@lru_cache(maxsize=1)
def unseen(settings: TextSettings, data: Messages) -> Folds:
    """Train with each fold held back; return, for each, the logits of its texts and their labels."""
    rows = data.messages()
    found = []
    for among, held in turns(rows.folds, np.arange(len(rows.labels))):
        texts, y = rows.part(held)
        found.append((answers(once(settings, rows, among), texts), y))
    return found


def tables(settings: TextSettings, model: TextClassifier, data: Messages) -> dict[str, Table]:
    """Return what a card shows besides its figures: the learning curve, and what comes of other ways."""
    rows = data.messages()
    among, (texts, y) = np.flatnonzero(rows.folds > 0), data.load("test")
    order = np.random.default_rng(settings.seed).permutation(among)

    def answered(part: np.ndarray) -> np.ndarray:
        return answers(model if len(part) == len(among) else once(several(settings, len(part)), rows, part), texts)

    found = [("as it is", answers(model, texts))]
    if len(model.networks) > 1:
        single = [answers(alone(model, i), texts) for i in range(len(model.networks))]
        found += [(f"network {i + 1} of {len(single)} by itself", logits) for i, logits in enumerate(single)]
    if settings.vectors:
        found.append(("without GloVe", answers(once(replace(settings, vectors=False), rows, among), texts)))
    if model.config.pool == "last":
        taught = once(replace(settings, epochs=PADDED), rows, among, padded=True)
        found += [
            ("padding reaches the last state in reading", answers(model, texts, padded=True)),
            ("padding reaches the last state in training and reading", answers(taught, texts, padded=True)),
        ]
    scores = tuple(
        (said, 100 * float((x.argmax(1) == y).mean()), f1(y, x.argmax(1), len(data.CLASSES))) for said, x in found
    )
    ways = Table(
        "Other ways", "What comes of doing otherwise, on the test split.",
        (Column("way"), Column("accuracy", "%", ".2f"), Column("F1", format=".4f")), scores,
    )  # fmt: skip
    return {"learning": learning(answered, order, y, len(data.CLASSES)), "ways": ways}


def several(settings: TextSettings, size: int) -> TextSettings:
    """Return settings for a training of so many texts: as many epochs more as make 500 of fewer, in small batches."""
    return (
        replace(settings, batch_size=min(settings.batch_size, 16), epochs=settings.epochs * max(1, FEW / size))
        if size <= FEW
        else settings
    )


def evaluate(
    model: TextClassifier, data: Messages, *, full: bool = False, settings: TextSettings | None = None
) -> list[Metric]:
    """Measure the network on the test split, and with `full` networks trained alike, with each fold held back.

    Args:
        settings: what it was trained with; the variant's of its kind and data unless given.
    """
    texts, y = data.load("test")
    found = on_test(answers(model, texts), y, data, tolerance=0.05)
    if full:
        how = "each held back from a training of its own; settings were chosen on folds 1 and 2"
        found += on_folds(unseen(settings or _settings(model, data), data), data, how, tolerance=0.3, full=True)
    return found


def _settings(model: TextClassifier, data: Messages) -> TextSettings:
    """Return the settings of the variant that a model is.

    Raises:
        ValueError: it is none.
    """
    learnt_here = ("words", "own", "letters", "given", "classes")
    for settings in VARIANTS.values():
        config = replace(settings.model, **{name: getattr(model.config, name) for name in learnt_here})
        if config == model.config and named(settings.data) is data:
            return replace(settings, model=replace(settings.model, classes=len(data.CLASSES)))
    raise ValueError("the model is no variant as `python -m train list` has it: it was trained with other settings")


def golden(model: TextClassifier) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    lines = torch.frombuffer(bytearray(LINES.encode()), dtype=torch.uint8).clone()
    return {"lines.in.0": lines, "lines.out.0": model.lines(lines)}
