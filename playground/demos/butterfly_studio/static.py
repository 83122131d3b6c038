"""The butterfly studio without a server: its painter and encoder as ONNX, the gallery of patterns, and what the encoder forgot."""

import shutil
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from playground import markup
from playground.catalogue import card, load
from playground.components.canvas import mirrored
from playground.demos import butterfly_studio
from playground.demos.butterfly_studio.painting import AXIS, BODY, GUESSES
from playground.hosts.static.graphs import write
from playground.hosts.static.page import SAME, StaticPage
from zoo import drawing
from zoo.cutouts import LEAST
from zoo.dressing import mirrored_figure
from zoo.models.retexture import wings
from zoo.photos import MOST_PIXELS


def paint(z: Tensor, strokes: Tensor, silhouette: Tensor) -> Tensor:
    """Paint half a drawing (1, 1, size, 9 size / 16): (1, 4, size, 9 size / 16), as `Retexture.decode` does before it joins two."""
    model = load(butterfly_studio.MODEL)
    frames = wings.frame(functional.avg_pool2d(silhouette, model.config.size // 128))
    colour, alpha, _ = model.painter(z, strokes, silhouette, frames)
    return torch.cat([(colour + 1) / 2, alpha.sigmoid()], 1).clamp(0, 1)


def found(silhouette: Tensor) -> tuple[Tensor, ...]:
    """Find the axis of a silhouette (1, 1, size, size): kind, x, y, angle, (1,) each, as `Axis.detect`."""
    axis = load(AXIS).detect(silhouette)
    return axis.kind, axis.x, axis.y, axis.angle


def butterflies(out: Path) -> dict[str, Any]:
    """Write what the butterfly studio needs; return its facts."""
    space = butterfly_studio.space()
    shape = list(space.gallery.shape[1:])
    (first,) = mirrored_figure(drawing.lines(mirrored(next(iter(space.starters.values())))))
    strokes, silhouette = (wings.halves(x)[:1] for x in (first.strokes, first.silhouette))
    inputs = {"z": space.gallery[:1], "strokes": strokes, "silhouette": silhouette}
    write(out / "painter.onnx", load(butterfly_studio.MODEL), paint, inputs, ["painted"])
    model, size = load(butterfly_studio.MODEL), strokes.shape[-2]
    inputs = {"picture": torch.ones(1, 3, size, size), "silhouette": torch.ones(1, 1, size, size)}
    write(out / "encoder.onnx", model, model.encode, inputs, ["mean", "logvar"])
    finder = load(AXIS)
    write(out / "axis.onnx", finder, found, {"silhouette": first.silhouette}, ["kind", "x", "y", "angle"])
    picture = first.silhouette.expand(-1, 3, -1, -1)
    write(
        out / "body.onnx",
        load(BODY),
        load(BODY).decode,
        {"picture": picture, "silhouette": first.silhouette},
        ["layer"],
    )
    for kept in ("extras", "forgotten"):
        shutil.copyfile(card(butterfly_studio.MODEL).folder / f"{kept}.safetensors", out / f"{kept}.safetensors")
    return {
        "hindwing": butterfly_studio.HINDWING,
        "starters": space.starters,
        "shape": shape,
        "limits": {"pixels": MOST_PIXELS, "side": LEAST},
        "guesses": GUESSES,
        "asked": markup.marked(butterfly_studio.ASKED, inline=True),
        "fields": {"photo": {"help": "It stays in this browser, and is not in the link."}},
    }


PAGE = StaticPage(
    butterflies,
    components=("canvas",),
    scripts=("digit.js", "network.js"),
    seeds=f"{SAME} Lines are drawn by the browser, so an outline may differ from the app's by a pixel.",
)
