"""What does a classifier dream of?: Four pictures that it is sure of, and only one that you are.

group: Understand
icon: :material/psychology:
order: 2
"""

import numpy as np
import streamlit as st

from playground import markup, panels, shell
from playground.demos import dreams
from playground.demos.dreams import STEPS, WAYS
from zoo.nn import MAX_SEED

MODELS = dreams.checkpoints()
shell.head("What does a classifier dream of?", "Four pictures that it is sure of, and only one that you are.", MODELS)
controls = shell.Controls("dreams", dreams.fields(), MODELS)
stage = st.container()
code = panels.tabs(
    "dreams", MODELS, how=dreams.HOW, equation=dreams.EQUATION, try_this=dreams.TRY_THIS, drawing="dreams.svg"
)


@st.fragment
def play() -> None:
    show, side = st.columns([2, 1], gap="large")
    with side:
        st.segmented_control("Digit", [str(i) for i in range(10)], key=controls.key("label"), required=True, wrap=True)
        st.slider("Moment", 1, STEPS, key=controls.key("steps"), help="Steps uphill, or rounds of random changes")
        st.slider(
            "Length of a step uphill",
            0.05,
            1.0,
            step=0.05,
            key=controls.key("size"),
            help="Euclidean, over all pixels; random changes have none",
        )
        st.number_input("Seed", 0, MAX_SEED, step=1, key=controls.key("seed"))
    label, seed, at = int(controls.get("label")), controls.get("seed"), controls.get("steps")
    ends, images, captions = [], [], []
    for way, title in WAYS.items():
        pictures, sure = dreams.dream(way, label, seed, controls.get("size"))
        ends.append(pictures[at])
        images.append(shell.picture(pictures[at], f"{title}: {100 * sure[at]:.0f} % a {label}", scale=6))
        captions.append(f"{title}: {100 * sure[at]:.1f} % a {label}")
    with show:
        st.html(markup.gallery(images, captions, columns=2, largest=260))
    controls.actions(lambda: np.concatenate(ends, 1))
    code.code(dreams.code(label, seed, controls.get("size"), at))


with stage:
    play()
