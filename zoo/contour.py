"""Silhouettes as smooth rings: for clips that are sharp at any size, SVG files, and large pictures with soft edges."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw
from scipy import ndimage

BLUR = 0.8  # of the silhouette, pixels
SMOOTH = 4.0  # of a ring, points, which are 0.8 pixels apart
TUBE = 0.7  # how far a point may move then, pixels: a corner stays one
MARGIN = 4  # about the silhouette, so that every ring closes
EVERY = 3  # points of a ring, of which its curve keeps one
FINE = 4  # supersampling of `cover`
NEAR = 1.0  # pixels from which `spread` takes a colour

# Marching squares: from which side of a cell to which the line runs, the inside on its right, by the corners that lie inside:
# 1 top left, 2 top right, 4 bottom right, 8 bottom left. 16: two opposite ones, and the cell's middle.
_SIDES = {
    1: ("TL",), 2: ("RT",), 4: ("BR",), 8: ("LB",), 3: ("RL",), 6: ("BT",), 12: ("LR",), 9: ("TB",), 14: ("LT",), 13: ("TR",),
    11: ("RB",), 7: ("BL",), 5: ("TL", "BR"), 10: ("RT", "LB"), 16 + 5: ("TR", "BL"), 16 + 10: ("LT", "RB"),
}  # fmt: skip


def rings(silhouette: np.ndarray) -> list[np.ndarray]:
    """Return a silhouette's edge as smooth closed rings, of its holes too.

    Args:
        silhouette: (H, W) in [0, 1], 1 inside.

    Returns:
        arrays (points, 2) of x and y in pixels from the top left corner, the last point joined to the first; [] where nothing is inside.
    """
    level = ndimage.gaussian_filter(np.pad(silhouette.astype(np.float32), MARGIN), BLUR) - 0.5
    inside, width = (level > 0).astype(int), level.shape[1]
    cells = inside[:-1, :-1] + 2 * inside[:-1, 1:] + 4 * inside[1:, 1:] + 8 * inside[1:, :-1]
    middle = level[:-1, :-1] + level[:-1, 1:] + level[1:, 1:] + level[1:, :-1] > 0
    cells += 16 * (np.isin(cells, (5, 10)) & middle)
    side = {"T": 0, "L": 1, "B": 2 * width, "R": 3}  # twice a place: the line to its right; one more: the line below
    following: dict[int, int] = {}
    for case, runs in _SIDES.items():
        row, column = np.nonzero(cells == case)
        for run in runs:
            a, b = (2 * (row * width + column) + side[end] for end in run)
            following.update(zip(a.tolist(), b.tolist(), strict=True))
    found = []
    while following:
        first, at = following.popitem()
        ring = [first]
        while at != first:
            ring.append(at)
            at = following.pop(at)
        found.append(_smooth(_crossings(np.array(ring), level)))
    return found


def _crossings(edges: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return where a level is 0 on the lines between two places: (points, 2)."""
    width = level.shape[1]
    place, down = np.divmod(edges, 2)
    a, b = level.ravel()[place], level.ravel()[place + np.where(down, width, 1)]
    share = a / (a - b)
    row, column = np.divmod(place, width)
    return np.stack([column + share * (1 - down), row + share * down], 1) + 0.5 - MARGIN


def _smooth(ring: np.ndarray) -> np.ndarray:
    """Smooth a ring of steps without shrinking it, each point at most `TUBE` from where it was."""

    def soft(points: np.ndarray) -> np.ndarray:
        return ndimage.gaussian_filter1d(points, SMOOTH, axis=0, mode="wrap", truncate=3)

    smooth = soft(ring)
    way = smooth + soft(ring - smooth) - ring
    return ring + way * np.minimum(1, TUBE / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9))


def path(found: list[np.ndarray]) -> str:
    """Return rings as SVG path data, quadratic curves rounded to 0.1; holes are holes by the even-odd rule."""
    said = []
    for ring in found:
        points = ring[::EVERY] if len(ring) >= 4 * EVERY else ring
        ends = (points + np.roll(points, -1, 0)) / 2
        curves = np.concatenate([points, ends], 1).tolist()
        said += [
            f"M{ends[-1][0]:.1f} {ends[-1][1]:.1f}",
            *(f"Q{a:.1f} {b:.1f} {x:.1f} {y:.1f}" for a, b, x, y in curves),
            "Z",
        ]
    return "".join(said)


def svg(found: list[np.ndarray], size: int) -> str:
    """Return rings as an SVG file of size x size: a thin black line, nothing where there are none."""
    line = f'<path d="{path(found)}" fill="none" fill-rule="evenodd" stroke="#000"/>' if found else ""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}">{line}</svg>\n'


def cover(found: list[np.ndarray], size: int, scale: int) -> np.ndarray:
    """Return how much of each pixel lies within rings of a size x size picture once it is enlarged: (scale size, scale size) uint8."""
    fine = scale * FINE
    whole = Image.new("1", (size * fine, size * fine))
    for ring in found:
        part = Image.new("1", whole.size)
        ImageDraw.Draw(part).polygon([tuple(point) for point in (ring * fine - 0.5).tolist()], fill=1)
        whole = ImageChops.logical_xor(whole, part)
    return np.asarray(whole.convert("L").reduce(FINE))


def spread(pixels: np.ndarray) -> np.ndarray:
    """Lead a picture's colours over its edge, so that it can be cut anew there: (H, W, 4) uint8 -> (H, W, 3), 0 far from it."""

    def soft(x: np.ndarray) -> np.ndarray:
        return ndimage.gaussian_filter(x, NEAR, truncate=4 / NEAR)  # from as far as 4 pixels

    opaque = pixels[..., 3] > 127
    sure = ndimage.binary_erosion(opaque, iterations=2)  # the outermost are mixed with the paper
    sure |= opaque & ~ndimage.maximum_filter(sure, 7)  # what is too thin to have an inside
    weight = sure.astype(np.float32)
    share = soft(weight)
    colour = np.stack([soft(pixels[..., k] * weight) for k in range(3)], -1) / np.maximum(share, 1e-9)[..., None]
    return np.where(sure[..., None], pixels[..., :3], colour).round().astype(np.uint8)
