"""CartPole: Watch an agent learn to balance, push it, or try to beat it.

group: Drive
icon: :material/sports_esports:
order: 1
"""

import streamlit as st

from playground import panels, shell
from playground.components.cartpole import streamlit_cartpole
from playground.demos import cartpole
from playground.demos.cartpole import MODEL, TITLES, ages, title
from zoo.nn import MAX_SEED

shell.head("CartPole", "Watch an agent learn to balance, push it, or try to beat it.", [MODEL])
controls = shell.Controls("cartpole", cartpole.fields(), [MODEL])
stage = st.container()
code = panels.tabs(
    "cartpole", [MODEL], how=cartpole.HOW, equation=cartpole.EQUATION, try_this=cartpole.TRY_THIS, drawing="ppo.svg"
)


@st.fragment
def play() -> None:
    mode = st.segmented_control(
        "What to do", list(TITLES), format_func=TITLES.get, key=controls.key("mode"), required=True, wrap=True,
        label_visibility="collapsed",
    )  # fmt: skip
    age, seed, score = controls.get("age"), controls.get("seed"), controls.get("score")
    streamlit_cartpole(
        "cartpole", cartpole.scene(mode, age, seed, score), lambda ended: controls.set("score", ended["you"])
    )
    left, right = st.columns([2, 1], gap="large")
    left.select_slider(
        "Age of the agent" if mode != "watch" else "Age of the agent in the middle",
        range(len(ages())), format_func=title, key=controls.key("age"),
        help="The policy was kept at 24 moments of its training",
    )  # fmt: skip
    right.number_input("Seed of the start", 0, MAX_SEED, step=1, key=controls.key("seed"))
    controls.actions(lambda: cartpole.picture(age, seed), scale=1)
    code.code(cartpole.code(age, seed))


with stage:
    play()
