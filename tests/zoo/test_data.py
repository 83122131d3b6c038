"""Data sets: each offers what `zoo.data` says, and its facts are those of its arrays; files are written whole."""

import numpy as np
import pytest

import zoo.data
from zoo.data import Pictures, Provenance, Specimens, Texts, named
from zoo.data.folder import Folder
from zoo.data.text import Text
from zoo.files import whole

SHIPPED = zoo.data.names()
PICTURES = [name for name in SHIPPED if isinstance(named(name), Pictures)]


@pytest.mark.parametrize("name", SHIPPED)
def test_each_says_where_it_is_from(name):
    data = named(name)
    assert isinstance(data.PROVENANCE, Provenance)
    hashes = data.SHA256.values() if isinstance(data.SHA256, dict) else [data.SHA256]
    assert all(len(bytes.fromhex(digest)) == 32 for digest in hashes)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_as_their_module_says(name, need):
    need(name)
    data = named(name)
    size = data.SIZES[0]
    images, labels = data.load("test", size)
    assert images.shape == (len(labels), size, size, 3)[: 3 + (data.CHANNELS == 3)]
    assert images.dtype == np.uint8 and labels.dtype == np.int64
    assert len(data.GROUND) == data.CHANNELS and all(0 <= ground <= 1 for ground in data.GROUND)
    if not isinstance(data, Specimens):  # whose kinds have names only in their files
        assert set(labels.tolist()) == set(range(len(data.CLASSES)))


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize(("split", "size"), [("train", 29), ("valid", None)])
def test_an_unknown_split_or_size_is_refused(name, split, size):
    with pytest.raises(ValueError, match="split must be 'train' or 'test'"):
        named(name).load(split, size or named(name).SIZES[0])


@pytest.mark.parametrize("name", PICTURES)
def test_a_judge_stands_in_the_zoo(name):
    judge = zoo.card(named(name).JUDGE)
    assert judge.training["data"] == name


def test_files_of_ones_own_are_data_sets_too(leaves, tmp_path):
    folder = named("folder", leaves)
    assert isinstance(folder, Folder) and isinstance(folder, Specimens) and not isinstance(folder, Pictures)
    path = tmp_path / "text.txt"
    path.write_text("".join(f"line {i:5}\n" for i in range(2000)))
    text = named("text", path)
    assert isinstance(text, Text) and isinstance(text, Texts)
    lines = text.load("test").splitlines()
    assert tuple(lines[i * len(lines) // 4][:8] for i in range(4)) == text.BEGINNINGS


@pytest.mark.parametrize(("name", "said"), [("absent", "no data set 'absent'"), ("folder", "say where it is")])
def test_what_is_not_there_is_named(name, said):
    with pytest.raises(ValueError, match=said):
        named(name)


@pytest.mark.parametrize("before", [None, "before"])
def test_a_file_is_written_whole_or_not_at_all(tmp_path, before):
    path = tmp_path / "facts.json"
    if before:
        path.write_text(before)
    with pytest.raises(RuntimeError), whole(path) as temporary:
        temporary.write_text("half")
        assert temporary.parent == tmp_path and (path.exists() and path.read_text()) == (before or False)
        raise RuntimeError
    assert [file.read_text() for file in tmp_path.iterdir()] == ([before] if before else [])
    with whole(path) as temporary:
        temporary.write_text("after")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["after"]
