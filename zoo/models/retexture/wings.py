"""Wing coordinates: a frame that follows the wings whatever their shape.

A butterfly is cut along its axis and each half is drawn on a sheet of its own: the axis runs down the line x = 0,
the wing lies to the right, and a margin of the other half to the left. The wing's pose is
made the usual one first: its width, its height about a line through the body, and that line's slope. A point of a
half then has an angle around the body, from 0 (towards the head) to pi (towards the tail), and a radius relative to the
silhouette's along that ray. Angles are bent so that five landmarks, read off the silhouette, lie at the same place in every butterfly:
the forewing's front edge, its tip, the notch between the wings, the hindwing's tip and its inner edge.

Lengths are in units of the picture's side; halves are (height, width) = (1, 9/16) with the axis at 1/16.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

MARGIN, WIDTH = 1 / 16, 9 / 16
RAYS = 128  # angles at which the silhouette's radius is measured
REACH = 0.9  # longest radius
USUAL = (
    0.242,
    0.157,
    -0.675,
)  # medians of the butterflies' poses: spread along x, spread about the line, slope of the line
LANDMARKS = (0.0, 0.06, 0.27, 0.53, 0.80, 0.94, 1.0)  # where the landmarks lie in the frame
OUTSIDE = 1.06  # the chart goes a little beyond the silhouette


@dataclass(frozen=True)
class Frame:
    """Wing coordinates of B halves."""

    centre: Tensor
    """(B,) height of the body's centre on the axis, from the top"""
    pose: Tensor
    """(B, 3) width and height as shares of the usual ones, and how much steeper the line through the wing is"""
    radius: Tensor
    """(B, RAYS) silhouette's radius at the angles (i + 1/2) pi / RAYS"""
    knots: Tensor
    """(B, 7) angles of the landmarks, radians, rising from 0 to pi"""

    def __getitem__(self, index: slice | Tensor) -> "Frame":
        return Frame(self.centre[index], self.pose[index], self.radius[index], self.knots[index])

    def to_picture(self, x: Tensor, up: Tensor) -> tuple[Tensor, Tensor]:
        """Map points of the usual pose (B, N), up from the centre, to points x, y of the half picture."""
        wide, tall, slope = self.pose[:, :, None].unbind(1)
        x = wide * x
        return x, self.centre[:, None] - tall * up + slope * x

    def from_picture(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Map points x >= 0, y of the half picture (B, N) to the usual pose: x, and up from the centre."""
        wide, tall, slope = self.pose[:, :, None].unbind(1)
        return x / wide, (self.centre[:, None] + slope * x - y) / tall


def interpolate(x: Tensor, xs: Tensor, ys: Tensor) -> Tensor:
    """Interpolate linearly in tables: x (B, N), xs and ys (B, K) with xs rising -> (B, N)."""
    right = torch.searchsorted(xs.contiguous(), x.contiguous()).clamp(1, xs.shape[1] - 1)
    x0, x1 = xs.gather(1, right - 1), xs.gather(1, right)
    y0, y1 = ys.gather(1, right - 1), ys.gather(1, right)
    share = ((x - x0) / (x1 - x0).clamp_min(1e-6)).clamp(0, 1)
    return torch.lerp(y0, y1, share)


def _at(table: Tensor, angle: Tensor) -> Tensor:
    """Read a table over the RAYS at angles (B, N)."""
    place = (angle * (RAYS / math.pi) - 0.5).clamp(0, RAYS - 1)
    low = place.floor().long().clamp_max(RAYS - 2)
    return torch.lerp(table.gather(1, low), table.gather(1, low + 1), place - low)


def sample(picture: Tensor, x: Tensor, y: Tensor, mode: str = "bilinear") -> Tensor:
    """Read half pictures (B, C, H, W) at points x, y (B, h, w): (B, C, h, w)."""
    grid = torch.stack([(x + MARGIN) / WIDTH, y], -1) * 2 - 1
    return F.grid_sample(picture, grid, mode=mode, padding_mode="border", align_corners=False)


def frame(silhouette: Tensor) -> Frame:
    """Measure the wing coordinates of half silhouettes.

    Args:
        silhouette: (B, 1, H, 9 H / 16) in [0, 1].
    """
    b, _, h, w = silhouette.shape
    device = silhouette.device
    # The body: what of the silhouette lies along the axis.
    axis = round(w * MARGIN / WIDTH)
    strip = silhouette[:, 0, :, axis : axis + max(2, h // 32)].amax(2) > 0.5
    rows = torch.arange(h, device=device)
    anywhere = silhouette[:, 0].amax(2) > 0.5
    strip = strip | (anywhere & ~strip.any(1, keepdim=True))
    top = torch.where(strip, rows, h).amin(1).clamp_max(h - 1)
    bottom = torch.where(strip, rows, -1).amax(1).clamp_min(0)
    centre = (top + 0.4 * (bottom - top).clamp_min(0) + 0.5) / h

    unknown = Frame(centre, pose(silhouette[:, 0, :, axis:]), *[silhouette.new_zeros(b, 0)] * 2)

    # Antennae and thin tails are not part of the frame.
    thick = F.avg_pool2d(silhouette, 2 * (h // 64) + 1, 1, h // 64, count_include_pad=False)
    angle = (torch.arange(RAYS, device=device) + 0.5) * math.pi / RAYS
    reach = torch.linspace(0, REACH, 113, device=device)[1:]
    ray_x, ray_up = (turn[:, None] * reach for turn in (angle.sin(), angle.cos()))
    x, y = (t.view(b, RAYS, -1) for t in unknown.to_picture(ray_x.view(1, -1), ray_up.view(1, -1)))
    inside = sample(thick, x, y)[:, 0] > 0.5
    inside &= (x < WIDTH - MARGIN) & (y > 0) & (y < 1)
    radius = (inside * reach).amax(2).clamp_min(0.03)
    smooth = F.avg_pool1d(F.pad(radius[:, None], (1, 1), mode="replicate"), 3, 1)[:, 0]
    return Frame(centre, unknown.pose, smooth, landmarks(smooth))


def pose(wing: Tensor) -> Tensor:
    """Measure wings' poses (`Frame.pose`) on silhouettes right of the axis, (B, H, W): (B, 3)."""
    h, w = wing.shape[1:]
    x = (torch.arange(w, device=wing.device) + 0.5) / h
    y = (torch.arange(h, device=wing.device)[:, None] + 0.5) / h
    area = wing.sum(2).sum(1).clamp_min(1)

    def mean(values: Tensor) -> Tensor:
        # Row by row, and below about the mean: browsers add 32-bit numbers one after the other.
        return (wing * values).sum(2).sum(1) / area

    away_x, away_y = x - mean(x)[:, None, None], y - mean(y)[:, None, None]
    spread_x = mean(away_x**2).clamp_min(1e-4)
    slope = mean(away_x * away_y) / spread_x
    about = (mean(away_y**2) - slope**2 * spread_x).clamp_min(0).sqrt()
    wide, tall = mean(x**2).sqrt() / USUAL[0], about / USUAL[1]
    return torch.stack([wide.clamp(0.4, 2.0), tall.clamp(0.4, 2.0), (slope - USUAL[2]).clamp(-1.5, 1.5)], 1)


def landmarks(radius: Tensor) -> Tensor:
    """Find the landmarks' angles from the silhouette's radius (B, RAYS): (B, 7), radians.

    Each is an average of candidates that favours the best, so that it moves smoothly as the silhouette changes.
    """
    degree = math.pi / 180
    angle = (torch.arange(RAYS, device=radius.device) + 0.5) * math.pi / RAYS

    def farthest(low: Tensor | float, high: float) -> Tensor:
        allowed = torch.sigmoid((angle - low) / (2 * degree)) * torch.sigmoid((high - angle) / (2 * degree))
        reach = radius * allowed
        return _average(angle, ((reach / reach.amax(1, keepdim=True) - 1) / 0.05).exp())

    tip = farthest(25 * degree, 115 * degree)
    tail = farthest(tip[:, None] + 40 * degree, 176 * degree)
    tip_radius, tail_radius = _at(radius, tip[:, None]), _at(radius, tail[:, None])

    def first(reach: Tensor) -> Tensor:
        """Return the angle before the radius first reaches this."""
        there = torch.sigmoid((reach - 0.6) / 0.03) * (angle > 4 * degree)
        return torch.cumprod(1 - there, 1).sum(1) * math.pi / RAYS

    front = first(radius / tip_radius)
    inner = math.pi - first((radius / tail_radius).flip(1))
    # The notch is where the outline lies deepest behind the line from tip to tail.
    px, py = radius * angle.sin(), -radius * angle.cos()
    (ax, ay), (bx, by) = (
        (r * a.sin()[:, None], -r * a.cos()[:, None]) for r, a in ((tip_radius, tip), (tail_radius, tail))
    )
    length = ((bx - ax) ** 2 + (by - ay) ** 2).sqrt().clamp_min(1e-3)
    depth = ((py - ay) * (bx - ax) - (px - ax) * (by - ay)) / length
    between = (angle > tip[:, None] + 12 * degree) & (angle < tail[:, None] - 12 * degree)
    depth = torch.where(between, depth, -1.0)
    deepest = depth.amax(1)
    place = _average(angle, ((depth - deepest[:, None]) / 0.01).exp())
    notch = torch.lerp(0.5 * (tip + tail), place, (deepest / 0.03).clamp(0, 1))

    gap = 3 * degree
    front = torch.minimum(front, tip - gap).clamp_min(2 * degree)
    inner = torch.maximum(inner, tail + gap / 3).clamp_max(math.pi - gap / 3)
    tail = torch.minimum(tail, inner - gap / 6)
    ends = torch.zeros_like(tip)
    knots = torch.stack([ends, front, tip, notch, tail, inner, ends + math.pi], 1)
    return torch.cummax(knots + torch.arange(7, device=knots.device) * 1e-4, 1).values


def _average(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum(-1) / weights.sum(-1).clamp_min(1e-9)


def _table(frames: Frame) -> Tensor:
    return torch.tensor(LANDMARKS, device=frames.knots.device).expand(len(frames.knots), -1)


def points(frames: Frame, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Map wing coordinates u, v (B, N) to points x, y of the half picture, (B, N) each."""
    angle = interpolate(u, _table(frames), frames.knots)
    length = v * _at(frames.radius, angle)
    return frames.to_picture(length * angle.sin(), length * angle.cos())


def coordinates(frames: Frame, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Map points x, y (B, N) to wing coordinates u in [0, 1] and v >= 0, (B, N) each; the margin is mirrored."""
    x, up = frames.from_picture(x.abs(), y)
    angle = torch.atan2(x, up)
    length = (x**2 + up**2).sqrt()
    return interpolate(angle, frames.knots, _table(frames)), length / _at(frames.radius, angle)


def chart_grid(rows: int, columns: int, n: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """Return the chart's own coordinates: u, v (n, rows * columns); rows are radii, columns angles."""
    u = (torch.arange(columns, device=device) + 0.5) / columns
    v = (torch.arange(rows, device=device) + 0.5) / rows * OUTSIDE
    return u.repeat(n, rows), v.repeat_interleave(columns).expand(n, -1)


def unwrap(picture: Tensor, frames: Frame, rows: int, columns: int) -> Tensor:
    """Lay half pictures (B, C, H, W) out in their wing coordinates: (B, C, rows, columns)."""
    x, y = points(frames, *chart_grid(rows, columns, len(picture), picture.device))
    shape = (len(picture), rows, columns)
    return sample(picture, x.view(shape), y.view(shape))


def picture_grid(height: int, n: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """Return the pixel centres of half pictures: x, y (n, height * width)."""
    width = round(height * WIDTH)
    x = (torch.arange(width, device=device) + 0.5) / height - MARGIN
    y = (torch.arange(height, device=device) + 0.5) / height
    return x.repeat(n, height), y.repeat_interleave(width).expand(n, -1)


def wrap(chart: Tensor, frames: Frame, height: int) -> tuple[Tensor, Tensor, Tensor]:
    """Draw charts (B, C, rows, columns) into half pictures of the frames' silhouettes.

    Returns:
        (B, C, height, width), and u, v of its pixels (B, 1, height, width) each.
    """
    n, width = len(chart), round(height * WIDTH)
    u, v = coordinates(frames, *picture_grid(height, n, chart.device))
    u, v = u.view(n, height, width), v.view(n, height, width)
    grid = torch.stack([u, v / OUTSIDE], -1) * 2 - 1
    drawn = F.grid_sample(chart, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return drawn, u[:, None], v[:, None]


def halves(picture: Tensor) -> Tensor:
    """Cut upright pictures (B, C, S, S) along the middle: (2 B, C, S, 9 S / 16), right halves, then left ones mirrored."""
    s = picture.shape[-1]
    margin = round(s * MARGIN)
    right, left = picture[..., s // 2 - margin :], picture[..., : s // 2 + margin].flip(-1)
    return torch.cat([right, left])


def join(right: Tensor, left: Tensor) -> Tensor:
    """Put halves (B, C, S, 9 S / 16) together again, blended over the margins: (B, C, S, S)."""
    s = right.shape[-2]
    margin = round(s * MARGIN)
    left = left.flip(-1)
    share = ((torch.arange(2 * margin, device=right.device) + 0.5) / (2 * margin)).to(right.dtype)
    seam = torch.lerp(left[..., -2 * margin :], right[..., : 2 * margin], share)
    return torch.cat([left[..., : -2 * margin], seam, right[..., 2 * margin :]], -1)
