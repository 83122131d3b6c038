"""`python -m playground.thumbnails`: each demo's square picture as a file, so that Home loads no model, and its line in the README."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from playground import topics
from zoo.card import insert
from zoo.texts import printable

FOLDER = Path(__file__).parent / "static" / "thumbnails"
SIDE = 336  # pixels at least: twice a tile's width


def path(topic: str) -> Path:
    """Return where a demo's thumbnail lies."""
    return FOLDER / f"{topic}.webp"


def drawn(pixels: np.ndarray) -> Image.Image:
    """Return a thumbnail, grey (H, W) as black ink on nothing, colour (H, W, 3) as it is, at least `SIDE` pixels wide."""
    image = Image.fromarray(pixels)
    if pixels.ndim == 2:
        image = Image.merge("LA", (Image.new("L", image.size), image))
    times = -(-SIDE // image.width)
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def is_ink(topic: str) -> bool:
    """Return whether a thumbnail is ink on nothing, which a dark page turns light."""
    with Image.open(path(topic)) as image:
        return image.mode == "RGBA"


def main() -> int:
    """Write all thumbnails, or those named, and the README's table of pages."""
    printable()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for topic in sys.argv[1:] or topics.names():
        made = path(topic).with_suffix(".tmp")
        drawn(topics.demo(topic).thumbnail()).save(made, "WEBP", lossless=True, quality=100, method=6)
        made.replace(path(topic))
        print(f"{path(topic)}: {path(topic).stat().st_size / 1000:.1f} kB")
    rows = [f"| {demo.title} | {demo.term} | {demo.line} |" for demo in topics.find().values()]
    insert("pages", "| page | technical name | what it is |\n| --- | --- | --- |\n" + "\n".join(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
