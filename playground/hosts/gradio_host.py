"""A demo as a Gradio app: its controls, checked alike from widgets, API callers, links and pictures; its stage; its endpoints."""

import html
import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import gradio as gr
import numpy as np
import plotly.graph_objects as go
from gradio.utils import get_upload_folder

from playground import charts, drawing, learning, markup, panels, topics
from playground.catalogue import card
from playground.components.canvas import gradio_canvas
from playground.demo import Button, Chart, Demo, Drawn, Endpoint, Refused, Section, Slot, Stage, Words
from playground.fields import Field, Values, choice, integer
from playground.hosts.gradio_look import INK, blocks, head
from playground.recipe import RecipeError, png, printed, recipe_of, restore, text
from zoo.nn import MAX_SEED

QUIET = {"api_visibility": "private", "show_progress": "hidden"}
HOSTS = ("view", "__theme", "__lang", "__sign")  # what hosts of apps put into links
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


def build(topic: str) -> gr.Blocks:
    """Return a demo's app."""
    demo = topics.demo(topic)
    page = Page(topic, demo.fields(), demo.weighed(), demo.buttons or {}, demo.repair)
    with blocks(demo.title) as app:
        head(demo)
        if special := topics.special(topic, "app"):
            special.build(app, demo, page)
        else:
            lay_out(app, demo, page)
        for endpoint in demo.endpoints:
            page.offer(endpoint)
    return app


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
        self.mirrors = {field.pad["mirror"]: name for name, field in fields.items() if "mirror" in field.pad}
        self.widgets: dict[str, list] = {}
        """by field, those of a list of numbers one after the other"""
        self.ends: dict[str, gr.HTML] = {}
        """by list of numbers: the style that puts pictures at its sliders' ends"""

    def check(self, **given: Any) -> Values:
        """Return the values as the demo takes them; None stands for the default.

        Raises:
            gr.Error: a value is out of range; widgets have limits, callers of the API do not.
        """
        values = {}
        for name, value in given.items():
            field = self.fields[name]
            if field.kind in ("file", "kept"):
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
        """Save a picture, grey (H, W) or colour (H, W, 3) uint8, as a PNG on white that holds its recipe; return it as Gradio's FileData."""
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

    def widget(self, name: str) -> None:
        """Show a control's widget."""
        field, now = self.fields[name], self.defaults()
        told: dict[str, Any] = {"label": field.label, "visible": field.when(now)}
        info = {"info": field.help} if field.help else {}
        made: Any
        match field.kind:
            case "choice" if field.look == "list":
                made = gr.Dropdown(_called(field, now), value=field.default, min_width=280, **told, **info)
            case "choice":
                look = (
                    {"elem_classes": "zoo-digits", "min_width": 240}
                    if field.look == "digits"
                    else {"show_label": field.look != "bare"}
                )
                made = gr.Radio(_called(field, now), value=field.default, **told, **info, **look)
            case "switch":
                made = gr.Checkbox(field.default == "yes", **told, **info)
            case "integer" if field.look == "typed":
                made = gr.Number(field.default, minimum=field.low, maximum=field.high, precision=0, **told, **info)
            case "integer":
                if field.unit:
                    told["label"] += f", {field.unit}"
                high = field.end(now) if field.end else field.high
                made = gr.Slider(field.low, high, field.default, step=field.step, precision=0, **told, **info)
            case "number":
                made = gr.Slider(field.low, field.high, field.default, step=field.step, **told, **info)
            case "numbers":
                return self._numbers(name, field)
            case "text":
                made = gr.Textbox(field.default, lines=field.lines, max_length=field.most, **told, **info)
            case "strokes":
                pad = {key: value for key, value in field.pad.items() if key != "mirror"}
                with gr.Column(visible=field.when(now)) as around:
                    made = gradio_canvas(field.label, **pad)
                    if field.help:
                        gr.HTML(markup.shown(Words(field.help, quiet=True), INK))
                made.zoo_around = around
            case "file":
                label = f"{field.label}. {field.help}"
                made = gr.File(
                    label=label, file_types=[f".{end}" for end in field.types], type="binary", visible=field.when(now)
                )
            case _:
                raise ValueError(f"{name}: no widget for a {field.kind}")
        self.widgets[name] = [made]

    def _numbers(self, name: str, field: Field) -> None:
        def slider(i: int) -> gr.Slider:
            style = ["zoo-direction", f"zoo-{name}-{i}"] if field.ends else None
            return gr.Slider(
                field.low, field.high, 0, step=field.step, label=f"{field.label} {i + 1}", elem_classes=style
            )

        if field.help:
            gr.HTML(f"<div class='zoo-quiet'>{html.escape(field.help)}</div>")
        made = [slider(i) for i in range(field.first)]
        with gr.Accordion(f"More: {field.label.lower()}", open=False) if field.first else gr.Column():
            made += [slider(i) for i in range(field.first, field.most)]
        self.widgets[name] = made
        if field.ends:
            self.ends[name] = gr.HTML(_ends(name, field, self.defaults()))

    def hide_the_rest(self) -> None:
        """Keep what has no widget: where a game stands, and the like."""
        for name, field in self.fields.items():
            if name not in self.widgets and name not in self.mirrors:
                if field.kind not in ("state", "kept"):
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
                mirror = {"mirror": values[field.pad["mirror"]] == "yes"} if "mirror" in field.pad else {}
                spread.append({"strokes": values[name], **mirror})
            elif field.kind == "file" and values[name]:
                spread.append(gr.skip())  # it stays as it is
            else:
                spread.append(values[name] == "yes" if field.kind == "switch" else values[name])
        return spread

    def followers(self) -> list:
        """Return what changes its look with the other values: widgets that may be hidden, renamed or end elsewhere."""
        return [around for around, _ in self._followers()]

    def follow(self, values: Values) -> list:
        """Return the followers' looks."""
        return [look(values) for _, look in self._followers()]

    def _followers(self) -> list[tuple[Any, Callable[[Values], Any]]]:
        found: list[tuple[Any, Callable[[Values], Any]]] = []
        always = Field.__dataclass_fields__["when"].default
        for name, made in self.widgets.items():
            field = self.fields[name]
            if field.kind == "strokes" and field.when is not always:
                found.append((made[0].zoo_around, lambda values, field=field: gr.Column(visible=field.when(values))))
            elif field.when is not always or field.calls or field.allows or field.end:
                found.append((made[0], lambda values, name=name: self._look(name, values)))
        return found

    def _look(self, name: str, values: Values) -> Any:
        field = self.fields[name]
        look: dict[str, Any] = {"visible": field.when(values)}
        if field.calls or field.allows:
            look["choices"] = _called(field, values)
        if field.allows and values[name] not in (allowed := field.allowed(values)):
            look["value"] = allowed[0]
        if field.end:
            look["maximum"] = field.end(values)
            if values[name] > look["maximum"]:  # else the slider may be moving on
                look["value"] = look["maximum"]
        return gr.update(**look)

    def wire(
        self,
        app: gr.Blocks,
        outputs: list,
        *,
        draw: Callable[[Values], Sequence | Iterator[Sequence]],
        render: Callable[[Values], np.ndarray],
        scale: int = 8,
    ):
        """Show the row of actions, and connect it, the controls and the link with the stage.

        Args:
            outputs: what `draw` fills.
            draw: values by name -> a value for each of the outputs, or an iterator over such, each shown as it comes.
            render: values by name -> grey (H, W) or colour (H, W, 3) uint8, the download.
            scale: how much larger the download's pixels become.

        Returns:
            a function that draws after an event of one's own, and the list of all events that draw.
        """
        self.hide_the_rest()
        controls, followers = self.inputs, self.followers()
        pads = [made[0] for name, made in self.widgets.items() if self.fields[name].kind == "strokes"]
        seed = self.widgets.get("seed", [None])[0]
        with gr.Row(elem_classes="zoo-actions"):
            dice, reset, share, save = (
                gr.Button(name, size="md") for name in ("New seed", "Reset", "Share", "Download")
            )
            opened = gr.UploadButton("Open", file_types=[".png"], type="binary", size="md")
        link = gr.Textbox(
            label="This link shows the same again. It is in the address bar too.", visible=False, buttons=["copy"]
        )
        kept = gr.File(visible=False)
        sent = gr.State(())
        streams = inspect.isgeneratorfunction(draw)
        turn = self.turn = gr.State([0])  # counts what draws, or wants to: a stream ends when it is not the last

        def answered(frames):
            return frames if streams else wraps(frames)(lambda *given, **named: next(frames(*given, **named)))

        def drawn(turn, values, before=(), has=()):
            turn[0] += 1
            mine, looks = turn[0], self.follow(values)
            try:
                for shown in draw(values) if streams else [draw(values)]:
                    shown, has = _unsent(shown, has)
                    answer = (*before, *shown, *looks, gr.Textbox(visible=False), has)
                    if turn[0] != mine:
                        yield [gr.skip()] * len(answer)  # Gradio sends the last answer again at the end
                        return
                    yield answer
                    before, looks = [gr.skip()] * len(before), [gr.skip()] * len(looks)
            except Refused as error:
                raise refuse(error) from error

        @answered
        def show(turn, *widgets_and_sent):
            *widgets, has = widgets_and_sent
            yield from drawn(turn, self.gather(*widgets), has=has)

        @answered
        def arrive(turn, request: gr.Request):
            values = self.restore(dict(request.query_params))
            yield from drawn(turn, values, self.spread(values))

        @answered
        def start_again(turn):
            yield from drawn(turn, self.defaults(), self.spread(self.defaults()))

        @answered
        def reopen(turn, content):
            values = self.open(content)
            yield from drawn(turn, values, self.spread(values))

        def end(turn):
            turn[0] += 1
            return turn

        filled = [*outputs, *followers, link, sent]
        shown = {"inputs": [turn, *controls, sent], "outputs": filled, **QUIET}
        # A text is ready when it is sent; a file has no input event.
        moved = [
            control.submit if isinstance(control, gr.Textbox) else getattr(control, "input", None) or control.change
            for control in controls
            if control not in pads and not isinstance(control, gr.State)
        ]
        if streams:  # what moves waits for its own last answer
            gr.on(moved, end, turn, turn, queue=False, **QUIET)
        events = [gr.on(moved, show, trigger_mode="always_last", **shown)]
        for pad in pads:  # it waits for its own drawing as the answer
            place = controls.index(pad)

            @answered
            def answer(turn, *widgets_and_sent, place=place):
                *widgets, has = widgets_and_sent
                for frame in drawn(turn, self.gather(*widgets), has=has):
                    yield (*frame, gr.skip() if streams else widgets[place])
                if streams:
                    yield (*[gr.skip()] * len(filled), widgets[place])

            # Where it streams, the answer comes a moment before the event is over, and the next drawing must wait for that.
            mode = "always_last" if streams else "once"
            pad.input(answer, [turn, *controls, sent], [*filled, pad], trigger_mode=mode, **QUIET)
        choices = [made[0].change for name, made in self.widgets.items() if self.fields[name].kind == "choice"]
        for name, style in self.ends.items():

            def both_ends(*widgets, name=name):
                return _ends(name, self.fields[name], self.gather(*widgets))

            gr.on(choices, both_ends, controls, style, **QUIET)
        everything = {"outputs": [*controls, *filled], **QUIET}
        events += [
            app.load(arrive, turn, **everything),
            reset.click(start_again, turn, **everything),
            opened.upload(reopen, [turn, opened], **everything),
        ]
        if seed is None:
            dice.visible = False
        else:
            events.append(dice.click(None, None, seed, js=_DICE).then(show, **shown))
        share.click(
            lambda *widgets: gr.Textbox(urlencode(self.recipe(self.gather(*widgets))), visible=True), controls, link, **QUIET
        ).then(None, link, link, js=_LINK)  # fmt: skip

        def download(*widgets):
            values = self.gather(*widgets)
            try:
                return self.file(render(values), values, scale=scale)["path"]
            except Refused as error:
                raise refuse(error) from error

        save.click(download, controls, kept, **QUIET).success(None, kept, None, js=_SAVE)

        def redraw(event):
            events.append(event.then(show, **shown))

        return redraw, events

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

    def offer(self, endpoint: Endpoint) -> None:
        """Make a computation callable by name, with the fields' names, types and defaults."""
        names = dict(
            reversed(taken.partition(":")[::2]) if ":" in taken else (taken, taken) for taken in endpoint.takes
        )
        fixed = endpoint.fixed or {}
        signature, said = [], []
        for told, name in names.items():
            default = fixed.get(name, self.fields[name].default)
            kind, default = _typed(self.fields[name], default) if default is not ... else (str, inspect.Parameter.empty)
            signature.append(
                inspect.Parameter(told, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)
            )
            said.append(f"{told}: {_allowed(self.fields[name])}")
        returns = _files(inspect.signature(endpoint.call).return_annotation)

        def values(given: Mapping[str, Any]) -> Values:
            checked = self.check(**{names[told]: value for told, value in given.items() if value is not None})
            return {**self.defaults(), **fixed, **checked}

        def called(*args, **named) -> Any:
            bound = inspect.Signature(signature).bind(*args, **named)
            bound.apply_defaults()
            v = values(bound.arguments)
            try:
                return self._sent(endpoint.call(v), v)
            except Refused as error:
                raise refuse(error) from error

        def streamed(*args, **named) -> Iterator[Any]:
            bound = inspect.Signature(signature).bind(*args, **named)
            bound.apply_defaults()
            v = values(bound.arguments)
            try:
                for answer in endpoint.call(v):
                    yield self._sent(answer, v)
            except Refused as error:
                raise refuse(error) from error

        function: Any = streamed if inspect.isgeneratorfunction(endpoint.call) else called
        function.__name__ = endpoint.name or endpoint.call.__name__
        function.__doc__ = f"{inspect.getdoc(endpoint.call)}\n\n{'; '.join(said)}."
        function.__signature__ = inspect.Signature(signature, return_annotation=returns)
        function.__annotations__ = {p.name: p.annotation for p in signature} | {"return": returns}
        gr.api(function, api_name=function.__name__)

    def _sent(self, answer: Any, values: Values) -> Any:
        """Return an endpoint's answer with its pictures as files."""
        if isinstance(answer, Drawn):
            return self.file(answer.pixels, {**values, **(answer.changes or {})})
        if isinstance(answer, dict):
            return {key: self._sent(part, values) for key, part in answer.items()}
        if isinstance(answer, (list, tuple)):
            return type(answer)(self._sent(part, values) for part in answer)
        return answer


def lay_out(app: gr.Blocks, demo: Demo, page: Page) -> None:
    """Show a demo's stage: controls, slots, actions, tabs."""
    layout = Layout(demo, page)
    actions = gr.Column()
    code = tabs(page.name, demo)
    with actions:
        page.hide_the_rest()
        redraw, _ = page.wire(app, [*layout.outputs, code], draw=layout.draw, render=demo.render, scale=demo.scale)
        layout.connect(redraw)


class Layout:
    """A demo's stage in an app: its widgets and buttons, and the components that its slots fill."""

    def __init__(self, demo: Demo, page: Page):
        self.demo, self.page = demo, page
        self.slots = demo.slots()
        self._spots: dict[str, list] = {}
        self._buttons: dict[str, Any] = {}
        self._late = gr.State()  # changes when slots that take long are still to be filled
        self._kept = [name for name, field in page.fields.items() if field.kind == "kept"]
        for section in demo.layout:
            self._section(section)
        self.draw = self._growing if inspect.isgeneratorfunction(demo.stage) else self._drawn

    @property
    def outputs(self) -> list:
        """All components that `draw` fills but the code."""
        return [*self._filling, self._late, *self._buttons.values()]

    @property
    def _filling(self) -> list:
        spots = [spot for slot in self.slots for spot in self._spots[slot.name]]
        return [*spots, *(self.page.widgets[name][0] for name in self._kept)]

    def _shown(self, stage: Stage) -> list:
        late = [name for name, shown in stage.items() if callable(shown)]
        return [*self.fill(stage), monotonic() if late else gr.skip()]

    def _later(self, *widgets) -> list:
        """Fill the slots that take long, alone."""
        stage = self.demo.stage(self.page.gather(*widgets))
        return self.fill({name: shown() for name, shown in stage.items() if callable(shown)})

    def _drawn(self, values: Values) -> Sequence:
        stage = self.demo.stage(values)
        values = values | {name: stage[name] for name in self._kept if name in stage}
        return (*self._shown(stage), *self._pressable(values), self.demo.code(values))

    def _growing(self, values: Values) -> Iterator[Sequence]:
        buttons = [gr.skip()] * len(self._buttons)
        for stage in self.demo.stage(values):
            values = values | {name: stage[name] for name in self._kept if name in stage}
            yield (*self._shown(stage), *buttons, gr.skip())
        yield (*self._shown({}), *self._pressable(values), self.demo.code(values))

    def _section(self, section: Section) -> None:
        if section.title:
            gr.Markdown(f"#### {section.title}")
        self._row(section.lead)
        if not section.fields and not section.more:
            self._show(section)
        elif not section.slots:
            self._fields(section)
        else:
            with gr.Row():
                if section.side == "left":
                    self._beside(section)
                stays = "zoo-stage" if section.stays else None
                with gr.Column(scale=section.widths[0], min_width=320, elem_classes=stays):
                    self._show(section)
                if section.side == "right":
                    self._beside(section)
        self._row(section.under)

    def _beside(self, section: Section) -> None:
        with gr.Column(scale=section.widths[1], min_width=320):
            self._fields(section)

    def _fields(self, section: Section) -> None:
        for name in section.fields:
            self._widget(name)
        if section.more:
            with gr.Accordion(section.more_title, open=False):
                for name in section.more:
                    self._widget(name)

    def _row(self, names: tuple[str, ...]) -> None:
        if names:
            with gr.Row(elem_classes="zoo-row"):
                for name in names:
                    self._widget(name)

    def _widget(self, name: str | Slot) -> None:
        if isinstance(name, Slot):
            return self._spot(name)
        if name not in self.page.buttons:
            return self.page.widget(name)
        button, now = self.page.buttons[name], self.page.defaults()
        if button.options is None:
            self._buttons[name] = gr.Button(button.label, size="md", visible=button.when(now))
        else:
            told = {"label": button.label, "info": button.help} if button.help else {"label": button.label}
            self._buttons[name] = gr.Radio([], visible=False, **told)

    def _pressable(self, values: Values) -> list:
        looks = []
        for name in self._buttons:
            button = self.page.buttons[name]
            if button.options is None:
                looks.append(gr.Button(visible=button.when(values)))
            else:
                options = button.options(values) if button.when(values) else {}
                looks.append(
                    gr.Radio([(said, key) for key, said in options.items()], value=None, visible=bool(options))
                )
        return looks

    def _show(self, section: Section) -> None:
        for slot in section.places():
            self._spot(slot)
            if slot.presses:
                self._widget(slot.presses)

    def _spot(self, slot: Slot) -> None:
        if slot.component:
            self._spots[slot.name] = [slot.component.gradio(None)]
        elif slot.charts:
            self._spots[slot.name] = [
                made
                for _ in range(slot.charts)
                for made in (gr.Markdown(visible=False), gr.Plot(show_label=False, visible=False))
            ]
        else:
            self._spots[slot.name] = [gr.HTML(elem_classes="zoo-slot")]

    def fill(self, stage: Stage) -> list:
        """Return a value for each spot of the slots, and for what is kept; what the stage does not name stays as it is."""
        kept = [stage[name] if name in stage else gr.skip() for name in self._kept]
        return [value for slot in self.slots for value in self._filled(slot, stage)] + kept

    def _filled(self, slot: Slot, stage: Stage) -> list:
        if slot.name not in stage or callable(stage[slot.name]):
            return [gr.skip()] * len(self._spots[slot.name])
        shown: Any = stage[slot.name]
        if slot.component:
            return [{slot.component.shown: shown, slot.component.output: None}]
        if not slot.charts:
            return [markup.shown(shown, INK)]
        found = list(shown) if isinstance(shown, Sequence) else [shown] if shown else []
        if len(found) > slot.charts:
            raise ValueError(f"{slot.name} has room for {slot.charts} charts, not {len(found)}")
        values: list = []
        for chart in found:
            values += [
                gr.Markdown(chart.title, visible=bool(chart.title)),
                gr.update(value=plotted(chart), visible=True),
            ]
        return values + [gr.Markdown(visible=False), gr.Plot(visible=False)] * (slot.charts - len(found))

    def connect(self, redraw: Callable) -> None:
        """Connect the buttons, and what components give back."""
        controls, turn = self.page.inputs, self.page.turn
        self._late.change(self._later, controls, self._filling, trigger_mode="always_last", **QUIET)
        for name, made in self._buttons.items():
            button = self.page.buttons[name]

            def press(option, *widgets, button=button):
                if button.busy:
                    gr.Info(html.escape(button.busy))
                return self.page.change(lambda v: button.press(v, option))(*widgets)

            if button.options is None:
                alone = self.page.ending(lambda *widgets, press=press: press("", *widgets))
                redraw(made.click(alone, [turn, *controls], controls, **QUIET))
            else:
                redraw(made.input(self.page.ending(press), [turn, made, *controls], controls, **QUIET))
        for slot in self.slots:
            if slot.component and slot.sets:

                def receive(given, *widgets, slot=slot):
                    def changes(values: Values) -> Values:
                        try:
                            answer = (given or {}).get(slot.component.output)
                            return slot.sets(answer, values) if answer else {}
                        except ValueError as error:
                            raise Refused(f"This cannot be read: {error}.") from error

                    return self.page.change(changes)(*widgets)

                shown = self._spots[slot.name][0]
                if slot.redraws:
                    redraw(shown.input(self.page.ending(receive), [turn, shown, *controls], controls, **QUIET))
                else:
                    shown.input(receive, [shown, *controls], controls, **QUIET)


def plotted(chart: Chart):
    """Return a chart's figure, in colours that can be told on paper and on ink."""
    figure = charts.dressed(chart.figure(charts.COLORS["both"]), chart.height)
    return figure.update_layout(font={"color": charts.GREY}, template="none")


def tabs(topic: str, demo: Demo) -> gr.Code:
    """Show the tabs below a stage; return the code, which the stage fills."""
    with gr.Tabs(overflow_behavior="wrap"):
        with gr.Tab("How it works"):
            gr.Markdown(f"{demo.how}\n\n$${demo.equation}$$")
            gr.HTML((topics.FOLDER / topic / "drawing.svg").read_text("utf-8"))
            gr.Markdown(f"**Try this.** {demo.try_this}")
        if demo.history:
            with gr.Tab("Watch it learn"):
                scrub([model for model in demo.shown() if model in learning.watchable()])
        if demo.shown():
            with gr.Tab("Measured"):
                for model in demo.shown():
                    show(panels.measured(model))
        with gr.Tab("Code"):
            return gr.Code(language="python", interactive=False, show_label=False)


def show(found: Sequence[panels.Panel]) -> None:
    """Show parts and charts, one under the other."""
    for panel in found:
        if isinstance(panel, Chart):
            if panel.title:
                gr.Markdown(panel.title)
            gr.Plot(plotted(panel), show_label=False)
        else:
            gr.HTML(markup.shown(panel, INK))


def scrub(models: list[str]) -> None:
    """Show a model's samples at a moment of its training, on a slider, over the loss."""
    if not models:
        gr.Markdown("No history is kept for these models.")
        return
    fields = {
        "model": choice(models, models[0], "Model"),
        "moment": integer(0, 100, learning.FIRST, "Moment of training", unit="%"),
    }
    page = Page("history", fields, models)

    def kept(v: Values) -> tuple[Drawn, dict[str, Any]]:
        """Return a model's samples at a share of its training's moments, 0 to 100 %, and what was measured then."""
        i = learning.at(v["model"], v["moment"])
        return Drawn(learning.frames(v["model"])[i]), learning.moments(v["model"])[i]

    def look(*widgets):
        v = page.gather(*widgets)
        i = learning.at(v["model"], v["moment"])
        return markup.shown(panels.moment(v["model"], i), INK), plotted(panels.curve(v["model"], i))

    with gr.Row():
        page.widget("model")
        page.widget("moment")
        page.widgets["moment"][0].value = 100
    page.widgets["model"][0].visible = len(models) > 1
    first = look(models[0], 100)
    shown, curve = gr.HTML(first[0]), gr.Plot(first[1], show_label=False)
    gr.on(
        [widget.input for widget in page.inputs], look, page.inputs, [shown, curve], trigger_mode="always_last", **QUIET
    )
    page.offer(Endpoint(kept, ("model", "moment"), "moment", fixed={"moment": 100}))


def _called(field: Field, values: Values) -> list[tuple[str, str]]:
    """Return a choice's options as Gradio takes them."""
    return [(field.called(option, values), option) for option in field.allowed(values)]


def _ends(name: str, field: Field, values: Values) -> str:
    """Return a style that puts pictures of what each number does at its ends beside its slider."""
    rules = []
    for i in range(field.most):
        for side, end, pixels in zip(("before", "after"), ("low", "high"), field.ends(i, values), strict=True):
            said = f"content: '' / '{field.label} {i + 1}, its {end} end'"
            source = markup.uri(markup.inked(pixels, INK, scale=1))
            rules.append(f".zoo-{name}-{i}::{side} {{ {said}; background-image: url({source}); }}")
    return f"<style>{''.join(rules)}</style>"


def _unsent(shown: Sequence, has: Sequence[str]) -> tuple[list, list[str]]:
    """Leave charts out that the browser has: they are large, and drawn anew would flicker. Return the rest, and what it has then."""
    told, now = [], []
    for value, key in zip_longest(shown, has[: len(shown)], fillvalue=""):
        figure = value.get("value") if isinstance(value, dict) else None
        if isinstance(figure, go.Figure):
            before, key = key, sha256(figure.to_json().encode()).hexdigest()[:16]
            value = gr.skip() if key == before else value
        elif value != gr.skip():
            key = ""
        told.append(value)
        now.append(key)
    return told, now


def _typed(field: Field, default: Any) -> tuple[Any, Any]:
    """Return a field's type and default in an API; what is long or empty stands as None."""
    if field.kind == "strokes":
        short = 0 < sum(map(len, default)) <= 40
        return (list[list[int]], default) if short else (list[list[int]] | None, None)
    if field.kind == "numbers":
        return list[float] | None, None
    if set(field.options) == {"yes", "no"}:
        return bool, default == "yes"
    if default is None:
        return type(field.default) | None, None
    if isinstance(default, str) and field.options and all(option.isdigit() for option in field.options):
        return int, int(default)
    return type(default), default


def _allowed(field: Field) -> str:
    """Return in a few words what a field may hold."""
    if field.kind == "strokes":
        return "lists of x0, y0, x1, y1, ... from 0 to 255"
    if field.kind == "numbers":
        return f"up to {field.most} numbers from {field.low:g} to {field.high:g}"
    if field.options:
        return " | ".join(field.options) if len(field.options) <= 12 else f"one of {len(field.options)} names"
    if field.low is not None:
        return f"{field.low:g} to {field.high:g}" + (f" ({field.help})" if field.help else "")
    return field.help or "text"


def _files(annotation: Any) -> Any:
    """Return a type with Gradio's file in place of a picture."""
    if annotation is Drawn:
        return gr.FileData
    if getattr(annotation, "__origin__", None) is Iterator:  # Gradio says the type of what is streamed
        return _files(annotation.__args__[0])
    parts = getattr(annotation, "__args__", None)
    return annotation.__origin__[tuple(map(_files, parts))] if parts else annotation


def _text(value: Any, field: Field) -> str:
    """Return a value as the text that a field reads."""
    if field.kind == "numbers":
        return "_".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    if field.kind == "strokes":
        return drawing.encode(drawing.validate_strokes(value))
    if isinstance(value, bool) and set(field.options) == {"yes", "no"}:
        return "yes" if value else "no"
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
