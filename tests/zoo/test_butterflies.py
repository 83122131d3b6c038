"""The butterflies' parts: wing coordinates, drawings, the model, and what measures it."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from train import judge
from train.judge.transplants import Transplants
from train.retexture import baselines, erasure, patterns, probes, shapes, specimens
from train.retexture.critics import Adversary, Discriminator
from train.retexture.spots import counts, spots
from zoo import drawing
from zoo.data import butterflies
from zoo.models.retexture import Config, Retexture, draw, filled, wings

SMALL = Config(size=128, rows=32, columns=64, latent=4, width=32, finish=32)


def butterfly(size: int = 256, tilt: float = 0.0, rise: float = 0.0) -> torch.Tensor:
    """A symmetric silhouette of two wings a side, (1, 1, size, size)."""
    image = Image.new("L", (size, size))
    draw = ImageDraw.Draw(image)
    for sign in (1, -1):
        fore = [(0, 0.02), (0.30 + tilt, -0.32 - rise), (0.42, -0.26 - rise), (0.36, 0.02), (0.02, 0.06)]
        hind = [(0, 0.0), (0.30, 0.05), (0.28, 0.22), (0.16, 0.32), (0.02, 0.12)]
        for wing in (fore, hind):
            draw.polygon([((0.5 + sign * x) * size, (0.45 + y) * size) for x, y in wing], fill=255)
    return torch.from_numpy(np.asarray(image, np.float32) / 255)[None, None]


def frame(mask: torch.Tensor) -> wings.Frame:
    return wings.frame(torch.nn.functional.avg_pool2d(wings.halves(mask), 2))


# Wing coordinates


def test_halves_join_to_what_they_were():
    x = torch.rand(3, 2, 64, 64)
    right, left = wings.halves(x).chunk(2)
    torch.testing.assert_close(wings.join(right, left), x)


def test_points_and_coordinates_are_inverse():
    frames = frame(butterfly())
    u, v = torch.rand(2, 2, 500)
    v = 0.1 + 0.9 * v
    x, y = wings.points(frames, u, v)
    u2, v2 = wings.coordinates(frames, x, y)
    torch.testing.assert_close(u2, u, atol=1e-3, rtol=0)
    torch.testing.assert_close(v2, v, atol=1e-3, rtol=0)


def test_landmarks_are_where_the_wings_are():
    frames = frame(butterfly())
    degrees = frames.knots[0] * 180 / math.pi
    assert (frames.knots.diff(dim=1) > 0).all() and degrees[0] == 0 and degrees[-1] == pytest.approx(180, abs=0.1)
    tip, notch, tail = degrees[2], degrees[3], degrees[4]
    assert 35 < tip < 62  # the corner (0.42, -0.26) or (0.30, -0.32), seen from the body
    assert 75 < notch < 115  # between the wings, at (0.33, 0.03)
    assert 110 < tail < 160  # (0.28, 0.22)


def test_the_chart_of_a_scaled_butterfly_is_the_same():
    """The chart is of the wings' own coordinates: a wider butterfly with a picture widened alike gives the same chart."""
    mask = butterfly()
    y, x = torch.meshgrid(*[torch.linspace(-1, 1, 256)] * 2, indexing="ij")
    picture = torch.stack([0.5 + 0.4 * (6 * x.abs()).sin(), 0.5 + 0.4 * (5 * y).cos(), 0.5 + 0.3 * x.abs() * y])[None]
    grid = torch.nn.functional.affine_grid(
        torch.tensor([[[1.25, 0, 0], [0, 1.25, 0]]]), [1, 4, 256, 256], align_corners=False
    )
    small = torch.nn.functional.grid_sample(torch.cat([picture, mask], 1), grid, align_corners=False)
    charts = []
    for p, m in ((picture, mask), (small[:, :3], small[:, 3:])):
        charts.append(wings.unwrap(wings.halves(p), frame(m), 32, 64))
    inner = (charts[0] - charts[1])[..., 3:28, 4:60]
    assert inner.abs().mean() < 0.03  # pictures differ by about 0.3 from column to column


def test_wrapping_undoes_unwrapping():
    mask = butterfly()
    y, x = torch.meshgrid(*[torch.linspace(-1, 1, 256)] * 2, indexing="ij")
    picture = torch.stack([(3 * x).sin(), (4 * y).cos(), x * y])[None]
    half, frames = wings.halves(picture), frame(mask)
    drawn, _, v = wings.wrap(wings.unwrap(half, frames, 96, 192), frames, 256)
    inside = ((wings.halves(mask) > 0.5) & (v < 0.95) & (v > 0.05)).expand_as(half)
    assert (drawn - half)[inside].abs().mean() < 0.02


@pytest.mark.parametrize("kind", ["empty", "full", "dot", "aside"])
def test_odd_silhouettes_have_a_frame(kind):
    mask = torch.zeros(1, 1, 256, 256)
    if kind == "full":
        mask[:] = 1
    elif kind == "dot":
        mask[..., 128, 128] = 1
    elif kind == "aside":
        mask[..., 20:60, 200:240] = 1
    frames = frame(mask)
    assert all(t.isfinite().all() for t in (frames.centre, frames.radius, frames.knots))
    assert (frames.radius > 0).all() and (frames.knots.diff(dim=1) > 0).all()
    assert wings.unwrap(wings.halves(mask), frames, 8, 16).isfinite().all()


# Drawings


def circle(start: float = 0, end: float = 2 * math.pi, n: int = 80) -> np.ndarray:
    t = np.linspace(start, end, n)
    return np.stack([128 + 60 * np.cos(t), 128 + 80 * np.sin(t)], 1)


AREA = math.pi * 60 * 80


@pytest.mark.parametrize(
    "drawn",
    [
        [circle()],
        [circle(0, 5.6)],
        [circle(0, 2), circle(2.2, 4), circle(4.3, 6.1)],
        [circle(0.5 * k, 0.5 * k + 0.3) for k in range(12)] + [circle(6, 6.2)],
        [circle(0, 1.6), circle(2, 2.2)[::-1], circle(2.5, 4.2), circle(5, 5.8)],
        [circle(0, 5.6), np.array([[100.0, 100], [150, 150]])],
        [circle(), np.array([[128.0, 60], [128, 200]]), np.array([[90.0, 100], [110, 110]])],
    ],
    ids=[
        "closed",
        "open",
        "in pieces",
        "dashed",
        "in pieces far apart",
        "open, with an inner stroke",
        "with inner strokes",
    ],
)
def test_a_drawing_encloses_what_it_means(drawn):
    assert drawing.enclose(drawn).sum() == pytest.approx(AREA, rel=0.06)


def test_drawings_that_enclose_nothing():
    assert drawing.enclose([]).sum() == 0
    line = drawing.enclose([np.array([[20.0, 20], [200, 200]])])
    assert 0 < line.sum() < 1500
    corner = drawing.enclose([np.array([[5.0, 5], [250, 5], [250, 250]])])
    assert corner.sum() == pytest.approx(245**2 / 2, rel=0.08)


def test_lines_have_their_width():
    line = drawing.rasterise([np.array([[30.0, 128], [220, 128]])], width=4)
    assert line.max() == 1 and line[:, 100].sum() == pytest.approx(4, abs=0.7)


# The model


def views_of(n: int = 4) -> torch.Tensor:
    torch.manual_seed(0)
    mask = torch.nn.functional.avg_pool2d(butterfly(), 2)
    picture = torch.rand(1, 3, 128, 128) * mask + 1 - mask
    halves = wings.halves(torch.cat([picture, mask], 1))
    return (halves.repeat(n, 1, 1, 1).view(n, 2, 4, 128, 72).transpose(0, 1) * 255).to(torch.uint8)


def views(n: int = 4) -> dict:
    return specimens.Batches(views_of(n), SMALL, 1.0)(torch.arange(n))


def test_losses_and_gradients_are_finite():
    batch = views()
    model = Retexture(SMALL)
    out = model(batch["chart"], batch["strokes"], batch["silhouette"], batch["frames"], batch["target"])
    loss = out["recon"] + out["shape"] + out["kl"]
    assert out["picture"].shape == (4, 3, 128, 72) and loss.isfinite()
    discriminator, adversary = Discriminator(), Adversary(SMALL, 3)
    scores, features = discriminator(out["picture"], batch["strokes"], batch["silhouette"])
    guess = adversary(out["z"])
    assert len(features) == 3 and guess.shape == batch["shapes"].shape == (4, 2 * 32 * 18)
    (loss - scores.mean() + guess.square().mean()).backward()
    for network in (model, discriminator, adversary.layers):
        for name, p in network.named_parameters():
            assert p.grad is not None and p.grad.isfinite().all(), name


def test_a_mirrored_drawing_is_painted_symmetric_and_like_both_halves():
    torch.manual_seed(0)
    model = Retexture(SMALL).eval()
    mask = torch.nn.functional.avg_pool2d(butterfly(), 2)
    line, z = shapes.outline(mask), torch.randn(2, 4, 4, 8)
    with torch.no_grad():
        once = model.decode(z, line.repeat(2, 1, 1, 1), mask.repeat(2, 1, 1, 1), mirrored=True)
        alone = model.decode(z[1:], line, mask, mirrored=True)
        both = model.decode(z, line.repeat(2, 1, 1, 1), mask.repeat(2, 1, 1, 1))
    assert once.shape == (2, 4, 128, 128) and once.min() >= 0 and once.max() <= 1
    torch.testing.assert_close(once, once.flip(-1), atol=1e-5, rtol=0)
    torch.testing.assert_close(once[1:], alone, atol=1 / 255, rtol=0)
    assert (once - both).abs().mean() < 0.01  # the silhouette is symmetric but for rounding


def test_the_drawings_of_training_are_of_the_target():
    batch = views()
    inside = (batch["target"][:, 3:] + 1) / 2
    assert shapes.overlap(batch["silhouette"], inside).min() > 0.9
    far = torch.nn.functional.max_pool2d(inside, 9, 1, 4)
    assert (batch["strokes"] * (1 - far)).sum() < 0.02 * batch["strokes"].sum()  # nothing is drawn well outside
    assert 0 < batch["strokes"].mean() < 0.3 and batch["chart"].abs().max() <= 1.001


def test_the_encoder_does_not_see_what_is_outside():
    torch.manual_seed(0)
    chart = torch.rand(2, 4, 32, 64) * 2 - 1
    chart[:, 3] = 1
    chart[:, 3, 20:, 10:30] = -1  # outside, a hole in the chart
    other = chart.clone()
    other[:, :3, 20:, 10:30] = 1
    torch.testing.assert_close(filled(chart), filled(other))
    inside = chart[:, 3:].expand(-1, 3, -1, -1) > 0
    assert (filled(chart) - chart[:, :3])[inside].abs().mean() < 0.02


@pytest.mark.parametrize("kind", [baselines.CVAE, baselines.Pix2Pix])
def test_a_baseline_learns_and_paints_whole_pictures(kind):
    config = Config(size=64, rows=16, columns=32, latent=4, width=32, finish=16)
    make = specimens.Batches(views_of(8)[..., ::2, ::2].contiguous(), config, 0.0)
    torch.manual_seed(0)
    before = kind(config).painter.leave[-2].weight
    model, steps = baselines.fit(kind, make, 8, lambda step: step / 4)
    change = (model.painter.leave[-2].weight - before).abs()
    assert steps == 4 and change.isfinite().all() and change.max() > 0
    mask = torch.nn.functional.avg_pool2d(butterfly(), 4)
    mean, logvar = model.encode(mask.expand(-1, 3, -1, -1), mask)
    painted = model.decode(draw(mean, logvar), shapes.outline(mask), mask)
    assert painted.shape == (1, 4, 64, 64) and painted.min() >= 0 and painted.max() <= 1


def test_erasure_makes_the_means_equal_and_changes_little_else():
    generator = torch.Generator().manual_seed(0)
    which = torch.arange(3000) % 4
    z = torch.randn(3000, 40, generator=generator) @ torch.randn(40, 40, generator=generator)
    z += torch.randn(4, 40, generator=generator)[which]

    def means(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([x[which == i].mean(0) for i in range(4)])

    read, write = erasure.leace(z, means(z), 8)
    erased = z - (z - z.mean(0)) @ read @ write.T
    assert means(z).std(0).max() > 0.5 and means(erased).std(0).max() < 1e-4
    assert (read.abs().sum(0) > 0).sum() == 3  # four means span three directions
    again = erased - (erased - erased.mean(0)) @ read @ write.T
    torch.testing.assert_close(again, erased, atol=1e-3, rtol=0)
    # A random projection of the same rank that has the same effect would have to change all.
    assert (erased - z).square().sum() < 0.3 * (z - z.mean(0)).square().sum()


def test_a_model_is_erased_the_same_way_each_time():
    make = specimens.Batches(views_of(24), SMALL, 1.0)
    torch.manual_seed(0)
    model = Retexture(SMALL).eval()
    mask = torch.nn.functional.avg_pool2d(butterfly(), 2)
    picture = mask.expand(-1, 3, -1, -1)
    before = model.encode(picture, mask)[0]
    found = []
    for _ in range(2):
        erasure.erase(model, make, warps=4, halves=8)
        found.append(model.encode(picture, mask)[0])
    torch.testing.assert_close(*found)
    assert found[0].isfinite().all() and not torch.allclose(found[0], before)


def test_draws_of_z_are_repeatable_and_as_wide_as_said():
    mean, logvar = torch.full((3, 4, 8, 16), 2.0), torch.full((3, 4, 8, 16), -2.0)
    z = draw(mean, logvar, seed=1)
    torch.testing.assert_close(z[:1], draw(mean[:1], logvar[:1], seed=1))
    assert not torch.equal(z, draw(mean, logvar, seed=2))
    assert z.mean() == pytest.approx(2, abs=0.05) and z.std() == pytest.approx(math.exp(-1), rel=0.05)


def test_no_warp_is_the_identity():
    x, y = specimens.pixel_centres(32, 2)
    for moved, was in zip(specimens.Warp(2, 0.0)(x, y), (x, y), strict=True):
        torch.testing.assert_close(moved, was)


# Measures


def test_overlap_and_line_score():
    a, b = torch.zeros(2, 1, 1, 32, 32)
    a[..., 8:24, 8:24] = 1
    b[..., 8:24, 12:28] = 1
    assert float(shapes.overlap(a, b)) == pytest.approx(12 / 20)
    assert float(shapes.overlap(a, a)) == 1
    line, near, off = torch.zeros(3, 1, 1, 32, 32)
    line[..., 10, 4:28] = near[..., 12, 4:28] = off[..., 20, 4:28] = 1
    assert float(shapes.line_score(line, near, 2)) == pytest.approx(1)
    assert float(shapes.line_score(line, near, 1)) == 0
    half = line.clone()
    half[..., :16] = 0
    assert float(shapes.line_score(line, half, 0)) == pytest.approx(2 * 0.5 / 1.5)
    assert float(shapes.line_score(line, off, 2)) == 0


def test_histograms_count_what_is_inside():
    picture = torch.zeros(1, 3, 8, 8)
    picture[:, 0, :, :4] = 0.99
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 2:6, 2:5] = 1
    histogram = patterns.histogram(picture, mask)[0]
    assert histogram.sum() == pytest.approx(1)
    assert histogram[(patterns.BINS - 1) * patterns.BINS**2] == pytest.approx(2 / 3)
    assert histogram[0] == pytest.approx(1 / 3)


def test_spots_are_small_round_and_clearly_lighter_or_darker():
    image = Image.new("L", (256, 256), 128)
    draw = ImageDraw.Draw(image)
    places = [(x, y) for x in range(60, 200, 35) for y in range(60, 200, 35)]
    for i, (x, y) in enumerate(places):
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(60, 200)[i % 2])
    none = [
        ((20, 20, 60, 60), 0), ((120, 220, 180, 224), 0),  # large, and long
        ((225, 225, 226, 226), 0), ((220, 100, 226, 106), 150),  # tiny, and faint
        ((126, 28, 132, 34), 0),  # outside
    ]  # fmt: skip
    for box, grey in none:
        draw.ellipse(box, fill=grey)
    mask = np.ones((256, 256), np.float32)
    mask[:37] = 0
    picture = np.asarray(image, np.float32)[None].repeat(3, 0) / 255
    found = spots(picture, mask)
    assert len(found) == len(places)
    assert sorted(map(tuple, found.round().astype(int).tolist())) == sorted(places)
    pictures = torch.from_numpy(np.stack([picture, picture * 0]))
    assert counts(pictures, torch.ones(2, 1, 256, 256)).tolist()[1] == 0


def test_a_transplant_has_the_pattern_of_one_and_the_outline_of_another():
    """Forewings of one colour, hindwings of another: in the other outline they still meet at the notch, and all else is white."""
    masks = torch.cat([butterfly(128), butterfly(128, tilt=-0.1, rise=0.05)])
    lower = (torch.arange(128) > 0.47 * 128).float()[None, :, None].expand(128, -1, 128)[0]
    pictures = [torch.stack([1 - lower, lower, level * torch.ones(128, 128)]) for level in (0.0, 0.6)]
    pictures = torch.stack([p * m + 1 - m for p, m in zip(pictures, masks, strict=True)])
    images = (255 * pictures).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    names = np.array(["a|x|dorsal", "b|x|dorsal"])
    data = butterflies.Butterflies(images, (255 * masks[:, 0]).byte().numpy(), names, names, np.ones(2, np.float32))
    transplants = Transplants(data)
    own = transplants(torch.tensor([0, 1]), torch.tensor([0, 1]))
    inside = masks.expand(-1, 3, -1, -1) > 0.5
    assert (own - pictures)[inside].abs().mean() < 0.06
    worn = transplants(torch.tensor([0]), torch.tensor([1]))[0]
    assert (worn[~inside[1]] > 0.99).all()
    red, green, blue = (channel[inside[1, 0]] for channel in worn)
    assert blue.max() < 0.05  # nothing of the other's colours
    assert ((red > 0.9) | (green > 0.9)).float().mean() > 0.85
    assert 0.3 < red.mean() < 0.7


def test_digits_have_no_outline_to_wear():
    with pytest.raises(ValueError, match="mnist has no outlines"):
        judge.train("mnist", dataclasses.replace(judge.VARIANTS["mnist"], transplant=0.5))


def test_a_hand_traces_roughly():
    mask = butterfly()[0, 0].numpy()
    for seed in range(12):
        strokes = shapes.by_hand(mask, seed=seed)
        assert 2 <= len(strokes) <= 7 and all((s >= 0).all() and (s <= 255).all() for s in strokes)
        closed = torch.from_numpy(drawing.enclose(strokes))[None, None]
        assert 0.8 < float(shapes.overlap(closed, butterfly())) < 0.999


def test_a_probe_learns_what_there_is_and_nothing_else():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(600, 8, generator=generator)
    y = (x[:, :1] > 0).float()
    loss = torch.nn.functional.binary_cross_entropy_with_logits
    accuracy = []
    for target in (y, y[torch.randperm(600, generator=generator)]):
        torch.manual_seed(0)
        network = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
        said = probes.probe(x[:400], target[:400], x[400:], network, loss, epochs=150)
        accuracy.append(float(((said > 0).float() == target[400:]).float().mean()))
    assert accuracy[0] > 0.9 and accuracy[1] < 0.65
