"""The playground in a real browser: its server with outside connections cut off, Chromium with every other host refused."""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from playground import topics
from tests.playground.access import DESK, Host

ROOT = Path(__file__).resolve().parents[2]
RESULT = "img.zoo-digit, img.zoo-colour, .zoo-cart-stage, .zoo-page, .zoo-marks, .zoo-names, .zoo-prose, .zoo-reel-map, .zoo-sound-play, .js-plotly-plot, [data-testid=stDataFrame]"
# Runs before the server: any connection that leaves the machine ends it, and nothing below the checkout can be written.
GUARD = """
import errno, os, socket, sys
ROOT = os.environ["ZOO_READ_ONLY"] + os.sep
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {"os.mkdir": 1, "os.remove": 1, "os.rmdir": 1, "os.rename": 2, "os.link": 2, "os.symlink": 2, "os.truncate": 1}
def read_only(event, args):
    writes = event == "open" and args[2] & WRITES
    for path in args[: 1 if writes else CHANGES.get(event, 0)]:
        if isinstance(path, (str, bytes)) and os.path.abspath(os.fsdecode(path)).startswith(ROOT):
            raise PermissionError(errno.EACCES, "the checkout is read-only", path)
sys.addaudithook(read_only)
connect = socket.socket.connect
def guarded(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        print("OUTSIDE", address, flush=True)
        os._exit(3)
    return connect(self, address)
socket.socket.connect = guarded
"""


class Server:
    """The playground as another user would start it: from another folder, without a home, the checkout read-only."""

    def __init__(self, folder: Path):
        (folder / "sitecustomize.py").write_text(GUARD)
        self.folder, self.log = folder, (folder / "log").open("w+")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}", "OMP_NUM_THREADS": "1"}
        environment |= {"ZOO_READ_ONLY": str(ROOT), "HOME": str(self.folder / "none")}
        environment.pop("STREAMLIT_BROWSER_GATHER_USAGE_STATS", None)  # the playground says it itself
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "playground" / "Home.py")]
        command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
        command += ["--server.port", str(self.port), "--server.address", "127.0.0.1"]
        told = {"cwd": self.folder, "env": environment, "stdout": self.log, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(command, **told)
        while self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.25)

    def stop(self) -> None:
        alive = self.process.poll() is None
        self.process.terminate()
        self.process.wait(120)
        self.log.seek(0)
        text = self.log.read()
        assert alive and "OUTSIDE" not in text and "Traceback" not in text, text[-3000:]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Start the playground; fail if it tried to leave the machine."""
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def server(running):
    """Give the playground's address."""
    return running.address


@contextmanager
def visiting(browser, server):
    """Give a function that opens a page in a fresh context; fail on any request that leaves the machine."""
    contexts, outside = [], []

    def look(request):
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", request.url):
            outside.append(request.url)

    def open_page(path: str, *, width: int = 1280, height: int = 1000, touch: bool = False, calm: bool = False):
        told = {"has_touch": touch, "reduced_motion": "reduce" if calm else "no-preference"}
        context = browser.new_context(viewport={"width": width, "height": height}, **told)
        contexts.append(context)
        page = context.new_page()
        page.on("request", look)
        page.goto(path if path.startswith("http") else f"{server}/{path}")
        page.wait_for_selector(f"{RESULT}, .zoo-tile img")
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not outside, f"requests that leave the machine: {outside}"


@pytest.fixture
def visit(browser, server):
    """Give a function that opens a page in a fresh context."""
    with visiting(browser, server) as open_page:
        yield open_page


@pytest.fixture(scope="module", params=["", *topics.names()], ids=["home", *topics.names()])
def seen(request, browser, server):
    """Each page in turn: its name, and the page itself, first on a phone and with reduced motion."""
    with visiting(browser, server) as open_page:
        yield request.param, open_page(request.param, width=390, height=844, calm=True)


def settle(page) -> None:
    """Wait until Streamlit has run the page to its end, and loaded the scripts of what is on it."""
    page.wait_for_timeout(150)
    page.wait_for_function(
        "document.querySelector('[data-test-script-state]')?.dataset.testScriptState === 'notRunning'"
        " && !document.querySelector('[data-testid=stSkeleton]')"
    )


def at_rest(page, picture: str) -> str:
    """Return the first such picture, once it has stopped changing."""
    before, shown = None, ""
    while before != shown:
        page.wait_for_timeout(600)
        settle(page)
        before, shown = shown, page.get_attribute(picture, "src")
    return shown


def decoded(page) -> str:
    """Return the first decoded digit's picture, once it has stopped changing."""
    return at_rest(page, "img[alt^='digit decoded by']")


def pad_box(page) -> dict:
    pad = page.locator(".zoo-pad-paper").first
    pad.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    return pad.bounding_box()


def test_first_page_shows_what_the_models_made(visit):
    page = visit("")
    tiles = page.locator(".zoo-wall img")
    assert tiles.count() >= 4
    assert all(tiles.nth(i).evaluate("img => img.complete && img.naturalWidth > 0") for i in range(tiles.count()))


def test_look_fonts_and_limits_do_not_depend_on_where_it_was_started(visit):
    page = visit("digit_sampler")  # the server's folder is another
    assert page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") == "rgb(251, 250, 247)"
    page.wait_for_function(
        "[...document.fonts].some(face => face.family.includes('Zoo Sans') && face.status === 'loaded')"
    )
    page.get_by_role("button", name="Open").click()
    page.get_by_text(re.compile("5 ?MB per file")).wait_for()


def test_a_drawn_digit_changes_the_picture_is_kept_and_can_be_shared(visit):
    page = visit("latent_sliders?start=drawing")
    empty = decoded(page)
    box = pad_box(page)
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    for step in range(1, 15):
        page.mouse.move(box["x"] + (0.5 - 0.01 * step) * box["width"], box["y"] + (0.15 + 0.045 * step) * box["height"])
    page.mouse.up()
    page.wait_for_selector("img[alt='your drawing as the models see it']")
    settle(page)
    drawn = decoded(page)
    assert drawn != empty

    page.get_by_role("link", name="The models").click()
    page.wait_for_selector("text=Card of")
    settle(page)
    page.get_by_role("link", name="Latent sliders").click()
    page.wait_for_selector("img[alt='your drawing as the models see it']")
    settle(page)
    assert decoded(page) == drawn

    page.get_by_role("button", name="Share").click()
    page.wait_for_function("location.search.includes('drawing=')")
    settle(page)
    assert "weights=" in page.url
    assert decoded(visit(page.url)) == drawn


def test_drawing_by_touch_on_a_phone(visit):
    page = visit("latent_sliders?start=drawing", width=390, height=844, touch=True)
    empty, box = decoded(page), pad_box(page)
    session = page.context.new_cdp_session(page)

    def touch(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.3, 0.2)
    for step in range(1, 12):
        touch("touchMove", 0.3 + 0.04 * step, 0.2)
    for step in range(1, 12):
        touch("touchMove", 0.74 - 0.03 * step, 0.2 + 0.05 * step)
    touch("touchEnd", 0, 0)
    page.wait_for_selector("img[alt='your drawing as the models see it']")
    settle(page)
    assert decoded(page) != empty


def test_a_slider_moved_by_keyboard_changes_the_picture(visit):
    page = visit("latent_sliders")
    before = decoded(page)
    handle = page.locator("input[type=range][aria-label='Direction 1']")
    handle.focus()
    for _ in range(7):
        settle(page)
        shown = page.get_attribute("img[alt^='digit decoded by']", "src")
        page.keyboard.press("ArrowRight")
        changed = "old => document.querySelector(\"img[alt^='digit decoded by']\")?.src !== old"
        page.wait_for_function(changed, arg=shown)
    assert decoded(page) != before


def test_a_butterfly_is_painted_while_it_is_drawn(visit):
    page = visit("butterfly_studio")
    butterfly = "img[alt='your butterfly']"
    other = f'old => document.querySelector("{butterfly}")?.src !== old'
    starter = page.get_attribute(butterfly, "src")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function(other, arg=starter)
    settle(page)
    box = pad_box(page)
    outline = [(0.5, 0.35), (0.7, 0.12), (0.95, 0.1), (0.9, 0.45), (0.75, 0.55), (0.85, 0.85), (0.6, 0.85), (0.5, 0.6)]

    def move(x: float, y: float) -> None:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=12)

    empty = page.get_attribute(butterfly, "src")
    move(*outline[0])
    page.mouse.down()
    for point in outline[1:5]:
        move(*point)
    page.wait_for_function(other, arg=empty)  # the pen is still down
    for point in outline[5:]:
        move(*point)
    page.mouse.up()
    at_rest(page, butterfly)

    page.get_by_role("button", name="Share").click()
    page.wait_for_function("location.search.includes('drawing=')")
    settle(page)
    assert visit(page.url).get_attribute(butterfly, "src") == page.get_attribute(butterfly, "src") != starter


def test_a_stroke_does_not_send_the_names_of_all_species_again(visit):
    names = [title.encode() for title in topics.demo("butterfly_studio").fields()["texture"].options.values()]
    page = visit("butterfly_studio")
    received = bytearray()
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.extend(frame)))
    page.reload()
    page.wait_for_selector(RESULT)
    settle(page)
    assert sum(name in received for name in names) == len(names)
    box = pad_box(page)
    for y in (0.3, 0.4):  # at the first the server sees that the browser has the page's first value
        received.clear()
        shown = at_rest(page, "img[alt='your butterfly']")
        page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + y * box["height"], steps=4)
        page.mouse.up()
        page.wait_for_function("old => document.querySelector(\"img[alt='your butterfly']\")?.src !== old", arg=shown)
        at_rest(page, "img[alt='your butterfly']")
    assert b"your butterfly" in received and not any(name in received for name in names)


def test_sixteen_species_wear_the_drawing_and_one_can_be_chosen(visit):
    page = visit("butterfly_studio")
    shown = page.get_attribute("img[alt='your butterfly']", "src")
    page.get_by_text("Sixteen species on your shape").click()
    worn = page.locator(".st-key-butterfly_studio-wear img")
    worn.nth(15).wait_for()
    settle(page)
    assert len(set(worn.evaluate_all("all => all.map(img => img.src)"))) == 16
    page.locator(".st-key-butterfly_studio-wear button").nth(4).click()
    page.wait_for_function(
        "old => (document.querySelector(\"img[alt='your butterfly']\")?.src ?? old) !== old", arg=shown
    )


def inside(page) -> list[int]:
    return page.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain], html')].map(e => e.scrollWidth - e.clientWidth)"
    )


def test_a_phone_shows_control_and_result_at_once_and_nothing_sideways(seen):
    path, page = seen
    assert max(inside(page)) <= 0
    if not path:
        return
    demo = topics.demo(path)
    result = page.locator(RESULT).first.bounding_box()
    assert result["y"] < 844 and result["y"] + min(result["height"], 200) <= 844, (
        "the first result lies below the first screen"
    )
    main = next((name for name in demo.controls() if name in demo.fields()), None)
    if main:
        control = main_control(page, demo.fields()[main])
        assert control["y"] + min(control["height"], 300) <= 844, f"{main} lies below the first screen"


def main_control(page, field) -> dict:
    """Return where a field's widget stands."""
    if field.kind == "strokes":
        return page.locator(".zoo-pad-paper").first.bounding_box()
    name = page.get_by_text(field.label, exact=True).first
    if field.look == "bare":  # its label is there for screen readers alone
        name = page.get_by_text(next(iter(field.options.values())), exact=True).first
    return name.bounding_box()


# What Streamlit's own markup does, which no page can mend.
STREAMLIT = Host(
    main="[data-testid=stMain]",
    settle=settle,
    known=(
        ("list", "[data-testid=stSidebarNavItems]"),  # the navigation's sections are <div>s in a <ul>,
        ("listitem", "[data-testid=stSidebarNavItems]"),  # and its links <li>s in those
    ),
    unreached=(
        "[data-testid=stNavSectionHeader]",  # folds a section whose links are there without it
        "[data-testid=stNumberInputStepUp], [data-testid=stNumberInputStepDown]",  # what the arrow keys do
        "[data-testid=data-grid-canvas]",  # marks a cell on its canvas
        "[data-testid=stElementToolbar]",  # of a table, which itself can be searched and sorted by key
    ),
)


@pytest.fixture
def desk(seen, axe):
    """Each page in turn on a desk: its name, and the page itself, which can be asked."""
    path, page = seen
    page.set_viewport_size(DESK)
    settle(page)
    axe(page)
    return path, page


def test_nothing_moves_where_reduced_motion_is_asked_for(desk):
    assert desk[1].evaluate("access.moving()") == []


def test_axe_finds_nothing_serious(desk):
    assert STREAMLIT.findings(desk[1]) == []


def test_at_200_percent_nothing_is_lost(desk):
    assert STREAMLIT.lost(desk[1]) == []


def test_the_keyboard_alone_comes_to_everything_and_works_it(desk):
    path, page = desk
    assert STREAMLIT.unreachable(page) == []
    if path:
        assert STREAMLIT.changed(page, topics.demo(path))
        return
    for stop in STREAMLIT.stops(page):
        if stop["name"] == "Search":
            page.keyboard.type("forger")
            page.keyboard.press("Enter")
            expect(page.locator(".zoo-tile")).to_have_count(1)
        elif stop["name"].startswith("A forger and a critic\n"):
            page.keyboard.press("Enter")
            page.wait_for_url("**/dcgan")
            return
    pytest.fail("no key comes to the page that was searched for")


def test_home_shows_eight_demos_at_once_the_butterfly_twice_as_large(visit):
    page = visit("", height=900)
    tiles = page.locator(".zoo-tile")
    assert tiles.count() == len(topics.names())
    boxes = [tiles.nth(i).bounding_box() for i in range(tiles.count())]
    assert sum(box["y"] + box["height"] <= 900 for box in boxes) >= 8
    width = page.locator(".zoo-tile:not(.zoo-double) img").first.bounding_box()["width"]
    assert page.locator(".zoo-double img").bounding_box()["width"] >= 2 * width
    assert len({round(box["x"]) for box in boxes}) in (4, 5)


def test_a_downloaded_picture_restores_the_page(visit, tmp_path):
    page = visit("digit_sampler?label=7&count=3&seed=12")
    shown = page.locator("img.zoo-digit").evaluate_all("all => all.map(img => img.src)")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    file = tmp_path / "digits.png"
    download.value.save_as(file)
    other = visit("digit_sampler")
    other.get_by_role("button", name="Open").click()
    other.set_input_files("input[type=file]", file)
    other.wait_for_function("n => document.querySelectorAll('img.zoo-digit').length === n", arg=len(shown))
    settle(other)
    assert other.locator("img.zoo-digit").evaluate_all("all => all.map(img => img.src)") == shown


def test_a_butterfly_is_downloaded_large_and_clear_restores_the_page_and_has_an_outline(visit, tmp_path):
    page = visit("butterfly_studio?texture=Zerynthia%20rumina%7Crumina%7Cdorsal")
    shown = at_rest(page, "img[alt='your butterfly']")
    for label, name in (("Download", "a.png"), ("Outline (SVG)", "a.svg")):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        download.value.save_as(tmp_path / name)
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (1024, 1024) and image.getpixel((0, 0))[3] == 0
    (line,) = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert line.get("d").startswith("M")
    page = visit("butterfly_studio")
    assert page.get_attribute("img[alt='your butterfly']", "src") != shown
    page.locator(".st-key-actions-butterfly_studio").get_by_role("button", name="Open").click()
    page.locator("input[type=file]").last.set_input_files(tmp_path / "a.png")
    page.wait_for_function("old => document.querySelector(\"img[alt='your butterfly']\")?.src === old", arg=shown)


def test_a_hostile_upload_is_named_and_the_page_lives(visit, tmp_path):
    page = visit("digit_sampler")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    page.get_by_role("button", name="Open").click()
    page.set_input_files("input[type=file]", broken)
    page.wait_for_selector("text=cannot be read as a PNG")
    settle(page)
    assert page.locator("img.zoo-digit").count() > 5


def test_embedded_page_has_no_navigation(visit):
    page = visit("digit_sampler?embed=true&label=4")
    assert page.locator("[data-testid=stSidebarNav]").count() == 0
    assert page.locator("img[alt^='digit 4 by']").count() > 0


def test_a_race_ends_in_a_link_that_says_what_to_beat(visit):
    page = visit("cartpole?mode=race&seed=5")
    page.locator(".zoo-cart [data-speed='3']").click()
    page.locator(".zoo-cart-stage").focus()
    page.keyboard.down("ArrowLeft")
    said = page.locator(".zoo-cart-status", has_text="You lasted")
    said.wait_for()
    lasted = int(said.inner_text().split("You lasted ")[1].split(" ")[0])
    settle(page)
    assert said.is_visible(), "the answer of the server wiped the score away"
    page.get_by_role("button", name="Share").click()
    page.wait_for_url(f"**/cartpole?mode=race&seed=5&score={lasted}&weights=*")
    other = visit("cartpole?" + page.url.split("?")[1])
    other.get_by_text(f"Someone lasted {lasted} steps here").wait_for()


def test_the_carts_outlive_a_change_of_the_page(visit):
    page = visit("cartpole")
    clock = page.locator(".zoo-cart-time")  # in a shadow root, where only locators look
    while float(clock.input_value()) <= 3:
        page.wait_for_timeout(100)
    page.get_by_role("radio", name="Push it").click()
    settle(page)
    page.get_by_role("button", name="Shove →").click()
    page.get_by_text("You shoved the cart to the right").wait_for()


def test_a_text_grows_and_is_written_on_from_a_chosen_character(visit):
    page = visit("writing_desk?length=50&beginning=ROMEO%3A")
    characters = page.locator(".zoo-page span")
    expect(characters).to_have_count(56)
    first = page.locator(".zoo-page").inner_text()
    characters.nth(30).click()
    page.get_by_text("What could stand there").wait_for()
    page.get_by_role("button", name="Write again from here").click()
    expect(characters).to_have_count(80)
    again = page.locator(".zoo-page").inner_text()
    assert again[:29] == first[:29] and again[30:] != first[30:]


def test_writing_is_stopped_in_the_middle_and_stays(visit):
    page = visit("writing_desk?length=2000")
    page.get_by_role("button", name="New seed").click()
    page.locator(".zoo-page").wait_for(state="detached")
    page.get_by_role("button", name="Stop").click()
    settle(page)
    page.locator(".zoo-page span").first.wait_for()
    stopped = page.locator(".zoo-page span").count()
    assert stopped < 1900
    page.wait_for_timeout(1000)
    assert page.locator(".zoo-page span").count() == stopped


def photo(path: Path, color: str) -> Path:
    """Draw a photo of a thing on a plain ground."""
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).ellipse((60, 40, 240, 160), fill=color)
    image.save(path)
    return path


def upload(page, file: Path) -> str:
    """Give the studio a photo; return the butterfly that wears it."""
    page.set_input_files("[data-testid=stMain] input[type=file]", file)
    page.wait_for_selector("img[alt='the photo as the encoder sees it']")
    return at_rest(page, "img[alt='your butterfly']")


def test_two_visitors_with_different_photos_keep_apart(visit, tmp_path):
    pages = [visit("butterfly_studio?source=photo") for _ in range(2)]
    shown = [
        upload(page, photo(tmp_path / f"{color}.png", color))
        for page, color in zip(pages, ("green", "purple"), strict=True)
    ]
    assert shown[0] != shown[1]
    for page in pages:  # each draws on, in turn
        page.get_by_role("button", name="Clear").click()
        page.get_by_role("button", name="Undo").click()
    assert [at_rest(page, "img[alt='your butterfly']") for page in pages] == shown


def test_after_a_restart_of_the_server_what_is_shown_is_what_is_computed(visit, running, tmp_path):
    drawn, worn, written = (
        visit(path) for path in ("draw_and_see", "butterfly_studio?source=photo", "writing_desk?length=50")
    )
    starter = at_rest(worn, "img[alt='your butterfly']")
    pictures = "[...document.querySelectorAll('img.zoo-colour')].map(img => img.src)"
    box = pad_box(drawn)
    drawn.mouse.move(box["x"] + 60, box["y"] + 40)
    drawn.mouse.down()
    drawn.mouse.move(box["x"] + 60, box["y"] + 200, steps=6)
    drawn.mouse.up()
    at_rest(drawn, "img.zoo-colour")
    seen = drawn.evaluate(pictures)
    assert upload(worn, photo(tmp_path / "photo.png", "green")) != starter
    beginning = written.get_by_role("textbox", name="Beginning")
    beginning.fill("HELLO:")
    beginning.press("Control+Enter")
    written.locator(".zoo-page", has_text="HELLO:").wait_for()
    settle(written)

    for page in (drawn, worn, written):
        page.evaluate("window.left = true")
    running.stop()
    running.start()
    for page in (drawn, worn, written):
        page.get_by_role("button", name="Share").click()  # the next that the visitor does
        page.wait_for_function("!window.left")  # opened again, with what was last set
        page.locator(RESULT).locator("visible=true").first.wait_for()
        settle(page)
    at_rest(drawn, "img.zoo-colour")
    assert drawn.evaluate(pictures) == seen
    assert drawn.locator(".zoo-pad-ink path").count() == 2
    worn.get_by_text("Until there is a photo").wait_for()
    assert at_rest(worn, "img[alt='your butterfly']") == starter
    assert worn.get_by_text("photo.png").count() == 0  # no photo is shown that the server has not
    written.locator(".zoo-page", has_text="HELLO:").wait_for()
    assert beginning.input_value() == "HELLO:"
