"""Processes forked from one that has imported torch: `python -c` and `python -m` without the seconds that this import takes.

Imports nothing but what Python brings, for what is imported here is there for the processes as well.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["torch", "tests.forked"])


def start(function, *arguments) -> multiprocessing.Process:
    """Start a process that calls a function."""
    process = CONTEXT.Process(target=function, args=arguments)
    # It would begin by importing what is the main module here: after a test of a page that is the page.
    with patch.dict(sys.modules, __main__=ModuleType("__main__")):
        process.start()
    return process


def python(*arguments: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess:
    """Run `python -c CODE ...` or `python -m MODULE ...` to its end: its exit code, and what it wrote to stdout and stderr."""
    with tempfile.TemporaryDirectory() as folder:
        written = [Path(folder) / name for name in ("out", "err")]
        process = start(_begin, arguments, str(cwd), env, *map(str, written))
        process.join()
        return subprocess.CompletedProcess(arguments, process.exitcode, *(path.read_text() for path in written))


def redirect(*files: str) -> None:
    """Write stdout, and stderr, to files, line by line."""
    for number, name in enumerate(files, 1):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    sys.stdout.reconfigure(line_buffering=True)


def _begin(arguments: tuple[str, ...], cwd: str, env: dict[str, str], out: str, err: str) -> None:
    redirect(out, err)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    os.environ.setdefault("LD_PRELOAD", "tcmalloc")  # a training starts itself again under it, and this process cannot
    brought = [
        path for path in sys.path if Path(path).is_relative_to(sys.base_prefix) or Path(path).is_relative_to(sys.prefix)
    ]
    sys.path[:] = [cwd, *filter(None, env.get("PYTHONPATH", "").split(os.pathsep)), *brought]
    kind, what, *rest = arguments
    sys.argv[:] = [kind, *rest]
    if kind == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(what, {"__name__": "__main__"})
