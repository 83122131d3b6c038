"""What the butterfly studio computes: outlines, patterns z, and paintings."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

import zoo
from playground import drawing
from playground.catalogue import load
from playground.components.canvas import mirrored
from playground.memory import remembered
from zoo import contour, hub
from zoo import drawing as lines
from zoo.checkpoint import read_tensors
from zoo.cutouts import cut_out
from zoo.dressing import Figure, lay, layers, mirrored_figure, own_layers, placed_figures
from zoo.models.retexture import draw, wings
from zoo.nn import noise
from zoo.photos import read
from zoo.placement import Placement

MODEL, AXIS, BODY = os.environ.get("ZOO_RETEXTURE", "retexture.butterflies"), "axis.butterflies", "body.butterflies"
SIZE, SHARP = 256, 2  # of the pictures, pixels; how much larger they are where butterflies are turned or small
SLIDERS, REACH = 8, 3.0
# Where the processor multiplies bfloat16, networks take two thirds of the time, for 0.3 of 255 in the mean and some 5 at most.
DTYPE = torch.bfloat16 if getattr(torch.cpu, "_is_avx512_bf16_supported", bool)() else torch.float32
HINDWING = 0.53  # where the hindwing begins in wing coordinates; see zoo.wings.LANDMARKS


@dataclass(frozen=True)
class Space:
    """What the checkpoint knows beside its weights; see `extras` in train/retexture.py."""

    names: tuple[str, ...]
    gallery: Tensor
    centre: Tensor
    components: Tensor
    spread: Tensor
    starters: dict[str, list[list[int]]]


@remembered
def space() -> Space:
    """Return the gallery, the prior and the starter outlines, read once."""
    t = zoo.extras(MODEL)
    families = bytes(t["families"].tolist()).decode().split("\n")
    strokes = {name: [outline.flatten().tolist()] for name, outline in zip(families, t["outlines"], strict=True)}
    return Space(
        names=tuple(bytes(t["names"].tolist()).decode().split("\n")),
        gallery=t["gallery"].float(),
        centre=t["centre"].float(),
        components=t["components"].float(),
        spread=t["spread"],
        starters=strokes,
    )


def title(kind: str) -> str:
    """Return a kind's name for people: 'Papilio machaon, dorsal' of 'Papilio machaon|machaon|dorsal'."""
    species, form, view = kind.split("|")
    form = "" if form.lower() in species.lower() else form
    return ", ".join(part for part in (species[:1].upper() + species[1:], form, view) if part)


@remembered
def figures(strokes: str, mirror: bool, axes: str) -> tuple[Figure, ...]:
    """Return the butterflies of a drawing; strokes and axes as links write them.

    Args:
        mirror: the pad's middle line is the axis of the only one.
    """
    size, given = load(MODEL).config.size, drawing.decode(strokes)
    if mirror:
        return tuple(mirrored_figure(lines.lines(mirrored(given)), size))
    return tuple(placed_figures(load(AXIS), lines.lines(given), drawing.decode(axes), size))


def latent(kind: str) -> Tensor:
    """Return the gallery's z of a kind: (latent, rows, columns)."""
    return space().gallery[space().names.index(kind)]


def latents(kinds: list[str]) -> Tensor:
    """Return the gallery's z of several kinds: (N, latent, rows, columns)."""
    return torch.stack([latent(kind) for kind in kinds])


def sixteen(seed: int) -> list[str]:
    """Return sixteen kinds of different species, by chance."""
    species: dict[str, str] = {}
    for i in np.random.default_rng(seed).permutation(len(space().names)):
        name = space().names[i]
        species.setdefault(name.split("|")[0], name)
    return list(species.values())[:16]


def random(seed: int) -> Tensor:
    """Return a z from the prior: a Gaussian fitted to the training specimens' z along its 64 strongest directions."""
    s = space()
    z = s.centre + (noise(1, len(s.spread), seed=seed)[0] * s.spread) @ s.components
    return z.view(s.gallery.shape[1:])


def mixed(a: Tensor, b: Tensor, mix: str, blend: float) -> Tensor:
    """Blend two patterns, or join the forewing of one with the hindwing of the other.

    Args:
        blend: 0 is all a, 1 all b; in 'wings', how much of b's hindwing.
    """
    if mix == "blend":
        return torch.lerp(a, b, blend)
    columns = (torch.arange(a.shape[-1]) + 0.5) / a.shape[-1]
    return torch.lerp(a, b, blend * ((columns - HINDWING) * a.shape[-1] + 0.5).clamp(0, 1))


def moved(z: Tensor, sliders: tuple[float, ...]) -> Tensor:
    """Move z by so many standard deviations along the strongest directions."""
    s = space()
    step = (torch.tensor(sliders) * s.spread[: len(sliders)]) @ s.components[: len(sliders)]
    return z + step.view(z.shape)


def paint(
    z: Tensor, drawn: Sequence[Figure], size: int = SIZE, *, body: bool = False
) -> tuple[np.ndarray, Sequence[np.ndarray]]:
    """Paint patterns (N, latent, rows, columns), or (N, figures, latent, ...), into a drawing.

    Returns:
        wings (N, size, size, 4) uint8, transparent outside; and bodies, the same to be laid over them, none unless asked for.
    """
    wings, bodies = layers(load(MODEL), z, drawn, size, body=load(BODY) if body else None, dtype=DTYPE)
    bodies = bodies * (bodies[:, 3:] > 0.5 / 255)  # what does not show takes no room
    return _bytes(wings), _bytes(bodies) if body else ()


def _bytes(pictures: Tensor) -> np.ndarray:
    return (pictures * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def turned(drawn: Sequence[Figure]) -> bool:
    """Return whether any butterfly does not stand upright in the middle of the pad."""
    return any(figure.placement != Placement() for figure in drawn)


def rings(drawn: Sequence[Figure]) -> list[np.ndarray]:
    """Return the butterflies' outlines as smooth rings on the pad, in its SIZE x SIZE pixels; see `contour.rings`."""
    return [
        figure.placement.on_pad(ring - 0.5) + 0.5
        for figure in drawn
        for ring in contour.rings(figure.silhouette[0, 0].numpy())
    ]


@torch.inference_mode()
def enlarged(z: Tensor, drawn: Sequence[Figure], *, body: bool = False) -> np.ndarray:
    """Return a picture of one pattern, as `paint` has it, four times as large and cut along smooth outlines: (1024, 1024, 4) uint8."""
    large = 4 * SIZE
    total = Image.new("RGBA", (large, large))
    tops = []
    for i, figure in enumerate(drawn):
        own = z[:, i] if z.ndim == 5 else z
        wings, layer = own_layers(load(MODEL), own, figure, body=load(BODY) if body else None, dtype=DTYPE)
        colour = torch.from_numpy(contour.spread(_bytes(wings)[0])).permute(2, 0, 1)[None].float() / 255
        laid = _bytes(figure.placement.laid(colour, large).clamp(0, 1))[0]
        total.alpha_composite(Image.fromarray(np.dstack([laid, contour.cover(rings([figure]), SIZE, 4)])))
        if layer is not None:
            tops.append(Image.fromarray(_bytes(lay(layer, figure, large))[0]))
    for top in tops:
        total.alpha_composite(top)
    return np.asarray(total)


def on_white(*painted: np.ndarray) -> np.ndarray:
    """Lay painted pictures (H, W, 4) uint8, one over the other, on white: (H, W, 3) uint8."""
    shown = np.full((*painted[0].shape[:2], 3), 255.0)
    for picture in painted:
        alpha = picture[..., 3:] / 255
        shown = picture[..., :3] * alpha + shown * (1 - alpha)
    return shown.round().astype(np.uint8)


# What is shown of a specimen, by the names in forgotten.safetensors; see `forgotten` in train/retexture_study.py.
GUESSES = {
    "true": "its own outline",
    "by_kind": "guessed from its name",
    "with_adversary": "guessed from z, with the adversary",
    "without_adversary": "guessed from z, without",
}


@remembered
def _forgotten() -> dict[str, Tensor]:
    path = hub.find(MODEL)[0] / "forgotten.safetensors"
    return read_tensors(path) if path.exists() else {}


def forgotten(kind: str) -> dict[str, np.ndarray]:
    """Return what a fresh network reads of a specimen's outline: a grey picture (128, 128) uint8 for each title; {} where unknown."""
    known = _forgotten()
    names = bytes(known["names"].tolist()).decode().split("\n") if known else []
    if kind not in names:
        return {}
    shown = {}
    for key, title_ in GUESSES.items():
        half = known[key][names.index(kind)][None, None].float()
        whole = functional.interpolate(wings.join(half, half), (128, 128), mode="bilinear")
        shown[title_] = whole[0, 0].round().to(torch.uint8).numpy()
    return shown


@torch.inference_mode()
def encode(photo: bytes) -> tuple[Tensor, np.ndarray]:
    """Encode a photo's pattern: z, and the cut-out (256, 256, 4) uint8 that the encoder saw.

    Raises:
        PhotoError: not a picture, too large, or its background cannot be told from the butterfly.
    """
    size = load(MODEL).config.size
    cut = cut_out(read(photo, largest=2 * size), size)
    mask = torch.from_numpy(cut.mask)
    picture = torch.from_numpy(cut.pixels).permute(2, 0, 1)[None] * mask + 1 - mask
    z = draw(*load(MODEL).encode(picture, mask[None, None]))
    shown = np.concatenate([cut.pixels, cut.mask[..., None]], -1)
    return z[0], (shown * 255).round().astype(np.uint8)
