"""Fields: what a demo's controls hold, said once. Hosts make widgets of them, links and API documentation too."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from playground import drawing
from zoo.nn import MAX_SEED
from zoo.texts import tidy

DIGITS = [str(digit) for digit in range(10)]
LISTED = 1000  # a field with more values than that is in no table
Values = dict[str, Any]


def _always(values: Values) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Field:
    """One control: what it holds, how a link writes it, and how it is named and shown."""

    kind: str
    """'choice', 'switch', 'integer', 'number', 'numbers', 'text', 'strokes', 'file', 'sound', or without a widget 'state', 'lines' or 'kept'"""
    default: Any
    read: Callable[[str], Any]
    """text -> value; raises ValueError with what is allowed"""
    write: Callable[[Any], str] = str
    label: str = ""
    help: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    """of a choice: what each value is called"""
    look: str = ""
    """of a choice: 'digits', 'list' (long, searchable) or 'bare' (its label is not shown); of a number: 'typed' or 'slider'"""
    unit: str = ""
    """of a number, such as '%'"""
    calls: Callable[[str, Values], str] | None = None
    """what an option is called, by the other values, where that changes"""
    allows: Callable[[Values], Sequence[str]] | None = None
    """of a choice: the options at present, by the other values, where that changes; the first stands in for one that is not among them"""
    names: tuple[str, ...] = ()
    """of an integer: what each value from low on is called"""
    most: int = 0
    """of a text: characters; of numbers: how many; of a file or a sound: bytes"""
    first: int = 0
    """of numbers: how many are shown at once"""
    lines: int = 1
    """of a text: rows of its box"""
    pad: Mapping[str, Any] = field(default_factory=dict)
    """of strokes: size, width and tools of the pad; mirror: the switch that its mirror sets; axes: the `lines` that its handles set"""
    handles: Callable[[Values], list[list[int]]] | None = None
    """of strokes with axes: those that the pad shows, x and y of both ends and whether the visitor set it (1 or 0), by the other values"""
    under: Callable[[Values], str] | None = None
    """of strokes: the address of a picture under them, as opaque as it shall be seen, by the other values"""
    types: tuple[str, ...] = ()
    """of a file or a sound: endings"""
    when: Callable[[Values], bool] = _always
    """whether it is shown, by the other values"""
    end: Callable[[Values], float] | None = None
    """of an integer: where it ends at present, by the other values"""
    ends: Callable[[int, Values], Any] | None = None
    """of numbers: the two pictures, grey (H, W) uint8, of what number i does at its low and its high end, by the choices"""
    linked: bool = True
    """whether links and pictures carry it"""
    missing: Any = None
    """what a link or picture without it means, where that is not the default: one from before the control was there"""

    @property
    def unsaid(self) -> Any:
        """What a link or picture without it means."""
        return self.default if self.missing is None else self.missing

    @property
    def has_widget(self) -> bool:
        """Whether it has a widget of its own."""
        return self.kind not in ("state", "lines", "kept")

    @property
    def brought(self) -> bool:
        """Whether it holds a file of a visitor's, as bytes."""
        return self.kind in ("file", "sound")

    @property
    def look_of_pad(self) -> dict[str, Any]:
        """Return what of the pad is no other field's."""
        return {key: value for key, value in self.pad.items() if key not in ("mirror", "axes")}

    def called(self, value: str, values: Values) -> str:
        """Return what an option is called."""
        return self.calls(value, values) if self.calls else self.options[value]

    def allowed(self, values: Values) -> list[str]:
        """Return the options that a choice has at present."""
        return list(self.allows(values) if self.allows else self.options)

    def record(self) -> dict[str, Any]:
        """Return what pages without Python make the control of."""
        kind = {"integer": "number", "strokes": "drawing"}.get(self.kind, self.kind)
        if kind == "state":
            kind = "choice" if self.options else "text" if self.low is None else "number"
        told = {"kind": kind, "default": self.default}
        more = {
            "label": self.label, "help": self.help, "low": self.low, "high": self.high, "step": self.step,
            "options": dict(self.options), "unit": self.unit, "typed": self.look == "typed", "bare": self.look == "bare",
            "length" if self.kind == "numbers" else "most": self.most or None, "shown": self.first or None,
            "pad": self.look_of_pad, "mirror": self.pad.get("mirror"), "axes": self.pad.get("axes"),
            "names": list(self.names) or None, "missing": self.missing, "types": list(self.types) or None, "unlinked": not self.linked,
        }  # fmt: skip
        return told | {
            key: value
            for key, value in more.items()
            if value is not None and value is not False and value != "" and value != {}
        }

    def every(self) -> list[Any]:
        """Return all values that it may hold.

        Raises:
            ValueError: they are too many to be listed.
        """
        if self.options:
            return list(self.options)
        if self.step != 1 or self.low is None or self.high is None or self.high - self.low > LISTED:
            raise ValueError(f"{self.label or self.kind!r} may hold too many values to be listed")
        return list(range(int(self.low), int(self.high) + 1))


def integer(low: int, high: int, default: int, label: str = "", help: str = "", **more: Any) -> Field:
    """Return a field for a whole number from low to high."""

    def read(text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,20}", text) or not low <= (value := int(text)) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    told = {"low": low, "high": high, "step": 1, "look": "slider", **more}
    return Field(kind="integer" if label else "state", default=default, read=read, label=label, help=help, **told)


def seed(default: int = 1, label: str = "Seed", help: str = "", **more: Any) -> Field:
    """Return a field for a seed: any of 32 bits, typed."""
    return integer(0, MAX_SEED, default, label, help, look="typed", **more)


def number(
    low: float, high: float, default: float, label: str = "", help: str = "", step: float = 0.05, **more: Any
) -> Field:
    """Return a field for a number from low to high, kept to two decimals."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return round(value, 2)

    return Field(
        kind="number", default=default, read=read, write=lambda value: f"{value:g}", label=label, help=help,
        low=low, high=high, step=step, look="slider", **more,
    )  # fmt: skip


def choice(
    options: Mapping[str, str] | list[str] | tuple[str, ...], default: str, label: str = "", help: str = "", **more: Any
) -> Field:
    """Return a field for one of the options; a mapping gives each a name."""
    names = dict(options) if isinstance(options, Mapping) else {name: name for name in options}

    def read(text: str) -> str:
        if text not in names:
            raise ValueError("one of " + ", ".join(names) if len(names) <= 20 else f"one of the {len(names)} names")
        return text

    return Field(
        kind="choice" if label else "state", default=default, read=read, label=label, help=help, options=names, **more
    )


def digit(default: str, label: str = "Digit", help: str = "", **more: Any) -> Field:
    """Return a field for one of the ten digits."""
    return choice(DIGITS, default, label, help, look="digits", **more)


def switch(default: bool, label: str, help: str = "", **more: Any) -> Field:
    """Return a field that is on ('yes') or off ('no')."""
    made = choice(["yes", "no"], "yes" if default else "no", label, help)
    return Field(**{**vars(made), "kind": "switch" if label else "state", **more})


def numbers(length: int, low: float, high: float, label: str = "", help: str = "", **more: Any) -> Field:
    """Return a field for a list of numbers with one decimal, such as slider positions; trailing zeros are left out."""

    def read(text: str) -> tuple[float, ...]:
        problem = f"at most {length} numbers from {low:g} to {high:g}, separated by '_'"
        parts = text.split("_") if text else []
        try:
            values = [round(float(part), 1) for part in parts]
        except ValueError:
            raise ValueError(problem) from None
        if len(values) > length or not all(low <= value <= high for value in values):
            raise ValueError(problem)
        return (*values, *[0.0] * (length - len(values)))

    def write(values: tuple[float, ...]) -> str:
        used = max((i + 1 for i, value in enumerate(values) if value), default=0)
        return "_".join(f"{value:g}" for value in values[:used])

    return Field(
        kind="numbers", default=(0.0,) * length, read=read, write=write, label=label, help=help,
        low=low, high=high, step=0.1, most=length, **more,
    )  # fmt: skip


def text(default: str, label: str, help: str = "", *, most: int = 2000, lines: int = 1, **more: Any) -> Field:
    """Return a field for a text of up to `most` characters; `read` may be another one that raises ValueError."""

    def read(given: str) -> str:
        given = tidy(given)
        if len(given) > most or any((ord(c) < 32 and c not in "\n\t") or "\ud800" <= c <= "\udfff" for c in given):
            raise ValueError(f"a text of at most {most:,} characters, without control characters")
        return given

    told = {"read": read, "most": most, "lines": lines, **more}
    return Field(kind="text", default=default, label=label, help=help, **told)


def strokes(
    default: drawing.Strokes,
    label: str,
    help: str = "",
    *,
    when: Callable[[Values], bool] = _always,
    handles: Callable[[Values], list[list[int]]] | None = None,
    under: Callable[[Values], str] | None = None,
    **pad: Any,
) -> Field:
    """Return a field for a drawing; its label stands on the empty pad, its help under it.

    Args:
        handles, under: as in `Field`.
        pad: size (CSS pixels), width (of the pen), tools (eraser, bending, moving, mirror), mirror (name of a switch),
            axes (name of a field of `lines`).
    """
    return Field(
        kind="strokes", default=default, read=drawing.decode, write=drawing.encode, label=label, help=help, pad=pad,
        when=when, handles=handles, under=under,
    )  # fmt: skip


def lines() -> Field:
    """Return a field for straight lines on a pad, [x0, y0, x1, y1] in 0..255 each, without a widget of its own."""

    def read(text: str) -> drawing.Strokes:
        found = drawing.decode(text)
        if any(len(line) != 4 for line in found):
            raise ValueError("lines set on the pad")
        return found

    return Field(kind="lines", default=[], read=read, write=drawing.encode)


def file(label: str, help: str = "", *, types: tuple[str, ...], most: int, **more: Any) -> Field:
    """Return a field for a file of a visitor's, as bytes; no link carries it."""

    def read(text: str) -> bytes:
        raise ValueError("a file, which no link carries")

    return Field(
        kind="file", default=None, read=read, label=label, help=help, types=types, most=most, linked=False, **more
    )


def sound(label: str, help: str = "", **told: Any) -> Field:
    """Return a field for a sound that a visitor records, or a file that holds one; see `file`."""
    return replace(file(label, help, **told), kind="sound")


def kept() -> Field:
    """Return a field for what a stage remembers, by giving it under the field's name: any object, None at first; no link carries it."""

    def read(text: str) -> None:
        raise ValueError("left out: no link carries it")

    return Field(kind="kept", default=None, read=read, linked=False)
