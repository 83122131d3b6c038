"""A Space's app where only its own files, and the distributions that its requirements lead to, can be imported.

Imports nothing but what Python brings, for what is imported here is there for the Space as well.
"""

import importlib.metadata
import os
import re
import runpy
import sys
from pathlib import Path

from tests import forked


def distributions(requirements: str) -> set[str]:
    """Return what pinned requirements install, with all that those need."""
    allowed: set[str] = set()
    waiting = [*re.findall(r"^([\w-]+)==", requirements, re.MULTILINE), "setuptools", "triton"]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in allowed:
            continue
        allowed.add(name)
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        waiting += [re.match(r"[\w.-]+", need)[0] for need in needs if "extra ==" not in need]
    return allowed


class Alone:
    """A finder that finds no module of a distribution that is not allowed."""

    def __init__(self, finder, refused: set[str]):
        self.finder, self.refused = finder, refused

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        """Find a module's spec as the finder does, unless it is refused."""
        return None if name.partition(".")[0] in self.refused else self.finder.find_spec(name, path, target)


def run(folder: str, home: str, log: str) -> None:
    """Run a Space's app.py until it is ended; what it prints goes to a file."""
    forked.redirect(log, log)
    os.chdir(folder)
    os.environ.update(HOME=home, ZOO_DATA="")
    sys.path[:] = [folder, *(p for p in sys.path if p and not (Path(p) / "zoo").is_dir())]
    sys.argv[:] = ["app.py"]
    allowed = distributions(Path("requirements.txt").read_text())
    owners = importlib.metadata.packages_distributions()
    refused = {
        module
        for module, names in owners.items()
        if not allowed & {re.sub(r"[-_.]+", "-", name).lower() for name in names}
    } - {"zoo", "playground"}  # the folder's own
    assert "streamlit" in refused and not sys.modules.keys() & {"streamlit", "zoo", "playground"}
    sys.meta_path[:] = [Alone(finder, refused) for finder in sys.meta_path]
    runpy.run_path("app.py", run_name="__main__")
