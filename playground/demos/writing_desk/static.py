"""The writing desk without a server: one step of each transformer as ONNX."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from playground.catalogue import load
from playground.demos import writing_desk
from playground.hosts.static.graphs import write
from playground.hosts.static.page import StaticPage
from zoo.models.char_gpt.model import CharGPT, norm


def step(model: CharGPT) -> Callable[..., tuple[Tensor, Tensor]]:
    """Return one character's way through the network, as `zoo.models.char_gpt.writing.Writer.step` has it.

    It maps the character x (1,), its place in the text (1,) and the rings of keys and values (layers, 2, heads, window, D) to the
    next one's logits (1, chars), and to its own keys and values (layers, 2, heads, D), which belong at place modulo window.
    """

    def run(x: Tensor, place: Tensor, rings: Tensor) -> tuple[Tensor, Tensor]:
        slots = torch.arange(model.config.window)
        here = (slots == place % model.config.window)[:, None]
        unseen = torch.where(slots <= place, 0.0, -1e9)
        turn, h, kept = model.turn(place), norm(model.embedding(x))[None], []
        for i, layer in enumerate(model.layers):
            q, k, v = layer.attention.project(norm(h), turn)
            keys, values = torch.where(here, k[0], rings[i, 0]), torch.where(here, v[0], rings[i, 1])
            scores = q[0] @ keys.mT * q.shape[-1] ** -0.5 + unseen
            h = h + layer.attention.out((scores.softmax(-1) @ values).transpose(0, 1).reshape(1, 1, -1))
            h = h + layer.leave(functional.relu(layer.enter(norm(h))).square())
            kept.append(torch.stack([k[0, :, 0], v[0, :, 0]]))
        return 15 * torch.tanh(model.head(norm(h))[0] / 15), torch.stack(kept)

    return run


def writers(out: Path) -> dict[str, Any]:
    """Write what the writing desk needs; return its facts."""
    found = []
    for name in writing_desk.models():
        model, c = load(name), load(name).config
        depth = c.width // c.heads
        rings = torch.zeros(c.layers, 2, c.heads, c.window, depth)
        inputs = {"x": torch.tensor([1]), "place": torch.tensor([3]), "rings": rings}
        write(out / f"{name}.onnx", model, step(model), inputs, ["logits", "kv"], fixed=True)
        sizes = {"layers": c.layers, "heads": c.heads, "window": c.window, "depth": depth}
        found.append({"name": name, "style": writing_desk.style(name), "chars": list(c.chars), **sizes})
    return {"models": found}


PAGE = StaticPage(
    writers,
    scripts=("network.js",),
    without=dict.fromkeys(
        ("ink", "part", "measured", "layer", "head", "map", "closer", *writing_desk.BUTTONS),
        "The page writes by itself.",
    ),
    seeds="A seed gives the same text as in the app, until two characters are as likely as each other to six digits.",
)
