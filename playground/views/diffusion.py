"""Diffusion, step by step: A picture comes out of nothing but noise; stop it anywhere, or begin it yourself.

group: Digits
icon: :material/blur_on:
order: 3
"""

import numpy as np
import streamlit as st

from playground import markup, panels, shell
from playground.components.canvas import streamlit_canvas
from playground.demos import diffusion
from playground.demos.diffusion import ANY, LABELS, MODELS, STEPS, WAYS, called
from zoo.models.ddpm import SAMPLERS
from zoo.nn import MAX_SEED

shell.head(
    "Diffusion, step by step",
    "A picture comes out of nothing but noise; stop it anywhere, or begin it yourself.",
    MODELS,
)
controls = shell.Controls("diffusion", diffusion.fields(), diffusion.checkpoints())
stage = st.container()
code = panels.tabs(
    "diffusion",
    MODELS,
    how=diffusion.HOW,
    equation=diffusion.EQUATION,
    try_this=diffusion.TRY_THIS,
    drawing="diffusion.svg",
)


def choose() -> None:
    """Show the controls of the walk; its moment is beside the pictures."""
    model = st.segmented_control("Model", MODELS, key=controls.key("model"), required=True, wrap=True)
    st.segmented_control(
        "Picture of",
        LABELS,
        format_func=lambda label: called(model or controls.get("model"), label),
        key=controls.key("label"),
        required=True,
        wrap=True,
    )
    st.slider("Steps", 1, STEPS, key=controls.key("steps"), help="Between noise and picture")
    st.number_input("Seed", 0, MAX_SEED, step=1, key=controls.key("seed"), help="Of the noise that it begins with")
    with st.expander("More"):
        st.slider("Guidance", 0.0, 5.0, step=0.1, key=controls.key("guidance"), help=diffusion.GUIDANCE_HELP)
        st.segmented_control(
            "Sampler", SAMPLERS, key=controls.key("sampler"), required=True, wrap=True, help=diffusion.SAMPLER_HELP
        )


def scrub() -> None:
    """Show one moment large, and the whole way small."""
    steps = controls.get("steps")
    if (
        st.session_state.get("diffusion film") != steps or controls.get("moment") > steps
    ):  # a slider with another end would begin at 0
        st.session_state["diffusion film"] = steps
        controls.set("moment", min(controls.get("moment"), steps))
    moment = st.slider("Moment", 0, steps, key=controls.key("moment"), help="0 is noise alone; the last is the picture")
    v = controls.values()
    there, seen, levels = diffusion.walk(*diffusion.walk_of(v))
    name = called(v["model"], v["label"])
    images = [
        shell.picture(there[moment], f"{name}: what is there at moment {moment}", scale=8),
        shell.picture(seen[moment], f"{name}: what the network sees in it", scale=8),
    ]
    st.html(markup.gallery(images, ["what is there", "what the network sees in it"], columns=2, largest=300))
    st.caption(f"{diffusion.where(moment, levels)} {diffusion.cost(steps, v['guidance'])}")
    at = diffusion.chosen(steps)
    film = [
        shell.picture(x, f"moment {i}: what is there, and under it what the network sees")
        for i, x in zip(at, diffusion.pairs(there[at], seen[at]), strict=True)
    ]
    st.html(markup.gallery(film, [f"now {i}" if i == moment else str(i) for i in at], columns=len(at), largest=72))


def finish() -> None:
    """Show the pad and what the model makes of it."""
    st.markdown("#### Finish my digit")
    left, right = st.columns([1, 2], gap="large")
    with left:
        streamlit_canvas(controls.key("drawing"), label="draw a part of a digit", size=260)
        st.caption(diffusion.PAD)
    with right:
        st.segmented_control(
            "Make of it", [ANY, *LABELS], key=controls.key("into"), required=True, wrap=True, help=diffusion.INTO_HELP
        )
        v = controls.values()
        drawn = diffusion.part(v["drawing"])
        pictures, read = diffusion.finish(v["drawing"], v["into"], v["seed"], v["ways"])
        images = [
            shell.picture(
                np.kron(diffusion.coloured(x, drawn, shell.ink()), np.ones((8, 8, 1), np.uint8)),
                f"your part finished, read as {r}",
            )
            for x, r in zip(pictures, read, strict=True)
        ]
        st.html(markup.gallery(images, [f"read as {r}" for r in read], columns=4, largest=160))
        st.caption(diffusion.ends(read))
        with st.expander("More"):
            st.slider("Ways", 1, WAYS, key=controls.key("ways"), help="Each begins with a noise of its own")


def between() -> None:
    """Show the pictures between two seeds."""
    st.markdown("#### From noise to noise")
    st.number_input("To seed", 0, MAX_SEED, step=1, key=controls.key("other"), width=220)
    v = controls.values()
    frames = diffusion.between(*diffusion.strip_of(v))
    images = [shell.picture(x, f"picture {i + 1} of {len(frames)} between two noises") for i, x in enumerate(frames)]
    st.html(markup.gallery(images, [], columns=len(frames), largest=112))
    st.caption(diffusion.strip(v))


@st.fragment
def play() -> None:
    # One fragment, so that links, Reset and Download know all three parts; the demo keeps what it has computed.
    show, side = st.columns([2, 1], gap="large")
    with side:
        choose()
    with show:
        scrub()
    pad, strip = st.container(), st.container()
    with strip:
        between()
    with pad:  # the slowest comes last
        finish()
    controls.actions(lambda: diffusion.poster(controls.values()))
    code.code(diffusion.code(controls.values()))


with stage:
    play()
