"""A forger and a critic: Two networks play against each other, and pictures come out of noise.

group: Digits
icon: :material/palette:
order: 6
"""

import streamlit as st

from playground import charts, markup, panels, shell
from playground.demos import dcgan
from zoo.nn import MAX_SEED
from zoo.pictures import sheet

MODELS = dcgan.checkpoints()
shell.head("A forger and a critic", "Two networks play against each other, and pictures come out of noise.", MODELS)
controls = shell.Controls("dcgan", dcgan.fields(), MODELS)
stage = st.container()
code = panels.tabs(
    "dcgan", MODELS, how=dcgan.HOW, equation=dcgan.EQUATION, try_this=dcgan.TRY_THIS, drawing="dcgan.svg"
)


@st.fragment
def play() -> None:
    show, side = st.columns([2, 1], gap="large")
    with side:
        st.segmented_control("Model", MODELS, key=controls.key("model"), required=True, wrap=True)
        st.slider("Wilder", 0.0, 1.5, step=0.05, key=controls.key("wild"), help="Temperature: standard deviation of z")
        with st.expander("More"):
            st.slider("How many", 1, dcgan.MOST, key=controls.key("count"))
            st.number_input(
                "Seed", 0, MAX_SEED, step=1, key=controls.key("seed"), help="Picture i depends on (seed, i) alone"
            )
    name = controls.get("model")
    chosen = (name, controls.get("count"), controls.get("seed"), controls.get("wild"))
    drawn = dcgan.sample(*chosen)
    with show:
        images = [shell.picture(x, f"picture {i} by {name}") for i, x in enumerate(drawn, 1)]
        st.html(markup.gallery(images, [str(i) for i in range(1, len(drawn) + 1)], columns=6))
        if name.endswith("cifar10"):
            st.caption(dcgan.SOURCE)
    st.markdown("**From one picture to another**, by their numbers on the sheet")
    with st.container(horizontal=True):
        st.number_input("From picture", 1, dcgan.MOST, step=1, key=controls.key("start"), help=dcgan.PAST, width=160)
        st.number_input("To picture", 1, dcgan.MOST, step=1, key=controls.key("end"), help=dcgan.PAST, width=160)
    frames = dcgan.between(*chosen, controls.get("start"), controls.get("end"))
    st.html(markup.gallery([shell.picture(x, f"step {i} on the way") for i, x in enumerate(frames)]))
    st.markdown("**Who is winning**, over the training")
    charts.show(charts.lines(dcgan.game(name), "thousand steps", "loss"), key=f"game {name}", height=240)
    st.caption(dcgan.standing(name))
    controls.actions(lambda: sheet(drawn, 6))
    code.code(dcgan.code(*chosen))


with stage:
    play()
