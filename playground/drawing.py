"""Drawings: strokes as the canvas sends them, as text in links, and as 28x28 digits."""

import base64
import binascii
import zlib

import numpy as np
from PIL import Image, ImageDraw

from playground.components.canvas import validate_strokes

Strokes = list[list[int]]


def encode(strokes: Strokes) -> str:
    """Return strokes as URL-safe text."""
    if not strokes:
        return ""
    content = b"".join(len(stroke).to_bytes(2, "big") + bytes(stroke) for stroke in strokes)
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


def decode(text: str) -> Strokes:
    """Read strokes back from text.

    Raises:
        ValueError: the text is no drawing.
    """
    if not text:
        return []
    try:
        unpack = zlib.decompressobj()
        content = unpack.decompress(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True), 10_000)
        if not unpack.eof:
            raise ValueError("too long or cut short")
        strokes, position = [], 0
        while position < len(content):
            end = position + 2 + int.from_bytes(content[position : position + 2], "big")
            if end > len(content):
                raise ValueError("cut short")
            strokes.append(list(content[position + 2 : end]))
            position = end
        return validate_strokes(strokes)
    except (ValueError, binascii.Error, zlib.error):
        raise ValueError("a drawing made here") from None


def digit(strokes: Strokes, *, pen: float = 2.3) -> np.ndarray:
    """Rasterise a drawing as MNIST's makers did: longest side 20 pixels, centre of mass in the middle.

    Args:
        strokes: lists of x0, y0, x1, y1, ... in 0..255.
        pen: width of the pen, in pixels of the result. Strokes are scaled first, so large and small
            drawings have the same pen.

    Returns:
        (28, 28) uint8, white on black.

    Raises:
        ValueError: nothing is drawn.
    """
    if not any(strokes):
        raise ValueError("Nothing is drawn yet: draw a digit on the pad.")
    lines = [np.array(stroke, float).reshape(-1, 2) for stroke in strokes if stroke]
    points = np.concatenate(lines)
    low, high = points.min(0), points.max(0)
    zoom = 8  # supersampling
    scale = (20 - pen) * zoom / max(*(high - low), 40)  # a dot stays a dot
    image = Image.new("L", (28 * zoom, 28 * zoom))
    draw = ImageDraw.Draw(image)
    width = pen * zoom
    for line in lines:
        line = (line - (low + high) / 2) * scale + 14 * zoom
        if len(line) > 1:
            draw.line([tuple(point) for point in line], 255, round(width), joint="curve")
        for x, y in line[[0, -1]]:
            draw.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], 255)
    ink = np.asarray(image, float)
    y, x = ((ink * axis).sum() / ink.sum() for axis in np.mgrid[: 28 * zoom, : 28 * zoom])
    middle = 14 * zoom - 0.5
    moved = image.rotate(0, translate=(round(middle - x), round(middle - y)))  # what leaves the picture is lost
    return np.asarray(moved.resize((28, 28), Image.Resampling.BOX))
