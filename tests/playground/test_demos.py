"""What every demo says of itself, whatever the host."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zoo
from playground import markup, thumbnails, topics
from playground.demo import GROUPS, Chart, Refused
from tests.playground.values import bad, defaults, others, visible

INK = (27, 27, 31)
TOPICS = topics.names()
FIELDS = [(topic, name) for topic in TOPICS for name in topics.demo(topic).fields()]


def stage(demo, values):
    """Return what all slots hold in the end."""
    given = demo.stage(values)
    if isinstance(given, dict):
        return given
    last = {}
    for part in given:
        last |= part
    return last


@pytest.mark.parametrize("topic", TOPICS)
def test_a_demo_explains_itself(topic):
    demo = topics.demo(topic)
    assert 40 <= len(demo.how.split()) <= 120
    assert demo.title and demo.term and demo.line.endswith((".", "?")) and demo.equation and demo.try_this
    assert demo.group in GROUPS
    drawing = (topics.FOLDER / topic / "drawing.svg").read_text("utf-8")
    assert 'role="img"' in drawing and 'aria-label="' in drawing and "currentColor" in drawing
    assert set(demo.shown()) <= set(zoo.names()) and set(demo.weighed()) <= set(zoo.names())


@pytest.mark.parametrize("topic", TOPICS)
def test_every_field_and_button_has_one_place(topic):
    demo = topics.demo(topic)
    placed = demo.controls()
    shown = {name for name, field in demo.fields().items() if field.has_widget}
    assert sorted(placed) == sorted(shown | set(demo.buttons or {}))
    assert all(field.label for name, field in demo.fields().items() if name in shown)


@pytest.mark.parametrize(("topic", "name"), FIELDS)
def test_a_field_reads_what_it_writes_and_names_what_it_refuses(topic, name):
    field = topics.demo(topic).fields()[name]
    if field.brought or field.kind == "kept":
        with pytest.raises(ValueError, match="no link carries"):
            field.read("x")
        return
    for value in [field.default, *others(field)]:
        assert field.read(field.write(value)) == value
    for text, said in bad(field):
        with pytest.raises(ValueError, match=said if said != "must be" else ""):
            field.read(text)
    if field.kind != "state" and field.low is not None:
        lows = field.default if isinstance(field.default, tuple) else (field.default,)
        assert all(field.low <= value <= field.high for value in lows)


@pytest.mark.parametrize(("topic", "name"), FIELDS)
def test_a_field_can_be_seen(topic, name):
    assert visible(topics.demo(topic), name), f"no values show {name}"


@pytest.mark.parametrize("topic", TOPICS)
def test_the_stage_fills_its_slots(topic):
    demo = topics.demo(topic)
    slots, filled = {slot.name: slot for slot in demo.slots()}, stage(demo, defaults(demo))
    remembered = {name for name, field in demo.fields().items() if field.kind == "kept"}
    assert set(filled) <= set(slots) | remembered and any(filled.values())
    for name, shown in filled.items():
        if name in remembered:
            continue
        shown = shown() if callable(shown) else shown
        if slots[name].component:
            continue
        if slots[name].charts:
            found = [shown] if isinstance(shown, Chart) else list(shown or [])
            assert len(found) <= slots[name].charts
            for chart in found:
                assert chart.figure(["#000000", "#111111", "#222222", "#333333"]).data
        elif shown:
            html = markup.shown(shown, INK)
            assert html and "alt=''" not in html


@pytest.mark.parametrize("topic", TOPICS)
def test_the_download_is_a_picture(topic):
    demo = topics.demo(topic)
    try:
        pixels = demo.render(defaults(demo))
    except Refused:
        pytest.skip("needs data that is not at hand")
    assert pixels.dtype == np.uint8 and pixels.ndim in (2, 3) and min(pixels.shape[:2]) >= 28


@pytest.mark.parametrize("topic", TOPICS)
def test_other_downloads_are_files(topic):
    demo = topics.demo(topic)
    for export in demo.exports:
        assert export.label and export.kind.isalnum() and "/" in export.mime
        assert isinstance(export.make(defaults(demo)), bytes)
    assert len({export.kind for export in demo.exports} | {"png"}) == len(demo.exports) + 1


@pytest.mark.parametrize("topic", TOPICS)
def test_the_code_is_python(topic):
    demo = topics.demo(topic)
    ast.parse(demo.code(defaults(demo)))


@pytest.mark.parametrize("topic", TOPICS)
def test_a_thumbnail_lies_ready(topic):
    drawn = topics.demo(topic).thumbnail()
    assert drawn.shape[0] == drawn.shape[1]
    with Image.open(thumbnails.path(topic)) as kept:
        assert min(kept.size) >= thumbnails.SIDE
        now = thumbnails.drawn(drawn).convert(kept.mode)
        apart = np.abs(np.asarray(now.resize((28, 28), Image.Resampling.BOX), float) - np.asarray(kept.resize((28, 28), Image.Resampling.BOX), float))  # fmt: skip
    assert apart.mean() < 2, "the thumbnail is another: run make cards"


def test_the_readme_lists_every_page():
    text = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
    listed = text.split("<!-- pages -->")[1].split("<!-- end of pages -->")[0].strip().splitlines()[2:]
    assert listed == [f"| {demo.title} | {demo.term} | {demo.line} |" for demo in topics.find().values()], (
        "run make cards"
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_no_bound_or_label_stands_twice(topic):
    """The demo's folder says labels once: in its fields."""
    labels = [field.label for field in topics.demo(topic).fields().values() if len(field.label) > 12]
    text = "\n".join(path.read_text("utf-8") for path in (topics.FOLDER / topic).glob("*.*") if path.suffix in (".py", ".js"))  # fmt: skip
    twice = [label for label in labels if len(re.findall(f"[\"']{re.escape(label)}[\"']", text)) > 1]
    assert not twice
