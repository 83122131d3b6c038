"""What a demo's page without a server is made of: `PAGE` in the demo's `static.py`, its script in `page.js` beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SAME = "A seed gives the same picture as in the app: the noise is the same to the last bit."


@dataclass(frozen=True)
class StaticPage:
    """Files and facts that a browser needs in place of a server."""

    export: Callable[[Path], dict[str, Any]]
    """writes models into a folder and returns the facts that the page's script reads; 'fields' among them changes what fields say"""
    models: Callable[[], list[str]] | None = None
    """those of the demo's models that are on it; all, unless given"""
    components: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    """of this folder"""
    without: Mapping[str, str] = field(default_factory=dict)
    """fields, buttons and slots that need a server, and why: the page says so"""
    seeds: str = SAME
    """what a seed gives here"""
    runtime: bool = True
    """whether it runs networks"""
