"""Points in the plane that a network is to tell apart: moons, circles, spiral, xor; made anew from a seed, nothing to download.

They lie in the square from -1 to 1, but for the noise, which may carry a few beyond it.
"""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
TURNS = 1.5  # of each arm of the spiral


def _moons(rng: np.random.Generator, y: Array) -> Array:
    """Two half circles, one in the hollow of the other."""
    angle = np.pi * rng.random(len(y))
    side = 1 - 2 * y
    return np.stack([0.6 * np.cos(angle) * side + 0.3 * (2 * y - 1), 0.6 * np.sin(angle) * side - 0.2 * side], 1)


def _circles(rng: np.random.Generator, y: Array) -> Array:
    """A disc, and a ring around it."""
    angle, share = 2 * np.pi * rng.random(len(y)), rng.random(len(y))
    radius = np.where(y == 0, 0.4 * share**0.5, 0.7 + 0.2 * share)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)


def _spiral(rng: np.random.Generator, y: Array) -> Array:
    """Two arms wound into each other."""
    share = rng.random(len(y)) ** 0.7  # as dense outside as inside
    angle = 2 * np.pi * TURNS * share + np.pi * y
    return (0.08 + 0.87 * share)[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1)


def _xor(rng: np.random.Generator, y: Array) -> Array:
    """Four squares, those across the corner alike."""
    x = 0.08 + 0.84 * rng.random((len(y), 2))
    right = np.where(rng.random(len(y)) < 0.5, 1, -1)
    return x * np.stack([right, right * (1 - 2 * y)], 1)


SETS: dict[str, Callable[[np.random.Generator, Array], Array]] = {
    "moons": _moons, "circles": _circles, "spiral": _spiral, "xor": _xor,
}  # fmt: skip


def make(name: str, count: int, *, noise: float, seed: int) -> tuple[Array, Array]:
    """Make a set of points of two classes, the same number of each, in random order.

    Args:
        name: one of `SETS`.
        count: number of points; of an odd one class 0 gets one more.
        noise: standard deviation of what is added to each coordinate.
        seed: 0 to 2**32 - 1.

    Returns:
        x (count, 2) float32, y (count,) int64 of 0 and 1.

    Raises:
        ValueError: there is no set of this name, or count, noise or seed is out of range.
    """
    if name not in SETS:
        raise ValueError(f"the points must be one of {', '.join(SETS)}, not {name!r}")
    if count < 1 or not 0 <= noise < np.inf or not 0 <= seed < 2**32:
        raise ValueError(
            f"count must be at least 1, noise at least 0 and seed of 32 bits, not {count}, {noise}, {seed}"
        )
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(count) % 2)
    x = SETS[name](rng, y) + noise * rng.standard_normal((count, 2))
    return x.astype(np.float32), y
