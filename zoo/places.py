"""The folders that hold checkpoints on this machine, and the names of those in them."""

import os
import re
from pathlib import Path

from zoo.data import cache

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9]+(-[a-z0-9]+)*")


class CheckpointNotFound(LookupError):
    """No such checkpoint; the message lists those there are and where they were looked for."""


def folders() -> dict[str, Path]:
    """Return the folders that may hold checkpoints, first come first served, by the kind of place.

    An installed wheel has no repository around it, so it looks into `ZOO_CHECKPOINTS` and into
    `checkpoints/` of the cache (`ZOO_CACHE`, else `~/.cache/pocket-zoo`).
    """
    repository = Path(__file__).resolve().parent.parent
    found = {}
    if os.environ.get("ZOO_CHECKPOINTS"):
        found["folder"] = Path(os.environ["ZOO_CHECKPOINTS"])
    if (repository / "pyproject.toml").is_file():
        found["repository"] = repository / "checkpoints"
    found["cache"] = cache() / "checkpoints"
    return found


def names() -> list[str]:
    """Return the names of all checkpoints at hand, sorted."""
    found = {
        path.parent.name
        for place in folders().values()
        for path in place.glob("*/model.safetensors")
        if NAME.fullmatch(path.parent.name)
    }
    return sorted(found)
