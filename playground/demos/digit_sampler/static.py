"""The digit sampler without a server: its networks as ONNX."""

from pathlib import Path
from typing import Any

import torch

from playground.catalogue import conditional, load
from playground.hosts.static.graphs import write
from playground.hosts.static.page import StaticPage

JUDGE = "judge.mnist"


def digits(out: Path) -> dict[str, Any]:
    """Write what the digit sampler needs; return its facts."""
    names = conditional()
    for name in names:
        model = load(name)
        z, y = torch.zeros(2, model.config.latent), torch.full((2, model.config.classes), 0.1)
        write(out / f"{name}.onnx", model, model.decode, {"z": z, "y": y}, ["x"])
    judge = load(JUDGE)
    write(out / "judge.onnx", judge, judge.classify, {"x": torch.zeros(2, 1, 28, 28)}, ["p"])
    models = [{"name": name, "latent": load(name).config.latent} for name in names]
    return {"models": models}


PAGE = StaticPage(digits, scripts=("digit.js", "network.js"))
