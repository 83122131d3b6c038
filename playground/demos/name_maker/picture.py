"""Names as a picture: in columns, a point before each that is new."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK, POINT = (251, 250, 247), (27, 27, 31), (232, 115, 26)
FONT = Path(__file__).parents[2] / "static" / "fonts" / "source-serif-4-latin.woff2"


def sheet(names: list[tuple[str, bool]], size: tuple[int, int], columns: int, scale: float = 1.0) -> np.ndarray:
    """Draw names, as many as fit: (H, W, 3) uint8.

    Args:
        names: each with whether it is new.
        size: width and height, pixels.
        scale: of letters and margins; 1 is 40 pixels.
    """
    image = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 40 * scale)
    margin, step, wide = 56 * scale, 66 * scale, (size[0] - 56 * scale) / columns
    rows = int((size[1] - 2 * margin) / step) + 1
    for i, (name, new) in enumerate(names[: rows * columns]):
        x, y = margin + i // rows * wide, margin + i % rows * step
        while len(name) > 1 and draw.textlength(name, font) > wide - margin:
            name = f"{name.rstrip('…')[:-1]}…"
        draw.text((x, y), name, INK, font, anchor="lm")
        if new:
            r = 6 * scale
            draw.ellipse((x - 18 * scale - r, y + 2 * scale - r, x - 18 * scale + r, y + 2 * scale + r), POINT)
    return np.asarray(image)
