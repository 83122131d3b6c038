"""Networks as ONNX graphs, and what else of a checkpoint a demo's static page needs."""

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from playground.components.cartpole import MODES
from playground.demos import (
    butterfly_studio,
    card,
    cartpole,
    conditional,
    digit_sampler,
    latent_sliders,
    load,
    writing_desk,
)
from zoo.data.cartpole import PHYSICS, start
from zoo.models.char_gpt.model import CharGPT, norm
from zoo.models.retexture import wings

JUDGE = "judge.mnist"
STARTS = 1000  # seeds of the carts that a page knows
LARGE = 1024  # numbers in a tensor above which it may be stored in 16 bits


class Call(nn.Module):
    """A function of tensors, with the network that it calls, as a module that can be exported."""

    def __init__(self, network: nn.Module, function: Callable[..., Tensor]):
        super().__init__()
        self.network, self.function = network, function

    def forward(self, *inputs: Tensor) -> Tensor:
        """Call the function."""
        return self.function(*inputs)


def translations() -> dict[Callable, Callable]:
    """Return ONNX for what torch does not translate: operations of the wing coordinates, on tables of some numbers."""
    from onnx import TensorProto
    from onnxscript import opset20 as op

    def one(number: int):
        return op.Constant(value_ints=[number])

    def cumprod(x, dim: int, dtype: int | None = None):
        return op.Exp(op.CumSum(op.Log(x), op.Constant(value_int=dim)))

    def cummax(x, dim: int):  # of (N, K): the largest of those before each, over a triangle of minus infinities
        count = op.Shape(x, start=1, end=2)
        later = op.Trilu(
            op.Expand(op.Constant(value_float=-1e30), op.Concat(count, count, axis=0)),
            op.Constant(value_int=1),
            upper=1,
        )
        values = op.ReduceMax(op.Add(op.Unsqueeze(x, one(1)), later), one(2), keepdims=0)
        return values, op.Cast(values, to=TensorProto.INT64)

    def searchsorted(table, x, *, out_int32: bool = False, right: bool = False, side=None, sorter=None):
        smaller = op.Less(op.Unsqueeze(table, one(1)), op.Unsqueeze(x, one(2)))
        return op.ReduceSum(op.Cast(smaller, to=TensorProto.INT64), one(2), keepdims=0)

    aten = torch.ops.aten
    return {aten.cumprod.default: cumprod, aten.cummax.default: cummax, aten.searchsorted.Tensor: searchsorted}


def write(
    path: Path,
    network: nn.Module,
    function: Callable,
    inputs: dict[str, Tensor],
    outputs: list[str],
    *,
    fixed: bool = False,
) -> None:
    """Write a function of a network as ONNX; weights that 16 bits hold exactly, as the checkpoints' do, are stored so.

    Args:
        inputs: an example of each; where there are two, there may be any number in the browser.
        outputs: names of what the function returns.
        fixed: the sizes are what they are in the example, however many there are.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    batch = torch.export.Dim("n", min=1, max=1024)
    shapes = {name: {0: batch} if len(x) > 1 and not fixed else None for name, x in inputs.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that inputs share their first dimension
        torch.onnx.export(
            Call(network, function).eval(), tuple(inputs.values()), path, input_names=list(inputs), output_names=outputs,
            dynamic_shapes=(tuple(shapes.values()),), dynamo=True, external_data=False,
            verbose=False, opset_version=20, custom_translation_table=translations(),
        )  # fmt: skip
    model = onnx.load(path)
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size > LARGE and (values == (half := values.astype(np.float16))).all():
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        model.graph.node.insert(0, node)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def digits(out: Path) -> dict[str, Any]:
    """Write what the digit sampler needs; return its facts."""
    names = conditional()
    for name in names:
        model = load(name)
        draw = getattr(model, "decode", None) or model.generate
        z, y = torch.zeros(2, model.config.latent), torch.full((2, model.config.classes), 0.1)
        write(out / f"{name}.onnx", model, draw, {"z": z, "y": y}, ["x"])
    judge = load(JUDGE)
    write(out / "judge.onnx", judge, judge.classify, {"x": torch.zeros(2, 1, 28, 28)}, ["p"])
    models = [{"name": name, "latent": load(name).config.latent} for name in names]
    return {"models": models, "defaults": defaults(digit_sampler)}


def latents(out: Path) -> dict[str, Any]:
    """Write what the latent sliders need; return their facts."""
    for name in latent_sliders.MODELS:
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
        "models": [{"name": name} for name in latent_sliders.MODELS],
        "defaults": defaults(latent_sliders),
        "latent": load(latent_sliders.MODELS[0]).config.latent,
        "mapped": latent_sliders.MAPPED,
    }


def carts(out: Path) -> dict[str, Any]:
    """Return the facts of CartPole: its agents are numbers among them."""
    return {
        "modes": {mode: cartpole.TITLES[mode] for mode in MODES},
        "agents": [cartpole.packed(age) for age in range(len(cartpole.ages()))],
        "starts": [start(seed).tolist() for seed in range(STARTS)],
        "physics": PHYSICS,
        "defaults": defaults(cartpole),
    }


def paint(z: Tensor, strokes: Tensor, silhouette: Tensor) -> Tensor:
    """Paint half a drawing (1, 1, size, 9 size / 16): (1, 4, size, 9 size / 16), as `Retexture.decode` does before it joins two."""
    model = load(butterfly_studio.MODEL)
    frames = wings.frame(functional.avg_pool2d(silhouette, model.config.size // 128))
    colour, alpha, _ = model.painter(z, strokes, silhouette, frames)
    return torch.cat([(colour + 1) / 2, alpha.sigmoid()], 1).clamp(0, 1)


def butterflies(out: Path) -> dict[str, Any]:
    """Write what the butterfly studio needs; return its facts."""
    space = butterfly_studio.space()
    shape = list(space.gallery.shape[1:])
    strokes, silhouette = (
        wings.halves(x)[:1] for x in butterfly_studio.drawn(next(iter(space.starters.values())), mirror=True)
    )
    inputs = {"z": space.gallery[:1], "strokes": strokes, "silhouette": silhouette}
    write(out / "painter.onnx", load(butterfly_studio.MODEL), paint, inputs, ["painted"])
    shutil.copyfile(card(butterfly_studio.MODEL).folder / "extras.safetensors", out / "extras.safetensors")
    return {
        "kinds": {name: butterfly_studio.title(name) for name in space.names},
        "mixes": butterfly_studio.MIXES,
        "hindwing": butterfly_studio.HINDWING,
        "sliders": butterfly_studio.SLIDERS,
        "starters": space.starters,
        "shape": shape,
        "defaults": defaults(butterfly_studio),
    }


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
    return {"models": found, "defaults": defaults(writing_desk), "most": writing_desk.MOST}


def defaults(demo) -> dict[str, Any]:
    """Return the defaults of a demo's controls; numbers as numbers."""
    return {name: field.default for name, field in demo.fields().items()}
