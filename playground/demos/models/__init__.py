"""The models: a table of all checkpoints, and their cards."""

import re
from functools import lru_cache

import numpy as np
import torch

import zoo
from playground.demos import card, load, watch_it_learn
from playground.demos.recipe import Field, choice
from zoo.pictures import grid


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {"model": choice(zoo.names(), zoo.names()[0])}


def rows() -> list[dict[str, object]]:
    """Return a row for each checkpoint."""
    return [
        {
            "model": c.name,
            "measured": f"{c.metrics[0].name} {c.metrics[0]}",
            "parameters": c.parameters,
            "size, MB": c.size / 1e6,
            "trained in, min": c.training["seconds"] / 60,
            "paper": f"https://arxiv.org/abs/{c.paper.removeprefix('arXiv:')}" if c.paper else None,
            "data": c.provenance.title,
            "licence": c.license,
            "command": c.training["command"],
            "from": c.source,
        }
        for c in map(card, zoo.names())
    ]


def page(name: str) -> str:
    """Return a card's text, without the Hub's metadata and without pictures, whose files a page cannot reach."""
    body = card(name).markdown().split("\n---\n", 1)[1]
    return re.sub(r"[^\n]*\n\n!\[[^\n]*\n", "", body)


def picture(name: str) -> np.ndarray:
    """Return a card's picture, (H, W) or (H, W, 3) uint8: typical samples, else the end of its history."""
    path = card(name).folder / "samples.webp"
    if path.exists():
        return watch_it_learn.picture(path)
    return watch_it_learn.frames(name)[-1]


@lru_cache(maxsize=1)
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: a row of digits from each sampler, (112, 112) uint8."""
    samplers = [
        name for name in zoo.names() if card(name).training["data"] == "mnist" and hasattr(load(name), "sample")
    ]
    with torch.inference_mode():
        rows = [load(samplers[i % len(samplers)]).sample(4, seed=20 + i) for i in range(4)]
    return grid(torch.cat(rows), 4)
