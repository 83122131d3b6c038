"""What every training script shares: batches, seeds, schedule, the averaged weights, the one-loss loop, the command line."""

import copy
import ctypes.util
import math
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
import tyro
from accelerate import Accelerator
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
    # torch's Mersenne Twister takes 32 bits; two odd multipliers keep neighbouring runs and processes apart.
    mixed = (seed * 2_654_435_761 + rank * 2_246_822_519 + step) % 2**32
    if torch.accelerator.is_available():
        torch.manual_seed(mixed)
    else:  # torch.manual_seed would keep the seed and a stack trace for a GPU's sake: 0.7 ms, and a list that grows
        torch.default_generator.manual_seed(mixed)


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


class Average:
    """The moving average of a model's weights and buffers; decay 0 follows them exactly.

    The decay rises to its value as (1 + n) / (10 + n) over the first updates n, so that the average
    does not drag the untrained weights along. It is torch's AveragedModel without its bookkeeping, which
    took a tenth of a small model's step.
    """

    def __init__(self, model: nn.Module, decay: float):
        self.module, self.decay, self.updates = copy.deepcopy(model).requires_grad_(False), decay, 0
        averaged, current = self._tensors(self.module), self._tensors(model)
        self._floats = [pair for pair in zip(averaged, current, strict=True) if pair[0].is_floating_point()]
        self._counts = [pair for pair in zip(averaged, current, strict=True) if not pair[0].is_floating_point()]

    @staticmethod
    def _tensors(model: nn.Module) -> list[Tensor]:
        return [tensor.detach() for tensor in [*model.parameters(), *model.buffers()]]

    def update(self) -> None:
        """Take the model's weights as they are now into the average; the first time, copy them."""
        share = 1 - min(self.decay, (1 + self.updates) / (10 + self.updates)) if self.updates else 1.0
        averaged, current = zip(*self._floats, strict=True)
        if share == 1:
            torch._foreach_copy_(averaged, current)
        else:
            torch._foreach_lerp_(averaged, current, share)
        for count, now in self._counts:
            count.copy_(now)
        self.updates += 1

    def shipped(self) -> nn.Module:
        """Return the averaged model in eval mode on the CPU; a copy where it was trained elsewhere."""
        on_cpu = self._floats[0][0].device.type == "cpu"
        return (self.module if on_cpu else copy.deepcopy(self.module).cpu()).eval()

    def state_dict(self) -> dict[str, Any]:
        """Return the average and the number of updates."""
        return {"module": self.module.state_dict(), "updates": self.updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.module.load_state_dict(state["module"])
        self.updates = state["updates"]


def device() -> torch.device:
    """Return the accelerator, or the CPU where there is none."""
    return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")


def accelerator_of(settings: Settings) -> Accelerator:
    """Return what places tensors, casts and joins processes; without an accelerator the CPU must be asked for,
    or accelerate does not join the processes that torchrun started."""
    return Accelerator(cpu=not torch.accelerator.is_available(), mixed_precision="bf16" if settings.bf16 else "no")


def fit(
    name: str,
    model: nn.Module,
    batch: Callable[[Tensor], tuple],
    size: int,
    settings: Settings,
    *,
    snapshot: Callable[[Run, nn.Module, int], None] | None = None,
    clip: float = 0.0,
) -> tuple[nn.Module, Run]:
    """Train a model whose `forward` returns {"loss": scalar, ...}; resume where an earlier run stopped.

    Args:
        name: folder of the run under `settings.runs`.
        batch: example numbers -> arguments of `forward`. May draw from torch's global generator,
            which is seeded for each step.
        size: number of training examples.
        snapshot: called with (run, averaged model in eval mode, step) at the history's moments.
        clip: largest norm of the gradients; 0 leaves them.

    Returns:
        the averaged model in eval mode, and the run.
    """
    accelerator = accelerator_of(settings)
    steps = steps_of(settings, size)
    run = Run(name, settings, steps, main=accelerator.is_main_process)
    model.to(memory_format=torch.channels_last)
    # The model alone: accelerate's optimizer scales float16's gradients, and looks for a package on disk twice a step.
    wrapped = accelerator.prepare(compiled(model, settings))
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups = (
        [{"params": decayed}, {"params": plain, "weight_decay": 0.0}] if settings.weight_decay else model.parameters()
    )
    optimizer = torch.optim.AdamW(groups, lr=settings.lr, weight_decay=settings.weight_decay, fused=True)
    ema = Average(model, settings.ema)
    first = run.resume(model=model, ema=ema, optimizer=optimizer)
    rank, world = accelerator.process_index, accelerator.num_processes
    indices = batches(size, settings.batch_size, seed=settings.seed, rank=rank, world=world)

    def moment(step: int) -> None:
        if snapshot and run.main and step in run.moments:
            with torch.no_grad():
                snapshot(run, ema.shipped(), step)

    model.train()
    moment(first)  # again after a kill between a resume point and its moment
    for step in range(first, steps):
        seed_step(settings.seed, step, rank)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(settings, step, steps)
        arguments = (a.to(accelerator.device) if isinstance(a, Tensor) else a for a in batch(indices(step)))
        losses = wrapped(*arguments)
        accelerator.backward(losses["loss"])
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        optimizer.zero_grad()
        ema.update()
        run.after_step(step, losses)
        moment(step + 1)
    return ema.shipped(), run


def compiled(model: nn.Module, settings: Settings) -> nn.Module:
    """Return the model compiled where the settings ask for it and there is a C++ compiler; it keeps its weights where they are.

    On an accelerator a step is replayed whole: launching a small network's kernels one by one takes longer than their work.
    """
    compiler = shutil.which(os.environ.get("CXX", "g++"))
    mode = "default" if device().type == "cpu" else "reduce-overhead"
    return torch.compile(model, mode=mode) if settings.compile and compiler else model


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
