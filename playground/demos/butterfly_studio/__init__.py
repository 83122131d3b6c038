"""Butterfly studio: draw an outline, and see it wear another species' pattern."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from playground import drawing
from playground.catalogue import card
from playground.demo import Button, Demo, Drawn, Endpoint, Export, Part, Pictures, Section, Slot, Stage, Words
from playground.demos.butterfly_studio.painting import (
    AXIS,
    BODY,
    HINDWING,
    MODEL,
    REACH,
    SHARP,
    SIZE,
    SLIDERS,
    encode,
    enlarged,
    figures,
    forgotten,
    latent,
    latents,
    mixed,
    moved,
    on_white,
    paint,
    random,
    rings,
    sixteen,
    space,
    title,
    turned,
)  # fmt: skip
from playground.fields import Field, Values, choice, file, integer, lines, numbers, seed, strokes, switch
from playground.memory import remembered
from zoo import contour
from zoo.dressing import Figure
from zoo.photos import MOST_BYTES, PhotoError

SOURCES = {"species": "A species", "random": "Random", "photo": "Your photo"}
FIRST = "Graphium agamemnon|agamemnon|dorsal"
SECOND = "Ornithoptera priamus|poseidon|dorsal"
ASKED = (
    "a fresh network was asked for the specimen's outline, which it had not seen, and shown *z* alone. "
    "Two models at 64 pixels, trained alike but for the adversary. Where its guess with the adversary is no better than from the name, "
    "the outline is forgotten."
)
MIXES = {"blend": "Blend both", "wings": "Hindwing from the second"}
HOW = (
    "The encoder lays a butterfly out in **wing coordinates**: angle around the body and distance to the outline, bent so "
    "that wing tips and the notch between the wings lie at the same place in all. It packs what it sees into a small map *z* of the "
    "pattern. The painter gets *z* and your drawing, and paints. So that the shape comes from the drawing alone, a second "
    "network, the **adversary**, tries to tell the outline from *z*, and the encoder is trained until it can tell no more than the "
    "species gives away. What stretching does to *z* is erased, as far as linear. What is drawn askew a small network turns upright; "
    "another paints the body."
)
EQUATION = (
    r"\min_{q,\,p}\; \mathbb{E}\,\lVert x - p(z, c)\rVert_1 + \beta\,\mathrm{KL}\bigl(q(z \mid x)\,\Vert\,\mathcal{N}(0, I)\bigr)"
    r" + \lambda\, D\bigl(a(c \mid z),\, a(c \mid \text{species})\bigr)"
)
TRY_THIS = (
    "Take a swallowtail's outline, bend its wings with the bend tool, and give it a birdwing's green. "
    "Or switch the mirror off and draw two butterflies askew."
)


def faded() -> str:
    """Return why colours may be duller than one knows them."""
    all_, green = (f"{card(MODEL).metric(name).value:.0f} %" for name in ("chroma", "chroma_green"))
    return (
        "Most are museum specimens, and colours fade in a drawer. The model mutes them a little more: "
        f"{all_} of the chroma is left, of the rare greens {green}."
    )


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [MODEL, AXIS, BODY]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    s = space()
    first, second = (name if name in s.names else s.names[0] for name in (FIRST, SECOND))
    kinds = {name: title(name) for name in s.names}
    return {
        "drawing": strokes(
            next(iter(s.starters.values())), "draw half a butterfly", size=460, width=3, tools=True, mirror="mirror",
            axes="axes", handles=axes,
        ),
        "mirror": switch(True, ""),
        "axes": lines(),
        "body": switch(True, "Body and antennae", "For wings whose pictures had none, and drawn ones", missing="no"),
        "source": choice(SOURCES, "species", "Pattern of"),
        "texture": choice(kinds, first, "Species (type to search)", faded(), look="list", when=lambda v: v["source"] == "species"),
        "second": choice(kinds, second, "Second species", look="list", when=lambda v: v["blend"] > 0),
        "mix": choice(MIXES, "blend", "How", when=lambda v: v["blend"] > 0),
        "blend": integer(0, 100, 0, "Mix in a second species", unit="%"),
        "seed": seed(when=lambda v: v["source"] == "random" or v["each"] == "yes"),
        "sliders": numbers(
            SLIDERS, -REACH, REACH, "Direction", "Principal directions of z, the strongest first, in standard deviations"
        ),
        "photo": file(
            "A butterfly, or anything, on a plain ground", "It is there for this page alone, deleted after a day at most, and not in the link.",
            types=("png", "jpg", "jpeg", "webp"), most=MOST_BYTES, when=lambda v: v["source"] == "photo",
        ),
        "each": switch(False, "A pattern for each", "Of several butterflies on the pad", when=lambda v: v["mirror"] == "no"),
        "sixteen": switch(False, "Sixteen species on your shape", linked=False),
        "forgotten": switch(False, "What did the encoder forget?", linked=False),
    }  # fmt: skip


def pattern(v: Values) -> tuple[Tensor, Part | None]:
    """Return the z that the controls choose, and what is to be said of a photo."""
    z, said = random(v["seed"]) if v["source"] == "random" else latent(v["texture"]), None
    if v["source"] == "photo" and v["photo"] is None:
        said = Words(f"Until there is a photo: {title(v['texture'])}.", quiet=True)
    elif v["source"] == "photo":
        try:
            z, seen = encode(v["photo"])
            said = Pictures([seen], ["the photo as the encoder sees it"], ["cut out"], columns=1)
        except PhotoError as error:
            said = Words(str(error), warns=True)
    if v["blend"]:
        z = mixed(z, latent(v["second"]), v["mix"], v["blend"] / 100)
    return moved(z, v["sliders"]), said


def drawn(v: Values) -> tuple[Figure, ...]:
    """Return the butterflies on the pad."""
    return figures(drawing.encode(v["drawing"]), v["mirror"] == "yes", drawing.encode(v["axes"]))


def axes(v: Values) -> list[list[int]]:
    """Return the axes that the pad shows: x and y of head and tail, and whether the visitor set it, 1 or 0."""
    if v["mirror"] == "yes":
        return []
    return [[*(min(255, max(0, round(end))) for end in figure.axis), int(figure.known)] for figure in drawn(v)]


def worn_by(v: Values, z: Tensor, found: Sequence[Figure]) -> Tensor:
    """Return the patterns of one picture: all butterflies wear z, or each after the first a pattern of its own; as `paint` takes them."""
    if v["each"] == "yes" and len(found) > 1:
        return torch.stack([z, *latents(sixteen(v["seed"])[: len(found) - 1])])[None]
    return z[None]


def stage(v: Values) -> Stage:
    """Return the butterfly, the cut-out photo, and where asked for sixteen other patterns and what the encoder forgot."""
    z, seen = pattern(v)
    found = drawn(v)
    alt = "your butterfly" if len(found) < 2 else f"your {len(found)} butterflies"

    def shown(z: Tensor, names: list[str], times: int = 1, **more: Any) -> Pictures:
        wings, bodies = paint(z, found, times * SIZE, body=v["body"] == "yes")
        clip = contour.path([times * ring for ring in rings(found)])
        return Pictures(wings, names, clips=[clip] * len(names), over=bodies, **more)

    def worn() -> Pictures:
        kinds = sixteen(v["seed"])
        titles = [title(kind) for kind in kinds]
        return shown(latents(kinds), titles, captions=titles, columns=4, largest=180)

    return {
        "butterfly": shown(
            worn_by(v, z, found), [alt], SHARP if turned(found) else 1, columns=1, largest=480, phone=200
        ),
        "seen": seen,
        "sixteen": worn if v["sixteen"] == "yes" else None,
        "forgotten": outlines(v["texture"]) if v["forgotten"] == "yes" else None,
    }


def outlines(kind: str) -> Sequence[Part]:
    """Return the outlines that can and cannot be read off a species' z."""
    shown = forgotten(kind)
    if not shown:
        return [Words("Nothing is kept about this species.", quiet=True)]
    alts = [f"outline: {told}" for told in shown]
    return [
        Pictures(list(shown.values()), alts, list(shown), columns=4, largest=160),
        Words(f"{title(kind)}: {ASKED}", quiet=True),
    ]


def render(v: Values) -> np.ndarray:
    """Return the download: the butterflies, transparent outside, (1024, 1024, 4) uint8."""
    return enlarged(worn_by(v, pattern(v)[0], drawn(v)), drawn(v), body=v["body"] == "yes")


def line(v: Values) -> bytes:
    """Return the drawing's outlines as an SVG file."""
    return contour.svg(rings(drawn(v)), SIZE).encode()


def retexture(v: Values) -> Drawn:
    """Paint a species' pattern into a drawing: a 256x256 PNG. Strokes are lists of x0, y0, x1, y1, ... from 0 to 255."""
    wings, bodies = paint(worn_by(v, pattern(v)[0], drawn(v)), drawn(v), body=v["body"] == "yes")
    return Drawn(on_white(*wings, *bodies))


def start_from(v: Values, name: str) -> Values:
    """Put a starter outline on the pad."""
    return {"drawing": space().starters[name], "mirror": "yes", "axes": []}


def offered(v: Values) -> dict[str, str]:
    """Return the kinds that the sixteen pictures show, by title."""
    return {kind: title(kind) for kind in sixteen(v["seed"])} if v["sixteen"] == "yes" else {}


def wear(v: Values, kind: str) -> Values:
    """Choose a kind's pattern."""
    return {"source": "species", "texture": kind}


def code(values: Values) -> str:
    """Return the lines of Python that give the same picture."""
    start = {
        "species": f'z = space["gallery"][names.index({values["texture"]!r})].float()',
        "random": f'z = space["centre"].float() + (noise(1, 64, seed={values["seed"]})[0] * space["spread"]) @ space["components"].float()\n'
        'z = z.view(space["gallery"].shape[1:])',
        "photo": "z = draw(*model.encode(picture, silhouette))[0]  # (1, 3, 256, 256) and (1, 1, 256, 256) in [0, 1]",
    }[values["source"]]
    rows = ["import torch", "import zoo", "from zoo import drawing"]
    more = {"random": ["from zoo.nn import noise"], "photo": ["from zoo.models.retexture import draw"]}
    mirror, each = values["mirror"] == "yes", values["each"] == "yes" and len(drawn(values)) > 1
    finds = "mirrored_figure" if mirror else "placed_figures"
    rows += ["from playground.components.canvas import mirrored"] * mirror
    rows += [f"from zoo.dressing import dress, {finds}", *more.get(values["source"], [])]
    rows += ["", f'model, space = zoo.load("{MODEL}"), zoo.extras("{MODEL}")']
    rows += ['names = bytes(space["names"].tolist()).decode().split("\\n")', start]
    if values["blend"] and values["source"] != "photo":
        rows += [f'other = space["gallery"][names.index({values["second"]!r})].float()']
        share = f"{values['blend'] / 100:g}"
        if values["mix"] == "wings":
            rows += [
                f"columns = torch.arange(z.shape[-1]) + 0.5 - {HINDWING} * z.shape[-1]",
                f"z = torch.lerp(z, other, {share} * (columns + 0.5).clamp(0, 1))",
            ]
        else:
            rows += [f"z = torch.lerp(z, other, {share})"]
    used = max((i + 1 for i, value in enumerate(values["sliders"]) if value), default=0)
    if used:
        rows += [
            f"move = torch.tensor([{', '.join(f'{v:g}' for v in values['sliders'][:used])}])",
            f'z = z + ((move * space["spread"][:{used}]) @ space["components"][:{used}].float()).view(z.shape)',
        ]
    if each:
        others = sixteen(values["seed"])[: len(drawn(values)) - 1]
        rows += [f'z = torch.stack([z, *(space["gallery"][names.index(name)].float() for name in {others})])']
    lines_ = f"drawing.lines({'mirrored(strokes)' if mirror else 'strokes'})"
    body = f', body=zoo.load("{BODY}")' if values["body"] == "yes" else ""
    known = f", axes={values['axes']}" if values["axes"] else ""
    rows += [
        "# strokes: your drawing, [x0, y0, x1, y1, ...] in 0..255 each",
        f"figures = mirrored_figure({lines_})"
        if mirror
        else f'figures = placed_figures(zoo.load("{AXIS}"), {lines_}{known})',
        f"picture = dress(model, z[None], figures{body})  # (1, 4, 256, 256): colour and alpha in [0, 1]",
    ]
    return "\n".join(rows)


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: four species in one outline, (224, 224, 3) uint8."""
    kinds = [fields()[key].default for key in ("texture", "second")] + sixteen(3)[:2]
    painted = zip(
        *paint(latents(kinds), drawn({name: field.default for name, field in fields().items()}), body=True), strict=True
    )
    small = [np.asarray(Image.fromarray(on_white(*p)).resize((112, 112), Image.Resampling.BOX)) for p in painted]
    return np.concatenate([np.concatenate(small[:2], 1), np.concatenate(small[2:], 1)])


DEMO = Demo(
    title="Butterfly studio", line="Draw a butterfly, and dress it in another's pattern.", term="VAE",
    group="Draw", order=1, icon="brush", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, models=lambda: [MODEL], fields=fields, stage=stage, code=code, render=render, scale=1,
    exports=(Export("Outline (SVG)", "svg", "image/svg+xml", line),), thumbnail=thumbnail,
    buttons={
        "starter": Button("Start from", start_from, lambda v: {name: name for name in space().starters}),
        "wear": Button("Wear one of them", wear, offered),
    },
    layout=(
        Section(("butterfly",), fields=("drawing",), side="left", widths=(1, 1), under=("starter", "body", "each")),
        Section(lead=("source", "texture", "seed", "blend"), under=("second", "mix")),
        Section(("seen",), fields=("photo",), side="left", widths=(1, 1)),
        Section(more=("sliders",)),
        Section((Slot("sixteen", presses="wear"),), lead=("sixteen",)),
        Section(("forgotten",), lead=("forgotten",)),
    ),
    endpoints=(Endpoint(retexture, ("texture", "drawing:strokes", "mirror", "second", "blend", "sliders", "axes", "body")),),
)  # fmt: skip
