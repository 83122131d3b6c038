"""A page of text whose characters can be chosen: `page.js` and `page.css`, with thin adapters for Streamlit and Gradio."""

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
SCRIPT, STYLE = ((_HERE / name).read_text("utf-8") for name in ("page.js", "page.css"))
_HTML = '<div class="zoo-page-host"></div>'

# Streamlit calls the module's default export at the first mount and again on every rerun, always with the same parent.
_STREAMLIT = """
const pages = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const host = parentElement.querySelector(".zoo-page-host");
  const entry = pages.get(host) ?? {};
  pages.set(host, entry);
  entry.call = (entry.call ?? 0) + 1;
  entry.send = (choice) => setStateValue("choice", choice);
  if (entry.page) entry.page.update(data);
  else entry.page = mount(host, data, (choice) => entry.send(choice));
  const { call } = entry;
  return () => {
    if (call !== entry.call) return;
    entry.page.destroy();
    pages.delete(host);
  };
}
"""

# Gradio runs this as a function body.
_GRADIO = """
const host = element.querySelector(".zoo-page-host");
const page = mount(host, props.value.page, (choice) => {
  props.value = { ...props.value, choice };
  trigger("input");
});
watch("value", () => setTimeout(() => page.update(props.value.page)));
"""


def validate_choice(choice: Any, length: int) -> int:
    """Return the place of the character that was chosen, as a browser sends it; raise ValueError where there is none."""
    at = choice.get("at") if isinstance(choice, dict) else None
    if type(at) is not int or not 0 <= at < length:
        raise ValueError(f"a choice must be {{'at': a place from 0 to {length - 1}}}, not {choice!r:.60}")
    return at


@lru_cache(maxsize=1)
def _streamlit_component():
    import streamlit as st

    return st.components.v2.component("zoo_page", html=_HTML, css=STYLE, js=SCRIPT + _STREAMLIT)


def streamlit_page(key: str, page: dict[str, Any], on_choice: Callable[[int], None]) -> None:
    """Show a text `{"text", "from", "selected", "bits"}`; call `on_choice` with the place of the character that was chosen."""
    import streamlit as st

    widget = f"{key}.page"

    def receive():
        try:
            on_choice(validate_choice(dict(st.session_state[widget].get("choice") or {}), len(page["text"])))
        except ValueError:
            return  # our script sends no such thing

    _streamlit_component()(key=widget, data=page, on_choice_change=receive)


def gradio_page(page: dict[str, Any]):
    """Make the page as a `gr.HTML` whose value is `{"page": what to show, "choice": {"at": place} or None}`."""
    import gradio as gr

    shown = gr.HTML(
        value={"page": page, "choice": None},
        html_template=_HTML,
        css_template=STYLE,
        js_on_load=re.sub(r"^export ", "", SCRIPT, flags=re.MULTILINE) + _GRADIO,
        apply_default_css=False,
    )
    # On the instance: a subclass of a Gradio component makes Gradio write a .pyi beside this file.
    shown.preprocess, shown.postprocess = lambda payload: payload or {}, lambda value: value
    return shown
