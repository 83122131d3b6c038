"""What stands before a picture's ground, cut out of it: the one way for training and the studio."""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from zoo.photos import PhotoError

LEAST = 32  # pixels on the shorter side


@dataclass(frozen=True)
class CutOut:
    """What stands before a picture's ground, centred in a square."""

    pixels: np.ndarray
    """(size, size, 3) float32 in [0, 1]"""
    mask: np.ndarray
    """(size, size) float32, 0 or 1"""
    by: str
    """what told it from its ground: 'transparency' or 'ground'"""


def cut_out(image: Image.Image, size: int = 256) -> CutOut:
    """Find what stands before a smooth ground, and centre it: the longest side fills 92 % of the square.

    A picture of which a twentieth or more is transparent brings its own outline. In any other the ground is a quadratic
    surface in each colour, fitted to the picture's border; what differs clearly from it and hangs together is the thing,
    with what is not much smaller; specks are left out.

    Args:
        image: of mode RGBA, as `read` returns it; twice `size` is enough.

    Raises:
        PhotoError: the picture is smaller than `LEAST`, or nothing can be told from its ground.
    """
    if min(image.size) < LEAST:
        raise PhotoError(f"The picture is smaller than {LEAST} pixels: choose a larger one.")
    rgba = np.asarray(image, np.float32) / 255
    transparent = bool((rgba[..., 3] < 0.5).mean() > 0.05)
    if not transparent:  # so that what shines through counts as the paper behind it
        rgba = np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image), np.float32) / 255
    colour = rgba[..., :3]
    found = rgba[..., 3] > 0.5 if transparent else _foreground(colour)
    pieces, n = ndimage.label(found)
    if n:
        areas = ndimage.sum_labels(found, pieces, np.arange(1, n + 1))
        found = ndimage.binary_fill_holes(np.isin(pieces, 1 + np.flatnonzero(areas > 0.1 * areas.max())))
    rim = np.concatenate([found[0], found[-1], found[:, 0], found[:, -1]])
    if not found.any() or not transparent and (not 0.04 < found.mean() < 0.9 or rim.mean() > 0.25):
        raise PhotoError(
            "Nothing can be told from its background: take a photo on a plain, even ground with some room around the thing, "
            "or cut it out and save it as a transparent PNG."
        )
    rows, columns = np.flatnonzero(found.any(1)), np.flatnonzero(found.any(0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    scale = 0.92 * size / max(box[2] - box[0], box[3] - box[1])
    left, top = (box[0] + box[2]) / 2 - size / 2 / scale, (box[1] + box[3]) / 2 - size / 2 / scale

    def placed(channel: np.ndarray) -> np.ndarray:
        whole = Image.fromarray(channel.astype(np.float32))
        return np.asarray(
            whole.transform((size, size), Image.Transform.AFFINE, (1 / scale, 0, left, 0, 1 / scale, top), Image.Resampling.BILINEAR)
        )  # fmt: skip

    return CutOut(
        np.stack([placed(colour[..., i]) for i in range(3)], -1),
        (placed(found) > 0.5).astype(np.float32),
        "transparency" if transparent else "ground",
    )


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
