"""The drawing pad in a real Chromium, mounted without any framework, and its validator."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from playground.components import canvas

FOLDER = Path(canvas.__file__).parent

# The host keeps every call and answers it when told to: at once, after some ms, or never.
PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="canvas.css">
<body style="margin: 20px"><div id="host"></div><script type="module">
import { mount } from "./canvas.js";
window.calls = [];
window.open_ = window.most = 0;
window.start = (delay, state = {}) => {
  window.pad = mount(document.getElementById("host"), { label: "draw a digit", ...state }, (drawing) => {
    calls.push(drawing);
    most = Math.max(most, (open_ += 1));
    const answer = () => { open_ -= 1; pad.update(drawing); };
    if (delay === 0) answer();
    else if (delay !== null) setTimeout(answer, delay);
  });
};
window.ready = true;
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/":
            return super().do_GET()
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(FOLDER)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def phone(browser):
    context = browser.new_context(viewport={"width": 390, "height": 600}, has_touch=True)
    yield context
    context.close()


@pytest.fixture
def page(phone, address):
    page = phone.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.wait_for_function("window.ready")
    yield page
    page.close()
    assert not errors


def start(page, delay=0, **state):
    page.evaluate("([delay, state]) => start(delay, state)", [delay, state])


def spot(page, x, y):
    """Where the pad's point (x, y), 0..255, lies in the window."""
    box = page.locator(".zoo-pad-paper").bounding_box()
    return box["x"] + x / 255 * box["width"], box["y"] + y / 255 * box["height"]


def line(page, *points, lift=True):
    page.mouse.move(*spot(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*spot(page, *point), steps=8)
    if lift:
        page.mouse.up()


def calls(page):
    return page.evaluate("calls")


def last(page):
    return page.evaluate("calls.at(-1).strokes")


def shown(page):
    return page.locator(".zoo-pad-ink path").count()


def near(numbers, expected, tolerance=2):
    return len(numbers) == len(expected) and all(
        abs(a - b) <= tolerance for a, b in zip(numbers, expected, strict=True)
    )


def test_mouse_draws(page):
    start(page)
    assert page.locator(".zoo-pad-hint").inner_text() == "draw a digit"
    line(page, (40, 60), (200, 60))
    line(page, (200, 100), (100, 220))
    one, two = canvas.validate_strokes(last(page))
    assert near(one[:2] + one[-2:], [40, 60, 200, 60])
    assert near(two[:2] + two[-2:], [200, 100, 100, 220])
    assert len(one) > 8  # a line, not its two ends
    assert len(calls(page)) > 4  # told while it was drawn
    assert [call["seq"] for call in calls(page)] == list(range(1, len(calls(page)) + 1))
    assert page.locator(".zoo-pad-hint").is_hidden()
    assert shown(page) == 2


def test_a_click_is_a_dot(page):
    start(page)
    page.mouse.click(*spot(page, 128, 128))
    (dot,) = last(page)
    assert near(dot, [128, 128])


def test_a_stroke_stays_inside(page):
    start(page)
    line(page, (128, 128), (400, 300))
    assert last(page)[0][-2:] == [255, 255]


def test_touch_draws_and_does_not_scroll(page):
    start(page)
    page.evaluate("document.body.style.height = '3000px'")
    session = page.context.new_cdp_session(page)

    def touch(kind, *point):
        spots = [dict(zip("xy", spot(page, *point), strict=True))] if point else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    touch("touchStart", 60, 200)
    for y in range(180, 39, -20):
        touch("touchMove", 60, y)
    touch("touchEnd")
    (stroke,) = last(page)
    assert near(stroke[:2] + stroke[-2:], [60, 200, 60, 40])
    assert page.evaluate("window.scrollY") == 0


def test_keyboard_draws(page):
    start(page)
    page.keyboard.press("Tab")
    pad = page.get_by_role("application", name="draw a digit")
    assert pad.evaluate("pad => pad === document.activeElement")
    page.keyboard.press("ArrowLeft")  # moves without a mark
    assert calls(page) == []
    assert page.locator(".zoo-pad-cursor").is_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert last(page) == [[124, 128, 140, 128, 140, 132]]
    assert "Pen up" in page.get_by_role("status").inner_text()
    page.keyboard.press("Control+z")
    assert last(page) == []
    page.keyboard.press("Space")
    page.keyboard.press("Delete")
    assert last(page) == []


def test_undo_and_clear(page):
    start(page)
    undo, clear = (page.get_by_role("button", name=name) for name in ("Undo", "Clear"))
    assert undo.get_attribute("aria-disabled") == "true"
    for button in (undo, clear):
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44
    line(page, (40, 60), (200, 60))
    line(page, (40, 90), (200, 90))
    undo.click()
    assert len(last(page)) == shown(page) == 1
    clear.click()
    assert last(page) == []
    assert page.locator(".zoo-pad-hint").is_visible()
    undo.click()  # what Clear took away comes back
    assert len(last(page)) == shown(page) == 1


def test_a_late_host_gets_one_call_at_a_time_and_the_last_state(page):
    start(page, 60)
    line(page, (40, 60), (200, 60), (40, 200), (200, 200), (20, 20))
    page.wait_for_function("open_ === 0 && calls.at(-1).strokes[0].at(-1) <= 22")
    assert page.evaluate("most") == 1
    drawn = page.locator(".zoo-pad-ink path").get_attribute("d")
    assert drawn.split("L")[1] == " ".join(map(str, last(page)[0]))
    count = len(calls(page))
    page.wait_for_timeout(150)
    assert len(calls(page)) == count  # nothing more to say


# Timers that ring when the test says so.
ALARMS = """
window.alarms = new Map();
window.setTimeout = (ring, ms) => { alarms.set(alarms.size, { ring, ms }); return alarms.size - 1; };
window.clearTimeout = (id) => alarms.set(id, null);
window.waiting = () => [...alarms.values()].filter(Boolean).map((alarm) => alarm.ms);
window.ring = () => { for (const [id, alarm] of [...alarms]) { alarms.set(id, null); alarm?.ring(); } };
"""


def test_a_lost_answer_is_asked_for_again(page):
    page.evaluate(ALARMS)
    start(page, None)
    line(page, (40, 60), (200, 60))
    assert len(calls(page)) == 1
    assert page.evaluate("waiting()") == [5000]
    page.evaluate("ring()")
    assert len(calls(page)) == 2
    assert near(last(page)[0][-2:], [200, 60])
    for _ in range(10):
        page.evaluate("ring()")
    assert len(calls(page)) <= 5  # and not for ever


def test_a_busy_host_is_not_taken_for_lost(page):
    page.evaluate(ALARMS)
    start(page, None)
    line(page, (40, 60), (200, 60))
    page.evaluate("pad.update({ seq: calls[0].seq, busy: true })")
    assert page.evaluate("waiting()") == []
    assert len(calls(page)) == 1
    page.evaluate("pad.update({ seq: calls[0].seq })")
    assert len(calls(page)) == 2


def test_an_old_echo_does_not_erase_a_running_stroke(page):
    start(page, None)
    line(page, (40, 60), (200, 60), lift=False)
    page.evaluate("pad.update(calls[0])")  # the answer to the first point
    page.evaluate("pad.update({ strokes: [], seq: 0 })")
    page.evaluate("pad.update({ strokes: [] })")
    page.mouse.move(*spot(page, 200, 200), steps=4)
    page.mouse.up()
    page.evaluate("pad.update(calls.at(-1))")
    (stroke,) = last(page)
    assert near(stroke[:2] + stroke[-2:], [40, 60, 200, 200])
    assert shown(page) == 1


def test_an_idle_pad_takes_over_the_hosts_drawing(page):
    start(page, 0, strokes=[[10, 10, 90, 90]], seq=7)
    assert shown(page) == 1
    assert calls(page) == []
    line(page, (40, 60), (200, 60))
    seq = calls(page)[-1]["seq"]
    assert seq > 7
    page.evaluate("pad.update({ strokes: [[1, 1, 9, 9]], seq: 3 })")
    assert shown(page) == 2  # older than the pad: not taken
    page.evaluate("seq => pad.update({ strokes: [], seq })", seq)
    assert shown(page) == 0
    page.evaluate("pad.update({ strokes: [[1, 1, 9, 9]] })")
    assert shown(page) == 1


def test_a_reset_overtakes_the_answer_still_to_come(page):
    start(page, None)
    page.mouse.click(*spot(page, 60, 60))
    page.evaluate("pad.update({ strokes: [] })")
    page.evaluate("pad.update(calls[0])")
    assert shown(page) == 0


def test_strokes_are_limited(page):
    start(page, 0, strokes=[[i, i] for i in range(64)])
    page.mouse.click(*spot(page, 60, 60))
    assert calls(page) == []
    assert "full" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="Undo").click()
    page.mouse.click(*spot(page, 60, 60))
    assert len(last(page)) == 64


def test_points_are_limited(page):
    start(page, 0, strokes=[[9, 9] * 1990])
    line(page, (20, 60), (200, 60), (20, 200), (200, 200))
    assert sum(map(len, last(page))) == 2 * canvas.MAX_POINTS
    assert "full" in page.get_by_role("status").inner_text()
    canvas.validate_strokes(last(page))


def test_a_disabled_pad_and_a_destroyed_one_are_silent(page):
    start(page, 0, disabled=True, size=200)
    assert page.locator(".zoo-pad-sheet").bounding_box()["width"] == 200
    line(page, (40, 60), (200, 60))
    assert calls(page) == []
    page.evaluate("pad.update({ disabled: false }); pad.destroy()")
    assert page.locator("#host").inner_html() == ""


@pytest.mark.parametrize(
    "strokes",
    [[], [[0, 255]], [[1, 2, 3, 4], [5, 6]], [[0, 0]] * 64, [[0, 0] * 2000]],
)
def test_valid_strokes_come_back_equal(strokes):
    checked = canvas.validate_strokes(strokes)
    assert checked == strokes
    assert all(a is not b for a, b in zip(checked, strokes, strict=True))


@pytest.mark.parametrize(
    ("strokes", "problem"),
    [
        (None, "must be a list"),
        ("drawing", "must be a list"),
        ({"0": [1, 2]}, "must be a list"),
        ([1, 2], "stroke 0 must be a list"),
        ([[1, 2], "34"], "stroke 1 must be a list"),
        ([[]], "pairs"),
        ([[1, 2, 3]], "pairs"),
        ([[1, 2.0]], "integers"),
        ([[1, float("nan")]], "integers"),
        ([[True, False]], "integers"),
        ([[1, "2"]], "integers"),
        ([[0, 256]], "from 0 to 255"),
        ([[-1, 0]], "from 0 to 255"),
        ([[0, 0]] * 65, "at most 64"),
        ([[0, 0] * 1000, [0, 0] * 1001], "more than 2000"),
    ],
)
def test_bad_strokes_are_named(strokes, problem):
    with pytest.raises(ValueError, match=problem):
        canvas.validate_strokes(strokes)


def test_limits_agree_with_the_script():
    for name in ("SIDE", "MAX_STROKES", "MAX_POINTS"):
        assert f"const {name} = {getattr(canvas, name)};" in canvas.SCRIPT


def test_streamlit_adapter_keeps_a_drawing_set_by_the_page():
    from streamlit.testing.v1 import AppTest

    def script():
        import streamlit as st

        from playground.components.canvas import streamlit_canvas

        st.text(str(streamlit_canvas("digit", strokes=[[1, 2]])))

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.text[0].value == "[[1, 2]]"
    app.session_state["digit.strokes"] = [[3, 4, 5, 6]]
    assert app.run().text[0].value == "[[3, 4, 5, 6]]"
    app.session_state["digit.strokes"] = [[3, 400]]
    assert "from 0 to 255" in app.run().exception[0].value


def test_gradio_adapter_answers_with_a_checked_drawing():
    gradio = pytest.importorskip("gradio")

    pad = canvas.gradio_canvas("draw a digit", size=200)
    drawing = pad.preprocess({"strokes": [[1, 2]], "seq": 4, "answer": True})
    assert drawing == {"strokes": [[1, 2]], "seq": 4}
    answer = pad.postprocess(drawing)
    assert answer["seq"] == 4
    assert answer != drawing  # else the browser would not notice it
    assert "export" not in pad.js_on_load
    with pytest.raises(gradio.Error, match="integers"):
        pad.preprocess({"strokes": [["1", 2]], "seq": 4})
