"""Drawings: strokes to pictures, and to the silhouette that they mean.

A stroke is a flat list [x0, y0, x1, y1, ...] in 0..255, x to the right and y down.
"""

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage, spatial

SIDE = 255
FINE = 3  # supersampling of lines
BRIDGE = 80.0  # longest gap that is closed, in the strokes' units


def lines(strokes: list[list[int]]) -> list[np.ndarray]:
    """Return strokes as arrays (points, 2) of x and y."""
    return [np.asarray(stroke, float).reshape(-1, 2) for stroke in strokes if len(stroke) >= 4]


def rasterise(drawn: list[np.ndarray], size: int = 256, *, width: float = 3.0) -> np.ndarray:
    """Draw lines with round joints.

    Args:
        drawn: arrays (points, 2) in 0..255.
        size: side of the picture, pixels.
        width: of the pen, pixels.

    Returns:
        (size, size) float32 in [0, 1], 1 on a line, antialiased.
    """
    picture = Image.new("L", (size * FINE, size * FINE))
    _draw(picture, drawn, width)
    return _reduce(picture)


def _draw(picture: Image.Image, drawn: list[np.ndarray], width: float = 3.0) -> None:
    """Draw lines onto a picture FINE times as large as the pixels that `width` counts."""
    draw = ImageDraw.Draw(picture)
    radius = width * FINE / 2
    for line in drawn:
        points = [tuple(p) for p in ((line + 0.5) * (picture.width / (SIDE + 1))).tolist()]
        draw.line(points, fill=255, width=round(width * FINE), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _reduce(picture: Image.Image) -> np.ndarray:
    """Return a picture at its pixels' size, in [0, 1]."""
    return np.asarray(picture.reduce(FINE), np.float32) / 255


def bridges(drawn: list[np.ndarray], longest: float = BRIDGE) -> list[np.ndarray]:
    """Return straight lines that close a drawing's gaps: from each loose end to the nearest line beyond its own tip.

    Ends are joined with other loose ends first, shortest gap first; what then is still loose is led to the nearest
    point of any line.

    Args:
        drawn: arrays (points, 2) in 0..255.
        longest: longest gap that is closed.
    """
    ends = np.array([p for line in drawn for p in (line[0], line[-1])]).reshape(-1, 2)
    if not len(ends):
        return []
    near = [dense(line) for line in drawn]
    owner = np.concatenate([np.full(len(line), i) for i, line in enumerate(near)])
    every = np.concatenate(near)
    loose = []
    for e, end in enumerate(ends):  # an end that touches another line is none
        distance = np.linalg.norm(every - end, axis=1)
        if distance[owner != e // 2].min(initial=np.inf) > 3:
            own = ends[e ^ 1]
            if np.linalg.norm(own - end) > 3 or len(drawn[e // 2]) < 3:
                loose.append(e)
    found, left = [], set(loose)
    pairs = sorted(
        (float(np.linalg.norm(ends[a] - ends[b])), a, b) for i, a in enumerate(loose) for b in loose[i + 1 :]
    )
    for gap, a, b in pairs:
        if gap <= longest and a in left and b in left:
            found.append(np.array([ends[a], ends[b]]))
            left -= {a, b}
    for e in sorted(left):
        distance = np.linalg.norm(every - ends[e], axis=1)
        distance[owner == e // 2] = np.inf
        if distance.min(initial=np.inf) <= longest:
            found.append(np.array([ends[e], every[distance.argmin()]]))
    return found


def ring(drawn: list[np.ndarray]) -> list[np.ndarray]:
    """Return straight lines that join lines to one closed ring: the nearest two free ends of different lines first.

    Args:
        drawn: arrays (points, 2) in 0..255.
    """
    ends = np.array([p for line in drawn for p in (line[0], line[-1])]).reshape(-1, 2)
    part, free, found = [e // 2 for e in range(len(ends))], set(range(len(ends))), []
    pairs = [(a, b) for a in range(len(ends)) for b in range(a + 1, len(ends))]
    for a, b in sorted(pairs, key=lambda pair: float(np.linalg.norm(ends[pair[0]] - ends[pair[1]]))):
        if {a, b} <= free and part[a] != part[b]:
            found.append(np.array([ends[a], ends[b]]))
            free -= {a, b}
            part = [part[a] if p == part[b] else p for p in part]
    return [*found, ends[sorted(free)]] if free else []


def enclose(drawn: list[np.ndarray], size: int = 256) -> np.ndarray:
    """Return what a drawing encloses once its gaps are closed.

    Where even then nothing is enclosed, such as by a single straight line, the silhouette is the
    lines' convex hull.

    Args:
        drawn: arrays (points, 2) in 0..255.

    Returns:
        (size, size) float32 of 0 and 1; all 0 for an empty drawing.
    """
    if not drawn:
        return np.zeros((size, size), np.float32)
    # Inner strokes have loose ends too. A wrong bridge encloses less, so the largest of these readings is right.
    longest = max(map(extent, drawn))
    long = [line for line in drawn if extent(line) > 0.3 * longest]
    each = [np.array([line[0], line[-1]]) for line in long]
    readings = [bridges(drawn), bridges(long), each]
    outline = ring(drawn)  # the right one for an outline in pieces with wide gaps
    if sum(map(extent, outline)) < 0.3 * sum(map(extent, drawn)):
        readings.append(outline)
    base = Image.new("L", (size * FINE, size * FINE))
    _draw(base, drawn)
    found = {}  # readings are often alike: each is filled once
    for more in readings:
        key = tuple(line.tobytes() for line in more)
        if key not in found:
            picture = base.copy()
            _draw(picture, more)
            found[key] = _filled(_reduce(picture) > 0.5)
    filled = max(found.values(), key=np.sum)
    if filled.any():
        return filled.astype(np.float32)
    ink = rasterise(drawn, size) > 0.5
    try:
        points = np.concatenate(drawn)
        hull = points[spatial.ConvexHull(points).vertices]
    except spatial.QhullError:  # all on one line
        return ink.astype(np.float32)
    picture = Image.new("L", (size, size))
    ImageDraw.Draw(picture).polygon([tuple(p) for p in (hull + 0.5) * (size / (SIDE + 1))], fill=1)
    return np.maximum(np.asarray(picture, np.float32), ink)


def extent(line: np.ndarray) -> float:
    """Return the length of a line (points, 2)."""
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def _filled(ink: np.ndarray) -> np.ndarray:
    """Return what ink encloses, closing gaps of a few pixels if need be; nothing where it encloses next to nothing."""
    ink, area = np.pad(ink, 16), ink.size
    for reach in (0, 2, 4):
        thick = ndimage.binary_dilation(ink, iterations=reach) if reach else ink
        parts, _ = ndimage.label(~thick)
        filled = parts != parts[0, 0]  # the corner is outside
        filled = ndimage.binary_erosion(filled, iterations=reach) if reach else filled
        if filled.sum() > 2 * ink.sum() + 0.005 * area:
            opened = ndimage.binary_opening(filled, iterations=2)  # lines that enclose nothing, such as antennae
            return ndimage.binary_dilation(opened, mask=filled)[16:-16, 16:-16]
    return np.zeros_like(ink)[16:-16, 16:-16]


def dense(line: np.ndarray, step: float = 2.0) -> np.ndarray:
    """Add points to a line until neighbours are at most `step` apart."""
    way = np.diff(line, axis=0)
    n = np.maximum(1, np.ceil(np.linalg.norm(way, axis=1) / step)).astype(int)
    k = np.arange(n.sum()) - np.repeat(n.cumsum() - n, n) + 1
    between = np.repeat(line[:-1], n, axis=0) + np.repeat(way, n, axis=0) * (k / np.repeat(n, n))[:, None]
    return np.concatenate([line[:1], between])
