"""Pocket Zoo's entry: page settings and navigation. Streamlit runs it before every page."""

from functools import partial
from pathlib import Path

import streamlit as st

import zoo
from playground import topics
from playground.hosts import home, streamlit_host

st.set_page_config(page_title="Pocket Zoo", page_icon=str(Path(__file__).parent / "static" / "icon.png"), layout="wide")
st.html(Path(__file__).parent / "style.css")
groups: dict[str, list] = {
    "": [st.Page(home.show, title="Pocket Zoo", icon=":material/home:", url_path="home", default=True)]
}
for topic, demo in topics.find().items():
    show = partial(streamlit_host.page, topic)
    entry = st.Page(show, title=demo.title, icon=f":material/{demo.icon}:", url_path=topic)
    groups.setdefault(demo.group, []).append(entry)
page = st.navigation(groups, position="hidden" if st.context.is_embedded else "sidebar")
try:
    page.run()
except (zoo.CheckpointNotFound, zoo.CheckpointError) as error:
    st.error(str(error), icon=":material/folder_off:")
