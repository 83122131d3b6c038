"""Names of which one is chosen, and its letters: `names.js` and `names.css`. What is shown is `{"names", "at", "letters", "said"}`."""

from pathlib import Path
from typing import Any

from playground.components.adapters import Component

_HERE = Path(__file__).parent
SCRIPT, STYLE = ((_HERE / name).read_text("utf-8") for name in ("names.js", "names.css"))
NAMES = Component("names", SCRIPT, STYLE, "names", "choice")


def validate_name(choice: Any, names: int, others: list[int]) -> tuple[int, int | None]:
    """Return the number of the name that was chosen and None, or those of a letter and of one that could have stood there.

    Args:
        names: how many there are.
        others: how many other letters each letter of the chosen name has.

    Raises:
        ValueError: a browser of ours sends no such thing.
    """
    given = choice if isinstance(choice, dict) else {}
    at, letter, other = (given.get(key) for key in ("at", "letter", "other"))
    if type(at) is int and 0 <= at < names:
        return at, None
    if type(letter) is int and type(other) is int and 0 <= letter < len(others) and 0 <= other < others[letter]:
        return letter, other
    raise ValueError(
        f"a choice must be {{'at': a name}} or {{'letter': a place, 'other': a letter}}, not {choice!r:.60}"
    )
