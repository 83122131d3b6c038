"""The writing desk in headless Chromium: milliseconds from a click to the stream's first character, and characters a second.

    python tests/benchmarks/bench_writing_desk.py

Each round asks for 600 characters from a new seed. The first character counts once it stands in the page; the speed is that
from there to the end.
"""

import statistics

from serving import open_page

LENGTH, ROUNDS = 600, 8
# While it is written, the text is a .zoo-prose in the page; the finished one is a .zoo-page inside a component's shadow root.
WATCH = """(length) => new Promise((done) => {
  const began = performance.now();
  let first = 0;
  const look = () => {
    const host = [...document.querySelectorAll("*")].find((node) => node.shadowRoot?.querySelector(".zoo-page"));
    const growing = document.querySelector(".zoo-prose")?.textContent ?? "";
    const now = performance.now();
    if (!first && !host && growing.length > length.own) first = now;
    if (first && host) return done([first - began, (1000 * (length.whole - 1)) / (now - first)]);
    requestAnimationFrame(look);
  };
  [...document.querySelectorAll("button")].find((button) => button.textContent.includes("New seed")).click();
  look();
})"""


def main() -> None:
    """Start the playground, ask for new texts, and print both medians."""
    found = []
    with open_page(f"writing_desk?length={LENGTH}&part=measure&beginning=ROMEO%3A") as page:
        page.locator(".zoo-page").wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        for _ in range(ROUNDS):
            found.append(page.evaluate(WATCH, {"own": len("ROMEO:"), "whole": LENGTH}))
            page.wait_for_timeout(2000)
    first, speed = (statistics.median(column) for column in zip(*found[1:], strict=True))
    print(f"first character after {first:.0f} ms, then {speed:.0f} characters a second (medians of {ROUNDS - 1})")


if __name__ == "__main__":
    main()
