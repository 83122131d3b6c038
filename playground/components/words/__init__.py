"""A text whose words can be left out, coloured by what they decided: `words.js` and `words.css`. What is shown is `{"parts", "most", "unit"}`."""

from pathlib import Path
from typing import Any

from playground.components.adapters import Component

_HERE = Path(__file__).parent
SCRIPT, STYLE = ((_HERE / name).read_text("utf-8") for name in ("words.js", "words.css"))
WORDS = Component("words", SCRIPT, STYLE, "words", "choice")


def validate_word(choice: Any, length: int) -> int:
    """Return the number of the word that was chosen, as a browser sends it; raise ValueError where there is none."""
    at = choice.get("at") if isinstance(choice, dict) else None
    if type(at) is not int or not 0 <= at < length:
        raise ValueError(f"a choice must be {{'at': a word from 0 to {length - 1}}}, not {choice!r:.60}")
    return at
