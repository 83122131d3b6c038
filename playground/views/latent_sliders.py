"""Latent sliders: Twenty sliders, and every digit there is between them.

group: Digits
icon: :material/tune:
order: 2
"""

import numpy as np
import streamlit as st

from playground import charts, markup, panels, shell
from playground.components.canvas import streamlit_canvas
from playground.demos import drawing, latent_sliders
from playground.demos.latent_sliders import MODELS, REACH, STARTS, decode, directions, morph, move, space
from zoo.nn import MAX_SEED

FIRST = 4  # sliders shown at once; the rest are under More
shell.head("Latent sliders", "Twenty sliders, and every digit there is between them.", MODELS)
controls = shell.Controls("latent_sliders", latent_sliders.fields(), MODELS)
stage = st.container()
code = panels.tabs(
    "latent_sliders",
    MODELS,
    how=latent_sliders.HOW,
    equation=latent_sliders.EQUATION,
    try_this=latent_sliders.TRY_THIS,
    drawing="vae.svg",
)


def slider(k: int) -> None:
    """Show slider k between pictures of its two ends."""
    ends = [
        shell.picture(x, f"direction {k + 1} at {side}", scale=1)
        for x, side in zip(directions(along())[k], ("its low end", "its high end"), strict=True)
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"direction-{k}"):
        st.html(ends[0], width=36)
        st.slider(
            f"Direction {k + 1}", -REACH, REACH, step=0.1, key=controls.key("sliders", k), label_visibility="collapsed"
        )
        st.html(ends[1], width=36)


def along() -> str:
    """Return the model whose directions label the sliders."""
    return controls.get("along")


def choose_on_map() -> None:
    """Start from the test digit that was clicked on the map."""
    points = st.session_state["map"].selection.points
    if points and "customdata" in points[0]:
        controls.set("digit", int(np.ravel(points[0]["customdata"])[0]))


@st.fragment
def play() -> None:
    choose, show = st.columns(2, gap="large")
    with choose:
        kind = st.segmented_control(
            "Start from", list(STARTS), format_func=STARTS.get, key=controls.key("start"), required=True, wrap=True
        )
        if kind == "point":
            st.number_input("Seed", 0, MAX_SEED, step=1, key=controls.key("seed"))
        elif kind == "digit":
            points, labels = space(along()).map.numpy(), space(along()).label[: latent_sliders.MAPPED].numpy()
            figure = charts.cloud(points, labels, controls.get("digit"))
            charts.show(figure, key="map", height=380, on_select=choose_on_map, selection_mode="points")
            st.caption("2,500 encoded test digits (t-SNE). Click one to start from it, or give its number.")
            st.number_input("Test digit", 0, latent_sliders.MAPPED - 1, step=1, key=controls.key("digit"))
        else:
            streamlit_canvas(controls.key("drawing"), label="draw a digit", size=320)
    at = {"seed": controls.get("seed"), "digit": controls.get("digit"), "strokes": controls.get("drawing")}
    drawn = kind == "drawing" and any(at["strokes"])
    if kind == "drawing" and not drawn:
        starts = {name: space(name).centre for name in MODELS}
    else:
        starts = {name: latent_sliders.start(name, kind, **at) for name in MODELS}
    codes = {name: move(name, starts[name], controls.get("sliders")) for name in MODELS}
    pictures = {name: decode(name, z) for name, z in codes.items()}
    with show:
        images = [shell.picture(x, f"digit decoded by {name}", scale=8) for name, x in pictures.items()]
        captions = ["CNN" if "cnn" in name else "MLP" for name in MODELS]
        if drawn:
            images.append(shell.picture(drawing.digit(at["strokes"]), "your drawing as the models see it", scale=8))
            captions.append("your drawing")
        st.html(markup.gallery(images, captions, columns=len(images), largest=220))
        if kind == "drawing" and not drawn:
            st.caption("The mean digit, until you draw one on the pad.")
        for k in range(FIRST):
            slider(k)
        with st.expander("More directions"):
            for k in range(FIRST, len(directions(along()))):
                slider(k)
            st.segmented_control("Small pictures by", MODELS, key=controls.key("along"), required=True, wrap=True)
    st.slider("Morph into test digit", 0, latent_sliders.MAPPED - 1, key=controls.key("to"))
    for column, name in zip(st.columns(2, gap="large"), MODELS, strict=True):
        film = morph(name, codes[name], space(name).mean[controls.get("to")])
        moving = markup.image(
            latent_sliders.animation(film, shell.ink()), f"{name}: from one digit to the other", "webp"
        )
        with column:
            st.html(markup.film(moving, [shell.picture(x, f"{name}: step {i}") for i, x in enumerate(film)]))
    controls.actions(lambda: np.concatenate(list(pictures.values()), 1))
    code.code(latent_sliders.code(MODELS[0], kind, controls.get("sliders"), seed=at["seed"], digit=at["digit"]))


with stage:
    play()
