"""The demos, found by folder: each is a package under `demos/` whose `DEMO` says all of it."""

import gc
import importlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from playground.demo import GROUPS, Demo

FOLDER = Path(__file__).parent / "demos"


def names() -> list[str]:
    """Return the topics at hand."""
    return sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))


@lru_cache(maxsize=1)
def find() -> dict[str, Demo]:
    """Return every demo by its topic, by group and order."""
    found = {topic: demo(topic) for topic in names()}
    gc.collect()
    gc.freeze()  # Streamlit collects garbage after each run, for a tenth of a second where it looks through torch as well
    return dict(sorted(found.items(), key=lambda item: (GROUPS.index(item[1].group), item[1].order, item[0])))


def demo(topic: str) -> Demo:
    """Return a demo.

    Raises:
        ValueError: there is none of this name.
    """
    if topic not in names():
        raise ValueError(f"No demo {topic!r}. Have: {', '.join(names())}")
    return importlib.import_module(f"playground.demos.{topic}").DEMO


def static(topic: str) -> ModuleType | None:
    """Return what a demo's page without a server is made of; None where there is none."""
    name = f"playground.demos.{topic}.static"
    return importlib.import_module(name) if find_spec(name) else None
