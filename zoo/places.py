"""The folders that hold checkpoints on this machine, and the names of those in them."""

import os
import re
from contextlib import suppress
from pathlib import Path

from zoo.data import NoCache, cache
from zoo.files import given, standing

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
        found["folder"] = given(os.environ["ZOO_CHECKPOINTS"])
    if (repository / "pyproject.toml").is_file():
        found["repository"] = repository / "checkpoints"
    with suppress(NoCache):
        found["cache"] = cache() / "checkpoints"
    return found


def find(name: str) -> tuple[Path, str] | None:
    """Return the folder of the checkpoint of that name, whole, and the kind of place; None where it is in none."""
    for kind, place in folders().items():
        folder = standing(place / name)
        if (folder / "model.safetensors").is_file():
            return folder, kind
    return None


def names() -> list[str]:
    """Return the names of all checkpoints at hand, sorted."""
    found = {
        path.parent.name
        for place in folders().values()
        for pattern in ("*/model.safetensors", ".*.tmp/old/*/model.safetensors")  # see `zoo.files.standing`
        for path in place.glob(pattern)
        if NAME.fullmatch(path.parent.name)
    }
    return sorted(found)
