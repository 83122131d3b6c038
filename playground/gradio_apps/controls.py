"""An app's controls: checked alike from widgets, API callers, links and pictures; and the row of actions."""

import html
import inspect
import os
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlencode

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder

from playground.demos import card, drawing
from playground.demos.recipe import Field, RecipeError, png, printed, recipe_of, restore, text
from zoo.nn import MAX_SEED

_LINK = """(query) => {
  const link = new URL(location.href);
  link.search = query;
  history.replaceState(null, "", link);
  return link.href;
}"""
_SAVE = (
    "(file) => { Object.assign(document.createElement('a'), { href: file.url, download: file.orig_name }).click(); }"
)
_DICE = f"() => Math.floor(Math.random() * {MAX_SEED})"


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


class Page:
    """An app's controls as they come from widgets, API callers, links and pictures, all checked alike."""

    def __init__(self, name: str, fields: Mapping[str, Field], models: list[str]):
        self.name, self.fields, self.models = name, fields, list(models)
        self.weights = "-".join(card(model).sha256[:12] for model in models)

    def check(self, **given: Any) -> dict[str, Any]:
        """Return the values as the demo takes them; None stands for the default.

        Raises:
            gr.Error: a value is out of range; widgets have limits, callers of the API do not.
        """
        values = {}
        for name, value in given.items():
            field = self.fields[name]
            try:
                values[name] = field.default if value is None else field.read(_text(value, field))
            except (ValueError, TypeError, OverflowError, RecursionError) as error:
                problem = f"{name} must be {error}, not {repr(value)[:40]}."
                if isinstance(field.default, list):
                    problem = f"This drawing cannot be read: {error}."
                # Gradio shows messages as HTML.
                raise gr.Error(html.escape(problem, quote=False), print_exception=False) from error
        return values

    def recipe(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return the controls and weights as text: what a link or a picture carries."""
        return {**text({**self.defaults(), **values}, self.fields), "weights": self.weights}

    def defaults(self) -> dict[str, Any]:
        """Return every control's default."""
        return {name: field.default for name, field in self.fields.items()}

    def file(self, pixels: np.ndarray, values: Mapping[str, Any], *, scale: int = 1) -> dict[str, Any]:
        """Save a picture, grey (H, W) or colour (H, W, 3) uint8, as a PNG on white that holds its recipe; return it as Gradio's FileData."""
        content = png(printed(pixels), {**self.recipe(values), "page": self.name}, scale=scale)
        return gr.FileData(
            path=saved(content, f"{self.name}.png"), orig_name=f"{self.name}.png", mime_type="image/png"
        ).model_dump()

    def restore(self, recipe: Mapping[str, str]) -> dict[str, Any]:
        """Read a recipe's controls; warn of whatever in it could not be used."""
        hosts = ("view", "__theme", "__lang", "__sign")
        values, problems = restore(recipe, self.fields, self.weights, ignore=hosts)
        for problem in problems:
            gr.Warning(html.escape(problem, quote=False))
        return values

    def open(self, content: bytes) -> dict[str, Any]:
        """Read the controls that a downloaded picture holds.

        Raises:
            gr.Error: it holds none, or another page's.
        """
        try:
            recipe = recipe_of(content)
            if recipe.get("page") != self.name:
                raise RecipeError(f"The picture was made on the page {recipe.get('page', '?')[:40]!r}: open it there.")
        except RecipeError as error:
            raise gr.Error(html.escape(str(error), quote=False), print_exception=False) from error
        return self.restore(recipe)

    def wire(
        self,
        demo: gr.Blocks,
        controls: list,
        seed,
        outputs: list,
        *,
        gather: Callable,
        spread: Callable,
        draw: Callable,
        render: Callable,
        pad: gr.HTML | None = None,
        scale: int = 8,
    ):
        """Show the row of actions, and connect it, the controls and the link with the stage.

        Args:
            controls: the widgets, in the order of `gather`'s arguments.
            seed: the widget that the dice sets; None where nothing is left to chance.
            outputs: what `draw` fills.
            gather: widget values -> checked values by name.
            spread: values by name -> widget values.
            draw: values by name -> tuple for the outputs, or an iterator over such tuples, each shown as it comes.
            render: values by name -> grey (H, W) or colour (H, W, 3) uint8, the download.
            scale: how much larger the download's pixels become.
            pad: the one of the controls that waits for its own drawing as the answer.

        Returns:
            a function that draws after an event of one's own, and the list of all events that draw.
        """
        quiet = {"api_visibility": "private", "show_progress": "hidden"}
        with gr.Row(elem_classes="zoo-actions"):
            dice, reset, share, save = (
                gr.Button(name, size="md") for name in ("New seed", "Reset", "Share", "Download")
            )
            opened = gr.UploadButton("Open", file_types=[".png"], type="binary", size="md")
        link = gr.Textbox(
            label="This link shows the same again. It is in the address bar too.", visible=False, buttons=["copy"]
        )
        kept = gr.File(visible=False)

        streams = inspect.isgeneratorfunction(draw)

        def answered(frames):
            return frames if streams else wraps(frames)(lambda *given, **named: next(frames(*given, **named)))

        def drawn(values, before=()):
            for shown in draw(values) if streams else [draw(values)]:
                yield (*before, *shown, gr.Textbox(visible=False))
                before = [gr.skip()] * len(before)

        @answered
        def show(*widgets):
            yield from drawn(gather(*widgets))

        @answered
        def arrive(request: gr.Request):
            values = self.restore(dict(request.query_params))
            yield from drawn(values, spread(values))

        @answered
        def start_again():
            yield from drawn(self.defaults(), spread(self.defaults()))

        @answered
        def reopen(content):
            values = self.open(content)
            yield from drawn(values, spread(values))

        shown = {"outputs": [*outputs, link], **quiet}
        # A text is ready when it is sent; a file has no input event.
        moved = [
            control.submit if isinstance(control, gr.Textbox) else getattr(control, "input", None) or control.change
            for control in controls
            if control is not pad
        ]
        events = [gr.on(moved, show, controls, trigger_mode="always_last", **shown)]
        if pad is not None:
            place = controls.index(pad)
            pad.input(lambda *widgets: (*show(*widgets), widgets[place]), controls, [*outputs, link, pad], **quiet)
        everything = {"outputs": [*controls, *outputs, link], **quiet}
        events += [
            demo.load(arrive, None, **everything),
            reset.click(start_again, None, **everything),
            opened.upload(reopen, opened, **everything),
        ]
        if seed is None:
            dice.visible = False
        else:
            events.append(dice.click(None, None, seed, js=_DICE).then(show, controls, **shown))
        share.click(
            lambda *widgets: gr.Textbox(urlencode(self.recipe(gather(*widgets))), visible=True), controls, link, **quiet
        ).then(None, link, link, js=_LINK)
        save.click(
            lambda *widgets: self.file(render(values := gather(*widgets)), values, scale=scale)["path"],
            controls,
            kept,
            **quiet,
        ).success(None, kept, None, js=_SAVE)

        def redraw(event):
            events.append(event.then(show, controls, **shown))

        return redraw, events


def _text(value: Any, field: Field) -> str:
    """Return a value as the text that a field reads."""
    if isinstance(field.default, tuple):
        return "_".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    if isinstance(field.default, list):
        return drawing.encode(drawing.validate_strokes(value))
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
