"""One digit, many ways: Every model draws the same digit. Which one would you take for real?

group: Digits
icon: :material/compare:
order: 5
"""

import streamlit as st

from playground import markup, panels, shell
from playground.demos import labelled, one_digit, real_digits
from playground.demos import which_is_real as quiz
from playground.side_by_side import side_by_side, table
from zoo.nn import MAX_SEED

MODELS = labelled()
LINE = "Every model draws the same digit. Which one would you take for real?"
shell.head("One digit, many ways", LINE, MODELS)
controls = shell.Controls("one_digit", one_digit.fields(), one_digit.checkpoints())
stage = st.container()
code = panels.tabs(
    "one_digit",
    MODELS,
    how=one_digit.HOW,
    equation=one_digit.EQUATION,
    try_this=one_digit.TRY_THIS,
    drawing="one_digit.svg",
)


def fetch(problem: str) -> None:
    """Say why the real digits are missing, and offer their download."""
    st.info(problem, icon=":material/info:")
    if st.button(real_digits.FETCH, icon=":material/download:"):
        with st.spinner("Fetching the digits"):
            failed = real_digits.fetch()
        if not failed:
            st.rerun()
        st.warning(failed, icon=":material/cloud_off:")


def pick(asked: quiz.Question, label: int, seed: int, turn: int, key: str) -> None:
    """Count an answer, once."""
    if st.session_state[key] is None or quiz.picked(controls.get("pick"), label, seed, turn):
        return
    place = int(st.session_state[key])
    right, rounds = quiz.scored(asked, place, controls.get("right"), controls.get("rounds"))
    for name, value in {"pick": quiz.answer(label, seed, turn, place), "right": right, "rounds": rounds}.items():
        controls.set(name, value)


def go_on(turn: int) -> None:
    """Turn to the next round."""
    controls.set("round", quiz.following(turn))
    controls.set("pick", "")


def count() -> int:
    """Return how many answers were right; name a score that a link cannot have earned."""
    right, problem = quiz.score(controls.get("right"), controls.get("rounds"))
    if problem:
        controls.set("right", right)
        st.warning(problem, icon=":material/link_off:")
    return right


def play_quiz(label: int, seed: int, right: int) -> None:
    """Show a round: pictures to choose from, or who made them."""
    turn, rounds = controls.get("round"), controls.get("rounds")
    asked = quiz.question(label, seed, turn)
    place = quiz.picked(controls.get("pick"), label, seed, turn)
    images = [shell.picture(x, f"picture {i + 1} of {len(asked.pictures)}") for i, x in enumerate(asked.pictures)]
    st.html(markup.gallery(images, quiz.captions(asked, place), columns=3, largest=144))
    st.markdown(quiz.verdict(asked, place, right, rounds))
    if place:
        st.button("Next round", icon=":material/arrow_forward:", on_click=go_on, args=(turn,))
        return
    key = f"one_digit answer {quiz.answer(label, seed, turn, 0)}"
    numbers = [str(i + 1) for i in range(len(asked.makers))]
    told = (asked, label, seed, turn, key)
    st.segmented_control("Which is real?", numbers, key=key, wrap=True, on_change=pick, args=told)


@st.fragment
def play() -> None:
    with st.container(horizontal=True):
        st.segmented_control("Digit", [str(i) for i in range(10)], key=controls.key("label"), required=True, wrap=True)
        st.number_input("Seed", 0, MAX_SEED, step=1, key=controls.key("seed"), width=220)
    label, seed = int(controls.get("label")), controls.get("seed")
    problem = real_digits.problem()
    found = None if problem else one_digit.neighbours(label, seed)
    st.html(side_by_side(one_digit.entries(label, seed), found, label, shell.picture))
    if found:
        st.caption(one_digit.compared(label))
    actions = st.container()
    st.markdown(f"#### Which of these is a real {label}?")
    right = count()
    if problem:
        fetch(problem)
    else:
        play_quiz(label, seed, right)
    st.markdown("#### Scoreboard")
    st.html(table(one_digit.scoreboard(label, seed)))
    st.caption(one_digit.legend())
    with actions:
        controls.actions(lambda: one_digit.render(label, seed))
    code.code(one_digit.code(label, seed))


with stage:
    play()
