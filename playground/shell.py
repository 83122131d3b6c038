"""What every page is built from: title line, controls that live in a link, and the row of actions."""

import html
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from playground import markup
from playground.demos import card
from playground.demos import watch_it_learn as learning
from playground.demos.recipe import MAX_UPLOAD, Field, RecipeError, png, printed, recipe_of, restore, text
from zoo.nn import MAX_SEED

INK = {"light": (27, 27, 31), "dark": (237, 235, 230)}


def head(title: str, sentence: str, models: list[str] = ()) -> None:
    """Show the title line: name, one sentence, and a chip for each model."""
    st.html(markup.head(title, sentence, [card(name) for name in models]))


def ink() -> tuple[int, int, int]:
    """Return the theme's text colour, in which pictures of digits are shown."""
    return INK["dark" if st.context.theme.type == "dark" else "light"]


def picture(pixels: np.ndarray, alt: str, *, scale: int = 4) -> str:
    """Return an <img> of a grey picture (H, W) uint8, ink where it is white, or of a colour picture (H, W, 3 or 4)."""
    return markup.picture(pixels, alt, ink(), scale=scale)


class Controls:
    """A page's controls: in session state under '<page>.<name>', in links, and in downloaded pictures.

    A list of numbers has a widget for each ('<page>.<name>.<i>'); a drawing is where the canvas keeps it.
    Streamlit forgets a widget's value when the widget is not shown, so what was last seen is kept beside it.
    """

    def __init__(self, page: str, fields: Mapping[str, Field], models: list[str]):
        self.page, self.fields = page, fields
        self.weights = "-".join(card(name).sha256[:12] for name in models)
        self._seen = st.session_state.setdefault(f"controls of {page}", {})
        for name in fields:
            for key, default in self._parts(name):
                self._seen.setdefault(key, default)
                st.session_state.setdefault(key, self._seen[key])
        self._take_link()

    def _parts(self, name: str) -> list[tuple[str, Any]]:
        default = self.fields[name].default
        if isinstance(default, tuple):
            return [(f"{self.page}.{name}.{i}", part) for i, part in enumerate(default)]
        return [(f"{self.page}.{name}.strokes" if isinstance(default, list) else f"{self.page}.{name}", default)]

    def key(self, name: str, i: int | None = None) -> str:
        """Return the widget key of a control, or of the i-th number of a list, and see that it has its value."""
        key = f"{self.page}.{name}" if i is None else f"{self.page}.{name}.{i}"
        if key in self._seen:
            st.session_state.setdefault(key, self._seen[key])
        return key

    def get(self, name: str) -> Any:
        """Return a control's value: the widget's, or what it was when it was last shown."""
        for key, _ in self._parts(name):
            if st.session_state.get(key) is not None:  # an emptied number keeps its last value
                self._seen[key] = st.session_state[key]
        values = tuple(self._seen[key] for key, _ in self._parts(name))
        return values if isinstance(self.fields[name].default, tuple) else values[0]

    def set(self, name: str, value: Any) -> None:
        """Set a control, before its widget is shown or in a callback."""
        values = value if isinstance(self.fields[name].default, tuple) else [value]
        for (key, _), part in zip(self._parts(name), values, strict=True):
            st.session_state[key] = self._seen[key] = part

    def values(self) -> dict[str, Any]:
        """Return every control's value."""
        return {name: self.get(name) for name in self.fields}

    def recipe(self) -> dict[str, str]:
        """Return the page's whole state as text: what a link or a picture carries."""
        return {**text(self.values(), self.fields), "weights": self.weights}

    def restore(self, recipe: Mapping[str, str]) -> list[str]:
        """Set every control from a recipe; return a sentence for whatever in it could not be used."""
        values, problems = restore(recipe, self.fields, self.weights)
        for name, value in values.items():
            self.set(name, value)
        return problems

    def _take_link(self) -> None:
        link = st.query_params.to_dict()
        seen = f"link of {self.page}"
        if link and link != st.session_state.get(seen):
            st.session_state[seen] = link
            st.session_state[f"problems of {self.page}"] = self.restore(link)
        for problem in st.session_state.get(f"problems of {self.page}", []):
            st.warning(problem, icon=":material/link_off:")

    def _reset(self) -> None:
        for name, field in self.fields.items():
            self.set(name, field.default)
        self._forget()

    def _forget(self) -> None:
        st.session_state.pop(f"problems of {self.page}", None)
        st.session_state.pop(f"shared {self.page}", None)
        st.session_state.pop(f"opened on {self.page}", None)

    def _dice(self) -> None:
        self.set("seed", int(np.random.default_rng().integers(MAX_SEED)))

    def _share(self) -> None:
        recipe = self.recipe()
        st.query_params.from_dict(recipe)
        st.session_state[f"link of {self.page}"] = recipe
        st.session_state[f"shared {self.page}"] = recipe

    def _open(self) -> None:
        upload = st.session_state.get(f"picture for {self.page}")
        if upload is None:
            return
        try:
            recipe = recipe_of(upload.getvalue())
            if recipe.get("page") != self.page:
                raise RecipeError(f"The picture was made on the page {recipe.get('page', '?')[:40]!r}: open it there.")
            problems = self.restore(recipe)
        except RecipeError as error:
            problems = [str(error)]
        st.session_state[f"opened on {self.page}"] = problems

    def actions(self, render: Callable[[], np.ndarray], *, scale: int = 8) -> None:
        """Show the row of actions: a new seed, Reset, Share, Download, and a picture to open again.

        Args:
            render: draws the download, grey (H, W) or colour (H, W, 3) uint8, called only when it is asked for.
            scale: how much larger its pixels become.
        """
        recipe = {**self.recipe(), "page": self.page}
        with st.container(horizontal=True, key=f"actions-{self.page}"):
            if "seed" in self.fields:
                st.button("New seed", icon=":material/casino:", on_click=self._dice, help="Draw with another seed")
            st.button("Reset", icon=":material/restart_alt:", on_click=self._reset, help="Back to how the page began")
            st.button("Share", icon=":material/share:", on_click=self._share, help="Put everything into a link")
            st.download_button(
                "Download", lambda: png(printed(render()), recipe, scale=scale), f"{self.page}.png", "image/png",
                icon=":material/download:", on_click="ignore", help="PNG that holds its recipe",
            )  # fmt: skip
            with st.popover("Open", icon=":material/upload_file:", help="Open a PNG downloaded here"):
                st.file_uploader(
                    f"A PNG downloaded here, up to {MAX_UPLOAD // 2**20} MB: the page goes back to its settings",
                    type="png", key=f"picture for {self.page}", on_change=self._open,
                )  # fmt: skip
        for problem in st.session_state.get(f"opened on {self.page}", []):
            st.warning(problem, icon=":material/broken_image:")
        shared = st.session_state.get(f"shared {self.page}")
        if shared and shared == self.recipe():
            base = (st.context.url or "").split("?")[0]
            st.caption("This link shows the same again. It is in the address bar too.")
            st.code(f"{base}?{urlencode(shared)}", language=None, wrap_lines=True)


def drawing(path: Path) -> None:
    """Show an SVG drawn in the current colour, in the theme's ink; its aria-label becomes the text for screen readers."""
    text = path.read_text("utf-8")
    alt = text.split('aria-label="', 1)[1].split('"', 1)[0]
    colored = text.replace("currentColor", f"rgb{ink()}").replace(
        "<svg ", "<svg xmlns='http://www.w3.org/2000/svg' ", 1
    )
    source = markup.uri(colored.encode(), "svg+xml")
    st.html(f"<img class='zoo-drawing' alt='{html.escape(alt, quote=True)}' src='{source}'>")


def framed(pixels: np.ndarray, alt: str) -> None:
    """Show one picture, grey (H, W) or colour (H, W, 3) uint8, as wide as reads well."""
    st.html(f"<div class='zoo-frame'>{picture(pixels, alt)}</div>")


def moment(name: str, i: int) -> None:
    """Show what a model made at a moment of its training: a picture or texts."""
    then = learning.moments(name)[i]
    if learning.writes(name):
        st.html(markup.texts(then["texts"]))
    else:
        framed(learning.frames(name)[i], f"{name} at step {then['step']:,}")
