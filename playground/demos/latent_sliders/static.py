"""The latent sliders without a server: the VAEs as ONNX, and their latent spaces."""

import shutil
from pathlib import Path
from typing import Any

import torch

from playground.catalogue import card, load
from playground.charts import DIGITS
from playground.demos.latent_sliders import MAPPED, MODELS, REACH, SHORT
from playground.hosts.static.graphs import write
from playground.hosts.static.page import StaticPage


def latents(out: Path) -> dict[str, Any]:
    """Write what the latent sliders need; return their facts."""
    for name in MODELS:
        model = load(name)
        write(out / f"{name}.decode.onnx", model, model.decode, {"z": torch.zeros(2, model.config.latent)}, ["x"])
        write(
            out / f"{name}.encode.onnx",
            model,
            lambda x, m=model: m.encode(x)[0],
            {"x": torch.zeros(2, 1, 28, 28)},
            ["mean"],
        )
        shutil.copyfile(card(name).folder / "extras.safetensors", out / f"{name}.extras.safetensors")
    return {
        "models": [{"name": name, "short": SHORT[name]} for name in MODELS],
        "latent": load(MODELS[0]).config.latent,
        "mapped": MAPPED,
        "reach": REACH,
        "colors": DIGITS,
    }


PAGE = StaticPage(latents, components=("canvas",), scripts=("digit.js", "network.js"))
