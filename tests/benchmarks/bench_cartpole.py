"""The carts' frame times in headless Chromium, in each mode: milliseconds between frames, median and 95 %."""

import functools
import http.server
import shutil
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from playground.components import cartpole
from playground.demos import cartpole as demo

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
MEASURE = """(scene) => new Promise(async (done) => {
  const { mount } = await import("./cartpole.js");
  const host = document.createElement("div");
  document.body.replaceChildren(host);
  mount(host, scene, () => {});
  const times = [];
  const tick = (now) => {
    times.push(now);
    if (times.length < 300) return requestAnimationFrame(tick);
    const gaps = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b);
    done([gaps[Math.floor(gaps.length / 2)], gaps[Math.floor(0.95 * gaps.length)]]);
  };
  requestAnimationFrame(tick);
})"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *args):
        pass


def main() -> None:
    """Serve the component's folder on loopback and time 300 frames of each mode."""
    folder = str(Path(cartpole.__file__).parent)
    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"http://127.0.0.1:{server.server_port}/cartpole.css")
        for mode in cartpole.MODES:
            median, late = page.evaluate(MEASURE, demo.scene(mode, len(demo.ages()) - 1, 7))
            print(f"{mode:8} {median:5.1f} ms median, {late:5.1f} ms at 95 %", flush=True)
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
