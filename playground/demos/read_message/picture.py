"""A message as a picture: its words on coloured grounds, and under it what each reader says."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK = (251, 250, 247), (27, 27, 31)
FONT = Path(__file__).parents[2] / "static" / "fonts" / "source-serif-4-latin.woff2"
FOR, AGAINST = (232, 115, 26), (61, 90, 128)
Part = tuple[str, float]  # a piece of the text, and how much of a ground it has: -1 (against) to 1 (for)


def page(parts: Sequence[Part], said: Sequence[str], size: tuple[int, int], scale: float) -> np.ndarray:
    """Draw a text and lines under it, as much as fits: (H, W, 3) uint8.

    Args:
        size: width and height, pixels.
        scale: of letters and margins; 1 is 26 pixels.
    """
    image = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 26 * scale)
    margin, step = 48 * scale, 42 * scale
    x, y = margin, margin
    for text, share in parts:
        for piece in _pieces(text):
            wide = draw.textlength(piece, font)
            if piece == "\n" or x + wide > size[0] - margin:
                x, y = margin, y + step
            if piece.isspace() and (piece == "\n" or x == margin):
                continue
            if share:
                paper, ground = np.array(PAPER), np.array(FOR if share > 0 else AGAINST)
                tint = tuple((paper + 0.6 * min(1, abs(share)) * (ground - paper)).astype(int).tolist())
                draw.rounded_rectangle((x - 2, y - 3 * scale, x + wide + 1, y + 33 * scale), 4 * scale, tint)
            draw.text((x, y), piece, INK, font)
            x += wide
    y += 1.6 * step
    for line in said:
        draw.text((margin, y), line, INK, font)
        y += step
    return np.asarray(image)


def _pieces(text: str) -> list[str]:
    """Cut what is between words into single characters, where lines may break."""
    return [text] if text.strip() else ["\n" if c == "\n" else " " for c in text]
