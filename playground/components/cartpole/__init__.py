"""The carts: `cartpole.js`, `scene.js`, `physics.js` and `cartpole.css`.

What to show is a dict that the demo's `scene` makes; all that moves is computed in the browser. Only how a race ended comes
back: `{"you": steps, "agent": steps}`.
"""

import re
from pathlib import Path
from typing import Any

from playground.components.adapters import Component

MODES = ("watch", "push", "race", "inside")
LIMIT = 500  # steps of an episode

_HERE = Path(__file__).parent
# One file for hosts that take only one: what is imported comes before what imports it.
SCRIPT = re.sub(
    r"^import .*\n",
    "",
    "\n".join((_HERE / name).read_text("utf-8") for name in ("physics.js", "scene.js", "cartpole.js")),
    flags=re.MULTILINE,
)
STYLE = (_HERE / "cartpole.css").read_text("utf-8")
CARTS = Component("cartpole", SCRIPT, STYLE, "scene", "score")


def validate_score(score: Any) -> dict[str, int]:
    """Return a race's end `{"you", "agent"}` as a browser sends it; raise ValueError where it is not two counts of 0 to 500."""
    if not isinstance(score, dict) or set(score) != {"you", "agent"}:
        raise ValueError("a score must be {'you': steps, 'agent': steps}")
    for steps in score.values():
        if type(steps) is not int or not 0 <= steps <= LIMIT:
            raise ValueError(f"a score's steps must be whole numbers from 0 to {LIMIT}, not {steps!r:.40}")
    return score
