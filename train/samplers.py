"""What the class-conditional models of digits are measured by, and the pictures on their cards."""

from functools import lru_cache

import torch
from torch import Tensor, nn

import zoo
from zoo import metrics
from zoo.card import Metric
from zoo.data import mnist
from zoo.pictures import grid

EACH = 1000  # samples of each class in the metrics


@lru_cache(maxsize=1)
def judge() -> nn.Module:
    """Return the judge, loaded once."""
    return zoo.load("judge.mnist")


@lru_cache(maxsize=2)
def digits(split: str) -> tuple[Tensor, Tensor, Tensor]:
    """Return a split's pictures (N, 1, 28, 28) in [0, 1], labels (N,) and judge features (N, 128)."""
    images, y = (torch.tensor(array) for array in mnist.load(split))
    x = images[:, None].float() / 255
    return x, y, metrics.predict(judge(), x, "features")


class Judged:
    """Follows a sampler through training: how often the judge agrees, and how far it is from real digits."""

    def __init__(self, x: Tensor, y: Tensor):
        self.y, self.features = y, metrics.predict(judge(), x, "features")

    def facts(self, x: Tensor, y: Tensor) -> dict[str, float]:
        """Judge samples x (N, 1, 28, 28) of labels y (N,)."""
        probability = metrics.predict(judge(), x)
        features = metrics.predict(judge(), x, "features")
        return {
            "agreement": 100 * metrics.agreement(y, probability.argmax(1)),
            "frechet": metrics.frechet_distance(features, self.features),
        }


@torch.no_grad()
def draw(model: nn.Module, each: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Draw `each` samples of every class at the model's default temperature: x, y."""
    y = torch.arange(10).repeat(each)
    return torch.cat([model.sample(len(part), seed=seed + i, label=part) for i, part in enumerate(y.split(1000))]), y


def conditional_metrics(model: nn.Module) -> list[Metric]:
    """Measure a class-conditional sampler: 1,000 samples of each class against the 10,000 test digits."""
    x, y = draw(model, EACH, seed=1_000_000)
    test_x, test_y, test_features = digits("test")
    train_x, _, train_features = digits("train")
    predicted = metrics.predict(judge(), x).argmax(1)
    features = metrics.predict(judge(), x, "features")
    precision, recall = metrics.precision_recall(test_features, features)
    spread = metrics.diversity(features, y) / metrics.diversity(test_features, test_y)
    copied = metrics.nearest(x, train_x).median() / metrics.nearest(test_x, train_x).median()

    def metric(name: str, value: float, unit: str, tolerance: float, definition: str) -> Metric:
        return Metric(name, float(value), unit, n=len(x), split="test", tolerance=tolerance, definition=definition)

    by_class = [100 * metrics.agreement(y[y == c], predicted[y == c]) for c in range(10)]
    return [
        metric(
            "agreement", 100 * metrics.agreement(y, predicted), "%", 0.2, "samples that the judge reads as their label"
        ),
        metric(
            "agreement_worst", min(by_class), "%", 0.5, f"the same for the worst class, {by_class.index(min(by_class))}"
        ),
        metric(
            "frechet",
            metrics.frechet_distance(features, test_features),
            "",
            0.3,
            "Fréchet distance to the test digits in judge features",
        ),
        metric(
            "frechet_floor",
            metrics.frechet_distance(train_features, test_features),
            "",
            0.1,
            "the same between the 60,000 training digits and the test digits",
        ),
        metric(
            "kernel",
            metrics.kernel_distance(features, test_features),
            "",
            0.02,
            "kernel distance to the test digits in judge features",
        ),
        metric("precision", precision, "", 0.01, "share of samples among the test digits (k = 3)"),
        metric("recall", recall, "", 0.01, "share of test digits among the samples (k = 3)"),
        metric(
            "diversity",
            float(spread.mean()),
            "",
            0.02,
            "mean distance between two samples of a class in judge features, over real digits' own; mean over classes",
        ),
        metric(
            "diversity_worst", float(spread.min()), "", 0.02, f"the same for the plainest class, {int(spread.argmin())}"
        ),
        metric(
            "nearest_training",
            float(copied),
            "",
            0.02,
            "median pixel distance to the nearest training digit, over that of the test digits; near 0 would be copying",
        ),
    ]


def tables(model: nn.Module) -> dict[str, list]:
    """Return tables for the pages: confusion counts (10 x 10) and each class's diversity over real digits'."""
    x, y = draw(model, EACH, seed=1_000_000)
    _, test_y, test_features = digits("test")
    features = metrics.predict(judge(), x, "features")
    spread = metrics.diversity(features, y) / metrics.diversity(test_features, test_y)
    counts = metrics.confusion(y, metrics.predict(judge(), x).argmax(1))
    return {"confusion": counts.tolist(), "diversity": [round(float(s), 3) for s in spread]}


@torch.no_grad()
def conditional_pictures(model: nn.Module) -> dict[str, object]:
    """Return the card's pictures: eight typical samples of each class, and failures by the judge's word."""
    x, _ = draw(model, 8, seed=0)
    pool, y = draw(model, 300, seed=2_000_000)
    doubt = metrics.predict(judge(), pool).gather(1, y[:, None])[:, 0]
    failures = pool[doubt.argsort()[:20]]
    return {"samples": grid(x, 10), "failures": grid(failures, 10)}
