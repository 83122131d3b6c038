"""A network that reads texts as an ONNX graph, written node by node: torch's export takes seconds for each, and fixes the texts' length."""

from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from zoo.models.text_classifier import UNKNOWN, Network, TextClassifier

OPSET, VERSION = 20, 9  # of ONNX's operators, and of its file format
LARGE = 1024  # numbers in a tensor above which it may be stored in 16 bits
INPUTS = {
    "numbers": ("words",), "shapes": ("words",), "pieces": ("words", "most"), "shares": ("words", "most"), "index": ("texts", "length"),
}  # fmt: skip
GATES = (0, 3, 1, 2)  # torch's input, forget, cell, output of an LSTM in ONNX's order


class Graph:
    """Nodes and weights, as they are added."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def add(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; return the name of its output, or of each."""
        from onnx import helper

        names = [f"{kind}{len(self.nodes)}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def weight(self, values: Tensor | np.ndarray | list[int]) -> str:
        """Add a weight, whole numbers as 64 bits; those that 16 bits hold exactly are stored so."""
        from onnx import TensorProto, numpy_helper

        array = np.array(values, np.int64) if isinstance(values, list) else np.asarray(values, np.float32)
        half = array.astype(np.float16) if array.dtype == np.float32 and array.size > LARGE else array
        exact = bool((half == array).all())
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(half if exact else array), name))
        return self.add("Cast", name, to=TensorProto.FLOAT) if exact and half.dtype == np.float16 else name

    def linear(self, x: str, layer: nn.Linear) -> str:
        """Add log-probabilities of a layer's output over x (N, D)."""
        made = self.add("Gemm", x, self.weight(layer.weight), self.weight(layer.bias), transB=1)
        return self.add("LogSoftmax", made, axis=-1)


def write(path: Path, model: TextClassifier, *, each: bool = False) -> None:
    """Write how a network reads texts that are made of one text's words.

    It maps the words' numbers and shapes (T,), the numbers of their pieces (T, P) with the share (T, P) that each has in its word, and
    which words each text has, index (B, L), where T stands for a blank, to logits (B, classes); and with `each` to those after each word
    of the first text, (L, classes), by the states there.
    """
    import onnx
    from onnx import TensorProto, helper

    graph = Graph()
    given = graph.add("Gather", graph.weight(model.given), "numbers")
    found = [_network(graph, network, given, each) for network in model.networks if isinstance(network, Network)]
    for i, name in enumerate(["logits", "each"][: 1 + each]):
        graph.nodes.append(helper.make_node("Mean", [outputs[i] for outputs in found], [name]))

    def typed(name: str, sizes: tuple[Any, ...]) -> Any:
        kind = TensorProto.FLOAT if name in ("shares", "logits", "each") else TensorProto.INT64
        return helper.make_tensor_value_info(name, kind, sizes)

    outputs = {"logits": ("texts", model.config.classes), "each": ("length", model.config.classes)}
    made = helper.make_graph(
        graph.nodes, "reader", [typed(*one) for one in INPUTS.items()], [typed(*one) for one in list(outputs.items())[: 1 + each]],
        initializer=graph.weights,
    )  # fmt: skip
    whole = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=VERSION)
    onnx.checker.check_model(whole)
    onnx.save(whole, path)


def _network(graph: Graph, network: Network, given: str, each: bool) -> tuple[str, ...]:
    config, add, weight = network.config, graph.add, graph.weight
    parts: Any = network.pieces.weight
    known = add("Less", "numbers", weight([network.embed.num_embeddings]))
    learnt = add("Where", known, "numbers", weight([UNKNOWN]))
    x = add(
        "Add",
        add("Gather", weight(network.embed.weight), learnt),
        add("Gather", weight(network.shape.weight), "shapes"),
    )
    shared = add("Mul", add("Gather", weight(parts), "pieces"), add("Unsqueeze", "shares", weight([2])))
    x = add("Concat", given, add("Add", x, add("ReduceSum", shared, weight([1]), keepdims=0)), axis=1)
    blank = weight(np.zeros((1, config.given + config.embedding)))
    x = add("Gather", add("Concat", x, blank, axis=0), "index")  # (B, L, D)
    if config.kind == "cnn":
        states, time = _convolved(graph, network, x), 2
    else:
        (states, last), time = _recurrent(graph, network, x), 0
    kept = []
    for way in config.pool.split():
        if way == "last":
            kept.append(add("Reshape", add("Transpose", last, perm=[1, 0, 2]), weight([0, -1])))
        elif way == "words":
            kept.append(add("ReduceMean", x, weight([1]), keepdims=0))
        else:
            kept.append(add("ReduceMax" if way == "max" else "ReduceMean", states, weight([time]), keepdims=0))
    logits = graph.linear(add("Concat", *kept, axis=1), network.head)
    if not each:
        return (logits,)
    return logits, graph.linear(add("Squeeze", add("Gather", states, weight([0]), axis=1), weight([1])), network.head)


def _convolved(graph: Graph, network: Network, x: str) -> str:
    """Add convolutions over x (B, L, D); return the name of their states (B, filters, L)."""
    columns = graph.add("Transpose", x, perm=[0, 2, 1])
    layers: Any = network.read
    found = []
    for width, filters in zip(map(int, network.config.widths.split()), layers, strict=True):
        weight = filters.weight.unflatten(1, (width, -1)).transpose(1, 2)  # (filters, D, width)
        pads = [width // 2, width - 1 - width // 2]
        found.append(graph.add("Conv", columns, graph.weight(weight), graph.weight(filters.bias), pads=pads))
    return graph.add("Relu", graph.add("Concat", *found, axis=1))


def _recurrent(graph: Graph, network: Network, x: str) -> tuple[str, str]:
    """Add recurrent layers over x (B, L, D); return the names of their states (L, B, ways H) and the last of each way (ways, B, H)."""
    config, states, last = network.config, graph.add("Transpose", x, perm=[1, 0, 2]), ""
    kind, gates = ("LSTM", GATES) if config.kind == "lstm" else ("RNN", (0,))

    def ordered(values: Tensor) -> np.ndarray:
        return np.concatenate([np.split(values.numpy(), len(gates))[gate] for gate in gates])

    layers: Any = network.read
    for ways in layers:
        given = [np.stack([ordered(getattr(way, f"{part}_l0")) for way in ways]) for part in ("weight_ih", "weight_hh")]
        biases = [np.concatenate([ordered(way.bias_ih_l0), ordered(way.bias_hh_l0)]) for way in ways]
        direction = "bidirectional" if config.both else "forward"
        weights = map(graph.weight, (*given, np.stack(biases)))
        found, last = graph.add(kind, states, *weights, outputs=2, hidden_size=config.states, direction=direction)
        states = graph.add("Reshape", graph.add("Transpose", found, perm=[0, 2, 1, 3]), graph.weight([0, 0, -1]))
    return states, last
