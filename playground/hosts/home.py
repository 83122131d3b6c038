"""Home: every demo at a glance."""

from itertools import groupby

import streamlit as st

import zoo
from playground import markup, topics
from playground.catalogue import card
from playground.hosts.streamlit_host import ink


def show() -> None:
    """Show the page."""
    st.html(
        "<h1 class='zoo-title'>Pocket Zoo</h1><p class='zoo-lead'>Small models, trained from scratch, that you can play with.</p>"
    )
    for group, members in groupby(topics.find().items(), lambda item: item[1].group):
        tiles = []
        for topic, demo in members:
            try:
                pixels = demo.thumbnail()
            except (zoo.CheckpointError, zoo.CheckpointNotFound) as error:
                st.error(f"{demo.title}: {error}", icon=":material/folder_off:")
                continue
            img = markup.picture(pixels, f"Made by the model of {demo.title}", ink(), scale=3)
            tiles.append(f"<figure><a href='./{topic}' target='_self'>{img}<b>{demo.title}</b>{demo.line}</a></figure>")
        st.html(f"<h3>{group}</h3><div class='zoo-wall'>{''.join(tiles)}</div>")
    cards = [card(name) for name in zoo.names()]
    size = sum(c.size for c in cards) / 1e6
    places = {c.source for c in cards}
    st.divider()
    st.markdown(
        f"{len(cards)} models, all trained from scratch, {size:.1f} MB together, loaded from the {' and the '.join(sorted(places))}. "
        "Every figure shown is computed again by one command: `python -m train verify`."
    )
