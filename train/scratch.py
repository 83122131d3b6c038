"""Train the numpy network: `python -m train.scratch mnist`. Shuffled minibatches, Adam, learning rate along half a cosine."""

import math
import time
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from train.core import classify
from train.core.command import main
from train.core.data import examples, load
from train.core.run import Run, publish
from train.core.settings import Settings
from train.core.steps import steps_of
from zoo.card import Metric
from zoo.data import Pictures
from zoo.models.scratch import Config, Network, Scratch


@dataclass(frozen=True)
class ScratchSettings(Settings):
    """Settings of the training."""

    epochs: float = 10
    batch_size: int = 128
    lr: float = 2e-3
    weight_decay: float = 0.1
    bf16: bool = False
    ema: float = 0
    warmup: int = 0
    model: Config = Config()


VARIANTS = {"mnist": ScratchSettings(data="mnist")}
BARS = {"mnist": {"accuracy": (98.3, None)}}


class Resumable:
    """A network's numbers, moments and count, as a run saves them."""

    def __init__(self, network: Network):
        self.network = network

    def state_dict(self) -> dict[str, Any]:
        """Return copies of all numbers."""
        moments = self.network._moments or [[np.zeros_like(a) for a in self.network.arrays] for _ in range(2)]
        lists = {"arrays": self.network.arrays, "near": moments[0], "far": moments[1]}
        return {
            "steps": self.network.steps,
            **{key: [torch.from_numpy(a.copy()) for a in value] for key, value in lists.items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        network = self.network
        for array, kept in zip(network.arrays, state["arrays"], strict=True):
            array[...] = kept.numpy()
        network._moments, network.steps = (
            [[t.numpy().copy() for t in state[key]] for key in ("near", "far")],
            state["steps"],
        )


def train(variant: str, settings: ScratchSettings) -> Path | None:
    """Train, measure and save `scratch.<variant>`; return its folder."""
    found = examples(settings)
    x, y = found.x.numpy().reshape(len(found.x), -1), found.y.numpy()
    network = Network(settings.model, seed=settings.seed)
    per_epoch = len(x) // settings.batch_size
    run = Run(f"scratch.{variant}", settings, steps_of(settings, len(x)), data=found.sha256)
    model, keep = Scratch(settings.model), classify.snapshot(found)

    @lru_cache(maxsize=1)
    def order(epoch: int) -> np.ndarray:
        return np.random.default_rng([settings.seed, epoch]).permutation(len(x))

    def batch(step: int) -> tuple[np.ndarray, np.ndarray]:
        epoch, place = divmod(step, per_epoch)
        part = order(epoch)[place * settings.batch_size : (place + 1) * settings.batch_size]
        return x[part].astype(np.float32) / 255, y[part]

    def snapshot(step: int) -> None:
        keep(run, model.take(network), step)

    for step, pair in run.steps(batch, snapshot=snapshot, network=Resumable(network)):
        lr = settings.lr * 0.5 * (1 + math.cos(math.pi * step / run.total))
        run.record({"loss": torch.tensor(network.learn(*pair, lr, settings.weight_decay))})
    return publish(
        run, run.name, model.take(network).eval(), found.data, evaluate, partial(classify.golden, data=found.data),
        numbers=epoch_time, progress=classify.PROGRESS,
    )  # fmt: skip


def epoch_time(model: Scratch, data: Pictures) -> dict[str, Any]:
    """Return the seconds that an epoch takes here."""
    images, labels = load(data, "train")
    x, y, network = images.flatten(1).numpy().astype(np.float32) / 255, labels.numpy(), Network(model.config)
    began = time.perf_counter()
    for _ in network.epoch(x, y, 128, lambda done: 1e-3, np.random.default_rng(0)):
        pass
    return {"epoch_seconds": round(time.perf_counter() - began, 2)}


def evaluate(model: Scratch, data: Pictures, *, full: bool = False) -> list[Metric]:
    """Measure the network on the whole test split."""
    return classify.measures(model, data)


if __name__ == "__main__":
    main(VARIANTS, train)
