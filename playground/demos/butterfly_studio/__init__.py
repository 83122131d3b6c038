"""Butterfly studio: draw an outline, and see it wear another species' pattern."""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from torch import Tensor

from playground.demo import Button, Demo, Drawn, Endpoint, Part, Pictures, Section, Slot, Stage, Words
from playground.demos.butterfly_studio.painting import (
    HINDWING,
    MODEL,
    REACH,
    SLIDERS,
    drawn,
    encode,
    forgotten,
    latent,
    latents,
    mixed,
    moved,
    on_white,
    paint,
    random,
    sixteen,
    space,
    title,
)  # fmt: skip
from playground.fields import Field, Values, choice, file, integer, numbers, seed, strokes, switch
from playground.memory import remembered
from playground.photo import PhotoError
from playground.recipe import MAX_UPLOAD

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
    "that wing tips and the notch between the wings lie at the same place in all. It packs what it sees there into a small map *z* of the "
    "pattern. The painter gets *z* and your drawing, and paints. So that the shape comes from the drawing alone, a second "
    "network, the **adversary**, tries to tell the outline from *z*, and the encoder is trained until it can tell no more than the "
    "species gives away. What stretching the picture does to *z* is erased afterwards, as far as it is linear."
)
EQUATION = (
    r"\min_{q,\,p}\; \mathbb{E}\,\lVert x - p(z, c)\rVert_1 + \beta\,\mathrm{KL}\bigl(q(z \mid x)\,\Vert\,\mathcal{N}(0, I)\bigr)"
    r" + \lambda\, D\bigl(a(c \mid z),\, a(c \mid \text{species})\bigr)"
)
TRY_THIS = "Take a swallowtail's outline, bend its wings with the bend tool, and give it a birdwing's green."


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [MODEL]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    s = space()
    first, second = (name if name in s.names else s.names[0] for name in (FIRST, SECOND))
    kinds = {name: title(name) for name in s.names}
    return {
        "drawing": strokes(
            next(iter(s.starters.values())), "draw half a butterfly", size=460, width=3, tools=True, mirror="mirror"
        ),
        "mirror": switch(True, ""),
        "source": choice(SOURCES, "species", "Pattern of"),
        "texture": choice(kinds, first, "Species (type to search)", look="list", when=lambda v: v["source"] == "species"),
        "second": choice(kinds, second, "Second species", look="list", when=lambda v: v["blend"] > 0),
        "mix": choice(MIXES, "blend", "How", when=lambda v: v["blend"] > 0),
        "blend": integer(0, 100, 0, "Mix in a second species", unit="%"),
        "seed": seed(when=lambda v: v["source"] == "random"),
        "sliders": numbers(
            SLIDERS, -REACH, REACH, "Direction", "Principal directions of z, the strongest first, in standard deviations"
        ),
        "photo": file(
            "A butterfly, or anything, on a plain ground", "It is there for this page alone, deleted after a day at most, and not in the link.",
            types=("png", "jpg", "jpeg", "webp"), most=MAX_UPLOAD, when=lambda v: v["source"] == "photo",
        ),
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


def outline(v: Values) -> tuple[Tensor, Tensor, bool]:
    """Return the drawing's lines and silhouette, as `drawn` does, and whether it is mirrored."""
    return *drawn(v["drawing"], v["mirror"] == "yes"), v["mirror"] == "yes"


def stage(v: Values) -> Stage:
    """Return the butterfly, the cut-out photo, and where asked for sixteen other patterns and what the encoder forgot."""
    lines, silhouette, mirror = outline(v)
    z, seen = pattern(v)
    butterfly = paint(z[None], lines, silhouette, mirror=mirror)

    def worn() -> Pictures:
        kinds = sixteen(v["seed"])
        titles = [title(kind) for kind in kinds]
        painted = paint(latents(kinds), lines, silhouette, mirror=mirror)
        return Pictures(painted, titles, titles, columns=4, largest=180)

    return {
        "butterfly": Pictures(butterfly, ["your butterfly"], columns=1, largest=480, phone=200),
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
    """Return the download: the butterfly on white, (256, 256, 3) uint8."""
    lines, silhouette, mirror = outline(v)
    return on_white(paint(pattern(v)[0][None], lines, silhouette, mirror=mirror)[0])


def retexture(v: Values) -> Drawn:
    """Paint a species' pattern into a drawing: a 256x256 PNG. Strokes are lists of x0, y0, x1, y1, ... from 0 to 255."""
    return Drawn(render(v))


def start_from(v: Values, name: str) -> Values:
    """Put a starter outline on the pad."""
    return {"drawing": space().starters[name], "mirror": "yes"}


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
    mirror = values["mirror"] == "yes"
    rows += ["from playground.components.canvas import mirrored"] * mirror + more.get(values["source"], [])
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
    rows += [
        f"lines = drawing.lines({'mirrored(strokes)' if mirror else 'strokes'})  # strokes: your drawing, [x0, y0, x1, y1, ...] in 0..255 each",
        "strokes, silhouette = (torch.from_numpy(f(lines))[None, None] for f in (drawing.rasterise, drawing.enclose))",
        f"picture = model.decode(z[None], strokes, silhouette, mirrored={mirror})  # (1, 4, 256, 256): colour and alpha in [0, 1]",
        "picture[:, 3:] *= torch.nn.functional.max_pool2d(silhouette, 3, 1, 1) > 0.5  # nothing beyond the outline",
    ]
    return "\n".join(rows)


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: four species in one outline, (224, 224, 3) uint8."""
    lines_, silhouette = drawn(next(iter(space().starters.values())), mirror=True)
    kinds = [fields()[key].default for key in ("texture", "second")] + sixteen(3)[:2]
    painted = paint(latents(kinds), lines_, silhouette, mirror=True)
    small = [np.asarray(Image.fromarray(on_white(p)).resize((112, 112), Image.Resampling.BOX)) for p in painted]
    return np.concatenate([np.concatenate(small[:2], 1), np.concatenate(small[2:], 1)])


DEMO = Demo(
    title="Butterfly studio", line="Draw a butterfly, and dress it in another's pattern.", term="VAE",
    group="Draw", order=1, icon="brush", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, fields=fields, stage=stage, code=code, render=render, scale=2, thumbnail=thumbnail,
    buttons={
        "starter": Button("Start from", start_from, lambda v: {name: name for name in space().starters}),
        "wear": Button("Wear one of them", wear, offered),
    },
    layout=(
        Section(("butterfly",), fields=("drawing",), side="left", widths=(1, 1), under=("starter",)),
        Section(lead=("source", "texture", "seed", "blend"), under=("second", "mix")),
        Section(("seen",), fields=("photo",), side="left", widths=(1, 1)),
        Section(more=("sliders",)),
        Section((Slot("sixteen", presses="wear"),), lead=("sixteen",)),
        Section(("forgotten",), lead=("forgotten",)),
    ),
    endpoints=(Endpoint(retexture, ("texture", "drawing:strokes", "mirror", "second", "blend", "sliders")),),
)  # fmt: skip
