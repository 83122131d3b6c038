"""Several butterflies on a pad, however they are turned: what belongs together, where their axes lie, and how they are dressed."""

import math

import numpy as np
import pytest
import torch

import zoo
from zoo.drawing import enclose, lines
from zoo.dressing import dress, mirrored_figure, over, placed_figures
from zoo.figures import figures
from zoo.models.axis import LEFT, RIGHT, WHOLE
from zoo.placement import Placement, placement, settled


def circle(x: float, y: float, radius: float, open_: float = 0.0) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi * (1 - open_), 60)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], 1)


def line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


@pytest.fixture(scope="module")
def starters() -> list[list[np.ndarray]]:
    """Outlines of whole butterflies, upright in the middle of the pad."""
    halves = zoo.extras("retexture.butterflies")["outlines"].numpy().astype(float)
    return [[half, half * (-1, 1) + (255, 0)] for half in halves]


@pytest.fixture(scope="module")
def finder():
    return zoo.load("axis.butterflies")


@pytest.fixture(scope="module")
def painter():
    return zoo.load("retexture.butterflies")


def laid(lines_: list[np.ndarray], placed: Placement) -> list[np.ndarray]:
    return [placed.on_pad(each).clip(0, 255).round() for each in lines_]


def outline(figure) -> torch.Tensor:
    return figure.placement.laid(figure.silhouette, 256) > 0.5


BIG, SMALL = circle(80, 100, 60), circle(200, 180, 30)
WING = line((120, 60), (40, 30), (20, 120), (60, 200), (110, 160), (119, 100), (120, 60))
OTHER_WING = WING * (-1, 1) + (250, 0)


FIGURES = [
    ([], []),
    ([BIG], [[0]]),
    ([BIG, SMALL], [[0], [1]]),
    ([SMALL, BIG, circle(200, 60, 30)], [[0], [1], [2]]),
    ([BIG, circle(80, 100, 12)], [[0, 1]]),
    ([BIG, SMALL, line((60, 80), (100, 120)), line((195, 180), (205, 180))], [[0, 2], [1, 3]]),
    ([BIG, line((80, 42), (60, 10))], [[0, 1]]),
    ([BIG, SMALL, line((80, 42), (60, 10))], [[0, 2], [1]]),
    ([circle(80, 100, 60, 0.1), SMALL], [[0], [1]]),
    ([BIG[:31], BIG[31:], SMALL], [[0, 1], [2]]),
    ([BIG[:20], SMALL[:30], BIG[20:], SMALL[30:]], [[0, 2], [1, 3]]),
    ([BIG, line((180, 60), (240, 60), (240, 120), (190, 130))], [[0], [1]]),
    ([line((10, 10), (10, 240)), line((240, 10), (240, 240))], [[0, 1]]),
    ([WING, OTHER_WING], [[0, 1]]),
    ([WING, OTHER_WING, circle(125, 130, 4)], [[0, 1, 2]]),
]


@pytest.mark.parametrize(("drawn", "wanted"), FIGURES, ids=[
        "nothing", "one", "two", "three", "an eyespot", "veins", "an antenna", "an antenna of one of two", "half open",
        "in pieces", "two in pieces", "one that is being drawn", "none closed", "two wings", "wings and a body",
    ])  # fmt: skip
def test_lines_are_sorted_into_figures(drawn, wanted):
    assert figures(drawn) == wanted


def test_two_that_mirror_each_other_are_two():
    assert figures([circle(90, 100, 25), circle(165, 100, 25)]) == [[0], [1]]


def test_a_placement_goes_there_and_back():
    placed = Placement(0.7, 0.4, 90, 160)
    points = np.random.default_rng(0).uniform(0, 255, (9, 2))
    np.testing.assert_allclose(placed.upright(placed.on_pad(points)), points, atol=1e-9)
    head = placed.on_pad(np.array([[127.5, 27.5]]))[0] - (90, 160)
    np.testing.assert_allclose(head, [40 * math.sin(0.7), -40 * math.cos(0.7)], atol=1e-9)


@pytest.mark.parametrize("kind", [WHOLE, RIGHT, LEFT])
def test_a_butterfly_fills_its_own_picture(kind):
    box = {WHOLE: (-30, 50), RIGHT: (0, 50), LEFT: (-50, 0)}[kind]
    outline = np.array([(100 + x, 90 + y) for x in box for y in (-20, 40)], float)
    own = placement(outline, 100, 90, 0.0, kind).upright(outline) - 127.5
    assert np.abs(own).max() == pytest.approx(0.92 * 255 / 2) and own[:, 1].max() == pytest.approx(-own[:, 1].min())


def test_a_picture_is_laid_where_points_are():
    picture = torch.zeros(1, 1, 256, 256)
    picture[..., 60:72, 180:192] = 1
    for placed in (Placement(0.5, 0.6, 100, 140), Placement(-2.0, 1.3, 120, 130)):
        shown = placed.laid(picture, 512)[0, 0].numpy()
        y, x = (np.arange(512) @ shown.sum(axis) / shown.sum() for axis in (1, 0))
        wanted = placed.on_pad(np.array([[185.5, 65.5]]))[0]
        np.testing.assert_allclose([(x + 0.5) / 2 - 0.5, (y + 0.5) / 2 - 0.5], wanted, atol=0.2)
    assert Placement().laid(picture, 256) is picture


def test_what_is_upright_in_the_middle_stays():
    assert settled(Placement(0.05, 0.9, 129, 90)) == Placement()
    assert all(settled(p) == p for p in (Placement(0.2, 1, 127, 127), Placement(0.0, 1, 90, 127)))


@pytest.mark.parametrize("degrees", [0, 25, 77, 160, -110])
def test_axes_are_found(finder, starters, degrees):
    shown = [laid(lines_, Placement(math.radians(degrees), 0.7, 120, 130)) for lines_ in starters]
    found = [finder.detect(torch.from_numpy(enclose(lines_))[None, None]) for lines_ in shown]
    away = [abs((math.degrees(float(f.angle)) - degrees + 180) % 360 - 180) for f in found]
    assert sum(error < 5 for error in away) >= len(away) - 1
    assert all(float(f.kind) == WHOLE for f in found)


def test_turning_turns_what_is_guessed(finder):
    silhouette = torch.from_numpy(enclose([WING, circle(170, 120, 40)]))[None, None]
    logits, offsets = finder.guess(finder.polar(silhouette)[0])
    again = finder.guess(finder.polar(silhouette.rot90(-1, (2, 3)))[0])
    quarter = finder.config.angles // 4
    for before, after in zip((logits, offsets), again, strict=True):
        torch.testing.assert_close(before.roll(quarter, 2), after, atol=0.1, rtol=0.05)


def test_a_wing_by_itself_is_worn_as_one(finder, starters):
    for side, kind in ((0, RIGHT), (1, LEFT)):
        half = starters[0][side]
        (figure,) = placed_figures(finder, [laid([np.concatenate([half, half[:1]])], Placement(0.6, 0.7, 130, 120))[0]])
        inside = figure.silhouette[0, 0].numpy()
        beyond = inside[:, :120] if kind == RIGHT else inside[:, 136:]
        assert beyond.mean() < 0.1 * inside.mean()


def test_each_is_dressed_as_if_it_were_alone(finder, painter, starters):
    space = zoo.extras("retexture.butterflies")
    placed = [Placement(0.8, 0.4, 70, 80), Placement(-2.3, 0.33, 185, 70), Placement(0.02, 0.4, 150, 190)]
    parts = [laid(starters[i], where) for i, where in enumerate(placed)]
    z = space["gallery"][5][None].float()
    together = placed_figures(finder, [each for part in parts for each in part])
    whole = dress(painter, z, together)
    assert len(together) == 3
    for part in parts:
        alone = placed_figures(finder, part)
        picture, inside = dress(painter, z, alone), outline(alone[0])
        assert ((picture * picture[:, 3:] - whole * whole[:, 3:]).abs() * inside).max() <= 2 / 255
        assert (whole[:, 3:][inside] > 0.5).float().mean() > 0.97
    inside = torch.stack([outline(figure) for figure in together]).any(0)
    near = torch.nn.functional.max_pool2d(inside.float(), 5, 1, 2) > 0
    assert whole[:, 3:][~near].max() < 0.01


def test_each_wears_its_own_pattern(finder, painter, starters):
    gallery = zoo.extras("retexture.butterflies")["gallery"].float()
    two = laid(starters[0], Placement(0.8, 0.4, 70, 80)) + laid(starters[1], Placement(-2.3, 0.33, 185, 170))
    found = placed_figures(finder, two)
    each = dress(painter, gallery[None, [3, 90]], found)
    for i, kind in enumerate((3, 90)):
        inside = outline(found[i])
        assert ((each - dress(painter, gallery[[kind]], found)).abs() * inside).max() < 1e-5


def test_an_axis_that_is_given_overrules(finder, starters):
    part = laid(starters[2], Placement(0.9, 0.5, 120, 120))
    (found,) = placed_figures(finder, part)
    given = [140, 30, 100, 200]
    (told,) = placed_figures(finder, part, [given])
    assert told.known and not found.known
    assert told.placement.angle == pytest.approx(math.atan2(40, 170))
    assert found.placement.angle == pytest.approx(0.9, abs=0.09)
    head = np.array(found.axis[:2]) - found.axis[2:]
    assert math.atan2(head[0], -head[1]) == pytest.approx(found.placement.angle, abs=1e-6)


def test_a_body_that_is_drawn_leads_the_axis(finder, starters):
    part = laid(starters[2], Placement(0.9, 0.5, 120, 120))
    body = Placement(0.9 + 0.14, 0.5, 120, 120).on_pad(np.array([[127.5, 80.0], [127.5, 128], [127.5, 180]])).round()
    vein = Placement(0.9, 0.5, 120, 120).on_pad(np.array([[140.0, 100], [200, 60]])).round()
    for drawn in ([*part, body], [*part, vein, body[::-1]]):
        (figure,) = placed_figures(finder, drawn)
        assert figure.placement.angle == pytest.approx(1.04, abs=0.03)
    (figure,) = placed_figures(finder, [*part, vein])
    assert figure.placement.angle == pytest.approx(0.9, abs=0.09)


def test_an_axis_beside_a_shape_makes_it_a_wing(finder):
    (figure,) = placed_figures(finder, [circle(150, 128, 40)], [[105, 40, 105, 220]])
    columns = np.flatnonzero(figure.silhouette[0, 0].numpy().any(0))
    assert columns[0] > 125 and columns[-1] > 220


def test_an_empty_pad_has_no_figures(finder, painter):
    assert placed_figures(finder, []) == [] == mirrored_figure([])
    config = painter.config
    z = torch.zeros(2, config.latent, config.rows // 8, config.columns // 8)
    assert dress(painter, z, []).shape == (2, 4, 256, 256)
    dots = lines([[3, 3, 3, 3], [200, 200]])
    assert dress(painter, z[:1], placed_figures(finder, dots)).isfinite().all()


def test_over_is_as_pillow_has_it():
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 4), dtype=np.uint8)
    wanted = np.asarray(Image.alpha_composite(*[Image.fromarray(x) for x in pixels[::-1]]), float)
    above, below = (torch.from_numpy(x).permute(2, 0, 1)[None].float() / 255 for x in pixels)
    found = over(above, below)[0].permute(1, 2, 0).numpy() * 255
    seen = found[..., 3] > 8
    assert np.abs(found - wanted)[seen].max() < 3
