"""What tests of pages share: axe-core, and static pages, each built once by whichever worker needs it first."""

import os
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

from playground.hosts import space
from tests.playground.access import SCRIPT

AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A function that returns a static page's folder, by the demo's name."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # the workers' own lie in one folder
    root = shared / "static"
    root.mkdir(exist_ok=True)
    missing = root / "missing"  # what all pages need and npm could not bring

    def folder(name: str) -> Path:
        place = root / name
        with FileLock(f"{place}.lock"):
            if not place.exists() and not missing.exists():
                try:
                    space.build(name, place.with_suffix(".tmp"), static=True)
                    place.with_suffix(".tmp").rename(place)
                except OSError as error:
                    missing.write_text(f"{error}; connect once, and npm keeps it", "utf-8")
        if not place.exists():
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing.read_text("utf-8"))
        return place

    return folder


@pytest.fixture(scope="session")
def static_server(built):
    """The address at which static pages are served, each under its name."""

    class Handler(SimpleHTTPRequestHandler):
        extensions_map = {
            **SimpleHTTPRequestHandler.extensions_map,
            ".wasm": "application/wasm",
            ".mjs": "text/javascript",
        }

        def translate_path(self, path):
            name, _, rest = path.lstrip("/").partition("/")
            self.directory = str(built(name))
            return super().translate_path(f"/{rest}")

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def opening(browser, built, static_server):
    """Give a function that opens a static page and waits for its first result; whatever goes wrong in it, or is asked of another host, fails.

    With `alone` nothing runs by itself: the page is there for its scripts and networks.
    """
    problems, contexts = [], []

    def open_page(name: str, query: str = "", *, alone: bool = False, **options):
        built(name)
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: said.type == "error" and problems.append(said.text))
        ours = (static_server, "data:", "blob:")
        page.on("request", lambda asked: asked.url.startswith(ours) or problems.append(asked.url))
        page.route(
            "**/alone", lambda route: route.fulfill(content_type="text/html", body='<link rel="icon" href="data:,">')
        )
        page.goto(f"{static_server}/{name}/{'alone' if alone else query}")
        if not alone:
            page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture
def opened(browser, built, static_server):
    """Open static pages, as `opening` does."""
    with opening(browser, built, static_server) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def left_open(request, browser, built, static_server):
    """A static page, named by the parameter, for the tests that only read it: its name, and the page itself, on a phone until a test widens it."""
    with opening(browser, built, static_server) as open_page:
        yield request.param, open_page(request.param, viewport={"width": 390, "height": 844})


@pytest.fixture(scope="session")
def axe():
    """A function that puts axe-core, and what else is asked of pages, into one."""
    if not AXE.exists():
        end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        end("no axe-core: run `sh tests/need_programs.sh` once with a connection")
    script = AXE.read_text("utf-8") + SCRIPT

    def ask(page) -> None:
        if not page.evaluate("'access' in window"):
            page.evaluate(script)

    return ask
