"""Networks as ONNX graphs, for pages without a server."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

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
) -> None:
    """Write a function of a network as ONNX; weights that 16 bits hold exactly, as the checkpoints' do, are stored so.

    Args:
        inputs: an example of each; where there are two, there may be any number in the browser.
        outputs: names of what the function returns.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    batch = torch.export.Dim("n", min=1, max=1024)
    shapes = {name: {0: batch} if len(x) > 1 else None for name, x in inputs.items()}
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
