"""Files, links and pictures from strangers: each is refused in a sentence, and nothing happens."""

import io
import json
import pickle
import random
import re
import shutil
import struct
import zlib
from base64 import urlsafe_b64encode
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, PngImagePlugin
from safetensors.torch import load_file, save_file

import zoo
from playground import drawing
from playground.fields import choice, integer, number, numbers, strokes
from playground.recipe import (
    KEY,
    MAX_VALUE,
    RecipeError,
    parse,
    png,
    recipe_of,
    text,
)
from zoo import checkpoint
from zoo.checkpoint import CheckpointError
from zoo.models.vae import VAE, Config
from zoo.photos import MOST_BYTES
from zoo.places import CheckpointNotFound

NAME = "vae.small"


@pytest.fixture(autouse=True)
def bounded():
    """Whatever is refused is refused without filling the memory."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = peak()
    yield
    assert peak() - before < 500_000


def peak() -> int:
    """This process's largest resident memory, kB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def contents(place):
    return {path: path.read_bytes() for path in Path(place).rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    torch.manual_seed(0)
    return checkpoint.write(tmp_path_factory.mktemp("whole") / NAME, VAE(Config(latent=2)))


@pytest.fixture
def folder(whole, tmp_path, monkeypatch):
    """A good checkpoint to be spoilt, in a place that `zoo.load` looks into."""
    monkeypatch.setenv("ZOO_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    return shutil.copytree(whole, tmp_path / "checkpoints" / NAME)


def refuses(folder, file, hint):
    before = contents(folder.parent.parent)
    with pytest.raises(CheckpointError) as caught:
        zoo.load(folder.name)
    message = str(caught.value)
    assert str(folder / file) in message
    assert re.search(hint, message), message
    assert len(message) < 2000
    assert contents(folder.parent.parent) == before


def test_the_unspoilt_checkpoint_loads(folder):
    assert zoo.load(NAME).config.latent == 2


# Weights


def header(content):
    """A safetensors file's start: the header's length, then the header."""
    return len(content).to_bytes(8, "little") + content


def spoilt(change):
    """Weights with their tensors changed."""

    def write(path):
        tensors = load_file(path)
        change(tensors)
        save_file(tensors, path)

    return write


def overlap(path):
    """Let two tensors of equal size share bytes, so that the last ones belong to none."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    entries = json.loads(data[8 : 8 + length])
    entries["encoder.0.bias"]["data_offsets"] = entries["decoder.7.bias"]["data_offsets"]
    path.write_bytes(header(json.dumps(entries).encode()) + data[8 + length :])


def pickled(path):
    class Bomb:
        def __reduce__(self):
            return Path.touch, (path.with_name("exploded"),)

    path.write_bytes(pickle.dumps(Bomb()))


def put(**tensors):
    return spoilt(lambda found: found.update({key.replace("__", "."): value for key, value in tensors.items()}))


WEIGHTS = {
    "header bomb": (lambda p: p.write_bytes((2**40).to_bytes(8, "little") + b"{}"), f"limit of {checkpoint.MAX_HEADER}"),
    "header over 1 MB": (lambda p: p.write_bytes(header(b"{" + b" " * 2**20 + b"}")), f"limit of {checkpoint.MAX_HEADER}"),
    "header not JSON": (lambda p: p.write_bytes(header(b"not json")), "restore"),
    "header not UTF-8": (lambda p: p.write_bytes(header(b'{"\xff": 1}')), "restore"),
    "header nested deeply": (lambda p: p.write_bytes(header(b"[" * 100_000)), "restore"),
    "header a list": (lambda p: p.write_bytes(header(b"[]")), "restore"),
    "header of numbers": (lambda p: p.write_bytes(header(b'{"a": 1}')), "restore"),
    "header without tensors": (lambda p: p.write_bytes(header(b"{}")), "missing"),
    "header of a huge number": (lambda p: p.write_bytes(header(b"1" * 10_000)), "restore"),
    "empty": (lambda p: p.write_bytes(b""), "restore"),
    "trailing bytes": (lambda p: p.write_bytes(p.read_bytes() + b"\0"), "damaged"),
    "overlapping tensors": (overlap, "cannot be read"),
    "pickle": (pickled, "limit|restore"),
    "extra tensor": (put(extra=torch.zeros(1)), r"unknown tensors \['extra'\]"),
    "missing tensor": (spoilt(lambda found: found.pop("encoder.0.bias")), r"missing \['encoder.0.bias'\]"),
    "wrong shape": (put(encoder__0__bias=torch.zeros(31).half()), "not .*32"),
    "transposed": (put(decoder__0__weight=torch.zeros(2, 3136).half()), "not .*3136"),
    "wrong dtype": (put(encoder__0__bias=torch.zeros(32)), "F32.*not.*F16"),
    "NaN": (put(encoder__0__bias=torch.full((32,), torch.nan).half()), "not finite.*train"),
    "infinity": (put(encoder__0__bias=torch.full((32,), -torch.inf).half()), "not finite.*train"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "hint"), WEIGHTS.values(), ids=WEIGHTS)
def test_bad_weights_are_refused(folder, spoil, hint):
    spoil(folder / "model.safetensors")
    refuses(folder, "model.safetensors", hint)
    assert not (folder / "exploded").exists()


@pytest.mark.parametrize("share", [0.0001, 0.001, 0.01, 0.5, 0.999999])
def test_weights_cut_short_are_refused(folder, share):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refuses(folder, "model.safetensors", "restore")


def test_one_bit_of_the_header_matters(folder):
    """Whatever is turned over in the header: the file is refused, or the model is as it was."""
    path = folder / "model.safetensors"
    data, before = path.read_bytes(), zoo.load(NAME).state_dict()
    length = int.from_bytes(data[:8], "little")
    chance = random.Random(0)
    for _ in range(100):
        changed = bytearray(data)
        changed[chance.randrange(8 + length)] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        try:
            after = zoo.load(NAME).state_dict()
        except CheckpointError:
            continue
        assert all(torch.equal(after[key], before[key]) for key in before)


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"1" * 50], ids=["empty", "noise", "ones"])
def test_broken_golden_outputs_are_named(folder, content):
    (folder / "golden.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match="golden.safetensors"):
        checkpoint.check(folder)


# Config


def config(**changes):
    """A config.json with fields of its "config" changed; None takes one away."""
    fields = {"arch": "cnn", "latent": 2, "activation": "relu", "batch_norm": False, **changes}
    fields = {key: value for key, value in fields.items() if value is not None}
    return json.dumps({"name": NAME, "dtype": "float16", "config": fields})


def outer(**changes):
    return json.dumps({**json.loads(config()), **changes})


CONFIGS = {
    "extra key": (config(extra=1), r"unknown keys \['extra'\]"),
    "missing key": (config(latent=None), r"missing keys \['latent'\]"),
    "text for a number": (config(latent="2"), "latent must be int"),
    "truth for a number": (config(latent=True), "latent must be int"),
    "fraction for a number": (config(latent=2.0), "latent must be int"),
    "NaN for a number": (config(latent=float("nan")), "latent must be int"),
    "list for a number": (config(latent=[[2]]), "latent must be int"),
    "number for truth": (config(batch_norm=0), "batch_norm must be bool"),
    "object for text": (config(arch={}), "arch must be str"),
    "unknown choice": (config(arch="rnn"), "none of mlp, cnn"),
    "code for a choice": (config(activation="__import__('os')"), "none of"),
    "larger than the weights": (config(latent=3), "does not fit|no such model"),
    "nothing": (config(latent=0), "does not fit|no such model"),
    "negative": (config(latent=-1), "no such model"),
    "beyond any memory": (config(latent=10**12), "does not fit|no such model"),
    "beyond 64 bits": (config(latent=10**30), "does not fit|no such model"),
    "beyond Python's digits": (config().replace("2", "2" * 5000), "not valid JSON"),
    "unknown dtype": (outer(dtype="float64"), "none of"),
    "dtype of no type": (outer(dtype=["float16"]), "none of"),
    "another's name": (outer(name="vae.other"), "config of 'vae.other'"),
    "key outside": (outer(auto_map={"AutoModel": "evil.py"}), "exactly name, dtype and config"),
    "config a list": (outer(config=[]), "missing keys"),
    "a list": ("[]", "exactly name, dtype and config"),
    "null": ("null", "exactly name, dtype and config"),
    "not JSON": ("{name: 1}", "not valid JSON"),
    "nested deeply": ("[" * 60_000, "not valid JSON"),
    "empty": ("", "not valid JSON"),
    "over 64 KB": (config() + " " * 2**16, f"over {checkpoint.MAX_CONFIG} bytes"),
    "not UTF-8": (b'{"name": "\xff"}', "not valid JSON"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize(("content", "hint"), CONFIGS.values(), ids=CONFIGS)
def test_bad_configs_are_refused(folder, content, hint):
    content = content.encode() if isinstance(content, str) else content
    (folder / "config.json").write_bytes(content)
    refuses(folder, "" if hint.startswith("does") else "config.json", hint)


def test_a_config_cannot_ask_for_memory_that_the_weights_do_not_fill(folder, monkeypatch):
    real, filled = torch.nn.init.kaiming_uniform_, []

    def fill(tensor, *args, **kwargs):
        filled.append(0 if tensor.is_meta else tensor.numel())
        return real(tensor, *args, **kwargs)

    monkeypatch.setattr(torch.nn.init, "kaiming_uniform_", fill)
    (folder / "config.json").write_text(config(latent=2000))
    refuses(folder, "", "does not fit")
    assert max(filled) < 10**6


def test_a_missing_config_is_named(folder):
    (folder / "config.json").unlink()
    refuses(folder, "config.json", "missing: restore")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"metrics": [{"name": "x"}], "training": {}}',
        "[" * 60_000,
        '{"metrics": [], "training": {}, "tables": []}',
        '{"metrics": [], "training": {}, "tables": {"x": {"title": "x"}}}',
    ],  # fmt: skip
)
def test_bad_facts_are_named(folder, content):
    (folder / "metrics.json").write_text(content)
    with pytest.raises(CheckpointError, match="metrics.json"):
        zoo.card(NAME).metrics[0]


# Names


@pytest.mark.parametrize(
    "name",
    [
        "../x", f"../checkpoints/{NAME}", f"./{NAME}", f"{NAME}/", "a/b", "/etc/passwd", "..", "", ".", "vae", "vae.",
        ".mnist", "VAE.MNIST", "vae.mnist cnn", f"{NAME}\n", f"{NAME}\0", "vae.\u0661", "a" * 10_000, "vae.absent", "file:///x",
    ],
)  # fmt: skip
def test_names_do_not_lead_elsewhere(folder, name):
    with pytest.raises(CheckpointNotFound, match="Have: .*Looked in: .*ZOO_CHECKPOINTS"):
        zoo.load(name)
    with pytest.raises(ValueError, match="vae.mnist-cnn") if name != "vae.absent" else pytest.raises(AttributeError):
        zoo.save(None, name, folder=folder.parent)


@pytest.mark.parametrize("name", ["hub.small", "data.small", "nosuch.small"])
def test_a_folder_cannot_name_a_module_that_is_no_family(folder, name):
    folder.rename(folder.parent / name)
    (folder.parent / name / "config.json").write_text(outer(name=name))
    with pytest.raises(CheckpointError, match=f"family '{name.split('.')[0]}' in zoo/models"):
        zoo.load(name)


# Links

FIELDS = {
    "seed": integer(0, 2**32 - 1, 1),
    "shift": integer(-5, 5, 0),
    "wild": number(0, 1.5, 0.8),
    "sliders": numbers(3, -3, 3),
    "model": choice(["a.b", "c.d"], "a.b"),
    "drawing": strokes([], "draw here"),
}
DEFAULTS = {key: field.default for key, field in FIELDS.items()}
NONSENSE = ["", " ", "-", "--1", "-1-", "x", "nan", "inf", "-inf", "1e999", "9" * 30, "9" * 5000, "0x10", "1/0", "None", "[]", "\0", "\ud800", "²", "👾", "<script>", "x" * (MAX_VALUE + 1)]  # fmt: skip
BAD = [
    *(("seed", value) for value in [*NONSENSE, "-1", "4294967296", "1.0", "1e3", "1_0", "+1", "٣"]),
    *(("shift", value) for value in [*NONSENSE, "-6", "6", "5-"]),
    *(("wild", value) for value in [*NONSENSE, "-0.01", "1.51", "1,2"]),
    *(("sliders", value) for value in [*NONSENSE[1:], "4", "1_-3.2", "1__2", "0_0_0_0", "1_nan", "_"]),
    *(("model", value) for value in [*NONSENSE, "A.B", "../a.b"]),
    *(("drawing", value) for value in [*NONSENSE[4:], "AAAA", "eJwDAAAAAAE*"]),
]


@pytest.mark.parametrize(("key", "value"), BAD, ids=[f"{key}-{value[:12]!r}" for key, value in BAD])
def test_a_bad_value_is_named_and_replaced(key, value):
    values, problems = parse({key: value}, FIELDS)
    assert values == DEFAULTS
    (problem,) = problems
    assert problem.startswith(f"{key} must be ") and problem.endswith("so the default is shown.")
    assert repr(value[:40]) in problem
    assert len(problem) < 250
    assert "literal" not in problem  # Python's own words


@pytest.mark.parametrize("value", ["7", "007", "0" * 19 + "7", "0" * 20 + "7", "0" * 60 + "7"])
def test_a_number_is_read_whole_or_not_at_all(value):
    values, problems = parse({"seed": value}, FIELDS)
    assert values["seed"] == 7 or problems


def test_an_unknown_setting_is_named():
    values, problems = parse({"evil": "1", "x" * 10_000: "2"}, FIELDS)
    assert values == DEFAULTS
    assert [problem.endswith("was ignored.") for problem in problems] == [True, True]
    assert max(map(len, problems)) < 150


@pytest.mark.parametrize("seed", range(20))
def test_values_survive_a_link(seed):
    chance = random.Random(seed)
    strokes = [[chance.randrange(256) for _ in range(2 * chance.randint(1, 30))] for _ in range(chance.randint(0, 20))]
    values = {
        "seed": chance.randrange(2**32),
        "shift": chance.randint(-5, 5),
        "wild": round(chance.uniform(0, 1.5), 2),
        "sliders": tuple(round(chance.choice([0, 1]) * chance.uniform(-3, 3), 1) for _ in range(3)),
        "model": chance.choice(["a.b", "c.d"]),
        "drawing": strokes,
    }
    assert drawing.decode(drawing.encode(strokes)) == strokes
    assert parse(text(values, FIELDS), FIELDS) == (values, [])
    assert text(DEFAULTS, FIELDS) == {}
    picture = png(np.zeros((28, 28), np.uint8), text(values, FIELDS), scale=2)
    assert parse(recipe_of(picture), FIELDS) == (values, [])


def test_the_longest_drawing_fits_into_a_link():
    chance = random.Random(0)
    strokes = [[chance.randrange(256) for _ in range(62)] for _ in range(64)]
    strokes[0] += [0, 1] * (2000 - 64 * 31)
    assert len(drawing.encode(strokes)) <= MAX_VALUE
    assert parse({"drawing": drawing.encode(strokes)}, FIELDS) == ({**DEFAULTS, "drawing": strokes}, [])


@pytest.mark.parametrize("content", [b"\0" * 10**8, b"\0\2\1\1" * 10**6, b"\xff\xff" + b"\1" * 10**7])
def test_a_drawing_that_unpacks_to_a_bomb_is_refused(content):
    packed = urlsafe_b64encode(zlib.compress(content, 9)).decode()
    with pytest.raises(ValueError, match="a drawing made here"):
        drawing.decode(packed)


@pytest.mark.parametrize("content", [b"\0\1\5", b"\0\0", b"\0\4\1\1", b"\0", b"\0\2\1\1" * 65])
def test_a_drawing_of_other_bytes_is_refused(content):
    with pytest.raises(ValueError, match="a drawing made here"):
        drawing.decode(urlsafe_b64encode(zlib.compress(content)).decode())


def test_a_drawing_cut_short_is_not_another_drawing():
    strokes = [[i, i, 255 - i, 7] for i in range(40)]
    packed = drawing.encode(strokes)
    for cut in range(1, len(packed)):
        try:
            assert drawing.decode(packed[:cut]) == strokes
        except ValueError as error:
            assert str(error) == "a drawing made here"


# Pictures


def chunk(kind, data):
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def made(*chunks, size=(1, 1), rows=b"\0\0"):
    """A PNG of one bit a pixel, put together by hand."""
    start = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + start + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_text(content):
    info = PngImagePlugin.PngInfo()
    info.add_itxt(KEY, content)
    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def jpeg():
    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, "JPEG", comment=b"pocket-zoo")
    return buffer.getvalue()


GOOD = png(np.arange(28 * 28, dtype=np.uint8).reshape(28, 28), {"page": "x", "seed": "3"}, scale=4)
PICTURES = {
    "empty": (b"", "PNG"),
    "text": (b"hello", "PNG"),
    "JPEG": (jpeg(), "PNG"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG"),
    "signature alone": (GOOD[:8], "PNG"),
    "cut in the header": (GOOD[:20], "PNG"),
    "cut in the pixels": (GOOD[: len(GOOD) // 2], "PNG"),
    "over 5 MB": (GOOD + b"\0" * MOST_BYTES, "5 MB"),
    "bomb": (made(size=(20_000, 20_000), rows=b"\0" * 2501 * 20_000), "pixels|PNG"),
    "small bomb": (made(size=(9_000, 9_000), rows=b"\0" * 1126 * 9_000), "pixels"),
    "claims to be huge": (made(size=(2**31 - 1, 2**31 - 1)), "pixels|PNG"),
    "no pixels": (made(size=(0, 0)), "PNG|recipe"),
    "text bomb": (made(chunk(b"zTXt", KEY.encode() + b"\0\0" + zlib.compress(b" " * 10**8))), "PNG|recipe"),
    "no recipe": (made(), "no recipe"),
    "another's text": (made(chunk(b"tEXt", b"Comment\0hello")), "no recipe"),
    "recipe not JSON": (with_text("{page"), "damaged"),
    "recipe nested deeply": (with_text("[" * 100_000), "damaged"),
    "recipe a list": (with_text("[1]"), "damaged"),
    "recipe a number": (with_text("1"), "damaged"),
    "recipe of numbers": (with_text('{"seed": 3}'), "damaged"),
    "recipe of lists": (with_text('{"seed": ["3"]}'), "damaged"),
    "recipe of null": (with_text('{"seed": null}'), "damaged"),
    "recipe of a huge number": (with_text("1" * 5000), "damaged"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("content", "hint"), PICTURES.values(), ids=PICTURES)
def test_a_bad_picture_is_refused(content, hint):
    with pytest.raises(RecipeError, match=hint):
        recipe_of(content)


def test_a_damaged_picture_never_escapes():
    """Bytes turned over anywhere, checksums mended: a recipe or a RecipeError, nothing else."""
    chance = random.Random(0)
    parts, position = [], 8
    while position < len(GOOD):
        length = int.from_bytes(GOOD[position : position + 4], "big")
        parts.append((GOOD[position + 4 : position + 8], GOOD[position + 8 : position + 8 + length]))
        position += 12 + length
    for _ in range(2000):
        changed = [(kind, bytearray(data)) for kind, data in parts]
        data = chance.choice([data for _, data in changed if data])
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        del data[chance.choice([len(data), chance.randrange(len(data))]) :]
        try:
            recipe = recipe_of(GOOD[:8] + b"".join(chunk(kind, bytes(data)) for kind, data in changed))
        except RecipeError:
            continue
        assert all(isinstance(value, str) for value in recipe.values())


@pytest.mark.parametrize("seed", range(10))
def test_a_recipe_survives_a_picture(seed):
    chance = random.Random(seed)

    def word():
        return "".join(
            chr(chance.choice([chance.randrange(32, 127), chance.randrange(0x400, 0x3000)])) for _ in range(30)
        )

    recipe = {word(): word() for _ in range(5)}
    pixels = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    picture = png(pixels, recipe, scale=3)
    assert recipe_of(picture) == recipe
    assert (np.asarray(Image.open(io.BytesIO(picture)))[::3, ::3] == pixels).all()


# The tests' own guard


def test_nothing_but_this_machine_can_be_reached(refused):
    import socket
    import urllib.request

    with pytest.raises(ConnectionRefusedError, match="192.0.2.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(OSError, match="example.invalid"):
        urllib.request.urlopen("http://example.invalid")
    assert refused
    refused.clear()
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
