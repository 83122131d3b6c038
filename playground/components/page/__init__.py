"""A page of text whose characters can be chosen: `page.js` and `page.css`. What is shown is `{"text", "from", "selected", "to", "bits"}`."""

from pathlib import Path
from typing import Any

from playground.components.adapters import Component

_HERE = Path(__file__).parent
SCRIPT, STYLE = ((_HERE / name).read_text("utf-8") for name in ("page.js", "page.css"))
PAGE = Component("page", SCRIPT, STYLE, "page", "choice")


def validate_choice(choice: Any, length: int) -> int:
    """Return the place of the character that was chosen, as a browser sends it; raise ValueError where there is none."""
    at = choice.get("at") if isinstance(choice, dict) else None
    if type(at) is not int or not 0 <= at < length:
        raise ValueError(f"a choice must be {{'at': a place from 0 to {length - 1}}}, not {choice!r:.60}")
    return at
