"""Build your own network: Choose its layers, and watch it learn in seconds, without a library.

group: Understand
icon: :material/construction:
order: 3
"""

import numpy as np
import streamlit as st

from playground import charts, markup, panels, shell
from playground.demos import own_network as own
from playground.demos.own_network import MODEL
from playground.demos.real_digits import FETCH
from zoo.data import DataNotFound, at_hand
from zoo.nn import MAX_SEED
from zoo.pictures import sheet
from zoo.scratch import ACTIVATIONS, LOSSES

shell.head("Build your own network", "Choose its layers, and watch it learn in seconds, without a library.", [MODEL])
controls = shell.Controls("own_network", own.fields(), [MODEL])
stage = st.container()
code = panels.tabs(
    "own_network", [MODEL], how=own.HOW, equation=own.EQUATION, try_this=own.TRY_THIS, drawing="layers.svg"
)


def choose() -> None:
    """Show the controls; layers that cannot be read are named and not used."""
    used = controls.get("hidden")  # a link, a picture or Reset may have set it since the text was shown
    if st.session_state.get("own_network used") != used or "own_network layers" not in st.session_state:
        st.session_state["own_network layers"] = used
    typed = st.text_input(
        "Units of the layers between",
        key="own_network layers",
        help="Up to four numbers, such as 64 32; none makes it logistic regression",
    )
    try:
        used = controls.fields["hidden"].read(typed)
        controls.set("hidden", used)
        st.session_state["own_network used"] = used
    except ValueError as error:
        st.session_state["own_network used"] = None
        st.warning(f"The layers must be {error}.", icon=":material/edit_off:")
    st.pills("Activation", list(ACTIVATIONS), key=controls.key("activation"), required=True, wrap=True)
    st.pills("Loss", list(LOSSES), key=controls.key("loss"), required=True, wrap=True)
    st.slider("Learning rate, as a power of ten", -4.0, -1.0, step=0.25, key=controls.key("lr"))
    with st.expander("More"):
        st.slider("Training digits", 1000, 20_000, step=1000, key=controls.key("digits"))
        st.slider("Epochs", 1, 5, key=controls.key("epochs"))
        st.number_input("Seed", 0, MAX_SEED, step=1, key=controls.key("seed"))


def curve(progress: own.Progress) -> None:
    """Show the loss so far."""
    losses = np.nan_to_num(progress.losses, nan=10.0, posinf=10.0)
    width = max(1, len(losses) // 60)
    smooth = losses[: len(losses) // width * width].reshape(-1, width).mean(1)
    steps = (np.arange(len(smooth)) + 1) * width
    charts.show(
        charts.lines({"loss": (steps, smooth)}, "step", "training loss"),
        key=f"own_network curve {progress.done}",
        height=240,
    )


def learn(values: dict) -> np.ndarray | None:
    """Train, and show how it goes and what was learned; return the first units' weights as pictures, None without digits."""
    place, bar = st.empty(), st.progress(0.0)
    last = st.session_state.get("own_network trained")  # of the same choices: Share and Download train nothing
    try:
        for progress in [last[1]] if last and last[0] == values else own.learn(**values):
            bar.progress(
                progress.done,
                f"{progress.accuracy:.1f} % of 2,000 test digits right after {progress.seconds:.1f} s",
            )
            with place.container():
                curve(progress)
    except DataNotFound as error:
        st.info(f"There is nothing to learn from: the digits are not at hand. {error}", icon=":material/info:")
        return None
    st.session_state["own_network trained"] = values, progress
    if progress.diverged:
        st.warning(own.DIVERGED, icon=":material/trending_up:")
    learned = own.weights(progress.network)
    st.markdown("**What the first units look for**")
    st.html(
        markup.gallery(
            [
                shell.picture(np.kron(w, np.ones((4, 4, 1), np.uint8)), f"weights of unit {i + 1}")
                for i, w in enumerate(learned)
            ]
        )
    )
    wrong, said = own.mistakes(progress.network)
    st.markdown("**What it is surest of, and wrong**")
    st.html(markup.gallery([shell.picture(x, s) for x, s in zip(wrong, said, strict=True)], said))
    return learned


@st.fragment
def play() -> None:
    show, side = st.columns([2, 1], gap="large")
    with side:
        choose()
    values = controls.values()
    if at_hand("mnist") or show.button(FETCH, icon=":material/download:"):
        with show:
            learned = learn(values)
    else:
        learned = None
    controls.actions(lambda: np.full((28, 28), 255, np.uint8) if learned is None else sheet(learned, 10))
    code.code(own.code(values))


with stage:
    play()
