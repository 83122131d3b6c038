"""Which lines of a drawing belong together: each closed outline, with what is drawn in it, is a figure of its own."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage, spatial

from zoo.drawing import SIDE, bridges, dense, extent, rasterise
from zoo.models.axis import overlap

# In the strokes' units.
TOUCH = 3.0, 6.0  # lines nearer than this are one: two closed outlines, and others by an end of theirs
CROSS = 1.5  # lines nearer than this cross
HUG = 12.0  # what comes this near to an outline belongs to it, if it is no outline itself
REACH = 40.0  # pieces of an open outline are joined over gaps up to this
WINGS = 24.0  # wings of one butterfly lie no farther apart
GRID = 64  # side of the pictures in which this is worked out
LEAST = 0.004  # share of the pad that a figure fills
BRIDGED = 0.2  # share of an outline that its gaps may take
MIRRORS = 0.05  # by how much more two wings mirror each other than themselves


@dataclass
class _Group:
    lines: list[int]
    points: np.ndarray
    ends: np.ndarray
    """(2 lines, 2)"""
    filled: np.ndarray
    """(GRID, GRID) bool: what it encloses, its lines included; empty unless it is closed"""

    @property
    def closed(self) -> bool:
        return bool(self.filled.any())

    @property
    def area(self) -> float:
        return float(self.filled.mean())


def figures(drawn: list[np.ndarray]) -> list[list[int]]:
    """Sort a drawing's lines into figures.

    Args:
        drawn: arrays (points, 2) in 0..255.

    Returns:
        the numbers of each figure's lines, every line in one of them; figures in the order in which they were begun.
        A drawing without a closed outline is one figure, as is one of a single outline.
    """
    points = [dense(line) for line in drawn]
    groups = [_group(drawn, points, [i]) for i in range(len(drawn))]
    groups = _joined(groups, drawn, points, lambda a, b: _gap(a, b) <= TOUCH[not (a.closed and b.closed)])
    groups = _closed_up(groups, drawn, points)
    closed = [group for group in groups if group.closed]
    if not closed:
        return [list(range(len(drawn)))] if drawn else []
    closed = _joined(sorted(closed, key=lambda g: -g.area), drawn, points, _one)
    found = [list(group.lines) for group in closed]
    for group in groups:
        if group.closed:
            continue
        nearest = min(range(len(closed)), key=lambda i: _gap(group, closed[i]))
        if _belongs(group, [closed[nearest]]) or not _fills(drawn, group):
            found[nearest] += group.lines
        else:
            found.append(list(group.lines))
    return sorted(sorted(lines) for lines in found)


def _group(drawn: list[np.ndarray], points: list[np.ndarray], lines: list[int]) -> _Group:
    """Make a group, and find out what it encloses."""
    own = [drawn[i] for i in lines]
    ways = bridges(own)
    filled = np.zeros((GRID, GRID), bool)
    if sum(map(extent, ways)) <= BRIDGED * sum(map(extent, own)):
        ink = rasterise([*own, *ways], GRID, width=1.5) > 0.3
        inside = ndimage.binary_fill_holes(np.pad(ink, 1))[1:-1, 1:-1]
        if (inside & ~ink).mean() >= LEAST:
            filled = inside
    ends = np.concatenate([line[[0, -1]] for line in own])
    return _Group(lines, np.concatenate([points[i] for i in lines]), ends, filled)


def _gap(a: _Group, b: _Group) -> float:
    """Return the least distance of two closed groups' lines, or of an end of one from the other; 0 where one lies in the other."""
    for outer, inner in ((a, b), (b, a)):
        if outer.closed and _share(inner.points, outer.filled) > 0.6:
            return 0.0
    tree, other = spatial.cKDTree(a.points), spatial.cKDTree(b.points)
    lines = float(tree.query(b.points)[0].min())
    if (a.closed and b.closed) or lines <= CROSS:
        return lines
    return float(min(tree.query(b.ends)[0].min(), other.query(a.ends)[0].min()))


def _share(points: np.ndarray, filled: np.ndarray) -> float:
    """Return the share of points that lie in a shape."""
    column, row = np.clip((points * (GRID / (SIDE + 1))).astype(int), 0, GRID - 1).T
    return float(filled[row, column].mean())


def _joined(
    groups: list[_Group], drawn: list[np.ndarray], points: list[np.ndarray], together: Callable[[_Group, _Group], bool]
) -> list[_Group]:
    """Join groups, two by two, as long as any belong together."""
    groups = list(groups)
    while True:
        pair = next(((a, b) for a, x in enumerate(groups) for b, y in enumerate(groups[:a]) if together(y, x)), None)
        if pair is None:
            return groups
        a, b = groups.pop(pair[0]), groups.pop(pair[1])
        whole = _group(drawn, points, sorted(b.lines + a.lines))
        whole.filled |= a.filled | b.filled
        groups.insert(pair[1], whole)


def _closed_up(groups: list[_Group], drawn: list[np.ndarray], points: list[np.ndarray]) -> list[_Group]:
    """Join the pieces of open outlines, the nearest first, until these are closed."""
    groups = list(groups)
    while True:
        pieces = [group for group in groups if not group.closed]
        pairs = [(_gap(a, b), i, j) for i, a in enumerate(pieces) for j, b in enumerate(pieces[:i])]
        gap, i, j = min(pairs, default=(math.inf, 0, 0))
        if gap > REACH:
            return groups
        whole = _group(drawn, points, sorted(pieces[i].lines + pieces[j].lines))
        groups = [group for group in groups if group is not pieces[i] and group is not pieces[j]] + [whole]


def _one(larger: _Group, smaller: _Group) -> bool:
    """Return whether two closed groups are one figure: one in the other, a small part near it, or two wings."""
    if larger.area < smaller.area:
        larger, smaller = smaller, larger
    if (larger.filled & smaller.filled).sum() > 0.6 * smaller.filled.sum():
        return True
    gap = _gap(larger, smaller)
    if gap > WINGS:
        return False
    if smaller.area < 0.25 * larger.area:
        return gap <= HUG
    alone = max(_mirrors(larger.filled), _mirrors(smaller.filled))
    return _mirrors(larger.filled | smaller.filled) > alone + MIRRORS


def _mirrors(filled: np.ndarray) -> float:
    """Return how well the better half of all lines through its centroid mirrors a shape, 1 exactly."""
    shape = torch.from_numpy(filled).float()[None, None]
    centre = torch.tensor([[(axis * filled).sum() / filled.sum() + 0.5 for axis in np.mgrid[:GRID, :GRID][::-1]]])
    turns = torch.arange(45)[None] * (math.pi / 45)
    return float(overlap(shape, centre.float(), turns, torch.zeros_like(turns)).max())


def _belongs(group: _Group, closed: list[_Group]) -> bool:
    """Return whether an open group is drawn in or at one of the closed ones."""
    return any(_gap(group, other) <= HUG for other in closed)


def _fills(drawn: list[np.ndarray], group: _Group) -> bool:
    """Return whether an open group would fill enough once it is closed by a straight line."""
    own = [drawn[i] for i in group.lines]
    ink = rasterise([*own, np.array([own[-1][-1], own[0][0]])], GRID, width=1.5) > 0.3
    inside = ndimage.binary_fill_holes(np.pad(ink, 1))[1:-1, 1:-1]
    return bool((inside & ~ink).mean() >= LEAST)
