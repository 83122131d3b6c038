"""A demo's stage in a Gradio app."""

import html
import inspect
from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Any

import gradio as gr

from playground import markup
from playground.demo import Demo, Refused, Section, Slot, Stage
from playground.fields import Values
from playground.hosts.gradio_host.look import INK, QUIET
from playground.hosts.gradio_host.page import Page
from playground.hosts.gradio_host.tabs import plotted, tabs
from playground.hosts.gradio_host.widgets import widget
from playground.hosts.gradio_host.wiring import wire


def lay_out(app: gr.Blocks, demo: Demo, page: Page) -> None:
    """Show a demo's stage: controls, slots, actions, tabs."""
    layout = Layout(demo, page)
    actions = gr.Column()
    code = tabs(page.name, demo)
    with actions:
        page.hide_the_rest()
        redraw = wire(
            page, app, [*layout.outputs, code], draw=layout.draw, render=demo.render, scale=demo.scale, exports=demo.exports
        )  # fmt: skip
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
            return widget(self.page, name)
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
                            # Once a stage left the component as it is, Gradio has one of its own class, which unwraps nothing.
                            answer = (given or {}).get(slot.component.output, given)
                            return slot.sets(answer, values) if answer else {}
                        except ValueError as error:
                            raise Refused(f"This cannot be read: {error}.") from error

                    return self.page.change(changes)(*widgets)

                shown = self._spots[slot.name][0]
                if slot.redraws:
                    redraw(shown.input(self.page.ending(receive), [turn, shown, *controls], controls, **QUIET))
                else:
                    shown.input(receive, [shown, *controls], controls, **QUIET)
