"""A photo from outside, cut out: what stands before a smooth background."""

import io

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage

from playground.recipe import MAX_PIXELS, MAX_UPLOAD


class PhotoError(ValueError):
    """A photo cannot be used; the message says why and what would do."""


def cut_out(photo: bytes, size: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """Find what stands before a smooth background, and centre it.

    The background is a quadratic surface in each colour, fitted to the picture's border; what differs clearly
    from it and hangs together is the butterfly. Transparent pictures use their own alpha.

    Returns:
        pixels (size, size, 3) and mask (size, size), float32 in [0, 1]; the longest side fills 92 % of the square.

    Raises:
        PhotoError: not a picture, too large, or its background cannot be told from the butterfly.
    """
    if len(photo) > MAX_UPLOAD:
        raise PhotoError(f"The photo is over {MAX_UPLOAD // 2**20} MB: choose a smaller one.")
    try:
        with Image.open(io.BytesIO(photo), formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PhotoError("The photo has too many pixels: choose one of at most 24 million.")
            image.thumbnail((2 * size, 2 * size))
            rgba = (
                np.asarray(ImageOps.exif_transpose(image).convert("RGBA"), np.float32) / 255
            )  # upright, as its camera says
    except PhotoError:
        raise
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        raise PhotoError(f"The file cannot be read as a PNG, JPEG or WebP picture ({error}).") from error
    if min(rgba.shape[:2]) < 32:
        raise PhotoError("The photo is smaller than 32 pixels: choose a larger one.")
    colour, alpha = rgba[..., :3], rgba[..., 3]
    found = alpha > 0.5 if (alpha < 0.5).mean() > 0.05 else _foreground(colour)
    pieces, n = ndimage.label(found)
    if n:
        areas = ndimage.sum_labels(found, pieces, np.arange(1, n + 1))
        found = ndimage.binary_fill_holes(np.isin(pieces, 1 + np.flatnonzero(areas > 0.1 * areas.max())))
    rim = np.concatenate([found[0], found[-1], found[:, 0], found[:, -1]])
    if not 0.04 < found.mean() < 0.9 or rim.mean() > 0.25:
        raise PhotoError(
            "The butterfly cannot be told from its background: take a photo on a plain, even ground with some room "
            "around the wings, or cut it out and save it as a transparent PNG."
        )
    rows, columns = np.flatnonzero(found.any(1)), np.flatnonzero(found.any(0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    scale = 0.92 * size / max(box[2] - box[0], box[3] - box[1])
    left, top = (box[0] + box[2]) / 2 - size / 2 / scale, (box[1] + box[3]) / 2 - size / 2 / scale

    def placed(channel: np.ndarray) -> np.ndarray:
        image = Image.fromarray(channel.astype(np.float32))
        return np.asarray(
            image.transform((size, size), Image.Transform.AFFINE, (1 / scale, 0, left, 0, 1 / scale, top), Image.Resampling.BILINEAR)
        )  # fmt: skip

    return np.stack([placed(colour[..., i]) for i in range(3)], -1), (placed(found) > 0.5).astype(np.float32)


def _foreground(colour: np.ndarray) -> np.ndarray:
    """Return what differs from a smooth background (H, W, 3) -> (H, W) bool."""
    h, w = colour.shape[:2]
    y, x = np.mgrid[:h, :w].astype(np.float32)
    x, y = x / w * 2 - 1, y / h * 2 - 1
    terms = np.stack([np.ones_like(x), x, y, x * y, x**2, y**2], -1)
    border = np.zeros((h, w), bool)
    edge = max(2, min(h, w) // 25)
    border[:edge] = border[-edge:] = border[:, :edge] = border[:, -edge:] = True
    ground = np.median(colour[border], 0)
    keep = border & (np.abs(colour - ground).max(-1) < 0.25)  # wings may touch the border
    if keep.sum() < 32:
        return np.zeros((h, w), bool)
    weights, *_ = np.linalg.lstsq(terms[keep], colour[keep], rcond=None)
    distance = np.abs(colour - terms @ weights).max(-1)
    noise_level = float(np.quantile(distance[keep], 0.98))
    found = ndimage.median_filter((distance > max(0.09, 1.6 * noise_level)).astype(np.uint8), 5) > 0
    return ndimage.binary_closing(np.pad(found, 8), iterations=4)[8:-8, 8:-8]
