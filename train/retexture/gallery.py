"""What the butterflies' checkpoint carries for the demos and its card: patterns, a prior, outlines, pictures."""

from collections.abc import Iterable

import numpy as np
import torch
import torch.nn.functional as F
from contourpy import contour_generator
from torch import Tensor

from train.retexture.measures import decode_all, encode_all, on_white
from train.retexture.shapes import outline
from train.retexture.specimens import specimens
from zoo.data import Specimens
from zoo.models.retexture import Retexture


@torch.no_grad()
def extras(model: Retexture, source: Specimens) -> dict[str, Tensor]:
    """Encode the training specimens, for the gallery, the prior and the sliders; and trace typical outlines.

    Returns:
        gallery (K, latent, rows / 8, columns / 8) float16: z of each kind's most typical specimen; names: the K kinds as UTF-8,
        one a line; centre (D,), components (64, D) float16 (rows, most variance first) and spread (64,) of all z, flattened;
        outlines (F, 96, 2) uint8: right halves of typical silhouettes, x and y in 0..255; families: their names as UTF-8.
    """
    picture, mask, kinds = specimens("train", model.config.size, source)
    upright = torch.from_numpy(source.specimens("train", model.config.size).symmetry >= 0.9)
    picture, mask, kinds = picture[upright], mask[upright], kinds[upright.numpy()]
    z = encode_all(model, picture, mask)
    flat = z.flatten(1)
    names, chosen = np.unique(kinds), []
    for name in names:
        rows = torch.from_numpy(np.flatnonzero(kinds == name))
        chosen.append(int(rows[(flat[rows] - flat[rows].mean(0)).square().sum(1).argmin()]))
    centre = flat.mean(0)
    _, singular, components = torch.pca_lowrank(flat - centre, min(64, len(flat) - 1), center=False, niter=4)
    components = components.T
    sign = components.gather(1, components.abs().argmax(1, keepdim=True)).sign()
    families = source.FAMILIES or {name.split("|")[0]: (name,) for name in names[:8]}  # each gives a starter outline
    outlines = [typical_outline(mask[torch.from_numpy(belongs(kinds, words))]) for words in families.values()]
    return {
        "gallery": z[chosen].half(),
        "names": text(names),
        "centre": centre.half(),
        "components": (components * sign).half(),
        "spread": singular / len(flat) ** 0.5,
        "outlines": torch.stack(outlines),
        "families": text(families),
    }


def belongs(kinds: np.ndarray, words: tuple[str, ...]) -> np.ndarray:
    """Return which kinds (N,) hold one of the words, whatever their case: (N,) bool."""
    return np.array([any(word.lower() in kind.lower() for word in words) for kind in kinds])


def text(lines: Iterable[str]) -> Tensor:
    """Return lines as a tensor of UTF-8 bytes, (N,) uint8."""
    return torch.frombuffer(bytearray("\n".join(lines).encode()), dtype=torch.uint8).clone()


def typical_outline(masks: Tensor, points: int = 96) -> Tensor:
    """Trace the right half of the silhouette that is nearest to the average one, from head to tail.

    Args:
        masks: (N, 1, S, S), inside over 0.5.

    Returns:
        (points, 2) uint8: x and y in 0..255.
    """
    size = masks.shape[-1]
    thick = -F.max_pool2d(-masks, 7, 1, 3)  # opened: antennae are thinner
    thick = F.avg_pool2d(F.max_pool2d(thick, 7, 1, 3), 5, 1, 2)
    right = thick[:, 0, :, size // 2 :]
    nearest = int((right - right.mean(0)).abs().sum((1, 2)).argmin())
    line = max(contour_generator(z=np.pad(right[nearest].numpy(), ((1, 1), (0, 1)))).lines(0.5), key=len) - (0, 1)
    line = line if line[0, 1] < line[-1, 1] else line[::-1]
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    even = np.linspace(0, length[-1], points)
    x, y = (np.interp(even, length, line[:, i]) + 0.5 for i in (0, 1))
    scaled = np.stack([0.5 + x / size, y / size], 1) * 256 - 0.5
    return torch.from_numpy(scaled.round().clip(0, 255)).to(torch.uint8)


@torch.no_grad()
def card_pictures(model: Retexture, source: Specimens) -> dict[str, np.ndarray]:
    """Return the card's pictures: eight patterns in eight outlines, and the twelve best and worst of the test split."""
    picture, mask, kinds = specimens("test", model.config.size, source)
    line, z = outline(mask), encode_all(model, picture, mask)
    own = on_white(decode_all(model, z, line, mask))
    error = ((own - picture).abs() * mask).sum((1, 2, 3)) / mask.sum((1, 2, 3))
    order = error.argsort().numpy()
    extremes = np.concatenate([np.resize(order[:12], 12), np.resize(order[-12:], 12)])  # a folder may hold fewer
    data = source.specimens("test", model.config.size)
    upright = np.flatnonzero(data.symmetry >= 0.93)
    rows = np.resize(np.random.default_rng(5).permutation(upright), 16)
    outlines, exemplars = rows[:8], rows[8:]
    cells = [1 - line[:0].new_zeros(1, 3, *line.shape[2:]), *own[exemplars][:, None]]
    for i in outlines:
        crossed = decode_all(model, z[exemplars], line[[i] * 8], mask[[i] * 8])
        cells += [1 - line[i : i + 1].expand(-1, 3, -1, -1), *on_white(crossed)[:, None]]
    return {"samples": colour_sheet(torch.cat(cells), 9), "failures": colour_sheet(own[extremes], 6)}


def colour_sheet(pictures: Tensor, columns: int, side: int = 128) -> np.ndarray:
    """Lay pictures (N, 3, S, S) out in rows: (rows * side, columns * side, 3) uint8."""
    small = F.interpolate(pictures, (side, side), mode="area")
    rows = small.view(-1, columns, 3, side, side).permute(0, 3, 1, 4, 2).reshape(-1, columns * side, 3)
    return (rows * 255).round().to(torch.uint8).numpy()
