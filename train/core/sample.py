"""What the models that draw pictures are measured by, and the pictures on their cards."""

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

import zoo
from train.core.data import load
from train.core.device import device
from zoo import metrics
from zoo.card import Metric
from zoo.data import Classed, Pictures
from zoo.pictures import grid
from zoo.tables import Axis, Column, Plot, Table

SAMPLES = 10_000  # in the metrics; of class-conditional models as many of each class


@lru_cache(maxsize=4)
def judge(data: Pictures) -> nn.Module:
    """Return a data set's judge, loaded once."""
    return zoo.load(data.JUDGE)


@lru_cache(maxsize=2)
def real(split: str, data: Pictures) -> tuple[Tensor, Tensor, Tensor]:
    """Return a split's pictures (N, C, H, W) in [0, 1], labels (N,) and judge features (N, D)."""
    x, y = load(data, split)
    x = x.float() / 255
    return x, y, metrics.predict(judge(data), x, "features")


class Judged:
    """Follows a sampler through training: how often the judge agrees, and how far it is from real pictures."""

    def __init__(self, x: Tensor, data: Pictures):
        self.data, self.features = data, metrics.predict(judge(data), x, "features")

    def facts(self, x: Tensor, y: Tensor | None = None) -> dict[str, float]:
        """Judge samples x (N, C, H, W), of labels y (N,) if they have any."""
        distance = metrics.frechet_distance(metrics.predict(judge(self.data), x, "features"), self.features)
        if y is None:
            return {"frechet": distance}
        read = metrics.predict(judge(self.data), x).argmax(1)
        return {"agreement": 100 * metrics.agreement(y, read), "frechet": distance}


def axes(data: Pictures, *, labelled: bool = True) -> dict[str, Axis]:
    """Return what `Judged` measures."""
    frechet = Axis("Fréchet distance to test pictures", "judge features", within=data.JUDGE)
    return {**({"agreement": Axis("Judge reads the label", "%")} if labelled else {}), "frechet": frechet}


@torch.no_grad()
def draw(model: Any, n: int, *, seed: int, classes: int = 0, **options: Any) -> tuple[Tensor, Tensor]:
    """Draw n samples, by the model's defaults but for the options; return x and the labels that it was told: so many, in turn."""
    y = torch.arange(n) % max(1, classes)
    told = [{"label": part} if classes else {} for part in y.split(1000)]
    parts = zip(y.split(1000), told, strict=True)
    model.to(device())
    x = [model.sample(len(part), seed=seed + i, **more, **options).cpu() for i, (part, more) in enumerate(parts)]
    model.cpu()
    return torch.cat(x), y


def metric(
    name: str, value: float | Tensor, unit: str, tolerance: float, definition: str, n: int = SAMPLES, **more: Any
) -> Metric:
    """Return a figure of n samples against the test pictures."""
    return Metric(name, float(value), unit, n=n, split="test", tolerance=tolerance, definition=definition, **more)


def distances(x: Tensor, data: Pictures) -> list[Metric]:
    """Measure samples x (N, C, H, W) against the test pictures: how near, how varied, how new."""
    what = data.NOUN
    test_x, _, test_features = real("test", data)
    train_x, _, train_features = real("train", data)
    features = metrics.predict(judge(data), x, "features")
    precision, recall = metrics.precision_recall(test_features, features)
    copied = metrics.nearest(x, train_x).median() / metrics.nearest(test_x, train_x).median()
    by = f"in features of {data.JUDGE}"
    return [
        metric("frechet", metrics.frechet_distance(features, test_features), "", 0.3, f"Fréchet distance to the test {what} {by}", len(x)),
        metric("frechet_floor", metrics.frechet_distance(train_features, test_features), "", 0.1, f"the same between all training {what} and the test {what}", len(train_x)),
        metric("kernel", metrics.kernel_distance(features, test_features), "", 0.02, f"kernel distance to the test {what} {by}", len(x)),
        metric("precision", precision, "", 0.01, f"share of samples among the test {what} (k = 3)", len(x)),
        metric("recall", recall, "", 0.01, f"share of test {what} among the samples (k = 3)", len(x)),
        metric("nearest_training", copied, "", 0.02, f"median pixel distance to the nearest of the training {what}, over that of the test {what}; near 0 would be copying", len(x)),
    ]  # fmt: skip


@lru_cache(maxsize=1)
def of_each_class(model: nn.Module, data: Classed) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Draw 1,000 samples of each class from a model that is trained no more, and judge them, once.

    Returns:
        samples (N, C, H, W), the labels asked for (N,), judge features (N, D), the labels that the judge reads (N,).
    """
    x, y = draw(model, SAMPLES, seed=1_000_000, classes=len(data.CLASSES))
    return x, y, metrics.predict(judge(data), x, "features"), metrics.predict(judge(data), x).argmax(1)


def conditional_metrics(model: nn.Module, data: Classed) -> list[Metric]:
    """Measure a class-conditional sampler: 1,000 samples of each class against the test pictures."""
    x, y, features, read = of_each_class(model, data)
    _, test_y, test_features = real("test", data)
    spread = metrics.diversity(features, y) / metrics.diversity(test_features, test_y)
    by_class = [100 * metrics.agreement(y[y == c], read[y == c]) for c in range(len(data.CLASSES))]
    worst = by_class.index(min(by_class))
    return [
        metric("agreement", 100 * metrics.agreement(y, read), "%", 0.2, "samples that the judge classifies as their label"),
        metric("agreement_worst", min(by_class), "%", 0.5, f"the same for the worst class, {worst}"),
        *distances(x, data),
        metric("diversity", spread.mean(), "", 0.02, "mean distance between two samples of a class in judge features, over real pictures' own; mean over classes"),
        metric("diversity_worst", spread.min(), "", 0.02, f"the same for the least diverse class, {int(spread.argmin())}"),
    ]  # fmt: skip


def tables(model: nn.Module, data: Classed) -> dict[str, Table]:
    """Return tables for the card: what the judge makes of 1,000 samples of each label, and how they vary."""
    _, y, features, read = of_each_class(model, data)
    _, test_y, test_features = real("test", data)
    spread = metrics.diversity(features, y) / metrics.diversity(test_features, test_y)
    counts = metrics.confusion(y, read).tolist()
    return tabled(counts, [round(float(s), 3) for s in spread])


def tabled(counts: list[list[int]], spread: list[float]) -> dict[str, Table]:
    """Lay out confusion counts, rows the labels asked for, and each label's diversity over real pictures' own."""
    labels = [str(i) for i in range(len(counts))]
    confusion = Table(
        "What the judge reads",
        f"{sum(counts[0]):,} samples of each label (rows), and what the judge classifies them as (columns).",
        (Column("label"), *map(Column, labels)),
        tuple((label, *row) for label, row in zip(labels, counts, strict=True)),
        (Plot("confusion", ("label", *labels), "read by the judge", "asked for"),),
    )
    diversity = Table(
        "Diversity of each label",
        "Mean distance between two samples in judge features, over real pictures' own.",
        (Column("label"), Column("diversity", format=".3f")),
        tuple(zip(labels, spread, strict=True)),
        (Plot("columns", ("label", "diversity"), "label", "share of real pictures'", mark=1),),
    )
    return {"confusion": confusion, "diversity": diversity}


@torch.no_grad()
def pictures(model: nn.Module, data: Classed, *, labelled: bool = True) -> dict[str, object]:
    """Return the card's pictures: eighty typical samples, and twenty failures by the judge's word."""
    classes = len(data.CLASSES) if labelled else 0
    x, _ = draw(model, 80, seed=0, classes=classes)
    pool, y = draw(model, 3000, seed=2_000_000, classes=classes)
    probability = metrics.predict(judge(data), pool)
    doubt = probability.gather(1, y[:, None])[:, 0] if labelled else probability.amax(1)
    return {"samples": grid(x, 10), "failures": grid(pool[doubt.argsort()[:20]], 10)}
