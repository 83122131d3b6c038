"""The butterfly studio: server time from a drawing's strokes to the encoded picture, and what a person waits in the browser.

    python tests/benchmarks/bench_studio.py

The live picture is of a mirrored drawing, which is painted once and mirrored; the other is painted half by half. Both are
256x256 and the model's best: there is no coarser preview. In Chromium, a stroke is drawn with the mouse in half a second, and
the time runs from the release of the button to the last change of the picture.
"""

import time

import numpy as np
from serving import open_page

from playground.components.canvas import mirrored
from playground.demos import butterfly_studio as studio
from playground.recipe import png

ROUNDS, WARM = 40, 5


WATCH = """() => {
  let shown = document.querySelector("img.zoo-colour").src;
  window.last = 0;
  const look = () => {
    const src = document.querySelector("img.zoo-colour")?.src ?? shown;
    if (src !== shown) { shown = src; window.last = performance.now(); }
    requestAnimationFrame(look);
  };
  look();
}"""


def waits(strokes: int = 8) -> list[float]:
    """Draw strokes in the browser; return milliseconds from each one's end to the picture that shows it."""
    found = []
    with open_page("butterfly_studio") as page:
        page.wait_for_selector("img.zoo-colour", timeout=60_000)
        page.wait_for_timeout(3000)
        page.evaluate(WATCH)
        box = page.locator(".zoo-pad-paper").first.bounding_box()
        for i in range(strokes):
            page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + (0.3 + 0.05 * i) * box["height"])
            page.mouse.down()
            for step in range(1, 26):
                place = (0.55 + 0.012 * step, 0.3 + 0.05 * i + 0.01 * np.sin(step))
                page.mouse.move(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])
                page.wait_for_timeout(20)
            page.mouse.up()
            released = page.evaluate("performance.now()")
            page.wait_for_timeout(2000)
            found.append(page.evaluate("last") - released)
    return found


def main() -> None:
    """Print medians and 95 % quantiles, milliseconds."""
    generator = np.random.default_rng(0)
    starters = list(studio.space().starters.values())
    for mirror in (True, False):
        taken = {"lines and silhouette": [], "picture": [], "PNG": [], "all": []}
        for i in range(WARM + ROUNDS):
            strokes = starters[i % len(starters)]
            z = studio.latent(studio.space().names[generator.integers(len(studio.space().names))])
            marks = [time.perf_counter()]
            drawn = studio.drawn(strokes if mirror else mirrored(strokes), mirror)
            marks.append(time.perf_counter())
            painted = studio.paint(z[None], *drawn, mirror=mirror)[0]
            marks.append(time.perf_counter())
            png(painted)
            marks.append(time.perf_counter())
            if i >= WARM:
                for key, part in zip(taken, [*np.diff(marks), marks[-1] - marks[0]], strict=True):
                    taken[key].append(1000 * part)
        print("mirrored drawing" if mirror else "drawing without mirror")
        for key, values in taken.items():
            print(f"  {key:22} median {np.median(values):6.1f} ms, 95 % {np.quantile(values, 0.95):6.1f} ms")
    taken = waits()
    print(
        f"in the browser, from a stroke's end to its picture: median {np.median(taken):.0f} ms, longest {max(taken):.0f} ms"
    )


if __name__ == "__main__":
    main()
