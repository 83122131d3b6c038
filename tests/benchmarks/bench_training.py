"""Training throughput against the plain way: torchvision's MNIST, a DataLoader, float32, Adam.

    python tests/benchmarks/bench_training.py

Same networks, same batch of 128, in one run, alternating; pictures a second and their ratio. Ours is
`train.common.fit` as the training scripts use it, its moving average and log included.
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

from train import common, vae
from zoo.data import mnist
from zoo.vae import VAE

BATCH, STEPS, ROUNDS = 128, 300, 3


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
    next(loader)
    began = time.perf_counter()
    for _ in range(STEPS):
        x, _ = next(loader)
        optimizer.zero_grad()
        model(x)["loss"].backward()
        optimizer.step()
    return STEPS * BATCH / (time.perf_counter() - began)


def ours(variant: str, runs: Path) -> float:
    """Train as the script does; return pictures a second."""
    settings = replace(vae.VARIANTS[variant], epochs=STEPS * BATCH / 60_000, snapshots=0, runs=runs)
    _, run = vae.run_of(f"bench-{time.time_ns()}", settings)
    return run.steps * BATCH / run.seconds


def main() -> None:
    """Print a table."""
    common.start()
    with tempfile.TemporaryDirectory() as folder:
        write_idx(Path(folder))
        data = MNIST(folder, train=True, transform=transforms.ToTensor())
        for variant in ("mnist-mlp", "mnist-cnn"):
            ratios = []
            for _ in range(ROUNDS):
                config = vae.VARIANTS[variant].model
                usual = max(plain(VAE(config), data, workers) for workers in (0, 2))
                mine = ours(variant, Path(folder))
                ratios.append(mine / usual)
                print(f"vae.{variant}: plain {usual:7.0f}/s, ours {mine:7.0f}/s, ratio {ratios[-1]:.2f}")
            print(f"vae.{variant}: median ratio {np.median(ratios):.2f}")


if __name__ == "__main__":
    main()
