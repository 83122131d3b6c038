"""A family's command line."""

import ctypes.util
import dataclasses
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tyro

from train.core.settings import Settings
from zoo.files import given
from zoo.places import CheckpointNotFound
from zoo.texts import printable


def start() -> None:
    """Let every text be printed, and start the process again under tcmalloc where the library is installed.

    Large activations cost more in page faults than in arithmetic under glibc's allocator. Everything
    works without it, only slower.
    """
    printable()
    library = ctypes.util.find_library("tcmalloc_minimal")
    if library and "tcmalloc" not in os.environ.get("LD_PRELOAD", ""):
        preload = f"{library}:{os.environ.get('LD_PRELOAD', '')}".rstrip(":")
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, "LD_PRELOAD": preload})


def main(variants: dict[str, Settings], train: Callable[[str, Any], Path | None]) -> None:
    """Run a family's command line, `python -m train.<family> VARIANT [--setting value ...]`; errors end in one line that names the fix."""
    start()
    described = {name: (f"train {name}", settings) for name, settings in variants.items()}
    settings = tyro.extras.overridable_config_cli(described, description=sys.modules[train.__module__].__doc__)
    variant = next(arg for arg in sys.argv[1:] if arg in variants)
    try:
        own: dict[str, Any] = {key: given(value) for key, value in vars(settings).items() if isinstance(value, Path)}
        folder = train(variant, dataclasses.replace(settings, **own))
    except (ValueError, CheckpointNotFound, OSError) as error:
        sys.exit(f"error: {error}")
    if folder:
        print(f"Saved {folder}")
