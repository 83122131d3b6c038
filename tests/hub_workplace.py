"""A copy of the package, with checkpoints and a cache of its own, whose Python talks to the small Hub of `tests/fake_hub.py`."""

import os
import shutil
from pathlib import Path

from tests.fake_hub import TOKEN, FakeHub
from tests.forked import python

ROOT = Path(__file__).resolve().parents[1]
NAME = "cvae.mnist"


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
        "HF_HOME": str(place / "hf"), "ZOO_CACHE": str(place / "cache"), "PYTHONPATH": str(place), **environment,
    }  # fmt: skip
    done = python(*arguments, cwd=place, env=env)
    assert (done.returncode != 0) == fails, done.stdout[-2000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    return done.stderr if fails else done.stdout
