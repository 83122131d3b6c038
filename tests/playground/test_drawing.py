"""Drawings become digits as MNIST's makers made theirs."""

import numpy as np
import pytest

from playground.drawing import digit

SEVEN = np.array([[0, 0], [40, 0], [15, 50]])
DIRECTIONS = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]


@pytest.mark.parametrize(("dx", "dy"), DIRECTIONS)
def test_a_stray_tap_does_not_come_back_at_the_opposite_edge(dx, dy):
    """A digit at one edge and a tap at the other: the digit is moved to the middle, and the tap is lost where it leaves the picture."""
    corner = np.array([105, 100]) - np.array([dx, dy]) * [100, 95]
    tap = np.array([127, 127]) + np.array([dx, dy]) * 120
    x = digit([(SEVEN + corner).ravel().tolist(), tap.tolist()])
    rows, columns = np.nonzero(x)
    reach = 7  # of the digit's 3 x 4 pixels and a pen of 2.3, its tap's pull with it
    for step, places in ((dx, columns), (dy, rows)):
        near = places if step >= 0 else 27 - places
        assert near.min() >= 14 - reach and (step or near.max() <= 13 + reach)
    mass = [(x * axis).sum() / x.sum() for axis in np.mgrid[:28, :28]]
    assert np.abs(np.array(mass) - 13.5).max() < 1.5
