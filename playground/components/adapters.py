"""What joins a component that gives one thing back to Streamlit and to Gradio.

Its script exports `mount(host, data, send)`, which returns `update(data)` and `destroy()`.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# Streamlit calls the module's default export at the first mount and again on every rerun, always with the same parent;
# what is mounted must outlive those calls, and the cleanup of an overtaken one.
_STREAMLIT = """
const mounted = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const host = parentElement.querySelector(".zoo-host");
  const entry = mounted.get(host) ?? {};
  mounted.set(host, entry);
  entry.call = (entry.call ?? 0) + 1;
  entry.send = (given) => setStateValue("OUTPUT", given);
  if (entry.view) entry.view.update(data);
  else entry.view = mount(host, data, (given) => entry.send(given));
  const { call } = entry;
  return () => {
    if (call !== entry.call) return;
    entry.view.destroy();
    mounted.delete(host);
  };
}
"""

# Gradio runs this as a function body.
_GRADIO = """
const host = element.querySelector(".zoo-host");
let view;
const send = (given) => {
  props.value = { OUTPUT: given }; // without what is shown, which may be large
  trigger("input");
};
const show = () => {
  const shown = props.value?.SHOWN; // null until the app has drawn
  if (shown && view) view.update(shown);
  else if (shown) view = mount(host, shown, send);
};
show();
watch("value", () => setTimeout(show));
"""


@dataclass(frozen=True)
class Component:
    """A component: its script, its style, and what goes in and out under which name."""

    name: str
    script: str
    style: str
    shown: str
    output: str
    html = '<div class="zoo-host"></div>'

    @cached_property
    def streamlit(self):
        """The component as Streamlit's, made once a process: call it with `key`, `data` and `on_<output>_change`."""
        import streamlit as st

        script = self.script + _STREAMLIT.replace("OUTPUT", self.output)
        return st.components.v2.component(f"zoo_{self.name}", html=self.html, css=self.style, js=script)

    def gradio(self, shown: Any):
        """Make it as a `gr.HTML` whose value holds what is shown and what was given back, None at first.

        An event gets what was given back alone.
        """
        import gradio as gr

        script = _GRADIO.replace("SHOWN", self.shown).replace("OUTPUT", self.output)
        made = gr.HTML(
            value={self.shown: shown, self.output: None},
            html_template=self.html,
            css_template=self.style,
            js_on_load=re.sub(r"^export ", "", self.script, flags=re.MULTILINE) + script,
            apply_default_css=False,
        )
        # On the instance: a subclass of a Gradio component makes Gradio write a .pyi beside this file.
        made.preprocess = lambda payload: (  # type: ignore[method-assign]
            payload.get(self.output) if isinstance(payload, dict) else None
        )
        return made
