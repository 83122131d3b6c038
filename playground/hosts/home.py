"""Home: every demo at a glance, from files alone: no model is loaded."""

import html
from functools import lru_cache

import streamlit as st

import zoo
from playground import thumbnails, topics
from playground.catalogue import card
from playground.demo import Demo
from playground.hosts.streamlit_host.look import theme
from playground.hosts.streamlit_host.session import remember

HEAD = (
    "<div class='zoo-door'><h1 class='zoo-title'>Pocket Zoo</h1>"
    "<p class='zoo-lead'>Small models, trained from scratch, that you can play with.</p></div>"
)


def matches(demo: Demo, asked: str) -> bool:
    """Return whether all words asked for stand in what a demo says of itself or in its models' names."""
    said = " ".join([demo.title, demo.term, demo.line, demo.group, demo.how, *_models(demo)]).lower()
    return all(word in said for word in asked.lower().split())


def _models(demo: Demo) -> list[str]:
    try:
        return demo.shown()
    except zoo.CheckpointNotFound:
        return []


@lru_cache(maxsize=1)
def about() -> str:
    """Return how many models there are, and how large they are together."""
    cards = [card(name) for name in zoo.names()]
    places = " and the ".join(sorted({c.source for c in cards}))
    return (
        f"{len(cards)} models, all trained from scratch, {sum(c.size for c in cards) / 1e6:.1f} MB together, loaded from the {places}. "
        "Every figure shown is computed again by one command: `python -m train verify`."
    )


def tile(topic: str, demo: Demo) -> str:
    """Return a demo's tile; the first of all takes a double square."""
    style = "zoo-tile zoo-double" if topic == next(iter(topics.find())) else "zoo-tile"
    if theme() == "dark" and thumbnails.is_ink(topic):
        style += " zoo-light"
    return (
        f"<a class='{style}' href='./{topic}' target='_self'><img src='app/static/thumbnails/{topic}.webp' "
        f"alt='Made by the model of {html.escape(demo.title, quote=True)}' loading='lazy'>"
        f"<b>{html.escape(demo.title)}</b><span class='zoo-term'>{demo.group} · {html.escape(demo.term)}</span>"
        f"<span class='zoo-line'>{html.escape(demo.line)}</span></a>"
    )


def show() -> None:
    """Show the page."""
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.html(HEAD)
    asked = right.text_input(
        "Search", key="home search", placeholder="GAN, attention, VAE, ...", label_visibility="collapsed", max_chars=60
    )
    remember("", {})
    found = {topic: demo for topic, demo in topics.find().items() if matches(demo, asked or "")}
    if found:
        st.html(f"<div class='zoo-wall'>{''.join(tile(topic, demo) for topic, demo in found.items())}</div>")
    else:
        st.info(f"No demo speaks of {asked!r}. Clear the search to see all.", icon=":material/search_off:")
    st.divider()
    st.markdown(about())
