"""Home: every demo at a glance.

group: Draw
icon: :material/home:
order: 0
"""

import importlib
from itertools import groupby

import streamlit as st

import zoo
from playground import pages, shell
from playground.demos import card

st.html(
    "<h1 class='zoo-title'>Pocket Zoo</h1><p class='zoo-lead'>Small models, trained from scratch, that you can play with.</p>"
)
views = [view for view in pages.find() if view.stem != "home"]
for group, members in groupby(views, lambda view: view.group):
    tiles = []
    for view in members:
        try:
            pixels = importlib.import_module(f"playground.demos.{view.stem}").thumbnail()
        except (zoo.CheckpointError, zoo.CheckpointNotFound) as error:
            st.error(f"{view.title}: {error}", icon=":material/folder_off:")
            continue
        img = shell.picture(pixels, f"Made by the model of {view.title}", scale=3)
        tiles.append(f"<figure><a href='./{view.stem}' target='_self'>{img}<b>{view.title}</b>{view.line}</a></figure>")
    st.html(f"<h3>{group}</h3><div class='zoo-wall'>{''.join(tiles)}</div>")

cards = [card(name) for name in zoo.names()]
size = sum(c.size for c in cards) / 1e6
places = {c.source for c in cards}
st.divider()
st.markdown(
    f"{len(cards)} models, all trained from scratch, {size:.1f} MB together, loaded from the {' and the '.join(sorted(places))}. "
    "Every figure shown is computed again by one command: `python -m train verify`."
)
