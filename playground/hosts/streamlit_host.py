"""A demo as a Streamlit page: title line, stage with controls that live in links, row of actions, tabs."""

import html
import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from playground import charts, learning, markup, panels, topics
from playground.catalogue import card
from playground.components.canvas import streamlit_canvas
from playground.demo import Button, Chart, Demo, Pictures, Refused, Rows, Section, Shown, Slot, Stage
from playground.fields import Field, Values
from playground.recipe import MAX_UPLOAD, RecipeError, png, printed, recipe_of, restore, text
from zoo.nn import MAX_SEED

INK = {"light": (27, 27, 31), "dark": (237, 235, 230)}


def theme() -> str:
    """Return 'dark' or 'light', as the visitor has it."""
    return "dark" if st.context.theme.type == "dark" else "light"


def ink() -> markup.Ink:
    """Return the theme's text colour, in which pictures of digits are shown."""
    return INK[theme()]


def page(topic: str) -> None:
    """Show a demo's page."""
    demo = topics.demo(topic)
    st.html(markup.head(demo.title, demo.term, demo.line, [card(name) for name in demo.shown()]))
    controls = Controls(topic, demo)
    stage = st.container()
    code = tabs(topic, demo)
    view = topics.special(topic, "view")
    generic = played if demo.stops else st.fragment(played)  # Streamlit does not interrupt a fragment
    play = view.play if view else generic
    with stage:
        play(demo, controls, code)


def played(demo: Demo, controls: "Controls", code) -> None:
    """Show a demo's stage: controls, slots, actions."""
    values = controls.values()
    stage = Layout(demo, controls, values)

    def key() -> list:
        now = controls.values()
        return [now[name] for name, field in controls.fields.items() if field.kind != "state" or field.linked]

    def finish() -> None:
        controls.actions(lambda: demo.render(controls.values()), scale=demo.scale)
        code.code(demo.code(controls.values()))

    if demo.stops:  # what may be clicked while it goes on comes first
        finish()
    kept = st.session_state.get(f"stage of {controls.page}")
    try:
        if inspect.isgeneratorfunction(demo.stage) and kept and kept[0] == key():
            stage.fill(kept[1])
        else:
            shown = stage.run(demo.stage(values))
            if inspect.isgeneratorfunction(demo.stage):
                st.session_state[f"stage of {controls.page}"] = key(), shown
    except Refused as error:
        st.warning(str(error), icon=":material/info:")
    stage.finish()
    if not demo.stops:
        finish()
    stage.late()


class Controls:
    """A page's controls: in session state under '<page>.<name>', in links, and in downloaded pictures.

    A list of numbers has a widget for each ('<page>.<name>.<i>'); a drawing is where the canvas keeps it.
    Streamlit forgets a widget's value when the widget is not shown, so what was last seen is kept beside it.
    """

    def __init__(self, page: str, demo: Demo):
        self.page, self.fields, self.buttons = page, demo.fields(), demo.buttons or {}
        self._repair = demo.repair
        self.weights = "-".join(card(name).sha256[:12] for name in demo.weighed())
        self._mirrors = {field.pad["mirror"]: name for name, field in self.fields.items() if "mirror" in field.pad}
        self._seen = st.session_state.setdefault(f"controls of {page}", {})
        for name, field in self.fields.items():
            for key, default in self._parts(name, field.default):
                self._seen.setdefault(key, default)
                if field.kind != "file":
                    st.session_state.setdefault(key, self._seen[key])
        self._take_link()

    def _parts(self, name: str, value: Any) -> list[tuple[str, Any]]:
        field, key = self.fields[name], f"{self.page}.{name}"
        if field.kind == "numbers":
            return [(f"{key}.{i}", part) for i, part in enumerate(value)]
        if field.kind == "strokes":
            return [(f"{key}.strokes", value)]
        if name in self._mirrors:
            return [(f"{self.page}.{self._mirrors[name]}.mirror", value == "yes")]
        return [(key, value == "yes" if field.kind == "switch" else value)]

    def key(self, name: str, i: int | None = None) -> str:
        """Return the widget key of a control, or of the i-th number of a list, and see that it has its value."""
        key = f"{self.page}.{name}" if i is None else f"{self.page}.{name}.{i}"
        if key in self._seen and self.fields[name].kind != "file":
            st.session_state.setdefault(key, self._seen[key])
        return key

    def get(self, name: str) -> Any:
        """Return a control's value: the widget's, or what it was when it was last shown or last made sense."""
        field = self.fields[name]
        for key, _ in self._parts(name, field.default):
            value = st.session_state.get(key)
            if value is not None and self.problem(name, value) is None:  # an emptied number keeps its last value
                self._seen[key] = field.read(value) if field.kind == "text" else value
        values = tuple(self._seen[key] for key, _ in self._parts(name, field.default))
        if field.kind == "numbers":
            return values
        if field.kind == "file":
            given = st.session_state.get(f"{self.page}.{name}")
            return given.getvalue() if given else None
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
        if self.fields[name].kind != "file":
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

    def widget(self, name: str, values: Values) -> None:
        """Show a control's widget, or a button, unless the other values hide it."""
        if name in self.buttons:
            self._button(name, self.buttons[name], values)
        elif self.fields[name].when(values):
            getattr(self, f"_{self.fields[name].kind}")(name, self.fields[name], values)

    def _button(self, name: str, button: Button, values: Values) -> None:
        if not button.when(values):
            return
        key = f"{self.page} {name}"
        if button.options is None:
            icon = f":material/{button.icon}:" if button.icon else None
            told: dict[str, Any] = {"key": key, "icon": icon, "help": button.help or None}
            if not button.busy:
                st.button(button.label, **told, on_click=self.press, args=(name,))
            elif st.button(button.label, **told):  # within the run, where a spinner can be shown
                with st.spinner(button.busy):
                    self.press(name)
                if f"{key} refused" not in st.session_state:
                    st.rerun()
        elif options := button.options(values):

            def press() -> None:
                if option := st.session_state[key]:
                    st.session_state[key] = None
                    self.press(name, option)

            st.pills(
                button.label, list(options), format_func=options.get, key=key, help=button.help or None,
                on_change=press, wrap=True,
            )  # fmt: skip
        if refused := st.session_state.pop(f"{key} refused", None):
            st.warning(refused, icon=":material/info:")

    def _choice(self, name: str, field: Field, values: Values) -> None:
        told = {
            "format_func": lambda option: field.called(option, values), "key": self.key(name),
            "help": field.help or None, "label_visibility": "collapsed" if field.look == "bare" else "visible",
        }  # fmt: skip
        options = field.allowed(values)
        if values[name] not in options:
            self.set(name, options[0])
        if field.look == "list":
            st.selectbox(field.label, options, **told)
        else:
            st.segmented_control(field.label, options, required=True, wrap=True, **told)

    def _switch(self, name: str, field: Field, values: Values) -> None:
        st.toggle(field.label, key=self.key(name), help=field.help or None)

    def _integer(self, name: str, field: Field, values: Values) -> None:
        told: dict[str, Any] = {"key": self.key(name), "help": field.help or None}
        low, high = int(field.low), int(field.high)
        if field.names:
            st.select_slider(
                field.label, range(low, high + 1), format_func=lambda value: field.names[value - low], **told
            )
        elif field.look == "typed":
            st.number_input(field.label, low, high, step=1, width=220, **told)
        else:
            if field.end:
                high, ended = int(field.end(values)), f"{self.page}.{name} ends"
                if (
                    st.session_state.get(ended) != high or self.get(name) > high
                ):  # a slider with another end begins at its low end
                    st.session_state[ended] = high
                    self.set(name, min(self.get(name), high))
            unit = f"%d {field.unit.replace('%', '%%')}" if field.unit else None
            st.slider(field.label, low, high, step=int(field.step), format=unit, **told)

    def _number(self, name: str, field: Field, values: Values) -> None:
        st.slider(field.label, field.low, field.high, step=field.step, key=self.key(name), help=field.help or None)

    def _numbers(self, name: str, field: Field, values: Values) -> None:
        def slider(i: int) -> None:
            label = f"{field.label} {i + 1}"
            ends = field.ends(i, values) if field.ends else None
            if ends is None:
                st.slider(label, field.low, field.high, step=field.step, key=self.key(name, i))
                return
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{name}-{i}"):
                shown = [markup.picture(x, f"{label}: its {side} end", ink(), scale=1) for x, side in zip(ends, ("low", "high"), strict=True)]  # fmt: skip
                st.html(shown[0], width=36)
                st.slider(label, field.low, field.high, step=field.step, key=self.key(name, i), label_visibility="collapsed")  # fmt: skip
                st.html(shown[1], width=36)

        if field.help:
            st.caption(field.help)
        for i in range(field.first):
            slider(i)
        rest = range(field.first, field.most)
        with st.expander(f"More: {field.label.lower()} {rest[0] + 1} to {rest[-1] + 1}") if field.first and rest else st.container():  # fmt: skip
            for i in rest:
                slider(i)

    def _text(self, name: str, field: Field, values: Values) -> None:
        told: dict[str, Any] = {"key": self.key(name), "max_chars": field.most, "help": field.help or None}
        if field.lines > 1:
            typed = st.text_area(field.label, height=34 * field.lines, **told)
        else:
            typed = st.text_input(field.label, **told)
        if problem := self.problem(name, typed):
            st.warning(problem, icon=":material/edit_off:")

    def _strokes(self, name: str, field: Field, values: Values) -> None:
        pad = {key: value for key, value in field.pad.items() if key != "mirror"}
        streamlit_canvas(self.key(name), label=field.label, **pad)
        if field.help:
            st.caption(field.help)

    def _file(self, name: str, field: Field, values: Values) -> None:
        st.file_uploader(
            f"{field.label}, up to {field.most // 2**20} MB", type=list(field.types), key=self.key(name),
            help=field.help or None,
        )  # fmt: skip

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


class Layout:
    """A stage as it is laid out: widgets at once, slots to be filled, last the pads and what may be pressed after it."""

    def __init__(self, demo: Demo, controls: Controls, values: Values):
        self.controls, self.values = controls, values
        self.slots = {slot.name: slot for slot in demo.slots()}
        self._spots: dict[str, Any] = {}
        self._last: list[tuple[Any, str]] = []
        self._late: dict[str, Callable[[], Shown]] = {}
        self._fills: Counter[str] = Counter()
        for section in demo.layout:
            self._section(section)

    def _section(self, section: Section) -> None:
        if section.title:
            st.markdown(f"#### {section.title}")
        self._row(section.lead)
        if not section.fields and not section.more:
            self._show(section)
        elif not section.slots:
            self._fields(section)
        else:
            left = section.side == "left"
            columns = st.columns(section.widths[::-1] if left else section.widths, gap="large")
            with columns[1 if left else 0]:
                self._show(section)
            with columns[0 if left else 1]:
                self._fields(section)
        self._row(section.under)

    def _fields(self, section: Section) -> None:
        for name in section.fields:
            self._widget(name)
        if section.more:
            with st.expander(section.more_title):
                for name in section.more:
                    self._widget(name)

    def _row(self, names: tuple[str, ...]) -> None:
        if names:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                for name in names:
                    self._widget(name)

    def _show(self, section: Section) -> None:
        with st.container(key=f"stays-{section.places()[0].name}" if section.stays else None):
            for slot in section.places():
                self._spot(slot)

    def _spot(self, slot: Slot) -> None:
        # A container keeps what it held until the new comes; what is empty shows nothing meanwhile.
        self._spots[slot.name] = st.empty() if slot.charts or slot.meanwhile else st.container()

    def _widget(self, name: str | Slot) -> None:
        fields, buttons = self.controls.fields, self.controls.buttons
        if isinstance(name, Slot):
            self._spot(name)
        elif name in buttons and (buttons[name].options or buttons[name].busy):
            self._last.append((st.container(), name))
        elif name in fields and fields[name].kind == "strokes":
            if fields[name].when(self.values):
                self._last.append((st.container(), name))
        else:
            self.controls.widget(name, self.values)

    def finish(self) -> None:
        """Show what comes after the slots: pads, each of which then sends its next drawing, and what may be pressed now."""
        values = self.controls.values()
        for place, name in self._last:
            with place:
                self.controls.widget(name, values)

    def late(self) -> None:
        """Fill the slots that take long."""
        for name, make in self._late.items():
            self.fill({name: make()})

    def run(self, given: Stage | Iterator[Stage]) -> Stage:
        """Fill the slots with what a stage gives, at once or as it goes on; return what they hold in the end."""
        growing = not isinstance(given, dict)
        last: Stage = {}
        for stage in given if growing else [given]:
            for name, field in self.controls.fields.items():
                if field.kind == "kept" and name in stage:
                    self.controls.set(name, stage[name])
            stage = {name: shown for name, shown in stage.items() if name in self.slots}
            last |= stage
            self.fill(stage, growing)
        if growing:
            late = [name for name in last if self.slots[name].component and not self.slots[name].meanwhile]
            self.fill({name: last[name] for name in late})
        return last

    def fill(self, stage: Stage, growing: bool = False) -> None:
        """Fill slots; a run shows a component once: until its data are final there is a part in its place, or nothing."""
        for name, shown in stage.items():
            slot, spot = self.slots[name], self._spots[name]
            if callable(shown):
                self._late[name] = shown
            elif slot.component and slot.meanwhile:
                if growing and (part := slot.meanwhile(shown)):
                    spot.html(markup.shown(part, ink()))
                else:
                    with spot.container():
                        self._component(slot, shown)
            elif slot.component:
                if not growing:
                    with spot:
                        self._component(slot, shown)
            elif slot.charts:
                self._fills[name] += bool(shown)
                again = f" {self._fills[name]}" if self._fills[name] > 1 else ""  # a run takes a key once
                with spot.container():
                    for i, chart in enumerate(shown if isinstance(shown, Sequence) else [shown] if shown else []):
                        plot(chart, f"{self.controls.page} {name} {i}{again}", self.controls)
            elif isinstance(shown, Rows):
                with spot:
                    rows(shown)
            elif slot.presses and shown:
                with spot:
                    self._pressable(slot.presses, shown)
            elif shown:
                # The element that a container gets keeps its place, and what it shows until the next is there; an empty one would blank.
                self._spots[name] = spot.html(markup.shown(shown, ink()))

    def _pressable(self, name: str, part: Pictures) -> None:
        """Show pictures, each over a button."""
        controls, button = self.controls, self.controls.buttons[name]
        options = button.options(self.values)
        with st.container(horizontal=True, key=f"{controls.page} {name}"):
            for x, alt, (option, said) in zip(part.pixels, part.alts, options.items(), strict=True):
                with st.container(width=part.largest):
                    st.html(markup.picture(x, alt, ink(), scale=part.scale, crisp=part.crisp))
                    st.button(
                        said, key=f"{controls.page} {name} {option}", help=button.help or None, width="stretch",
                        on_click=controls.press, args=(name, option),
                    )  # fmt: skip

    def _component(self, slot: Slot, data: Shown) -> None:
        key, output = f"{self.controls.page}.{slot.name}", slot.component.output

        def receive() -> None:
            given = st.session_state[key].get(output)
            try:
                changes = slot.sets(given, self.controls.values()) if slot.sets and given else {}
            except ValueError:
                return  # our script sends no such thing
            for field, value in changes.items():
                self.controls.set(field, value)

        slot.component.streamlit(key=key, data=data, **{f"on_{output}_change": receive})


def plot(chart: Chart, key: str, controls: Controls | None = None) -> None:
    """Show a chart under its title; a click on a point of one that picks sets its field."""
    if chart.title:
        st.markdown(chart.title)
    figure = charts.dressed(chart.figure(charts.COLORS[theme()]), chart.height)
    told: dict[str, Any] = {"key": key, "config": charts.CONFIG}
    if chart.picks and controls:

        def picked() -> None:
            points = st.session_state[key].selection.points
            if points and "customdata" in points[0]:
                controls.set(chart.picks, int(np.ravel(points[0]["customdata"])[0]))

        told |= {"on_select": picked, "selection_mode": "points"}
        st.caption("Click a point to choose it.")
    st.plotly_chart(figure, **told)


def rows(table: Rows) -> None:
    """Show a long table; a click on a column's name sorts it."""
    told: dict[str, Any] = {}
    for name, cells in table.columns.items():
        if name in table.formats:
            form = table.formats[name]
            told[name] = st.column_config.NumberColumn(format="localized" if form == "," else f"%{form}")
        elif any(str(cell).startswith("https://") for cell in cells):
            told[name] = st.column_config.LinkColumn(display_text="([^/]*)$")
    st.dataframe(table.columns, hide_index=True, column_config=told)


def show(found: Sequence[panels.Panel], key: str) -> None:
    """Show parts and charts, one under the other."""
    for i, panel in enumerate(found):
        if isinstance(panel, Chart):
            plot(panel, f"{key} {i}")
        else:
            st.html(markup.shown(panel, ink()))


def tabs(topic: str, demo: Demo):
    """Show the tabs; return the empty place for the code, which the stage fills."""
    learnt, measured = ["Watch it learn"] * demo.history, ["Measured"] * bool(demo.shown())
    names = ["How it works", *learnt, *measured, "Code"]
    places = dict(zip(names, st.tabs(names), strict=True))
    with places["How it works"]:
        st.markdown(demo.how)
        st.latex(demo.equation)
        drawing(topic)
        st.markdown(f"**Try this.** {demo.try_this}")
    if demo.history:
        with places["Watch it learn"]:
            scrub(topic, [name for name in demo.shown() if name in learning.watchable()])
    for name in demo.shown():
        with places["Measured"]:
            show(panels.measured(name), f"measured {name}")
    return places["Code"].empty()


@st.fragment
def scrub(topic: str, models: list[str]) -> None:
    """Show a model's samples at a moment of its training, on a slider, over the loss."""
    if not models:
        st.info("No history is kept for these models.")
        return
    name = models[0]
    if len(models) > 1:
        name = st.segmented_control("Model", models, default=name, key=f"scrub model {topic}", required=True) or name
    last = len(learning.moments(name)) - 1
    i = st.slider("Moment of training", 0, last, last, key=f"scrub {topic} {name}", format="moment %d")
    show([*panels.moment(name, i), panels.curve(name, i)], f"curve {topic}")


def drawing(topic: str) -> None:
    """Show a demo's drawing, an SVG in the current colour, in the theme's ink; its aria-label becomes the text for screen readers."""
    text = (topics.FOLDER / topic / "drawing.svg").read_text("utf-8")
    alt = text.split('aria-label="', 1)[1].split('"', 1)[0]
    colored = text.replace("currentColor", f"rgb{ink()}").replace(
        "<svg ", "<svg xmlns='http://www.w3.org/2000/svg' ", 1
    )
    source = markup.uri(colored.encode(), "svg+xml")
    st.html(f"<img class='zoo-drawing' alt='{html.escape(alt, quote=True)}' src='{source}'>")
