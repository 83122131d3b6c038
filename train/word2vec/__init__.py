"""Train word vectors: `python -m train.word2vec speeches`; `--text FILE` trains on any text, with one period.

Frequent words are left out at random, as often as Mikolov et al. 2013 do, before it is asked what is near what. Settings were chosen by the
loss on addresses kept back (`--holdout 28`) and by analogies of which none is on the card.
"""

import dataclasses
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings, named_after
from train.word2vec.corpus import Batches, Corpus, Dated, kept_back, noise_of, texts_of, vocabulary
from train.word2vec.maps import extras
from train.word2vec.questions import questions
from train.word2vec.tables import Glove, answered, share, tables
from zoo.card import Metric
from zoo.data import glove, named, speeches
from zoo.models.word2vec import Config, Word2Vec
from zoo.tables import Axis, Losses, Progress

SHOWN = ("war", "peace", "money", "union", "nuclear", "women")  # whose neighbours the history shows
WINDOW = 5  # words to either side, in the loss that is measured


@dataclass(frozen=True)
class Word2VecSettings(Settings):
    """Settings of the training."""

    epochs: float = 20
    batch_size: int = 16
    """runs of words a step"""
    lr: float = 5e-3
    warmup: int = 100
    ema: float = 0.0
    bf16: bool = False
    model: Config = Config(words=10_000, dims=64, periods="1789 1861 1901 1933 1981", moving=3000, prior=1e-5)
    run: int = 96
    """words of a run, before frequent ones are left out"""
    window: int = 5
    """words to either side that are near, at most: a number from 1 to this is drawn for each word"""
    often: float = 1e-3
    """of a word that makes up more than this share of all, the root of this by its share is kept, at random"""
    negatives: int = 64
    """noise words that a batch shares"""
    text: Path | None = None
    """file to train on instead, in UTF-8, as one period; the checkpoint is named after it"""


VARIANTS = {"speeches": Word2VecSettings(data="speeches")}
BARS: dict[str, dict[str, tuple[float | None, float | None]]] = {"speeches": {"analogies": (5.0, None)}}
PROGRESS = Progress(
    {"analogies": Axis("Validation analogies among the five best", "%")},
    Losses(unit="nats per pair of words", names={"loss": "loss"}),
)


def untrained(texts: list[Dated], settings: Word2VecSettings) -> tuple[Word2Vec, Word2VecSettings]:
    """Return a model of these texts' words that has learnt nothing, and the settings with its sizes."""
    words = vocabulary(texts, settings.model.words)
    letters = "\n".join(words).encode()
    sizes = {"words": len(words), "letters": len(letters), "moving": min(settings.model.moving, len(words))}
    settings = dataclasses.replace(settings, model=dataclasses.replace(settings.model, **sizes))
    model = build(Word2Vec, settings)
    model.vocabulary.copy_(torch.frombuffer(bytearray(letters), dtype=torch.uint8))
    return model, settings


def train(variant: str, settings: Word2VecSettings) -> Path | None:
    """Train, measure and save `word2vec.<variant>`; return its folder."""
    if settings.text:
        variant = named_after(settings.text, VARIANTS)
        settings = dataclasses.replace(
            settings, data="text", model=dataclasses.replace(settings.model, periods="", moving=0)
        )
    data = named(settings.data, settings.text)
    if data is speeches:
        glove.load()  # which its figures stand beside: what is missing is said before the training
    texts, _ = kept_back(texts_of(data, "train"), settings.holdout)
    model, settings = untrained(texts, settings)
    corpus = Corpus.of(model, texts)
    batches = batches_of(corpus, settings)
    validation = questions(model.words, "validation")

    def snapshot(run: Run, model: Word2Vec, step: int) -> None:
        shown = [word for word in SHOWN if word in model.words] or model.words[: len(SHOWN)]
        said = {f"{word}\n": f"→ {', '.join(near for near, _ in model.neighbours(word, 6))}\n" for word in shown}
        run.keep(step, texts=said, analogies=right(model, validation, 5))

    learnt = sha256("\0".join(text for _, text in texts).encode()).hexdigest()
    model, run = fit(f"word2vec.{variant}", model, batches, batches.size, settings, data=learnt, snapshot=snapshot)
    return publish(
        run, run.name, model, data, evaluate, golden, progress=PROGRESS,
        extras=lambda model, data: extras(model, corpus), tables=lambda model, data: tables(model, corpus),
    )  # fmt: skip


def batches_of(corpus: Corpus, settings: Word2VecSettings) -> Batches:
    """Return a corpus as the settings want it learnt from."""
    s = settings
    return Batches(corpus, s.model.words, run=s.run, window=s.window, often=s.often, negatives=s.negatives)


def right(model: Word2Vec, asked: dict[str, list], best: int) -> float:
    """Return the share of questions whose answer is among the best, in %."""
    return share([rank for ranks in answered(model.table(), model.words, asked).values() for rank in ranks], best)


@torch.no_grad()
def loss_of(model: Word2Vec, found: Corpus, noise: Tensor, *, periods: bool = True) -> tuple[float, int]:
    """Return the mean loss of a pair of words of a text that are near, over all its words and all noise words, nats; and how many pairs there are.

    Args:
        noise: how likely each word is to be drawn (words,).
        periods: whether the words' vectors are those of their periods.
    """
    kinds, where = torch.stack([found.words, found.period[found.text]], 1).unique(dim=0, return_inverse=True)
    v = model.centres(kinds[:, 0], kinds[:, 1]) if periods else model.vector_of[kinds[:, 0]]
    expected = torch.cat([-F.logsigmoid(-part @ model.context_of.T) @ noise for part in v.split(512)])
    total, pairs = 0.0, 0
    for centres, contexts in found.near(WINDOW):
        real = -F.logsigmoid((v[where[centres]] * model.context_of[found.words[contexts]]).sum(-1))
        total += float((real + model.config.noise * expected[where[centres]]).double().sum())
        pairs += len(centres)
    return total / max(1, pairs), pairs


def evaluate(model: Word2Vec, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure a model: analogies, beside chance and GloVe, and the loss on the test texts.

    Raises:
        DataNotFound: the texts are not at hand, or GloVe is not, for a model of the addresses.
    """
    if data is speeches:
        glove.load()
    learnt, test = (Corpus.of(model, texts_of(data, split)) for split in ("train", "test"))
    noise, words = noise_of(learnt.counts(model.config.words)), model.config.words
    loss, pairs = loss_of(model, test, noise)
    found = [
        Metric("loss", loss, "nats", pairs, "test", 0.002, f"-log sigmoid of a word of the test texts and one within {WINDOW} words of it, and {model.config.noise} times the mean of that of no other: mean over all such pairs, and all words as noise"),
    ]  # fmt: skip
    if model.starts:
        still, _ = loss_of(model, test, noise, periods=False)
        found.append(
            Metric(
                "loss_without_periods",
                still,
                "nats",
                pairs,
                "test",
                0.002,
                "the same with each word's vector of all time",
            )
        )
    asked = questions(model.words)
    n = sum(map(len, asked.values()))
    if not n:
        return found
    say = "share of analogies, a is to b as c is to what, whose answer is {}, of all {:,} words but the three given"
    found += [
        Metric("analogies", right(model, asked, 1), "%", n, "test", 0.5, say.format("the nearest word", words)),
        Metric("analogies_five", right(model, asked, 5), "%", n, "test", 0.5, say.format("among the five nearest", words)),
        Metric("chance", 100 / (words - 3), "%", n, "test", 0.0001, "the first of these figures for a word drawn at random"),
    ]  # fmt: skip
    if known := Glove.beside(model):
        theirs = [rank for ranks in answered(known.table, known.words, asked).values() for rank in ranks]
        for name, best in (("analogies_glove", 1), ("analogies_glove_five", 5)):
            found.append(Metric(name, share(theirs, best), "%", n, "test", 0.5, f"the same by GloVe 6B 50d, which read 6 thousand million words, of the {len(known.words):,} of these words that it has"))  # fmt: skip
    return found


def golden(model: Word2Vec) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x = torch.arange(0, model.config.words, max(1, model.config.words // 40))
    period = torch.arange(len(x)) % max(1, len(model.starts))
    return {"centres.in.0": x, "centres.in.1": period, "centres.out.0": model.centres(x, period)}
