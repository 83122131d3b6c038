"""Train a network that writes addresses in pieces of words: `python -m train.speech lstm` or `transformer`.

The pieces are found in the training addresses (byte-pair encoding, by the library tokenizers). Muon, AdamW, dropout, weight averaging;
windows from anywhere in an address, from an empty state.
"""

from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings
from train.speech.measures import by_counts, decade, given, heard, per_character
from zoo.card import Metric
from zoo.data import glove, speeches
from zoo.data.speeches import Address
from zoo.models.speech import Config, Speech
from zoo.models.speech.model import NONE
from zoo.tables import Axis, Losses, Progress

END = "<|end|>"  # an address's end, and what stands before its beginning: piece 0


@dataclass(frozen=True)
class SpeechSettings(Settings):
    """Settings of the training."""

    data: str = "speeches"
    epochs: float = 4
    """passes over the training addresses"""
    batch_size: int = 32
    """windows a step"""
    lr: float = 3e-3
    warmup: int = 200
    weight_decay: float = 0.1
    ema: float = 0.998
    snapshots: int = 16
    model: Config = Config(pieces=2048)
    window: int = 96
    """pieces that are read at a time in training"""
    muon: bool = True
    """the layers' matrices by Muon, the rest by AdamW"""
    vectors: bool = False
    """begin with GloVe's vectors as embeddings, where a piece is a word"""


VARIANTS = {
    "lstm": SpeechSettings(vectors=True),
    "transformer": SpeechSettings(
        batch_size=12, window=256, model=Config("transformer", 2048, layers=4, width=256, heads=4)
    ),
}
BARS = {
    "lstm": {"bits": (None, 1.35), "heard": (30, None)},
    "transformer": {"bits": (None, 1.25), "heard": (30, None)},
}
PROGRESS = Progress({"held_out": Axis("Held-out surprisal", "bits per character")}, Losses(unit="nats per piece"))
WRITTEN, MOST = 60, 200  # pieces that the history shows, and characters of these
SHOWN = 4  # of the test addresses, whose surprisal the history shows


def tokenizer_of(texts: list[str], pieces: int) -> Tokenizer:
    """Find pieces of words in texts."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    how = trainers.BpeTrainer(
        vocab_size=pieces, special_tokens=[END], initial_alphabet=sorted(alphabet), show_progress=False
    )
    tokenizer.train_from_iterator(texts, how)
    return tokenizer


def untrained(addresses: tuple[Address, ...], settings: SpeechSettings) -> Speech:
    """Return a network that has learnt nothing, with the pieces of these addresses and their speakers and decades as conditions."""
    tokenizer = tokenizer_of([one.text for one in addresses], settings.model.pieces)
    letters = tokenizer.to_str().encode()
    speakers = dict.fromkeys(one.speaker for one in addresses)
    decades = sorted({decade(one.year) for one in addresses})
    conditions = f"speaker: {'|'.join(speakers)}; decade: {'|'.join(decades)}"
    config = replace(settings.model, letters=len(letters), conditions=conditions, pieces=tokenizer.get_vocab_size())
    model: Any = build(Speech, replace(settings, model=config))
    model.vocabulary.copy_(torch.frombuffer(bytearray(letters), dtype=torch.uint8))
    if settings.vectors:
        words, vectors = glove.load()
        known = dict(zip(words, torch.from_numpy(vectors / vectors.std()), strict=True))
        table = model.network.embedding.weight
        with torch.no_grad():
            for i in range(config.pieces):
                word = tokenizer.decode([i]).strip().lower()
                if word in known:
                    table[i, : vectors.shape[1]] = known[word]
    return model


class Windows:
    """Windows of addresses, each from near its place, drawn anew each time."""

    def __init__(self, model: Speech, addresses: tuple[Address, ...], window: int):
        ids = [F.pad(model.encode(one.text), (1, 1)) for one in addresses]
        self.pieces, self.window = torch.cat([*ids, torch.zeros(window + 1, dtype=torch.int64)]), window
        self.given = torch.stack([given(model, one) for one in addresses])
        lengths = torch.tensor([len(x) for x in ids])
        counts = -(-lengths // window)
        self.address = torch.arange(len(ids)).repeat_interleave(counts)
        self.end = lengths.cumsum(0)[self.address]
        self.first = self.end - lengths[self.address]
        self.place = self.first + torch.cat([torch.arange(int(n)) * window for n in counts])
        self.size = len(self.place)

    def __call__(self, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return a batch's pieces, those that come next, and what is given."""
        drawn = self.place[index] + torch.randint(-self.window // 2, self.window // 2, index.shape)
        last = (self.end[index] - self.window - 1).maximum(self.first[index])
        start = drawn.maximum(self.first[index]).minimum(last)
        places = start[:, None] + torch.arange(self.window + 1)
        x, there = self.pieces[places], places < self.end[index, None]
        return x[:, :-1], x[:, 1:].where(there[:, 1:], NONE), self.given[self.address[index]]


def train(variant: str, settings: SpeechSettings) -> Path | None:
    """Train, measure and save `speech.<variant>`; return its folder (None in all but the first process)."""
    if settings.vectors:
        glove.load()  # what is missing is said before the training
    addresses, asked = speeches.addresses("train"), speeches.addresses("test")
    if settings.holdout:
        back = range(0, len(addresses), max(1, len(addresses) // settings.holdout))  # from all times
        addresses, asked = tuple(a for i, a in enumerate(addresses) if i not in back), tuple(addresses[i] for i in back)
    model = untrained(addresses, settings)
    settings = replace(settings, model=model.config)
    windows = Windows(model, addresses, settings.window)

    def snapshot(run: Run, model: Speech, step: int) -> None:
        written = {b: model.write(b, WRITTEN, seed=1)[:MOST] for b in speeches.BEGINNINGS}
        run.keep(step, texts=written, held_out=per_character(model, asked[:: len(asked) // SHOWN]))

    learnt = sha256("\0".join(one.text for one in addresses).encode()).hexdigest()
    name = f"speech.{variant}"
    layers = model.network.cells if model.config.kind == "lstm" else model.network.layers
    muon = layers if settings.muon else None
    trained, run = fit(
        name, model, windows, windows.size, settings, data=learnt, clip=1.0, snapshot=snapshot, muon=muon
    )
    return publish(run, run.name, trained, speeches, partial(evaluate, full=True), golden, progress=PROGRESS)


def evaluate(model: Speech, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure a network on whole test addresses, told who spoke when, and not."""
    addresses = data.addresses("test")
    n = sum(len(one.text) for one in addresses)
    said = "surprisal of a character of the test addresses, each read whole from its beginning, its end among them"
    metric = partial(Metric, unit="bits", n=n, split="test", tolerance=0.002)
    found = [metric("bits", per_character(model, addresses), definition=f"{said}; speaker and decade given")]
    if full:
        alone, nothing = (per_character(model, addresses, speaker=False, time=time) for time in (True, False))
        counts = "surprisal of a character of the test addresses to Kneser-Ney counts of {} characters in a row in the training addresses"
        found += [
            metric("bits_without_speaker", alone, definition="the same, the decade alone given", full=True),
            metric("bits_withheld", nothing, definition="the same, nothing given", full=True),
            metric("bits_bigram", by_counts(2), definition=counts.format(2), full=True),
            metric("bits_6gram", by_counts(6), definition=counts.format(6), full=True),
            *heard(model),
        ]
    return found


def golden(model: Speech) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x = torch.randint(model.config.pieces, (2, 12), generator=torch.Generator().manual_seed(0))
    told = torch.eye(sum(map(len, model.conditions.values())))[:2]
    return {"logits.in.0": x, "logits.in.1": told, "logits.out.0": model.logits(x, told)}
