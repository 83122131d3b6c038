"""Train a judge: `python -m train.judge mnist`, `fashion`, `mnist-robust`, `butterflies` or `butterflies-worn`.

Cross-entropy with AdamW, cosine schedule, weight averaging, and random affine moves of every picture (turn, scale,
shear, shift), which is what takes a small network of digits past 99.5 %. Butterflies are also bent, strongly, so that
their judge goes more by the pattern than by the shape; for `butterflies-worn` half of them wear their pattern in another's outline, so that
the shape tells nothing. `mnist-robust` learns from the worst picture nearby instead of the one at hand
(arXiv 1706.06083), and so has gradients that people can read.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from train.core.augment import Moves, move
from train.core.data import examples, load
from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings
from train.judge.transplants import Transplants
from zoo import metrics
from zoo.card import Metric
from zoo.data import Pictures, Specimens, butterflies, named
from zoo.models.judge import Config, Judge
from zoo.tables import Axis, Losses, Progress


@dataclass(frozen=True)
class JudgeSettings(Moves, Settings):
    """Settings of the judge's training."""

    epochs: float = 20
    lr: float = 2e-3
    weight_decay: float = 0.02
    model: Config = Config()
    light: float = 0.0
    """largest change of brightness and of each colour, as a share"""
    transplant: float = 0.0
    """share of the butterflies that wear their pattern in another's outline: see train/judge/transplants.py"""
    attack: float = 0.0
    """how far the worst picture nearby is looked for: Euclidean distance over all pixels, of 1 each; 0 for not at all"""
    attack_steps: int = 5


BUTTERFLIES = JudgeSettings(
    data="butterflies",
    epochs=100,
    batch_size=64,
    turn=20.0,
    scale=0.3,
    shift=8.0,
    bend=0.05,
    light=0.1,
    model=Config(channels=3, size=128, blocks=5, width=24, classes=butterflies.KINDS, dropout=0.1),
)
VARIANTS = {
    "mnist": JudgeSettings(data="mnist"),
    "fashion": JudgeSettings(data="fashion", turn=5.0, shift=1.5),
    "mnist-robust": JudgeSettings(data="mnist", epochs=12, attack=2.0, turn=8.0, shift=1.0),
    "butterflies": BUTTERFLIES,
    "butterflies-worn": replace(BUTTERFLIES, transplant=0.5),
}
BARS = {
    "mnist": {"accuracy": (99.5, None)},
    "fashion": {"accuracy": (92, None)},
    "mnist-robust": {"accuracy": (98, None), "accuracy_attacked": (80, None)},
    "butterflies": {"accuracy": (60, None)},
    "butterflies-worn": {"accuracy": (60, None)},
}
PROGRESS = Progress({"accuracy": Axis("Test accuracy", "%", factor=100)}, Losses(unit="nats per picture"))


def worst(model: Judge, x: Tensor, y: Tensor, radius: float, steps: int) -> Tensor:
    """Return pictures like x (B, C, S, S) within a Euclidean distance, whose labels y (B,) the model finds least likely.

    Projected gradient ascent from a random place (arXiv 1706.06083), with the model as it is in use.
    """
    training = model.training
    model.eval()

    def within(d: Tensor) -> Tensor:
        return d * (radius / d.flatten(1).norm(dim=1).clamp_min(1e-9)).clamp_max(1)[:, None, None, None]

    d = within(0.5 * radius * F.normalize(torch.randn_like(x).flatten(1)).view_as(x))
    for _ in range(steps):
        d.requires_grad_()
        loss = F.cross_entropy(model.logits(x + d).float(), y, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, d)
        uphill = F.normalize(gradient.flatten(1)).view_as(x)
        d = (x + within(d.detach() + 2.5 * radius / steps * uphill)).clamp(0, 1) - x
    model.train(training)
    return x + d.detach()


class Attacked(Judge):
    """A judge that learns from the worst pictures near those at hand."""

    radius, steps = 0.0, 0

    def forward(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Do as `Judge` does, on the worst pictures."""
        return super().forward(worst(self, x, y, self.radius, self.steps) if self.radius else x, y)


def train(variant: str, settings: JudgeSettings) -> Path | None:
    """Train, measure and save `judge.<variant>`; return its folder (None in all but the first process)."""
    data, size = named(settings.data), settings.model.size
    if settings.transplant and not isinstance(data, Specimens):
        raise ValueError(f"{settings.data} has no outlines to wear another's pattern: leave --transplant at 0")
    found = examples(settings, size=size)
    ground = found.ground
    transplants, learnt = None, found.sha256
    if settings.transplant:
        specimens = data.specimens("train", size)
        transplants, learnt = Transplants(specimens), specimens.sha256 + learnt

    def batch(index: Tensor) -> tuple[Tensor, Tensor]:
        picture, y = found.batch(index)
        if transplants:
            worn = transplants(index, torch.randint(len(found.x), index.shape))
            chosen = torch.rand(len(index), 1, 1, 1) < settings.transplant
            picture = torch.where(chosen, worn, picture)
        if settings.light:
            change = 1 + (torch.rand(len(index), picture.shape[1], 1, 1) * 2 - 1) * settings.light
            picture = ground - (ground - picture) * change
        return ground + move(picture - ground, settings), y

    def snapshot(run: Run, model: Judge, step: int) -> None:
        predicted = metrics.predict(model, found.test_x).argmax(1)
        matrix = metrics.confusion(found.test_y, predicted, settings.model.classes)
        accuracy = float((predicted == found.test_y).float().mean())
        shares = matrix / matrix.sum(1, keepdim=True).clamp_min(1)
        if len(shares) > 128:  # too many classes for a pixel each
            shares = F.adaptive_max_pool2d(shares[None], 128)[0]
        picture = (shares.sqrt() * 255).round().to(torch.uint8).numpy()  # the root shows small shares
        run.keep(step, picture, accuracy=accuracy)

    model = build(Attacked, settings)
    model.radius, model.steps = settings.attack, settings.attack_steps
    model, run = fit(f"judge.{variant}", model, batch, len(found.x), settings, data=learnt, snapshot=snapshot)
    return publish(run, run.name, model, data, evaluate, golden, progress=PROGRESS)


def golden(model: Judge) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    c = model.config
    x = torch.rand(1, c.channels, c.size, c.size, generator=torch.Generator().manual_seed(0))
    return {
        "classify.in.0": x,
        "classify.out.0": model.classify(x),
        "features.in.0": x,
        "features.out.0": model.features(x),
    }


def evaluate(model: Judge, data: Pictures, *, full: bool = False) -> list[Metric]:
    """Measure a judge on the whole test split, less pictures of classes that it cannot know."""
    x, y = load(data, "test", size=model.config.size)
    x, n = x.float() / 255, len(y)
    probability = metrics.predict(model, x)
    loss = F.nll_loss(probability.clamp_min(1e-12).log(), y)
    accuracy = (probability.argmax(1) == y).double().mean() * 100

    def metric(name: str, value: float, unit: str, tolerance: float, definition: str) -> Metric:
        return Metric(name, float(value), unit, n=n, split="test", tolerance=tolerance, definition=definition)

    found = [
        metric(
            "accuracy", accuracy, "%", max(0.02, 120 / n), f"share of {data.NOUN} of trained classes classified right"
        ),
        metric("cross_entropy", loss, "nats", max(0.0005, 1.2 / n), "mean of -log p(label)"),
    ]
    if data.RADIUS:
        torch.manual_seed(0)
        with torch.enable_grad():
            attacked = torch.cat(
                [worst(model, a, b, data.RADIUS, 20) for a, b in zip(x.split(500), y.split(500), strict=True)]
            )
        share = (metrics.predict(model, attacked).argmax(1) == y).double().mean() * 100
        said = f"the same under an attack on each of the {data.NOUN}: 20 steps of projected gradient ascent within an L2 distance of {data.RADIUS}"
        found.append(metric("accuracy_attacked", share, "%", 0.5, said))
    return found
