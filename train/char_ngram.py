"""Count n-grams of characters: `python -m train.char_ngram emerson`; `--text FILE` or `--lines FILE` counts those of any.

Discounts are Chen and Goodman's estimates from how many n-grams were seen one to four times.
"""

import math
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from train.core.command import main
from train.core.contexts import by_context
from train.core.run import Run, publish
from train.core.settings import Stepless, named_after
from zoo.card import Metric
from zoo.data import named
from zoo.data.lines import Lines
from zoo.models.char_ngram import CharNgram, Config
from zoo.tables import Axis, Losses, Progress, Table


@dataclass(frozen=True)
class CharNgramSettings(Stepless):
    """Settings of the counting."""

    model: Config = Config()
    text: Path | None = None
    """a text to count instead, in UTF-8; the checkpoint is named after it"""
    lines: Path | None = None
    """the same: a file with a name, or whatever else is one line, in each line"""


BIGRAM = Config(order=2, grams="0 0")
VARIANTS = {
    "emerson": CharNgramSettings(data="emerson"),
    "emerson-bigram": CharNgramSettings(data="emerson", model=BIGRAM),
}
BARS: dict[str, dict[str, tuple[float | None, float | None]]] = {
    "emerson": {"bits": (None, 1.9)},
    "emerson-bigram": {"bits": (None, 3.45)},
}
PROGRESS = Progress(
    {"held_out": Axis("Held-out surprisal", "bits per character")}, Losses("training surprisal", "bits per character")
)
WRITTEN, READ = 200, 50_000  # characters that the history shows, and of the training text whose surprisal it does


@torch.no_grad()
def counted(texts: list[str], order: int, chars: str) -> CharNgram:
    """Return the model of texts, each of which begins after a line's end."""
    start = "\n" * (order - 1)
    place = {c: i for i, c in enumerate(chars)}
    known = [torch.tensor([place[c] for c in start + text]) for text in texts]
    base = len(chars) ** torch.arange(order - 1, -1, -1)
    grams = torch.cat([(x.unfold(0, order, 1) * base).sum(1) for x in known])
    found: list[tuple[Tensor, Tensor]] = [grams.unique(return_counts=True)]
    for n in range(order - 1, 0, -1):
        found.insert(0, (found[0][0] % len(chars) ** n).unique(return_counts=True))
    config = Config(chars, order, " ".join(str(len(own)) for own, _ in found))
    model = CharNgram(config)
    for n, (own, counts) in enumerate(found, 1):
        getattr(model, f"grams_{n}").copy_(own)
        getattr(model, f"counts_{n}").copy_(counts)
        model.discounts[n - 1] = discounts(counts)
    return model.eval().requires_grad_(False)


def discounts(counts: Tensor) -> Tensor:
    """Return what counts of 1, 2 and more give up, (3,): n - (n + 1) y r_(n + 1) / r_n with y = r_1 / (r_1 + 2 r_2), where r_n n-grams were seen n times.

    Where an estimate is no number between 0 and n, as with very few n-grams, it is n / 2.
    """
    r = [float((counts == n).sum()) for n in range(1, 5)]
    y = r[0] / (r[0] + 2 * r[1]) if r[0] else 0.0
    found = [n - (n + 1) * y * r[n] / r[n - 1] if r[n - 1] else n / 2 for n in (1, 2, 3)]
    return torch.tensor([d if 0 < d < n else n / 2 for n, d in enumerate(found, 1)])


def train(variant: str, settings: CharNgramSettings) -> Path | None:
    """Count, measure and save `char_ngram.<variant>`; return its folder. The history is of longer and longer contexts."""
    if settings.text and settings.lines:
        raise ValueError("give --text or --lines, not both")
    if own := settings.text or settings.lines:
        variant, settings = named_after(own, VARIANTS), replace(settings, data="text" if settings.text else "lines")
    data = named(settings.data, own)
    learnt, asked = parts(data, "train"), parts(data, "test")
    chars = "".join(sorted(set("\n".join([*learnt, *asked])) | {"\n"}))
    run = Run(
        f"char_ngram.{variant}", settings, settings.model.order, data=sha256("\0".join(learnt).encode()).hexdigest()
    )
    run.moments = set(range(run.total + 1))

    def moment(step: int) -> None:
        model = counted(learnt, step, chars) if step else CharNgram(Config(chars, 1, "0")).eval()
        written = {beginning: model.write(beginning, WRITTEN, seed=1) for beginning in data.BEGINNINGS}
        run.keep(step, texts=written, held_out=surprisal(model, asked)[0])

    for step, _ in run.steps(lambda step: None, snapshot=moment, log_every=1):
        run.record({"loss": torch.tensor(surprisal(counted(learnt, step + 1, chars), ["".join(learnt)[:READ]])[0])})
    model = counted(learnt, settings.model.order, chars)
    run.settings = replace(settings, model=model.config)

    def tables(model: CharNgram, data: Any) -> dict[str, Table]:
        shown = lambda length: counted(learnt, min(model.config.order, length + 1), chars)  # noqa: E731
        return {"context": by_context(shown, "".join(asked))}

    return publish(run, run.name, model, data, evaluate, golden, tables=tables, progress=PROGRESS)


def parts(data: Any, split: str) -> list[str]:
    """Return the texts of a split, each of which is begun anew: lines with their ends, or one text."""
    found = data.load(split)
    return [f"{line}\n" for line in found[0]] if isinstance(data, Lines) else [found]


def surprisal(model: CharNgram, texts: list[str]) -> tuple[float, int]:
    """Return the mean surprisal of a character of texts in bits, and how many there are."""
    found = torch.cat([model.bits(text) for text in texts])
    return float(found.double().mean()), len(found)


def evaluate(model: CharNgram, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure a model on the test lines or the test text."""
    bits, n = surprisal(model, parts(data, "test"))
    said = "surprisal of a character of the test part, a line's end among them, mean over all"
    metric = partial(Metric, n=n, split="test", tolerance=0.0005)
    return [
        metric("bits", bits, "bits", definition=said),
        metric("loss", math.log(2) * bits, "nats", definition="the same in nats"),
    ]


def golden(model: CharNgram) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x = torch.randint(len(model.config.chars), (2, 30), generator=torch.Generator().manual_seed(0))
    return {"logits.in.0": x, "logits.out.0": model.logits(x)}


if __name__ == "__main__":
    main(VARIANTS, train)
