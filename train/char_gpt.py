"""Train a character GPT: `python -m train.char_gpt shakespeare` or `wells`; `--text FILE` trains on any text.

Matrices are trained by Muon, all else by AdamW.
The weights that ship are the moving average at the step where the first half of the validation part is written best;
the second half is not looked at before the end. `--compile` is a tenth faster where there is a C++ compiler.
"""

import copy
import dataclasses
import math
import time
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.core.average import Average
from train.core.command import main
from train.core.contexts import by_context
from train.core.device import accelerator_of, compiled
from train.core.fit import build
from train.core.muon import optimizers_of
from train.core.run import Run, publish
from train.core.settings import Settings, named_after
from zoo.card import Metric
from zoo.data import Texts, named
from zoo.models.char_gpt import CharGPT, Config
from zoo.tables import Axis, Losses, Progress


@dataclass(frozen=True)
class CharGPTSettings(Settings):
    """Settings of the training."""

    epochs: float = 20
    """passes over the training characters"""
    batch_size: int = 32
    """windows a step"""
    lr: float = 3e-3
    """peak learning rate of AdamW, and of Muon with steps scaled to AdamW's size"""
    warmup: int = 100
    weight_decay: float = 1.2
    """of the matrices, by the peak rate; a small text seen many times wants ten times the usual (arXiv 2509.14786)"""
    ema: float = 0.995
    model: Config = Config(dropout=0.3)
    evaluate_every: int = 100
    """steps between looks at the first half of the validation part"""
    text: Path | None = None
    """file to train on instead, in UTF-8; the checkpoint is named after it"""


VARIANTS = {
    "shakespeare": CharGPTSettings(data="shakespeare"),
    "wells": CharGPTSettings(data="wells"),
    "emerson": CharGPTSettings(data="emerson", epochs=30, model=Config(layers=4, heads=4, width=128, dropout=0.1)),
}
BARS = {
    "shakespeare": {"loss": (None, 1.47)},  # nanoGPT's is 1.4697 nats, of 10.65 M parameters
    "wells": {"loss": (None, 1.25)},
    "emerson": {"bits_whole": (None, 1.85)},
}
PROGRESS = Progress(
    {"validation_loss": Axis("Validation loss", "nats per character")}, Losses(unit="nats per character")
)


class Best:
    """The averaged weights that did best so far."""

    def __init__(self, model: nn.Module):
        self.module, self.loss, self.step = copy.deepcopy(model).requires_grad_(False), math.inf, 0

    def offer(self, model: nn.Module, loss: float, step: int) -> None:
        """Take a model if it is better."""
        if loss < self.loss:
            self.module.load_state_dict(model.state_dict())
            self.loss, self.step = loss, step

    def state_dict(self) -> dict[str, Any]:
        return {"module": self.module.state_dict(), "loss": self.loss, "step": self.step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.module.load_state_dict(state["module"])
        self.loss, self.step = state["loss"], state["step"]


@torch.no_grad()
def loss_of(model: CharGPT, x: Tensor, window: int = 256, *, batch: int = 32) -> float:
    """Return the mean cross-entropy over all places of non-overlapping windows of a text (T,), nats per character."""
    n = (len(x) - 1) // window
    seen, asked = x[: n * window].view(n, window), x[1 : n * window + 1].view(n, window)
    total = sum(
        float(F.cross_entropy(model.logits(a).flatten(0, 1), b.flatten(), reduction="sum").double())
        for a, b in zip(seen.split(batch), asked.split(batch), strict=True)
    )
    return total / (n * window)


def train(variant: str, settings: CharGPTSettings) -> Path | None:
    """Train, measure and save `char_gpt.<variant>`; return its folder (None in all but the first process)."""
    if settings.text:
        variant, settings = named_after(settings.text, VARIANTS), dataclasses.replace(settings, data="text")
    source = named(settings.data, settings.text)
    text, validation = source.load("train"), source.load("test")
    config = dataclasses.replace(settings.model, chars="".join(sorted(set(text + validation))))
    settings = dataclasses.replace(settings, model=config)
    model = build(CharGPT, settings)
    data, first_half = model.encode(text), model.encode(validation[: len(validation) // 2])
    accelerator = accelerator_of(settings)
    steps = max(1, round(settings.epochs * len(data) / (settings.batch_size * config.window)))
    learnt = sha256((text + validation).encode()).hexdigest()
    run = Run(f"char_gpt.{variant}", settings, steps, accelerator, data=learnt)
    if settings.compile:  # a compiler would work the cosines out again for every number that is turned
        model.turn = torch.compiler.disable(model.turn)
    wrapped = accelerator.prepare(compiled(model, settings))
    optimizers = optimizers_of(model, model.layers, settings)
    ema, best = Average(model, settings.ema), Best(model)
    window, rows = torch.arange(config.window + 1), settings.batch_size // run.world

    def batch(step: int) -> tuple[float, Tensor]:
        at = torch.randint(len(data) - config.window, (rows, 1)) + window
        return time.perf_counter(), data[at].to(accelerator.device)

    def snapshot(step: int) -> None:
        written = {beginning: ema.shipped().write(beginning, 200, seed=1) for beginning in source.BEGINNINGS}
        run.keep(step, texts=written, validation_loss=loss_of(ema.shipped(), first_half))

    model.train()
    parts = {"model": model, "ema": ema, "best": best, "muon": optimizers[0], "adamw": optimizers[1]}
    for step, (began, x) in run.steps(batch, snapshot=snapshot, scheduled=optimizers, **parts):
        losses = wrapped(x[:, :-1], x[:, 1:])
        accelerator.backward(losses["loss"])
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        ema.update()
        speed = x[:, 1:].numel() * run.world / (time.perf_counter() - began)
        run.record({**losses, "tokens_per_second": torch.tensor(speed)})
        if (step + 1) % settings.evaluate_every == 0 or step + 1 == steps:
            best.offer(ema.shipped(), loss_of(ema.shipped(), first_half), step + 1)
    tables = lambda model, data: {"context": by_context(lambda _: model, data.load("test"))}  # noqa: E731
    return publish(
        run,
        run.name,
        best.module.eval(),
        source,
        partial(evaluate, full=True),
        golden,
        tables=tables,
        progress=PROGRESS,
    )


def evaluate(model: CharGPT, data: Texts, *, full: bool = False) -> list[Metric]:
    """Measure a model on the whole validation part; `full` adds nanoGPT's estimator."""
    x = model.encode(data.load("test"))
    metric = partial(Metric, split="test", n=len(x), tolerance=0.001)
    whole = loss_of(model, x)
    found = [
        metric("loss", whole, "nats", definition="cross-entropy per character, mean over all positions of non-overlapping windows of 256 characters of the validation part"),
        metric("loss_second_half", loss_of(model, x[len(x) // 2 :]), "nats", n=len(x) // 2, definition="the same on its second half, which took no part in model selection"),
        metric("bits", whole / math.log(2), "bits", definition="the first figure in bits per character"),
        metric("loss_512", loss_of(model, x, 512), "nats", definition="in windows of 512 characters, each layer attending to the last 256"),
        metric("loss_1024", loss_of(model, x, 1024), "nats", definition="in windows of 1,024 characters, each layer attending to the last 256"),
        metric("bits_whole", in_one_go(model, x), "bits", definition="surprisal of a character of the validation part, mean over all of it, each after at least 512 before it, as far as there are any"),
    ]  # fmt: skip
    if full:
        loss = random_windows(model, x)
        found.append(metric("loss_random_windows", loss, "nats", n=200 * 64 * 256, tolerance=0.002, full=True, definition="the first figure by nanoGPT's estimator: 200 batches of 64 windows at random positions"))  # fmt: skip
    return found


@torch.no_grad()
def in_one_go(model: CharGPT, x: Tensor, part: int = 512) -> float:
    """Return the mean surprisal of all of a text (T,), in bits: part after part, the one before read again."""
    x = torch.cat([model.encode(model.start), x])
    total = 0.0
    for i in range(1, len(x), part):
        y = x[i : i + part]
        logits = model.logits(x[None, max(0, i - 1 - part) : i - 1 + len(y)])[0]
        total += float(F.cross_entropy(logits[-len(y) :], y, reduction="sum").double())
    return total / math.log(2) / (len(x) - 1)


@torch.no_grad()
def random_windows(model: CharGPT, x: Tensor, batches: int = 200) -> float:
    """Return the mean loss of so many batches of 64 windows at random places of a text (T,), nats per character."""
    generator, window = torch.Generator().manual_seed(0), torch.arange(257)
    at = torch.randint(len(x) - 256, (batches, 64, 1), generator=generator) + window
    return sum(float(model(x[i][:, :-1], x[i][:, 1:])["loss"]) for i in at) / batches


def golden(model: CharGPT) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x = torch.randint(len(model.config.chars), (2, 300), generator=torch.Generator().manual_seed(0))
    return {"logits.in.0": x, "logits.out.0": model.logits(x)}


if __name__ == "__main__":
    main(VARIANTS, train)
