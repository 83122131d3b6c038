"""A demo as a Streamlit page: title line, stage with controls that live in links, row of actions, tabs."""

import inspect

import streamlit as st

from playground import markup, topics
from playground.catalogue import card
from playground.demo import Demo, Refused
from playground.hosts.streamlit_host.controls import Controls
from playground.hosts.streamlit_host.layout import Layout
from playground.hosts.streamlit_host.session import remember
from playground.hosts.streamlit_host.tabs import tabs


def page(topic: str) -> None:
    """Show a demo's page."""
    demo = topics.demo(topic)
    st.html(markup.head(demo.title, demo.term, demo.line, [card(name) for name in demo.shown()]))
    controls = Controls(topic, demo)
    stage = st.container()
    code = tabs(topic, demo)
    play = played if demo.stops else st.fragment(played)  # Streamlit does not interrupt a fragment
    with stage:
        play(demo, controls, code)


def played(demo: Demo, controls: "Controls", code) -> None:
    """Show a demo's stage: controls, slots, actions."""
    values = controls.values()
    remember(controls.page, controls.recipe())
    stage = Layout(demo, controls, values)

    def key() -> list:
        now = controls.values()
        return [now[name] for name, field in controls.fields.items() if field.kind != "state" or field.linked]

    def finish() -> None:
        controls.actions(lambda: demo.render(controls.values()), scale=demo.scale, exports=demo.exports)
        code.code(demo.code(controls.values()), wrap_lines=True)

    if demo.stops:  # what may be clicked while it goes on comes first
        finish()
    kept = st.session_state.get(f"stage of {controls.page}")
    try:
        if inspect.isgeneratorfunction(demo.stage) and kept and kept[0] == key():
            stage.fill(kept[1])
        else:
            shown = stage.run(demo.stage(values))
            if inspect.isgeneratorfunction(demo.stage):
                st.session_state[f"stage of {controls.page}"] = key(), shown
    except Refused as error:
        st.warning(str(error), icon=":material/info:")
    stage.finish()
    if not demo.stops:
        finish()
    stage.late()
