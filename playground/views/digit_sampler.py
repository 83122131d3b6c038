"""Digit sampler: Choose a digit, and each model writes it in many hands.

group: Digits
icon: :material/grid_view:
order: 1
"""

import numpy as np
import streamlit as st

from playground import markup, panels, shell
from playground.demos import conditional, digit_sampler
from zoo.nn import MAX_SEED
from zoo.pictures import sheet

shell.head("Digit sampler", "Choose a digit, and each model writes it in many hands.", conditional())
controls = shell.Controls("digit_sampler", digit_sampler.fields(), conditional())
stage = st.container()
code = panels.tabs(
    "digit_sampler",
    conditional(),
    how=digit_sampler.HOW,
    equation=digit_sampler.EQUATION,
    try_this=digit_sampler.TRY_THIS,
    drawing="conditional.svg",
)


@st.fragment
def play() -> None:
    show, choose = st.columns([2, 1], gap="large")
    with choose:
        st.segmented_control("Digit", [str(i) for i in range(10)], key=controls.key("label"), required=True, wrap=True)
        st.slider("Wilder", 0.0, 1.5, step=0.05, key=controls.key("wild"), help="Temperature: standard deviation of z")
        st.slider("How many", 1, 60, key=controls.key("count"))
        options = [digit_sampler.ALL, *conditional()]
        st.segmented_control(
            "Model",
            options,
            key=controls.key("model"),
            required=True,
            wrap=True,
            help="'all' shows the same label and seed",
        )
        st.number_input(
            "Seed", 0, MAX_SEED, step=1, key=controls.key("seed"), help="Picture i depends on (seed, i) alone"
        )
    label, count, seed, wild = (
        int(controls.get("label")),
        controls.get("count"),
        controls.get("seed"),
        controls.get("wild"),
    )
    chosen = conditional() if controls.get("model") == digit_sampler.ALL else [controls.get("model")]
    drawn = {name: digit_sampler.sample(name, label, count, seed, wild) for name in chosen}
    with show:
        for name, (pixels, judged) in drawn.items():
            read = judged.argmax(1)
            st.markdown(f"**{name}** · the judge reads {(read == label).sum()} of {count} as a {label}")
            images = [
                shell.picture(x, f"digit {label} by {name}, read as a {r}") for x, r in zip(pixels, read, strict=True)
            ]
            st.html(markup.gallery(images, ["" if r == label else f"a {r}?" for r in read], columns=5))
        to = st.segmented_control(
            "Turn into", [str(i) for i in range(10)], key=controls.key("to"), required=True, wrap=True
        )
        for name in chosen:
            frames = digit_sampler.film(name, label, int(to or controls.get("to")), seed, wild)
            st.html(
                markup.gallery(
                    [shell.picture(x, f"{name}: step {i} from {label} to {to}") for i, x in enumerate(frames)]
                )
            )
    controls.actions(lambda: np.concatenate([sheet(pixels, 10) for pixels, _ in drawn.values()]))
    code.code("\n\n".join(digit_sampler.code(name, label, count, seed, wild) for name in chosen))


with stage:
    play()
