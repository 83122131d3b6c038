"""Latent sliders: walk through a VAE's latent space along the directions in which digits differ most."""

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import zoo
from playground.demos import drawing, load
from playground.demos.recipe import Field, choice, integer, numbers
from zoo.nn import MAX_SEED, noise
from zoo.pictures import pixels, sheet

MODELS = ("vae.mnist-cnn", "vae.mnist-mlp")
STARTS = {"point": "Random point", "digit": "Test digit", "drawing": "Your drawing"}
REACH = 3.0  # standard deviations either way
MAPPED = 2500  # encoded test digits on the map
HOW = (
    "A VAE packs each digit into 20 numbers *z* and draws it again from them. Because it is pushed to fill the "
    "space around 0 evenly, every point between two digits is a picture too. The 20 raw axes mean little, so the "
    "sliders move along the **principal directions** of 10,000 encoded test digits, the strongest first; the "
    "small pictures show what each does to the mean digit. Units are standard deviations. Both models start "
    "from the same digit, and slider *k* moves each along its own *k*-th direction. The MLP sees 784 loose pixels; "
    "the CNN knows which are neighbours, and needs a third of the parameters."
)
EQUATION = r"\hat{x} = \mathrm{decode}\Bigl(z + \sum_k s_k\, \sigma_k\, v_k\Bigr)"
TRY_THIS = "Draw a digit, then find the slider that leans it over. Which one closes its loops?"


@dataclass(frozen=True)
class Space:
    """A VAE's latent space as the 10,000 test digits fill it; see `extras` in train/vae.py."""

    mean: Tensor
    label: Tensor
    centre: Tensor
    components: Tensor
    spread: Tensor
    map: Tensor


@lru_cache(maxsize=8)
def space(name: str) -> Space:
    """Return a checkpoint's latent space, read once."""
    tensors = zoo.extras(name)
    return Space(**{key: t if key == "label" else t.float() for key, t in tensors.items()})


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return list(MODELS)


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "start": choice(STARTS, "digit"),
        "seed": integer(0, MAX_SEED, 1),
        "digit": integer(0, MAPPED - 1, 61),
        "to": integer(0, MAPPED - 1, 110),
        "drawing": drawing.FIELD,
        "along": choice(MODELS, MODELS[0]),
        "sliders": numbers(len(space(MODELS[0]).spread), -REACH, REACH),
    }


@torch.inference_mode()
def start(name: str, kind: str, *, seed: int = 0, digit: int = 0, strokes: drawing.Strokes = ()) -> Tensor:
    """Return the code z (latent,) to start from.

    Args:
        name: a checkpoint of `MODELS`.
        kind: 'point' (a draw from the prior), 'digit' (an encoded test digit) or 'drawing'.

    Raises:
        ValueError: the drawing is empty.
    """
    if kind == "point":
        return noise(1, len(space(name).spread), seed=seed)[0]
    if kind == "digit":
        return space(name).mean[digit]
    x = torch.tensor(drawing.digit(strokes))[None, None].float() / 255
    return load(name).encode(x)[0][0]


def move(name: str, z: Tensor, sliders: tuple[float, ...]) -> Tensor:
    """Move z (latent,) by so many standard deviations along each principal direction."""
    s = space(name)
    return z + (torch.tensor(sliders) * s.spread) @ s.components


@torch.inference_mode()
def decode(name: str, z: Tensor) -> np.ndarray:
    """Decode one z (latent,) or several (N, latent): (28, 28) or (N, 28, 28) uint8."""
    picture = pixels(load(name).decode(z.reshape(-1, z.shape[-1])))
    return picture[0] if z.ndim == 1 else picture


@lru_cache(maxsize=8)
def directions(name: str) -> np.ndarray:
    """Show what each slider does to the mean digit: its two ends, (latent, 2, 28, 28) uint8."""
    s = space(name)
    ends = torch.tensor([-REACH, REACH])[None, :, None] * (s.spread[:, None] * s.components)[:, None]
    return decode(name, (s.centre + ends).flatten(0, 1)).reshape(-1, 2, 28, 28)


def morph(name: str, a: Tensor, b: Tensor, frames: int = 12) -> np.ndarray:
    """Decode the straight line from one code to another: (frames, 28, 28) uint8."""
    share = torch.linspace(0, 1, frames)[:, None]
    return decode(name, (1 - share) * a + share * b)


def animation(frames: np.ndarray, ink: tuple[int, int, int], scale: int = 6) -> bytes:
    """Encode frames (N, 28, 28) as a WebP that plays to and fro, ink on a transparent ground."""
    images = []
    for alpha in [*frames, *frames[-2:0:-1]]:
        image = Image.new("RGBA", (28, 28), (*ink, 0))
        image.putalpha(Image.fromarray(alpha))
        images.append(image.resize((28 * scale, 28 * scale), Image.Resampling.NEAREST))
    buffer = io.BytesIO()
    images[0].save(
        buffer, "WEBP", save_all=True, append_images=images[1:], duration=90, loop=0, lossless=True, method=0
    )
    return buffer.getvalue()


def code(name: str, kind: str, sliders: tuple[float, ...], *, seed: int, digit: int) -> str:
    """Return the lines of Python that give the same picture."""
    first = {
        "point": f"z = noise(1, model.config.latent, seed={seed})[0]",
        "digit": f'z = space["mean"][{digit}].float()  # an encoded test digit',
        "drawing": "z = model.encode(x)[0][0]  # x: your drawing, (1, 1, 28, 28) in [0, 1]",
    }[kind]
    lines = ["import torch", "import zoo", *(["from zoo.nn import noise"] if kind == "point" else [])]
    lines += ["", f'model, space = zoo.load("{name}"), zoo.extras("{name}")', first]
    used = max((i + 1 for i, value in enumerate(sliders) if value), default=0)
    if used:
        moves = ", ".join(f"{value:g}" for value in sliders[:used])
        lines += [
            f"sliders = torch.tensor([{moves}])",
            f'z = z + (sliders * space["spread"][:{used}]) @ space["components"][:{used}]',
        ]
    return "\n".join([*lines, "x = model.decode(z[None])  # (1, 1, 28, 28) in [0, 1]"])


@lru_cache(maxsize=1)
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: one digit under two sliders, (112, 112) uint8."""
    name = MODELS[0]
    steps = torch.linspace(-1.8, 1.8, 4)
    s = space(name)
    z = torch.stack([
        s.mean[61] + y * s.spread[0] * s.components[0] + x * s.spread[1] * s.components[1] for y in steps for x in steps
    ])  # fmt: skip
    return sheet(decode(name, z), 4)
