"""Silhouettes as rings: against circles whose place is known, and against the silhouettes themselves."""

from xml.etree import ElementTree

import numpy as np
import pytest

from zoo import contour

Y, X = np.mgrid[:256, :256] + 0.5


def away(ring: np.ndarray, centre: tuple[float, float]) -> np.ndarray:
    return np.hypot(*(ring - centre).T)


@pytest.mark.parametrize("radius", [8, 15, 40, 90, 126])
def test_a_circle_is_one_without_steps(radius):
    centre = (128.3, 127.6)
    soft = np.clip(radius - np.hypot(X - centre[0], Y - centre[1]) + 0.5, 0, 1)
    (ring,) = contour.rings(soft)
    assert np.abs(away(ring, centre) - radius).max() < 0.3
    (stepped,) = contour.rings(soft > 0.5)
    assert np.abs(away(stepped, centre) - radius).max() < 0.5  # as good as whole pixels can tell
    way = np.diff(stepped[:: contour.EVERY], axis=0, append=stepped[:1])
    turn = np.diff(np.unwrap(np.arctan2(*way.T)))
    assert np.abs(turn).max() < 6 * 2 * np.pi / len(turn)  # a step would turn by a right angle


def test_holes_and_several_shapes_are_rings_of_their_own():
    silhouette = (np.abs(np.hypot(X - 90, Y - 90) - 40) < 12) | (np.hypot(X - 200, Y - 200) < 20)
    found = contour.rings(silhouette)
    assert len(found) == 3
    assert contour.path(found).count("M") == contour.path(found).count("Z") == 3
    for scale in (1, 4):
        covered = contour.cover(found, 256, scale)
        assert covered.shape == (256 * scale, 256 * scale) and covered.dtype == np.uint8
        same = (covered[scale // 2 :: scale, scale // 2 :: scale] > 127) == silhouette
        assert same.mean() > 0.995


def test_what_reaches_the_edge_is_closed_along_it():
    (ring,) = contour.rings(np.ones((64, 64)))
    assert np.abs(ring[:, 0].min()) < 0.2 and np.abs(ring[:, 0].max() - 64) < 0.2
    assert contour.cover([ring], 64, 2).mean() > 250


@pytest.mark.parametrize("nothing", [np.zeros((256, 256)), np.full((256, 256), 0.4), np.eye(256)])
def test_nothing_has_no_rings_and_is_an_svg_all_the_same(nothing):
    found = contour.rings(nothing)
    assert found == [] and contour.path(found) == "" and not contour.cover(found, 256, 4).any()
    root = ElementTree.fromstring(contour.svg(found, 256))
    assert root.get("viewBox") == "0 0 256 256" and not list(root)


def test_an_svg_holds_the_rings():
    found = contour.rings(np.hypot(X - 128, Y - 128) < 60)
    (line,) = ElementTree.fromstring(contour.svg(found, 256))
    assert line.get("d") == contour.path(found) and line.get("fill-rule") == "evenodd"


def test_colours_are_led_over_the_edge():
    inside = np.hypot(X - 128, Y - 128)
    pixels = np.full((256, 256, 4), 255, np.uint8)  # pale at the edge and beyond
    pixels[inside < 58.5, :3] = (200, 40, 10)
    pixels[..., 3] = 255 * (inside < 60)
    led = contour.spread(pixels)
    assert led.shape == (256, 256, 3)
    assert (led[inside < 62] == (200, 40, 10)).all() and (led[inside < 55] == pixels[inside < 55, :3]).all()


def test_what_is_thin_keeps_its_colour():
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[10:12, 5:60] = (10, 200, 30, 255)
    pixels[30:60, 5:60] = (200, 0, 0, 255)
    assert (contour.spread(pixels)[9:13, 4:61] == (10, 200, 30)).all()
    assert not contour.spread(np.zeros((8, 8, 4), np.uint8)).any()
