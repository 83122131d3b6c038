"""Draw and see: one drawing judged by every rung of the ladder at once, and what each of them looks at."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from playground import drawing
from playground.catalogue import card, doing, load
from playground.demo import Demo, Endpoint, Pictures, Refused, Section, Stage, Words
from playground.fields import Field, Values, integer, strokes
from playground.memory import remembered
from zoo.pictures import sheet

FIRST = [[80, 50, 125, 55, 170, 60, 140, 135, 110, 210]]  # a seven
TITLES = {
    "ladder.mnist-linear": "Logistic regression",
    "ladder.mnist-mlp": "Layers (MLP)",
    "scratch.mnist": "Layers, in numpy alone",
    "ladder.mnist-cnn": "Convolutions (CNN)",
    "vit.mnist": "Attention (ViT)",
    "judge.mnist": "The judge",
    "judge.mnist-robust": "The robust judge",
}
HOW = (
    "Each rung sees the same 784 numbers. **Logistic regression** has one weight for each pixel and class: it compares your drawing "
    "with ten blurred templates, and a shift of two pixels confuses it. **Layers** between find parts, but each at its own place. "
    "**Convolutions** look for the same part everywhere. **Attention** cuts the picture into patches that ask each other. A drawing is "
    "centred and scaled as MNIST's digits were, unless you shift it. The coloured pixels are those whose change would move the winner's "
    "score most; for the ViT they are the patches that its class token looks at."
)
EQUATION = r"p(y \mid x) = \mathrm{softmax}\bigl(W_n\,f(\dots f(W_1 x)\dots)\bigr)_y"
TRY_THIS = "Shift a digit pixel by pixel: who gives up first, and who last? Then draw a 4 and close its top: from when on is it a 9?"
MOST_SHIFT = 6  # pixels


@lru_cache(maxsize=1)
def models() -> list[str]:
    """Return the classifiers of digits at hand, the simplest first."""
    there = doing("classify", "label", "mnist")
    return [name for name in TITLES if name in there] + [name for name in there if name not in TITLES]


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return models()


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "drawing": strokes(FIRST, "draw a digit", size=240),
        "shift": integer(-MOST_SHIFT, MOST_SHIFT, 0, "Shift to the right, pixels"),
    }


def seen(strokes: drawing.Strokes, shift: int = 0) -> Tensor:
    """Return a drawing as the classifiers see it, (1, 1, 28, 28) in [0, 1].

    Args:
        shift: pixels to the right; what leaves the picture is lost.

    Raises:
        ValueError: nothing is drawn.
    """
    x = torch.tensor(drawing.digit(strokes))[None, None].float() / 255
    return torch.nn.functional.pad(x, (shift, -shift))


@torch.inference_mode()
def judged(name: str, x: Tensor) -> np.ndarray:
    """Return a classifier's probability of each digit: (10,)."""
    return load(name).classify(x)[0].numpy()


def looked_at(name: str, x: Tensor) -> np.ndarray:
    """Return what counts for the likeliest digit by the model's own account: (28, 28) in [0, 1], the largest 1."""
    found = load(name).saliency(x)[0].numpy()
    return found / max(float(found.max()), 1e-9)


def shaded(x: Tensor, weight: np.ndarray) -> np.ndarray:
    """Lay a drawing (1, 1, 28, 28) over what is looked at (28, 28): (28, 28, 3) uint8, orange where it counts, dark on ink."""
    weight, ink = weight[..., None], x[0, 0].numpy()[..., None]
    paper = 255 + (np.array([240, 150, 80]) - 255) * weight
    line = 27 + (np.array([190, 80, 0]) - 27) * weight
    return (paper * (1 - ink) + line * ink).round().astype(np.uint8)


def caption(p: np.ndarray, name: str) -> str:
    """Return what a classifier reads, of its probabilities (10,): the likeliest two digits."""
    second, first = np.argsort(p)[-2:]
    return f"{TITLES.get(name, name)}: {first}, {100 * p[first]:.0f} %; then {second}, {100 * p[second]:.0f} %"


def legend() -> str:
    """Return what the colours mean, and each classifier's accuracy on the test digits, from its card."""
    accuracies = " · ".join(f"{TITLES.get(name, name)} {card(name).metric('accuracy')}" for name in models())
    return f"Orange: what counts for the answer. {accuracies} of the test digits right."


def shades(v: Values) -> dict[str, np.ndarray]:
    """Return the drawing as each classifier looks at it, as `shaded` does; nothing where nothing is drawn."""
    if not any(v["drawing"]):
        return {}
    x = seen(v["drawing"], v["shift"])
    return {name: shaded(x, looked_at(name, x)) for name in models()}


def answers(v: Values) -> dict[str, np.ndarray]:
    """Return what each classifier makes of the drawing, as `judged` does."""
    x = seen(v["drawing"], v["shift"])
    return {name: judged(name, x) for name in models()}


def stage(v: Values) -> Stage:
    """Return the drawing as each classifier looks at it, and what it reads."""
    if not any(v["drawing"]):
        return {"seen": Words("Nothing is drawn yet: draw a digit on the pad.", quiet=True)}
    read = answers(v)
    alts = [f"{TITLES.get(name, name)} reads a {p.argmax()}" for name, p in read.items()]
    said = [caption(p, name) for name, p in read.items()]
    pictures = Pictures(list(shades(v).values()), alts, said, columns=4, largest=190, crisp=6)
    return {"seen": [pictures, Words(legend(), quiet=True)]}


def render(v: Values) -> np.ndarray:
    """Return the download: the drawing as each classifier looks at it, side by side; white where nothing is drawn."""
    return np.concatenate(list(shades(v).values()) or [np.full((28, 28, 3), 255, np.uint8)], 1)


def judge(v: Values) -> dict[str, list[float]]:
    """Return each classifier's probability of each digit; shift is in pixels."""
    if not any(v["drawing"]):
        raise Refused("Nothing is drawn yet: send strokes.")
    return {name: p.tolist() for name, p in answers(v).items()}


def code(v: Values) -> str:
    """Return the lines of Python that judge the same drawing."""
    names = ", ".join(f'"{name}"' for name in models())
    return (
        f"import zoo\n\nfor name in ({names}):\n"
        "    p = zoo.load(name).classify(x)[0]  # x: your drawing, (1, 1, 28, 28) in [0, 1]\n    print(name, int(p.argmax()), float(p.max()))"
    )


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: a seven as four classifiers look at it, (56, 56, 3) uint8."""
    x = seen(FIRST)
    names = (models() * 4)[:4]
    return sheet(np.stack([shaded(x, looked_at(name, x)) for name in names]), 2)


DEMO = Demo(
    title="Draw and see", line="One drawing, judged by every kind of network at once.", term="image classifiers",
    group="Draw", order=2, icon="visibility", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, fields=fields, stage=stage, code=code, render=render, thumbnail=thumbnail,
    layout=(Section(("seen",), side="left", fields=("drawing", "shift")),),
    endpoints=(Endpoint(judge, ("drawing:strokes", "shift")),),
)  # fmt: skip
