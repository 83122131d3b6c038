"""Training throughput against the plain way: torchvision's MNIST, a DataLoader, float32, Adam.

    python tests/benchmarks/bench_training.py

Same networks, same batch of 128, in one run, alternating; pictures a second and their ratio. Ours is
`train.core.fit` as the training scripts use it, its moving average and log included.
"""

import struct
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import MNIST

from train import vae
from train.core.command import start
from zoo.data import mnist
from zoo.models.vae import VAE

BATCH, WARM, STEPS, ROUNDS = 128, 100, 200, 3


def write_idx(folder: Path) -> None:
    """Write the training digits as the files that torchvision's MNIST reads."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for split, stem in (("train", "train"), ("test", "t10k")):
        images, labels = mnist.load(split)
        (raw / f"{stem}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 2051, *images.shape) + images.tobytes())
        (raw / f"{stem}-labels-idx1-ubyte").write_bytes(
            struct.pack(">II", 2049, len(labels)) + labels.astype(np.uint8).tobytes()
        )


def plain(model: VAE, data: MNIST, workers: int) -> float:
    """Train the usual way; return pictures a second."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = iter(DataLoader(data, BATCH, shuffle=True, num_workers=workers, drop_last=True))
    for step in range(WARM + STEPS):
        if step == WARM:
            began = time.perf_counter()
        x, _ = next(loader)
        optimizer.zero_grad()
        model(x)["loss"].backward()
        optimizer.step()
    return STEPS * BATCH / (time.perf_counter() - began)


def ours(variant: str, runs: Path) -> float:
    """Train as the script does; return pictures a second."""
    settings = replace(vae.VARIANTS[variant], epochs=(WARM + STEPS) * BATCH / 60_000, snapshots=0, runs=runs)
    _, run = vae.run_of(f"bench-{time.time_ns()}", settings)
    seconds = {record["step"]: record["seconds"] for record in run.log()}
    return STEPS * BATCH / (seconds[max(seconds)] - seconds[WARM]) * (max(seconds) - WARM) / STEPS


def main() -> None:
    """Print a table."""
    start()
    with tempfile.TemporaryDirectory() as folder:
        write_idx(Path(folder))
        data = MNIST(folder, train=True, transform=transforms.ToTensor())
        for variant in ("mnist-mlp", "mnist-cnn"):
            ratios = {0: [], 2: []}
            for _ in range(ROUNDS):
                mine = ours(variant, Path(folder))
                for workers, found in ratios.items():
                    usual = plain(VAE(vae.VARIANTS[variant].model), data, workers)
                    found.append(mine / usual)
                    print(
                        f"vae.{variant}: plain, {workers} workers {usual:6.0f}/s, ours {mine:6.0f}/s, ratio {found[-1]:.2f}"
                    )
            for workers, found in ratios.items():
                print(f"vae.{variant}: median ratio {np.median(found):.2f} against a DataLoader with {workers} workers")


if __name__ == "__main__":
    main()
