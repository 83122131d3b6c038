"""The tabs below a stage on a Streamlit page."""

import html

import streamlit as st

from playground import learning, markup, panels, topics
from playground.demo import Demo
from playground.hosts.streamlit_host.look import ink, show


def tabs(topic: str, demo: Demo):
    """Show the tabs; return the empty place for the code, which the stage fills."""
    learnt, measured = ["Watch it learn"] * demo.history, ["Measured"] * bool(demo.shown())
    names = ["How it works", *learnt, *measured, "Code"]
    places = dict(zip(names, st.tabs(names), strict=True))
    with places["How it works"]:
        st.markdown(demo.how)
        st.latex(demo.equation)
        drawing(topic)
        st.markdown(f"**Try this.** {demo.try_this}")
    if demo.history:
        with places["Watch it learn"]:
            scrub(topic, [name for name in demo.shown() if name in learning.watchable()])
    for name in demo.shown():
        with places["Measured"]:
            show(panels.measured(name), f"measured {name}")
    return places["Code"].empty()


@st.fragment
def scrub(topic: str, models: list[str]) -> None:
    """Show a model's samples at a moment of its training, on a slider, over the loss."""
    if not models:
        st.info("No history is kept for these models.")
        return
    name = models[0]
    if len(models) > 1:
        name = st.segmented_control("Model", models, default=name, key=f"scrub model {topic}", required=True) or name
    last = len(learning.moments(name)) - 1
    i = st.slider("Moment of training", 0, last, last, key=f"scrub {topic} {name}", format="moment %d")
    show([*panels.moment(name, i), panels.curve(name, i)], f"curve {topic}")


def drawing(topic: str) -> None:
    """Show a demo's drawing, an SVG in the current colour, in the theme's ink; its aria-label becomes the text for screen readers."""
    text = (topics.FOLDER / topic / "drawing.svg").read_text("utf-8")
    alt = text.split('aria-label="', 1)[1].split('"', 1)[0]
    colored = text.replace("currentColor", f"rgb{ink()}").replace(
        "<svg ", "<svg xmlns='http://www.w3.org/2000/svg' ", 1
    )
    source = markup.uri(colored.encode(), "svg+xml")
    st.html(f"<img class='zoo-drawing' alt='{html.escape(alt, quote=True)}' src='{source}'>")
