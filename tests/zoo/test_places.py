"""Where checkpoints and data are looked for: no home folder, `~`, folders of any name, cards of other weights."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import zoo
import zoo.__main__ as command
from train.core import command as training
from train.ladder import VARIANTS
from zoo import checkpoint
from zoo.checkpoint import CheckpointError
from zoo.hub import find

ROOT = Path(__file__).resolve().parents[2]
NAME = "ladder.mnist-linear"
# No HOME, and a user without a name or an entry, as in containers that run as any number.
NOBODY = (
    "import os, pwd, runpy, sys\ndef none(*a): raise KeyError('no such user')\npwd.getpwuid = pwd.getpwnam = none\n"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package as a wheel has it: no repository around it."""
    return shutil.copytree(ROOT / "zoo", tmp_path_factory.mktemp("wheel") / "zoo").parent


def nobody(code, package, folder, *arguments, **environment):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ZOO_") and key != "HOME"}
    env = kept | {"PYTHONPATH": str(package), "HF_HUB_OFFLINE": "1"} | environment
    return subprocess.run(
        [sys.executable, "-c", NOBODY + code, *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )


WITHOUT_HOME = {
    "list": (["list"], {}, 0, "linear"),
    "list of none": (["list"], {"ZOO_CHECKPOINTS": ""}, 0, ""),
    "check": (["check", NAME], {}, 0, "within"),
    "card": (["card", NAME], {}, 0, NAME),
    "data": (["data"], {}, 0, "MNIST"),
    "a checkpoint that is nowhere": (["check", "vae.absent"], {}, 1, "set ZOO_CHECKPOINTS"),
    "data to be fetched": (["data", "get", "shakespeare"], {}, 1, "set ZOO_CACHE to a folder"),
    "a Hub's repository": (["check", "hf-hub:a/b"], {}, 1, "set ZOO_CACHE to a folder"),
    "a cache that cannot be made": (["data", "get", "shakespeare"], {"ZOO_CACHE": "/dev/null/x"}, 1, "set ZOO_CACHE to a folder of your own"),
    "~ in a variable": (["list"], {"ZOO_CHECKPOINTS": "~/x"}, 1, "write the path out"),
    "~ in a folder": (["check", "local-dir:~/x"], {}, 1, "write the path out"),
}  # fmt: skip


# Every case in one process: exit codes, what was printed, what was an error.
CASES = """
import contextlib, io, json, traceback
import zoo.__main__
said, place = {}, os.environ["ZOO_CHECKPOINTS"]
for name, (arguments, more) in json.loads(sys.argv[1]).items():
    os.environ.update({"ZOO_CHECKPOINTS": place, "ZOO_CACHE": "", **more})
    sys.argv, out, err = ["zoo", *arguments], io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = zoo.__main__.main()
        except BaseException:
            code = traceback.format_exc()
    said[name] = [code, out.getvalue(), err.getvalue()]
print(json.dumps(said))
"""


@pytest.fixture(scope="module", params=["repository", "wheel"])
def without_home(request, wheel, tmp_path_factory):
    """What the command line says to somebody without a home, of each case; it leaves nothing where it was called."""
    package, folder = ROOT if request.param == "repository" else wheel, tmp_path_factory.mktemp("nowhere")
    cases = json.dumps({name: case[:2] for name, case in WITHOUT_HOME.items()})
    done = nobody(CASES, package, folder, cases, ZOO_CHECKPOINTS=str(ROOT / "checkpoints"))
    assert done.returncode == 0, done.stderr[-2000:]
    assert not list(folder.iterdir())
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", WITHOUT_HOME)
def test_no_home_is_needed_and_named_where_it_would_be(without_home, case):
    (*_, wanted, said), (code, out, err) = WITHOUT_HOME[case], without_home[case]
    assert code == wanted and said in (err if code else out)
    assert len(err.splitlines()) == code


def test_without_home_a_model_is_saved_where_it_is_told(wheel, tmp_path):
    code = f"import zoo\nmodel = zoo.load({NAME!r})\n"
    environment = {"ZOO_CHECKPOINTS": str(ROOT / "checkpoints")}
    saved = nobody(
        code + "from pathlib import Path\nprint(zoo.save(model, 'ladder.x', folder=Path('.')))", wheel, tmp_path, **environment
    )  # fmt: skip
    assert saved.returncode == 0, saved.stderr
    none = "import zoo\ntry: zoo.save(None, 'ladder.x')\nexcept ValueError as error: print(error)"
    assert "set ZOO_CHECKPOINTS to one" in nobody(none, wheel, tmp_path).stdout


def test_training_needs_no_home(tmp_path):
    (tmp_path / "letters.txt").write_text("Dear friend, the sea was calm today.\n" * 300)
    short = ["--epochs", "1", "--batch-size", "32", "--model.window", "64", "--model.layers", "1", "--model.heads", "2"]
    short += [
        "--model.width",
        "8",
        "--snapshots",
        "0",
        "--text",
        "letters.txt",
        "--runs",
        "runs",
        "--checkpoints",
        "out",
    ]
    cheap = "from train import char_gpt\nfrom functools import partial\n"
    cheap += "char_gpt.random_windows = partial(char_gpt.random_windows, batches=1)\nfrom train.core import command\n"
    run = f"sys.argv = ['train.char_gpt', 'shakespeare', *{short!r}]\ncommand.main(char_gpt.VARIANTS, char_gpt.train)"
    done = nobody(cheap + run, ROOT, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "out" / "char_gpt.letters" / "metrics.json").exists()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with a checkpoint, under other names."""
    source = find(NAME)[0]
    shutil.copytree(source, tmp_path / f"{NAME} (1)")
    shutil.copytree(source, tmp_path / "0123456789abcdef")
    shutil.copytree(source, tmp_path / "vae.mnist-cnn")  # another's name
    (tmp_path / "latest").symlink_to(tmp_path / "0123456789abcdef")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "0123456789abcdef")
    return tmp_path


FOLDERS = [".", "./", "", "../latest", f"../{NAME} (1)", f"~/{NAME} (1)", "~/latest/", "../vae.mnist-cnn", "../latest/../latest"]  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_of_any_name_is_a_checkpoint(home, folder, monkeypatch, capsys):
    name = f"local-dir:{folder}"
    assert zoo.load(name).config == zoo.load(NAME).config
    card = zoo.card(name)
    assert (card.name, card.family, card.variant, card.sha256) == (
        NAME,
        "ladder",
        "mnist-linear",
        zoo.card(NAME).sha256,
    )
    assert zoo.extras(name) == {}
    for arguments, said in ((["check", name], "within"), (["card", name], f"# {NAME}")):
        monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
        assert command.main() == 0 and said in capsys.readouterr().out


def test_a_folder_of_any_name_is_sampled(tmp_path, monkeypatch, capsys):
    shutil.copytree(find("cvae.mnist")[0], tmp_path / "clone (2)")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["zoo", "sample", "local-dir:~/clone (2)", "--label", "3", "--out=~/x.png"])
    assert command.main() == 0 and (tmp_path / "x.png").exists(), capsys.readouterr().err


@pytest.mark.parametrize("said", ["../x", "..", "", "vae", 3, None, ["vae.x"], "os.path\0", "VAE.X"])
def test_a_folder_whose_config_names_no_checkpoint_is_refused(home, said):
    path = home / "latest" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "name": said}))
    with pytest.raises(CheckpointError, match="is no checkpoint's name"):
        zoo.load("local-dir:~/latest")


@pytest.mark.parametrize("variable", ["ZOO_CHECKPOINTS", "ZOO_CACHE", "ZOO_DATA"])
def test_a_variable_may_begin_with_a_tilde(variable, tmp_path, monkeypatch):
    for other in ("ZOO_CHECKPOINTS", "ZOO_CACHE", "ZOO_DATA"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, "~/mine")
    below = {"ZOO_CHECKPOINTS": "", "ZOO_CACHE": "checkpoints", "ZOO_DATA": ""}[variable]
    shutil.copytree(find(NAME)[0], tmp_path / "mine" / below / "ladder.mine")
    (tmp_path / "mine" / "novel.txt").write_text("x")
    if variable == "ZOO_DATA":
        assert zoo.data.find("novel.txt") == tmp_path / "mine" / "novel.txt"
    else:
        assert "ladder.mine" in zoo.names()


def test_a_training_is_told_its_paths_with_a_tilde_and_its_errors_end_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(training, "start", lambda: None)
    monkeypatch.setattr(sys, "argv", ["train.ladder", "mnist-linear", "--runs=~/runs"])
    told = []

    def train(variant, settings):
        told.append(settings.runs)
        raise ValueError("say it otherwise")

    with pytest.raises(SystemExit) as stopped:
        training.main(VARIANTS, train)
    assert told == [tmp_path / "runs"] and stopped.value.code == "error: say it otherwise"


# Cards of other weights


def test_a_card_of_other_weights_says_so(tmp_path, monkeypatch, capsys):
    from playground.demo import Words
    from playground.panels import measured

    folder = shutil.copytree(find(NAME)[0], tmp_path / NAME)
    assert not zoo.card(NAME).doubt
    monkeypatch.setenv("ZOO_CHECKPOINTS", str(tmp_path))
    weights = checkpoint.read(folder)
    weights.requires_grad_(False)
    next(iter(weights.parameters())).add_(0.5)
    other = checkpoint.write(tmp_path / "other" / NAME, weights)
    os.replace(other / "model.safetensors", folder / "model.safetensors")  # as a kill left it, in versions before
    said = zoo.card(NAME).doubt
    assert zoo.card(NAME).sha256[:12] in said and zoo.card(NAME).training["weights_sha256"][:12] in said
    for arguments in (["card", NAME], ["list"]):
        monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
        assert command.main() == 0 and said in capsys.readouterr().out
    monkeypatch.setattr("playground.panels.card", zoo.card)
    assert any(isinstance(part, Words) and said in part.text for part in measured(NAME))
