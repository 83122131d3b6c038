"""Values for any field: what tests of all demos need, whatever their fields are."""

from collections.abc import Iterator
from typing import Any

from playground.demo import Demo
from playground.fields import Field, Values

STROKES = [[128, 20, 120, 230]]


def defaults(demo: Demo, **changes: Any) -> Values:
    """Return every field's default, but for some values."""
    return {name: field.default for name, field in demo.fields().items()} | changes


def bare(demo: Demo) -> set[str]:
    """Return what every link of a demo at its defaults carries: the weights, and what a link without it would not mean."""
    return {
        "weights",
        *(name for name, field in demo.fields().items() if field.linked and field.unsaid != field.default),
    }


def others(field: Field) -> Iterator[Any]:
    """Yield values that a field may hold beside its default, the mildest first."""
    if field.options:
        yield from (option for option in field.options if option != field.default)
    elif field.kind == "numbers":
        yield (field.high / 2, *[0.0] * (field.most - 2), field.low)
    elif field.kind == "strokes":
        yield STROKES
    elif field.low is not None:
        nearby = (field.default + field.step, field.default - field.step)
        yield from (type(field.default)(round(value, 2)) for value in nearby if field.low <= value <= field.high)
    elif field.kind == "text":
        yield from (text for text in ("ROMEO:", "7", "48 16") if text != field.default and _reads(field, text))


def bad(field: Field) -> list[tuple[str, str]]:
    """Return texts that a field must refuse, and what is said of each."""
    if field.kind == "numbers":
        return [("1_2_x", "numbers from"), ("9" * 400, "numbers from")]
    if field.options:
        return [("../../etc", "one of"), ("<b>x</b>", "one of")]
    if field.kind == "strokes":
        return [("!!!", "a drawing made here"), ("AAAA", "a drawing made here")]
    if field.low is not None:
        kind = "a whole number from" if isinstance(field.default, int) else "a number from"
        return [("1e99", kind), ("nan", kind), (f"{field.high + 1:.0f}" if field.high < 1e9 else "9" * 400, kind)]
    return [("\x00", "must be"), ("x" * 13_000, "must be")]


def visible(demo: Demo, name: str) -> Values | None:
    """Return values with which a field is shown: the defaults, or with another field changed, or two that go together; None where there are none."""
    fields, values = demo.fields(), defaults(demo)
    if fields[name].when(values):
        return values
    once = [values | {other: value} for other, field in fields.items() for value in others(field)]
    for changed in once:
        if fields[name].when(changed):
            return changed
    for changed in once:
        for other, field in fields.items():
            if field.allows and changed[other] == values[other]:
                for value in field.allowed(changed):
                    if fields[name].when(changed | {other: value}):
                        return changed | {other: value}
    return None


def _reads(field: Field, text: str) -> bool:
    try:
        return field.read(text) == text
    except ValueError:
        return False
