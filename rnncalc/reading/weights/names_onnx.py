"""ONNX: RNN nodes, what lies between them, and the layers that read them out."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError
from rnncalc.network import more_activations as more
from rnncalc.network.activations import ACTIVATIONS, LINEAR, TANH, Activation
from rnncalc.reading.weights.choosing import NO_HEAD, Asked, ChoiceError, chosen_rnns, listed, named
from rnncalc.reading.weights.contents import Contents, article_of, shown, stored, widened
from rnncalc.reading.weights.folding import Constants, axes_of
from rnncalc.reading.weights.parts import (
    Dense,
    Described,
    Half,
    Level,
    checked_half,
    with_unused,
)
from rnncalc.reading.weights.protobuf import Graph, Node

_PLAIN = ("Identity", "Cast", "Dropout")
_MOVED = ("Transpose", "Squeeze", "Unsqueeze", "Reshape", "Flatten")
_GATED = {"LSTM": "an LSTM", "GRU": "a GRU"}
_LONGEST = 200  # nodes between two layers
_TO_THE_END = 2**31 - 1

# the axes of a value that comes out of an RNN: steps, directions, batch, hidden units, one, both
_T, _DIR, _N, _H, _ONE, _F = "steps", "directions", "batch", "hidden", "one", "features"


@dataclass(frozen=True, eq=False)
class _Trace:
    """How a value came to be: from `source` through `nodes`, the first one first.

    Attributes:
        source: the name of an input of the graph, or of what an RNN gives.
        rnn: the RNN node that gives it, or None for an input of the graph.
        nodes: what lies between.
        stopped: the node that is not understood, or None.
    """

    source: str
    rnn: Node | None
    nodes: tuple[Node, ...]
    stopped: Node | None = None


@dataclass(frozen=True, eq=False)
class _Head:
    """The layers without a memory that read out a state, and which state that is."""

    rnn: Node
    dense: tuple[Dense, ...]
    uses: dict[str, str]
    last_state: bool
    step: int | None


@dataclass(eq=False)
class _File:
    """The graph, its constants, and its RNN nodes by names that a person can type."""

    graph: Graph
    constants: Constants
    rnns: dict[str, Node] = field(default_factory=dict)

    def name_of(self, rnn: Node) -> str:
        return next(name for name, node in self.rnns.items() if node is rnn)


def from_onnx(contents: Contents, asked: Asked) -> Described:
    """Return the network of a graph; --rnn names the first node of a chain of RNN nodes.

    Raises:
        InputError: there is no RNN node, or something around it is not calculated.
    """
    rnn, head = asked.rnn, asked.head
    graph = contents.facts["graph"]
    file = _File(graph, Constants(graph, {**contents.facts["hidden"], **contents.arrays}))
    _find_rnns(file)
    chains = _chains(file)
    texts = {name: _sizes(file, chain) for name, chain in chains.items()}
    names = chosen_rnns(texts, rnn)
    chain = [node for name in names for node in chains[name]]
    described = _levels(file, chain)
    described = _before(file, described, chain[0], asked=rnn is not None)
    return with_unused(contents, _read_out(file, described, chain[-1], head))


def _find_rnns(file: _File) -> None:
    """Name the RNN nodes; that there is none is an error, which says what there is instead."""
    nodes = file.graph.nodes
    for node in nodes:
        if node.op == "RNN":
            name = _short(node)
            file.rnns[name if name not in file.rnns else node.outputs[0] or node.name] = node
    if file.rnns:
        return
    for node in nodes:
        if node.op in _GATED:
            raise InputError(
                f"{shown(_short(node))} is {_GATED[node.op]}; only a vanilla RNN is calculated"
            )
    counts = Counter(node.op for node in nodes)
    if counts["Loop"] or counts["Scan"]:
        raise InputError(
            "has no RNN node, but a Loop, which is not calculated; tf2onnx writes a SimpleRNN so: "
            "give the .keras or .h5"
        )
    unrolled = [op for op in ("Add", "MatMul", "Gemm", "Tanh", "Relu") if counts[op] > 1]
    if "Tanh" in unrolled or len(unrolled) > 2:
        times = ", ".join(f"{op} {counts[op]} times" for op in unrolled)
        raise InputError(
            f"has no RNN node, but {times}: unrolled by the exporter; "
            "export with dynamo=False, or give the state_dict"
        )
    raise InputError(f"has no RNN node; its nodes are {listed(dict.fromkeys(counts, ''))}")


def _short(node: Node) -> str:
    """Return `rnn` for /rnn/RNN, and the name of an output for a node without a name."""
    parts = [part for part in node.name.split("/") if part]
    if len(parts) > 1 and parts[-1].split("_")[0] == node.op:
        parts.pop()
    return ".".join(parts) or next((out for out in node.outputs if out), node.op)


# chains of RNN nodes


def _chains(file: _File) -> dict[str, list[Node]]:
    """Return the RNN nodes that read each other, by the name of the first."""
    before: dict[int, Node] = {}
    for node in file.graph.nodes:
        if node.op == "RNN":
            trace = _traced(file, node.inputs[0])
            if trace.rnn is not None and trace.stopped is None and _reaches(file, trace, node):
                before[id(node)] = trace.rnn
    readers = Counter(id(rnn) for rnn in before.values())
    chains: dict[str, list[Node]] = {}
    for name, node in file.rnns.items():
        if id(node) in before and readers[id(before[id(node)])] == 1:
            continue
        chain = [node]
        while following := _reader_of(file, chain[-1], before):
            chain.append(following)
        chains[name] = chain
    return chains


def _reader_of(file: _File, rnn: Node, before: dict[int, Node]) -> Node | None:
    readers = [n for n in file.graph.nodes if n.op == "RNN" and before.get(id(n)) is rnn]
    return readers[0] if len(readers) == 1 else None


def _reaches(file: _File, trace: _Trace, reader: Node) -> bool:
    """Return whether a sequence of states reaches the reader as a sequence of the same steps."""
    axes, _, dense = _followed(file, trace, until_dense=True)
    expected = [_N, _T] if _layout(reader) else [_T, _N]
    return dense == len(trace.nodes) and axes is not None and axes[:2] == expected


def _layout(node: Node) -> int:
    return int(node.attributes.get("layout", 0))


def _sizes(file: _File, chain: list[Node]) -> str:
    W = file.constants.value(chain[0].inputs[1])
    sizes = f"D {W.shape[-1]}, H {W.shape[-2]}" if W and len(W.shape) == 3 else "no weights"
    more = [f"{len(chain)} layers"] * (len(chain) > 1)
    return ", ".join([sizes, *more])


def _traced(file: _File, name: str) -> _Trace:
    """Return where a value comes from: back to an input of the graph, an RNN, or an unknown."""
    nodes: list[Node] = []
    for _ in range(_LONGEST):
        node = file.constants.makers.get(name)
        if node is None or node.op == "RNN":
            return _Trace(name, node, tuple(nodes[::-1]))
        source = _main_input(file, node)
        if source is None:
            return _Trace(name, None, tuple(nodes[::-1]), node)
        nodes.append(node)
        name = source
    return _Trace(name, None, tuple(nodes[::-1]), nodes[-1])


def _main_input(file: _File, node: Node) -> str | None:
    """Return the one input of a known operation that is not a constant."""
    if node.op == "Concat":
        return _both_states(file, node)
    picked = _picked_state(file, node)
    if picked is not None:  # of two directions, one alone is not what a readout here reads
        return picked[0] if len(_sides(file.constants.makers[picked[0]])) == 1 else None
    if node.op in (*_PLAIN, *_MOVED, "Gather", "Slice", *_FUNCTIONS):
        inputs = node.inputs[:1]
    elif node.op in ("MatMul", "Add", "Gemm"):
        inputs = tuple(i for i in node.inputs if i and file.constants.value(i) is None)
    else:
        return None
    if node.op == "Gather" and file.constants.value(node.inputs[0]) is not None:
        return None
    return inputs[0] if len(inputs) == 1 else None


def _picked_state(file: _File, node: Node | None) -> tuple[str, int] | None:
    """Return which last state a Gather picks, and its direction: h_n[-1] in PyTorch.

    PyTorch's h_n is a Concat of the last states of all layers and directions.
    """
    if node is None or node.op != "Gather" or node.attributes.get("axis", 0):
        return None
    index = file.constants.integers(node.inputs[1])
    maker = file.constants.makers.get(node.inputs[0])
    if maker is None or not index or len(index) != 1:
        return None
    joined = maker.op == "Concat" and maker.attributes.get("axis") == 0
    states: list[tuple[str, int]] = []
    for name in maker.inputs if joined else node.inputs[:1]:
        rnn = file.constants.makers.get(name)
        if rnn is None or rnn.op != "RNN" or name not in rnn.outputs[1:] or _layout(rnn):
            return None
        states += [(name, side) for side in range(len(_sides(rnn)))]
    return states[index[0]] if -len(states) <= index[0] < len(states) else None


def _both_states(file: _File, node: Node) -> str | None:
    """Return the last states that a Concat puts side by side, forward first."""
    picked = [_picked_state(file, file.constants.makers.get(each)) for each in node.inputs]
    states = [each for each in picked if each is not None]
    if len(states) != 2 or len(picked) != 2 or node.attributes.get("axis") not in (1, -1):
        return None
    (name, first), (other, second) = states
    return name if name == other and (first, second) == (0, 1) else None


# the axes of a value on its way


def _followed(
    file: _File, trace: _Trace, *, until_dense: bool = False
) -> tuple[list[str] | None, int | None, int]:
    """Follow the axes of what an RNN gives through the nodes.

    Returns:
        The axes at the end, or None where they are not understood; the step that was picked, if
        one was; and how many nodes were followed.
    """
    rnn = trace.rnn
    assert rnn is not None
    axes = _given(rnn, trace.source)
    if len(_sides(rnn)) == 1:
        axes = [_ONE if axis == _DIR else axis for axis in axes]
    step: int | None = None
    for n, node in enumerate(trace.nodes):
        if until_dense and node.op in ("MatMul", "Gemm", "Add", *_FUNCTIONS):
            return axes, step, n
        moved = _moved(file, node, axes)
        if moved is None:
            return None, step, n
        axes, picked = moved
        step = picked if picked is not None else step
    return axes, step, len(trace.nodes)


def _given(rnn: Node, name: str) -> list[str]:
    """Return the axes of Y or Y_h."""
    if name == rnn.outputs[0]:
        return [_N, _T, _DIR, _H] if _layout(rnn) else [_T, _DIR, _N, _H]
    return [_N, _DIR, _H] if _layout(rnn) else [_DIR, _N, _H]


def _moved(file: _File, node: Node, axes: list[str]) -> tuple[list[str], int | None] | None:
    """Return the axes after a node, and the step that it picks, if it picks one."""
    if node.op in _PLAIN:
        return axes, None
    if node.op == "Transpose":
        perm = node.attributes.get("perm") or range(len(axes))[::-1]
        return ([axes[p] for p in perm], None) if sorted(perm) == [*range(len(axes))] else None
    if node.op in ("Squeeze", "Unsqueeze"):
        return _squeezed(file, node, axes)
    if node.op in ("Reshape", "Flatten"):
        return _reshaped(file, node, axes)
    if node.op == "Concat":  # see _both_states
        return [_N, _F], None
    return _picked(file, node, axes)


def _squeezed(file: _File, node: Node, axes: list[str]) -> tuple[list[str], None] | None:
    where = axes_of(node, file.constants)
    if where is None:
        left = [axis for axis in axes if axis not in (_ONE, _N)]
        return (left, None) if node.op == "Squeeze" and _T in left else None
    if node.op == "Squeeze":
        gone = {w % len(axes) for w in where}
        if not {axes[w] for w in gone} <= {_ONE, _N}:
            return None
        return [axis for n, axis in enumerate(axes) if n not in gone], None
    found = [*axes]
    for w in sorted(w % (len(axes) + len(where)) for w in where):
        found.insert(w, _ONE)
    return found, None


def _reshaped(file: _File, node: Node, axes: list[str]) -> tuple[list[str], None] | None:
    """Return the axes after both directions were put side by side, or axes of one left out."""
    plain = [axis for axis in axes if axis != _ONE]
    if _DIR in plain:
        side = plain.index(_DIR)
        rest = [axis for axis in plain if axis not in (_DIR, _H)]
        if plain[side + 1 :] not in ([_H], [_N, _H]) or (plain[-2] == _N and _T in plain):
            return None
        plain = [*rest, _F]
    size = file.constants.integers(node.inputs[1]) if node.op == "Reshape" else [0] * 2
    if size is None:  # calculated from the shape of x: nothing but this is sensible
        return plain, None
    if len(size) == len(plain):
        return plain, None
    if len(size) == 2 and plain[:-1] in ([_T, _N], [_N, _T]) and size[-1] not in (0, -1):
        return [_T, plain[-1]], None
    grown = len(size) == len(plain) + 1 and _N not in plain
    return ([_ONE, *plain], None) if grown else None


def _picked(file: _File, node: Node, axes: list[str]) -> tuple[list[str], int | None] | None:
    """Return the axes after one step, or the only direction or sequence, was picked."""
    if node.op == "Gather":
        index = file.constants.integers(node.inputs[1])
        scalar = file.constants.value(node.inputs[1])
        axis = int(node.attributes.get("axis", 0)) % len(axes)
        if index is None or len(index) != 1 or scalar is None:
            return None
        left = [*axes[:axis], *([] if not scalar.shape else [_ONE]), *axes[axis + 1 :]]
        return _left(axes[axis], index[0], left)
    return _sliced(file, node, axes) if node.op == "Slice" else None


def _sliced(file: _File, node: Node, axes: list[str]) -> tuple[list[str], int | None] | None:
    """Return the axes after a Slice that takes one index, or everything."""
    cut = [node.attributes.get(key) for key in ("starts", "ends", "axes")]
    if len(node.inputs) > 1:
        cut = [file.constants.integers(each) for each in [*node.inputs[1:4], "", ""][:3]]
    starts, ends, where = cut
    if not starts or not ends or len(starts) != 1 or len(ends) != 1:
        return None
    start, end, axis = starts[0], ends[0], (where[0] if where else 0) % len(axes)
    if start == 0 and end >= _TO_THE_END:
        return axes, None
    if end != start + 1 and not (start == -1 and end >= _TO_THE_END):
        return None
    return _left(axes[axis], start, [*axes[:axis], _ONE, *axes[axis + 1 :]])


def _left(axis: str, index: int, left: list[str]) -> tuple[list[str], int | None] | None:
    if axis == _T:
        return left, index
    if axis == _ONE or (axis == _N and index in (0, -1)):
        return left, None
    return None


# an RNN node


def _sides(node: Node) -> tuple[bool, ...]:
    """Return False for forward and True for reverse, as many as there are."""
    direction = node.attributes.get("direction", "forward")
    sides = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
    if direction not in sides:
        raise InputError(f"{shown(_short(node))} has the direction {shown(str(direction))}")
    return sides[direction]


def _levels(file: _File, chain: list[Node]) -> Described:
    """Return the layers, their initial states, and what was said about them."""
    levels: list[Level] = []
    starts: list[Array | None] = []
    notes: list[str] = []
    uses: dict[str, str] = {}
    for n, node in enumerate(chain):
        level, names = _level(file, node, levels[-1].output_size if levels else None)
        levels.append(level)
        for name, key in names.items():
            use = " and ".join(f"{k}_l{n}" if len(chain) > 1 else k for k in key.split())
            uses[name] = f"{uses[name]}, {use}" if name in uses else use
        starts += _starts(file, node, level, notes)
        if len(node.inputs) > 5 and node.inputs[5]:
            uses.setdefault(file.constants.source(node.inputs[5]), "h0")
        if len(node.inputs) > 4 and node.inputs[4]:
            notes.append(
                f"sequence_lens of {shown(_short(node))} is not applied: every step is calculated"
            )
    sizes = [half.sizes[1] for level in levels for half in level.halves]
    zeros = [np.zeros(n) if row is None else row for row, n in zip(starts, sizes, strict=True)]
    start = tuple(zeros) if any(row is not None for row in starts) else None
    return Described(tuple(levels), start=start, notes=tuple(notes), uses=uses)


def _level(file: _File, node: Node, size: int | None) -> tuple[Level, dict[str, str]]:
    """Return the layer of an RNN node, and the names of its constants."""
    sides = _sides(node)
    W, R = (_weight(file, node, node.inputs[n], p, len(sides)) for n, p in ((1, "W"), (2, "R")))
    bias = node.inputs[3] if len(node.inputs) > 3 else ""
    B = _weight(file, node, bias, "B", len(sides), rank=2) if bias else None
    functions = _functions(node, len(sides))
    H = R.shape[-1]
    if B is not None and B.shape[1] != 2 * H:
        raise InputError(f"B of {shown(_short(node))} has {B.shape[1]} values, but needs {2 * H}")
    halves = []
    for n, f in enumerate(functions):
        b_xh, b_hh = (None, None) if B is None else (B[n, :H], B[n, H:])
        half = Half(W[n], R[n], None, b_xh, b_hh, f)
        labels = {"wxh": "W", "whh": "R", "bxh": "B", "bhh": "B"}
        halves.append(checked_half(half, labels, size))
    names = {node.inputs[1]: "wxh", node.inputs[2]: "whh"} | ({bias: "bxh bhh"} if bias else {})
    only_back = sides == (True,)
    return (Level(None, halves[0]) if only_back else Level.of(halves)), names


def _weight(file: _File, node: Node, name: str, part: str, directions: int, rank: int = 3) -> Array:
    """Return a constant of an RNN node: (directions, ...)."""
    found = file.constants.value(name)
    of = f"{part} of node {shown(_short(node))}"
    if found is None and name in file.graph.inputs:
        raise InputError(f"{of} is an input of the graph, not in the file")
    if found is None:
        maker = file.constants.makers.get(name)
        how = f"calculated by {shown(maker.op)}" if maker else "missing"
        raise InputError(f"{of} is {how}, so it is not a weight of the file")
    values = widened(name, found)
    if values.ndim != rank or values.shape[0] != directions or not values.size:
        raise InputError(f"{of} is {shape_of(values)}, but needs {rank} axes, first {directions}")
    return values


def _starts(file: _File, node: Node, level: Level, notes: list[str]) -> list[Array | None]:
    """Return the initial state of each direction, None where it is zero."""
    halves = level.halves
    name = node.inputs[5] if len(node.inputs) > 5 else ""
    found = file.constants.start(name) if name else np.zeros(1)
    if found is not None and not found.any():
        return [None] * len(halves)
    if found is None:
        notes.append(_start_from_outside(file, node, name))
        return [None] * len(halves)
    values = widened(name, stored(found))
    if values.size == 1:
        values = np.full((len(halves), 1, halves[0].sizes[1]), values.item())
    values = values.swapaxes(0, 1) if _layout(node) and values.ndim == 3 else values
    if values.ndim != 3 or len(values) != len(halves) or values.shape[2] != halves[0].sizes[1]:
        raise InputError(f"initial_h of {shown(_short(node))} is {shape_of(values)}")
    if np.ptp(values, axis=1).any():
        raise InputError(f"initial_h of {shown(_short(node))} differs within the batch")
    notes.append(f"h0 is initial_h of {shown(_short(node))}, unless --h0 gives another")
    return [values[n, 0] for n in range(len(halves))]


def _start_from_outside(file: _File, node: Node, name: str) -> str:
    """Return the note about an initial state that is an input of the graph.

    Raises:
        InputError: it is calculated from something else.
    """
    of, source = f"initial_h of {shown(_short(node))}", file.constants.source(name)
    if source in file.graph.inputs:
        return f"{of} is not in the file: h0 is 0 unless --h0 gives it"
    maker = file.constants.makers.get(source)
    by = _told(maker) if maker else "nothing"
    raise InputError(f"{of} is given by {by}, which is not calculated")


_DEFAULTS: dict[
    str, tuple[tuple[float | None, ...], Callable[..., Activation]]
] = {  # of alpha and beta; None where the specification gives none
    "leakyrelu": ((0.01,), more.leaky_relu),
    "thresholdedrelu": ((1.0,), more.thresholded_relu),
    "elu": ((1.0,), more.elu),
    "hardsigmoid": ((0.2, 0.5), more.hard_sigmoid),
    "affine": ((None, None), more.affine),
    "scaledtanh": ((None, None), more.scaled_tanh),
}
_NO_PARAMETERS = ("tanh", "relu", "sigmoid", "softsign", "softplus")


def _functions(node: Node, directions: int) -> list[Activation]:
    """Return the activation of each direction, with its alpha and beta and the clip."""
    names = node.attributes.get("activations") or ["Tanh"] * directions
    alphas = [*(node.attributes.get("activation_alpha") or ())]
    betas = [*(node.attributes.get("activation_beta") or ())]
    if len(names) < directions:
        raise InputError(f"{shown(_short(node))} has {len(names)} activations for {directions}")
    found = [_function(node, str(name), alphas, betas) for name in names[:directions]]
    clip = node.attributes.get("clip")
    return [more.clipped(float(clip), f) if clip else f for f in found]


def _function(node: Node, name: str, alphas: list[float], betas: list[float]) -> Activation:
    """Return an activation; those that have parameters take the next of each list."""
    letters = name.lower()
    if letters in _NO_PARAMETERS:
        return ACTIVATIONS[letters]
    if letters not in _DEFAULTS:
        raise InputError(f"{shown(_short(node))} has the activation {shown(name)}, not known")
    defaults, make = _DEFAULTS[letters]
    given = [
        values.pop(0) if values else default
        for values, default in zip((alphas, betas), defaults, strict=False)
    ]
    if None in given:
        raise InputError(f"{shown(_short(node))} has {shown(name)} without alpha and beta")
    made: Activation = make(*given)
    if letters == "elu" and given == [1.0]:
        return ACTIVATIONS["elu"]
    return made


# what comes before and after


def _before(file: _File, described: Described, first: Node, *, asked: bool) -> Described:
    """Return the network with what x goes through before the first layer."""
    trace = _traced(file, first.inputs[0])
    notes, uses = described.notes, dict(described.uses)
    if trace.stopped is None and trace.rnn is None:
        functions, used = _dense_of(file, trace.nodes)
        sizes_fit = not functions or functions[-1].W.shape[0] == described.levels[0].input_size
        if sizes_fit and functions is not None:
            return replace(described, before=functions, uses=uses | used)
    maker = trace.stopped
    if maker is not None and maker.op == "Gather" and not _dense_nodes(trace.nodes):
        name = maker.inputs[0]
        found = file.constants.value(name)
        if found is not None and len(found.shape) == 2:
            uses[name] = "embedding"
            return replace(described, embedding=widened(name, found), uses=uses)
    of = shown(_short(first))
    what = _told(maker or trace.rnn or first)
    if not asked:
        raise InputError(
            f"{of} reads {what}, which is not calculated; with --rnn, x is what {of} reads"
        )
    return replace(
        described, notes=(*notes, f"x is what {of} reads, which the file gets of {what}")
    )


def _told(node: Node) -> str:
    """Return `a Conv (/conv/Conv)`."""
    return f"{article_of(node.op)} {shown(node.op)}" + (
        f" ({shown(node.name)})" if node.name else ""
    )


def _dense_nodes(nodes: tuple[Node, ...]) -> list[Node]:
    return [node for node in nodes if node.op in ("MatMul", "Gemm", "Add", *_FUNCTIONS)]


def _read_out(file: _File, described: Described, last: Node, head: str | None) -> Described:
    """Return the network with the layers that read out the last state."""
    if head == NO_HEAD:
        return described
    traces = [_traced(file, output) for output in file.graph.outputs]
    heads = [found for trace in traces if (found := _head(file, trace, last))]
    if not heads and head is None:
        return replace(described, notes=(*described.notes, *_states_only(traces, last)))
    by_name = {each.dense[-1].name: each for each in heads}
    if head is not None:
        chosen = _cut(heads, head)
    elif len(by_name) > 1:
        names = ", ".join(map(shown, by_name))
        raise ChoiceError(
            f"has {len(by_name)} outputs that layers give: {names}; "
            "choose one with --head, or --head none"
        )
    else:
        chosen = heads[0]
    return _with_head(described, chosen, _sides(last))


def _cut(heads: list[_Head], wanted: str) -> _Head:
    """Return the head that has the layer that is wanted, as far as that layer."""
    names = [dense.name for head in heads for dense in head.dense]
    name = named(wanted, names, "--head")
    for head in heads:
        for n, dense in enumerate(head.dense, 1):
            if dense.name == name:
                return replace(head, dense=head.dense[:n])
    raise AssertionError(name)


def _with_head(described: Described, head: _Head, sides: tuple[bool, ...]) -> Described:
    if head.dense[0].W.shape[1] != described.levels[-1].output_size:
        raise InputError(
            f"{shown(head.dense[0].name)} takes {head.dense[0].W.shape[1]} values, "
            f"but the state has {described.levels[-1].output_size}"
        )
    notes, final = list(described.notes), head.last_state and True in sides
    if not final and (head.last_state or head.step is not None):
        which = "last" if head.last_state or head.step == -1 else "first"
        if not head.last_state and head.step not in (-1, 0):
            which = f"step with index {head.step}"
        step = which if which.startswith("step") else f"{which} step"
        notes.append(f"the file reads out the {step} only; here every step is read out")
    return replace(
        described,
        after=head.dense,
        final=final,
        notes=tuple(notes),
        uses={**described.uses, **head.uses},
    )


def _states_only(traces: list[_Trace], last: Node) -> list[str]:
    """Return a note where only states come out; refuse what is not calculated after them."""
    if any(trace.rnn is not None and not _dense_nodes(trace.nodes) for trace in traces):
        return []
    stopped = [trace.stopped for trace in traces if trace.stopped is not None]
    for node in stopped:
        raise InputError(
            f"{_told(node)} after {shown(_short(last))} is not calculated; "
            "--head none shows the states"
        )
    raise InputError(
        f"what comes after {shown(_short(last))} is not calculated; --head none shows the states"
    )


def _head(file: _File, trace: _Trace, last: Node) -> _Head | None:
    """Return the layers between the last RNN and an output, or None where they are not that."""
    if trace.rnn is not last or trace.stopped is not None or not _dense_nodes(trace.nodes):
        return None
    axes, step, n = _followed(file, trace, until_dense=True)
    if axes is None or axes[-1] not in (_H, _F) or _DIR in axes:
        return None
    dense, used = _dense_of(file, trace.nodes[n:])
    if not dense:
        return None
    last_state = trace.source != last.outputs[0]
    return _Head(last, dense, used, last_state, step)


def _dense_of(file: _File, nodes: tuple[Node, ...]) -> tuple[tuple[Dense, ...], dict[str, str]]:
    """Return the layers that MatMul, Gemm, Add and activations form.

    Raises:
        InputError: they do not form layers.
    """
    found: list[Dense] = []
    uses: dict[str, str] = {}
    for node in nodes:
        if node.op in ("MatMul", "Gemm"):
            dense, used = _matrix(file, node)
            if found and found[-1].W.shape[0] != dense.W.shape[1]:
                raise InputError(f"{_told(node)} does not fit the layer before it")
            found.append(dense)
            uses |= used
        elif node.op == "Add" and found and found[-1].b is None:
            name = next(i for i in node.inputs if file.constants.value(i) is not None)
            found[-1] = replace(found[-1], b=_vector(file, name, len(found[-1].W)))
            uses[name] = f"by of {shown(found[-1].name)}"
        elif node.op in _FUNCTIONS and found and found[-1].activation is LINEAR:
            found[-1] = replace(found[-1], activation=_FUNCTIONS[node.op](node))
        elif node.op in ("Add", *_FUNCTIONS):
            raise InputError(f"{_told(node)} is not calculated")
    return tuple(found), uses


def _matrix(file: _File, node: Node) -> tuple[Dense, dict[str, str]]:
    """Return the layer of a MatMul or of a Gemm: alpha A B + beta C."""
    gemm = node.op == "Gemm"
    name = node.inputs[1]
    constant = file.constants.value(name)
    if constant is None or len(constant.shape) != 2 or node.attributes.get("transA"):
        raise InputError(f"{_told(node)} does not multiply by a matrix of the file from the right")
    B = widened(name, constant)
    turned = not (gemm and node.attributes.get("transB"))
    W = (B.T if turned else B) * node.attributes.get("alpha", 1.0)
    stem = name.removesuffix(".weight") if name.endswith(".weight") else _short(node)
    uses = {name: f"why of {shown(stem)}" + ", transposed" * turned}
    b = None
    if gemm and len(node.inputs) > 2 and node.inputs[2]:
        b = _vector(file, node.inputs[2], len(W)) * node.attributes.get("beta", 1.0)
        uses[node.inputs[2]] = f"by of {shown(stem)}"
    return Dense(stem, W, b, LINEAR), uses


def _vector(file: _File, name: str, size: int) -> Array:
    found = file.constants.value(name)
    if found is None:
        raise InputError(f"{shown(name)} is added, but is not in the file")
    values = widened(name, found)
    if values.size not in (1, size):
        raise InputError(f"{shown(name)} has {values.size} values, but is added to {size}")
    return np.broadcast_to(values.ravel(), (size,))


def _softmax(node: Node) -> Activation:
    """Return softmax along the last axis: the only one that there is after a layer."""
    if node.attributes.get("axis", -1) == 0:
        raise InputError(f"{_told(node)} is not along the last axis, and not calculated")
    log = node.op == "LogSoftmax"
    return more.WITHOUT_PARAMETERS["log(softmax)"] if log else ACTIVATIONS["softmax"]


def _fixed(name: str) -> Callable[[Node], Activation]:
    known = {**ACTIVATIONS, **more.WITHOUT_PARAMETERS}
    return lambda _: known[name]


def _with(make: Callable[..., Activation], **defaults: float) -> Callable[[Node], Activation]:
    return lambda node: make(*(float(node.attributes.get(k, d)) for k, d in defaults.items()))


def _gelu(node: Node) -> Activation:
    kind = "tanh" if node.attributes.get("approximate") == "tanh" else "erf"
    return more.WITHOUT_PARAMETERS[f"gelu({kind})"]


_FUNCTIONS: dict[str, Callable[[Node], Any]] = {
    "Tanh": lambda _: TANH,
    "Relu": _fixed("relu"),
    "Sigmoid": _fixed("sigmoid"),
    "Softplus": _fixed("softplus"),
    "Softsign": _fixed("softsign"),
    "Selu": _fixed("selu"),
    "Mish": _fixed("mish"),
    "Exp": _fixed("exponential"),
    "Elu": _with(more.elu, alpha=1.0),
    "Celu": _with(more.celu, alpha=1.0),
    "LeakyRelu": _with(more.leaky_relu, alpha=0.01),
    "ThresholdedRelu": _with(more.thresholded_relu, alpha=1.0),
    "HardSigmoid": _with(more.hard_sigmoid, alpha=0.2, beta=0.5),
    "HardSwish": lambda _: more.hard_silu(1 / 6, 0.5),
    "Gelu": _gelu,
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
}
