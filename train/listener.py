"""Train a listener: `python -m train.listener digits`, `words` or `speakers`; those with `-judge` are of the other kind.

AdamW, weight averaging. Every recording is moved, made louder or softer, faster or slower, and put into noise; stretches of time and of
frequency are left out (arXiv 1904.08779).
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from train.core.command import main
from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings
from zoo.card import Metric
from zoo.data import named
from zoo.data.spoken import Clips, Spoken
from zoo.models.listener import Config, Listener
from zoo.sound import HOP, spectrogram
from zoo.tables import Axis, Losses, Progress


@dataclass(frozen=True)
class ListenerSettings(Settings):
    """Settings of the training."""

    epochs: float = 40
    batch_size: int = 64
    lr: float = 2e-3
    warmup: int = 100
    weight_decay: float = 0.05
    ema: float = 0.998
    bf16: bool = False
    asked: str = "words"
    """what is told apart: 'words' or 'speakers'"""
    model: Config = Config()
    shift: int = 8
    """frames by which a recording is moved at most"""
    speed: float = 0.12
    """share by which it is made faster or slower at most"""
    gain: float = 0.12
    """how much louder or softer at most, on the spectrogram's scale: 0.12 is 5.5 dB"""
    noise: float = 0.01
    """largest root mean square of the noise"""
    gap: int = 12
    """most frames, and frequencies, that are left out"""


JUDGE = Config(kind="recurrent", width=32)
WORDS = ListenerSettings(data="wake_words", model=Config(frames=144))
VARIANTS = {
    "digits": ListenerSettings(data="fsdd"),
    "digits-judge": ListenerSettings(data="fsdd", model=JUDGE, seed=1),
    "speakers": ListenerSettings(data="fsdd", asked="speakers", speed=0.0, epochs=20),
    "speakers-judge": ListenerSettings(data="fsdd", asked="speakers", speed=0.0, epochs=20, model=JUDGE, seed=1),
    "words": WORDS,
    "words-judge": replace(WORDS, model=replace(JUDGE, frames=144), seed=1),
}
BARS = {
    "digits": {"accuracy": (98.5, None)},
    "digits-judge": {"accuracy": (98.5, None)},
    "speakers": {"accuracy": (97, None)},
    "speakers-judge": {"accuracy": (97, None)},
    "words": {"accuracy": (97, None)},
    "words-judge": {"accuracy": (97, None)},
}
PROGRESS = Progress({"accuracy": Axis("Test accuracy", "%", factor=100)}, Losses(unit="nats per recording"))


def labels(clips: Clips, asked: str) -> Tensor:
    """Return the labels that are asked for, (N,)."""
    return torch.from_numpy(clips.words if asked == "words" else clips.speakers)


def padded(clips: Clips, samples: int) -> Tensor:
    """Return waveforms (N, samples), the middle of each, with silence around what is shorter."""
    rows = []
    for one in clips.waveforms:
        missing = samples - len(one)
        rows.append(F.pad(torch.from_numpy(one.copy()), (missing // 2, missing - missing // 2)))
    return torch.stack(rows)


class Varied:
    """Spectrograms of recordings, each time a little different."""

    def __init__(self, x: Tensor, settings: ListenerSettings):
        self.x, self.settings = x, settings

    def __call__(self, index: Tensor) -> Tensor:
        """Return spectrograms (B, 128, frames) of some of the recordings."""
        own, x = self.settings, self.x[index]
        b, n = x.shape
        rate = 1 + own.speed * (2 * torch.rand(b, 1) - 1)
        places = (torch.arange(n) - n / 2) * rate + n / 2 + HOP * own.shift * (2 * torch.rand(b, 1) - 1)
        before = places.floor().long()
        part, there = places - before, (before >= 0) & (before < n - 1)
        before = before.clamp(0, n - 2)
        x = (x.gather(1, before) * (1 - part) + x.gather(1, before + 1) * part) * there
        x = x + own.noise * torch.rand(b, 1) ** 2 * torch.randn(b, n)
        s = (spectrogram(x) + own.gain * (2 * torch.rand(b, 1, 1) - 1)).clamp(-1, 1)
        for dim in (1, 2):
            first = torch.randint(s.shape[dim], (b, 1))
            row = torch.arange(s.shape[dim])
            left_out = (row >= first) & (row < first + torch.randint(own.gap + 1, (b, 1)))
            s = s.masked_fill(left_out.unsqueeze(3 - dim), -1.0)
        return s


def train(variant: str, settings: ListenerSettings) -> Path | None:
    """Train, measure and save `listener.<variant>`; return its folder (None in all but the first process)."""
    data = named(settings.data)
    clips, asked = data.load("train"), data.load("test")
    classes = data.CLASSES if settings.asked == "words" else data.SPEAKERS
    if not classes:
        raise ValueError(f"the speakers of {settings.data} are not known")
    if settings.holdout:
        order = torch.randperm(len(clips), generator=torch.Generator().manual_seed(0)).numpy()
        clips, asked = clips.part(order[settings.holdout :]), clips.part(order[: settings.holdout])
    settings = replace(settings, model=replace(settings.model, classes="|".join(classes)))
    model = build(Listener, settings)
    varied = Varied(padded(clips, (settings.model.frames - 1) * HOP), settings)
    y = labels(clips, settings.asked)

    def snapshot(run: Run, model: Listener, step: int) -> None:
        run.keep(
            step, accuracy=float((answers(model, asked).argmax(1) == labels(asked, settings.asked)).float().mean())
        )

    def batch(index: Tensor) -> tuple[Tensor, Tensor]:
        return varied(index), y[index]

    name = f"listener.{variant}"
    model, run = fit(name, model, batch, len(clips), settings, data=clips.sha256, snapshot=snapshot)
    return publish(run, run.name, model, data, partial(evaluate, full=True), golden, progress=PROGRESS)


@torch.no_grad()
def answers(model: Listener, clips: Clips) -> Tensor:
    """Return the probabilities of recordings' classes, (N, classes)."""
    x = padded(clips, (model.config.frames - 1) * HOP)
    return torch.cat([model.classify(spectrogram(part)) for part in x.split(100)])


def evaluate(model: Listener, data: Spoken, *, full: bool = False) -> list[Metric]:
    """Measure a listener on the whole test split."""
    asked = "words" if model.classes == data.CLASSES else "speakers"
    clips = data.load("test")
    p, y = answers(model, clips), labels(clips, asked)
    right = (p.argmax(1) == y).double()
    metric = partial(Metric, n=len(y), split="test")
    found = [
        metric("accuracy", 100 * float(right.mean()), "%", tolerance=0.35, definition=f"test recordings whose {asked[:-1]} is the likeliest to it"),
        metric("cross_entropy", float(-p.gather(1, y[:, None]).clamp_min(1e-12).log().mean()), "nats", tolerance=0.005, definition="mean of -log p(label)"),
    ]  # fmt: skip
    if asked == "words" and (apart := getattr(data, "APART", "")):
        rest = right[y != data.CLASSES.index(apart)]
        found.append(metric("accuracy_others", 100 * float(rest.mean()), "%", n=len(rest), tolerance=0.4, definition=f"the first figure without {apart!r}, whose background gives it away"))  # fmt: skip
    return found


def golden(model: Listener) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    s = torch.rand(1, 128, model.config.frames, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return {"classify.in.0": s, "classify.out.0": model.classify(s)}


if __name__ == "__main__":
    main(VARIANTS, train)
