"""A server as a process of its own, and the playground in headless Chromium, for the benchmarks that look at it as a person does."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory(process: subprocess.Popen) -> float:
    """Return a process's resident memory in MB."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def streamlit(port: int) -> list[str]:
    """Return the command that starts the playground."""
    command = [sys.executable, "-m", "streamlit", "run", "playground/Home.py", "--server.headless=true"]
    return [*command, f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]


@contextmanager
def served(command: list[str], port: int, **environment: str) -> Iterator[tuple[subprocess.Popen, float]]:
    """Start a server; give it and the seconds until it answered."""
    began = time.perf_counter()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    with TemporaryDirectory() as log, open(Path(log, "log"), "w+") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
                    break
                except OSError:
                    if server.poll() is not None or time.perf_counter() - began > 120:
                        raise SystemExit(f"{command} does not answer: {Path(log, 'log').read_text()[-2000:]}") from None
                    time.sleep(0.02)
            yield server, time.perf_counter() - began
            if server.poll() is not None:
                print(f"  the server ended with {server.returncode}")
            said = Path(log, "log").read_text()
            if "Traceback" in said:
                print(f"  the server said: {said[-1500:]}")
        finally:
            server.terminate()
            server.wait(30)


def chromium(playwright):
    """Start the machine's Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=program, args=["--headless", "--no-sandbox", "--disable-gpu"])


@contextmanager
def open_page(path: str):
    """Start the playground, open one of its pages, and give Playwright's page."""
    port = free_port()
    with served(streamlit(port), port), sync_playwright() as playwright:
        browser = chromium(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(f"http://127.0.0.1:{port}/{path}")
        yield page
        browser.close()
