"""Dress what is drawn on a pad in patterns: each figure is found, turned upright, painted, and laid back where it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.drawing import SIDE, enclose, extent, rasterise
from zoo.figures import figures
from zoo.models.axis import LEFT, RIGHT, WHOLE, Axis
from zoo.models.body import Body
from zoo.models.retexture import Retexture
from zoo.placement import Placement, placement, settled

BODY_LENGTH, BODY_NEAR, BODY_TURN = (
    0.3,
    0.12,
    math.radians(20),
)  # of a straight stroke that is a body: shares of the root of the area
BESIDE = 0.9  # share of a figure that lies on one side of the axis where it is a single wing
Line = Sequence[float]


@dataclass(frozen=True)
class Figure:
    """A butterfly of a drawing, or a wing of one."""

    placement: Placement
    strokes: Tensor
    """(1, 1, size, size) in [0, 1]: its lines, upright in a picture of its own"""
    silhouette: Tensor
    """(1, 1, size, size) of 0 and 1: what they enclose there"""
    axis: tuple[float, float, float, float]
    """x and y of its head's and its tail's end, on the pad, 0 to 255"""
    whole: bool = True
    """whether it has both wings, and so a body"""
    known: bool = False
    """whether the axis was given"""
    mirrored: bool = False


def mirrored_figure(drawn: list[np.ndarray], size: int = 256) -> list[Figure]:
    """Return the one figure of a drawing whose axis is the pad's middle line, none of an empty one."""
    silhouette = _tensor(enclose(drawn, size))
    if not silhouette.any():
        return []
    strokes = _tensor(rasterise(drawn, size))
    return [Figure(Placement(), strokes, silhouette, (SIDE / 2, 0.0, SIDE / 2, SIDE), mirrored=True)]


def placed_figures(finder: Axis, drawn: list[np.ndarray], axes: Sequence[Line] = (), size: int = 256) -> list[Figure]:
    """Find a drawing's figures and how they are turned.

    Args:
        drawn: arrays (points, 2) in 0..255.
        axes: x and y of the head's and of the tail's end, for figures whose axis is known: each counts for the figure
            that its middle lies in, or else is nearest to.
        size: side of the figures' pictures, pixels.
    """
    parts = [[drawn[i] for i in lines] for lines in figures(drawn)]
    outlines = [_tensor(enclose(part, size)) for part in parts]
    parts = [part for part, outline in zip(parts, outlines, strict=True) if outline.any()]
    outlines = [outline for outline in outlines if outline.any()]
    if not parts:
        return []
    known = dict(_owner(line, outlines) for line in axes)
    found = [finder.detect(outline) for outline in outlines]  # by itself: as it would be alone
    unit = (SIDE + 1) / size
    made = []
    for i, (part, outline) in enumerate(zip(parts, outlines, strict=True)):
        rows, columns = np.nonzero(outline[0, 0].numpy())
        points = np.stack([columns + 0.5, rows + 0.5], 1) * unit - 0.5
        if i in known:
            x, y, tail_x, tail_y = known[i]
            angle = math.atan2(x - tail_x, tail_y - y)
            kind = _kind(points, x, y, angle)
        else:
            x, y = (float(t) * unit - 0.5 for t in (found[i].x, found[i].y))
            angle, kind = float(found[i].angle), int(found[i].kind)
            if kind == WHOLE:
                x, y, angle = _along_body(part, len(points) ** 0.5 * unit, x, y, angle)
        placed = placement(points, x, y, angle, kind)
        placed = placed if i in known or kind != WHOLE else settled(placed)
        turned = [placed.upright(line) for line in part]
        strokes, silhouette = (_tensor(f(turned, size)) for f in (rasterise, enclose))
        made.append(Figure(placed, strokes, silhouette, _ends(points, x, y, angle), kind == WHOLE, i in known))
    return made


def dress(model: Retexture, z: Tensor, drawn: Sequence[Figure], size: int = 256, *, body: Body | None = None) -> Tensor:
    """Paint figures, with bodies where there is a painter of them, and lay them on the pad; arguments and result as `layers`."""
    wings, bodies = layers(model, z, drawn, size, body=body)
    return over(bodies, wings) if body else wings


@torch.inference_mode()
def layers(
    model: Retexture,
    z: Tensor,
    drawn: Sequence[Figure],
    size: int = 256,
    *,
    body: Body | None = None,
    dtype: torch.dtype = torch.float32,
) -> tuple[Tensor, Tensor]:
    """Paint figures' wings and bodies, and lay them on the pad.

    Args:
        z: (N, latent, rows / 8, columns / 8), a pattern for each picture, or (N, figures, latent, ...), one for each figure.
        size: side of the pictures, pixels.
        body: paints the bodies.
        dtype: of the networks' products; bfloat16 takes two thirds of the time where the processor has it.

    Returns:
        wings and bodies, (N, 4, size, size) each: colour and alpha in [0, 1], transparent outside. Bodies go beyond the outlines.
    """
    wings = bodies = torch.zeros(len(z), 4, size, size)
    for i, figure in enumerate(drawn):
        own = z[:, i] if z.ndim == 5 else z
        painted, layer = own_layers(model, own, figure, body=body, dtype=dtype)
        wings = over(lay(painted, figure, size), wings) if i else lay(painted, figure, size)
        if layer is not None:
            bodies = over(lay(layer, figure, size), bodies)
    return wings, bodies


def own_layers(
    model: Retexture, z: Tensor, figure: Figure, *, body: Body | None = None, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor | None]:
    """Paint a figure's wings and its body, upright in pictures of its own.

    Args:
        z: (N, latent, rows / 8, columns / 8).
        body: paints the body of a whole butterfly.
        dtype: as of `layers`.

    Returns:
        wings and body, (N, 4, S, S) each: colour and alpha in [0, 1]; no body where there is none to be painted.
    """
    strokes, silhouette = (x.expand(len(z), -1, -1, -1) for x in (figure.strokes, figure.silhouette))
    products = torch.autocast(z.device.type, dtype, enabled=dtype != torch.float32)
    with products:
        painted = model.decode(z, strokes, silhouette, mirrored=figure.mirrored)
    # The model's alpha has soft edges; beyond the drawing's own outline nothing shows.
    alpha = painted[:, 3:] * (F.max_pool2d(silhouette, 3, 1, 1) > 0.5)
    wings = torch.cat([painted[:, :3], alpha], 1)
    if body is None or not figure.whole:
        return wings, None
    with products:
        return wings, body.decode(wings[:, :3] * alpha + 1 - alpha, silhouette, mirrored=figure.mirrored)


def lay(painted: Tensor, figure: Figure, size: int) -> Tensor:
    """Lay a figure's own pictures (N, 4, S, S) on the pad: (N, 4, size, size)."""
    if figure.placement == Placement() and size == painted.shape[-1]:
        return painted
    alpha = painted[:, 3:]
    laid = figure.placement.laid(torch.cat([painted[:, :3] * alpha, alpha], 1), size).clamp(0, 1)
    return torch.cat([(laid[:, :3] / laid[:, 3:].clamp_min(1e-3)).clamp(0, 1), laid[:, 3:]], 1)


def over(above: Tensor, below: Tensor) -> Tensor:
    """Lay pictures with alpha (N, 4, H, W) in [0, 1] over others."""
    share = below[:, 3:] * (1 - above[:, 3:])
    alpha = above[:, 3:] + share
    colour = (above[:, :3] * above[:, 3:] + below[:, :3] * share) / alpha.clamp_min(1e-6)
    return torch.cat([colour, alpha], 1)


def _tensor(picture: np.ndarray) -> Tensor:
    return torch.from_numpy(picture)[None, None]


def _owner(line: Line, outlines: list[Tensor]) -> tuple[int, Line]:
    """Return which figure an axis is meant for, and the axis."""
    x, y = (line[0] + line[2]) / 2, (line[1] + line[3]) / 2
    unit = (SIDE + 1) / outlines[0].shape[-1]

    def away(outline: Tensor) -> float:
        rows, columns = torch.nonzero(outline[0, 0], as_tuple=True)
        return float(((columns + 0.5) * unit - 0.5 - x).square().add(((rows + 0.5) * unit - 0.5 - y).square()).min())

    return min(range(len(outlines)), key=lambda i: away(outlines[i])), line


def _along_body(part: list[np.ndarray], unit: float, x: float, y: float, angle: float) -> tuple[float, float, float]:
    """Return an axis, led along the longest straight stroke that lies nearly on it, if one is drawn: a body.

    Args:
        unit: root of the figure's area, in the strokes' units.
    """
    best = BODY_LENGTH * unit
    led = x, y, angle
    for line in part:
        way, middle = line[-1] - line[0], (line[0] + line[-1]) / 2
        length = float(np.linalg.norm(way))
        turn = (math.atan2(way[0], -way[1]) - angle + math.pi / 2) % math.pi - math.pi / 2
        away = abs((middle - (x, y)) @ (math.cos(angle), math.sin(angle)))
        if length > best and extent(line) < 1.2 * length and abs(turn) < BODY_TURN and away < BODY_NEAR * unit:
            best, led = length, (*middle.tolist(), angle + turn)
    return led


def _kind(points: np.ndarray, x: float, y: float, angle: float) -> int:
    """Return whether points (N, 2) lie on both sides of an axis, on its right or on its left."""
    right = float(((points - (x, y)) @ (math.cos(angle), math.sin(angle)) > 0).mean())
    return RIGHT if right > BESIDE else LEFT if right < 1 - BESIDE else WHOLE


def _ends(points: np.ndarray, x: float, y: float, angle: float) -> tuple[float, float, float, float]:
    """Return where an axis leaves a figure of these points (N, 2): x and y of its head's and of its tail's end."""
    along = (points - (x, y)) @ (math.sin(angle), -math.cos(angle))
    head, tail = along.max(), along.min()
    return (
        x + head * math.sin(angle), y - head * math.cos(angle), x + tail * math.sin(angle), y - tail * math.cos(angle),
    )  # fmt: skip
