"""The models: a table of all checkpoints, and their cards."""

import re

import numpy as np
import torch

import zoo
from playground import learning, panels
from playground.catalogue import card, doing, load
from playground.demo import Demo, Rows, Section, Stage, Words
from playground.fields import Field, Values, choice
from playground.memory import remembered
from zoo.pictures import grid

HOW = (
    "A model is a folder: weights (safetensors, no code in them), a configuration, figures with their definitions, how it learned, "
    "and a **card** written from all of these; only what it is for and where it fails is written by hand. Its name is a family and a "
    "variant: `vae.mnist-cnn` was trained, from scratch, by `python -m train.vae mnist-cnn`. **Every figure is computed again** by "
    "`python -m train verify NAME`, on the test split, and must come out as the card says, within the tolerance that is kept with it."
)
EQUATION = r"\bigl|\,m_{\text{computed again}} - m_{\text{card}}\,\bigr| \le \text{tolerance}"
TRY_THIS = "Sort by *size*. Which of the smallest models is also among the best of its kind?"


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    names = zoo.names()
    first = "cgan.mnist" if "cgan.mnist" in names else names[0]
    return {"model": choice(names, first, "Card of", look="list")}


def table() -> Rows:
    """Return all checkpoints, one a row."""
    cards = [card(name) for name in zoo.names()]
    columns = {
        "model": [c.name for c in cards],
        "measured": [f"{c.metrics[0].name} {c.metrics[0]}" for c in cards],
        "parameters": [c.parameters for c in cards],
        "size, MB": [c.size / 1e6 for c in cards],
        "trained in, min": [c.training["seconds"] / 60 for c in cards],
        "paper": [address(c.paper) for c in cards],
        "data": [c.provenance.title for c in cards],
        "licence": [c.license for c in cards],
        "command": [c.training["command"] for c in cards],
        "from": [c.source for c in cards],
    }
    return Rows(columns, {"parameters": ",", "size, MB": ".2f", "trained in, min": ".1f"})


def address(paper: str) -> str | None:
    """Return where a paper, 'arXiv:...' or 'doi:...', can be read; None of none."""
    places = {"arXiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}
    kind, _, number = paper.partition(":")
    return places[kind] + number if paper else None


def page(name: str) -> str:
    """Return a card's text, without the Hub's metadata and without pictures, whose files a page cannot reach."""
    body = card(name).markdown().split("\n---\n", 1)[1]
    return re.sub(r"[^\n]*\n\n!\[[^\n]*\n", "", body)


def picture(name: str) -> np.ndarray:
    """Return a card's picture, (H, W) or (H, W, 3) uint8: typical samples, else the end of its history, else what it is."""
    path = card(name).folder / "samples.webp"
    if path.exists():
        return learning.picture(path)
    if name in learning.watchable():
        return learning.frame(name, -1)
    return learning.page(f"{name}\n\n{card(name).summary}", (480, 320), 0.5)


def stage(v: Values) -> Stage:
    """Return the table of all models, and the card of one."""
    name = v["model"]
    shown = panels.framed(picture(name), f"{name}: typical samples, the end of its history, or what it is")
    return {"table": table(), "card": [shown, Words(page(name)), *panels.pictured(name, "failures")]}


def render(v: Values) -> np.ndarray:
    """Return the download: the model's picture."""
    return picture(v["model"])


def code(v: Values) -> str:
    """Return the lines of Python that read the same card, and the model."""
    return f'import zoo\n\ncard = zoo.card("{v["model"]}")\nprint(card.markdown())\nmodel = zoo.load("{v["model"]}")'


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: a row of digits from each sampler, (112, 112) uint8."""
    samplers = doing("generate", "picture", "mnist")
    with torch.inference_mode():
        rows = [load(samplers[i % len(samplers)]).sample(4, seed=20 + i) for i in range(4)]
    return grid(torch.cat(rows), 4)


DEMO = Demo(
    title="The models", line="What each one is, how it was trained, and how good it was measured to be.", term="model cards",
    group="Understand", order=4, icon="inventory_2", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=zoo.names, models=list, weights=zoo.names, fields=fields, stage=stage, code=code, render=render, scale=4,
    thumbnail=thumbnail, history=False, space=False,
    layout=(Section(("table",)), Section(("card",), lead=("model",))),
)  # fmt: skip
