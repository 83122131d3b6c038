"""What the finder of axes and the painter of bodies learn from, on shapes that are made here."""

import math

import numpy as np
import pytest
import torch

from train import axis
from train.body import specimens
from train.body.antennae import antennae
from train.core.steps import seed_step
from zoo.data.butterflies import Butterflies
from zoo.models.axis import LEFT, RIGHT, WHOLE, Axis, Found, overlap, refined
from zoo.models.body import Antennae, Body, Config
from zoo.models.retexture import wings

SIDE = axis.SIDE


def butterfly(n: int = 8) -> torch.Tensor:
    """Silhouettes with two large forewings and two small hindwings."""
    y, x = torch.meshgrid(*[(torch.arange(SIDE) + 0.5) / SIDE - 0.5] * 2, indexing="ij")
    parts = [
        ((x.abs() - a) / c) ** 2 + ((y - b) / d) ** 2 < 1
        for a, b, c, d in ((0.2, -0.12, 0.2, 0.15), (0.13, 0.15, 0.13, 0.14))
    ]
    return (parts[0] | parts[1]).float().expand(n, 1, -1, -1).clone()


def settings(**more) -> axis.AxisSettings:
    return axis.AxisSettings(bend=0.0, bend_each=0.0, **{"wings": 0.0, **more})


def test_what_is_learnt_from_mirrors_itself_in_its_axis():
    seed_step(0, 0)
    shown, kind, angle, x, y = axis.Batches(butterfly(), settings())(torch.arange(8))
    assert (kind == WHOLE).all() and angle.min() < 2 < angle.max()
    found = overlap(shown, torch.stack([x, y], 1), angle[:, None], torch.zeros(8, 1))
    across = overlap(shown, torch.stack([x, y], 1), angle[:, None] + math.pi / 2, torch.zeros(8, 1))
    assert found.min() > 0.93 and across.max() < found.min()


def test_single_wings_lie_on_their_side_of_the_axis():
    seed_step(0, 1)
    shown, kind, angle, x, y = axis.Batches(butterfly(), settings(wings=1.0))(torch.arange(8))
    assert set(kind.tolist()) == {RIGHT, LEFT}
    place = torch.arange(SIDE) + 0.5
    for i in range(8):
        right = (place[None] - x[i]) * angle[i].cos() + (place[:, None] - y[i]) * angle[i].sin() > 0
        share = (shown[i, 0] * right).sum() / shown[i].sum()
        assert share > 0.97 if kind[i] == RIGHT else share < 0.03


def test_the_loss_knows_the_right_axis():
    torch.manual_seed(0)
    model = Axis()
    shown, kind, angle, x, y = axis.Batches(butterfly(), settings())(torch.arange(8))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(60):
        losses = model(shown, kind, angle, x, y)
        optimizer.zero_grad()
        losses["loss"].backward()
        optimizer.step()
    assert all(p.grad.isfinite().all() for p in model.parameters())
    with torch.no_grad():
        right, wrong = (model(shown, kind, turned, x, y)["loss"] for turned in (angle, angle + 1))
    assert right < losses["loss"] + 0.1 and wrong > right + 1


def test_an_axis_is_moved_to_where_the_shape_mirrors_itself():
    shown = axis.turned(butterfly(2), torch.tensor([0.4, 2.0]), torch.ones(2))
    off = Found(
        torch.zeros(2, dtype=torch.long),
        torch.tensor([66.0, 62.0]),
        torch.full((2,), 64.0),
        torch.tensor([0.5, 1.93]),
        torch.zeros(2),
    )
    found = refined(shown, off, shown.sum((1, 2, 3)).sqrt())
    assert axis.apart(found.angle, torch.tensor([0.4, 2.0])).max() < 1
    wing = refined(shown, Found(off.kind + RIGHT, off.x, off.y, off.angle, off.overlap), torch.full((2,), 40.0))
    assert (wing.angle == off.angle).all() and (wing.x == off.x).all()  # a wing has no mirror image


@pytest.mark.parametrize(
    ("a", "b", "period", "wanted"), [(0.1, 2 * math.pi + 0.1, 360, 0), (0, math.pi, 180, 0), (0, math.pi, 360, 180)]
)
def test_angles_apart(a, b, period, wanted):
    assert axis.apart(torch.tensor(a), torch.tensor(b), period) == pytest.approx(wanted, abs=1e-3)


def half(size: int = 256) -> torch.Tensor:
    """A red half on white that begins 6 pixels from the axis, a blue body about the axis, and a thin antenna."""
    width, margin = round(size * wings.WIDTH), round(size * wings.MARGIN)
    x = (torch.arange(width) - margin)[None].expand(size, -1)
    y = torch.arange(size)[:, None].expand(-1, width)
    wing = (x >= 6) & (x < 100) & (y > 80) & (y < 200)
    trunk = (x < 6) & (x >= -6) & (y > 60) & (y < 210)
    antenna = (x - (80 - y)).abs().lt(1) & (y < 80) & (x > 6)
    mask = (wing | trunk | antenna).float()
    colour = torch.stack([wing.float(), torch.zeros_like(mask), (trunk | antenna).float()])
    return torch.cat([colour * mask + 1 - mask, mask[None]])[None]


def test_a_body_is_taken_out_and_wings_go_on_to_the_axis():
    given, width = half(), torch.tensor([8])
    bare = specimens.closed(given, width, torch.tensor([0]))
    axis_ = round(256 * wings.MARGIN)
    assert (bare[0, :3, 100:190, axis_ : axis_ + 8] == torch.tensor([1.0, 0, 0])[:, None, None]).all()
    assert bare[0, 3, 60:75].sum() == 0 and bare[0, 3, 206:].sum() == 0  # head and tail
    assert bare[0, 3, :78].sum() == 0  # the antenna
    assert (bare[0, :, 100:190, axis_ + 8 : 110] == given[0, :, 100:190, axis_ + 8 : 110]).all()
    open_ = specimens.closed(given, width, torch.tensor([3]))
    assert open_[0, 3, 150, axis_ - 3 : axis_ + 3].sum() == 0 and open_[0, 3, 150, axis_ + 3] == 1


def test_a_layer_is_laid_over_wings():
    bare = half()[..., :64]
    colour, opacity = torch.zeros(1, 3, 256, 64), torch.zeros(1, 1, 256, 64)
    assert (specimens.joined(bare, colour, opacity) == bare).all()
    whole = specimens.joined(bare, colour, opacity + 1)
    assert (whole[:, :3] == 0).all() and (whole[:, 3] == 1).all()


def test_examples_are_pictures():
    seed_step(0, 0)
    halves = (255 * half()).round().to(torch.uint8).repeat(4, 1, 1, 1)
    bare, real, change = specimens.Batches(halves, Body().columns)(torch.arange(4))
    assert bare.shape == real.shape == (4, 4, 256, 64) and change.shape == (4, 1, 256, 64)
    assert change[..., :24].mean() > 0.2 and change[..., 110:180, 40:].max() == 0
    for x in (bare, real, change):
        assert x.min() >= 0 and x.max() <= 1 and x.isfinite().all()


def test_a_mirrored_layer_is_symmetric_and_stays_in_the_middle():
    torch.manual_seed(0)
    model = Body(Config(width=16)).eval()
    picture, silhouette = torch.rand(2, 3, 256, 256), torch.ones(2, 1, 256, 256)
    with torch.no_grad():
        layer = model.decode(picture, silhouette, mirrored=True)
        both = model.decode((picture + picture.flip(-1)) / 2, silhouette)
    assert layer.shape == (2, 4, 256, 256)
    torch.testing.assert_close(layer, layer.flip(-1))
    torch.testing.assert_close(both, both.flip(-1), atol=1e-5, rtol=1e-4)
    reach = round(256 * model.config.reach)
    assert layer[..., : 128 - reach].abs().max() == 0 and layer[..., 128 - reach : 128 + reach].min() > 0


def head(*, antennae: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """A half's layer with a green body, and its silhouette, with a thin line up from the head or without."""
    width, margin = round(256 * wings.WIDTH), round(256 * wings.MARGIN)
    x = ((torch.arange(width) + 0.5) - margin)[None].expand(256, -1)
    y = torch.arange(256)[:, None].expand(-1, width)
    trunk = ((x.abs() < 6) & (y >= 80) & (y < 200)).float()
    wing = ((x > 4) & (x < 100) & (y > 90) & (y < 190)) | (((x - 10).abs() < 1) & (y > 40) & (y < 90) & antennae)
    layer = torch.stack([torch.ones_like(trunk), trunk, 1 - trunk, trunk])[None]
    layer[:, 0] -= trunk
    return layer, wing.float()[None, None]


def test_antennae_are_drawn_from_the_head_as_measured():
    feelers = Antennae()
    layer, silhouette = head()
    assert torch.equal(feelers(layer, silhouette), layer)  # nothing was measured
    turn, length, root = 0.5, 0.4, 0.02
    feelers.usual.copy_(torch.tensor([turn, length, root, 0.0, 0.012, 1.0]))
    drawn = feelers(layer, silhouette)
    assert torch.equal(drawn * layer[:, 3:], layer * layer[:, 3:])  # under the body
    y, x = np.nonzero((drawn[0, 3] > 0.5).numpy() & (layer[0, 3] == 0).numpy())
    unit, beside = math.sqrt(2 * float(silhouette[..., 16:].sum())), x + 0.5 - 16
    assert (abs(drawn[0, :3, y, x] - torch.tensor([0.0, 1.0, 0.0])[:, None]) < 0.01).all()  # in its colour
    right = beside > 3
    tip = np.hypot(beside, 80 - y)[right].argmax()
    assert beside[right][tip] == pytest.approx((root + length * math.sin(turn)) * unit, abs=3)
    assert 80 - y[right][tip] == pytest.approx(length * math.cos(turn) * unit, abs=4)
    assert len(y[right]) / (length * unit) == pytest.approx(2 * 0.012 * unit, rel=0.25)
    assert (drawn[..., :16] == drawn[..., 16:32].flip(-1)).all()  # the margin is the other half
    there = head(antennae=True)
    assert torch.equal(feelers(*there), there[0])


def test_antennae_are_measured():
    y, x = np.mgrid[:256, :256] - 127.5
    mask = ((abs(x) < 100) & (abs(y) < 50)) | ((abs(x) < 5) & (y > -70) & (y < 0))
    turn, length = 0.5, 60
    for side in (1, -1):
        across, up = side * x - 4, -70 - y
        along, aside = across * math.sin(turn) + up * math.cos(turn), across * math.cos(turn) - up * math.sin(turn)
        mask |= (along > -4) & (along < length) & (abs(aside) < 1.2)
    images = np.where(mask[..., None], 60, 255).astype(np.uint8).repeat(3, -1)[None].repeat(2, 0)
    masks = np.where(mask, 255, 0).astype(np.uint8)[None].repeat(2, 0)
    masks[1, :77] = 0  # no antennae, and no head
    kinds = np.array(["a", "b"])
    found = antennae(Butterflies(images, masks, kinds, kinds, np.ones(2)), np.array([0, 1]))
    assert len(found) == 2  # both of the first
    unit = math.sqrt(mask.sum())
    for turned, long, root, bend, radius, club in found:
        assert turned == pytest.approx(turn, abs=0.05) and long == pytest.approx(length / unit, rel=0.1)
        assert 0 <= root < 12 / unit and abs(bend) < 0.03
        assert radius == pytest.approx(1.2 / unit, rel=0.25) and club == pytest.approx(1, abs=0.35)
