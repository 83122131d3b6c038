"""The demos, found by folder: each is a package whose `DEMO` says all of it, without any interface."""

import importlib
from functools import lru_cache
from pathlib import Path

from playground.demo import GROUPS, Demo

FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def find() -> dict[str, Demo]:
    """Return every demo by its topic, by group and order."""
    topics = []
    for path in FOLDER.glob("*/__init__.py"):  # TEMPORARY: unconverted demos are left out
        try:
            importlib.import_module(f"playground.demos.{path.parent.name}")
            topics.append(path.parent.name)
        except ImportError:
            pass
    found = {topic: demo(topic) for topic in topics if hasattr(importlib.import_module(f"playground.demos.{topic}"), "DEMO")}
    return dict(sorted(found.items(), key=lambda item: (GROUPS.index(item[1].group), item[1].order, item[0])))


def demo(topic: str) -> Demo:
    """Return a demo.

    Raises:
        ValueError: there is none of this name.
    """
    if not (FOLDER / topic / "__init__.py").is_file() or not topic.isidentifier():
        raise ValueError(
            f"No demo {topic!r}. Have: {', '.join(sorted(path.parent.name for path in FOLDER.glob('*/__init__.py')))}"
        )
    return importlib.import_module(f"playground.demos.{topic}").DEMO
