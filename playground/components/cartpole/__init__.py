"""The carts: `cartpole.js`, `scene.js`, `physics.js` and `cartpole.css`, with thin adapters for Streamlit and Gradio.

What to show is a dict that `scene` makes; all that moves is computed in the browser. Only how a race ended comes back:
`{"you": steps, "agent": steps}`. The adapters import their framework when called, so neither needs the other.
"""

import re
from collections.abc import Callable
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


def streamlit_cartpole(key: str, scene: dict[str, Any], on_score: Callable[[dict[str, int]], None]) -> None:
    """Show the carts; call `on_score` with a race's end, before the page runs again."""
    import streamlit as st

    widget = f"{key}.carts"

    def receive():
        try:
            score = validate_score(dict(st.session_state[widget].get("score") or {}))
        except ValueError:
            return  # our script sends no such thing
        on_score(score)

    CARTS.streamlit(key=widget, data=scene, on_score_change=receive)


def gradio_cartpole(scene: dict[str, Any]):
    """Make the carts as a `gr.HTML` whose value is `{"scene": what to show, "score": a race's end or None}`."""
    import gradio as gr

    carts = CARTS.gradio(scene)

    # On the instance: a subclass of a Gradio component makes Gradio write a .pyi beside this file.
    def preprocess(payload):
        try:
            score = (payload or {}).get("score")
            return {"score": validate_score(score) if score else None}
        except (ValueError, AttributeError) as error:
            raise gr.Error(f"This score cannot be read: {error}.") from error

    carts.preprocess, carts.postprocess = preprocess, lambda value: value
    return carts
