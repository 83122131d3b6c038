"""Specimens' halves as the butterflies' training sees them: warped, and drawn as a person might."""

from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.data import Specimens
from zoo.data.butterflies import Butterflies
from zoo.models.retexture import Config, wings


@lru_cache(maxsize=4)
def specimens(split: str, size: int, source: Specimens) -> tuple[Tensor, Tensor, np.ndarray]:
    """Return a split's clean pictures (N, 3, size, size) and silhouettes (N, 1, size, size) in [0, 1], and kinds (N,)."""
    data = source.specimens(split, size)
    pictures = torch.from_numpy(data.images).permute(0, 3, 1, 2)
    masks = torch.from_numpy(data.masks)[:, None]
    return pictures.float() / 255, masks.float() / 255, data.kinds


class Warp:
    """Random smooth maps of half pictures that keep the axis where it is."""

    def __init__(self, n: int, strength: float):
        spread = torch.tensor([0.16, 0.16, 0.15, 0.2]) * strength
        self.affine = (torch.rand(n, 4) * 2 - 1) * spread
        self.affine[:, :2] += 0.06 * strength  # rather smaller than larger: the picture has an edge
        self.field = torch.randn(n, 2, 3, 2) * 0.022 * strength

    def repeat(self, n: int) -> "Warp":
        """Return the first warp for n pictures."""
        copy = Warp(0, 0.0)
        copy.affine, copy.field = self.affine[:1].expand(n, -1), self.field[:1].expand(n, -1, -1, -1)
        return copy

    def __call__(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Map points x, y (B, h, w) of the warped picture to points of the source."""
        width, height, lean, lift = (self.affine[:, i, None, None] for i in range(4))
        grid = torch.stack([x.abs() * 4 - 1, y * 2 - 1], -1)
        dx, dy = F.grid_sample(self.field, grid, mode="bicubic", padding_mode="border", align_corners=True).unbind(1)
        fade = (x.abs() / 0.08).clamp(0, 1)
        up = y - 0.45
        far = x * width.exp() + fade * x.sign() * (lean * up + dx)
        return far, 0.45 + up * height.exp() + lift * x.abs() + fade * dy


def pixel_centres(height: int, n: int) -> tuple[Tensor, Tensor]:
    """Return the pixel centres of half pictures: x, y (n, height, width)."""
    x, y = wings.picture_grid(height, n)
    return x.view(n, height, -1), y.view(n, height, -1)


def blobs(n: int, rows: int, size: tuple[int, int], share: Tensor) -> Tensor:
    """Return smooth random masks (n, 1, *size) of 0 and 1 that keep about `share` (n,) of the picture."""
    columns = max(2, rows * 9 // 16)
    field = F.interpolate(torch.randn(n, 1, rows, columns), size, mode="bilinear", align_corners=True)
    # A bilinear field of normals has about 2/3 of their deviation.
    return (field < 0.67 * torch.special.ndtri(share.clamp(0.001, 0.999))[:, None, None, None]).float()


def edges(picture: Tensor) -> Tensor:
    """Return thin edge strength of pictures (B, 3, H, W): (B, 1, H, W), 0 beside a ridge."""
    grey = F.avg_pool2d(picture.mean(1, keepdim=True), 3, 1, 1)
    dx = F.pad(grey[..., 2:] - grey[..., :-2], (1, 1))
    dy = F.pad(grey[..., 2:, :] - grey[..., :-2, :], (0, 0, 1, 1))
    strength = (dx**2 + dy**2).sqrt()
    across = strength >= F.max_pool2d(strength, (1, 3), 1, (0, 1))
    down = strength >= F.max_pool2d(strength, (3, 1), 1, (1, 0))
    return strength * torch.where(dx.abs() > dy.abs(), across, down)


def draw(target: Tensor) -> tuple[Tensor, Tensor]:
    """Draw half pictures as a person might: the outline with gaps, none to all of the inner edges, an unsteady hand.

    Args:
        target: (B, 4, H, W) in [0, 1].

    Returns:
        strokes (B, 1, H, W), and the silhouette (B, 1, H, W), moved with them.
    """
    n, _, h, w = target.shape
    inside = (target[:, 3:] > 0.5).float()
    outline = inside + F.max_pool2d(1 - inside, 3, 1, 1) - 1
    ridge = edges(target[:, :3]) * (1 - F.max_pool2d(1 - inside, 7, 1, 3))
    least = 0.08 + 0.5 * torch.rand(n, 1, 1, 1) ** 2
    share = torch.rand(n) * (torch.rand(n) > 0.35)
    inner = (ridge > least).float() * blobs(n, 10, (h, w), share) * (share > 0)[:, None, None, None]
    thin = torch.maximum(outline * blobs(n, 24, (h, w), 1 - 0.25 * torch.rand(n)), inner)
    wide = F.max_pool2d(thin, 3, 1, 1)
    strokes = torch.where(torch.rand(n, 1, 1, 1) < 0.5, wide, F.max_pool2d(wide, 3, 1, 1) * 0.7 + 0.3 * thin)
    hand = F.interpolate(torch.randn(n, 2, 32, 18), (h, w), mode="bilinear") * 1.0 / h
    x, y = pixel_centres(h, n)
    strokes = wings.sample(F.avg_pool2d(strokes, 3, 1, 1) * 1.3, x + hand[:, 0], y + hand[:, 1]).clamp(0, 1)
    return strokes, wings.sample(target[:, 3:], x + hand[:, 0] / 2, y + hand[:, 1] / 2)


def half_pictures(data: Butterflies, rows: np.ndarray) -> Tensor:
    """Return both halves of rows: (2, N, 4, 256, 144) uint8, colour and mask."""
    x = torch.from_numpy(np.concatenate([data.images[rows], data.masks[rows][..., None]], -1)).permute(0, 3, 1, 2)
    return torch.stack(wings.halves(x).contiguous(memory_format=torch.contiguous_format).chunk(2))


class Batches:
    """Makes what a step needs from example numbers: views of specimens' halves, drawings, and the adversary's answers."""

    def __init__(self, pictures: Tensor, config: Config, encoder_warp: float):
        self.pictures, self.config, self.encoder_warp = pictures, config, encoder_warp

    def __call__(self, index: Tensor) -> dict[str, Tensor | wings.Frame]:
        """Return tensors for the halves `index` of a random side."""
        n = len(index)
        side = torch.randint(2, (n,))
        source = self.pictures[side, index].float() / 255
        size = source.shape[2]

        gentle = Warp(n, 0.6)
        target = wings.sample(source, *gentle(*pixel_centres(size, n)))
        strokes, silhouette = draw(target)
        pool = max(1, size // 128)
        frames = wings.frame(F.avg_pool2d(silhouette, pool))

        small = F.avg_pool2d(source, pool)
        fold = small.shape[2] // 32  # down to the adversary's 32 by 18
        coarse = F.avg_pool2d(small, fold)
        drawn = F.max_pool2d((edges(small[:, :3]) > 0.1).float(), fold)
        shapes = torch.cat([coarse[:, 3:], drawn], 1).flatten(1)
        return {
            "chart": self.chart(source, small, Warp(n, self.encoder_warp)),
            "strokes": strokes,
            "silhouette": silhouette,
            "frames": frames,
            "target": target * 2 - 1,
            "shapes": shapes,
        }

    def chart(self, source: Tensor, small: Tensor, warp: Warp) -> Tensor:
        """Lay warped halves (n, 4, H, W), given also in less detail, out in their own wing coordinates: (n, 4, rows, columns)."""
        n, config = len(source), self.config
        frames = wings.frame(wings.sample(small[:, 3:], *warp(*pixel_centres(small.shape[2], n))))
        x, y = wings.points(frames, *wings.chart_grid(config.rows, config.columns, n))
        shape = (n, config.rows, config.columns)
        return wings.sample(source, *warp(x.view(shape), y.view(shape))) * 2 - 1


def kind_numbers(kinds: np.ndarray, least: int = 5) -> Tensor:
    """Number the kinds that have at least `least` specimens from 1; all others are 0."""
    names, number, counts = np.unique(kinds, return_inverse=True, return_counts=True)
    new = np.cumsum(counts >= least) * (counts >= least)
    return torch.tensor(new[number])
