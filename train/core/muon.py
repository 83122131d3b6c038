"""Muon for a network's matrices, AdamW for all else."""

import torch
from torch import nn

from train.core.settings import Settings


def optimizers_of(model: nn.Module, layers: nn.Module, settings: Settings) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices of a model's layers, with steps scaled to AdamW's size, and AdamW for its other parameters.

    Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon; torch's) makes each step's matrix orthogonal. Only what it
    trains decays.
    """
    matrices = [p for p in layers.parameters() if p.ndim == 2]
    rest = [p for p in model.parameters() if not any(p is m for m in matrices)]
    return [
        torch.optim.Muon(
            matrices, lr=settings.lr, momentum=0.95, weight_decay=settings.weight_decay, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(rest, lr=settings.lr, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
    ]
