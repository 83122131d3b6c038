"""Pocket Zoo's entry: page settings and navigation. Streamlit runs it before every page."""

from pathlib import Path

import streamlit as st

import zoo
from playground import pages
from playground.demos import card

st.set_page_config(page_title="Pocket Zoo", page_icon=str(Path(__file__).parent / "static" / "icon.png"), layout="wide")
st.html(Path(__file__).parent / "style.css")
found = pages.find()
groups: dict[str, list] = {}
for page in found:
    entry = st.Page(page.path, title=page.title, icon=page.icon, url_path=page.stem, default=page.stem == "home")
    groups.setdefault("" if page.stem == "home" else page.group, []).append(entry)
page = st.navigation(groups, position="hidden" if st.context.is_embedded else "sidebar")
try:
    card("judge.mnist")  # every page needs it
    page.run()
except (zoo.CheckpointNotFound, zoo.CheckpointError) as error:
    st.error(str(error), icon=":material/folder_off:")
