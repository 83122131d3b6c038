"""The drawing pad in a real Chromium, mounted without any framework, and its validators."""

import math
from itertools import pairwise
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


@pytest.fixture(scope="module")
def address(serve):
    return serve(PAGE, FOLDER)


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


def finger(page, *points):
    session = page.context.new_cdp_session(page)
    for kind, point in [("touchStart", points[0]), *(("touchMove", point) for point in points[1:]), ("touchEnd", None)]:
        spots = [dict(zip("xy", spot(page, *point), strict=True))] if point else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})


def fingers(page, *frames):
    """Touch with the points of each frame in turn, then let go."""
    session = page.context.new_cdp_session(page)
    kinds = ["touchStart" if len(now) > len(before) else "touchMove" for before, now in pairwise([[], *frames])]
    for kind, points in zip([*kinds, "touchEnd"], [*frames, []], strict=True):
        spots = [dict(zip("xy", spot(page, *point), strict=True), id=i) for i, point in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})


def choose(page, tool):
    page.get_by_role("radio", name=tool).check()


def pairs(stroke):
    return list(zip(stroke[::2], stroke[1::2], strict=True))


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
    finger(page, (60, 200), *((60, y) for y in range(180, 39, -20)))
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


def test_a_digit_pad_has_no_tools(page):
    start(page, 0, mirror=True)
    assert page.get_by_role("radio").count() == 0
    assert page.get_by_role("button").count() == 2
    line(page, (40, 60), (200, 60))
    page.keyboard.press("e")
    page.keyboard.press("m")
    line(page, (40, 90), (200, 190), (40, 190))
    assert shown(page) == 2
    assert all(set(call) == {"strokes", "seq"} for call in calls(page))
    assert len(last(page)[1]) > 24  # as it was drawn, not smoothed and thinned
    for _ in range(3):
        page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    assert last(page) == []


TOOLS = ("Pen", "Eraser", "Bend", "Move")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_toolbar_fits_a_phone_and_has_names(page, scheme):
    page.emulate_media(color_scheme=scheme)
    start(page, 0, tools=True, size=512)
    parts = [page.get_by_role("radio", name=tool) for tool in TOOLS]
    parts += [page.get_by_role("button", name=name) for name in ("Mirror", "Undo", "Redo", "Clear")]
    for part in parts:
        box = part.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cut = "[...document.querySelectorAll('button, label')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert page.evaluate(cut) == 0
    assert parts[0].is_checked()


def test_mirrored_strokes_are_shown_and_not_sent(page):
    axis = "getComputedStyle(document.querySelector('.zoo-pad-axis')).visibility"
    start(page, 0, tools=True, strokes=[[200, 40, 220, 60]])
    assert calls(page) == []
    line(page, (100, 60), (200, 160))  # across the axis
    assert len(last(page)) == shown(page) == page.locator(".zoo-pad-reflection path").count() == 2
    assert last(page)[0] == [200, 40, 220, 60]
    assert page.evaluate("calls.at(-1).mirror") is True
    assert page.evaluate(axis) == "visible"
    box = page.locator(".zoo-pad-reflection").bounding_box()
    paper = page.locator(".zoo-pad-paper").bounding_box()
    assert box["x"] < paper["x"] + 0.25 * paper["width"]  # x = 200..220 is seen at 35..55

    mirror = page.get_by_role("button", name="Mirror")
    mirror.click()
    assert mirror.get_attribute("aria-pressed") == "false"
    assert page.evaluate("calls.at(-1).mirror") is False
    assert page.locator(".zoo-pad-reflection path").count() == 0
    assert page.evaluate(axis) == "hidden"
    page.keyboard.press("Control+z")
    assert page.evaluate("calls.at(-1).mirror") is True
    assert len(last(page)) == 2


def test_pen_strokes_are_smoothed_between_their_ends(page):
    start(page, 0, tools=True, mirror=False)
    page.mouse.move(*spot(page, 20, 100))
    page.mouse.down()
    for x in range(20, 230, 3):
        page.mouse.move(*spot(page, x, 100 + 30 * math.sin(x / 30) + 2 * (-1) ** x))
    page.mouse.move(*spot(page, 230, 130))
    page.mouse.up()
    (stroke,) = canvas.validate_strokes(last(page))
    assert near(stroke[:2] + stroke[-2:], [20, 100, 230, 130], 3)
    assert len(stroke) <= 2 * 40  # 70 points were drawn
    inner = [(x, y) for x, y in pairs(stroke) if 30 < x < 215]
    assert max(abs(y - 100 - 30 * math.sin(x / 30)) for x, y in inner) < 2.5
    line(page, (20, 200), (220, 200))
    assert len(last(page)[1]) == 4  # a straight line needs two points
    page.mouse.click(*spot(page, 60, 60))
    assert near(last(page)[2], [60, 60])


def test_the_eraser_cuts_and_its_reflection_too(page):
    start(page, 0, tools=True, strokes=[[20, 100, 120, 100], [20, 105], [40, 200, 48, 200]])
    choose(page, "Eraser")
    line(page, (185, 60), (185, 140))  # the reflection of x = 70
    left, right, *others = last(page)
    assert near(left, [20, 100, 60, 100]) and near(right, [80, 100, 120, 100])
    assert others == [[20, 105], [40, 200, 48, 200]]
    assert page.locator(".zoo-pad-ring").first.get_attribute("r") == "10"
    page.mouse.click(*spot(page, 20, 105))  # a dot goes, a line becomes shorter
    (left, *others) = last(page)
    assert left[0] > 24 and len(others) == 2
    page.mouse.click(*spot(page, 44, 200))  # all of it
    assert len(last(page)) == 2
    count = len(calls(page))
    line(page, (200, 20), (240, 20))  # nothing there
    assert len(calls(page)) == count
    for strokes in (3, 3, 3):
        page.keyboard.press("Control+z")
        assert len(last(page)) >= strokes
    assert last(page) == [[20, 100, 120, 100], [20, 105], [40, 200, 48, 200]]


def test_bending_pulls_what_is_near_and_on_both_sides(page):
    start(page, 0, tools=True, strokes=[[10, 50, 110, 50], [10, 250, 110, 250]])
    choose(page, "Bend")
    page.mouse.click(*spot(page, 60, 50))
    assert calls(page) == []
    line(page, (60, 50), (60, 90))
    bent, far = last(page)
    assert far == [10, 250, 110, 250]
    assert bent[:2] + bent[-2:] == [10, 50, 110, 50]
    assert abs(max(bent[1::2]) - 90) <= 1
    assert all(abs(y - 50 - 20 * (1 + math.cos(math.pi * min(1, abs(x - 60) / 45)))) < 2 for x, y in pairs(bent))
    assert len(bent) > 12
    line(page, (195, 250), (215, 230))  # at the reflection of (60, 250), outwards and up
    top = min(pairs(last(page)[1]), key=lambda point: point[1])
    assert near(top, [40, 230], 3)
    assert page.locator(".zoo-pad-ring").first.get_attribute("r") == "45"


def test_a_pull_at_the_axis_is_one_pull(page):
    start(page, 0, tools=True, strokes=[[68, 128, 188, 128]])
    choose(page, "Bend")
    line(page, (128, 128), (148, 168))
    (bent,) = last(page)
    assert near(max(pairs(bent), key=lambda point: point[1]), [128, 168], 3)
    assert all(abs(y - 128 - 20 * (1 + math.cos(math.pi * min(1, abs(x - 127.5) / 45)))) < 6 for x, y in pairs(bent))


def test_moving_shifts_the_drawing_and_keeps_it_on_the_sheet(page):
    start(page, 0, tools=True, mirror=False, strokes=[[20, 40, 100, 60], [200, 50]])
    choose(page, "Move")
    line(page, (100, 100), (130, 90))
    assert near(sum(last(page), []), [50, 30, 130, 50, 230, 40])
    line(page, (100, 100), (250, 10))
    assert last(page)[1][0] == 255 and last(page)[0][1] == 0
    first, dot = last(page)
    assert near([dot[0] - first[0], dot[1] - first[1]], [180, 10], 0)  # nothing was squeezed


def test_moving_a_mirrored_drawing_right_moves_its_right_half_outward(page):
    start(page, 0, tools=True, strokes=[[20, 40, 100, 60], [200, 50]])
    choose(page, "Move")
    line(page, (180, 100), (190, 120))
    assert near(sum(last(page), []), [10, 60, 90, 80, 210, 70])
    line(page, (60, 100), (70, 100))
    assert near(sum(last(page), []), [20, 60, 100, 80, 200, 70])


def test_a_finger_uses_every_tool_and_does_not_scroll(page):
    start(page, 0, tools=True)
    page.evaluate("document.body.style.height = '3000px'")
    finger(page, (20, 200), *((x, 200) for x in range(30, 121, 10)))
    choose(page, "Bend")
    finger(page, (70, 200), (70, 180), (70, 170), (70, 160))
    assert abs(min(last(page)[0][1::2]) - 160) <= 2
    choose(page, "Move")
    finger(page, (70, 200), (70, 180), (70, 170), (70, 160))
    assert abs(min(last(page)[0][1::2]) - 120) <= 3
    choose(page, "Eraser")
    finger(page, (20, 160), (30, 160), (40, 160))
    assert 40 <= last(page)[0][0] <= 52
    assert page.evaluate("window.scrollY") == 0
    assert page.locator(".zoo-pad-ring").first.get_attribute("r") == "0"  # the finger is gone


PINCHES = {
    "at once": ([(100, 100), (150, 150)], [(90, 90), (160, 160)], [(60, 60), (200, 200)]),
    "one after the other": ([(100, 100)], [(100, 100), (150, 150)], [(60, 60), (200, 200)]),
    "after a stroke": ([(60, 60)], [(90, 60)], [(120, 70)], [(120, 70), (150, 150)], [(100, 60), (200, 200)]),
    "three": ([(60, 60)], [(90, 90)], [(90, 90), (150, 150)], [(90, 90), (150, 150), (50, 200)], [(80, 80), (160, 160), (50, 220)]),
    "one lifted first": ([(60, 60), (150, 150)], [(50, 50), (170, 170)], [(50, 50)], [(90, 90)], [(120, 50)]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("how", "tool"), [*((how, None) for how in PINCHES), *(("after a stroke", tool) for tool in TOOLS)]
)
def test_two_fingers_never_draw(page, how, tool):
    before = [[40, 60, 200, 60], [60, 150]]
    start(page, 0, tools=tool is not None, mirror=False, strokes=before)
    if tool:
        choose(page, tool)
    assert page.locator(".zoo-pad-sheet").evaluate("sheet => getComputedStyle(sheet).touchAction") == "pinch-zoom"
    fingers(page, *PINCHES[how])
    assert page.evaluate("calls.at(-1)?.strokes ?? null") in (None, before)
    if tool:
        assert page.get_by_role("button", name="Undo").get_attribute("aria-disabled") == "true"
    finger(page, (40, 60), (70, 80), (100, 120), (110, 130))
    assert last(page) != before  # one finger draws again


def test_undo_and_redo_run_through_all_tools(page):
    start(page, 0, tools=True)
    seen = [[[], True]]

    def done():
        seen.append(page.evaluate("[calls.at(-1).strokes, calls.at(-1).mirror]"))

    for tool in TOOLS:
        choose(page, tool)
        line(page, (30, 60), (70, 100))
        done()
        if tool == "Pen":
            line(page, (30, 100), (100, 110), (90, 160))
            done()
    page.keyboard.press("m")
    done()
    page.keyboard.press("Delete")
    done()
    page.evaluate("pad.update({ strokes: [[1, 1, 9, 9]], mirror: true })")  # the host's starter outline
    seen.append([[[1, 1, 9, 9]], True])
    assert len({str(each) for each in seen}) == 9

    undo, redo = (page.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    now = "[calls.at(-1).strokes, calls.at(-1).mirror]"
    for each in reversed(seen[:-1]):
        undo.click()
        assert page.evaluate(now) == each
    assert undo.get_attribute("aria-disabled") == "true"
    for i, each in enumerate(seen[1:]):
        page.keyboard.press(["Control+Shift+Z", "Control+y"][i % 2])
        assert page.evaluate(now) == each
    assert redo.get_attribute("aria-disabled") == "true"
    undo.click()
    redo.click()
    assert page.evaluate(now) == seen[-1]
    undo.click()
    choose(page, "Pen")
    page.mouse.click(*spot(page, 200, 200))
    assert redo.get_attribute("aria-disabled") == "true"  # a new change ends the old future


def test_fifty_changes_can_be_taken_back(page):
    start(page, 0, tools=True)
    for i in range(55):
        page.mouse.click(*spot(page, 4 * i + 10, 60))
    assert len(last(page)) == 55
    for _ in range(55):
        page.keyboard.press("Control+z")
    assert last(page) == []


def test_tools_by_keyboard(page):
    start(page, 0, tools=True)
    page.keyboard.press("Tab")
    assert page.get_by_role("radio", name="Pen").evaluate("radio => radio === document.activeElement")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="Eraser").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the mirror
    assert page.evaluate("calls.at(-1).mirror") is False
    page.keyboard.press("Tab")
    assert page.get_by_role("application").evaluate("pad => pad === document.activeElement")
    page.keyboard.press("m")
    for key, tool in zip("pebv", TOOLS, strict=True):
        page.keyboard.press(key)
        assert page.get_by_role("radio", name=tool).is_checked()
        assert f"({key.upper()})" in page.get_by_title(tool).get_attribute("title")

    def use(key, *moves):
        for press in (key, "Space", *moves, "Space"):
            page.keyboard.press(press)

    use("p", *["Shift+ArrowRight"] * 5)
    assert last(page) == [[128, 128, 208, 128]]
    assert "Pen up" in page.get_by_role("status").inner_text()
    use("v", "ArrowUp", "ArrowUp")
    assert last(page) == [[128, 120, 208, 120]]
    use("b", "Shift+ArrowUp")
    assert near(max(pairs(last(page)[0])), [208, 104], 3)
    use("e", "Shift+ArrowUp")
    assert last(page)[0][-2] < 200


def test_a_late_host_sees_one_state_at_a_time_of_every_tool(page):
    start(page, 40, tools=True, strokes=[[20, 100, 120, 100]])
    for tool in TOOLS:
        choose(page, tool)
        line(page, (40, 60), (70, 100), (90, 150), (60, 110))
    page.wait_for_function("open_ === 0")
    page.wait_for_timeout(100)
    assert page.evaluate("most") == 1
    canvas.validate_strokes(last(page))
    drawn = page.locator(".zoo-pad-ink path").evaluate_all("all => all.map(path => path.getAttribute('d'))")
    ends = [[float(v) for v in path.replace("M", "").split("C")[0].split(",")] for path in drawn]
    assert ends == [stroke[:2] for stroke in last(page)]


def test_an_old_echo_does_not_undo_a_bend(page):
    start(page, None, tools=True, strokes=[[20, 100, 120, 100]])
    choose(page, "Bend")
    line(page, (70, 100), (70, 140), lift=False)
    page.evaluate("pad.update(calls[0])")
    page.evaluate("pad.update({ strokes: [], mirror: false, seq: 0 })")
    page.mouse.up()
    page.evaluate("pad.update(calls.at(-1))")
    assert abs(max(last(page)[0][1::2]) - 140) <= 1
    assert page.evaluate("calls.at(-1).mirror") is True


def test_tools_keep_the_limits(page):
    comb = [[4 * i, 20, 4 * i, 200] for i in range(60)]
    start(page, 0, tools=True, mirror=False, strokes=comb)
    choose(page, "Eraser")
    line(page, (0, 100), (250, 100))
    assert 60 < len(last(page)) <= canvas.MAX_STROKES
    assert "full" in page.get_by_role("status").inner_text()
    page.evaluate("pad.update({ strokes: [Array(1995).fill([9, 9]).flat(), [20, 100, 120, 100]] })")
    choose(page, "Pen")
    line(page, (20, 200), (60, 240), (100, 200), (60, 180))
    choose(page, "Bend")
    line(page, (70, 100), (70, 140))
    for call in calls(page):
        canvas.validate_strokes(call["strokes"])


def test_a_disabled_pad_with_tools_is_silent(page):
    start(page, 0, tools=True, disabled=True, strokes=[[20, 100, 120, 100]])
    assert page.get_by_role("radio", name="Eraser").is_disabled()
    for name in ("Mirror", "Undo", "Redo", "Clear"):
        page.get_by_role("button", name=name).click(force=True)
    line(page, (40, 60), (200, 60))
    assert calls(page) == []


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


def test_mirrored_appends_reflections():
    strokes = [[0, 1, 255, 2], [100, 100]]
    assert canvas.mirrored(strokes) == [[0, 1, 255, 2], [100, 100], [255, 1, 0, 2], [155, 100]]
    assert strokes == [[0, 1, 255, 2], [100, 100]]
    assert canvas.mirrored([]) == []


HOSTILE = [None, 0, 1, "true", [], {}, float("nan")]


@pytest.mark.parametrize("mirror", HOSTILE)
def test_a_mirror_that_is_no_bool_is_named(mirror):
    with pytest.raises(ValueError, match="mirror must be true or false"):
        canvas.validate_mirror(mirror)


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


def test_streamlit_adapter_keeps_the_mirror():
    from streamlit.testing.v1 import AppTest

    def script():
        import streamlit as st

        from playground.components.canvas import streamlit_canvas

        strokes = streamlit_canvas("wing", strokes=[[1, 2]], tools=True, mirror=False)
        st.text(f"{strokes} {st.session_state['wing.mirror']}")
        streamlit_canvas("digit")

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.text[0].value == "[[1, 2]] False"
    assert "digit.mirror" not in app.session_state
    app.session_state["wing.mirror"] = True
    assert app.run().text[0].value == "[[1, 2]] True"
    app.session_state["wing.mirror"] = 1
    assert "true or false" in app.run().exception[0].value


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


def test_gradio_adapter_checks_the_mirror():
    gradio = pytest.importorskip("gradio")

    pad = canvas.gradio_canvas("draw one wing", tools=True)
    assert pad.value["mirror"] is True
    drawing = pad.preprocess({"strokes": [[1, 2]], "mirror": False, "seq": 4})
    assert drawing == {"strokes": [[1, 2]], "mirror": False, "seq": 4}
    assert pad.postprocess(drawing)["mirror"] is False
    assert pad.postprocess({"strokes": []})["mirror"] is True  # what the server holds, the pad shows
    assert "export" not in pad.js_on_load and "import" not in pad.js_on_load
    for mirror in HOSTILE:
        with pytest.raises(gradio.Error, match="true or false"):
            pad.preprocess({"strokes": [[1, 2]], "mirror": mirror, "seq": 4})
    with pytest.raises(ValueError, match="true or false"):
        pad.postprocess({"strokes": [], "mirror": "yes"})
    assert "mirror" not in canvas.gradio_canvas().preprocess({"strokes": [], "mirror": "yes", "seq": 1})
