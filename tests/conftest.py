"""What all tests share: no network, a browser, and the data where it is at hand."""

import ipaddress
import os
import shutil
import socket
import threading
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

# Before any import of the libraries concerned; child processes inherit it.
os.environ.update(HF_HUB_OFFLINE="1", GRADIO_ANALYTICS_ENABLED="False", STREAMLIT_BROWSER_GATHER_USAGE_STATS="false")
# Two processes whose threads wait for each other are slower than one thread each.
os.environ.setdefault("OMP_NUM_THREADS", "1")

PATIENCE = 200_000  # ms that a browser waits for anything: an end to hanging, never a demand on a machine's speed
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _local(host) -> bool:
    if not isinstance(host, str):
        return host is None
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in ("", "localhost")


@pytest.fixture(scope="session", autouse=True)
def _guard():
    refused = []
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
    look_up = socket.getaddrinfo

    def refuse(target):
        refused.append(target)
        raise ConnectionRefusedError(f"a test tried to reach {target!r}: tests reach nothing but this machine")

    def guarded(name):
        def call(self, address):
            if self.family != getattr(socket, "AF_UNIX", None) and not _local(address[0]):
                refuse(address)
            return real[name](self, address)

        return call

    def guarded_look_up(host, *args, **kwargs):
        name = host.decode() if isinstance(host, bytes) else host
        if not _local(name):
            refuse(name)
        return look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(socket.socket, name, guarded(name))
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield refused


@pytest.fixture(autouse=True)
def refused(_guard):
    """Attempts to reach another machine: each raises, and any left in this list fails the test, even if it was caught."""
    yield _guard
    attempts = list(_guard)
    _guard.clear()
    assert not attempts, f"tried to reach {attempts}"


@pytest.fixture(scope="session")
def browser():
    """A Chromium, started once."""
    from playwright.sync_api import expect, sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.fail("no Chromium: run `sh tests/need_programs.sh`, or install it (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS, timeout=PATIENCE)
        new_context = chromium.new_context

        def patient(**options):
            context = new_context(**options)
            context.set_default_timeout(PATIENCE)
            return context

        chromium.new_context = patient
        expect.set_options(timeout=PATIENCE)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def serve():
    """A function that serves a page, and a folder's files beside it, on loopback; it returns the page's address."""
    servers = []

    def start(page: str, folder: Path) -> str:
        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self):
                if self.path != "/":
                    return super().do_GET()
                body = page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def leaves(tmp_path_factory):
    """A folder of sixty leaves of two kinds, on transparency and on white: not to be changed."""
    from PIL import Image, ImageDraw

    path = tmp_path_factory.mktemp("data") / "leaves"
    for i in range(60):
        folder = path / ("oak" if i % 2 else "elm")
        folder.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGBA", (90, 60), (0, 0, 0, 0) if i % 3 else (255, 255, 255, 255))
        ImageDraw.Draw(image).ellipse((10, 15, 50 + i % 20, 40), fill=(20 + i, 120, 30, 255))
        image.save(folder / f"{i:03}.png")
    return path


@pytest.fixture(scope="session")
def need():
    """A function that gives a data set's module by its name. Without the data the test is skipped, or fails where CI=true."""
    from zoo import data

    def module(name: str):
        if not data.at_hand(name):
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(data.remedy(name))
        return data.module(name)

    return module


@pytest.fixture(scope="session")
def mnist(need):
    """MNIST's module, where it is at hand."""
    return need("mnist")


def pytest_terminal_summary(terminalreporter):
    """Say which test files cost most: their tests' seconds and their fixtures', summed over all processes."""
    costs = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                costs[report.nodeid.partition("::")[0]] += report.duration
    terminalreporter.section("costliest files")
    for file, seconds in costs.most_common(10):
        terminalreporter.write_line(f"{seconds:8.1f} s  {file}")
