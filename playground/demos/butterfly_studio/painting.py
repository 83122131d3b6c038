"""What the butterfly studio computes: outlines, patterns z, and paintings."""

import os
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

import zoo
from playground import drawing
from playground.catalogue import load
from playground.components.canvas import mirrored
from playground.memory import remembered
from zoo import drawing as lines
from zoo import hub
from zoo.checkpoint import read_tensors
from zoo.cutouts import cut_out
from zoo.models.retexture import draw, wings
from zoo.nn import noise
from zoo.photos import read

MODEL = os.environ.get("ZOO_RETEXTURE", "retexture.butterflies")
SLIDERS, REACH = 8, 3.0
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


def drawn(strokes: drawing.Strokes, mirror: bool) -> tuple[Tensor, Tensor]:
    """Return a drawing's lines and the silhouette that they enclose, (1, 1, 256, 256) in [0, 1] each."""
    whole = lines.lines(mirrored(strokes) if mirror else strokes)
    size = load(MODEL).config.size
    return tuple(torch.from_numpy(f(whole, size))[None, None] for f in (lines.rasterise, lines.enclose))


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


@torch.inference_mode()
def paint(z: Tensor, strokes: Tensor, silhouette: Tensor, *, mirror: bool) -> np.ndarray:
    """Paint patterns (N, latent, rows, columns) into one drawing: (N, 256, 256, 4) uint8, transparent outside."""
    if not silhouette.any():
        size = silhouette.shape[-1]
        return np.zeros((len(z), size, size, 4), np.uint8)
    n = len(z)
    painted = load(MODEL).decode(z, strokes.expand(n, -1, -1, -1), silhouette.expand(n, -1, -1, -1), mirrored=mirror)
    # The model's alpha has soft edges; beyond the drawing's own outline nothing shows.
    alpha = painted[:, 3:] * (functional.max_pool2d(silhouette, 3, 1, 1) > 0.5)
    whole = torch.cat([painted[:, :3], alpha], 1)
    return (whole * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def on_white(painted: np.ndarray) -> np.ndarray:
    """Lay a painted picture (H, W, 4) uint8 on white: (H, W, 3) uint8."""
    alpha = painted[..., 3:] / 255
    return (painted[..., :3] * alpha + 255 * (1 - alpha)).round().astype(np.uint8)


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
