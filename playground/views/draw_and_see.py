"""Draw and see: One drawing, judged by every kind of network at once.

group: Draw
icon: :material/visibility:
order: 2
"""

import numpy as np
import streamlit as st

from playground import markup, panels, shell
from playground.components.canvas import streamlit_canvas
from playground.demos import draw_and_see as see
from playground.demos.draw_and_see import TITLES

MODELS = see.models()
shell.head("Draw and see", "One drawing, judged by every kind of network at once.", MODELS)
controls = shell.Controls("draw_and_see", see.fields(), MODELS)
stage = st.container()
code = panels.tabs(
    "draw_and_see", MODELS, how=see.HOW, equation=see.EQUATION, try_this=see.TRY_THIS, drawing="ladder.svg"
)


@st.fragment
def play() -> None:
    left, right = st.columns([1, 2], gap="large")
    with left:
        streamlit_canvas(controls.key("drawing"), label="draw a digit", size=320)
        st.slider("Shift to the right, pixels", -see.MOST_SHIFT, see.MOST_SHIFT, key=controls.key("shift"))
    strokes = controls.get("drawing")
    shades, images, captions = [], [], []
    if any(strokes):
        x = see.seen(strokes, controls.get("shift"))
        for name in MODELS:
            p = see.judged(name, x)
            shades.append(see.shaded(x, see.looked_at(name, x)))
            images.append(
                shell.picture(
                    np.kron(shades[-1], np.ones((6, 6, 1), np.uint8)), f"{TITLES.get(name, name)} reads a {p.argmax()}"
                )
            )
            captions.append(see.caption(p, name))
    with right:
        st.html(markup.gallery(images, captions, columns=4, largest=190))
        st.caption(see.legend() if shades else "Nothing is drawn yet: draw a digit on the pad.")
    controls.actions(lambda: np.concatenate(shades or [np.full((28, 28, 3), 255, np.uint8)], 1))
    code.code(see.code())


with stage:
    play()
