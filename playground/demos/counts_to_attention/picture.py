"""The five texts as a picture, under their models' names."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK, QUIET = (251, 250, 247), (27, 27, 31), (90, 88, 84)
FONT = Path(__file__).parents[2] / "static" / "fonts" / "source-serif-4-latin.woff2"


def sheet(
    texts: list[tuple[str, str]], width: int, height: int = 0, *, rows: int = 99, letters: int = 22
) -> np.ndarray:
    """Draw texts, as much of each as fits into its rows: (H, W, 3) uint8.

    Args:
        texts: the model's name, and what it wrote, beginning included.
        width, height: in pixels; 0 is as high as the texts are.
        rows: of each text at most.
        letters: their size in pixels.
    """
    font, small = (ImageFont.truetype(FONT, n) for n in (letters, 0.75 * letters))
    margin, step = 1.2 * letters, 1.3 * letters
    lines = [wrapped(text, font, width - 2 * margin)[:rows] for _, text in texts]
    needed = [0.8 * letters + step * len(found) for found in lines]
    gap = (height - 2 * margin - sum(needed)) / max(1, len(texts) - 1) if height else 1.2 * letters
    image = Image.new("RGB", (width, height or round(2 * margin + sum(needed) + gap * (len(texts) - 1))), PAPER)
    draw, y = ImageDraw.Draw(image), margin
    for (name, _), found, high in zip(texts, lines, needed, strict=True):
        draw.text((margin, y), name, QUIET, small, anchor="lt")
        for row, line in enumerate(found):
            draw.text((margin, y + 0.8 * letters + step * (row + 0.5)), line, INK, font, anchor="lm")
        y += high + gap
    return np.asarray(image)


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Return the lines of a text of a width in pixels, broken at blanks where there are any."""
    lines = [""]
    for word in text.replace("\n", " ").split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        lines += [""] if lines[-1] else []
        for c in word:  # one that is wider than a line is broken
            if lines[-1] and font.getlength(lines[-1] + c) > width:
                lines.append("")
            lines[-1] += c
    return lines
