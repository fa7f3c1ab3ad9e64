"""Where a value of a graph comes from, and which axes it has by then."""

from dataclasses import dataclass

from rnncalc.errors import InputError
from rnncalc.reading.weights.contents import shown
from rnncalc.reading.weights.folding import Constants
from rnncalc.reading.weights.onnx_functions import NODES
from rnncalc.reading.weights.protobuf import Node

# the axes of a value that comes out of an RNN: steps, directions, batch, hidden units, one, both
STEPS, DIRECTIONS, _N, HIDDEN, _ONE, BOTH = (
    "steps",
    "directions",
    "batch",
    "hidden",
    "one",
    "features",
)

_PLAIN = ("Identity", "Cast", "Dropout")
_MOVED = ("Transpose", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Gather", "Slice")
_MATRICES = ("MatMul", "Add", "Gemm")
_LONGEST = 200  # nodes between two layers
_TO_THE_END = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Trace:
    """How a value came to be.

    Attributes:
        source: the name of an input of the graph, or of what an RNN gives.
        rnn: the RNN node that gives it, or None for an input of the graph.
        moves: the nodes from there on that only move axes or pick steps.
        layers: the nodes after them, from the first that calculates.
        stopped: the node behind `source` that is not understood, or None.
    """

    source: str
    rnn: Node | None
    moves: list[Node]
    layers: list[Node]
    stopped: Node | None = None


def traced(constants: Constants, name: str) -> Trace:
    """Return where a value comes from: back to an input of the graph, an RNN, or an unknown."""
    nodes: list[Node] = []
    stopped: Node | None = None
    while (node := constants.makers.get(name)) is not None and node.op != "RNN":
        source = _main_input(constants, node)
        if source is None or len(nodes) == _LONGEST:
            node, stopped = None, node
            break
        nodes.insert(0, node)
        name = source
    first = next((n for n, each in enumerate(nodes) if each.op in (*_MATRICES, *NODES)), len(nodes))
    return Trace(name, node, nodes[:first], nodes[first:], stopped)


def _main_input(constants: Constants, node: Node) -> str | None:
    """Return the one input of a known operation that is not a constant."""
    if node.op == "Concat":
        return _both_states(constants, node)
    picked = _picked_state(constants, node)
    if picked is not None:  # of two directions, one alone is not what a readout here reads
        return picked[0] if len(sides_of(constants.makers[picked[0]])) == 1 else None
    if node.op in _MATRICES:
        inputs = [each for each in node.inputs if each and constants.value(each) is None]
    elif node.op in (*_PLAIN, *_MOVED, *NODES):
        inputs = [*node.inputs[:1]]
    else:
        return None
    if node.op == "Gather" and constants.value(node.inputs[0]) is not None:
        return None
    return inputs[0] if len(inputs) == 1 else None


def _picked_state(constants: Constants, node: Node | None) -> tuple[str, int] | None:
    """Return which last state a Gather picks, and its direction: h_n[-1] in PyTorch.

    PyTorch's h_n is a Concat of the last states of all layers and directions.
    """
    if node is None or node.op != "Gather" or node.attributes.get("axis", 0):
        return None
    index = constants.integers(node.inputs[1])
    maker = constants.makers.get(node.inputs[0])
    if maker is None or not index or len(index) != 1:
        return None
    joined = maker.op == "Concat" and maker.attributes.get("axis") == 0
    states: list[tuple[str, int]] = []
    for name in maker.inputs if joined else node.inputs[:1]:
        rnn = constants.makers.get(name)
        if rnn is None or rnn.op != "RNN" or name not in rnn.outputs[1:] or batch_first(rnn):
            return None
        states += [(name, side) for side in range(len(sides_of(rnn)))]
    return states[index[0]] if -len(states) <= index[0] < len(states) else None


def _both_states(constants: Constants, node: Node) -> str | None:
    """Return the last states that a Concat puts side by side, forward first."""
    picked = [_picked_state(constants, constants.makers.get(each)) for each in node.inputs]
    if len(picked) != 2 or None in picked or node.attributes.get("axis") not in (1, -1):
        return None
    name = picked[0][0] if picked[0] else ""
    return name if picked == [(name, 0), (name, 1)] else None


def batch_first(rnn: Node) -> bool:
    """Return whether the batch is the first axis."""
    return bool(rnn.attributes.get("layout", 0))


def sides_of(rnn: Node) -> tuple[bool, ...]:
    """Return False for forward and True for reverse, as many as there are."""
    direction = rnn.attributes.get("direction", "forward")
    sides = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
    if direction not in sides:
        raise InputError(f"{shown(rnn.short)} has the direction {shown(str(direction))}")
    return sides[direction]


def is_sequence(constants: Constants, trace: Trace, reader: Node) -> bool:
    """Return whether a sequence of states reaches the reader as a sequence of the same steps."""
    axes = Axes(constants, trace)
    expected = [_N, STEPS] if batch_first(reader) else [STEPS, _N]
    return not trace.layers and axes.followed and axes.names[:2] == expected


class Axes:
    """The axes of what an RNN gives, as the nodes of a trace move them.

    Attributes:
        names: of the axes at the end.
        step: the step that was picked, or None.
        followed: whether all nodes were understood.
    """

    def __init__(self, constants: Constants, trace: Trace) -> None:
        rnn = trace.rnn
        assert rnn is not None
        self.constants = constants
        self.step: int | None = None
        names = [_N, DIRECTIONS, HIDDEN] if batch_first(rnn) else [DIRECTIONS, _N, HIDDEN]
        if trace.source == rnn.outputs[0]:
            names.insert(batch_first(rnn), STEPS)
        one = len(sides_of(rnn)) == 1
        self.names = [_ONE if one and each == DIRECTIONS else each for each in names]
        self.followed = all(self._moved(node) for node in trace.moves)

    def _moved(self, node: Node) -> bool:
        """Move the axes as a node does, and return whether it was understood."""
        if node.op == "Concat":  # see _both_states
            self.names = [_N, BOTH]
        moves = {
            "Transpose": self._transposed,
            "Squeeze": self._squeezed,
            "Unsqueeze": self._unsqueezed,
            "Reshape": self._reshaped,
            "Flatten": self._reshaped,
            "Gather": self._gathered,
            "Slice": self._sliced,
        }
        return node.op in (*_PLAIN, "Concat") or moves[node.op](node)

    def _transposed(self, node: Node) -> bool:
        order = [*range(len(self.names))]
        perm = node.attributes.get("perm") or order[::-1]
        if sorted(perm) != order:
            return False
        self.names = [self.names[p] for p in perm]
        return True

    def _squeezed(self, node: Node) -> bool:
        where = self.constants.setting(node, 1, "axes")
        if where is None:
            self.names = [name for name in self.names if name not in (_ONE, _N)]
            return STEPS in self.names
        gone = {w % len(self.names) for w in where}
        understood = {self.names[w] for w in gone} <= {_ONE, _N}
        self.names = [name for n, name in enumerate(self.names) if n not in gone]
        return understood

    def _unsqueezed(self, node: Node) -> bool:
        where = self.constants.setting(node, 1, "axes") or []
        size = len(self.names) + len(where)
        for w in sorted(w % size for w in where):
            self.names.insert(w, _ONE)
        return bool(where)

    def _reshaped(self, node: Node) -> bool:
        """Put both directions side by side, or leave out axes of one."""
        plain = [name for name in self.names if name != _ONE]
        if DIRECTIONS in plain:
            after = plain[plain.index(DIRECTIONS) + 1 :]
            if after not in ([HIDDEN], [_N, HIDDEN]) or (plain[-2] == _N and STEPS in plain):
                return False
            plain = [*(name for name in plain if name not in (DIRECTIONS, HIDDEN)), BOTH]
        size = self.constants.integers(node.inputs[1]) if node.op == "Reshape" else [0] * 2
        if size is None or len(size) == len(plain):  # None: calculated from the shape of x
            self.names = plain
        elif (
            len(size) == 2 and sorted(plain[:-1]) == sorted([STEPS, _N]) and size[-1] not in (0, -1)
        ):
            self.names = [STEPS, plain[-1]]
        elif len(size) == len(plain) + 1 and _N not in plain:
            self.names = [_ONE, *plain]
        else:
            return False
        return True

    def _gathered(self, node: Node) -> bool:
        index = self.constants.value(node.inputs[1])
        at = self.constants.integers(node.inputs[1])
        if at is None or len(at) != 1 or index is None:
            return False
        axis = int(node.attributes.get("axis", 0)) % len(self.names)
        return self._picked(axis, at[0], [_ONE] if index.shape else [])

    def _sliced(self, node: Node) -> bool:
        """Follow a Slice that takes one index, or everything."""
        keys = ("starts", "ends", "axes")
        starts, ends, axes = (self.constants.setting(node, n, k) for n, k in enumerate(keys, 1))
        if not starts or not ends or len(starts) != 1 or len(ends) != 1:
            return False
        start, end, axis = starts[0], ends[0], (axes[0] if axes else 0) % len(self.names)
        if start == 0 and end >= _TO_THE_END:
            return True
        one = end == start + 1 or (start == -1 and end >= _TO_THE_END)
        return one and self._picked(axis, start, [_ONE])

    def _picked(self, axis: int, index: int, left: list[str]) -> bool:
        """Pick one step, or the only direction or sequence."""
        name = self.names[axis]
        self.names[axis : axis + 1] = left
        if name == STEPS:
            self.step = index
        return name in (STEPS, _ONE) or (name == _N and index in (0, -1))
