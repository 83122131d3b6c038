"""Train a VAE: `python -m train.vae mnist-mlp` or `mnist-cnn`; with `--study`, its comparisons instead.

The plain recipe is 10 epochs of Adam at 1e-3 in batches of 128. The one that ships goes on for longer with a
warm-up, a cosine schedule and averaged weights. The study trains the plain recipe and the ablations.
"""

import dataclasses
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from train.core import sample
from train.core.command import main
from train.core.data import examples
from train.core.fit import build, fit
from train.core.run import Run, publish
from train.core.settings import Settings
from zoo import hub, metrics
from zoo.card import Card, Metric
from zoo.data import Pictures, named
from zoo.files import whole
from zoo.models.vae import VAE, Config
from zoo.nn import noise
from zoo.pictures import grid
from zoo.tables import Axis, Column, Losses, Plot, Progress, Table


@dataclass(frozen=True)
class VAESettings(Settings):
    """Settings of a VAE's training."""

    epochs: float = 50
    lr: float = 1e-3
    model: Config = Config()
    kl_weight: float = 1.0
    """weight of the KL term in the training loss"""
    study: bool = False
    """train the plain recipe and the ablations and write study.json, instead of the checkpoint"""


VARIANTS = {
    "mnist-mlp": VAESettings(data="mnist", lr=2e-3, compile=True, model=Config(arch="mlp")),
    "mnist-cnn": VAESettings(data="mnist", lr=3e-3, model=Config(arch="cnn")),
}
BARS = {"mnist-mlp": {"test_loss": (None, 99)}, "mnist-cnn": {"test_loss": (None, 96)}}
PROGRESS = Progress(
    {"test_loss": Axis("Test loss", "nats per picture")},
    Losses(unit="nats per picture", names={"loss": "loss", "recon": "recon", "kl": "kl"}),
)
PLAIN = {"epochs": 10, "lr": 1e-3, "schedule": "constant", "warmup": 0, "ema": 0.0}
# One change at a time from the plain recipe, 3 epochs each.
ABLATIONS = [
    *({"latent": latent} for latent in (2, 5, 10, 20, 50)),
    {"batch_norm": True},
    *({"activation": activation} for activation in ("gelu", "silu", "tanh")),
    *({"kl_weight": weight} for weight in (0.25, 0.5, 2.0, 4.0)),
]


def train(variant: str, settings: VAESettings) -> Path | None:
    """Train, measure and save `vae.<variant>`, or its study; return its folder."""
    if settings.study:
        return study(variant, settings)
    model, run = run_of(f"vae.{variant}", settings)
    return publish(
        run, run.name, model, named(settings.data), evaluate, golden,
        extras=extras, pictures=partial(sample.pictures, labelled=False), progress=PROGRESS, complete=compare_again,
    )  # fmt: skip


def run_of(name: str, settings: VAESettings) -> tuple[VAE, Run]:
    """Train one VAE; return it and its run."""
    found = examples(settings)
    z = noise(40, settings.model.latent, seed=0)

    def batch(index: Tensor) -> tuple[Tensor, float]:
        return found.x.index_select(0, index) / 255, settings.kl_weight

    def snapshot(run: Run, model: VAE, step: int) -> None:
        recon, kl = bound(model, found.test_x, draws=1)
        run.keep(step, grid(model.decode(z), 10), test_loss=recon + kl, test_recon=recon, test_kl=kl)

    return fit(name, build(VAE, settings), batch, len(found.x), settings, data=found.sha256, snapshot=snapshot)


@torch.no_grad()
def bound(model: VAE, x: Tensor, *, draws: int) -> tuple[float, float]:
    """Return the bound's two terms, nats per picture: means over pictures and draws of z."""
    eps = noise(len(x) * draws, model.config.latent, seed=7).view(draws, len(x), -1)
    sums = [0.0, 0.0]
    for draw in eps:
        for part, e in zip(x.split(1000), draw.split(1000), strict=True):
            for i, term in enumerate(model.bound(part, e)):
                sums[i] += float(term.double().sum())
    return tuple(total / (len(x) * draws) for total in sums)


def golden(model: VAE) -> dict[str, Tensor]:
    """Return inputs and outputs that a loaded model must reproduce."""
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    z = noise(4, model.config.latent, seed=0)
    mean, logvar = model.encode(x)
    return {
        "encode.in.0": x,
        "encode.out.0": mean,
        "encode.out.1": logvar,
        "decode.in.0": z,
        "decode.out.0": model.decode(z),
    }


def evaluate(model: VAE, data: Any, *, full: bool = False) -> list[Metric]:
    """Measure a VAE on the 10,000 test digits."""
    x, _, test_features = sample.real("test", data)
    recon, kl = bound(model, x, draws=8)
    with torch.no_grad():
        again = torch.cat([model.decode(model.encode(part)[0]) for part in x.split(1000)])
        made = torch.cat([model.sample(1000, seed=1_000_000 + i) for i in range(10)])
    features = metrics.predict(sample.judge(data), made, "features")

    def metric(name: str, value: float, unit: str, tolerance: float, definition: str) -> Metric:
        return Metric(name, float(value), unit, n=len(x), split="test", tolerance=tolerance, definition=definition)

    return [
        metric("test_loss", recon + kl, "nats", 0.05, "negative bound (BCE + KL), mean over pictures and 8 draws of z"),
        metric("recon", recon, "nats", 0.05, "its reconstruction term (BCE, summed over pixels)"),
        metric("kl", kl, "nats", 0.02, "its KL term"),
        metric(
            "mse", float(((again - x) ** 2).mean()), "", 0.0001, "squared pixel error of decode(mean), pixels in [0, 1]"
        ),
        metric(
            "frechet",
            metrics.frechet_distance(features, test_features),
            "",
            1.0,
            "Fréchet distance of 10,000 samples to the test digits in judge features",
        ),
    ]


@torch.no_grad()
def extras(model: VAE, data: Pictures) -> dict[str, Tensor]:
    """Encode the test digits and find the latent's principal directions.

    Returns:
        mean (10000, latent) float16 and label (10000,) uint8 of the test digits; centre (latent,),
        components (latent, latent; rows, most variance first) and spread (latent,; standard
        deviation along each) of the means; map (2500, 2): t-SNE of the first 2,500 means.
    """
    from sklearn.manifold import TSNE

    x, y, _ = sample.real("test", data)
    mean = torch.cat([model.encode(part)[0] for part in x.split(1000)])
    centre = mean.mean(0)
    _, singular, components = torch.linalg.svd(mean - centre, full_matrices=False)
    # A direction and its opposite are the same component: let the largest entry be positive.
    sign = components.gather(1, components.abs().argmax(1, keepdim=True)).sign()
    flat = TSNE(init="pca", random_state=0).fit_transform(mean[:2500].numpy())
    return {
        "mean": mean.half(),
        "label": y.to(torch.uint8),
        "centre": centre,
        "components": components * sign,
        "spread": singular / len(mean) ** 0.5,
        "map": torch.from_numpy(flat).half(),
    }


def study(variant: str, settings: VAESettings) -> Path:
    """Train the plain recipe and the ablations; write them into the checkpoint's study.json."""
    folder = hub.find(f"vae.{variant}")[0]
    test_x = examples(settings).test_x

    def measured(model: VAE, run: Run, **what: object) -> dict[str, object]:
        recon, kl = bound(model, test_x, draws=8)
        curve = [[record["step"], round(record["loss"], 3)] for record in run.history(60)[1]["curve"]]
        return {
            **what, "test_loss": round(recon + kl, 3), "recon": round(recon, 3), "kl": round(kl, 3),
            "final_loss": curve[-1][1], "seconds": round(run.seconds, 1), "curve": curve,
            "parameters": sum(p.numel() for p in model.parameters()),
        }  # fmt: skip

    plain = dataclasses.replace(settings, study=False, **PLAIN)
    content = {"plain": measured(*run_of(f"vae.{variant}-plain", plain)), "ablations": []}
    for i, change in enumerate(ABLATIONS):
        config = {key: value for key, value in change.items() if key != "kl_weight"}
        changed = dataclasses.replace(
            plain, epochs=3, snapshots=0, model=dataclasses.replace(plain.model, **config),
            kl_weight=change.get("kl_weight", 1.0),
        )  # fmt: skip
        content["ablations"].append(measured(*run_of(f"vae.{variant}-ablation-{i}", changed), change=change))
    keep(folder, **content)
    return folder


def keep(folder: Path, **results: Any) -> None:
    """Put results into a checkpoint's study.json, beside what is there, and lay all of it out as tables."""
    card = Card.read(folder, "folder")
    found = {**card.results, **results}
    tables = {name: table.json() for name, table in studied(card, found).items()}
    with whole(folder / "study.json") as path:
        path.write_text(json.dumps({"tables": tables, "results": found}, indent=1) + "\n")


def compare_again(folder: Path) -> None:
    """Lay a checkpoint's study out again, if it has one, since it compares with what is shipped."""
    if (folder / "study.json").exists():
        keep(folder)


def studied(card: Card, results: dict[str, Any]) -> dict[str, Table]:
    """Lay out what was measured of the plain recipe, its ablations and, if there, a peer library's training."""
    plain, peer, loss = results["plain"], results.get("peer"), Column("test loss", "nats", ".2f")
    rows = [
        ("this checkpoint", card.training["settings"]["epochs"], card.metric("test_loss").value),
        (f"plain recipe (Adam 1e-3, batch {Settings.batch_size})", PLAIN["epochs"], plain["test_loss"]),
    ]
    if peer:
        rows.append((f"same network, trained by {peer['library']}", peer["epochs"], peer["test_loss"]))
    changes = [
        (", ".join(f"{k.replace('_', ' ')} {v}" for k, v in row["change"].items()), row["test_loss"], row["kl"])
        for row in results["ablations"]
    ]
    compared = Table(
        "Compared", "The same network, trained otherwise.", (Column("training"), Column("epochs", format="g"), loss), tuple(rows)
    )  # fmt: skip
    ablations = Table(
        "Ablations",
        f"The plain recipe for 3 epochs with one change, by `python -m train.vae {card.variant} --study`. "
        "The test loss is the bound with weight 1 in every row.",
        (Column("change"), loss, Column("KL term", "nats", ".2f")),
        tuple(changes),
        (Plot("dots", ("change", "test loss"), "test loss, nats per picture"),),
    )
    return {"compared": compared, "ablations": ablations}


if __name__ == "__main__":
    main(VARIANTS, train)
