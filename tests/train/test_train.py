"""Training: a killed run ends like one that was not, two processes learn what one does, cards are checked."""

import dataclasses
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState
from torch import nn

import train.__main__ as command_line
import zoo
from tests import forked
from train.__main__ import variants
from train.core import command
from train.core.fit import fit
from train.core.run import Run, publish
from train.core.settings import Settings
from zoo import checkpoint
from zoo.card import Card, Metric
from zoo.hub import find

ROOT = Path(__file__).resolve().parents[2]

# A family's command line as it is, up to publishing: measuring takes longer than these runs.
SCRIPT = (
    "import sys, zoo; from train import {stem}; from train.core import command; "
    "zoo.save = lambda *a, **k: sys.exit(); command.main({stem}.VARIANTS, {stem}.train)"
)
# In float32, but for one of them: processors without bfloat16 take several times as long over it.
SHORT = ["--holdout", "200", "--snapshots", "3", "--save-every", "0", "--warmup", "20", "--no-bf16"]
SMALL_GAN = ["--batch-size", "16", "--epochs", "0.035", "--model.width", "8", "--model.latent", "8"]  # 131 steps
RUNS = {
    "vae.mnist-mlp": [*SHORT, "--bf16", "--epochs", "0.28", "--model.latent", "4"],  # 131 steps
    "cgan.mnist": [*SHORT, *SMALL_GAN],
    "idvae.mnist": [*SHORT, *SMALL_GAN],
    "scratch.mnist": [*SHORT, "--epochs", "1", "--model.hidden", "16"],  # 467 steps
    "char_gpt.shakespeare": [
        *SHORT,
        "--epochs",
        "0.067",
        "--batch-size",
        "8",
        "--model.window",
        "64",
        "--model.layers",
        "1",
        "--model.heads",
        "2",
        "--model.width",
        "16",
    ],  # 131 steps
    "ppo.cartpole": ["--snapshots", "3", "--save-every", "0", "--env-steps", "20480", "--seeds", "1"],  # 20 updates
}
TINY = [
    "--model.size",
    "64",
    "--model.rows",
    "16",
    "--model.columns",
    "32",
    "--model.width",
    "32",
    "--model.finish",
    "16",
]
FOLDER_RUN = [
    *SHORT,
    "--holdout",
    "10",
    "--batch-size",
    "4",
    "--epochs",
    "13",
    "--gan-start",
    "60",
    *TINY,
]  # 130 steps or so
NAMES = [*RUNS, "retexture.leaves"]
# Put before a command line: kills it seven steps after its log's second line, wherever the machine's speed has it by then.
KILLED = """
import os, signal
from train.core.run import Run
after_step, late = Run._after, 0
def killed(run, *args, **kwargs):
    global late
    after_step(run, *args, **kwargs)
    late += (run.folder / "log.jsonl").read_bytes().count(b"\\n") >= 2
    if late == 7:
        os.kill(os.getpid(), signal.SIGKILL)
Run._after = killed
"""


@pytest.fixture(scope="module")
def arguments(leaves):
    """The command line of a short run: from its checkpoint's name and the folder of runs."""

    def line(name, runs):
        stem, variant = name.split(".")
        own = ["butterflies", *FOLDER_RUN, "--images", str(leaves)]
        settings = own if name == "retexture.leaves" else [variant, *RUNS[name]]
        return [sys.executable, "-c", SCRIPT.format(stem=stem), *settings, "--runs", str(runs)]

    return line


def finished(process):
    assert process.returncode == 0, process.stderr[-2000:]
    return process


def run(arguments):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(arguments, cwd=ROOT, env=env, capture_output=True, text=True, timeout=500)


def here(arguments):
    """Run the same in this process: starting one takes longer than these runs."""
    AcceleratorState._reset_state(reset_partial_state=True)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(zoo, "save", zoo.save)  # which the script sets
        patch.setattr(command, "start", lambda: None)
        patch.setattr(sys, "argv", ["-c", *arguments[3:]])
        exec(arguments[2], {"__name__": "__main__"})
    assert not ended.value.code


def state(folder):
    return torch.load(folder / "resume.pt", weights_only=True)


def same(a, b):
    """Whether two states hold the same, to the last bit."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b


CLOCK = {"seconds", "tokens_per_second"}


def log(folder):
    records = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in record.items() if key not in CLOCK} for record in records]


def history(folder):
    """The pictures' bytes and what was measured at each, by file."""
    files = sorted((folder / "history").iterdir())
    facts = {file.name: json.loads(file.read_text()) for file in files if file.suffix == ".json"}
    facts = {
        name: {key: value for key, value in content.items() if key != "seconds"} for name, content in facts.items()
    }
    return facts, {file.name: file.read_bytes() for file in files if file.suffix == ".png"}


@pytest.fixture(scope="module")
def straight(need, arguments, tmp_path_factory):
    """Runs that nothing stopped, made once each."""
    done = {}

    def folder(name):
        if name != "retexture.leaves":
            need(zoo.card(name).training["data"])
        if name not in done:
            runs = tmp_path_factory.mktemp("straight")
            here(arguments(name, runs))
            done[name] = runs / name
        return done[name]

    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_run_ends_like_one_that_was_not(straight, arguments, name, tmp_path):
    expected = state(straight(name))
    _, dash_c, script, *settings = arguments(name, tmp_path)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = forked.python(dash_c, KILLED + script, *settings, cwd=ROOT, env=env)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    reached = state(tmp_path / name)["step"]
    assert 0 < reached < expected["step"], "not killed in the middle"
    shutil.copy(tmp_path / name / "resume.pt", tmp_path / name / ".resume.pt.tmp")  # as a kill while saving leaves it
    with open(tmp_path / name / "log.jsonl", "ab") as file:
        file.write(b'{"step": 1')  # as a kill while logging leaves it
    here(arguments(name, tmp_path))

    found = state(tmp_path / name)
    assert found.keys() == expected.keys()
    assert not [
        key for key in found.keys() - {"seconds", "log_bytes", "identity"} if not same(found[key], expected[key])
    ]
    assert log(tmp_path / name) == log(straight(name))
    assert history(tmp_path / name) == history(straight(name))
    assert len(history(tmp_path / name)[0]) == 3


def test_a_folder_of_pictures_becomes_a_checkpoint(straight, leaves, tmp_path):
    runs = straight("retexture.leaves").parent
    line = [sys.executable, "-m", "train.retexture", "butterflies", *FOLDER_RUN, "--images", str(leaves)]
    finished(run([*line, "--runs", str(runs), "--checkpoints", str(tmp_path)]))
    card = Card.read(tmp_path / "retexture.leaves", "folder")
    assert card.metric("shape_iou").value > 0.9 and 0 < card.metric("l1").value < 0.3
    assert "A folder of the trainer's" in card.markdown()
    known = checkpoint.extras(card.folder)
    assert bytes(known["names"].tolist()).decode().split("\n") == ["elm||", "oak||"]
    assert known["outlines"].shape == (2, 96, 2)


def test_a_text_of_ones_own_becomes_a_checkpoint(tmp_path):
    (tmp_path / "Old letters.txt").write_text("Dear friend, the sea was calm today.\n" * 400, "utf-8")
    line = [sys.executable, "-m", "train.char_gpt", "shakespeare", *RUNS["char_gpt.shakespeare"], "--epochs", "8"]
    line += [
        "--text",
        str(tmp_path / "Old letters.txt"),
        "--runs",
        str(tmp_path),
        "--checkpoints",
        str(tmp_path / "out"),
    ]
    finished(run(line))
    card = Card.read(tmp_path / "out" / "char_gpt.old-letters", "folder")
    assert 0 < card.metric("loss").value < 2 and "A file of the trainer's" in card.markdown()
    model = checkpoint.read(card.folder)
    assert set(model.write("Dear ", 100, seed=1)) <= set("Dear friend, the sea was calm today.\n")


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no torch.distributed")
def test_two_processes_write_as_one_does(straight, tmp_path):
    alone = straight("char_gpt.shakespeare")  # first: without the text there is nothing to run
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", "2"]
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(stem="char_gpt").replace("; ", "\n"))
    settings = ["shakespeare", *RUNS["char_gpt.shakespeare"], "--runs", str(tmp_path)]
    finished(run([sys.executable, *torchrun, str(script), *settings]))
    one, two = (log(folder / "char_gpt.shakespeare") for folder in (alone.parent, tmp_path))
    assert [record["step"] for record in one] == [record["step"] for record in two]
    assert two[-1]["loss"] == pytest.approx(one[-1]["loss"], rel=0.03) and two[-1]["loss"] < 0.9 * two[0]["loss"]


def test_other_settings_do_not_resume(straight, tmp_path):
    shutil.copytree(straight("vae.mnist-mlp"), tmp_path / "vae.mnist-mlp")
    before = (tmp_path / "vae.mnist-mlp" / "resume.pt").read_bytes()
    settings, data = Settings(runs=tmp_path), json.loads(state(tmp_path / "vae.mnist-mlp")["identity"])["data"]
    with pytest.raises(ValueError, match="other settings: delete it, or give another --runs"):
        Run("vae.mnist-mlp", settings, 10, data=data).resume()
    assert (tmp_path / "vae.mnist-mlp" / "resume.pt").read_bytes() == before


def test_what_does_not_touch_the_weights_may_change(tmp_path):
    settings = Settings(runs=tmp_path)
    model = nn.Linear(1, 1)
    run = Run("x.y", settings, 10, data="")
    run.resume(model=model)
    run.save(7)
    other = dataclasses.replace(settings, save_every=1, checkpoints=tmp_path)
    assert Run("x.y", other, 10, data="").resume(model=nn.Linear(1, 1)) == 7


def test_the_order_of_the_settings_does_not_matter(tmp_path):
    settings = Settings(runs=tmp_path)
    run = Run("x.y", settings, 10, data="")
    run.resume(model=nn.Linear(1, 1))
    run.save(7)
    saved = state(run.folder)
    saved["identity"] = json.dumps(dict(reversed(json.loads(saved["identity"]).items())))
    torch.save(saved, run.folder / "resume.pt")
    assert Run("x.y", settings, 10, data="").resume(model=nn.Linear(1, 1)) == 7


LINE = """
import sys
from pathlib import Path
import torch
from train.core.fit import fit
from train.core.settings import Settings

class Line(torch.nn.Linear):
    def forward(self, x, y):
        return {"loss": ((super().forward(x)[:, 0] - y) ** 2).mean()}

torch.manual_seed(0)
x = torch.randn(256, 3)
y = x @ torch.tensor([1.0, -2.0, 0.5])
settings = Settings(epochs=8, batch_size=32, lr=0.02, warmup=5, ema=0.5, bf16=False, snapshots=0, runs=Path(sys.argv[1]))
fit("line.x", Line(3, 1), lambda index: (x[index], y[index]), 256, settings, data="")
"""


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no torch.distributed")
def test_two_processes_learn_what_one_does(tmp_path):
    script = tmp_path / "line.py"
    script.write_text(LINE)
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", "2"]
    for folder, launcher in (("one", []), ("two", torchrun)):
        finished(run([sys.executable, *launcher, str(script), str(tmp_path / folder)]))
    one, two = state(tmp_path / "one" / "line.x"), state(tmp_path / "two" / "line.x")
    assert one["step"] == two["step"] == 64
    for part in ("model", "ema"):
        torch.testing.assert_close(two[part], one[part], rtol=1e-4, atol=1e-5)
    first, second = log(tmp_path / "one" / "line.x"), log(tmp_path / "two" / "line.x")
    assert [record["step"] for record in first] == [record["step"] for record in second] == [50, 64]
    assert first[0]["loss"] != second[0]["loss"]  # each process has its own half of a batch
    assert second[0]["loss"] == pytest.approx(first[0]["loss"], rel=0.2)


def test_fit_learns_and_hands_back_the_average(tmp_path):
    class Line(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(3))

        def forward(self, x, y):
            return {"loss": ((x @ self.weight - y) ** 2).mean()}

    x = torch.randn(256, 3, generator=torch.Generator().manual_seed(0))
    y = x @ torch.tensor([1.0, -2.0, 0.5])
    seen = []
    settings = Settings(epochs=30, batch_size=32, lr=0.1, warmup=5, ema=0.5, bf16=False, snapshots=5, runs=tmp_path)
    model, run = fit(
        "line.x", Line(), lambda index: (x[index], y[index]), 256, settings, data="",
        snapshot=lambda run, model, step: seen.append((step, model.training)),
    )  # fmt: skip
    torch.testing.assert_close(model.weight.detach(), torch.tensor([1.0, -2.0, 0.5]), atol=0.01, rtol=0)
    assert not model.training
    assert seen == [(step, False) for step in sorted(run.moments)]
    assert run.log()[-1]["step"] == 240 and run.log()[-1]["loss"] < 1e-3


def test_publishing_writes_a_whole_checkpoint(tmp_path, monkeypatch, mnist):
    monkeypatch.setenv("ZOO_CHECKPOINTS", str(tmp_path / "checkpoints"))
    from zoo.models.vae import VAE, Config

    settings = dataclasses.replace(
        variants()["vae.mnist-mlp"], runs=tmp_path, model=Config(arch="mlp", latent=2), snapshots=3
    )
    run = Run("vae.tiny", settings, 20, data="")
    model = VAE(settings.model)

    def snapshot(step):
        run.keep(step, torch.full((4, 6), step, dtype=torch.uint8).numpy(), test_loss=1.0)

    for step, _ in run.steps(lambda step: None, snapshot=snapshot, log_every=10, model=model):
        run.record({"loss": torch.tensor(20.0 - step)})
    from train.vae import golden

    publish(
        run, "vae.tiny", model, mnist, lambda model, data: [Metric("x", 1.5, "nats", 10, "test", 0.1, "half of three")],
        golden, pictures=lambda model, data: {"samples": torch.zeros(28, 28, dtype=torch.uint8).numpy()},
    )  # fmt: skip
    card = zoo.card("vae.tiny")
    assert {path.name for path in card.folder.iterdir()} == {
        "model.safetensors", "config.json", "metrics.json", "golden.safetensors", "history.json", "history.webp", "samples.webp",
    }  # fmt: skip
    assert card.training["data"] == "mnist" and len(card.history["moments"]) == 3
    assert card.training["weights_sha256"] == card.sha256 and card.training["steps"] == 20
    assert str(card.metric("x")) == "1.500 nats"
    assert [record["loss"] for record in card.history["curve"]] == [15.5, 5.5]
    assert checkpoint.check(card.folder) < 1e-3
    assert "half of three" in card.markdown()


# The command line


@pytest.mark.parametrize("name", variants())
def test_help_names_every_setting(name, monkeypatch, capsys):
    stem, variant = name.split(".")
    module = importlib.import_module(f"train.{stem}")
    monkeypatch.setattr(sys, "argv", [f"train.{stem}", variant, "--help"])
    monkeypatch.setattr(command, "start", lambda: None)
    with pytest.raises(SystemExit) as stopped:
        command.main(module.VARIANTS, module.train)
    assert stopped.value.code == 0
    shown = capsys.readouterr().out

    def flags(settings, prefix=""):
        for field in dataclasses.fields(settings):
            value = getattr(settings, field.name)
            if dataclasses.is_dataclass(value):
                yield from flags(value, f"{prefix}{field.name}.")
            else:
                yield f"--{prefix}{field.name}".replace("_", "-")

    missing = [flag for flag in flags(variants()[name]) if flag not in shown]
    assert not missing


def training(monkeypatch, *arguments):
    """The exit code of `python -m train ...`, without a new process."""
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    monkeypatch.setattr(command, "start", lambda: None)
    return command_line.main()


def test_list_has_every_training_command(monkeypatch, capsys):
    assert training(monkeypatch, "list") == 0
    shown = capsys.readouterr().out
    for name in variants():
        stem, variant = name.split(".")
        assert f"python -m train.{stem} {variant}" in shown
    assert next(iter(variants())) == "judge.mnist"  # the others are measured by it


@pytest.fixture
def linear(mnist, tmp_path, monkeypatch):
    folder = shutil.copytree(find("ladder.mnist-linear")[0], tmp_path / "ladder.mnist-linear")
    monkeypatch.setenv("ZOO_CHECKPOINTS", str(tmp_path))
    return folder


def alter(folder, change):
    facts = json.loads((folder / "metrics.json").read_text())
    change(facts)
    (folder / "metrics.json").write_text(json.dumps(facts))


def test_verify_passes_what_is_true(linear, monkeypatch, capsys):
    assert training(monkeypatch, "verify", "ladder.mnist-linear") == 0
    assert capsys.readouterr().out.splitlines()[-1].strip() == "passed"


def test_verify_finds_what_is_not(linear, monkeypatch, capsys):
    alter(linear, lambda facts: facts["metrics"][0].update(value=99.9))
    assert training(monkeypatch, "verify", "ladder.mnist-linear") == 1
    assert "DIFFERS" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda facts: facts["training"]["data_sha256"].update(test="0" * 64), "other data"),
        (lambda facts: facts["training"].update(weights_sha256="0" * 64), "not those that were measured"),
    ],
)
def test_verify_measures_nothing_but_these_weights_on_this_data(linear, monkeypatch, capsys, change, problem):
    alter(linear, change)
    assert training(monkeypatch, "verify", "ladder.mnist-linear") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ladder.mnist-linear:") and problem in line


def test_verify_names_an_absent_checkpoint(monkeypatch, capsys):
    assert training(monkeypatch, "verify", "vae.absent") == 2
    assert "No checkpoint 'vae.absent'. Have: " in capsys.readouterr().err
