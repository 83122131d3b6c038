"""A film of a plane: `film.js` and `film.css`.

What to show is a dict that `film` makes, or an empty one, which shows nothing; all that moves is computed in the browser. Where points
may be placed, all that are there come back: `{"points": [[x, y, kind], ...]}`, x and y from 0 to 255 over the plane's span.
"""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from playground.components.adapters import Component

LEVELS = 255  # a placed point's x and y are whole numbers up to this
MOST = 200  # points that may be placed
KINDS = 3  # classes at most

_HERE = Path(__file__).parent
FILM = Component(
    "film", (_HERE / "film.js").read_text("utf-8"), (_HERE / "film.css").read_text("utf-8"), "film", "points"
)


def film(
    maps: np.ndarray,
    *,
    span: float,
    points: Sequence[tuple[float, float, int, bool]],
    titles: Sequence[str],
    ticks: Sequence[str],
    curves: Mapping[str, Sequence[float | None]],
    names: tuple[str, str, str],
    places: bool = False,
) -> dict[str, Any]:
    """Return what the component shows.

    Args:
        maps: (moments, side, side, classes - 1) uint8: probabilities at each moment of classes 1, 2 ..., 255 for 1; the first row on top.
        span: the plane reaches from -span to span, both ways.
        points: x, y, class, and whether it is hollow.
        titles: a sentence for each moment.
        ticks: what each moment is called on the curves' axis.
        curves: a value for each moment, by name; at most two.
        names: of the curves' upright and level axes, and of the hollow points.
        places: whether the visitor may place points, of up to `KINDS` classes.
    """
    moments, side, _, others = maps.shape
    return {
        "maps": base64.b64encode(maps.tobytes()).decode(), "moments": moments, "side": side, "classes": others + 1, "span": span,
        "points": [[round(float(x), 3), round(float(y), 3), int(kind), bool(hollow)] for x, y, kind, hollow in points],
        "titles": list(titles), "ticks": list(ticks), "curves": [[name, list(line)] for name, line in curves.items()],
        "names": list(names), "places": {"kinds": KINDS, "most": MOST, "levels": LEVELS} if places else None,
    }  # fmt: skip


def validate_points(given: Any) -> list[tuple[int, int, int]]:
    """Return the points that a browser sent; raise ValueError where they are none of ours."""
    if not isinstance(given, dict) or set(given) != {"points"} or not isinstance(given["points"], list):
        raise ValueError("points must be {'points': [[x, y, class], ...]}")
    if len(given["points"]) > MOST:
        raise ValueError(f"points must be at most {MOST}, not {len(given['points'])}")
    for point in given["points"]:
        whole = isinstance(point, list) and len(point) == 3 and all(type(part) is int for part in point)
        if not whole or not all(
            0 <= part <= most for part, most in zip(point, (LEVELS, LEVELS, KINDS - 1), strict=True)
        ):
            raise ValueError(f"a point must be x and y from 0 to {LEVELS} and a class below {KINDS}, not {point!r:.60}")
    return [tuple(point) for point in given["points"]]
