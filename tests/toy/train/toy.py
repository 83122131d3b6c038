"""Train the toy: `python -m train.toy discs`."""

from dataclasses import dataclass

import torch

from train.core.command import main
from train.core.fit import build, fit
from train.core.run import publish
from train.core.settings import Settings
from zoo.card import Metric
from zoo.data import discs, sha256
from zoo.models.toy import Config, Toy
from zoo.pictures import grid
from zoo.tables import Axis, Progress


@dataclass(frozen=True)
class ToySettings(Settings):
    model: Config = Config()


VARIANTS = {"discs": ToySettings(data="discs", lr=0.2, epochs=20, warmup=0, ema=0, snapshots=12)}
BARS = {"discs": {"error": (None, 0.03)}}


def train(variant: str, settings: ToySettings):
    x, z = torch.from_numpy(discs.load("train"))[:, None] / 255, torch.eye(settings.model.latent)
    model, run = fit(
        f"toy.{variant}", build(Toy, settings), lambda index: (x[index],), len(x), settings,
        data=sha256(discs.load("train")), snapshot=lambda run, model, step: run.keep(step, grid(model.sample(16, seed=0), 8), error=evaluate(model, discs)[0].value),
    )  # fmt: skip
    return publish(
        run, run.name, model, discs, evaluate, lambda model: {"decode.in.0": z, "decode.out.0": model.decode(z)},
        progress=Progress({"error": Axis("Error", "of 1")}),
    )  # fmt: skip


def evaluate(model: Toy, data, *, full: bool = False) -> list[Metric]:
    apart = (model.sample(1000, seed=0).mean(0) - torch.from_numpy(data.load("test") / 255).mean(0)).abs().mean()
    return [Metric("error", float(apart), "of 1", 1000, "test", 1e-3, "mean sample from mean disc, a pixel")]


if __name__ == "__main__":
    main(VARIANTS, train)
