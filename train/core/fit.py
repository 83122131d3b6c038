"""The loop of the models that have one loss."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from train.core.average import Average
from train.core.device import accelerator_of, compiled
from train.core.muon import optimizers_of
from train.core.run import Run
from train.core.settings import Settings
from train.core.steps import steps_of


def build(model: type[nn.Module], settings: Settings) -> nn.Module:
    """Return an untrained model of the settings' `model` config, the same for the same seed."""
    torch.manual_seed(settings.seed)
    return model(settings.model)  # type: ignore[attr-defined]  # each family's own


def fit(
    name: str,
    model: nn.Module,
    batch: Callable[[Tensor], tuple],
    size: int,
    settings: Settings,
    *,
    data: str,
    snapshot: Callable[[Run, nn.Module, int], None] | None = None,
    clip: float = 0.0,
    lengths: Tensor | None = None,
    muon: nn.Module | None = None,
) -> tuple[nn.Module, Run]:
    """Train a model whose `forward` returns {"loss": scalar, ...}; resume where an earlier run stopped.

    Args:
        name: folder of the run under `settings.runs`.
        batch: example numbers -> arguments of `forward`. May draw from torch's global generator,
            which is seeded for each step.
        size: number of training examples.
        data: sha256 of what is learnt from, as it was read: see `Run`.
        snapshot: called with (run, averaged model in eval mode, step) at the history's moments.
        clip: largest norm of the gradients; 0 leaves them.
        lengths: (size,) of the examples, where those of a batch shall be of like length.
        muon: the model's layers whose matrices are trained by Muon; None trains all by AdamW.

    Returns:
        the averaged model in eval mode, and the run.
    """
    accelerator = accelerator_of(settings)
    run = Run(name, settings, steps_of(settings, size), accelerator, data=data)
    model.to(memory_format=torch.channels_last)
    # The model alone: accelerate's optimizer scales float16's gradients, and looks for a package on disk twice a step.
    wrapped = accelerator.prepare(compiled(model, settings))
    optimizers = optimizers_of(model, muon, settings) if muon else [_adamw(model, settings)]
    ema = Average(model, settings.ema)
    indices = run.examples(size, lengths)

    def arguments(step: int) -> list:
        return [a.to(accelerator.device) if isinstance(a, Tensor) else a for a in batch(indices(step))]

    def moment(step: int) -> None:
        if snapshot:
            snapshot(run, ema.shipped(), step)

    model.train()
    parts: dict[str, Any] = {"model": model, "ema": ema}
    parts |= dict(zip(("optimizer", "adamw"), optimizers, strict=False))
    for _, told in run.steps(arguments, snapshot=moment, scheduled=optimizers, **parts):
        losses = wrapped(*told)
        accelerator.backward(losses["loss"])
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        ema.update()
        run.record(losses)
    return ema.shipped(), run


def _adamw(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """Return AdamW; only matrices decay."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups: list[dict[str, Any]] = [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]
    weights = groups if settings.weight_decay else model.parameters()
    return torch.optim.AdamW(weights, lr=settings.lr, weight_decay=settings.weight_decay, fused=True)
