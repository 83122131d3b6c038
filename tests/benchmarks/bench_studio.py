"""The butterfly studio: server time from a drawing's strokes to the encoded picture, and what a person waits in the browser.

    python tests/benchmarks/bench_studio.py

The live picture is of a mirrored drawing, which is painted once and mirrored; the other is painted half by half. Both are
256x256 and the model's best: there is no coarser preview. In Chromium, a stroke is drawn with the mouse in half a second, and
the time runs from the release of the button to the last change of the picture.
"""

import time
from collections.abc import Iterator

import numpy as np
from serving import open_page

from playground import drawing, markup
from playground.components.canvas import mirrored
from playground.demos import butterfly_studio as studio
from playground.recipe import png
from zoo import contour
from zoo.placement import Placement

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


def waits(runs: int = 5, strokes: int = 5) -> Iterator[tuple[list[float], float]]:
    """Draw strokes in the browser, on a page opened anew for each run.

    Yields:
        milliseconds from each stroke's end to the picture that shows it, and KB received a stroke, for each run.
    """
    with open_page("butterfly_studio") as page:
        received = [0]

        def count(frame) -> None:
            received[0] += len(frame)

        page.on("websocket", lambda socket: socket.on("framereceived", count))
        for _ in range(runs):
            page.reload()
            page.wait_for_selector("img.zoo-colour", timeout=60_000)
            page.wait_for_timeout(3000)
            page.evaluate(WATCH)
            received[0] = 0
            yield [waited(page, i) for i in range(strokes)], received[0] / strokes / 1000


def waited(page, i: int) -> float:
    """Draw the i-th stroke; return milliseconds from its end to the picture that shows it."""
    box = page.locator(".zoo-pad-paper").first.bounding_box()
    page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + (0.3 + 0.05 * i) * box["height"])
    page.mouse.down()
    for step in range(1, 26):
        place = (0.55 + 0.012 * step, 0.3 + 0.05 * i + 0.01 * np.sin(step))
        page.mouse.move(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])
        page.wait_for_timeout(20)
    page.mouse.up()
    released = page.evaluate("performance.now()")
    page.wait_for_timeout(2000)
    return page.evaluate("last") - released


def turned(strokes: drawing.Strokes) -> drawing.Strokes:
    """Return a mirrored drawing, turned by 40 degrees and a little smaller."""
    placed = Placement(0.7, 0.75)
    lines = [placed.on_pad(np.reshape(stroke, (-1, 2))).round().clip(0, 255) for stroke in mirrored(strokes)]
    return [line.astype(int).flatten().tolist() for line in lines]


def main() -> None:
    """Print medians and 95 % quantiles, milliseconds."""
    generator = np.random.default_rng(0)
    starters = list(studio.space().starters.values())
    for told, mirror, given in (
        ("mirrored drawing", True, lambda strokes: strokes),
        ("drawing without mirror", False, mirrored),
        ("drawing without mirror, turned", False, turned),
    ):
        taken = {
            "figures and their axes": [],
            "picture": [],
            "outline": [],
            "PNG cut along it": [],
            "all": [],
            "PNG as it is": [],
        }
        held = {"cut along its outline": [], "as it is": []}
        for i in range(WARM + ROUNDS):
            strokes = starters[i % len(starters)]
            z = studio.latent(studio.space().names[generator.integers(len(studio.space().names))])
            marks = [time.perf_counter()]
            found = studio.figures.__wrapped__(drawing.encode(given(strokes)), mirror, "")
            marks.append(time.perf_counter())
            size = studio.SIZE * (studio.SHARP if studio.turned(found) else 1)
            (painted,), (body,) = studio.paint(z[None], found, size, body=True)
            marks.append(time.perf_counter())
            clip = contour.path(studio.rings(found))
            marks.append(time.perf_counter())
            held["cut along its outline"].append(len(markup.clipped(painted, clip, "", body)) / 1000)
            marks.append(time.perf_counter())
            held["as it is"].append(len(markup.uri(png(painted))) / 1000)
            marks.append(time.perf_counter())
            if i >= WARM:
                *parts, plain = np.diff(marks)
                for key, part in zip(taken, [*parts, sum(parts), plain], strict=True):
                    taken[key].append(1000 * part)
        print(told)
        for key, values in taken.items():
            print(f"  {key:22} median {np.median(values):6.1f} ms, 95 % {np.quantile(values, 0.95):6.1f} ms")
        for key, values in held.items():
            print(f"  {key:22} median {np.median(values):6.1f} KB, 95 % {np.quantile(values, 0.95):6.1f} KB")
    for run, (taken, received) in enumerate(waits(), 1):
        print(
            f"in the browser, run {run}, from a stroke's end to its picture: median {np.median(taken):.0f} ms, "
            f"longest {max(taken):.0f} ms; {received:.0f} KB received a stroke"
        )


if __name__ == "__main__":
    main()
