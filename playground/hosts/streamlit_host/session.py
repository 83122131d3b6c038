"""What brings a page and its server to one state again where the server has forgotten the session."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlencode
from uuid import uuid4

import streamlit as st

# A server that was started anew, or that forgot who was away for long, begins with the defaults, while pads, uploads and texts still show
# what they did: so the page is opened again, with its last settings as a link.
_SCRIPT = """
export default function ({ data }) {
  const last = window.zooSession;
  window.zooSession = data;
  if (!last || last.session === data.session) return;
  const now = new URLSearchParams(location.search);
  const link = new URLSearchParams(last.page === data.page ? last.link : "");
  for (const name of ["embed", "embed_options"]) for (const value of now.getAll(name)) link.append(name, value);
  location.replace(`${location.pathname}?${link}`);
}
"""


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component("zoo_session", html="<i></i>", js=_SCRIPT)


def remember(page: str, recipe: Mapping[str, str]) -> None:
    """Have the browser remember a page's settings, and open them again in a new session of a page that was left open."""
    session = st.session_state.setdefault("session", uuid4().hex)
    _component()(key="zoo-session", data={"session": session, "page": page, "link": urlencode(recipe)})
