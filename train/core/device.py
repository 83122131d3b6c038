"""Where a model is trained: the accelerator, the processes, the compiler."""

import atexit
import os
import shutil
from typing import cast

import torch
from accelerate import Accelerator
from torch import nn

from train.core.settings import Settings


def device() -> torch.device:
    """Return the accelerator, or the CPU where there is none."""
    return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")


def accelerator_of(settings: Settings) -> Accelerator:
    """Return what places tensors, casts and joins processes; without an accelerator the CPU must be asked for,
    or accelerate does not join the processes that torchrun started.

    Processes part before the interpreter ends: gloo's threads may still hold tensors then, and abort.
    """
    accelerator = Accelerator(
        cpu=not torch.accelerator.is_available(), mixed_precision="bf16" if settings.bf16 else "no"
    )
    atexit.register(accelerator.state.destroy_process_group)
    return accelerator


def compiled(model: nn.Module, settings: Settings) -> nn.Module:
    """Return the model compiled where the settings ask for it and there is a C++ compiler; it keeps its weights where they are.

    On an accelerator a step is replayed whole: launching a small network's kernels one by one takes longer than their work.
    """
    compiler = shutil.which(os.environ.get("CXX", "g++"))
    mode = "default" if device().type == "cpu" else "reduce-overhead"
    return cast(nn.Module, torch.compile(model, mode=mode)) if settings.compile and compiler else model
