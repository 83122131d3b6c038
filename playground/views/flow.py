"""Flow, there and back: A digit becomes noise and comes back exactly; how likely is your drawing?

group: Digits
icon: :material/swap_horiz:
order: 4
"""

import numpy as np
import streamlit as st

from playground import markup, panels, shell
from playground.components.canvas import streamlit_canvas
from playground.demos import flow
from zoo.nn import MAX_SEED
from zoo.pictures import sheet

MODELS = flow.checkpoints()
shell.head("Flow, there and back", "A digit becomes noise and comes back exactly; how likely is your drawing?", MODELS)
controls = shell.Controls("flow", flow.fields(), MODELS)
stage = st.container()
code = panels.tabs("flow", MODELS, how=flow.HOW, equation=flow.EQUATION, try_this=flow.TRY_THIS, drawing="flow.svg")


def travel() -> list[np.ndarray]:
    """Show the pad, and the drawing's way to noise and back; return the three pictures, none where nothing is drawn."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        streamlit_canvas(controls.key("drawing"), label="draw a digit", size=300)
    strokes = controls.get("drawing")
    with right:
        if not any(strokes):
            st.caption("Nothing is drawn yet: draw a digit on the pad.")
            return []
        found = flow.journey(strokes)
        titles = ["your drawing, as it is seen", "the noise that it is", "the noise, turned back"]
        pictures = [found.x, found.z, found.back]
        images = [shell.picture(x, title, scale=6) for x, title in zip(pictures, titles, strict=True)]
        st.html(markup.gallery(images, titles, columns=3, largest=190))
        st.markdown(flow.said(found))
        st.caption(flow.returned(found))
    return pictures


@st.fragment
def play() -> None:
    pictures = travel()
    st.markdown("**Its own digits, the likeliest first**, with bits per pixel: fewer are likelier")
    show, side = st.columns([2, 1], gap="large")
    with side:
        st.segmented_control("Digit", [str(i) for i in range(10)], key=controls.key("label"), required=True, wrap=True)
        st.slider("Wilder", 0.0, 1.3, step=0.05, key=controls.key("wild"), help=flow.WILD_HELP)
        with st.expander("More"):
            st.slider("How many", 1, 24, key=controls.key("count"))
            st.number_input("Seed", 0, MAX_SEED, step=1, key=controls.key("seed"))
    chosen = int(controls.get("label")), controls.get("count"), controls.get("seed"), controls.get("wild")
    drawn, bits = flow.ranked(*chosen)
    captions = [f"{b:.2f}" for b in bits]
    with show:
        images = [
            shell.picture(x, f"digit {chosen[0]}, {b} bits per pixel") for x, b in zip(drawn, captions, strict=True)
        ]
        st.html(markup.gallery(images, captions, columns=6))
    controls.actions(lambda: sheet(np.stack([*pictures, *drawn]), 3 if pictures else 6))
    code.code(flow.code(*chosen))


with stage:
    play()
