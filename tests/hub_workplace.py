"""A copy of the package, with checkpoints and a cache of its own, whose Python talks to the small Hub of `tests/fake_hub.py`."""

import multiprocessing
import os
import runpy
import shutil
import sys
from pathlib import Path

from tests.fake_hub import TOKEN, FakeHub

ROOT = Path(__file__).resolve().parents[1]
NAME = "cvae.mnist"
STREAMS = ("out", "err")
CONTEXT = multiprocessing.get_context(
    "forkserver"
)  # each process is forked from one that has imported torch, and nothing else
CONTEXT.set_forkserver_preload(["torch", "safetensors.torch", "PIL.Image", "scipy"])


def workplace_at(place: Path) -> Path:
    """A copy of the package, whose pins may be written, with two checkpoints beside it."""
    shutil.copytree(ROOT / "zoo", place / "zoo", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(place / "zoo" / "pins", ignore_errors=True)
    (place / "pyproject.toml").write_text("")
    for name in (NAME, "judge.mnist"):
        shutil.copytree(ROOT / "checkpoints" / name, place / "checkpoints" / name)
    return place


def call(server: FakeHub, place: Path, *arguments: str, fails: bool = False, **environment: str) -> str:
    """Run Python, `-m MODULE ...` or `-c CODE ...`, in a workplace with the Hub's address; return what it printed, or its error."""
    env = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("HF_", "ZOO_"))},
        "HF_ENDPOINT": server.address, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_TOKEN": TOKEN,
        "HF_HOME": str(place / "hf"), "ZOO_CACHE": str(place / "cache"), **environment,
    }  # fmt: skip
    process = CONTEXT.Process(target=_run, args=(place, env, arguments))
    process.start()
    process.join(300)
    if process.exitcode is None:
        process.kill()
    out, err = (place.with_name(f"{place.name}.{stream}").read_text("utf-8") for stream in STREAMS)
    assert process.exitcode is not None and (process.exitcode != 0) == fails, out[-2000:] + err[-3000:]
    assert "Traceback" not in err, err[-3000:]
    return err if fails else out


def _run(place: Path, env: dict[str, str], arguments: tuple[str, ...]) -> None:
    """Be a new Python, in a process that has what takes long to import and nothing of ours."""
    assert not {"zoo", "huggingface_hub"} & set(sys.modules)
    for number, stream in enumerate(STREAMS, 1):
        os.dup2(os.open(place.with_name(f"{place.name}.{stream}"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(place)
    sys.path.insert(0, str(place))
    kind, what, *sys.argv[1:] = arguments
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
