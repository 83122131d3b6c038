"""The skeleton of every training loop: it resumes, seeds, sets the learning rate, logs and takes snapshots."""

import dataclasses
import io
import json
import resource
import shutil
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from tqdm import tqdm

from train import char_gpt, ladder, retexture, scratch
from train.core.data import examples
from train.core.run import Run
from train.core.settings import Settings, named_after
from train.core.steps import batches, learning_rate
from zoo.data import mnist as mnist_data
from zoo.data import named
from zoo.files import DiskFull

STEPS = 25


class Killed(Exception):
    pass


def learn(folder, *, kill=None, in_snapshot=False, data="", **changed):
    """Train a line on noise; end as a kill would after so many steps. Returns the model, the run, and what the loop saw."""
    settings = Settings(**{"runs": folder, "save_every": 0, "warmup": 4, "snapshots": 4, "lr": 0.1} | changed)
    run, seen, kept = Run("line.x", settings, STEPS, data=data), [], []
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    optimizer = torch.optim.Adam(model.parameters())

    def snapshot(step):
        assert not torch.is_grad_enabled()
        if in_snapshot and step == kill:
            raise Killed
        kept.append(step)
        run.keep(step, torch.full((2, 2), step, dtype=torch.uint8).numpy(), weight=model.weight[0, 0].item())

    steps = run.steps(
        lambda step: torch.randn(8, 3), snapshot=snapshot, scheduled=[optimizer], log_every=5,
        model=model, optimizer=optimizer,
    )  # fmt: skip
    for step, x in steps:
        if step == kill:
            raise Killed
        seen.append((step, optimizer.param_groups[0]["lr"], x))
        loss = (model(x)[:, 0] - x.sum(1) + torch.randn(8)).square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        run.record({"loss": loss, "step_squared": torch.tensor(float(step**2))})
    return model, run, seen, kept


def facts(run):
    """What a run leaves but for the time it took."""
    files = sorted((run.folder / "history").iterdir())
    kept = [json.loads(f.read_text()) if f.suffix == ".json" else f.read_bytes() for f in files]
    records = [*run.log(), *(fact for fact in kept if isinstance(fact, dict))]
    return [{k: v for k, v in record.items() if k != "seconds"} for record in records], [f.name for f in files]


@pytest.mark.parametrize(
    ("kill", "in_snapshot"), [(3, False), (7, False), (10, True), (14, True), (23, False), (25, True)]
)
def test_a_run_resumed_in_the_middle_ends_like_one_that_was_not(tmp_path, kill, in_snapshot):
    straight, run, *_ = learn(tmp_path / "straight")
    with pytest.raises(Killed):
        learn(tmp_path / "killed", kill=kill, in_snapshot=in_snapshot)
    resumed, again, seen, _ = learn(tmp_path / "killed")
    assert [step for step, *_ in seen] == list(range(kill - kill % 5, STEPS))  # from the last line of the log on
    assert all(torch.equal(a, b) for a, b in zip(straight.parameters(), resumed.parameters(), strict=True))
    assert facts(again) == facts(run)


def test_a_finished_run_is_not_trained_again(tmp_path):
    first, *_ = learn(tmp_path)
    second, run, seen, _ = learn(tmp_path)
    assert not seen and torch.equal(first.weight, second.weight)
    assert [record["step"] for record in run.log()] == [5, 10, 15, 20, 25]


def test_each_step_has_its_number_its_rate_and_its_noise(tmp_path):
    _, run, seen, _ = learn(tmp_path / "a")
    assert [step for step, *_ in seen] == list(range(STEPS))
    assert [rate for _, rate, _ in seen] == [learning_rate(run.settings, step, STEPS) for step in range(STEPS)]
    assert len({x[0, 0].item() for *_, x in seen}) == STEPS
    _, _, other, _ = learn(tmp_path / "b", seed=1)
    assert not torch.equal(other[0][2], seen[0][2])


def test_the_log_has_means_and_the_history_what_the_snapshot_kept(tmp_path):
    _, run, _, kept = learn(tmp_path)
    assert [record["step_squared"] for record in run.log()] == [
        sum(step**2 for step in range(end - 5, end)) / 5 for end in range(5, 30, 5)
    ]
    assert kept == sorted(run.moments) and kept[0] == 0 and kept[-1] == STEPS
    frames, history = run.history()
    assert [frame[0, 0] for frame in frames] == kept
    assert [moment["step"] for moment in history["moments"]] == kept
    assert len({moment["weight"] for moment in history["moments"]}) == len(kept)
    assert [record["step"] for record in history["curve"]] == [5, 10, 15, 20, 25]


def test_nothing_temporary_is_left(tmp_path):
    _, run, *_ = learn(tmp_path)
    assert not [path for path in run.folder.rglob("*") if path.name.endswith(".tmp")]


def test_without_moments_there_are_no_snapshots(tmp_path):
    assert learn(tmp_path, snapshots=0)[3] == []


def test_a_runs_examples_are_those_of_its_settings(tmp_path):
    run = Run("line.x", Settings(runs=tmp_path, batch_size=10, seed=4), STEPS, data="")
    assert run.examples(103)(12).tolist() == batches(103, 10, seed=4)(12).tolist()


# Data


def test_held_out_examples_are_the_last(mnist):
    images, labels = mnist.load("train")
    settings = Settings(data="mnist", holdout=5)
    found = examples(settings)
    assert len(found.x) == len(images) - 5 and found.x.shape[1:] == (1, 28, 28) and found.x.dtype == torch.uint8
    torch.testing.assert_close(found.test_x[:, 0], torch.tensor(images[-5:]) / 255)
    assert found.test_y.tolist() == labels[-5:].tolist()
    whole = examples(dataclasses.replace(settings, holdout=0))
    assert len(whole.x) == len(images) and len(whole.test_x) == len(mnist.load("test")[0])


@pytest.mark.parametrize("name", ["shakespeare", "cartpole"])
def test_what_has_no_labelled_pictures_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} holds no pictures with labels"):
        examples(Settings(data=name))


@pytest.mark.parametrize(("name", "variant"), [("Old letters.txt", "old-letters"), ("my.leaves", "my-leaves")])
def test_a_model_of_ones_own_files_is_named_after_them(name, variant, tmp_path):
    path = tmp_path / name
    path.mkdir() if variant == "my-leaves" else path.write_text("")
    assert named_after(path, ["mnist"]) == variant
    with pytest.raises(ValueError, match="rename it"):
        named_after(path, [variant])


# A run is known by what it learnt from


@pytest.mark.parametrize(
    ("data", "changed", "named"), [("b", {}, "data"), ("a", {"seed": 1}, "settings"), ("b", {"seed": 1}, "settings and data")]
)  # fmt: skip
def test_a_run_of_something_else_is_refused_or_done_as_told(tmp_path, data, changed, named):
    learn(tmp_path, data="a")
    before = (tmp_path / "line.x" / "resume.pt").read_bytes()
    with pytest.raises(
        ValueError, match=f"holds a run with other {named}: delete it, .*--unfit afresh .*--unfit go-on"
    ):
        learn(tmp_path, data=data, **changed)
    assert (tmp_path / "line.x" / "resume.pt").read_bytes() == before
    _, run, seen, _ = learn(tmp_path, data=data, unfit="go-on", **changed)
    assert not seen and [was["data"] for was in run.earlier] == ["a"]
    straight, *_ = learn(tmp_path / "straight", data=data, **changed)
    model, run, seen, _ = learn(tmp_path, data=data, unfit="afresh", **changed)
    assert len(seen) == STEPS and torch.equal(model.weight, straight.weight) and not run.earlier
    assert not learn(tmp_path, data=data, unfit="afresh", **changed)[2]  # it fits now
    assert [record["step"] for record in run.log()] == [5, 10, 15, 20, 25]


def test_what_a_run_was_told_to_go_on_from_is_kept(tmp_path):
    with pytest.raises(Killed):
        learn(tmp_path, kill=12, data="a")
    with pytest.raises(Killed):
        learn(tmp_path, kill=17, data="b", unfit="go-on")
    _, run, seen, _ = learn(tmp_path, data="b")
    assert seen[0][0] == 15 and [was["data"] for was in run.earlier] == ["a"]


def test_a_state_that_cannot_be_read_is_named(tmp_path):
    learn(tmp_path)
    path = tmp_path / "line.x" / "resume.pt"
    for content in (b"", b"no state", path.read_bytes()[:-200]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="resume.pt cannot be read: delete it"):
            learn(tmp_path)


class Learnt(Exception):
    """What a run would learn from, and how the card would name it."""


@pytest.fixture
def learnt(leaves, tmp_path, monkeypatch):
    """A function that begins a family's training on a kind of data, and gives what its run is known by."""
    text, folder = tmp_path / "letters.txt", tmp_path / "leaves"
    text.write_text("Dear friend, the sea was calm today.\n" * 300)
    shutil.copytree(leaves, folder)
    arrays = {split: [np.zeros((200, 28, 28), np.uint8), np.arange(200) % 10] for split in ("train", "test")}
    monkeypatch.setattr(mnist_data, "load", lambda split, size=28: arrays[split])
    monkeypatch.setattr(Run, "resume", lambda run, **parts: (_ for _ in ()).throw(Learnt(run._identity["data"])))
    small = {"size": 64, "rows": 16, "columns": 32, "width": 32, "finish": 16}
    # As in all tests in this process: accelerate keeps its precision.
    own = {"runs": tmp_path / "runs", "bf16": False}
    begin = {
        "text": lambda: char_gpt.train("shakespeare", char_gpt.CharGPTSettings(text=text, **own)),
        "folder": lambda: retexture.train(
            "butterflies", retexture.RetextureSettings(images=folder, model=retexture.Config(**small), **own)
        ),
        "arrays": lambda: ladder.train("mnist-linear", dataclasses.replace(ladder.VARIANTS["mnist-linear"], **own)),
        "arrays, in numpy": lambda: scratch.train("mnist", dataclasses.replace(scratch.VARIANTS["mnist"], **own)),
    }

    def given(kind):
        with pytest.raises(Learnt) as stopped:
            begin[kind]()
        return stopped.value.args[0]

    given.text, given.folder, given.arrays = text, folder, arrays
    return given


CHANGES = {
    "a word of a text": ("text", lambda at: at.text.write_text(at.text.read_text().replace("calm", "wild", 1))),
    "the end of a text": ("text", lambda at: at.text.write_text(at.text.read_text()[:-9] + "evening.\n")),
    "a picture": ("folder", lambda at: shutil.copy(at.folder / "oak" / "003.png", at.folder / "oak" / "001.png")),
    "a picture's kind": ("folder", lambda at: (at.folder / "oak" / "001.png").rename(at.folder / "elm" / "x001.png")),
    "a picture more": ("folder", lambda at: shutil.copy(at.folder / "oak" / "001.png", at.folder / "oak" / "more.png")),
    "a pixel": ("arrays", lambda at: at.arrays["train"][0].__setitem__((3, 5, 5), 1)),
    "a label": ("arrays, in numpy", lambda at: at.arrays["train"][1].__setitem__(3, 7)),
    "a test picture": ("arrays", lambda at: at.arrays["test"][0].__setitem__((3, 5, 5), 1)),
}


@pytest.mark.parametrize(("kind", "change"), CHANGES.values(), ids=CHANGES)
def test_a_run_is_known_by_the_data_as_read(learnt, kind, change):
    before = learnt(kind)
    assert learnt(kind) == before
    change(learnt)
    assert learnt(kind) != before


def test_what_is_measured_and_named_is_what_was_learnt(leaves, tmp_path):
    """The trainer's files change while a training runs."""
    path, folder = tmp_path / "letters.txt", tmp_path / "leaves"
    path.write_text("Dear friend, the sea was calm today.\n" * 300)
    text, before = named("text", path), path.read_text()
    text.load("train")
    digest = text.SHA256
    path.write_text("x" * 20_000)
    assert text.load("train") + text.load("test") == before and digest == text.SHA256
    assert digest != named("text", path).SHA256

    shutil.copytree(leaves, folder)
    pictures = named("folder", folder)
    digest, train = pictures.SHA256, pictures.specimens("train", 64)
    for file in folder.rglob("*.png"):
        Image.new("RGBA", (9, 9), "red").save(file)
    assert digest == pictures.SHA256 and pictures.specimens("train", 64).images is train.images
    with pytest.raises(ValueError, match="was changed meanwhile"):
        pictures.specimens("test", 64)
    assert digest != named("folder", folder).SHA256


# A full disk


@pytest.mark.parametrize("size", [0, 20, 200, 1500, 3000])
def test_a_full_disk_is_named_and_the_run_goes_on_from_its_last_state(tmp_path, size, monkeypatch):
    monkeypatch.setattr("train.core.run.tqdm", partial(tqdm, file=io.StringIO()))  # pytest's is a file
    straight, run, *_ = learn(tmp_path / "straight")
    with pytest.raises(Killed):
        learn(tmp_path, kill=12)
    before = (tmp_path / "line.x" / "resume.pt").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        with pytest.raises(DiskFull, match=r"line\.x/.* cannot be written .*make room and try again"):
            learn(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / "line.x" / "resume.pt").read_bytes() == before
    assert not list(tmp_path.rglob("*.tmp"))
    resumed, again, *_ = learn(tmp_path)
    assert torch.equal(straight.weight, resumed.weight) and facts(again) == facts(run)
