"""A page of text whose characters can be chosen: `page.js` and `page.css`, with thin adapters for Streamlit and Gradio."""

from collections.abc import Callable
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


def streamlit_page(key: str, page: dict[str, Any], on_choice: Callable[[int], None]) -> None:
    """Show a text `{"text", "from", "selected", "bits"}`; call `on_choice` with the place of the character that was chosen."""
    import streamlit as st

    widget = f"{key}.page"

    def receive():
        try:
            on_choice(validate_choice(dict(st.session_state[widget].get("choice") or {}), len(page["text"])))
        except ValueError:
            return  # our script sends no such thing

    PAGE.streamlit(key=widget, data=page, on_choice_change=receive)


def gradio_page(page: dict[str, Any]):
    """Make the page as a `gr.HTML` whose value is `{"page": what to show, "choice": {"at": place} or None}`."""
    shown = PAGE.gradio(page)
    # On the instance: a subclass of a Gradio component makes Gradio write a .pyi beside this file.
    shown.preprocess, shown.postprocess = lambda payload: payload or {}, lambda value: value
    return shown
