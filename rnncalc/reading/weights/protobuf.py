"""ONNX files, read with the package onnx: a graph of nodes, and the constants in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnncalc.errors import InputError
from rnncalc.reading.weights.contents import (
    LIMIT,
    MOST,
    Contents,
    DamageError,
    Stored,
    article_of,
    shown,
    size_in_bytes,
    stored,
)


@dataclass(frozen=True, eq=False)
class Node:
    """An operation: its inputs and outputs are names of values, and empty where there is none."""

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def input(self, n: int) -> str:
        """Return the name of an input, which is empty where there is none."""
        return self.inputs[n] if n < len(self.inputs) else ""

    @property
    def short(self) -> str:
        """`rnn` for /rnn/RNN, and the name of an output for a node without a name."""
        parts = [part for part in self.name.split("/") if part]
        if len(parts) > 1 and parts[-1].split("_")[0] == self.op:
            parts.pop()
        return ".".join(parts) or next((out for out in self.outputs if out), self.op)

    def __str__(self) -> str:
        """Return `a Conv (/conv/Conv)`, for a message."""
        name = f" ({shown(self.name)})" if self.name else ""
        return f"{article_of(self.op)} {shown(self.op)}{name}"


@dataclass(frozen=True, eq=False)
class Graph:
    """The nodes in their order, and the names of what goes in and comes out."""

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def read_onnx(data: bytes, name: str) -> Contents:
    """Return the constants of a file, and its graph.

    Raises:
        InputError: onnx is missing, or weights lie in another file.
        DamageError: it is not ONNX.
    """
    try:
        import onnx
    except ImportError:
        missing = "needs onnx, which is not installed: pip install onnx, the extra rnncalc[onnx]"
        raise InputError(missing) from None
    graph = _graph(onnx, data)
    arrays = {each.name: _array(onnx, each.name, each) for each in graph.initializer}
    nodes = tuple(_node(onnx, each) for each in graph.node)
    hidden: dict[str, Stored] = {}  # shapes and indices, which nobody takes for weights
    for node in nodes:
        if node.op == "Constant" and isinstance(value := _constant(node), Stored):
            (arrays if value.raw.dtype.kind == "f" else hidden)[node.outputs[0]] = value
    inputs = tuple(each.name for each in graph.input if each.name not in arrays)
    outputs = tuple(each.name for each in graph.output)
    facts = {"graph": Graph(nodes, inputs, outputs), "hidden": hidden}
    return Contents(name, "an ONNX graph", arrays, facts)


def _graph(onnx: Any, data: bytes) -> Any:
    from google.protobuf.message import DecodeError

    try:
        graph = onnx.load_model_from_string(data).graph
    except DecodeError:
        raise DamageError("it is not a message of ONNX that is whole") from None
    if len(graph.node) + len(graph.initializer) > MOST:
        raise DamageError(f"it has more than {MOST} nodes and constants")
    if not graph.node:
        raise InputError("is not a file of weights that is known, or an ONNX file without a graph")
    return graph


def _constant(node: Node) -> Stored | None:
    """Return the value of a Constant, which has one attribute of several names."""
    for value in node.attributes.values():
        if isinstance(value, Stored):
            return value
        if isinstance(value, int | float | list):
            return stored(np.array(value))
    return None


def _node(onnx: Any, node: Any) -> Node:
    attributes = {each.name: _attribute(onnx, each) for each in node.attribute}
    op = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
    return Node(op, node.name, tuple(node.input), tuple(node.output), attributes)


def _attribute(onnx: Any, attribute: Any) -> object:
    """Return a number, a text, a list of them or an array; None for what has no use here."""
    of = onnx.AttributeProto
    used = (of.TENSOR, of.FLOAT, of.FLOATS, of.INT, of.INTS, of.STRING, of.STRINGS)
    if attribute.type not in used:
        return None
    return _plain(onnx, attribute.name, onnx.helper.get_attribute_value(attribute))


def _plain(onnx: Any, name: str, value: Any) -> object:
    """Return a value as Python has it: 0.01, and not the 0.00999... that 32 bits make of it."""
    if isinstance(value, onnx.TensorProto):
        return _array(onnx, name, value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float):
        return float(str(np.float32(value)))
    return value if isinstance(value, int) else [_plain(onnx, name, each) for each in value]


def _array(onnx: Any, name: str, tensor: Any) -> Stored:
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        where = {each.key: each.value for each in tensor.external_data}.get("location", "")
        raise InputError(
            f"keeps {shown(name)} in {shown(where) or 'another file'}, which is not read; "
            "save the model with its weights inside"
        )
    if tensor.data_type == onnx.TensorProto.STRING:
        return stored(np.zeros(0))
    size_in_bytes(tuple(tensor.dims), 8)
    if tensor.ByteSize() > LIMIT:
        raise DamageError(f"{shown(name)} is too large")
    if tensor.data_type == onnx.TensorProto.BFLOAT16 and tensor.raw_data:
        halves = np.frombuffer(tensor.raw_data, "<u2").reshape(tuple(tensor.dims))
        return Stored(halves.astype(np.uint16), "bfloat16")
    return stored(onnx.numpy_helper.to_array(tensor))
