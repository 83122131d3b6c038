"""Train a network that writes character by character: `python -m train.char_rnn names`; `--text FILE` or `--lines FILE` trains on any.

AdamW, dropout, weight averaging. Lines of like length make a batch; of a text, windows from anywhere, from an empty state.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from train.char_rnn import names, texts
from train.char_rnn.measures import bits, nats, weights
from train.core.contexts import by_context
from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings, named_after
from zoo import copies
from zoo.card import Metric
from zoo.data import Texts, first_names, named
from zoo.data.lines import LONGEST, Lines
from zoo.models.char_rnn import CharRNN, Config
from zoo.tables import Axis, Losses, Progress, Table


@dataclass(frozen=True)
class CharRNNSettings(Settings):
    """Settings of the training."""

    epochs: float = 30
    """passes over the lines or the text"""
    batch_size: int = 128
    """lines, or windows, a step"""
    lr: float = 4e-3
    warmup: int = 100
    weight_decay: float = 0.02
    ema: float = 0.998
    bf16: bool = False
    snapshots: int = 24
    model: Config = Config()
    least: float = 0.0
    """share of the lines that is learnt of each option of the last condition, at least: those of a rare one are repeated; 0 leaves them"""
    window: int = 192
    """characters of a text that are read at a time in training"""
    part: float = 1.0
    """share of a text that is learnt, from its beginning"""
    muon: bool = False
    """the cells' matrices by Muon, the rest by AdamW"""
    text: Path | None = None
    """a text to train on instead, in UTF-8; the checkpoint is named after it"""
    lines: Path | None = None
    """the same: a file with a name, or whatever else is one line, in each line"""


GIVEN = "gender: f|m; origin: US|India"
EMERSON = CharRNNSettings(
    data="emerson",
    epochs=25,
    batch_size=16,
    lr=3e-3,
    bf16=True,
    muon=True,
    weight_decay=0.2,
    model=Config(width=512, dropout=0.3),
)
VARIANTS = {
    "emerson": EMERSON,
    "emerson-basic": replace(EMERSON, model=Config(cell="rnn", width=256)),
    "emerson-overfit": replace(
        EMERSON, part=0.15, epochs=80, weight_decay=0.0, schedule="constant", model=Config(width=512)
    ),
    "makemore": CharRNNSettings(data="makemore", model=Config(dropout=0.3)),
    "names": CharRNNSettings(
        data="first_names", epochs=20, least=0.25, model=Config(dropout=0.3, conditions=GIVEN, tell=0.1)
    ),
    "names-basic": CharRNNSettings(data="first_names", epochs=10, model=Config(cell="rnn", width=128, embedding=32)),
}
BARS: dict[str, dict[str, tuple[float | None, float | None]]] = {
    "emerson": {"bits": (None, 1.8)},
    "emerson-basic": {"bits": (None, 2.0)},
    "emerson-overfit": {"longest_copy": (40, None)},
    "makemore": {"loss": (None, 1.94)},
    "names": {
        "loss": (None, 1.87),
        "gender_US": (92.0, None),
        "gender_India": (86.0, None),
        "heard_US": (90.0, None),
        "new": (40.0, None),
        "plausible": (95.0, None),
    },
    "names-basic": {"loss": (None, 2.2)},
}
LOSSES = Losses(unit="nats per character", names={"surprisal": "loss"})
PROGRESS = Progress({"held_out": Axis("Held-out loss", "nats per character")}, LOSSES)
COPIES = Progress(PROGRESS.axes | {"copied": Axis("Longest copy in 200 characters", "characters")}, LOSSES)
WRITTEN = 200  # characters of a text that the history shows


def of_lines(model: CharRNN, lines: list[str], known: Any) -> tuple[Callable[[Tensor], tuple], Tensor]:
    """Return what gives a batch of lines, and the lines' lengths.

    Args:
        known: (N, conditions), numbers of options.
    """
    x, y = model.lines(lines)
    lengths = (y >= 0).sum(1)
    given = weights(model, known)

    def batch(index: Tensor) -> tuple:
        longest = int(lengths[index].max())
        return x[index, :longest], y[index, :longest], given if given is None else given[index]

    return batch, lengths


def of_text(model: CharRNN, text: str, window: int) -> tuple[Callable[[Tensor], tuple], int]:
    """Return what gives a batch of windows of a text, and how many there are: each from near its place, drawn anew each time."""
    data, span = model.encode(text), torch.arange(window + 1)
    count = (len(data) - window - 1) // window

    def batch(index: Tensor) -> tuple:
        part = data[(index * window + torch.randint(window, index.shape))[:, None] + span]
        return part[:, :-1], part[:, 1:], None

    return batch, count


def train(variant: str, settings: CharRNNSettings) -> Path | None:
    """Train, measure and save `char_rnn.<variant>`; return its folder (None in all but the first process)."""
    if settings.text and settings.lines:
        raise ValueError("give --text or --lines, not both")
    if own := settings.text or settings.lines:
        variant, name = named_after(own, VARIANTS), "text" if settings.text else "lines"
        settings = replace(settings, data=name, model=replace(settings.model, conditions=""))
    data = named(settings.data, own)
    learn = _lines if isinstance(data, Lines) else _text
    model, run = learn(f"char_rnn.{variant}", settings, data)
    more: dict[str, Any] = {"progress": PROGRESS}
    if not isinstance(data, Lines):
        more = {"progress": COPIES, "tables": tables}
    return publish(
        run,
        run.name,
        model,
        data,
        partial(evaluate, full=True),
        golden,
        extras=extras if keeps(variant) else None,
        **more,
    )


def _lines(name: str, settings: CharRNNSettings, data: Lines) -> tuple[CharRNN, Run]:
    """Learn lines, each for what is known of it."""
    (lines, known), (asked, of_asked) = data.load("train"), data.load("test")
    chars = "\n" + "".join(sorted(set("".join([*lines, *asked]))))
    if settings.holdout:
        (lines, asked), (known, of_asked) = _parted(lines, settings.holdout), _parted(known, settings.holdout)
    settings = replace(settings, model=replace(settings.model, chars=chars))
    model: Any = build(CharRNN, settings)
    rows = repeated(known, settings.least)
    batch, lengths = of_lines(model, [lines[i] for i in rows], known[rows])

    def snapshot(run: Run, model: CharRNN, step: int) -> None:
        told = model.given() if model.conditions else None
        begun = {b: model.write(f"\n{b}", LONGEST, seed=1, stop="\n", given=told) for b in data.BEGINNINGS}
        run.keep(step, texts=begun, held_out=nats(model, asked, weights(model, of_asked)))

    learnt = sha256("\n".join(lines).encode()).hexdigest()
    return fit(name, model, batch, len(rows), settings, data=learnt, clip=1.0, lengths=lengths, snapshot=snapshot)


def repeated(known: np.ndarray, least: float) -> np.ndarray:
    """Return the numbers of lines as they are learnt, those of an option of the last condition as often as it takes to be so large a share.

    Args:
        known: (N, conditions), numbers of options.
    """
    times = np.ones(len(known), np.int64)
    for option in np.unique(known[:, -1]) if known.size and least else ():
        own = known[:, -1] == option
        times[own] = max(1, round(least / (1 - least) * float((~own).sum()) / float(own.sum())))
    return np.repeat(np.arange(len(known)), times)


def _parted(rows: Any, holdout: int) -> tuple[Any, Any]:
    return rows[:-holdout], rows[-holdout:]


def _text(name: str, settings: CharRNNSettings, data: Texts) -> tuple[CharRNN, Run]:
    """Learn a text."""
    text, asked = data.load("train"), data.load("test")
    chars = "".join(sorted(set(text + asked) | {"\n"}))
    if settings.holdout:
        text, asked = _parted(text, settings.holdout)
    text = text[: round(settings.part * len(text))]
    settings = replace(settings, model=replace(settings.model, chars=chars))
    model: Any = build(CharRNN, settings)
    batch, size = of_text(model, text, settings.window)
    learnt = copies.known(copies.windows(text, copies.WINDOW))

    def snapshot(run: Run, model: CharRNN, step: int) -> None:
        written = {b: model.write(b, WRITTEN, seed=1) for b in data.BEGINNINGS}
        longest, _ = texts.copied(list(written.values()), learnt)
        run.keep(step, texts=written, held_out=math.log(2) * float(bits(model, asked).mean()), copied=longest)

    known, muon = sha256(text.encode()).hexdigest(), model.cells if settings.muon else None
    return fit(name, model, batch, size, settings, data=known, clip=1.0, snapshot=snapshot, muon=muon)


def evaluate(model: CharRNN, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure a model on the test lines or the test text."""
    if not isinstance(data, Lines):
        text = data.load("test")
        surprisal = bits(model, text)
        return [
            Metric("bits", float(surprisal.mean()), "bits", len(text), "test", 0.002, "surprisal of a character of the test part, mean over all of it, read in one go from an empty state"),
            Metric("loss", math.log(2) * float(surprisal.mean()), "nats", len(text), "test", 0.002, "the same in nats"),
            *texts.memory(model, text, copies.known(copies.windows(data.load("train"), copies.WINDOW))),
        ]  # fmt: skip
    lines, known = data.load("test")
    given = weights(model, known)
    n, loss = sum(len(line) + 1 for line in lines), nats(model, lines, given)
    asked = (
        "a character of a test line, its end among them, the line's conditions given"
        if model.conditions
        else "a character of a test line, its end among them"
    )
    found = [
        Metric("loss", loss, "nats", n, "test", 0.001, f"surprisal of {asked}, mean"),
        Metric("bits", loss / math.log(2), "bits", n, "test", 0.001, "the same in bits"),
    ]  # fmt: skip
    if model.conditions:
        found.append(Metric("loss_withheld", nats(model, lines, None), "nats", n, "test", 0.001, "the first figure where the model is told nothing"))  # fmt: skip
    if data is first_names and model.conditions:
        found += [*names.gender(model), *(names.heard(model) if full else [])]
    return found


def tables(model: CharRNN, data: Any) -> dict[str, Table]:
    """Return what a card shows of a model of a text besides its figures."""
    train, test = data.load("train"), data.load("test")
    return {"context": by_context(lambda _: model, test), "cells": texts.cells(model, train, test)}


def keeps(variant: str) -> bool:
    """Return whether a model keeps what was learnt from: of several of a text the first does, for all."""
    same = [name for name, own in VARIANTS.items() if variant in VARIANTS and own.data == VARIANTS[variant].data]
    return not same or same[0] == variant


def extras(model: CharRNN, data: Any) -> dict[str, Tensor]:
    """Return hashes of what was learnt from: of all lines, of the test too; of a text, of each dozen characters in a row."""
    if isinstance(data, Lines):
        found = [line for split in ("train", "test") for line in data.load(split)[0]]
    else:
        found = copies.windows(data.load("train"), copies.WINDOW)
    return {"known": torch.from_numpy(copies.known(found))}


def golden(model: CharRNN) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x = torch.randint(len(model.config.chars), (2, 60), generator=torch.Generator().manual_seed(0))
    given = {"logits.in.1": torch.eye(model.condition.in_features)[:2]} if model.condition else {}
    return {"logits.in.0": x, **given, "logits.out.0": model.logits(x, *given.values())}
