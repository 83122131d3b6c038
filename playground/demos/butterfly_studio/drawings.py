"""`python -m playground.demos.butterfly_studio.drawings`: the README's strip of drawings by hand, and what becomes of them."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from playground.components.canvas import mirrored
from playground.demos import butterfly_studio as studio
from playground.fields import Values
from playground.recipe import restore
from zoo import drawing

FILE = Path(__file__).with_suffix(".json")
PICTURE = Path(__file__).parents[2] / "static" / "drawings.webp"
SIDE = 192  # of each picture, pixels


def drawn() -> list[Values]:
    """Return the pages' values; the file holds what their links say."""
    found = []
    for query in json.loads(FILE.read_text("utf-8")):
        values, problems = restore(query, studio.fields(), "")
        if problems:
            raise ValueError(f"{FILE.name}: {problems}")
        found.append(values)
    return found


def strip() -> Image.Image:
    """Return the drawings in a row, and under each the butterflies that it became."""
    pictures = []
    for values in drawn():
        strokes = mirrored(values["drawing"]) if values["mirror"] == "yes" else values["drawing"]
        ink = 255 * (1 - drawing.rasterise(drawing.lines(strokes), SIDE, width=2))
        worn = Image.fromarray(studio.render(values)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        white = Image.alpha_composite(Image.new("RGBA", worn.size, "white"), worn).convert("RGB")
        pictures.append(np.concatenate([np.repeat(ink[..., None], 3, 2).astype(np.uint8), np.asarray(white)]))
    return Image.fromarray(np.concatenate(pictures, 1))


if __name__ == "__main__":
    strip().save(PICTURE, "WEBP", quality=90, method=6)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.1f} kB")
