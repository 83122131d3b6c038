"""What a step depends on besides the weights: its examples, its seed and its learning rate, each from its number alone; and which are kept."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from train.core.settings import Settings

POOL = 8  # batches that share their examples out by length


def batches(
    size: int, batch_size: int, *, seed: int, rank: int = 0, world: int = 1, lengths: Tensor | None = None
) -> Callable[[int], Tensor]:
    """Return a function from a step to that step's example numbers: each epoch its own shuffle.

    It has no state, so a resumed run needs nothing but its step. Examples left over at the end of an
    epoch are dropped.

    Args:
        lengths: (size,) of the examples, where those of a batch shall be of like length: so many as make a few batches
            are drawn, sorted, and dealt out, and the batches of an epoch are shuffled.

    Returns:
        step -> (batch_size / world,) int64, the share of this process.
    """
    per_epoch = max(1, size // batch_size)
    order, current = torch.arange(0), -1

    def indices(step: int) -> Tensor:
        nonlocal order, current
        epoch, position = divmod(step, per_epoch)
        if epoch != current:
            generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
            order, current = torch.randperm(size, generator=generator), epoch
            if lengths is not None and size >= batch_size:
                pools = order[: per_epoch * batch_size].split(POOL * batch_size)
                order = torch.cat([pool[lengths[pool].argsort(stable=True)] for pool in pools])
                order = order.view(per_epoch, batch_size)[torch.randperm(per_epoch, generator=generator)].flatten()
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


def moments(steps: int, count: int) -> list[int]:
    """Return log-spaced steps from 10 to `steps`, and 0: at most `count` of them."""
    spaced = np.unique(np.geomspace(min(10, steps), steps, max(1, count - 1)).round().astype(int))
    return [0, *spaced.tolist()]
