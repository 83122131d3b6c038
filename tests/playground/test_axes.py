"""The pad's axes in a real Chromium: lines with grips, which a person turns and gives back."""

import pytest

from playground.components import canvas
from tests.playground import test_canvas
from tests.playground.test_canvas import calls, choose, line, spot, start

address, page, phone = test_canvas.address, test_canvas.page, test_canvas.phone  # fixtures

FOUND = [128, 40, 128, 200, 0]
STROKE = [60, 60, 200, 60, 200, 180, 60, 180, 60, 60]


def begin(page, **state):
    start(
        page, **{"strokes": [STROKE], "tools": True, "mirror": False, "axes": [], "lines": [FOUND], "width": 3, **state}
    )


def grips(page):
    return page.locator(".zoo-pad-grip:visible")


def centre(page, i):
    box = grips(page).nth(i).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pull(page, i, x, y):
    page.mouse.move(*centre(page, i))
    page.mouse.down()
    page.mouse.move(*spot(page, x, y), steps=5)
    page.mouse.up()


def test_an_axis_is_shown_while_the_pad_does_not_mirror(page):
    begin(page)
    assert grips(page).count() == 2
    assert grips(page).first.get_attribute("aria-valuetext") == "head 0 degrees from up"
    page.locator(".zoo-pad-mirror").click()
    assert grips(page).count() == 0
    page.locator(".zoo-pad-mirror").click()
    page.locator(".zoo-pad-clear").click()
    assert grips(page).count() == 0


def test_a_grip_turns_the_axis_and_draws_nothing(page):
    begin(page)
    pull(page, 0, 200, 60)
    told = calls(page)[-1]
    assert told["strokes"] == [STROKE] and len(told["axes"]) == 1
    x0, y0, x1, y1 = told["axes"][0]
    assert abs(x0 - 200) <= 3 and abs(y0 - 60) <= 3 and (x1, y1) == (128, 200)
    assert grips(page).first.get_attribute("aria-valuetext") == "head 27 degrees from up, set by hand"
    canvas.validate_axes(told["axes"])


def test_a_turn_is_one_step_to_take_back(page):
    begin(page)
    pull(page, 0, 200, 60)
    page.locator(".zoo-pad-undo").click()
    assert calls(page)[-1]["axes"] == []
    page.locator(".zoo-pad-redo").click()
    assert len(calls(page)[-1]["axes"]) == 1


def test_the_keyboard_turns_an_axis_and_gives_it_back(page):
    begin(page)
    grips(page).first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert grips(page).first.get_attribute("aria-valuenow") == "10"
    page.keyboard.press("Shift+ArrowLeft")
    assert grips(page).first.get_attribute("aria-valuenow") == "0"
    assert len(calls(page)[-1]["axes"]) == 1
    page.keyboard.press("Delete")
    assert calls(page)[-1]["axes"] == [] and calls(page)[-1]["strokes"] == [STROKE]


def test_one_of_two_axes_is_set(page):
    begin(page, lines=[FOUND, [40, 40, 60, 90, 1]], axes=[[40, 40, 60, 90]])
    assert grips(page).count() == 4
    pull(page, 1, 160, 200)
    axes = calls(page)[-1]["axes"]
    assert [40, 40, 60, 90] in axes and len(axes) == 2


def test_an_axis_goes_with_the_drawing_and_away_with_it(page):
    begin(page, axes=[[128, 40, 128, 200]], lines=[[128, 40, 128, 200, 1]])
    choose(page, "Move")
    line(page, (60, 120), (90, 130))
    told = calls(page)[-1]
    shift = told["strokes"][0][0] - 60
    assert shift > 20 and told["axes"] == [
        [128 + shift, 40 + told["strokes"][0][1] - 60, 128 + shift, 200 + told["strokes"][0][1] - 60]
    ]
    page.locator(".zoo-pad-clear").click()
    assert calls(page)[-1]["axes"] == []


def test_the_hosts_new_lines_are_shown(page):
    begin(page)
    page.evaluate("pad.update({ ...calls.at(-1), lines: [[20, 20, 20, 90, 0], [90, 90, 190, 90, 0]] })")
    assert grips(page).count() == 4
    assert grips(page).nth(2).get_attribute("aria-valuenow") == "-90"


def test_a_pad_without_axes_has_no_grips(page):
    start(page, strokes=[STROKE], tools=True, mirror=False, lines=[FOUND])
    assert grips(page).count() == 0
    line(page, (20, 20), (40, 40))
    assert "axes" not in calls(page)[-1]


@pytest.mark.parametrize("axes", [None, "x", [[1, 2]], [[1, 2, 3, 4, 5, 6]], [[1, 2, 3, 400]], [[1, 2, 3, True]]])
def test_axes_that_are_none_are_named(axes):
    with pytest.raises(ValueError):
        canvas.validate_axes(axes)


def test_streamlit_adapter_keeps_the_axes():
    from streamlit.testing.v1 import AppTest

    def script():
        import streamlit as st

        from playground.components.canvas import streamlit_canvas

        streamlit_canvas("wing", tools=True, mirror=False, lines=[[1, 2, 3, 4, 0]])
        st.text(str(st.session_state["wing.axes"]))

    app = AppTest.from_function(script).run()
    assert not app.exception and app.text[0].value == "[]"
    app.session_state["wing.axes"] = [[1, 2, 3, 4]]
    assert app.run().text[0].value == "[[1, 2, 3, 4]]"
    app.session_state["wing.axes"] = [[1, 2]]
    assert "two points" in app.run().exception[0].value


def test_gradio_adapter_checks_the_axes():
    gradio = pytest.importorskip("gradio")

    pad = canvas.gradio_canvas("draw", tools=True, axes=True)
    drawing = {"strokes": [[1, 2]], "mirror": False, "axes": [[1, 2, 3, 4]], "seq": 4}
    assert pad.preprocess({**drawing, "lines": []}) == drawing
    assert pad.postprocess({"strokes": []})["axes"] == []
    with pytest.raises(gradio.Error, match="two points"):
        pad.preprocess({**drawing, "axes": [[1, 2]]})
