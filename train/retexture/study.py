"""Compare the butterflies' model, at 64 pixels, with two baselines and with itself less one part.

    python -m train.retexture.study --rows full cvae pix2pix whole no-erasure no-adversary no-warp none --write

Each row trains on one core (give it one: OMP_NUM_THREADS=1), `full` and the baselines for 30 minutes, the ablations and `whole`,
which they are compared with, for ten; it is measured as the card's figures are, and leaves a file in `runs/`. `--write` puts
what is there into the checkpoint's study.json and, for "What did the encoder forget?", into its forgotten.safetensors.
Baselines get the seconds that `full` took.
"""

import dataclasses
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
import tyro
from torch import Tensor

import zoo
from train import retexture
from train.core.command import start
from train.retexture.baselines import CVAE, Pix2Pix, fit
from train.retexture.critics import Adversary
from train.retexture.gallery import text
from train.retexture.measures import encode_all, evaluate
from train.retexture.probes import attributes, mlp, probe
from train.retexture.specimens import Batches, half_pictures, specimens
from zoo import checkpoint, places
from zoo.data import butterflies
from zoo.files import replaced, whole
from zoo.models.retexture import Config, wings
from zoo.tables import Column, Table

SETTINGS = dataclasses.replace(
    retexture.VARIANTS["butterflies"], epochs=8, snapshots=2, model=Config(size=64, rows=32, columns=64)
)
CHANGES: dict[str, dict[str, Any]] = {
    "whole": {},
    "no-adversary": {"forget_weight": 0.0},
    "no-warp": {"encoder_warp": 0.0, "erase": False},
    "none": {"forget_weight": 0.0, "encoder_warp": 0.0, "erase": False},
}
FULL = {"epochs": 24}
BASELINES = {"cvae": CVAE, "pix2pix": Pix2Pix}
TITLES = {
    "full": "this model", "whole": "all of it", "no-adversary": "without the adversary", "no-erasure": "without the erasure",
    "no-warp": "without warps before the encoder, and nothing to erase", "none": "without adversary, warps and erasure", "cvae": "plain conditional VAE",
    "pix2pix": "pix2pix with a random vector",
}  # fmt: skip


@dataclass(frozen=True)
class Study:
    """Which rows to train."""

    rows: tuple[Literal["full", "cvae", "pix2pix", "whole", "no-erasure", "no-adversary", "no-warp", "none"], ...] = ()
    """rows to train now, in this order"""
    write: bool = False
    """write the table of all rows there are into study.json"""
    runs: Path = Path("runs/retexture-study")
    """folder of the rows' runs and results"""


def train_row(name: str, runs: Path) -> dict[str, Any]:
    """Train and measure one row: {"name", "seconds", "steps", "metrics": {name: value}}."""
    if name in BASELINES:
        seconds = json.loads((runs / "full.json").read_text())["seconds"]
        data = butterflies.specimens("train", SETTINGS.model.size)
        rows = np.flatnonzero(data.symmetry >= SETTINGS.symmetry)
        make = Batches(half_pictures(data, rows), SETTINGS.model, 0.0)
        began = time.monotonic()
        model, steps = fit(BASELINES[name], make, len(rows), lambda step: (time.monotonic() - began) / seconds)
    elif name == "no-erasure":  # the same weights as `whole`
        seconds, steps = (json.loads((runs / "whole.json").read_text())[key] for key in ("seconds", "steps"))
        model = checkpoint.read(runs / "checkpoints" / "retexture.whole")
        model.encoder.read.zero_()
    else:
        settings = dataclasses.replace(SETTINGS, runs=runs, **(FULL if name == "full" else CHANGES[name]))
        model, run = retexture.run_of(f"retexture.{name}", settings, butterflies)
        seconds, steps = run.seconds, run.total
        zoo.save(model, f"retexture.{name}", folder=runs / "checkpoints")
    metrics = {metric.name: metric.value for metric in evaluate(model, butterflies, full=name not in BASELINES)}
    return {"name": name, "seconds": round(seconds, 1), "steps": steps, "metrics": metrics}


def forgotten(runs: Path) -> dict[str, Tensor]:
    """Read silhouettes off z, by probes that did not see the specimen, with the adversary and without.

    Returns:
        names: the K kinds as UTF-8, one a line; and for each kind's first training specimen, right halves (K, 32, 18) uint8:
        true, by_kind (conditioned on species, form and view alone), with_adversary and without_adversary (on z).
    """
    picture, mask, kinds = specimens("train", SETTINGS.model.size, butterflies)
    shapes = F.adaptive_avg_pool2d(wings.halves(mask)[: len(mask)], (Adversary.height, Adversary.width))
    told = {"by_kind": attributes(kinds, kinds)}
    for key, row in (("with_adversary", "whole"), ("without_adversary", "no-adversary")):
        z = encode_all(checkpoint.read(runs / "checkpoints" / f"retexture.{row}"), picture, mask).flatten(1)
        told[key] = (z - z.mean(0)) / (z.std(0) + 1e-6)
    names, first = np.unique(kinds, return_index=True)
    found = {"true": shapes}
    parts = torch.randperm(len(kinds), generator=torch.Generator().manual_seed(0)).chunk(2)
    for key, x in told.items():
        found[key] = torch.zeros_like(shapes)
        for asked, known in (parts, parts[::-1]):
            torch.manual_seed(0)
            network = mlp(x.shape[1], shapes[0].numel())
            loss = F.binary_cross_entropy_with_logits
            said = probe(x[known], shapes[known].flatten(1), x[asked], network, loss)
            found[key][asked] = said.sigmoid().view(-1, *shapes.shape[1:])
    kept = {key: (255 * value[first, 0]).round().to(torch.uint8) for key, value in found.items()}
    return {"names": text(names), **kept}


def tables(results: dict[str, dict[str, Any]]) -> dict[str, Table]:
    """Lay out what was measured as the card's tables."""

    def table(title: str, text: str, names: list[str], first: str, formats: dict[str, str]) -> Table:
        columns = (
            Column(first),
            *(Column(key, format=form) for key, form in formats.items()),
            Column("minutes", format=".0f"),
        )
        rows = (
            (TITLES[name], *(results[name]["metrics"][key] for key in formats), results[name]["seconds"] / 60)
            for name in names
            if name in results
        )
        return Table(title, text, columns, tuple(rows))

    parts = {"probe_iou": ".3f", "probe_warp": ".1f", "pattern_found": ".1f", "kernel_swapped": ".3f", "l1": ".4f"}
    rivals = {"kernel_swapped": ".3f", "kernel_own": ".3f", "pattern_found": ".1f", "shape_iou": ".3f", "l1": ".4f"}
    known = results["whole"]["metrics"]
    return {
        "ablations": table(
            "Ablations",
            f"At 64 pixels, {SETTINGS.epochs:g} epochs a row. A probe conditioned on species, form and view alone "
            f"reaches an overlap of {known['probe_iou_kind']:.3f}, one without input {known['probe_iou_constant']:.3f}.",
            ["whole", "no-erasure", *list(CHANGES)[1:]], "training", parts,
        ),
        "baselines": table(
            "Baselines", "At 64 pixels, the same specimens, drawings and time.", ["full", *BASELINES], "model", rivals
        ),
    }  # fmt: skip


def main() -> None:
    """Train the rows asked for, then write the tables if asked to."""
    start()
    study = tyro.cli(Study, description=__doc__)
    study.runs.mkdir(parents=True, exist_ok=True)
    for name in study.rows:
        result = train_row(name, study.runs)
        with whole(study.runs / f"{name}.json") as path:
            path.write_text(json.dumps(result, indent=1) + "\n")
        print(json.dumps(result))
    if study.write:
        results = {p.stem: json.loads(p.read_text()) for p in study.runs.glob("*.json")}
        read = forgotten(study.runs)
        content = {"tables": {name: t.json() for name, t in tables(results).items()}, "results": results}
        with replaced(places.folders()["repository"] / "retexture.butterflies") as folder:
            (folder / "study.json").write_text(json.dumps(content, indent=1) + "\n")
            checkpoint.write_tensors(folder / "forgotten.safetensors", read)


if __name__ == "__main__":
    main()
