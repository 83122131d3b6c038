"""`python -m zoo`, from the repository and from the wheel."""

import importlib
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zoo
import zoo.__main__ as command
from tests.forked import python
from zoo.checkpoint import family
from zoo.hub import find
from zoo.pictures import grid
from zoo.places import names

ROOT = Path(__file__).resolve().parents[2]
GENERATORS = [name for name in names() if family(name).TASK == "generate"]
WRITERS = [name for name in GENERATORS if family(name).MAKES == "text"]
SAMPLERS = [name for name in GENERATORS if family(name).MAKES == "picture"]
SPEAKERS = [name for name in GENERATORS if family(name).MAKES == "sound"]


@pytest.fixture
def call(monkeypatch, capsys):
    """Run `python -m zoo ...` without a new process: exit code, lines on stdout, lines on stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["zoo", *map(str, arguments)])
        code = command.main()
        out, err = capsys.readouterr()
        return code, out.splitlines(), err.splitlines()

    return run


def test_list_has_a_line_for_each(call):
    code, out, _ = call("list")
    assert code == 0
    assert [line.split()[0] for line in out] == names()
    assert all(" MB " in line for line in out)


@pytest.mark.parametrize("name", names())
def test_card_prints_the_card(call, name):
    code, out, _ = call("card", name)
    assert code == 0
    assert out[0] == "---" and f"# {name}" in out
    assert "\n".join(out).strip() == zoo.card(name).markdown().strip()


@pytest.mark.parametrize("name", SAMPLERS)
def test_sample_writes_what_python_draws(call, name, tmp_path):
    code, out, _ = call("sample", name, "--n", 12, "--seed", 3, "--out", tmp_path / "x.png")
    assert code == 0 and out == [f"{tmp_path / 'x.png'}: 12 pictures"]
    picture = np.asarray(Image.open(tmp_path / "x.png"))
    drawn = zoo.load(name).sample(12, seed=3)
    assert picture.shape[:2] == (2 * drawn.shape[2], 10 * drawn.shape[3])
    assert np.abs(picture - grid(drawn, 10).astype(int)).max() <= 1


@pytest.mark.parametrize("name", WRITERS)
def test_sample_prints_texts(call, name):
    code, out, _ = call("sample", name, "--n", 2, "--seed", 3, "--prompt", "an", "--temperature", 0.5)
    texts = zoo.load(name).sample(2, seed=3, prompt="an", temperature=0.5)
    assert code == 0 and "\n".join(out) == "\n\n".join("an" + text for text in texts)


@pytest.mark.parametrize("name", SPEAKERS[-1:])
def test_sample_says_words(call, name, tmp_path):
    model, out = zoo.load(name), tmp_path / "x.wav"
    code, told, _ = call("sample", name, "--n", 2, "--seed", 3, "--word", model.words[1], "--out", out)
    assert code == 0 and told == [f"{out}: 2 words"]
    _, frames = model.sample(2, seed=3, word=1)
    with wave.open(str(out)) as file:
        assert file.getparams()[:3] == (1, 2, 8000)
        assert file.getnframes() == sum(64 * (int(n) - 1) + command.PAUSE for n in frames)
    code, _, err = call("sample", name, "--word", "absent")
    assert code == 1 and model.words[0] in err[0]
    code, _, err = call("sample", name, "--n", 1, "--out", tmp_path / "x.mp3")
    assert code == 1 and "call it .wav" in err[0]


def test_check_names_every_checkpoint(call):
    code, out, _ = call("check")
    assert code == 0
    assert [line.split(":")[0] for line in out] == names()


BAD = [
    (["card", "vae.absent"], "No checkpoint 'vae.absent'. Have: "),
    (["check", "../judge.mnist"], "No checkpoint '../judge.mnist'. Have: "),
    (["sample", "nothing"], "No checkpoint 'nothing'. Have: "),
    (["sample", "judge.mnist"], "nothing to sample"),
    *((["sample", name, "--prompt", "x"], "leave --prompt out") for name in SAMPLERS[:1]),
    *((["sample", name, "--n", "0"], "at least 1") for name in SAMPLERS),
    *((["sample", name, "--seed", "-1"], "0 to 4294967295") for name in SAMPLERS),
    *((["sample", name, "--label", "10"], "0 to 9|leave --label out") for name in SAMPLERS),
    *((["sample", name, "--out", "absent/x.png"], "absent/x.png") for name in SAMPLERS[:1]),
    *((["sample", name, "--out", "x.nothing"], "nothing") for name in SAMPLERS[:1]),
]


@pytest.mark.parametrize(("arguments", "problem"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_mistakes_end_in_one_line(call, arguments, problem, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*arguments)
    assert code == 1 and out == []
    (line,) = err
    assert line.startswith("error: ")
    assert re.search(problem, line)
    assert not list(tmp_path.iterdir())


def test_the_module_runs_and_its_exit_code_counts():
    ran = subprocess.run(
        [sys.executable, "-m", "zoo", "check", "vae.absent"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 1 and ran.stdout == ""
    (line,) = ran.stderr.splitlines()
    assert line.startswith("error: No checkpoint 'vae.absent'")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked."""
    if not importlib.util.find_spec("build"):
        pytest.fail("the wheel needs `build`: pip install -e '.[test]'")
    folder = tmp_path_factory.mktemp("wheel")
    # Without hatchling at hand, pip fetches it into a room of its own.
    isolation = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", str(folder), str(ROOT)],
        cwd=folder, capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    if built.returncode and not isolation and os.environ.get("CI") != "true":
        pytest.skip("hatchling is neither installed nor to be had: pip install hatchling")
    assert built.returncode == 0, built.stdout[-1000:] + built.stderr[-1000:]
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as file:
        file.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_the_wheel_holds_the_package_alone(wheel):
    top = {path.name.split("-")[0] if path.name.endswith(".dist-info") else path.name for path in wheel.iterdir()}
    assert top == {"zoo", "pocket_zoo"}
    packed = {str(path.relative_to(wheel)) for path in (wheel / "zoo").rglob("*") if path.is_file()}
    assert packed == {str(path.relative_to(ROOT)) for path in (ROOT / "zoo").rglob("*.py")}


def test_the_wheel_finds_checkpoints_where_there_is_no_repository(wheel, tmp_path):
    name = "judge.mnist"
    folder = find(name)[0]
    shutil.copytree(folder, tmp_path / "mine" / name)
    shutil.copytree(folder, tmp_path / "cache" / "checkpoints" / name)
    script = (
        "import sys, zoo; from zoo import hub; print(zoo.__file__, zoo.names(), *[hub.find(n)[1] for n in zoo.names()])"
    )
    script += "; [zoo.load(n) for n in zoo.names()]"
    env = {key: value for key, value in os.environ.items() if not key.startswith("ZOO_")} | {"PYTHONPATH": str(wheel)}
    for extra, expected in (
        ({"ZOO_CHECKPOINTS": str(tmp_path / "mine"), "ZOO_CACHE": str(tmp_path)}, f"['{name}'] folder"),
        ({"ZOO_CACHE": str(tmp_path / "cache")}, f"['{name}'] cache"),
    ):
        ran = python("-c", script, cwd=tmp_path, env=env | extra)
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.strip() == f"{wheel / 'zoo' / '__init__.py'} {expected}"


ERRORS = """
import json, sys
import zoo.hugging_face
from zoo import data

said = [str(zoo.names())]
wishes = [lambda name=name: zoo.load(name) for name in ("vae.absent", "hf-hub:x", "local-dir:/absent")]
wishes += [lambda: zoo.hugging_face.pull("vae.absent"), lambda: zoo.hugging_face.push("vae.absent", "x"), lambda: data.module("absent")]
for name in data.names():
    said.append(data.remedy(name))
    if data.module(name).PROVENANCE.files and not data.module(name).PROVENANCE.url:
        wishes += [lambda name=name: data.get(name), lambda name=name: data.module(name).load("test")]
for wish in wishes:
    try:
        wish()
    except (ValueError, LookupError, OSError) as error:
        said.append(str(error))
print(json.dumps([len(wishes) + len(data.names()) + 1, said]))
"""


def test_what_the_wheel_advises_can_be_done_with_it(wheel, tmp_path):
    env = {key: value for key, value in os.environ.items() if not key.startswith("ZOO_")}
    env |= {"PYTHONPATH": str(wheel), "ZOO_CACHE": str(tmp_path)}
    ran = python("-c", ERRORS, cwd=tmp_path, env=env)
    assert ran.returncode == 0, ran.stderr
    expected, said = json.loads(ran.stdout)
    assert len(said) == expected and said[0] == "[]"
    for error in said:
        assert all((wheel / module.split(".")[0]).is_dir() for module in re.findall(r"python -m ([\w.]+)", error)), (
            error
        )
        assert "--text" not in error and "--images" not in error


ENCODINGS = ["ascii", "latin-1", "cp1252", "utf-8"]
PRINTED = [["card", "dcgan.mnist"], ["list"], ["data"]]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("arguments", PRINTED, ids=" ".join)
def test_any_terminal_shows_what_is_printed(monkeypatch, encoding, arguments):
    """Where its encoding lacks a letter, an escape stands for it: read back, all is as it was."""
    printed = {}
    monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
    monkeypatch.setattr(zoo.Card, "summary", "Größe, 東京 \udcff")  # the last: of a name that was never text
    monkeypatch.setattr(zoo.Card, "markdown", lambda self: "Größe, 東京 \udcff")
    for name in ("utf-16-le", encoding):
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), name))
        assert command.main() == 0
        sys.stdout.flush()
        printed[name] = sys.stdout.buffer.getvalue().decode(name)
    escaped = re.compile(r"\\(?:x(..)|u(....))")
    assert printed["utf-16-le"].strip()
    assert escaped.sub(lambda found: chr(int(found[1] or found[2], 16)), printed[encoding]) == escaped.sub(
        lambda found: chr(int(found[1] or found[2], 16)), printed["utf-16-le"]
    )


@pytest.mark.parametrize("module", ["train.__main__", "train.ladder", "playground.gradio_apps.__main__"])
def test_every_command_prints_on_any_terminal(monkeypatch, module):
    run = importlib.import_module(module)
    monkeypatch.setenv("LD_PRELOAD", "tcmalloc")  # so that the process is not started again
    monkeypatch.setattr(sys, "argv", [module, "--help"])
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    with pytest.raises(SystemExit) as ended:
        run.main(*([run.VARIANTS, run.train] if module == "train.ladder" else []))
    sys.stdout.flush()
    assert not ended.value.code and sys.stdout.errors == "backslashreplace" and sys.stdout.buffer.getvalue()
