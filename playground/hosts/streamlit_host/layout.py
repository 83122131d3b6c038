"""A demo's stage as a Streamlit page lays it out."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import streamlit as st

from playground import markup
from playground.demo import Demo, Pictures, Rows, Section, Shown, Slot, Stage
from playground.fields import Values
from playground.hosts.streamlit_host.controls import Controls
from playground.hosts.streamlit_host.look import ink, plot, rows
from playground.hosts.streamlit_host.widgets import widget


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
            widget(self.controls, name, self.values)

    def finish(self) -> None:
        """Show what comes after the slots: pads, each of which then sends its next drawing, and what may be pressed now."""
        values = self.controls.values()
        for place, name in self._last:
            with place:
                widget(self.controls, name, values)

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
                        pick = partial(self.controls.set, chart.picks) if chart.picks else None
                        plot(chart, f"{self.controls.page} {name} {i}{again}", pick)
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
            for shown, (option, said) in zip(markup.pictures(part, ink()), options.items(), strict=True):
                with st.container(width=part.largest):
                    st.html(shown)
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
