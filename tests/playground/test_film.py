"""The film of a plane in a real Chromium, mounted without any framework."""

from pathlib import Path

import numpy as np
import pytest

from playground.components import film

FOLDER = Path(film.__file__).parent
SPAN = 1.2

# The host answers with the points it was told, or waits until it is told to.
PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="film.css">
<body style="margin: 16px; font-family: sans-serif"><div id="host"></div><script type="module">
import { mount } from "./film.js";
window.calls = [];
window.start = (film) => { window.view = mount(document.getElementById("host"), film, (given) => calls.push(given.points)); };
window.ready = true;
</script>"""


def made(moments=40, classes=2, places=False, points=()):
    """A film in which class 1 takes the plane over from the right."""
    maps = np.zeros((moments, 16, 16, classes - 1), np.uint8)
    for i in range(moments):
        edge = 16 - 16 * (i + 1) // moments
        maps[i, :, edge:, 0] = 255
        maps[i, :, max(0, edge - 1) : edge + 1, 0] = 128
    losses = [1 - i / moments for i in range(moments)]
    return film.film(
        maps, span=SPAN, points=points or [(-1, -1, 0, False), (1, 1, 1, False), (0.5, -0.5, 1, True)],
        titles=[f"moment {i}" for i in range(moments)], ticks=[str(i) for i in range(moments)],
        curves={"learned from": losses, "held out": [None, *losses[1:]]}, names=("loss", "step", "held out"), places=places,
    )  # fmt: skip


@pytest.fixture(scope="module")
def address(serve):
    return serve(PAGE, FOLDER)


@pytest.fixture
def page(browser, address, request):
    told = {"viewport": {"width": 1000, "height": 900}, **getattr(request, "param", {})}
    context = browser.new_context(**told)
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    page.wait_for_function("window.ready")
    yield page
    context.close()
    assert not problems


STILL = pytest.mark.parametrize("page", [{"reduced_motion": "reduce"}], indirect=True)
PHONE = pytest.mark.parametrize(
    "page", [{"viewport": {"width": 390, "height": 844}, "has_touch": True, "reduced_motion": "reduce"}], indirect=True
)


def start(page, **told):
    page.evaluate("film => start(film)", made(**told))


def said(page, text):
    page.wait_for_function("text => document.querySelector('.zoo-reel-title').textContent === text", arg=text)


def spot(page, x, y):
    """Where the plane's point (x, y) lies on the map, in CSS pixels from its corner."""
    width = page.locator(".zoo-reel-map").bounding_box()["width"]
    size = width - 30
    return {"x": 26 + (x / SPAN + 1) / 2 * size, "y": 4 + (1 - y / SPAN) / 2 * size}


def pixel(page, x, y):
    """The colour of the map's point, and how opaque it is."""
    at = spot(page, x, y)
    return page.evaluate(
        "at => [...document.querySelector('.zoo-reel-map').getContext('2d').getImageData(at.x * devicePixelRatio, at.y * devicePixelRatio, 1, 1).data]",
        at,
    )


def click(page, x, y):
    page.locator(".zoo-reel-map").click(position=spot(page, x, y))


def calls(page, count):
    page.wait_for_function("count => calls.length >= count", arg=count)
    return page.evaluate("calls")


def test_it_plays_to_the_end_and_again(page):
    start(page, moments=12)
    page.get_by_role("button", name="Pause").wait_for()
    said(page, "moment 11")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    said(page, "moment 11")


def test_it_is_stepped_scrubbed_and_slowed(page):
    start(page)
    page.get_by_role("button", name="Pause").click()
    page.locator(".zoo-reel-time").fill("7")
    said(page, "moment 7")
    page.get_by_role("button", name="One moment on").click()
    said(page, "moment 8")
    page.locator(".zoo-reel-map").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    said(page, "moment 6")
    assert "moment 6" in page.locator(".zoo-reel-map").get_attribute("aria-label")
    page.locator("[data-speed='0.25']").click()
    assert page.locator("[data-speed='0.25']").get_attribute("aria-pressed") == "true"
    page.locator(".zoo-reel-map").focus()
    page.keyboard.press(" ")
    said(page, "moment 8")
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play").wait_for()


@STILL
def test_the_map_has_the_colours_of_its_classes_and_who_asks_sees_the_end_still(page):
    start(page)
    said(page, "moment 39")
    assert page.get_by_role("button", name="Play").is_visible()
    page.locator(".zoo-reel-time").fill("19")
    said(page, "moment 19")
    slate, orange, edge = pixel(page, -0.8, 0.3), pixel(page, 0.8, 0.3), pixel(page, 0, 0.3)
    assert slate[2] > slate[0] + 30 and orange[0] > orange[2] + 100 and slate[3] > 120 and orange[3] > 120
    assert edge[3] < 120  # nobody is sure there
    assert "Hollow points are held out" in page.locator(".zoo-reel-note").inner_text()
    full, hollow = pixel(page, 1, 1), pixel(page, 0.5, -0.5)
    assert full[:3] == [232, 115, 26] and min(hollow[:3]) > 240


@STILL
def test_another_film_begins_and_none_shows_nothing(page):
    start(page)
    page.locator(".zoo-reel-time").fill("3")
    said(page, "moment 3")
    page.evaluate("film => view.update(film)", made())
    said(page, "moment 3")  # the same one goes on
    page.evaluate("film => view.update(film)", made(moments=20))
    said(page, "moment 19")
    page.evaluate("view.update({})")
    assert not page.locator(".zoo-reel").is_visible()
    page.evaluate("film => view.update(film)", made(moments=20, classes=3))
    assert page.locator(".zoo-reel-map").is_visible()


@PHONE
def test_points_are_placed_and_erased_by_touch(page):
    start(page, places=True, points=[(-1, -1, 0, False)])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Place orange points").click()
    page.locator(".zoo-reel-map").tap(position=spot(page, 0.6, 0.6))
    page.get_by_role("button", name="Place green points").click()
    page.locator(".zoo-reel-map").tap(position=spot(page, 0, -0.6))
    (points,) = calls(page, 1)  # told once, when the hand rests
    assert [point[2] for point in points] == [0, 1, 2]
    for point, wanted in zip(points, [(-1, -1), (0.6, 0.6), (0, -0.6)], strict=True):
        assert [(2 * level / film.LEVELS - 1) * SPAN for level in point[:2]] == pytest.approx(wanted, abs=0.03)
    assert film.validate_points({"points": points})
    page.get_by_role("button", name="Erase").click()
    page.locator(".zoo-reel-map").tap(position=spot(page, 0.6, 0.6))
    assert [point[2] for point in calls(page, 2)[-1]] == [0, 2]
    page.get_by_role("button", name="Clear").click()
    assert calls(page, 3)[-1] == []
    assert "with 0 points" in page.locator(".zoo-reel-map").get_attribute("aria-label")


@STILL
def test_an_overtaken_answer_takes_no_point_away(page):
    start(page, moments=5, places=True, points=[(-1, -1, 0, False)])
    count = "with {} points"
    click(page, 0.5, 0.5)
    first = calls(page, 1)[-1]
    click(page, 0.5, -0.5)
    second = calls(page, 2)[-1]

    def answer(points):
        plane = [((2 * x / 255 - 1) * SPAN, (2 * y / 255 - 1) * SPAN, kind, False) for x, y, kind in points]
        page.evaluate("film => view.update(film)", made(moments=6, places=True, points=plane))
        page.wait_for_timeout(60)
        return page.locator(".zoo-reel-map").get_attribute("aria-label")

    assert count.format(3) in answer(first)  # of before the second point
    assert count.format(3) in answer(second)
    assert count.format(2) in answer(first)  # now it is the host's own wish


@STILL
def test_points_are_placed_by_keyboard(page):
    start(page, places=True, points=[(-1, -1, 0, False)])
    page.locator(".zoo-reel-map").focus()
    page.keyboard.press("Enter")  # no cross yet
    for key in ("ArrowUp", "ArrowRight", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    points = calls(page, 1)[-1]
    assert len(points) == 2 and points[1][2] == 0
    assert 128 <= points[1][0] <= 142 and 128 <= points[1][1] <= 142


@STILL
def test_a_plane_has_room_for_so_many_points(page):
    start(page, places=True, points=[(0, 0, 0, False)] * film.MOST)
    click(page, 0.5, 0.5)
    assert "200 points are the most" in page.locator(".zoo-reel-note").inner_text()
    assert page.evaluate("calls") == []
