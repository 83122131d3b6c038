"""What every training script shares: batches, seeds, schedule, the averaged weights, the one-loss loop, the command line."""

import ctypes.util
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
import tyro
from torch import Tensor, nn

from train.run import Run, Settings


def start() -> None:
    """Start the process again under tcmalloc where the library is installed.

    Large activations cost more in page faults than in arithmetic under glibc's allocator. Everything
    works without it, only slower.
    """
    library = ctypes.util.find_library("tcmalloc_minimal")
    if library and "tcmalloc" not in os.environ.get("LD_PRELOAD", ""):
        preload = f"{library}:{os.environ.get('LD_PRELOAD', '')}".rstrip(":")
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, "LD_PRELOAD": preload})


def batches(size: int, batch_size: int, *, seed: int, rank: int = 0, world: int = 1) -> Callable[[int], Tensor]:
    """Return a function from a step to that step's example numbers: each epoch its own shuffle.

    It has no state, so a resumed run needs nothing but its step. Examples left over at the end of an
    epoch are dropped.

    Returns:
        step -> (batch_size / world,) int64, the share of this process.
    """
    per_epoch = max(1, size // batch_size)
    order, current = torch.arange(0), -1

    def indices(step: int) -> Tensor:
        nonlocal order, current
        epoch, position = divmod(step, per_epoch)
        if epoch != current:
            order = torch.randperm(size, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))
            current = epoch
        return order[position * batch_size : (position + 1) * batch_size][rank::world]

    return indices


def steps_of(settings: Settings, size: int) -> int:
    """Return the number of steps that the settings ask for on `size` examples."""
    return max(1, round(settings.epochs * (size // settings.batch_size)))


def seed_step(seed: int, step: int, rank: int = 0) -> None:
    """Seed torch's global generator for one training step, so a resumed run draws the same noise."""
    torch.manual_seed((seed << 40) + (rank << 32) + step)


def learning_rate(settings: Settings, step: int, steps: int) -> float:
    """Return the learning rate of a step: warm-up, then by the schedule."""
    if step < settings.warmup:
        return settings.lr * (step + 1) / settings.warmup
    if settings.schedule == "constant":
        return settings.lr
    done = (step - settings.warmup) / max(1, steps - settings.warmup)
    return settings.lr * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def build(model: type[nn.Module], settings: Settings) -> nn.Module:
    """Return an untrained model of the settings' `model` config, the same for the same seed."""
    torch.manual_seed(settings.seed)
    return model(settings.model)


def average(model: nn.Module, decay: float) -> torch.optim.swa_utils.AveragedModel:
    """Return the moving average of a model's weights and buffers; decay 0 follows them exactly.

    The decay rises to its value as (1 + n) / (10 + n) over the first updates n, so that the average
    does not drag the untrained weights along.
    """

    def mix(averaged: list[Tensor], current: list[Tensor], updates: Tensor) -> None:
        n = float(updates)
        share = 1 - min(decay, (1 + n) / (10 + n))
        if averaged[0].is_floating_point():
            torch._foreach_lerp_(averaged, current, share)
        else:
            torch._foreach_copy_(averaged, current)

    return torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=mix, use_buffers=True)


def fit(
    name: str,
    model: nn.Module,
    batch: Callable[[Tensor], tuple],
    size: int,
    settings: Settings,
    *,
    snapshot: Callable[[Run, nn.Module, int], None] | None = None,
) -> tuple[nn.Module, Run]:
    """Train a model whose `forward` returns {"loss": scalar, ...}; resume where an earlier run stopped.

    Args:
        name: folder of the run under `settings.runs`.
        batch: example numbers -> arguments of `forward`. May draw from torch's global generator,
            which is seeded for each step.
        size: number of training examples.
        snapshot: called with (run, averaged model in eval mode, step) at the history's moments.

    Returns:
        the averaged model in eval mode, and the run.
    """
    from accelerate import Accelerator

    accelerator = Accelerator(mixed_precision="bf16" if settings.bf16 else "no")
    steps = steps_of(settings, size)
    run = Run(name, settings, steps, main=accelerator.is_main_process)
    model.to(memory_format=torch.channels_last)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=settings.lr, weight_decay=settings.weight_decay, fused=True)
    ema = average(model, settings.ema)
    first = run.resume(model=model, ema=ema, optimizer=optimizer)
    wrapped, optimizer = accelerator.prepare(model, optimizer)
    rank, world = accelerator.process_index, accelerator.num_processes
    indices = batches(size, settings.batch_size, seed=settings.seed, rank=rank, world=world)

    def moment(step: int) -> None:
        if snapshot and run.main and step in run.moments:
            ema.eval()
            with torch.no_grad():
                snapshot(run, ema.module, step)

    model.train()
    moment(first)  # again after a kill between a resume point and its moment
    for step in range(first, steps):
        seed_step(settings.seed, step, rank)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(settings, step, steps)
        losses = wrapped(*batch(indices(step)))
        accelerator.backward(losses["loss"])
        optimizer.step()
        optimizer.zero_grad()
        ema.update_parameters(model)
        run.after_step(step, losses)
        moment(step + 1)
    return ema.module.eval(), run


def kept(data: tuple[np.ndarray, np.ndarray], settings: Settings) -> tuple[np.ndarray, ...]:
    """Return the training arrays less the last `holdout` examples."""
    return tuple(array[: len(array) - settings.holdout] for array in data)


def validation(data: ModuleType, settings: Settings) -> tuple[Tensor, Tensor]:
    """Return what the history's curves are measured on: the held-out training digits, else the test digits.

    Nothing is chosen by these curves in a run without `--holdout`.

    Returns:
        x (N, 1, 28, 28) in [0, 1], y (N,).
    """
    images, y = data.load("train" if settings.holdout else "test")
    if settings.holdout:
        images, y = images[-settings.holdout :], y[-settings.holdout :]
    return torch.tensor(images)[:, None].float() / 255, torch.tensor(y)


def main(variants: dict[str, Settings], train: Callable[[str, Any], Path | None]) -> None:
    """Run a family's command line: `python -m train.<family> VARIANT [--setting value ...]`."""
    start()
    described = {name: (f"train {name}", settings) for name, settings in variants.items()}
    settings = tyro.extras.overridable_config_cli(described, description=sys.modules["__main__"].__doc__)
    variant = next(arg for arg in sys.argv[1:] if arg in variants)
    folder = train(variant, settings)
    if folder:
        print(f"Saved {folder}")
