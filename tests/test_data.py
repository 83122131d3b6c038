"""Data sets: what is known of them, and how they are fetched, from a source on loopback."""

import dataclasses
import gzip
import hashlib
import sys
import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from torchvision import datasets

import zoo.__main__ as command
from tests.data_files import forget, npz, ours
from zoo import data
from zoo.data import DataDamaged, fashion, mnist, shakespeare
from zoo.data.mnist import in_order

TEXT = b"To be, or not to be: that is the question.\n" * 300
SPLITS = {"train": "train", "test": "t10k"}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The cache: empty, and no folder of data sets."""
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache é"))
    monkeypatch.delenv("ZOO_DATA", raising=False)
    forget()
    yield tmp_path / "cache é" / "data"
    forget()


@pytest.fixture
def source():
    """A server of files; give them, by name, and its address. What it is asked for is in `asked`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.strip("/")
            self.server.asked.append(name)
            content = self.server.files.get(name)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content or b"")

        do_HEAD = do_GET

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.asked, server.address = {}, [], f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def idx(array: np.ndarray) -> bytes:
    """Return bytes as LeCun's files hold them: https://yann.lecun.org/exdb/mnist, 'file formats'."""
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes())


@pytest.fixture(params=[mnist, fashion], ids=["mnist", "fashion"])
def pictures(request, source, monkeypatch):
    """A data set in MNIST's form, of 30 + 20 pictures, served: its module and its arrays by split."""
    module, kind = request.param, getattr(datasets, request.param.PROVENANCE.url.rpartition(".")[2])
    rng, arrays, resources, hashes = np.random.default_rng(0), {}, [], {}
    for split, n in (("train", 30), ("test", 20)):
        images, y = rng.integers(0, 256, (n, 28, 28), np.uint8), rng.integers(0, 10, n).astype(np.uint8)
        for what, array in (("images-idx3-ubyte", images), ("labels-idx1-ubyte", y)):
            file = f"{SPLITS[split]}-{what}.gz"
            source.files[file] = idx(array)
            resources.append((file, hashlib.md5(source.files[file]).hexdigest()))
        arrays[split] = (images, y.astype(np.int64))
        if module is fashion:
            arrays[split] = in_order(*arrays[split])
        hashes[split] = data.sha256(*arrays[split])
    monkeypatch.setattr(kind, "mirrors", [source.address])
    monkeypatch.setattr(kind, "resources", resources)
    monkeypatch.setattr(module, "SHA256", hashes)
    return module, arrays


@pytest.fixture
def text(source, monkeypatch):
    """The text's module, its source on loopback."""
    known = dataclasses.replace(shakespeare.PROVENANCE, url=source.address + "input.txt")
    served = dataclasses.replace(shakespeare.TEXT, known=known, expected=hashlib.sha256(TEXT).hexdigest())
    source.files["input.txt"] = TEXT
    changed = {"PROVENANCE": known, "load": lru_cache(served.load), "fetch": served.fetch}
    for name, value in changed.items():
        monkeypatch.setattr(shakespeare, name, value)
    return shakespeare


@pytest.fixture
def call(monkeypatch, capfd):
    """Run `python -m zoo data ...` without a new process: exit code, lines on stdout, stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["zoo", "data", *arguments])
        code = command.main()
        out, err = capfd.readouterr()
        return code, out.splitlines(), err

    return run


def test_pictures_are_fetched_once_and_load(place, source, pictures, call):
    module, arrays = pictures
    name = module.__name__.rpartition(".")[2]
    code, out, err = call("get", name)
    path = place / module.PROVENANCE.files[0]
    assert code == 0 and out == [f"{name}: at hand, {path}"] and "100%" in err
    assert list(place.iterdir()) == [path]
    asked = len(source.asked)
    assert asked and call("get", name)[0] == 0
    for split, (images, y) in arrays.items():
        found = module.load(split)
        assert (found[0] == images).all() and (found[1] == y).all()
    assert len(source.asked) == asked


def test_pictures_that_are_not_at_hand_are_fetched_to_load(place, pictures):
    module, arrays = pictures
    assert not data.at_hand(module.__name__.rpartition(".")[2])
    assert (module.load("test")[0] == arrays["test"][0]).all()


def test_a_text_is_fetched_once_and_loads(place, source, text, call):
    code, out, err = call("get", "shakespeare")
    assert code == 0 and out == [f"shakespeare: at hand, {place / 'shakespeare.txt'}"] and "100%" in err
    assert list(place.iterdir()) == [place / "shakespeare.txt"]
    assert call("get", "shakespeare")[0] == 0 and source.asked == ["input.txt"]
    assert text.load("train") + text.load("test") == TEXT.decode()


def test_other_pictures_leave_nothing_behind(place, pictures, call, monkeypatch):
    module, _ = pictures
    monkeypatch.setitem(module.SHA256, "test", "0" * 64)
    code, out, err = call("get", module.__name__.rpartition(".")[2])
    assert code == 1 and out == [] and "gave other data" in err and "set ZOO_DATA to the folder" in err
    assert not list(place.iterdir())


def test_another_text_leaves_nothing_behind(place, source, text, call):
    source.files["input.txt"] = TEXT[:-1]
    code, out, err = call("get", "shakespeare")
    assert code == 1 and out == [] and "gave other data" in err and "set ZOO_DATA to the folder" in err
    assert not list(place.iterdir())


@pytest.mark.parametrize("broken", ["absent", "cut short"])
def test_a_source_that_gives_nothing_is_named(place, source, pictures, call, broken):
    for file in source.files:
        source.files[file] = None if broken == "absent" else source.files[file][:50]
    module, _ = pictures
    code, out, err = call("get", module.__name__.rpartition(".")[2])
    assert code == 1 and out == []
    assert "connect to the Internet and try again" in err and module.PROVENANCE.files[0] in err
    assert not list(place.iterdir())


def test_a_text_that_cannot_be_reached_is_named(place, source, text, call):
    source.files.clear()
    code, out, err = call("get", "shakespeare")
    assert code == 1 and out == []
    assert err.splitlines()[-1].startswith("error: Tiny Shakespeare cannot be fetched (HTTP Error 404")
    assert not list(place.iterdir())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent", "No data set 'absent'. Have: agnews, butterflies, "),
        ("text", "No data set 'text'"),
        ("wells", "set ZOO_DATA to the folder that holds novel.txt. It has no public source as a whole"),
        ("butterflies", "butterflies-128.parquet and butterflies-256.parquet"),
    ],
)
def test_what_cannot_be_fetched_says_what_to_do(place, call, name, said):
    code, out, err = call("get", name)
    (line,) = err.splitlines()
    assert code == 1 and out == [] and line.startswith("error: ") and said in line


def test_the_list_says_what_is_known(place, call, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "novel.txt").write_text("x")
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "mine"))
    code, out, _ = call()
    assert code == 0
    said = "\n".join(out)
    assert [line.split()[0] for line in out if not line.startswith(" ")] == data.names()
    for name in data.names():
        known = data.module(name).PROVENANCE
        assert known.license in said and known.source in said
    for line in ("MNIST: python -m zoo data get mnist", "CIFAR-10, from JPEGs: not at hand", "Wells: at hand"):
        assert line in said
    assert "used by  char_gpt.wells" in said and "used by  cgan.mnist, cvae.mnist," in said


@pytest.mark.parametrize("name", data.names())
def test_a_data_set_is_said_to_be_as_large_as_it_is(name, need):
    module = need(name)
    size = sum(data.find(file).stat().st_size for file in module.PROVENANCE.files)
    assert size == pytest.approx(module.PROVENANCE.size, rel=0.05)  # what was packed here may be packed otherwise


@pytest.mark.parametrize("compressed", [True, False], ids=["compressed", "stored"])
def test_damaged_pictures_are_named_wherever_the_damage_is(place, pictures, compressed):
    module, arrays = pictures
    whole = npz(compressed, **ours(arrays))
    path = data.fetched(module.PROVENANCE.files[0])
    rng = np.random.default_rng(0)
    cuts = [whole[:n] for n in rng.integers(1, len(whole), 40)]
    changes = []
    for at in rng.integers(0, len(whole), 200):
        changes.append(bytearray(whole))
        changes[-1][at] ^= 1 << rng.integers(8)
    for content in (*cuts, *changes):
        path.write_bytes(content)
        for split, (images, y) in arrays.items():
            module.load.cache_clear()
            try:
                found = module.load(split)
            except DataDamaged as error:
                assert str(path) in str(error) and "Delete it" in str(error)
            else:  # what was damaged says nothing of the pictures
                assert (found[0] == images).all() and (found[1] == y).all()


FORMS = {
    "ours": lambda x, y, s: {f"{s}_images": x, f"{s}_labels": y},
    "Keras'": lambda x, y, s: {f"x_{s}": x, f"y_{s}": y.astype(np.uint8)},
    "flat": lambda x, y, s: {f"{s}_images": x.reshape(-1, 784), f"{s}_labels": y[:, None]},
    "with a channel": lambda x, y, s: {f"x_{s}": x[..., None], f"y_{s}": y},
    "whole numbers": lambda x, y, s: {f"{s}_images": x.astype(np.int32), f"{s}_labels": y.astype(np.int32)},
    "signed bytes": lambda x, y, s: {f"{s}_images": x.view(np.int8), f"{s}_labels": y.astype(np.int8)},
    "columns first": lambda x, y, s: {f"{s}_images": np.asfortranarray(x), f"{s}_labels": y},
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_pictures_in_another_form_are_the_same(place, pictures, form):
    module, arrays = pictures
    given = {}
    for split, (images, y) in arrays.items():
        given |= FORMS[form](images, y, split)
    data.fetched(module.PROVENANCE.files[0]).write_bytes(npz(**given))
    for split, (images, y) in arrays.items():
        found = module.load(split)
        assert found[0].dtype == np.uint8 and found[1].dtype == np.int64
        assert np.array_equal(found[0], images) and np.array_equal(found[1], y)


def test_what_is_at_hand_and_damaged_is_named_when_it_is_asked_for(place, call):
    path = data.fetched("mnist.npz")
    path.write_bytes(b"<html>")
    code, out, err = call("get", "mnist")
    assert code == 1 and out == [] and f"error: {path} is not MNIST" in err and "Delete it" in err
