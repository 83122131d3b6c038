"""A checkpoint's files, damaged: whoever reads one is told which, and the rest is shown as ever."""

import shutil

import pytest

import zoo
from playground import learning
from zoo import checkpoint, places
from zoo.checkpoint import CheckpointError

NAME = "retexture.butterflies"  # has every file that there is
READERS = {
    "config.json": [zoo.load, zoo.card],
    "model.safetensors": [zoo.load],
    "metrics.json": [zoo.card],
    "study.json": [zoo.card, lambda name: zoo.card(name).results],
    "notes.md": [zoo.card],
    "history.json": [lambda name: zoo.card(name).history, lambda name: zoo.card(name).progress],
    "extras.safetensors": [zoo.extras],
    "golden.safetensors": [lambda name: checkpoint.check(zoo.card(name).folder)],
    "history.webp": [lambda name: learning.picture(zoo.card(name).folder / "history.webp")],
}
STATES = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "other bytes": lambda content: bytes(range(256)) * 4,
    "a web page": lambda content: b"<!DOCTYPE html><html><head><title>404</title></head></html>",
    "zeros": lambda content: bytes(len(content)),
}
TEXTS = {"notes.md"}  # any text may be meant


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of a checkpoint, in a folder of its own."""
    folder = tmp_path_factory.mktemp("checkpoints") / NAME
    shutil.copytree(places.find(NAME)[0], folder)
    return folder


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("file", READERS)
def test_a_damaged_file_is_named(copy, monkeypatch, file, state):
    monkeypatch.setenv("ZOO_CHECKPOINTS", str(copy.parent))
    content = (copy / file).read_bytes()
    try:
        (copy / file).write_bytes(STATES[state](content))
        for read in READERS[file]:
            if file in TEXTS and state != "other bytes":
                read(NAME)
                continue
            with pytest.raises(CheckpointError) as refused:
                read(NAME)
            assert str(copy / file) in str(refused.value)
        if file not in ("config.json", "model.safetensors", "metrics.json", "study.json", "notes.md"):
            zoo.load(NAME), zoo.card(NAME)
    finally:
        (copy / file).write_bytes(content)


def test_every_file_is_tried(copy):
    pictures = {f"{stem}.webp" for stem in checkpoint.family(NAME).PICTURES}
    assert {path.name for path in copy.iterdir()} - {"README.md", "forgotten.safetensors"} - pictures == set(READERS)
