"""A page's controls: values, links, downloaded pictures, and the row of actions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from playground.catalogue import card
from playground.demo import Demo, Export, Refused
from playground.fields import Values
from playground.links import mended
from playground.recipe import RecipeError, png, printed, recipe_of, restore, text
from zoo.nn import MAX_SEED
from zoo.photos import MOST_BYTES


class Controls:
    """A page's controls: in session state under '<page>.<name>', in links, and in downloaded pictures.

    A list of numbers has a widget for each ('<page>.<name>.<i>'); a drawing is where the canvas keeps it.
    Streamlit forgets a widget's value when the widget is not shown, so what was last seen is kept beside it.
    """

    def __init__(self, page: str, demo: Demo):
        self.page, self.fields, self.buttons = page, demo.fields(), demo.buttons or {}
        self._repair = demo.repair
        self.weights = "-".join(card(name).sha256[:12] for name in demo.weighed())
        # What a pad sets besides its drawing lies beside that: by field, the key.
        self._on_pad = {
            field.pad[part]: f"{page}.{name}.{part}"
            for name, field in self.fields.items()
            for part in ("mirror", "axes")
            if part in field.pad
        }
        self._seen = st.session_state.setdefault(f"controls of {page}", {})
        for name, field in self.fields.items():
            for key, default in self._parts(name, field.default):
                self._seen.setdefault(key, default)
                if not field.brought:
                    st.session_state.setdefault(key, self._seen[key])
        self._take_link()

    def _parts(self, name: str, value: Any) -> list[tuple[str, Any]]:
        field, key = self.fields[name], f"{self.page}.{name}"
        if field.kind == "numbers":
            return [(f"{key}.{i}", part) for i, part in enumerate(value)]
        if field.kind == "strokes":
            return [(f"{key}.strokes", value)]
        toggled = field.kind == "switch" or (name in self._on_pad and field.options)
        return [(self._on_pad.get(name, key), value == "yes" if toggled else value)]

    def key(self, name: str, i: int | None = None) -> str:
        """Return the widget key of a control, or of the i-th number of a list, and see that it has its value."""
        key = f"{self.page}.{name}" if i is None else f"{self.page}.{name}.{i}"
        if key in self._seen and not self.fields[name].brought:
            st.session_state.setdefault(key, self._seen[key])
        return key

    def get(self, name: str) -> Any:
        """Return a control's value: the widget's, or what it was when it was last shown or last made sense."""
        field = self.fields[name]
        if field.brought:  # nowhere else kept: who takes it back has it forgotten
            key = f"{self.page}.{name}"
            keys = (st.session_state.get(f"{key} last"), key, f"{key} file")
            found = [st.session_state.get(one) for one in keys]
            return next((given.getvalue() for given in found if isinstance(given, UploadedFile)), None)
        for key, _ in self._parts(name, field.default):
            value = st.session_state.get(key)
            if value is not None and self.problem(name, value) is None:  # an emptied number keeps its last value
                self._seen[key] = field.read(value) if field.kind == "text" else value
        values = tuple(self._seen[key] for key, _ in self._parts(name, field.default))
        if field.kind == "numbers":
            return values
        return ("yes" if values[0] else "no") if isinstance(values[0], bool) else values[0]

    def problem(self, name: str, value: Any) -> str | None:
        """Return what is wrong with a typed text, None where nothing is."""
        field = self.fields[name]
        if field.kind == "text":
            try:
                field.read(value)
            except ValueError as error:
                return f"{field.label}: this must be {error}."
        return None

    def set(self, name: str, value: Any) -> None:
        """Set a control, before its widget is shown or in a callback."""
        if not self.fields[name].brought:
            for key, part in self._parts(name, value):
                st.session_state[key] = self._seen[key] = part

    def values(self) -> Values:
        """Return every control's value."""
        return {name: self.get(name) for name in self.fields}

    def recipe(self) -> dict[str, str]:
        """Return the page's whole state as text: what a link or a picture carries."""
        return {**text(self.values(), self.fields), "weights": self.weights}

    def restore(self, recipe: Mapping[str, str]) -> list[str]:
        """Set every control from a recipe; return a sentence for whatever in it could not be used."""
        values, problems = restore(recipe, self.fields, self.weights, repair=self._repair)
        for name, value in values.items():
            self.set(name, value)
        return problems

    def press(self, name: str, option: str = "") -> None:
        """Press one of the demo's buttons; what it refuses is said beside it."""
        try:
            changes = self.buttons[name].press(self.values(), option)
        except Refused as error:
            st.session_state[f"{self.page} {name} refused"] = str(error)
            return
        for field, value in changes.items():
            self.set(field, value)

    def _take_link(self) -> None:
        link = st.query_params.to_dict()
        seen = f"link of {self.page}"
        if link and link != st.session_state.get(seen):
            st.session_state[seen] = link
            st.session_state[f"problems of {self.page}"] = self.restore(mended(link, self.fields))
        for problem in st.session_state.get(f"problems of {self.page}", []):
            st.warning(problem, icon=":material/link_off:")

    def _reset(self) -> None:
        for name, field in self.fields.items():
            self.set(name, field.default)
        for kept in ("problems of", "shared", "opened on"):
            st.session_state.pop(f"{kept} {self.page}", None)

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

    def actions(self, render: Callable[[], np.ndarray], *, scale: int = 8, exports: Sequence[Export] = ()) -> None:
        """Show the row of actions: a new seed, Reset, Share, Download, and a picture to open again.

        Args:
            render: draws the download, grey (H, W) or colour (H, W, 3 or 4) uint8, called only when it is asked for.
            scale: how much larger its pixels become.
            exports: the other downloads.
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
            for export in exports:
                st.download_button(
                    export.label, lambda export=export: export.make(self.values()), f"{self.page}.{export.kind}", export.mime,
                    icon=":material/download:", on_click="ignore",
                )  # fmt: skip
            with st.popover("Open", icon=":material/upload_file:", help="Open a PNG downloaded here"):
                st.file_uploader(
                    f"A PNG downloaded here, up to {MOST_BYTES // 2**20} MB: the page goes back to its settings",
                    type="png", key=f"picture for {self.page}", on_change=self._open,
                )  # fmt: skip
        for problem in st.session_state.get(f"opened on {self.page}", []):
            st.warning(problem, icon=":material/broken_image:")
        shared = st.session_state.get(f"shared {self.page}")
        if shared and shared == self.recipe():
            base = (st.context.url or "").split("?")[0]
            st.caption("This link shows the same again. It is in the address bar too.")
            st.code(f"{base}?{urlencode(shared)}", language=None, wrap_lines=True)
