"""A sound as a picture: its spectrogram over its waveform."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK, WAVE, QUIET = (251, 250, 247), (27, 27, 31), (61, 90, 128), (90, 88, 84)
FONT = Path(__file__).parents[2] / "static" / "fonts" / "source-serif-4-latin.woff2"


def sheet(s: np.ndarray, x: np.ndarray, title: str, said: str = "", size: tuple[int, int] = (960, 640)) -> np.ndarray:
    """Draw a sound with its title: (H, W, 3) uint8.

    Args:
        s: spectrogram, (128, T) in [-1, 1].
        x: waveform, (N,) in [-1, 1].
        said: a line under it.
        size: width and height, pixels.
    """
    width, height = size
    margin, font = width // 16, ImageFont.truetype(FONT, width // 16)
    top = margin + (width // 10 if title else 0)
    high = round((height - top - margin) * 0.7)
    wide = width - 2 * margin
    loud = np.clip((s[::-1, :, None] + 1) / 2, 0, 1) ** 2
    tile = Image.fromarray(np.round(loud * INK + (1 - loud) * PAPER).astype(np.uint8))
    image = Image.new("RGB", size, PAPER)
    image.paste(tile.resize((wide, high), Image.Resampling.BICUBIC), (margin, top))
    draw = ImageDraw.Draw(image)
    if title:
        draw.text((margin, margin), title, INK, font, anchor="lt")
    middle, half = (top + high + height - margin) / 2, (height - margin - top - high) / 2
    edges = np.linspace(0, len(x), wide + 1).astype(int)
    for i, (a, b) in enumerate(zip(edges, edges[1:], strict=False)):
        part = x[a : max(b, a + 1)]
        draw.line((margin + i, middle - half * part.max(), margin + i, middle - half * part.min() + 1), WAVE)
    if said:
        draw.text((margin, height - margin // 4), said, QUIET, font.font_variant(size=width // 40), anchor="ls")
    return np.asarray(image)
