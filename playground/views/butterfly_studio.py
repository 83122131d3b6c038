"""Butterfly studio: Draw a butterfly, and dress it in another's pattern.

group: Draw
icon: :material/brush:
order: 1
"""

import numpy as np
import streamlit as st

from playground import markup, panels, shell
from playground.components.canvas import streamlit_canvas
from playground.demos import butterfly_studio as studio
from playground.demos.photo import PhotoError
from playground.demos.recipe import MAX_UPLOAD
from zoo.nn import MAX_SEED

shell.head("Butterfly studio", "Draw a butterfly, and dress it in another's pattern.", [studio.MODEL])
space = studio.space()
controls = shell.Controls("butterfly_studio", studio.fields(), [studio.MODEL])
stage = st.container()
code = panels.tabs(
    "butterfly_studio",
    [studio.MODEL],
    how=studio.HOW,
    equation=studio.EQUATION,
    try_this=studio.TRY_THIS,
    drawing="retexture.svg",
)
PAD = controls.key("drawing")


def start_from() -> None:
    """Put a starter outline on the pad."""
    name = st.session_state["butterfly_studio starter"]
    if name:
        controls.set("drawing", space.starters[name])
        controls.set("mirror", "yes")
        st.session_state["butterfly_studio starter"] = None


def wear(name: str) -> None:
    """Choose a species' pattern."""
    controls.set("source", "species")
    controls.set("texture", name)


def drawing() -> tuple[list[list[int]], bool]:
    """Return the drawing, and whether it is mirrored."""
    # The toggle lives in the pad; a link, a picture or Reset may have set it meanwhile.
    wanted = controls.get("mirror") == "yes"
    if st.session_state.get("butterfly_studio mirrored") != wanted:
        st.session_state[f"{PAD}.mirror"] = wanted
    mirror = st.session_state[f"{PAD}.mirror"]
    controls.set("mirror", "yes" if mirror else "no")
    st.session_state["butterfly_studio mirrored"] = mirror
    return controls.get("drawing"), mirror


def pad() -> None:
    """Show the pad and the starter outlines. A pad that is shown sends its next drawing: so it comes after the picture."""
    streamlit_canvas(PAD, label="draw half a butterfly", size=460, width=3, tools=True)
    st.pills("Start from", list(space.starters), key="butterfly_studio starter", on_change=start_from, wrap=True)


def texture() -> np.ndarray:
    """Show what chooses the pattern; return its z, and whether it is a photo's."""
    source = st.segmented_control(
        "Pattern of", list(studio.SOURCES), format_func=studio.SOURCES.get, key=controls.key("source"), required=True
    )
    name = controls.get("texture")
    if source == "species":
        name = st.selectbox(
            "Species (type to search)", space.names, format_func=studio.title, key=controls.key("texture")
        )
        z = studio.latent(name)
    elif source == "random":
        st.number_input("Seed", 0, MAX_SEED, step=1, key=controls.key("seed"))
        z = studio.random(controls.get("seed"))
    else:
        upload = st.file_uploader(
            f"A butterfly, or anything, on a plain ground, up to {MAX_UPLOAD // 2**20} MB",
            type=["png", "jpg", "jpeg", "webp"],
            key="butterfly_studio photo",
            help="It stays in the server's memory while this page is open, is stored nowhere, and is not in the link.",
        )
        z = studio.latent(name)
        if upload is None:
            st.caption(f"Until there is a photo: {studio.title(name)}. The photo is kept in memory only.")
        else:
            try:
                z, seen = studio.encode(upload.getvalue())
                st.html(
                    markup.gallery([shell.picture(seen, "the photo as the encoder sees it")], ["cut out"], columns=1)
                )
            except PhotoError as error:
                st.warning(str(error), icon=":material/no_photography:")
    blend = st.slider("Mix in a second species", 0, 100, format="%d %%", key=controls.key("blend"))
    if blend:
        second = st.selectbox("Second species", space.names, format_func=studio.title, key=controls.key("second"))
        mix = st.segmented_control(
            "How", list(studio.MIXES), format_func=studio.MIXES.get, key=controls.key("mix"), required=True
        )
        z = studio.mixed(z, studio.latent(second), mix, blend / 100)
    with st.expander("More"):
        st.caption("Principal directions of z, the strongest first, in standard deviations")
        for k in range(studio.SLIDERS):
            st.slider(f"Direction {k + 1}", -studio.REACH, studio.REACH, step=0.1, key=controls.key("sliders", k))
    return studio.moved(z, controls.get("sliders"))


def forgotten() -> None:
    """Show the outlines that can and cannot be read off the chosen species' z."""
    name = controls.get("texture")
    shown = studio.forgotten(name)
    if not shown:
        st.caption("Nothing is kept about this species.")
        return
    st.html(
        markup.gallery(
            [shell.picture(p, f"outline: {t}") for t, p in shown.items()], list(shown), columns=4, largest=160
        )
    )
    st.caption(
        f"{studio.title(name)}: a fresh network was asked for the specimen's outline, which it had not seen, and shown *z* alone. "
        "Two models at 64 pixels, trained alike but for the adversary. Where its guess with the adversary is no better than from the name, "
        "the outline is forgotten."
    )


@st.fragment
def play() -> None:
    left, right = st.columns(2, gap="large")
    strokes, mirror = drawing()
    with right:
        place = st.empty()
        z = texture()
    lines, silhouette = studio.drawn(strokes, mirror)
    painted = studio.paint(z[None], lines, silhouette, mirror=mirror)[0]
    place.html(f"<div class='zoo-stage'>{shell.picture(painted, 'your butterfly')}</div>")
    with left:
        pad()
    controls.actions(lambda: studio.on_white(painted), scale=2)
    if st.toggle("Sixteen species on your shape", key="butterfly_studio sixteen"):
        chosen = studio.sixteen(controls.get("seed"))
        worn = studio.paint(studio.latents(chosen), lines, silhouette, mirror=mirror)
        with st.container(horizontal=True, key="sixteen"):
            for name, picture in zip(chosen, worn, strict=True):
                with st.container(width=170):
                    st.html(shell.picture(picture, studio.title(name)))
                    st.button(studio.title(name), key=f"wear {name}", on_click=wear, args=(name,), width="stretch")
    if st.toggle("What did the encoder forget?", key="butterfly_studio forgotten"):
        forgotten()
    code.code(studio.code(controls.values()))


with stage:
    play()
