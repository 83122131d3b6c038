"""How a checkpoint was trained, as its metrics.json says it."""

import os
import platform
import sys
from pathlib import Path
from typing import Any

import torch

from train.core.settings import Settings, plain
from zoo.data import DataSet


def hardware() -> str:
    """Name the machine: its GPU, else its cores."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{os.cpu_count()} cores, {name}"


def trained(name: str, settings: Settings, data: DataSet, *, steps: int, seconds: float) -> dict[str, Any]:
    """Return what a training was: its command, data, settings, steps, seconds and machine."""
    return {
        "command": " ".join(["python -m", f"train.{name.split('.')[0]}", *sys.argv[1:]]),
        "data": settings.data,
        "data_sha256": data.SHA256,
        "seed": settings.seed,
        "steps": steps,
        "seconds": round(seconds, 1),
        "hardware": hardware(),
        "torch": torch.__version__,
        "settings": plain(settings),
    }
