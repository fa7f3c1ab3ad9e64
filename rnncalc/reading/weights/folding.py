"""Constants of a graph: a value that no input of the graph can change."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnncalc.reading.weights.contents import Raw, Stored, stored
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
        inputs = [self.value(each, depth + 1) if each else None for each in node.inputs]
        if not inputs or any(i is None and n for i, n in zip(inputs, node.inputs, strict=True)):
            return None
        raw = _FOLDED[node.op](node, [each.raw if each else None for each in inputs])
        dtype = inputs[0].dtype if inputs[0] else ""
        if node.op == "Cast" or dtype != "bfloat16":
            return stored(raw)
        return Stored(raw, dtype)

    def integers(self, name: str) -> list[int] | None:
        """Return the whole numbers of a constant, or None where it is not one."""
        found = self.value(name) if name else None
        if found is None or found.raw.dtype.kind not in "iu" or found.raw.size > 64:
            return None
        return [int(n) for n in found.raw.ravel()]

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
        others = [self.value(each) if each else None for each in node.inputs[1:]]
        found_others = [each.raw if each else None for each in others]
        return _FOLDED[node.op](node, [first, *found_others]) if node.op in _FOLDED else None

    def source(self, name: str) -> str:
        """Return the value that a chain of operations without weights begins with."""
        for _ in range(_DEEPEST):
            node = self.makers.get(name)
            if node is None or node.op not in _FIRST_INPUT:
                break
            name = node.inputs[0]
        return name


def axes_of(node: Node, constants: Constants) -> list[int] | None:
    """Return the axes of a Squeeze or Unsqueeze, which are an attribute or the second input."""
    if len(node.inputs) > 1:
        return constants.integers(node.inputs[1])
    axes = node.attributes.get("axes")
    return list(axes) if isinstance(axes, list) else None


def _axes(node: Node, inputs: list[Raw | None]) -> tuple[int, ...] | None:
    if len(inputs) > 1 and inputs[1] is not None:
        return tuple(int(n) for n in inputs[1].ravel())
    axes = node.attributes.get("axes")
    return tuple(axes) if axes else None


def _reshaped(_: Node, inputs: list[Raw | None]) -> Raw:
    first, shape = _arrays(inputs)
    sizes = [int(n) or first.shape[k] for k, n in enumerate(shape.ravel())]
    return first.reshape(sizes)


def _sliced(node: Node, inputs: list[Raw | None]) -> Raw:
    """Return a Slice: its starts, ends and axes are inputs, and were attributes before."""
    first = _arrays(inputs)[0]
    given = [None if each is None else [int(n) for n in each.ravel()] for each in inputs[1:]]
    starts, ends, axes, steps = (
        given[n] if n < len(given) else node.attributes.get(key)
        for n, key in enumerate(("starts", "ends", "axes", "steps"))
    )
    index: list[slice] = [slice(None)] * first.ndim
    for n, start in enumerate(starts or ()):
        axis = axes[n] if axes else n
        index[axis] = slice(start, (ends or ())[n], steps[n] if steps else 1)
    return first[tuple(index)]


def _unsqueezed(node: Node, inputs: list[Raw | None]) -> Raw:
    return np.expand_dims(_arrays(inputs)[0], _axes(node, inputs) or 0)


def _squeezed(node: Node, inputs: list[Raw | None]) -> Raw:
    return np.squeeze(_arrays(inputs)[0], _axes(node, inputs))


def _transposed(node: Node, inputs: list[Raw | None]) -> Raw:
    return np.transpose(_arrays(inputs)[0], node.attributes.get("perm"))


def _concatenated(node: Node, inputs: list[Raw | None]) -> Raw:
    arrays = _arrays(inputs)
    if sum(each.size for each in arrays) > _MOST:
        raise ValueError("a Concat of constants is too large")
    return np.concatenate(arrays, node.attributes.get("axis", 0))


def _cast(node: Node, inputs: list[Raw | None]) -> Raw:
    kinds = {1: np.float32, 6: np.int32, 7: np.int64, 10: np.float16, 11: np.float64}
    kind = kinds.get(node.attributes.get("to", 0))
    if kind is None:
        raise ValueError("a Cast of a constant to a type that is not known")
    return _arrays(inputs)[0].astype(kind)


def _arrays(inputs: list[Raw | None]) -> list[Raw]:
    return [each for each in inputs if each is not None]


_FOLDED: dict[str, Any] = {
    "Identity": lambda _, inputs: _arrays(inputs)[0],
    "Unsqueeze": _unsqueezed,
    "Squeeze": _squeezed,
    "Transpose": _transposed,
    "Concat": _concatenated,
    "Reshape": _reshaped,
    "Slice": _sliced,
    "Cast": _cast,
}
