"""Each Space as a stranger's machine runs it: built, installed into a clean virtual environment, started, asked.

    python tests/benchmarks/check_spaces.py [--torch-index URL] [--python PATH] [NAME ...]

One environment for each distinct requirements.txt. A Gradio Space is asked for its API and one result through gradio_client;
its static page is shown by Chromium, which is kept from every other host;
the whole playground goes through the Dockerfile's steps as a user without rights (where it is run as root), and its health
check is asked. Takes minutes and gigabytes: no part of the tests or of `make bench`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import gradio_client
from playwright.sync_api import sync_playwright

from playground.hosts import space, static

sys.path.insert(0, str(Path(__file__).parent))
from bench_load import ASK, free_port
from serving import chromium

USER = 1000


def environment(requirements: Path, root: Path, base: str) -> Path:
    """Return the Python of a clean environment with these requirements, made by a base Python."""
    home = root / f"env-{sha256(requirements.read_bytes()).hexdigest()[:8]}"
    if not home.exists():
        began = time.perf_counter()
        subprocess.run([base, "-m", "venv", home], check=True)
        command = [home / "bin" / "pip", "install", "--quiet", "--no-cache-dir", "-r", requirements]
        subprocess.run(command, check=True, cwd=requirements.parent)
        pinned = [line for line in requirements.read_text().splitlines() if "==" in line]
        print(f"{home.name}: {', '.join(pinned)}, installed in {time.perf_counter() - began:.0f} s")
    return home / "bin" / "python"


def wait(address: str, server: subprocess.Popen) -> float:
    """Wait for a server's first answer; return seconds."""
    began = time.perf_counter()
    while True:
        try:
            urllib.request.urlopen(address, timeout=10).read()
            return time.perf_counter() - began
        except OSError:
            if server.poll() is not None or time.perf_counter() - began > 180:
                raise SystemExit(f"{address} does not answer") from None
            time.sleep(0.1)


def start(name: str, folder: Path, root: Path, base: str) -> None:
    """Start a built Space with its own requirements alone, and ask it."""
    python, port = environment(folder / "requirements.txt", root, base), free_port()
    clean = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
    }
    command = [python, "app.py"]
    if name == space.WHOLE:
        command = [
            python,
            "-m",
            "streamlit",
            "run",
            "playground/Home.py",
            f"--server.port={port}",
            "--server.address=127.0.0.1",
        ]
    options = {}
    if name == space.WHOLE and os.getuid() == 0:
        options = {"user": USER, "group": USER, "extra_groups": []}
        clean["HOME"] = str(folder)
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, USER, USER)
    server = subprocess.Popen(command, cwd=folder, env=clean, **options)
    try:
        address = f"http://127.0.0.1:{port}/"
        if name == space.WHOLE:
            print(
                f"{name}: healthy after {wait(f'{address}_stcore/health', server):.1f} s, as user {options.get('user', os.getuid())}"
            )
            return
        seconds = wait(address, server)
        client = gradio_client.Client(address, verbose=False)
        endpoints = ", ".join(client.view_api(return_format="dict", print_info=False)["named_endpoints"])
        answer, expected = ASK[name]
        right = (answer(client, 3) == expected(3)).all()
        size = (
            sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
            / 1e6
        )
        print(
            f"{name}: {size:.1f} MB, first page after {seconds:.1f} s, {endpoints}; answers {'as the demo' if right else 'WRONG'}"
        )
    finally:
        server.terminate()
        server.wait(30)


def look(name: str, folder: Path) -> None:
    """Open a built static Space in Chromium three times; print how long its first result takes."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", folder],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address, taken = f"http://127.0.0.1:{port}/", []
    try:
        wait(address, server)
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            for _ in range(3):
                context = browser.new_context()
                context.route(lambda url: not url.startswith((address, "data:", "blob:")), lambda route: route.abort())
                page = context.new_page()
                began = time.perf_counter()
                page.goto(address)
                page.wait_for_selector("html[data-ready]", timeout=30_000)
                taken.append(time.perf_counter() - began)
                context.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(30)
    print(
        f"{name} without a server: first result after {', '.join(f'{t:.1f}' for t in taken)} s, nothing kept in between"
    )


def main() -> None:
    """Build and start each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=[*space.apps(), space.WHOLE])
    parser.add_argument("--torch-index")
    parser.add_argument(
        "--python", default=sys.executable, help="makes the environments; users without rights must reach it"
    )
    arguments = parser.parse_args()
    root = Path(mkdtemp(prefix="spaces-"))
    root.chmod(0o755)
    try:
        for name in arguments.names:
            space.build(name, root / name, torch_index=arguments.torch_index)
            start(name, root / name, root, arguments.python)
            if name in static.names():
                space.build(name, root / f"{name}-static", static=True)
                look(name, root / f"{name}-static")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
