"""Files and folders are whole, old or new, at any moment: a kill before each file operation, an error, a full disk."""

import errno
import hashlib
import os
import resource
import shutil
import signal
import sys
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch

import zoo
import zoo.__main__ as command
from zoo import checkpoint, files, places
from zoo.data import mnist
from zoo.files import DiskFull, replaced, settle, standing, whole
from zoo.models.vae import VAE, Config

NAME = "vae.tiny"
OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"}


@contextmanager
def no_room(size):
    """Files can have no more than so many bytes: the system's own error, which any user can bring about."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


@lru_cache
def model(seed):
    torch.manual_seed(seed)
    return VAE(Config(latent=2)).eval()


def written(folder, seed):
    """Write a checkpoint with all that publishing writes, as a training does."""

    def complete(new):
        for file in ("history.json", "samples.webp", "README.md"):
            (new / file).write_text(f"of model {seed}")
        (new / "study.json").write_text(f'{{"tables": {{}}, "results": {seed}}}')

    facts, golden = {"metrics": [], "training": {"seed": seed}}, {"decode.in.0": torch.full((2, 2), float(seed))}
    return checkpoint.write(folder, model(seed), golden=golden, facts=facts, complete=complete)


def killed_before(operation, operations, act):
    """Act in a process of its own, killed before that one of such operations; return whether there were so many."""
    pid = os.fork()
    if not pid:
        seen = 0

        def watch(event, arguments):
            nonlocal seen
            if event not in operations:
                return
            seen += 1
            if seen == operation:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            act()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "checkpoints" / NAME


@pytest.mark.parametrize(
    ("replacing", "image", "operations"),
    [(True, False, OPERATIONS), (True, True, OPERATIONS - {"open"}), (False, False, OPERATIONS - {"open"})],
    ids=["another", "another, of a container's image", "nothing"],
)
def test_killed_at_any_file_operation_a_checkpoint_is_whole(place, replacing, image, operations, tmp_path, monkeypatch):
    new = contents(written(tmp_path / "new" / NAME, 2))
    old = contents(written(tmp_path / "old" / NAME, 1)) if replacing else {}
    if image:  # such a folder cannot be renamed
        rename = os.rename

        def refuse(source, target):
            if Path(source) == place:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            rename(source, target)

        monkeypatch.setattr(os, "rename", refuse)
    operation, seen = 0, []
    place.parent.mkdir()
    if replacing:
        shutil.copytree(tmp_path / "old" / NAME, place)
    while killed_before(operation := operation + 1, operations, lambda: written(place, 2)):
        there = places.find(NAME)
        now = contents(there[0]) if there else {}
        assert now in (old, new), operation
        assert (NAME in places.names()) == bool(now)
        seen.append(now == new)
        with replaced(place):  # whoever writes next finds it in its place, and nothing beside it
            pass
        assert contents(place) == now
        assert [path.name for path in place.parent.iterdir()] == [NAME]
        shutil.rmtree(place)
        if replacing:
            shutil.copytree(tmp_path / "old" / NAME, place)
    assert operation > 15 and contents(place) == new
    assert True in seen and False in seen


def test_what_was_made_of_other_weights_goes_and_what_people_wrote_stays(place):
    written(place, 1)
    (place / "notes.md").write_text("By hand.")
    checkpoint.write(place, model(1))  # the same weights
    assert {"metrics.json", "README.md", "samples.webp"} <= set(contents(place))
    checkpoint.write(place, model(2))
    assert set(contents(place)) == {"model.safetensors", "config.json", "notes.md", "study.json"}


def test_a_link_to_a_checkpoint_stays_a_link(place, tmp_path):
    real = written(tmp_path / "elsewhere" / NAME, 1)
    place.parent.mkdir()
    place.symlink_to(real)
    written(place, 2)
    assert place.is_symlink() and contents(real) == contents(place)
    assert checkpoint.sha256(place) == hashlib.sha256((real / "model.safetensors").read_bytes()).hexdigest()
    assert not list(tmp_path.rglob("*.tmp"))


def test_an_error_leaves_the_old_one(place):
    old = contents(written(place, 1))
    with pytest.raises(RuntimeError), replaced(place) as new:
        (new / "config.json").unlink()
        assert contents(place) == old and standing(place) == place
        raise RuntimeError
    assert contents(place) == old and [path.name for path in place.parent.iterdir()] == [NAME]


def test_what_a_kill_left_beside_a_folder_is_cleared_away(tmp_path):
    (tmp_path / ".x.tmp" / "new" / "x").mkdir(parents=True)
    settle(tmp_path / "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("replacing", [True, False], ids=["another", "nothing"])
def test_a_full_disk_leaves_a_checkpoint_as_it_was(place, share, replacing, tmp_path):
    old = contents(written(place, 1)) if replacing else {}
    largest = max(map(len, contents(written(tmp_path / "new" / NAME, 2)).values()))
    with no_room(int(share * largest)), pytest.raises(DiskFull, match="cannot be written .*make room and try again"):
        written(place, 2)
    assert contents(place.parent) == {f"{NAME}/{file}": content for file, content in old.items()}


@pytest.mark.parametrize("size", [0, 100])
@pytest.mark.parametrize("before", [None, b"before"], ids=["", "over another"])
def test_a_full_disk_leaves_no_half_sample(size, before, tmp_path, monkeypatch, capsys):
    out = tmp_path / "x.png"
    if before:
        out.write_bytes(before)
    monkeypatch.setattr(sys, "argv", ["zoo", "sample", "cvae.mnist", "--out", str(out)])
    with no_room(size):
        code = command.main()
    (line,) = capsys.readouterr().err.splitlines()
    assert code == 1 and line.startswith(f"error: {out} cannot be written (File too large)") and "make room" in line
    assert contents(tmp_path) == ({"x.png": before} if before else {})


def test_a_full_disk_is_not_taken_for_a_source_out_of_reach(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path))

    class Fetched:
        def __init__(self, folder, train, download):
            self.data, self.targets = torch.zeros(10, 28, 28, dtype=torch.uint8), torch.zeros(10)

    class Full:
        def __init__(self, folder, train, download):
            Path(folder, "images").write_bytes(bytes(10_000))

    from torchvision import datasets

    for kind in (Fetched, Full):
        monkeypatch.setattr(datasets, "MNIST", kind)
        digest = zoo.data.sha256(np.zeros((10, 28, 28), np.uint8), np.zeros(10, np.int64))
        with no_room(50), pytest.raises(DiskFull, match="make room"):
            mnist.pack(mnist.PROVENANCE, {"train": digest, "test": digest})
        assert not contents(tmp_path)


@pytest.mark.parametrize("number", sorted(files.FULL))
def test_every_way_of_having_no_room_is_named(number, tmp_path):
    with pytest.raises(DiskFull, match=r"facts\.json cannot be written"), whole(tmp_path / "facts.json"):
        raise OSError(number, os.strerror(number))
    with pytest.raises(PermissionError), whole(tmp_path / "facts.json"):
        raise PermissionError(errno.EACCES, "no")
    assert not list(tmp_path.iterdir())
