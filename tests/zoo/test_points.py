"""Points in the plane: shapes, seeds, and that each set can be told apart, but not by a line."""

import numpy as np
import pytest

from zoo.data import points

NAMES = list(points.SETS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [1, 2, 41, 300])
def test_a_set_has_as_many_points_of_each_class(name, count):
    x, y = points.make(name, count, noise=0.0, seed=3)
    assert x.shape == (count, 2) and x.dtype == np.float32 and y.shape == (count,) and y.dtype == np.int64
    assert np.bincount(y, minlength=2).tolist() == [count - count // 2, count // 2]
    assert np.abs(x).max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_its_points_and_noise_moves_them(name):
    (first, y), (again, _), (other, _), (moved, same) = (
        points.make(name, 500, noise=noise, seed=seed) for noise, seed in ((0, 7), (0, 7), (0, 8), (0.1, 7))
    )
    assert (first == again).all() and (first != other).any() and (y == same).all()
    assert np.std(moved - first) == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_neighbours_tell_a_set_apart_and_a_line_does_not(name):
    x, y = points.make(name, 600, noise=0.0, seed=1)
    known, label, new, truth = x[:500], y[:500], x[500:], y[500:]
    nearest = np.linalg.norm(new[:, None] - known, axis=2).argmin(1)
    assert (label[nearest] == truth).mean() > 0.97
    lifted = np.c_[x, np.ones(len(x))]
    line = np.linalg.lstsq(lifted, 2.0 * y - 1, rcond=None)[0]
    assert ((lifted @ line > 0) == y).mean() < 0.95


@pytest.mark.parametrize(
    ("name", "count", "noise", "seed"),
    [("swiss roll", 10, 0, 1), ("moons", 0, 0, 1), ("moons", 9, -0.1, 1), ("moons", 9, float("nan"), 1), ("moons", 9, 0, -1), ("moons", 9, 0, 2**32)],
)  # fmt: skip
def test_what_is_out_of_range_is_refused(name, count, noise, seed):
    with pytest.raises(ValueError, match="must be"):
        points.make(name, count, noise=noise, seed=seed)
