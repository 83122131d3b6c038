"""Where a checkpoint comes from: a folder on this machine, else the Hugging Face Hub."""

from pathlib import Path

from zoo import checkpoint, hugging_face, places
from zoo.checkpoint import CheckpointError
from zoo.files import given, standing, trains
from zoo.places import CheckpointNotFound


def find(name: str) -> tuple[Path, str]:
    """Return a checkpoint's folder, and the kind of place: 'folder', 'repository', 'cache' or 'Hub'.

    Args:
        name: '<family>.<variant>', from a place at hand, else pulled where it is pinned; 'hf-hub:owner/name@revision', any
            repository of the same form (the main branch unless a revision is given); or 'local-dir:path', a folder of any name.

    Raises:
        CheckpointNotFound: the name is malformed, nowhere, or the Hub cannot be reached.
        CheckpointError: what the Hub holds is refused, or the folder of that name holds another checkpoint.
    """
    if name.startswith("local-dir:"):
        try:
            folder = standing(given(name.removeprefix("local-dir:")).absolute())
        except ValueError as error:
            raise CheckpointNotFound(str(error)) from error
        if (folder / "model.safetensors").is_file():
            return folder, "folder"
        raise CheckpointNotFound(f"{folder} has no model.safetensors: give the folder of one checkpoint")
    if name.startswith("hf-hub:"):
        return hugging_face.remote(name), "Hub"
    if places.NAME.fullmatch(name):
        if found := places.find(name):
            if (said := checkpoint.read_config(found[0])["name"]) != name:
                raise CheckpointError(f"{found[0] / 'config.json'} is the config of {said!r}, not of {name!r}")
            return found
        if name in hugging_face.pins():
            return hugging_face.pull(name), "cache"
    have = ", ".join(places.names()) or "none"
    looked = ", ".join(str(folder) for folder in places.folders().values())
    train = "train it, as `python -m train list` says, or " if trains() else ""
    raise CheckpointNotFound(
        f"No checkpoint {name!r}. Have: {have}. Looked in: {looked or 'no folder'}. To have it, {train}"
        "set ZOO_CHECKPOINTS to the folder that holds it, or give its own as local-dir:PATH, or hf-hub:OWNER/NAME"
    )
