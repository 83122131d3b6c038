"""What does a classifier dream of? Four ways to a picture that it is sure of."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from playground.catalogue import load
from playground.demo import Demo, Drawn, Endpoint, Pictures, Section, Stage
from playground.fields import Field, Values, digit, integer, number, seed
from playground.memory import remembered
from zoo.nn import noise, uniform
from zoo.pictures import pixels, sheet

PLAIN, ROBUST = "judge.mnist", "judge.mnist-robust"
WAYS = {
    "guess": "Random changes, kept when the score rises",
    "ascent": "Uphill by the gradient",
    "calm": "Uphill, but smooth",
    "robust": "Uphill in a robust classifier",
}
GUESSES = 60  # rounds of random changes
STEPS = 60  # uphill
HOW = (
    "A classifier says how sure it is that a picture is a 3. What is the picture that it is surest of? The naive way changes pixels at "
    "random and keeps what raises the score: it ends at static, and the classifier is certain. That is no fault of the search: the "
    "**gradient** finds the same kind of picture faster. Nothing in training said that static is not a 3, so nearly all of the space "
    "is free to be anything. *Smooth* steps, with small shifts, blur and a pull towards empty paper, keep to what looks drawn. A "
    "**robust** classifier was trained on the worst pictures nearby: its gradient has to change strokes to change its mind."
)
EQUATION = r"x \leftarrow x + \eta\,\frac{\nabla_x \log p(y \mid x)}{\lVert\nabla_x \log p(y \mid x)\rVert}"
TRY_THIS = "Compare the four certainties. Then choose 1, and watch where each classifier puts the stroke."


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [PLAIN, ROBUST]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "label": digit("3"),
        "seed": seed(),
        "size": number(
            0.05, 1.0, 0.3, "Length of a step uphill", "Euclidean, over all pixels; random changes have none"
        ),
        "steps": integer(1, STEPS, STEPS, "Moment", "Steps uphill, or rounds of random changes"),
    }


def start(seed: int) -> Tensor:
    """Return dim random paper, (1, 1, 28, 28) in [0, 1]."""
    return (0.1 + 0.05 * noise(1, 1, 28, 28, seed=seed)).clamp(0, 1)


@remembered
def dream(way: str, label: int, seed: int, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Make a picture that a classifier takes for a digit.

    Args:
        way: one of `WAYS`.
        size: length of a step uphill, Euclidean over all pixels.

    Returns:
        the pictures on the way, (moments, 28, 28) uint8; how sure the classifier is of the label in each (moments,).
    """
    if way == "guess":
        return guess(label, seed)
    model = load(ROBUST if way == "robust" else PLAIN)
    x = start(seed)
    way_there = [x]
    for i in range(STEPS):
        x = uphill(model, x, label, size, calm=way == "calm", seed=seed, step=i)
        way_there.append(x)
    return shown(model, way_there, label)


@remembered
@torch.inference_mode()
def guess(label: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Change two or three pixels at random, a hundred times a round, and keep the best change if it raises the score; as `dream`."""
    model, x = load(PLAIN), start(seed)
    way_there = [x]
    for i in range(GUESSES):  # 100 tries a round, so that it ends in seconds
        chance = torch.from_numpy(uniform(100, 784, seed=seed, start=1 + 100 * i)).view(100, 1, 28, 28)
        tried = torch.where(chance < 0.003, (chance < 0.0015).float(), x)  # two or three turn black or white
        scores = model.logits(tried).log_softmax(1)[:, label]
        best = scores.argmax()
        if scores[best] > model.logits(x).log_softmax(1)[0, label]:
            x = tried[best : best + 1]
        way_there.append(x)
    return shown(model, way_there, label)


@torch.inference_mode()
def shown(model: nn.Module, way: list[Tensor], label: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures on a way, (N, 28, 28) uint8, and how sure a model is of the label in each, (N,)."""
    x = torch.cat(way)
    return pixels(x), model.classify(x)[:, label].numpy()


@torch.enable_grad()
def uphill(model: nn.Module, x: Tensor, label: int, size: float, *, calm: bool, seed: int, step: int) -> Tensor:
    """Take one step of a fixed length towards the label; a calm one sees the picture a little shifted, blurs, and fades."""
    x = x.clone().requires_grad_()
    seen = x
    if calm:
        dx, dy = (int(3 * u) - 1 for u in uniform(1, 2, seed=seed, start=step)[0])
        seen = x.roll((dy, dx), (2, 3))
    score = model.logits(seen).log_softmax(1)[0, label]
    (gradient,) = torch.autograd.grad(score, x)
    if calm:
        gradient = F.avg_pool2d(F.pad(gradient, (1, 1, 1, 1)), 3, 1)
    moved = x.detach() + size * gradient / gradient.norm().clamp_min(1e-9)
    return (0.97 * moved if calm else moved).clamp(0, 1)


def dreamt(v: Values) -> dict[str, tuple[np.ndarray, float]]:
    """Return each way's picture (28, 28) uint8 at the chosen moment, and how sure its classifier is."""
    found = {way: dream(way, int(v["label"]), v["seed"], v["size"]) for way in WAYS}
    return {way: (pictures[v["steps"]], float(sure[v["steps"]])) for way, (pictures, sure) in found.items()}


def stage(v: Values) -> Stage:
    """Return the four pictures, and how sure each classifier is."""
    found = dreamt(v)
    said = [f"{WAYS[way]}: {100 * sure:.1f} % a {v['label']}" for way, (_, sure) in found.items()]
    return {"dreams": Pictures([x for x, _ in found.values()], said, said, columns=2, largest=260, scale=6)}


def render(v: Values) -> np.ndarray:
    """Return the download: the four pictures side by side."""
    return np.concatenate([x for x, _ in dreamt(v).values()], 1)


def dreaming(v: Values) -> tuple[Drawn, dict[str, float]]:
    """Make pictures that classifiers take for a digit, in four ways: a PNG, side by side; and how sure each classifier is."""
    return Drawn(render(v)), {way: sure for way, (_, sure) in dreamt(v).items()}


def code(v: Values) -> str:
    """Return the lines of Python that make the last picture, of the robust classifier."""
    return (
        f'import torch\nimport zoo\nfrom zoo.nn import noise\n\nmodel = zoo.load("{ROBUST}")  # the last of the four\n'
        f"x = (0.1 + 0.05 * noise(1, 1, 28, 28, seed={v['seed']})).clamp(0, 1)\nfor _ in range({v['steps']}):\n"
        "    x.requires_grad_()\n"
        f"    (g,) = torch.autograd.grad(model.logits(x).log_softmax(1)[0, {v['label']}], x)\n"
        f"    x = (x.detach() + {v['size']:g} * g / g.norm()).clamp(0, 1)"
    )


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: the four ways' ends, (56, 56) uint8."""
    return sheet(np.stack([dream(way, 3, 1, 0.3)[0][-1] for way in WAYS]), 2)


DEMO = Demo(
    title="What does a classifier dream of?", line="Four pictures that it is sure of, and only one that you are.",
    term="activation maximisation", group="Understand", order=2, icon="psychology",
    how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, fields=fields, stage=stage, code=code, render=render, thumbnail=thumbnail,
    layout=(Section(("dreams",), lead=("label",), fields=("steps", "size", "seed")),),
    endpoints=(Endpoint(dreaming, ("label", "seed", "size", "steps"), "dream"),),
)  # fmt: skip
