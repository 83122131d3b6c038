"""The settings that every training run has."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

FREE = {"runs", "checkpoints", "save_every", "unfit"}  # settings without influence on the weights


@dataclass(frozen=True)
class Settings:
    """Settings that every run has; a family's script adds its own and sets the defaults."""

    data: str = ""
    """data set: a module in zoo/data"""
    epochs: float = 10
    """passes over the training data"""
    batch_size: int = 128
    """examples a step, over all processes"""
    lr: float = 1e-3
    """peak learning rate"""
    schedule: str = "cosine"
    """'cosine' (linear warm-up, then half a cosine to 0) or 'constant'"""
    warmup: int = 200
    """steps of linear warm-up"""
    weight_decay: float = 0.0
    """decoupled weight decay (AdamW)"""
    ema: float = 0.999
    """decay of the moving average of the weights, which is what ships; 0 ships the weights themselves"""
    bf16: bool = True
    """bfloat16 autocast"""
    compile: bool = False
    """compile the model (torch.compile) where there is a C++ compiler: a gain for small dense networks, a loss for convolutions"""
    seed: int = 0
    """seed of everything"""
    holdout: int = 0
    """keep back the last N training examples as validation, for the choice of settings"""
    snapshots: int = 24
    """log-spaced moments at which the history is kept"""
    save_every: float = 60
    """seconds between resume points"""
    runs: Path = Path("runs")
    """folder for resume states and logs (git-ignored)"""
    unfit: Literal["refuse", "afresh", "go-on"] = "refuse"
    """what to do where `runs` holds a run of this name with other settings or other data: refuse, start afresh in its place, or go on with it"""
    checkpoints: Path | None = None
    """where the finished checkpoint goes; the repository's checkpoints/ unless given"""


@dataclass(frozen=True)
class Stepless(Settings):
    """Settings of what is counted or fitted at once: of those that every run has, steps, rates and precision mean nothing."""

    epochs: float = 0
    batch_size: int = 0
    lr: float = 0
    warmup: int = 0
    ema: float = 0
    bf16: bool = False


def plain(settings: Settings) -> dict[str, Any]:
    """Return the settings that the weights depend on, as JSON knows them."""
    kept = {k: v for k, v in asdict(settings).items() if k not in FREE}
    return {k: str(v) if isinstance(v, Path) else v for k, v in kept.items()}


def named_after(path: Path, taken: Iterable[str]) -> str:
    """Return the variant's name of a model that is trained on one's own file or folder.

    Raises:
        ValueError: nothing of its name can be in a checkpoint's, or it is taken by a variant of ours.
    """
    path = path.resolve()
    variant = re.sub("[^a-z0-9]+", "-", (path.name if path.is_dir() else path.stem).lower()).strip("-")
    if not variant or variant in taken:
        raise ValueError(f"the model is named after its files, and {path.name} cannot be one's name: rename it")
    return variant
