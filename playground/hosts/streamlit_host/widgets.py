"""A field as a Streamlit widget, a button as what is pressed."""

from typing import Any

import streamlit as st

from playground import markup
from playground.components.canvas import streamlit_canvas, under
from playground.demo import Button
from playground.fields import Field, Values
from playground.hosts.streamlit_host.controls import Controls
from playground.hosts.streamlit_host.look import ink


def widget(controls: Controls, name: str, values: Values) -> None:
    """Show a control's widget, or a button, unless the other values hide it."""
    if name in controls.buttons:
        _button(controls, name, controls.buttons[name], values)
    elif controls.fields[name].when(values):
        WIDGETS[controls.fields[name].kind](controls, name, controls.fields[name], values)


def _button(controls: Controls, name: str, button: Button, values: Values) -> None:
    if not button.when(values):
        return
    key = f"{controls.page} {name}"
    if button.options is None:
        icon = f":material/{button.icon}:" if button.icon else None
        told: dict[str, Any] = {"key": key, "icon": icon, "help": button.help or None}
        if not button.busy:
            st.button(button.label, **told, on_click=controls.press, args=(name,))
        elif st.button(button.label, **told):  # within the run, where a spinner can be shown
            with st.spinner(button.busy):
                controls.press(name)
            if f"{key} refused" not in st.session_state:
                st.rerun()
    elif options := button.options(values):

        def press() -> None:
            if option := st.session_state[key]:
                st.session_state[key] = None
                controls.press(name, option)

        st.pills(
            button.label, list(options), format_func=options.get, key=key, help=button.help or None,
            on_change=press, wrap=True,
        )  # fmt: skip
    if refused := st.session_state.pop(f"{key} refused", None):
        st.warning(refused, icon=":material/info:")


def _choice(controls: Controls, name: str, field: Field, values: Values) -> None:
    told = {
        "format_func": lambda option: field.called(option, values), "key": controls.key(name),
        "help": field.help or None, "label_visibility": "collapsed" if field.look == "bare" else "visible",
    }  # fmt: skip
    options = field.allowed(values)
    if values[name] not in options:
        controls.set(name, options[0])
    if field.look == "list":
        st.selectbox(field.label, options, **told)
    else:
        st.segmented_control(field.label, options, required=True, wrap=True, **told)


def _switch(controls: Controls, name: str, field: Field, values: Values) -> None:
    st.toggle(field.label, key=controls.key(name), help=field.help or None)


def _integer(controls: Controls, name: str, field: Field, values: Values) -> None:
    told: dict[str, Any] = {"key": controls.key(name), "help": field.help or None}
    low, high = int(field.low), int(field.high)
    if field.names:
        st.select_slider(field.label, range(low, high + 1), format_func=lambda value: field.names[value - low], **told)
    elif field.look == "typed":
        st.number_input(field.label, low, high, step=1, width=220, **told)
    else:
        if field.end:
            high, ended = int(field.end(values)), f"{controls.page}.{name} ends"
            if (
                st.session_state.get(ended) != high or controls.get(name) > high
            ):  # a slider with another end begins at its low end
                st.session_state[ended] = high
                controls.set(name, min(controls.get(name), high))
        unit = f"%d {field.unit.replace('%', '%%')}" if field.unit else None
        st.slider(field.label, low, high, step=int(field.step), format=unit, **told)


def _number(controls: Controls, name: str, field: Field, values: Values) -> None:
    st.slider(field.label, field.low, field.high, step=field.step, key=controls.key(name), help=field.help or None)


def _numbers(controls: Controls, name: str, field: Field, values: Values) -> None:
    def slider(i: int) -> None:
        label = f"{field.label} {i + 1}"
        ends = field.ends(i, values) if field.ends else None
        if ends is None:
            st.slider(label, field.low, field.high, step=field.step, key=controls.key(name, i))
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{name}-{i}"):
            shown = [markup.picture(x, f"{label}: its {side} end", ink(), scale=1) for x, side in zip(ends, ("low", "high"), strict=True)]  # fmt: skip
            st.html(shown[0], width=36)
            st.slider(label, field.low, field.high, step=field.step, key=controls.key(name, i), label_visibility="collapsed")  # fmt: skip
            st.html(shown[1], width=36)

    if field.help:
        st.caption(field.help)
    for i in range(field.first):
        slider(i)
    rest = range(field.first, field.most)
    with st.expander(f"More: {field.label.lower()} {rest[0] + 1} to {rest[-1] + 1}") if field.first and rest else st.container():  # fmt: skip
        for i in rest:
            slider(i)


def _text(controls: Controls, name: str, field: Field, values: Values) -> None:
    told: dict[str, Any] = {"key": controls.key(name), "max_chars": field.most, "help": field.help or None}
    if field.lines > 1:
        typed = st.text_area(field.label, height=34 * field.lines, **told)
    else:
        typed = st.text_input(field.label, **told)
    if problem := controls.problem(name, typed):
        st.warning(problem, icon=":material/edit_off:")


def _strokes(controls: Controls, name: str, field: Field, values: Values) -> None:
    lines = field.handles(values) if field.handles else None
    with st.container(key=f"pad-{name}"):
        if field.under:
            st.html(under(f".st-key-pad-{name}", field.under(values)))
        streamlit_canvas(controls.key(name), label=field.label, lines=lines, **field.look_of_pad)
    if field.help:
        st.caption(field.help)


def _file(controls: Controls, name: str, field: Field, values: Values) -> None:
    st.file_uploader(
        f"{field.label}, up to {field.most // 2**20} MB", type=list(field.types), key=controls.key(name),
        help=field.help or None,
    )  # fmt: skip


def _sound(controls: Controls, name: str, field: Field, values: Values) -> None:
    def last(which: str) -> None:
        st.session_state[f"{key} last"] = which

    key = controls.key(name)
    st.audio_input(field.label, key=key, help=field.help or None, on_change=last, args=(key,))
    st.file_uploader(
        f"Or a file, up to {field.most // 2**20} MB", type=list(field.types), key=f"{key} file", on_change=last, args=(f"{key} file",)
    )  # fmt: skip


WIDGETS = {
    "choice": _choice, "switch": _switch, "integer": _integer, "number": _number, "numbers": _numbers, "text": _text,
    "strokes": _strokes, "file": _file, "sound": _sound,
}  # fmt: skip
