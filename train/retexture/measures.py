"""What a retexturing model is measured by: shape, pattern, realism, reconstruction, and what its encoder forgot."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.retexture import patterns
from train.retexture.probes import attributes, mlp, probe
from train.retexture.shapes import border, by_hand, line_score, outline, overlap, strokes_inside
from train.retexture.specimens import Warp, edges, pixel_centres, specimens
from train.retexture.spots import counts
from zoo import drawing
from zoo.card import Metric
from zoo.data import Specimens
from zoo.metrics import kernel_distance
from zoo.models.retexture import Retexture, draw, wings

MANY = 20  # spots that make a pattern spotted
VIEWS = 8  # moved copies of a picture that the judge looks at to name its pattern


def on_white(painted: Tensor) -> Tensor:
    """Lay painted pictures (N, 4, S, S) on white: (N, 3, S, S)."""
    return painted[:, :3] * painted[:, 3:] + 1 - painted[:, 3:]


@torch.no_grad()
def encode_all(model: Retexture, pictures: Tensor, masks: Tensor, *, seed: int = 0) -> Tensor:
    """Draw z of pictures (N, 3, S, S): (N, latent, rows / 8, columns / 8)."""
    parts = [model.encode(*part) for part in zip(pictures.split(16), masks.split(16), strict=True)]
    return draw(*(torch.cat(part) for part in zip(*parts, strict=True)), seed=seed)


@torch.no_grad()
def decode_all(model: Retexture, z: Tensor, lines: Tensor, masks: Tensor) -> Tensor:
    """Paint z into drawings (N, 1, S, S), each: (N, 4, S, S)."""
    parts = zip(z.split(16), lines.split(16), masks.split(16), strict=True)
    return torch.cat([model.decode(*part) for part in parts])


def chroma_kept(painted: Tensor, pictures: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """Return the share of their chroma that clear colours keep, all of them and greens alone; none at all is no number.

    Args:
        painted, pictures: (N, 3, S, S) in [0, 1].
        masks: (N, 1, S, S), inside over 0.5.
    """
    (red, green, blue), most = pictures.unbind(1), pictures.amax(1)
    before, after = (x.amax(1) - x.amin(1) for x in (pictures, painted))
    clear = (masks[:, 0] > 0.5) & (before > 0.25)
    hue = 60 * (2 + (blue - red) / before.clamp_min(1e-6))
    greens = clear & (green == most) & (hue >= 70) & (hue < 170)
    return after[clear].mean() / before[clear].mean(), after[greens].mean() / before[greens].mean()


def strangers(kinds: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return for each row another row of another species, by chance: (N,)."""
    species = np.array([kind.split("|")[0] for kind in kinds])
    generator = np.random.default_rng(seed)
    return np.array([generator.choice(np.flatnonzero(species != name)) for name in species])


def evaluate(model: Retexture, data: Specimens, *, full: bool = False) -> list[Metric]:
    """Measure the model on all clean test specimens."""
    from torchmetrics.functional.image import structural_similarity_index_measure as ssim

    picture, mask, kinds = specimens("test", model.config.size, data)
    n, other, line = len(picture), torch.from_numpy(strangers(kinds)), outline(mask)
    z = encode_all(model, picture, mask)
    swapped = decode_all(model, z[other], line, mask)
    own = on_white(decode_all(model, z, line, mask))
    worn = on_white(swapped)

    def metric(
        name: str, value: Tensor | float, unit: str, tolerance: float, definition: str, count: int = n, **more
    ) -> Metric:
        return Metric(
            name, float(value), unit, n=count, split="test", tolerance=tolerance, definition=definition, **more
        )

    # Drawn by hand: forty symmetric specimens' outlines, traced, with gaps; what they enclose is worked out.
    rows = np.random.default_rng(1).choice(n, min(40, n), replace=False)
    strokes = [by_hand(mask[i, 0].numpy(), seed=int(i)) for i in rows]
    drawn = torch.stack([torch.from_numpy(drawing.rasterise(s, model.config.size)) for s in strokes])[:, None]
    closed = torch.stack([torch.from_numpy(drawing.enclose(s, model.config.size)) for s in strokes])[:, None]
    from_hand = decode_all(model, z[other[rows]], drawn, closed)

    inner = strokes_inside(picture, mask, edges(picture))
    with_inner = on_white(decode_all(model, z[other], (line + F.max_pool2d(inner, 3, 1, 1)).clamp(0, 1), mask))
    found = [line_score(strokes_inside(x, mask, edges(x)), inner, 3).mean() for x in (with_inner, worn)]

    kept = chroma_kept(own, picture, mask)
    there, painted = counts(picture, mask), counts(own, mask)
    spotted = there >= MANY
    close = (abs(painted - there) <= 0.2 * there)[spotted]
    metrics_ = [
        metric("shape_iou", overlap(swapped[:, 3:], mask).mean(), "", 0.002, "overlap (IoU) of the predicted alpha with the drawn silhouette, with patterns of other species"),
        metric("shape_f1", line_score(border(swapped[:, 3:]), border(mask), 2).mean(), "", 0.005, "F1 of the predicted outline within 2 pixels, same pictures"),
        metric("hand_iou", overlap(from_hand[:, 3:], mask[rows]).mean(), "", 0.005, "overlap of the predicted alpha with the silhouette traced, drawings by a simulated hand: wobble, gaps, half-open", len(rows)),
        metric("inner_f1", found[0], "", 0.01, "F1 within 3 pixels of drawn inner strokes (another specimen's edges) and the painted edges"),
        metric("inner_f1_without", found[1], "", 0.01, "the same with the inner strokes left out of the drawing"),
        metric("ssim", ssim(own, picture, data_range=1.0), "", 0.002, "structural similarity of the specimen painted from its own outline and pattern"),
        metric("l1", ((own - picture).abs() * mask).sum() / mask.sum() / 3, "", 0.001, "mean absolute error of the same inside the silhouette, colours in [0, 1]"),
    ]  # fmt: skip
    metrics_ += [
        metric("chroma", 100 * kept[0], "%", 1.0, "of the same, how much chroma clear colours keep (largest less smallest channel, over 0.25 in the specimen)"),
        metric("chroma_green", 100 * kept[1], "%", 1.0, "the same for greens alone (hue from 70 to 170 degrees)"),
        metric("spots_kept", 100 * close.mean() if len(close) else math.nan, "%", 1.5, f"specimens with {MANY} spots or more that, painted from their own outline and pattern, have as many again within 20 % (round, 8 to 160 pixels, 0.12 lighter or darker than what lies around)", len(close)),
    ]  # fmt: skip
    metrics_ = [each for each in metrics_ if math.isfinite(each.value)]  # a folder may have no greens, or no spots
    if not data.JUDGE:  # nor do the probes know kinds
        return metrics_
    metrics_ += texture_metrics(metric, data, worn, own, picture, mask, kinds, other)
    return metrics_ + (forgetting_metrics(model, metric, data) if full else [])


class Known:
    """All specimens there are, test ones first, as their patterns are found again: the test split alone has too few of one colour."""

    def __init__(self, data: Specimens, size: int):
        parts = [specimens(split, size, data) for split in ("test", "train")]
        self.features = torch.cat([patterns.features(x, "butterflies-worn", views=VIEWS) for x, _, _ in parts])
        self.colours = torch.cat([patterns.histogram(x, mask) for x, mask, _ in parts])
        self.kinds = np.concatenate([kinds for _, _, kinds in parts])

    def finds(self, features: Tensor, histogram: Tensor, target: int) -> tuple[bool, bool]:
        """Return whether a specimen is found among the 19 others nearest in colour, by a picture's features and by its histogram."""
        pool = torch.tensor([target, *patterns.nearest_in_colour(self.colours, self.kinds, target, 19)])
        by_pattern = (self.features[pool] @ features).argmax() == 0
        by_colour = (self.colours[pool] - histogram).abs().sum(1).argmin() == 0
        return bool(by_pattern), bool(by_colour)

    def found(self, worn: Tensor, masks: Tensor, others: Tensor) -> np.ndarray:
        """Return which pictures (N, 3, S, S) wear the pattern of the specimens with these numbers: (N, 2) bool, as `finds`."""
        made = patterns.features(worn, "butterflies-worn", views=VIEWS), patterns.histogram(worn, masks)
        return np.array([self.finds(*seen, int(target)) for *seen, target in zip(*made, others, strict=True)])


def texture_metrics(
    metric, data: Specimens, worn: Tensor, own: Tensor, picture: Tensor, mask: Tensor, kinds: np.ndarray, other: Tensor
) -> list[Metric]:
    """Measure whose pattern an output wears, by a judge of patterns in any outline, and how real outputs look, by one of butterflies as they are."""
    known = Known(data, picture.shape[-1])
    found = known.found(worn, mask, other)
    n, train_kinds = len(kinds), known.kinds[len(kinds) :]
    first = {kind: n + i for i, kind in reversed(list(enumerate(train_kinds)))}
    twins = [(first[kind], i) for i, kind in enumerate(kinds) if kind in first]
    ceiling = np.array([known.finds(known.features[twin], known.colours[twin], i) for twin, i in twins])
    plain = [
        patterns.features(x, "butterflies") * known.features.shape[1] ** 0.5 for x in (picture, worn, own)
    ]  # the kernel divides by their number
    kernel = [kernel_distance(x, plain[0]) for x in plain[1:]]
    return [
        metric("pattern_found", 100 * found[:, 0].mean(), "%", 1.0, "outputs whose exemplar judge.butterflies-worn finds among 20 specimens, the 19 others being the nearest in colour (chance 5 %)"),
        metric("pattern_found_by_colour", 100 * found[:, 1].mean(), "%", 1.0, "the same by colour histogram alone"),
        metric("pattern_ceiling", 100 * ceiling[:, 0].mean(), "%", 1.0, "pattern_found for real training specimens of the exemplar's species, form and view", len(twins)),
        metric("pattern_ceiling_by_colour", 100 * ceiling[:, 1].mean(), "%", 1.0, "the same by colour histogram alone", len(twins)),
        metric("kernel_swapped", kernel[0], "", 0.005, "kernel distance in features of judge.butterflies, of unit length, outputs with swapped patterns to the test specimens"),
        metric("kernel_own", kernel[1], "", 0.005, "the same for outputs with their own patterns"),
    ]  # fmt: skip


def forgetting_metrics(model: Retexture, metric, data: Specimens) -> list[Metric]:
    """Train fresh probes on z: what silhouette it had, beside what the kind alone tells, and which warp it was given."""
    train_picture, train_mask, train_kinds = specimens("train", model.config.size, data)
    test_picture, test_mask, test_kinds = specimens("test", model.config.size, data)
    train_z = encode_all(model, train_picture, train_mask, seed=1).flatten(1)
    test_z = encode_all(model, test_picture, test_mask).flatten(1)
    mean, spread = train_z.mean(0), train_z.std(0) + 1e-6
    train_z, test_z = (train_z - mean) / spread, (test_z - mean) / spread
    shapes = [
        F.avg_pool2d(wings.halves(m)[: len(m)], model.config.size // 64).flatten(1) for m in (train_mask, test_mask)
    ]
    known = [attributes(kinds, train_kinds) for kinds in (train_kinds, test_kinds)]

    def silhouettes(train_x: Tensor, test_x: Tensor) -> float:
        torch.manual_seed(0)
        said = probe(
            train_x, shapes[0], test_x, mlp(train_x.shape[1], shapes[0].shape[1]), F.binary_cross_entropy_with_logits
        )
        return float(overlap(said.sigmoid()[:, None, None], shapes[1][:, None, None]).mean())

    nothing = torch.zeros(len(train_z), 1), torch.zeros(len(test_z), 1)
    torch.manual_seed(1)
    warps = [Warp(1, 1.0) for _ in range(4)]
    warped = [
        [warped_z(model, warp, *x, seed=first + i) for i, warp in enumerate(warps)]
        for first, *x in ((10, train_picture[::3], train_mask[::3]), (20, test_picture, test_mask))
    ]
    which = [torch.arange(4).repeat_interleave(len(part[0])) for part in warped]
    train_w, test_w = (((torch.cat(part) - mean) / spread) for part in warped)
    torch.manual_seed(0)
    order = torch.randperm(len(train_w))
    said = probe(train_w[order], which[0][order], test_w, mlp(train_w.shape[1], 4), F.cross_entropy)
    told = 100 * float((said.argmax(1) == which[1]).float().mean())
    return [
        metric("probe_iou", silhouettes(train_z, test_z), "", 0.005, "overlap (IoU) of the silhouette that a fresh probe predicts from z with the specimen's, right halves at 64 pixels", full=True),
        metric("probe_iou_kind", silhouettes(*known), "", 0.005, "the same for a probe conditioned on species, form and view alone", full=True),
        metric("probe_iou_constant", silhouettes(*nothing), "", 0.005, "the same for a probe without input", full=True),
        metric("probe_warp", told, "%", 2.0, "accuracy of a fresh probe that predicts from z which of 4 warps the encoder's input went through (chance 25 %)", 4 * len(test_z), full=True),
    ]  # fmt: skip


@torch.no_grad()
def warped_z(model: Retexture, warp: Warp, pictures: Tensor, masks: Tensor, *, seed: int) -> Tensor:
    """Draw z of right halves after one warp: (N, D)."""
    codes, size = [], model.config.size
    for picture, mask in zip(pictures.split(16), masks.split(16), strict=True):
        n = len(picture)
        half = wings.halves(torch.cat([picture, mask], 1))[:n]
        half = wings.sample(half, *(t.expand(n, -1, -1) for t in warp(*pixel_centres(size, 1))))
        frames = wings.frame(F.avg_pool2d(half[:, 3:], max(1, size // 128)))
        chart = wings.unwrap(half, frames, model.config.rows, model.config.columns) * 2 - 1
        codes.append(model.encoder(chart))
    return draw(*(torch.cat(part) for part in zip(*codes, strict=True)), seed=seed).flatten(1)
