"""What the page draws: the map, how a word's neighbours changed, and words along a direction."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw, ImageFont

from playground.charts import Colors
from playground.demos.map_of_words.spaces import on_map, ours, points
from playground.learning import INK, PAPER
from playground.memory import remembered

WIDE, LETTER = 400, 8  # of the map and of a letter, CSS pixels, about
GREY, QUIET = "#9A968E", "#6B6862"
DOT, ENDS = (170, 170, 170), ((61, 90, 128), (217, 106, 20))  # of the picture: neither, less, more
AXES = {
    "pca": "principal component {} (no unit)",
    "tsne": "t-SNE {} (no unit)",
    "umap": "UMAP {} (no unit)",
}
SIGNPOSTS, APART, SHORTEST = (
    22,
    0.55,
    5,
)  # words that name regions: how many, how far apart, and of how many letters at least


@remembered
def signposts(source: str, layout: str, dims: int) -> tuple[int, ...]:
    """Return frequent words that lie apart on a map, to be written there."""
    where, there, words = points(source, layout, dims), on_map(source), ours().words
    found: list[int] = []
    for i in range(len(where)):
        if there[i] and len(words[i]) >= SHORTEST and all(np.linalg.norm(where[i] - where[j]) > APART for j in found):
            found.append(i)
        if len(found) == SIGNPOSTS:
            break
    return tuple(found)


def shade(values: np.ndarray) -> np.ndarray:
    """Return values along a direction as -1 to 1: the root mean square becomes 0.5, and what lies further than twice that is cut."""
    return np.clip(values / max(2 * float(np.sqrt((values**2).mean())), 1e-9), -1, 1)


def named(where: np.ndarray, numbers: Sequence[int], least: Sequence[int]) -> dict[int, str]:
    """Return which words can be named on a map in the plane, and on which side of their points: over, under or beside, where there is room.

    Args:
        where: (words, 2).
        numbers: of the words, the most important first; the first is always named.
        least: of words that are written over their points, if at all.
    """
    words, pixels = ours().words, where * WIDE / np.ptp(where, axis=0).max()
    taken: list[tuple[float, float, float]] = []
    found: dict[int, str] = {}
    for i in (*numbers, *least):
        half = LETTER * len(words[i]) / 2
        sides = {
            "top center": (0, 14),
            "bottom center": (0, -14),
            "middle right": (half + 10, 0),
            "middle left": (-half - 10, 0),
        }
        for side, (dx, dy) in ({"middle center": (0, 0)} if i in least else sides).items():
            x, y = pixels[i] + (dx, dy)
            if not found or not any(abs(x - a) < half + b and abs(y - c) < 15 for a, c, b in taken):
                found[i] = side
                taken.append((x, y, half))
                break
    return found


def map_of(
    colors: Colors,
    source: str,
    layout: str,
    dims: int,
    word: int | None,
    near: Sequence[int],
    values: np.ndarray | None,
) -> go.Figure:
    """Draw the words as points, the chosen one and its neighbours named, coloured along a direction where there is one.

    Args:
        word, near: numbers; those that are not on the map are left out.
        values: of the words of the map along the direction (words,).
    """
    where, words, there = points(source, layout, dims), ours().words, np.flatnonzero(on_map(source))
    kind = go.Scatter3d if dims == 3 else go.Scattergl
    text_kind = go.Scatter3d if dims == 3 else go.Scatter
    axes = "xyz"[:dims]

    def at(numbers: Sequence[int]) -> dict[str, np.ndarray]:
        return {axis: where[list(numbers), i] for i, axis in enumerate(axes)} | {
            "customdata": [words[i] for i in numbers]
        }

    color = {"color": GREY} if values is None else {
        "color": shade(values)[there], "cmin": -1, "cmax": 1, "colorscale": [[0, colors[0]], [0.5, GREY], [1, colors[1]]],
    }  # fmt: skip
    figure = go.Figure(
        kind(
            **at(there), mode="markers", marker={**color, "size": 2 if dims == 3 else 5, "opacity": 0.5, "line": {"width": 0}},
            hovertext=[words[i] for i in there], hoverinfo="text",
        )
    )  # fmt: skip
    marked = [i for i in ([] if word is None else [word]) + list(near) if i in set(there.tolist())]
    quiet = [i for i in signposts(source, layout, dims) if i not in marked]
    side = dict.fromkeys([*marked, *quiet], "top center") if dims == 3 else named(where, marked, quiet)
    quiet = [i for i in quiet if i in side]
    figure.add_trace(
        text_kind(
            **at(quiet),
            mode="text",
            text=[words[i] for i in quiet],
            textfont={"size": 12},
            hoverinfo="skip",
        )
    )
    if marked:
        chosen = [i == word for i in marked]
        figure.add_trace(
            text_kind(
                **at(marked), mode="markers+text", text=[f"<b>{words[i]}</b>" * (i in side) for i in marked], hoverinfo="text",
                textposition=[side.get(i, "top center") for i in marked],
                hovertext=[words[i] for i in marked], textfont={"size": 13},
                marker={"size": [(7 if dims == 3 else 12) if own else (4 if dims == 3 else 8) for own in chosen], "line": {"width": 0}, "color": [colors[1] if own else colors[0] for own in chosen]},
            )
        )  # fmt: skip
    titles = {f"{axis}axis": {"title": {"text": AXES[layout].format(i + 1)}, **BARE} for i, axis in enumerate(axes)}
    if dims == 3:
        scene = {f"{axis}axis": {"visible": False} for axis in axes}
        return figure.update_layout(
            scene={**scene, "aspectmode": "data", "camera": {"eye": {"x": 1, "y": 1, "z": 0.6}}}
        )
    titles["yaxis"]["scaleanchor"] = "x"
    return figure.update_layout(**titles)


BARE = {"showticklabels": False, "showgrid": False, "zeroline": False, "ticks": ""}


def bars(colors: Colors, values: Mapping[str, float], others: Mapping[str, float], less: str, more: str) -> go.Figure:
    """Draw words along a direction as bars to either side of 0, the largest at the top, with a mark where another source has each."""
    names = sorted(values, key=lambda name: values[name])
    x = [values[name] for name in names]
    hover = "%{y}: %{x:.2f}<extra></extra>"
    figure = go.Figure(
        go.Bar(x=x, y=names, orientation="h", marker_color=[colors[int(value > 0)] for value in x], hovertemplate=hover)
    )
    marks = [name for name in names if name in others]
    mark = {"symbol": "diamond-open", "size": 9, "color": GREY, "line": {"width": 2}}
    if marks:
        figure.add_scatter(
            x=[others[name] for name in marks], y=marks, mode="markers", marker=mark, hovertemplate=f"GloVe, {hover}"
        )
    most = 1.1 * max(map(abs, (*x, *(others[name] for name in marks))), default=1)
    title = f"← {less} · cosine with the direction · {more} →"
    return figure.update_layout(
        xaxis={"title": title, "range": [-most, most]}, yaxis={"type": "category", "dtick": 1}, bargap=0.35
    )


def picture(
    source: str,
    layout: str,
    word: int | None,
    near: Sequence[int],
    values: np.ndarray | None,
    *,
    size: tuple[int, int] = (960, 720),
    edge: int = 40,
    posts: bool = True,
) -> np.ndarray:
    """Draw the map in the plane as a picture, (H, W, 3) uint8.

    Args:
        word, near, values: as of `map_of`; all of these words are on the map.
        size: width and height in pixels, of which `edge` stay free on all sides.
        posts: whether there are signposts.
    """
    where, words, there = points(source, layout, 2), ours().words, np.flatnonzero(on_map(source))
    low, high = where[there].min(0), where[there].max(0)
    scale = min((side - 2 * edge) / (b - a) for side, a, b in zip(size, low, high, strict=True))
    place = (where - (low + high) / 2) * scale * (1, -1) + np.array(size) / 2
    paper = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(paper)
    shades = np.zeros(len(where)) if values is None else shade(values)
    for i in there.tolist():
        color = tuple(
            round(grey + abs(shades[i]) * (end - grey)) for grey, end in zip(DOT, ENDS[int(shades[i] > 0)], strict=True)
        )
        pen.ellipse((*(place[i] - 2), *(place[i] + 2)), fill=color)
    marked = [i for i in ([] if word is None else [word]) + list(near) if i in set(there.tolist())]
    for i in signposts(source, layout, 2) if posts else ():
        if i not in marked:
            pen.text(tuple(place[i]), words[i], QUIET, ImageFont.load_default(14), anchor="mm")
    for i in marked:
        pen.ellipse((*(place[i] - 5), *(place[i] + 5)), fill=ENDS[int(i == word)])
        pen.text(
            tuple(place[i] - (0, 8)),
            words[i],
            INK,
            ImageFont.load_default(18),
            anchor="ms",
            stroke_width=2,
            stroke_fill=PAPER,
        )
    return np.asarray(paper)
