"""Constants of a graph: a value that no input of the graph can change."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from rnncalc.reading.weights.contents import Raw, Stored, stored, widened
from rnncalc.reading.weights.protobuf import Graph, Node

_DEEPEST = 50
_MOST = 2**24  # numbers
_STARTS = ("ConstantOfShape", "Expand", "Cast", "Identity", "Slice", "Unsqueeze", "Squeeze")
_FIRST_INPUT = (  # these give a part of their first input
    *("Identity", "Cast", "Unsqueeze", "Squeeze", "Reshape", "Transpose", "Slice", "Expand"),
    *("Gather", "Dropout", "Tile", "Flatten"),
)


@dataclass(frozen=True, eq=False)
class Constants:
    """The constants of a graph, each calculated when it is first asked for.

    Attributes:
        graph: the graph.
        given: the initializers.
        makers: the node that gives each value.
    """

    graph: Graph
    given: dict[str, Stored]
    makers: dict[str, Node] = field(init=False)
    known: dict[str, Stored | None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        makers = {out: node for node in self.graph.nodes for out in node.outputs if out}
        object.__setattr__(self, "makers", makers)

    def value(self, name: str, depth: int = 0) -> Stored | None:
        """Return a constant, or None where the value is not one."""
        if name in self.given:
            return self.given[name]
        if name not in self.known:
            self.known[name] = None  # a loop has no value
            self.known[name] = self._folded(name, depth)
        return self.known[name]

    def _folded(self, name: str, depth: int) -> Stored | None:
        node = self.makers.get(name)
        if node is None or depth > _DEEPEST or node.op not in _FOLDED:
            return None
        inputs = [self.value(each, depth + 1) for each in node.inputs if each]
        there = [each for each in inputs if each is not None]
        if not inputs or len(there) < len(inputs):
            return None
        raws, halves = [each.raw for each in there], there[0].dtype == "bfloat16"
        if halves and node.op == "Cast":
            raws, halves = [widened(node.inputs[0], there[0])], False
        return stored(_FOLDED[node.op](self, node, raws), bfloat16=halves)

    def integers(self, name: str) -> list[int] | None:
        """Return the whole numbers of a constant, or None where it is not one."""
        found = self.value(name) if name else None
        if found is None or found.raw.dtype.kind not in "iu" or found.raw.size > 64:
            return None
        return [int(n) for n in found.raw.ravel()]

    def setting(self, node: Node, n: int, key: str) -> list[int] | None:
        """Return whole numbers that are input `n` of a node, or in older files its attribute."""
        if len(node.inputs) > 1:
            return self.integers(node.input(n))
        found = node.attributes.get(key)
        return list(found) if isinstance(found, list) else None

    def start(self, name: str, depth: int = 0) -> Raw | None:
        """Return an initial state whose shape depends on the batch: that of a batch of one.

        An Expand repeats along the batch, and a ConstantOfShape has one number throughout, which
        is returned as such.
        """
        found = self.value(name)
        node = self.makers.get(name)
        if found is not None:
            return None if found.dtype == "bfloat16" else found.raw
        if node is None or depth > _DEEPEST or node.op not in _STARTS:
            return None
        if node.op == "ConstantOfShape":
            value = node.attributes.get("value")
            return value.raw.reshape(-1)[:1] if isinstance(value, Stored) else np.zeros(1)
        first = self.start(node.inputs[0], depth + 1)
        if first is None or first.size == 1 or node.op in ("Expand", "Cast", "Identity"):
            return first
        return _FOLDED[node.op](self, node, [first])

    def source(self, name: str) -> str:
        """Return the value that a chain of operations without weights begins with."""
        for _ in range(_DEEPEST):
            node = self.makers.get(name)
            if node is None or node.op not in _FIRST_INPUT:
                break
            name = node.inputs[0]
        return name


# each is given the constants, the node, and the values of its inputs


def _reshaped(_: Constants, node: Node, inputs: list[Raw]) -> Raw:  # noqa: ARG001
    first, shape = inputs
    return first.reshape([int(n) or first.shape[k] for k, n in enumerate(shape.ravel())])


def _sliced(constants: Constants, node: Node, inputs: list[Raw]) -> Raw:
    keys = ("starts", "ends", "axes", "steps")
    starts, ends, axes, steps = (constants.setting(node, n, k) for n, k in enumerate(keys, 1))
    index = [slice(None)] * inputs[0].ndim
    for n, start in enumerate(starts or ()):
        index[axes[n] if axes else n] = slice(start, (ends or ())[n], steps[n] if steps else 1)
    return inputs[0][tuple(index)]


def _unsqueezed(constants: Constants, node: Node, inputs: list[Raw]) -> Raw:
    return np.expand_dims(inputs[0], constants.setting(node, 1, "axes") or 0)


def _squeezed(constants: Constants, node: Node, inputs: list[Raw]) -> Raw:
    axes = constants.setting(node, 1, "axes")
    return np.squeeze(inputs[0], tuple(axes) if axes else None)


def _concatenated(_: Constants, node: Node, inputs: list[Raw]) -> Raw:
    if sum(each.size for each in inputs) > _MOST:
        raise ValueError("a Concat of constants is too large")
    return np.concatenate(inputs, node.attributes.get("axis", 0))


def _cast(_: Constants, node: Node, inputs: list[Raw]) -> Raw:
    kinds = {1: np.float32, 6: np.int32, 7: np.int64, 10: np.float16, 11: np.float64}
    kind = kinds.get(node.attributes.get("to", 0))
    if kind is None:
        raise ValueError("a Cast of a constant to a type that is not known")
    return inputs[0].astype(kind)


_FOLDED: dict[str, Callable[[Constants, Node, list[Raw]], Raw]] = {
    "Identity": lambda _, __, inputs: inputs[0],
    "Unsqueeze": _unsqueezed,
    "Squeeze": _squeezed,
    "Transpose": lambda _, node, inputs: np.transpose(inputs[0], node.attributes.get("perm")),
    "Concat": _concatenated,
    "Reshape": _reshaped,
    "Slice": _sliced,
    "Cast": _cast,
}
