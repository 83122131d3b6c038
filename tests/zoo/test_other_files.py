"""A file that has a data set's name and is another is named, with what to do: every data set, every kind of file."""

import numpy as np
import pytest

from tests.data_files import forget, npy, npz, ours
from zoo import data
from zoo.data import DataDamaged, butterflies

PARTS = {name: data.module(name).PROVENANCE.files for name in data.names()}
# A set that is made of others has their files, and theirs is the name that is said: that of the set with fewest.
FILES = [
    (name, file) for file, name in {f: n for n in sorted(PARTS, key=lambda n: -len(PARTS[n])) for f in PARTS[n]}.items()
]


ZEROS = {split: (np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.int64)) for split in ("train", "test")}
OTHERS = {
    "empty": (b"", "it is empty"),
    "a web page": (b"\n<!DOCTYPE html><html><title>Log in</title></html>", "it is a web page"),
    "a server's answer": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "an answer of a server's"),
    "Git LFS's pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "bytes": (bytes(range(256)) * 9, ""),
    "a pickle": (b"\x80\x04K\x01.", ""),
    "one array": (npy(np.zeros((3, 28, 28), np.uint8)), ""),
    "another's keys": (npz(x=np.zeros(3)), ""),
    "other arrays": (npz(**ours(ZEROS)), "sha256"),
    "more labels than pictures": (npz(**{k: a if "images" in k else np.zeros(5) for k, a in ours(ZEROS).items()}), ""),
    "less labels than pictures": (npz(**{k: a if "images" in k else np.zeros(1) for k, a in ours(ZEROS).items()}), ""),
    "arrays of text": (npz(**{key: np.array(["a"]) for key in ours(ZEROS)}), ""),
    "arrays of objects": (npz(**{key: np.array([{}], object) for key in ours(ZEROS)}), ""),
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize(("name", "file"), FILES)
def test_another_file_of_the_name_is_named(tmp_path, monkeypatch, name, file, other):
    given, said = OTHERS[other]
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    forget()
    (tmp_path / file).write_bytes(given)
    module = data.module(name)
    load = (
        (lambda: butterflies.specimens("test", int(file[-11:-8])))
        if module is butterflies
        else lambda: module.load("test")
    )
    with pytest.raises(DataDamaged) as refused:
        load()
    error = str(refused.value)
    assert error.startswith(f"{tmp_path / file} is not {module.PROVENANCE.title}, or is damaged: ") and said in error
    assert error.endswith("asked for next" if module.PROVENANCE.url else "in its place")
    assert "pickle=" not in error and "unsafe" not in error
