"""Where checkpoints come from: the folder `ZOO_CHECKPOINTS`, the repository's, the user's cache, then the Hugging Face Hub."""

import os
import re
from pathlib import Path

from zoo.data import cache

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9]+(-[a-z0-9]+)*")


class CheckpointNotFound(LookupError):
    """No such checkpoint; the message lists those there are and where they were looked for."""


def places() -> dict[str, Path]:
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
        for place in places().values()
        for path in place.glob("*/model.safetensors")
        if NAME.fullmatch(path.parent.name)
    }
    return sorted(found)


def find(name: str) -> tuple[Path, str]:
    """Return a checkpoint's folder, and the kind of place: 'folder', 'repository', 'cache' or 'Hub'.

    Args:
        name: '<family>.<variant>', from a place at hand, else pulled where it is pinned; 'hf-hub:owner/name@revision', any
            repository of the same form (the main branch unless a revision is given); or 'local-dir:path'.

    Raises:
        CheckpointNotFound: the name is malformed, nowhere, or the Hub cannot be reached.
        CheckpointError: what the Hub holds is refused.
    """
    if name.startswith("local-dir:"):
        folder = Path(name.removeprefix("local-dir:"))
        if (folder / "model.safetensors").is_file():
            return folder, "folder"
        raise CheckpointNotFound(f"{folder} has no model.safetensors: give the folder of one checkpoint")
    from zoo import hugging_face

    if name.startswith("hf-hub:"):
        return hugging_face.remote(name), "Hub"
    if NAME.fullmatch(name):
        for kind, place in places().items():
            if (place / name / "model.safetensors").is_file():
                return place / name, kind
        if name in hugging_face.pins():
            return hugging_face.pull(name), "cache"
    have = ", ".join(names()) or "none"
    looked = ", ".join(str(place) for place in places().values())
    raise CheckpointNotFound(
        f"No checkpoint {name!r}. Have: {have}. Looked in: {looked}. "
        "Train it with `python -m train list`, or set ZOO_CHECKPOINTS to the folder that holds it"
    )
