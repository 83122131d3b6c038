"""The Hub: publish, pull, pins, faults; the real huggingface_hub, in processes of its own, against a small Hub on loopback."""

import hashlib
import json
import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tests.fake_hub import FakeHub, Repo
from tests.hub_workplace import NAME, call, workplace_at
from zoo import hugging_face


@pytest.fixture
def server():
    """A Hub with nothing on it."""
    server = FakeHub()
    yield server
    server.stop()


@pytest.fixture
def workplace(tmp_path):
    return workplace_at(tmp_path)


@pytest.fixture
def run(server, workplace):
    return partial(call, server, workplace)


def zoo(run, *arguments: str, **options) -> str:
    return run("-m", "zoo", *arguments, **options)


def load(run, name: str, **options) -> str:
    """Load a model and print what it draws; an error as one line, as the command line would."""
    code = (
        f"import sys, zoo\ntry: print(float(zoo.load({name!r}).sample(2, seed=1).sum()))\n"
        "except (ValueError, LookupError) as error: sys.exit(f'{type(error).__name__}: {error}')"
    )
    return run("-c", code, **options)


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name in hugging_face.FILES
    }


def leftovers(workplace: Path) -> list[str]:
    """Return files that a refused repository left in our cache or among huggingface_hub's snapshots and blobs."""
    places = [
        workplace / "cache",
        *(workplace / "hf").glob("hub/models--*/snapshots"),
        *(workplace / "hf").glob("hub/models--*/blobs"),
    ]
    return [str(path) for place in places for path in place.rglob("*") if path.is_file()]


def test_what_is_published_comes_back_and_loads_without_the_hub(run, server, workplace):
    before = {name: hashes(workplace / "checkpoints" / name) for name in (NAME, "judge.mnist")}
    drawn = load(run, NAME)
    said = zoo(run, "push", "--all", "--owner", "someone", "--tag", "v1")
    assert f"{NAME}: someone/{NAME} at " in said and "/collections/someone/pocket-zoo" in said
    assert list(server.collections.values()) == [[f"someone/{NAME}", "someone/judge.mnist"]]
    repo = server.repos[f"someone/{NAME}"]
    assert repo.refs["v1"] == repo.head and set(repo.trees[repo.head]) >= {"README.md", "model.safetensors"}
    pin = json.loads((workplace / "zoo" / "pins" / f"{NAME}.json").read_text())
    assert pin["revision"] == repo.head and pin["sha256"] == before[NAME]

    shutil.rmtree(workplace / "checkpoints")
    (workplace / "checkpoints").mkdir()
    said = zoo(run, "pull", "--all")
    assert "within" in said
    for name, expected in before.items():
        assert hashes(workplace / "cache" / "checkpoints" / name) == expected
    assert "within" in zoo(run, "check")
    server.stop()
    assert load(run, NAME) == drawn
    assert load(run, NAME, HF_HUB_OFFLINE="1") == drawn
    server.__init__()  # so that the fixture can stop it


def test_a_pinned_checkpoint_is_fetched_when_it_is_asked_for(run, server, workplace):
    zoo(run, "push", NAME, "--owner", "someone")
    drawn = load(run, NAME)
    shutil.rmtree(workplace / "checkpoints" / NAME)
    assert "HF_HUB_OFFLINE" in load(run, NAME, fails=True, HF_HUB_OFFLINE="1")
    assert load(run, NAME) == drawn
    # Later commits do not matter: the pin holds.
    server.repos[f"someone/{NAME}"].commit({"model.safetensors": b"x", "evil.pkl": b"x"})
    shutil.rmtree(workplace / "cache")
    assert load(run, NAME) == drawn


def test_publishing_again_changes_nothing(run, server, workplace):
    zoo(run, "push", NAME, "--owner", "someone")
    blobs = dict(server.blobs)
    zoo(run, "push", NAME, "--owner", "someone", "--tag", "v2")
    assert server.blobs == blobs


def test_publishing_needs_a_token_and_whole_files(run, server, workplace):
    assert "log in with `hf auth login` or set HF_TOKEN" in zoo(
        run, "push", NAME, "--owner", "x", fails=True, HF_TOKEN="hf_wrong"
    )
    assert not server.repos and not (workplace / "zoo" / "pins").exists()
    weights = workplace / "checkpoints" / NAME / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert "cut short" in zoo(run, "push", NAME, "--owner", "x", fails=True)
    assert "No checkpoint 'vae.nothing' here" in zoo(run, "push", "vae.nothing", "--owner", "x", fails=True)
    assert not server.repos


@pytest.mark.parametrize("fault", [{"resolve": [500]}, {"/tree/": [429]}, {"/cdn/": ["drop"]}], ids=str)
def test_a_fault_on_the_way_is_got_over(run, server, workplace, fault):
    zoo(run, "push", NAME, "--owner", "someone")
    before = hashes(workplace / "checkpoints" / NAME)
    shutil.rmtree(workplace / "checkpoints" / NAME)
    server.faults = fault
    env = {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    for _ in range(3):
        try:
            zoo(run, "pull", NAME, **env)
            break
        except AssertionError:  # the command failed, with a message: the same command goes on
            continue
    assert hashes(workplace / "cache" / "checkpoints" / NAME) == before
    assert [path.name for path in (workplace / "cache" / "checkpoints").iterdir()] == [NAME]


def test_a_dropped_download_goes_on_where_it_broke_off(run, server, workplace):
    """huggingface_hub goes on from its last whole chunk of 10 MB, so only a large file shows it."""
    folder = workplace / "checkpoints" / NAME
    (folder / "history.webp").write_bytes(os.urandom(24 * 2**20))
    before = hashes(folder)
    zoo(run, "push", NAME, "--owner", "someone")
    shutil.rmtree(folder)
    large = f"/cdn/{before['history.webp']}"
    server.faults = {large: ["drop"] * 40}
    assert "try again" in zoo(run, "pull", NAME, fails=True)
    assert not (workplace / "cache" / "checkpoints" / NAME).exists()
    server.ranges.clear()
    server.faults = {large: ["drop"]}
    zoo(run, "pull", NAME)
    assert server.ranges == ["bytes=10485760-"]
    assert hashes(workplace / "cache" / "checkpoints" / NAME) == before


def broken_weights(folder: Path, change) -> bytes:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    path = folder.parent / "broken.safetensors"
    save_file(tensors, path)
    return path.read_bytes()


def first(tensors):
    return next(key for key, tensor in tensors.items() if tensor.is_floating_point())


HOSTILE = {
    "pickle only": (lambda files, folder: {"config.json": files["config.json"], "metrics.json": b"{}", "pytorch_model.bin": b"x"}, "reading a pickle runs"),
    "pickle disguised": (lambda files, folder: {**files, "model.safetensors": b"\x80\x04\x95" + bytes(100)}, "header|safetensors"),
    "nothing": (lambda files, folder: {"README.md": b"hello"}, "no checkpoint of ours"),
    "header of 90 MB": (lambda files, folder: {**files, "model.safetensors": (90 * 2**20).to_bytes(8, "little") + bytes(1000)}, "over the limit"),
    "a huge file": (lambda files, folder: {**files, "history.webp": bytes(2**26 + 1)}, "over the limit"),
    "NaN": (lambda files, folder: {**files, "model.safetensors": broken_weights(folder, lambda t: t[first(t)].view(-1)[:1].fill_(float("nan")))}, "not finite"),
    "wrong dtype": (lambda files, folder: {**files, "model.safetensors": broken_weights(folder, lambda t: t.update({first(t): t[first(t)].float()}))}, "different"),
    "a key less": (lambda files, folder: {**files, "model.safetensors": broken_weights(folder, lambda t: t.pop(first(t)))}, "missing"),
    "a key more": (lambda files, folder: {**files, "model.safetensors": broken_weights(folder, lambda t: t.update(extra=t[first(t)].clone()))}, "unknown"),
    "wrong shape": (lambda files, folder: {**files, "model.safetensors": broken_weights(folder, lambda t: t.update({first(t): t[first(t)][:1].clone()}))}, "different"),
    "another family": (lambda files, folder: {**files, "config.json": files["config.json"].replace(b"cvae.mnist", b"os.path")}, "family|unknown keys"),
    "a path for a name": (lambda files, folder: {**files, "config.json": files["config.json"].replace(b"cvae.mnist", b"../../../etc")}, "no checkpoint's name"),
    "unknown keys": (lambda files, folder: {**files, "config.json": files["config.json"].replace(b'"latent"', b'"latents"')}, "unknown keys"),
    "not JSON": (lambda files, folder: {**files, "config.json": b"{"}, "names no checkpoint"),
}  # fmt: skip


NAMES = [
    "hf-hub:../../etc", "hf-hub:a/b/c", "hf-hub:a/..", "hf-hub:/b", "hf-hub:a/b@../x", "hf-hub:http://x/y", "hf-hub:a/b@",
    "../cvae.mnist", "local-dir:/nowhere", "hf-hub:evil/absent", "hf-hub:evil/thing@absent",
]  # fmt: skip
LOAD = """
import json, sys
import zoo
said = {}
for name in json.load(open(sys.argv[1])):
    try:
        zoo.load(name)
        error = "nothing"
    except (ValueError, LookupError) as refused:
        error = f"{type(refused).__name__}: {refused}"
    said[name] = error
print(json.dumps(said))
"""


def repository(case: str) -> str:
    return f"evil/{case.replace(' ', '-')}"


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    """What one process says of every hostile repository and name: {name: error}; the Hub, and what was left behind."""
    place, server = workplace_at(tmp_path_factory.mktemp("hostile")), FakeHub()
    folder = place / "checkpoints" / NAME
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    for case, (change, _) in HOSTILE.items():
        server.repos[repository(case)] = repo = Repo()
        repo.commit(change(files, folder))
    server.repos["evil/thing"] = Repo()
    names = [f"hf-hub:{repository(case)}" for case in HOSTILE]
    (place / "names.json").write_text(json.dumps([*NAMES, *names]))
    said = json.loads(call(server, place, "-c", LOAD, str(place / "names.json")))
    server.stop()
    return said, server, leftovers(place)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_repository_is_refused(refusals, case):
    error = refusals[0][f"hf-hub:{repository(case)}"]
    assert error.startswith("CheckpointError: ") and any(part in error for part in HOSTILE[case][1].split("|")), error


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_there_is_named(refusals, name):
    error = refusals[0][name]
    assert error.startswith("CheckpointNotFound: "), error
    assert ("404" in error) == ("absent" in name)


def test_a_hostile_repository_leaves_nothing(refusals):
    _, server, left = refusals
    assert not left
    assert not any("etc" in path or "a/b" in path for path in server.seen)


def test_what_differs_from_its_pin_is_refused(run, server, workplace):
    zoo(run, "push", NAME, "--owner", "someone")
    path = workplace / "zoo" / "pins" / f"{NAME}.json"
    pin = json.loads(path.read_text())
    path.write_text(json.dumps({**pin, "sha256": {**pin["sha256"], "config.json": "0" * 64}}))
    shutil.rmtree(workplace / "checkpoints" / NAME)
    assert "changed or damaged" in zoo(run, "pull", NAME, fails=True)
    assert not leftovers(workplace)
