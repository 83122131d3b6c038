"""Latent sliders: walk through a VAE's latent space along the directions in which digits differ most."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

import zoo
from playground import charts, drawing
from playground.catalogue import load
from playground.demo import Beside, Chart, Demo, Drawn, Endpoint, Moving, Pictures, Refused, Section, Slot, Stage, Words
from playground.fields import Field, Values, choice, integer, numbers, seed, strokes
from playground.memory import remembered
from zoo.nn import noise
from zoo.pictures import pixels, sheet

SHORT = {"vae.mnist-cnn": "CNN", "vae.mnist-mlp": "MLP"}  # what pictures by them are called
MODELS = tuple(SHORT)
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


@remembered
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
        "start": choice(STARTS, "digit", "Start from"),
        "seed": seed(when=lambda v: v["start"] == "point"),
        "digit": integer(0, MAPPED - 1, 61, "Test digit", look="typed", when=lambda v: v["start"] == "digit"),
        "to": integer(0, MAPPED - 1, 110, "Morph into test digit"),
        "drawing": strokes([], "draw a digit", when=lambda v: v["start"] == "drawing", size=280),
        "along": choice(MODELS, MODELS[0], "Small pictures by"),
        "sliders": numbers(
            len(space(MODELS[0]).spread), -REACH, REACH, "Direction", first=4,
            ends=lambda i, v: directions(v["along"])[i],
        ),
    }  # fmt: skip


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


@remembered
def directions(name: str) -> np.ndarray:
    """Show what each slider does to the mean digit: its two ends, (latent, 2, 28, 28) uint8."""
    s = space(name)
    ends = torch.tensor([-REACH, REACH])[None, :, None] * (s.spread[:, None] * s.components)[:, None]
    return decode(name, (s.centre + ends).flatten(0, 1)).reshape(-1, 2, 28, 28)


def morph(name: str, a: Tensor, b: Tensor, frames: int = 12) -> np.ndarray:
    """Decode the straight line from one code to another: (frames, 28, 28) uint8."""
    share = torch.linspace(0, 1, frames)[:, None]
    return decode(name, (1 - share) * a + share * b)


def starts(v: Values) -> dict[str, Tensor]:
    """Return the code that each model starts from: the mean digit's until one is drawn."""
    if v["start"] == "drawing" and not any(v["drawing"]):
        return {name: space(name).centre for name in MODELS}
    at = {"seed": v["seed"], "digit": v["digit"], "strokes": v["drawing"]}
    return {name: start(name, v["start"], **at) for name in MODELS}


def codes(v: Values) -> dict[str, Tensor]:
    """Return where the sliders lead, by model."""
    return {name: move(name, z, v["sliders"]) for name, z in starts(v).items()}


def films(v: Values) -> dict[str, np.ndarray]:
    """Return the frames from there to another test digit, by model."""
    return {name: morph(name, z, space(name).mean[v["to"]]) for name, z in codes(v).items()}


def stage(v: Values) -> Stage:
    """Return the digits, the map of test digits to start from, and the ways to another digit."""
    pictures = [decode(name, z) for name, z in codes(v).items()]
    alts, captions = [f"digit decoded by {name}" for name in MODELS], [*SHORT.values()]
    drawn = v["start"] == "drawing" and any(v["drawing"])
    if drawn:
        pictures.append(drawing.digit(v["drawing"]))
        alts.append("your drawing as the models see it")
        captions.append("your drawing")
    columns = 3 if v["start"] == "drawing" else 2  # the same before the first stroke and after it
    about = {"digit": f"{MAPPED:,} encoded test digits (t-SNE): start from any of them by its number."}
    if v["start"] == "drawing" and not drawn:
        about = {"drawing": "The mean digit is shown, until you draw one on the pad."}
    moving = [[Moving(frames, f"{name}: from one digit to the other")] for name, frames in films(v).items()]
    return {
        "decoded": Pictures(pictures, alts, captions, columns=columns, largest=220, scale=8),
        "about": Words(about[v["start"]], quiet=True) if v["start"] in about else None,
        "map": on_map(v["along"], v["digit"]) if v["start"] == "digit" else None,
        "film": Beside(moving, least="20rem"),
    }


def on_map(name: str, digit: int) -> Chart:
    """Return the map of the encoded test digits, one of them ringed."""
    points, labels = space(name).map.numpy(), space(name).label[:MAPPED].numpy()
    return Chart(lambda colors: charts.cloud(colors, points, labels, digit), height=380, picks="digit")


def render(v: Values) -> np.ndarray:
    """Return the download: both models' digits side by side."""
    return np.concatenate([decode(name, z) for name, z in codes(v).items()], 1)


def decoded(v: Values) -> tuple[list[Drawn], dict[str, Any]]:
    """Decode where the sliders lead: a 28x28 PNG for each model, ink on white; and its code z.

    Start is 'point' (by seed), 'digit' (an encoded test digit) or 'drawing' (strokes); sliders are in standard deviations.
    """
    refuse_nothing(v)
    z = codes(v)
    return [Drawn(decode(name, z[name])) for name in MODELS], {name: z[name].tolist() for name in MODELS}


def morphed(v: Values) -> list[Drawn]:
    """Morph from where the sliders lead to another test digit: a PNG for each model, 12 steps of 28x28 side by side."""
    refuse_nothing(v)
    return [Drawn(sheet(frames, 12)) for frames in films(v).values()]


def refuse_nothing(v: Values) -> None:
    """Refuse an empty drawing: a page waits for the first stroke, a caller does not."""
    if v["start"] == "drawing" and not any(v["drawing"]):
        raise Refused("Nothing is drawn yet: send strokes, lists of x0, y0, x1, y1, ... from 0 to 255.")


def code(v: Values) -> str:
    """Return the lines of Python that give the same picture."""
    first = {
        "point": f"z = noise(1, model.config.latent, seed={v['seed']})[0]",
        "digit": f'z = space["mean"][{v["digit"]}].float()  # an encoded test digit',
        "drawing": "z = model.encode(x)[0][0]  # x: your drawing, (1, 1, 28, 28) in [0, 1]",
    }[v["start"]]
    lines = ["import torch", "import zoo", *(["from zoo.nn import noise"] if v["start"] == "point" else [])]
    lines += ["", f'model, space = zoo.load("{MODELS[0]}"), zoo.extras("{MODELS[0]}")', first]
    used = max((i + 1 for i, value in enumerate(v["sliders"]) if value), default=0)
    if used:
        moves = ", ".join(f"{value:g}" for value in v["sliders"][:used])
        lines += [
            f"sliders = torch.tensor([{moves}])",
            f'z = z + (sliders * space["spread"][:{used}]) @ space["components"][:{used}]',
        ]
    return "\n".join([*lines, "x = model.decode(z[None])  # (1, 1, 28, 28) in [0, 1]"])


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: one digit under two sliders, (112, 112) uint8."""
    name = MODELS[0]
    steps = torch.linspace(-1.8, 1.8, 4)
    s = space(name)
    z = torch.stack([
        s.mean[61] + y * s.spread[0] * s.components[0] + x * s.spread[1] * s.components[1] for y in steps for x in steps
    ])  # fmt: skip
    return sheet(decode(name, z), 4)


DEMO = Demo(
    title="Latent sliders", line="Twenty sliders, and every digit there is between them.", term="VAE latent space",
    group="Digits", order=2, icon="tune", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, fields=fields, stage=stage, code=code, render=render, thumbnail=thumbnail,
    layout=(
        Section(
            ("decoded",), lead=("start",), fields=("seed", "digit", "drawing", "sliders"), more=("along",),
            more_title="Small pictures", widths=(1, 1), stays=True,
        ),
        Section(("about", Slot("map", charts=1))),
        Section(("film",), lead=("to",)),
    ),
    endpoints=(
        Endpoint(decoded, ("start", "seed", "digit", "drawing:strokes", "sliders"), "decode", fixed={"to": 0}),
        Endpoint(morphed, ("start", "seed", "digit", "drawing:strokes", "sliders", "to"), "morph"),
    ),
)  # fmt: skip
