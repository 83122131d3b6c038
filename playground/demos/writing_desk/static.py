"""The writing desk without a server: a stretch of characters through each transformer as ONNX, and recurrent networks' weights."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from playground.catalogue import card, load
from playground.demos.writing_desk import closer, voices
from playground.demos.writing_desk.writing import LOOKED
from playground.hosts.static.graphs import write
from playground.hosts.static.page import StaticPage
from zoo.models.char_gpt.model import CharGPT, norm

QUIZ = "The real passage would come out of a data set, and the page carries none."
PIECES = "The presidents' voices write pieces of words: what takes a text apart into them is not in the page."
CELLS = "What cells follow, and what is copied, is looked up in what an app keeps beside the network."
SERVED = ("quiz", "two", "cells", "copied")  # closer looks that need a server


def stretch(model: CharGPT) -> Callable[..., tuple[Tensor, Tensor, Tensor]]:
    """Return some characters' way through the network, after any that it has read.

    It maps characters x (T,), the place (1,) of the first in the text and the rings of keys and values (1, layers, 2, heads, window, D)
    to the logits after each (T, chars), their own keys and values (layers, 2, heads, T, D), which belong at place modulo window,
    and where each looks among themselves (layers, heads, T, T), as `CharGPT.attention` has it where they are the text's first.
    """
    window = model.config.window

    def run(x: Tensor, place: Tensor, rings: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        own = torch.arange(x.shape[0])
        # Places of what the rings hold; below 0, nothing.
        kept = place - 1 - (place - 1 - torch.arange(window)) % window
        places = torch.cat([kept, place + own])
        age = (place + own)[:, None] - places
        unseen = torch.where((age >= 0) & (age < window) & (places >= 0), 0.0, -1e9)
        turn, h = model.turn(place + own), norm(model.embedding(x))[None]
        kv, looks = [], []
        for i, layer in enumerate(model.layers):
            q, k, v = layer.attention.project(norm(h), turn)
            keys, values = (torch.cat([rings[0, i, j], new], 1) for j, new in enumerate((k[0], v[0])))
            p = (q[0] @ keys.mT * q.shape[-1] ** -0.5 + unseen).softmax(-1)
            h = h + layer.attention.out((p @ values).transpose(0, 1).flatten(1)[None])
            h = h + layer.leave(functional.relu(layer.enter(norm(h))).square())
            kv.append(torch.stack([k[0], v[0]]))
            looks.append(p[:, :, window:])
        return 15 * torch.tanh(model.head(norm(h))[0] / 15), torch.stack(kv), torch.stack(looks)

    return run


def models() -> list[str]:
    """Return the voices that the page has: transformers and recurrent networks of characters."""
    return [name for name in voices.models() if voices.spelt(name)]


def writers(out: Path) -> dict[str, Any]:
    """Write what the writing desk needs; return its facts."""
    found = []
    for name in models():
        model, c = load(name), load(name).config
        facts: dict[str, Any] = {
            "name": name,
            "style": voices.style(name),
            "chars": list(c.chars),
            "attends": voices.looks(name),
        }
        if voices.looks(name):
            depth = c.width // c.heads
            rings = torch.zeros(1, c.layers, 2, c.heads, c.window, depth)
            inputs = {"x": torch.tensor([1, 2]), "place": torch.tensor([3]), "rings": rings}
            write(out / f"{name}.onnx", model, stretch(model), inputs, ["logits", "kv", "looks"])
            facts |= {"layers": c.layers, "heads": c.heads, "window": c.window, "depth": depth}
        else:
            shutil.copyfile(card(name).folder / "model.safetensors", out / f"{name}.safetensors")
            facts["config"] = card(name).config
        found.append(facts)
    there = {name: said for name, said in closer.PARTS.items() if name not in SERVED}
    shown = {"lengths": closer.LENGTHS, "measured": closer.MEASURED, "looked": LOOKED, "height": closer.HEIGHT}
    styles = {name: voices.style(name) for name in models()}
    return {"models": found, "sizes": shown, "fields": {"model": {"options": styles}, "part": {"options": there}}}


PAGE = StaticPage(
    writers,
    models=models,
    components=("page",),
    scripts=("characters.js", "network.js", "recurrent.js"),
    without=(
        dict.fromkeys(("guess", "another"), QUIZ) | dict.fromkeys(("speaker", "decade", "guidance", "speaker2", "decade2"), PIECES)
        | dict.fromkeys(("cell", "moment"), CELLS)
    ),
    seeds="A seed gives the same text as in the app, until two characters are as likely as each other to six digits.",
)  # fmt: skip
