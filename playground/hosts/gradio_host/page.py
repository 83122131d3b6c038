"""A Gradio app's controls as they come from widgets, API callers, links and pictures, all checked alike."""

import html
import os
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder

from playground import drawing
from playground.catalogue import card
from playground.demo import Button, Refused
from playground.fields import Field, Values
from playground.recipe import RecipeError, png, printed, recipe_of, restore, text

HOSTS = ("view", "__theme", "__lang", "__sign")  # what hosts of apps put into links


def saved(content: bytes, name: str) -> str:
    """Keep a file for download, under its hash; return its path.

    Gradio's own `save_bytes_to_cache` writes over a file that another visitor with the same result may be reading.
    """
    path = Path(get_upload_folder(), sha256(content).hexdigest(), name)
    if path.exists():
        os.utime(path)  # so that it is not deleted as old
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    return str(path)


def refuse(error: Exception) -> gr.Error:
    """Return an error as Gradio shows it: as HTML, so what a visitor wrote is escaped."""
    return gr.Error(html.escape(str(error), quote=False), print_exception=False)


class Page:
    """An app's controls as they come from widgets, API callers, links and pictures, all checked alike."""

    def __init__(
        self,
        name: str,
        fields: Mapping[str, Field],
        models: list[str],
        buttons: Mapping[str, Button] | None = None,
        repair: Callable[[Values], tuple[Values, list[str]]] | None = None,
    ):
        self.name, self.fields, self.models, self.buttons = name, fields, list(models), buttons or {}
        self._repair = repair
        self.weights = "-".join(card(model).sha256[:12] for model in models)
        self.on_pads = {
            field.pad[part] for field in fields.values() for part in ("mirror", "axes") if part in field.pad
        }
        """fields that a pad sets besides its drawing"""
        self.widgets: dict[str, list] = {}
        """by field, those of a list of numbers one after the other"""
        self.ends: dict[str, gr.HTML] = {}
        """by list of numbers: the style that puts pictures at its sliders' ends"""
        self.recorders: dict[gr.State, gr.Audio] = {}
        """by where a sound is kept: what records it"""
        self.under: dict[str, gr.HTML] = {}
        """by drawing: the style that lays a picture under it"""
        self.turn: gr.State
        """counts what draws, or wants to: a stream ends when it is not the last"""

    def check(self, **given: Any) -> Values:
        """Return the values as the demo takes them; None stands for the default.

        Raises:
            gr.Error: a value is out of range; widgets have limits, callers of the API do not.
        """
        values = {}
        for name, value in given.items():
            field = self.fields[name]
            if field.brought or field.kind == "kept":
                values[name] = value
                continue
            try:
                values[name] = field.default if value is None else field.read(_text(value, field))
            except (ValueError, TypeError, OverflowError, RecursionError) as error:
                problem = f"{name} must be {error}, not {repr(value)[:40]}."
                if field.kind == "strokes":
                    problem = f"This drawing cannot be read: {error}."
                raise refuse(ValueError(problem)) from error
        return values

    def recipe(self, values: Values) -> dict[str, str]:
        """Return the controls and weights as text: what a link or a picture carries."""
        return {**text({**self.defaults(), **values}, self.fields), "weights": self.weights}

    def defaults(self) -> Values:
        """Return every control's default."""
        return {name: field.default for name, field in self.fields.items()}

    def file(self, pixels: np.ndarray, values: Values, *, scale: int = 1) -> dict[str, Any]:
        """Save a picture, grey (H, W) or colour (H, W, 3 or 4) uint8, as a PNG that holds its recipe; return it as Gradio's FileData."""
        content = png(printed(pixels), {**self.recipe(values), "page": self.name}, scale=scale)
        return gr.FileData(
            path=saved(content, f"{self.name}.png"), orig_name=f"{self.name}.png", mime_type="image/png"
        ).model_dump()

    def restore(self, recipe: Mapping[str, str]) -> Values:
        """Read a recipe's controls; warn of whatever in it could not be used."""
        values, problems = restore(recipe, self.fields, self.weights, repair=self._repair, ignore=HOSTS)
        for problem in problems:
            gr.Warning(html.escape(problem, quote=False))
        return values

    def open(self, content: bytes) -> Values:
        """Read the controls that a downloaded picture holds.

        Raises:
            gr.Error: it holds none, or another page's.
        """
        try:
            recipe = recipe_of(content)
            if recipe.get("page") != self.name:
                raise RecipeError(f"The picture was made on the page {recipe.get('page', '?')[:40]!r}: open it there.")
        except RecipeError as error:
            raise refuse(error) from error
        return self.restore(recipe)

    def hide_the_rest(self) -> None:
        """Keep what has no widget: where a game stands, and the like."""
        for name, field in self.fields.items():
            if name not in self.widgets and name not in self.on_pads:
                if field.has_widget:
                    raise ValueError(f"{self.name} shows no widget for {name}")
                self.widgets[name] = [gr.State(field.default)]

    @property
    def inputs(self) -> list:
        """All widgets, in order."""
        return [widget for made in self.widgets.values() for widget in made]

    def gather(self, *given: Any) -> Values:
        """Return checked values from the widgets'."""
        values: Values = {}
        place = iter(given)
        for name, made in self.widgets.items():
            field = self.fields[name]
            parts = [next(place) for _ in made]
            if field.kind == "numbers":
                values[name] = [part or 0 for part in parts]
            elif field.kind == "strokes":
                values[name] = parts[0]["strokes"]
                if "mirror" in field.pad:
                    values[field.pad["mirror"]] = "yes" if parts[0].get("mirror", True) else "no"
                if "axes" in field.pad:
                    values[field.pad["axes"]] = parts[0].get("axes", [])
            elif field.kind == "switch":
                values[name] = "yes" if parts[0] else "no"
            else:
                values[name] = parts[0]
        return self.check(**values)

    def spread(self, values: Values) -> list:
        """Return the widgets' values."""
        spread: list = []
        for name in self.widgets:
            field = self.fields[name]
            if field.kind == "numbers":
                spread += values[name]
            elif field.kind == "strokes":
                spread.append(self.pad(name, values))
            elif field.brought and values[name]:
                spread.append(gr.skip())  # it stays as it is
            else:
                spread.append(values[name] == "yes" if field.kind == "switch" else values[name])
        return spread

    def pad(self, name: str, values: Values) -> dict[str, Any]:
        """Return what a pad shows."""
        field = self.fields[name]
        mirror = {"mirror": values[field.pad["mirror"]] == "yes"} if "mirror" in field.pad else {}
        axes = {"axes": values[field.pad["axes"]], "lines": field.handles(values)} if field.handles else {}
        return {"strokes": values[name], **mirror, **axes}

    def ending(self, answer: Callable) -> Callable:
        """Return a function that ends a stage that goes on, then answers; it takes `turn` first."""

        def ended(turn, *given):
            turn[0] += 1
            return answer(*given)

        return ended

    def change(self, changes: Callable[[Values], Values]) -> Callable[..., list]:
        """Return a function from the widgets' values to those after a change."""

        def changed(*widgets):
            values = self.gather(*widgets)
            try:
                return self.spread({**values, **changes(values)})
            except Refused as error:
                raise refuse(error) from error

        return changed


def _text(value: Any, field: Field) -> str:
    """Return a value as the text that a field reads."""
    if field.kind == "numbers":
        return "_".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    if field.kind in ("strokes", "lines"):
        return drawing.encode(drawing.validate_strokes(value))
    if isinstance(value, bool) and set(field.options) == {"yes", "no"}:
        return "yes" if value else "no"
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
