"""ONNX: RNN nodes, what lies between them, and the layers that read them out."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError
from rnncalc.network.activations import LINEAR
from rnncalc.network.cells import Layer, Readout
from rnncalc.reading.weights.choosing import (
    NO_HEAD,
    ChoiceError,
    chosen_rnns,
    gated,
    listed,
    named,
)
from rnncalc.reading.weights.contents import shown, stored, widened
from rnncalc.reading.weights.described import Described, layer_of
from rnncalc.reading.weights.folding import Constants
from rnncalc.reading.weights.onnx_functions import NODES, function_of, functions_of
from rnncalc.reading.weights.onnx_values import (
    BOTH,
    DIRECTIONS,
    HIDDEN,
    Axes,
    Trace,
    batch_first,
    is_sequence,
    sides_of,
    traced,
)
from rnncalc.reading.weights.protobuf import Graph, Node

_LABELS = {"wxh": "W", "whh": "R", "bxh": "B", "bhh": "B"}  # what ONNX calls the inputs of an RNN


def from_onnx(described: Described) -> None:
    """Add the network of a graph; --rnn names the first node of a chain of RNN nodes.

    Raises:
        InputError: there is no RNN node, or something around it is not calculated.
    """
    contents = described.contents
    graph = contents.facts["graph"]
    constants = Constants(graph, {**contents.facts["hidden"], **contents.arrays})
    chains = _chains(constants)
    texts = {name: _sizes(constants, chain) for name, chain in chains.items()}
    names = chosen_rnns(texts, described.asked.rnn)
    chain = [node for name in names for node in chains[name]]
    _add_layers(described, constants, chain)
    _add_before(described, constants, chain[0])
    if described.asked.head != NO_HEAD:
        _read_out(described, constants, chain[-1])


# chains of RNN nodes


def _chains(constants: Constants) -> dict[str, list[Node]]:
    """Return the RNN nodes that read each other, by the name of the first."""
    rnns = _rnns(constants.graph)
    before: dict[Node, Node] = {}
    for node in rnns.values():
        trace = traced(constants, node.inputs[0])
        if trace.rnn is not None and is_sequence(constants, trace, node):
            before[node] = trace.rnn
    readers = Counter(before.values())
    following = {rnn: node for node, rnn in before.items() if readers[rnn] == 1}
    chains: dict[str, list[Node]] = {}
    for name, node in rnns.items():
        if node not in following.values():
            chains[name] = [node]
            while chains[name][-1] in following:
                chains[name].append(following[chains[name][-1]])
    return chains


def _rnns(graph: Graph) -> dict[str, Node]:
    """Return the RNN nodes by names that a person can type."""
    found: dict[str, Node] = {}
    for node in graph.nodes:
        if node.op == "RNN":
            name = node.short
            found[name if name not in found else node.outputs[0] or node.name] = node
    if not found:
        raise _no_rnn(graph)
    return found


def _no_rnn(graph: Graph) -> InputError:
    """Return the error that there is no RNN node, which says what there is instead."""
    for node in graph.nodes:
        if node.op in ("LSTM", "GRU"):
            return gated(node.short, node.op)
    counts = Counter(node.op for node in graph.nodes)
    if counts["Loop"] or counts["Scan"]:
        return InputError(
            "has no RNN node, but a Loop, which is not calculated; tf2onnx writes a SimpleRNN so: "
            "give the .keras or .h5"
        )
    unrolled = [op for op in ("Add", "MatMul", "Gemm", "Tanh", "Relu") if counts[op] > 1]
    if "Tanh" in unrolled or len(unrolled) > 2:
        times = ", ".join(f"{op} {counts[op]} times" for op in unrolled)
        return InputError(
            f"has no RNN node, but {times}: unrolled by the exporter; "
            "export with dynamo=False, or give the state_dict"
        )
    return InputError(f"has no RNN node; its nodes are {listed(dict.fromkeys(counts, ''))}")


def _sizes(constants: Constants, chain: list[Node]) -> str:
    """Return `D 3, H 4, 2 layers`."""
    W = constants.value(chain[0].inputs[1])
    sizes = f"D {W.shape[-1]}, H {W.shape[-2]}" if W and len(W.shape) == 3 else "no weights"
    return sizes + f", {len(chain)} layers" * (len(chain) > 1)


# an RNN node


def _add_layers(described: Described, constants: Constants, chain: list[Node]) -> None:
    """Add the layers, their initial states, and what is said about them."""
    starts: list[Array] = []
    uses = described.uses
    for n, node in enumerate(chain):
        described.layers.append(_layer(described, constants, node))
        end = f"_l{n}" if len(chain) > 1 else ""
        for at, use in enumerate((f"wxh{end}", f"whh{end}", f"bxh{end} and bhh{end}"), 1):
            if name := node.input(at):
                uses[name] = f"{uses[name]}, {use}" if name in uses else use
        starts += _start(described, constants, node)
        if node.input(5):
            uses.setdefault(constants.source(node.input(5)), "h0")
        if node.input(4):
            described.notes.append(
                f"sequence_lens of {shown(node.short)} is not applied: every step is calculated"
            )
    if any(row.any() for row in starts):
        described.start = starts


def _layer(described: Described, constants: Constants, node: Node) -> Layer:
    """Return the layer of an RNN node: each direction has its part of W, R and B."""
    sides = sides_of(node)
    W, R = (_weight(constants, node, n, len(sides)) for n in (1, 2))
    parts, H = {"wxh": W, "whh": R}, R.shape[-1]
    if node.input(3):
        B = _weight(constants, node, 3, len(sides))
        if B.shape[1] != 2 * H:
            raise InputError(f"B of {shown(node.short)} has {B.shape[1]} values, but needs {2 * H}")
        parts |= {"bxh": B[:, :H], "bhh": B[:, H:]}
    cells = []
    for n, f in enumerate(functions_of(node, len(sides))):
        arrays = {key: part[n] for key, part in parts.items()}
        cells.append(described.checked(_LABELS, arrays, f))
    return Layer(None, cells[0]) if sides == (True,) else layer_of(cells)


def _weight(constants: Constants, node: Node, n: int, directions: int) -> Array:
    """Return an input of an RNN node: W or R, (directions, H, ...), or B, (directions, 2H)."""
    rank = 2 if n == 3 else 3
    name = node.inputs[n]
    found = constants.value(name)
    of = f"{'XWRB'[n]} of node {shown(node.short)}"
    if found is None and name in constants.graph.inputs:
        raise InputError(f"{of} is an input of the graph, not in the file")
    if found is None:
        maker = constants.makers.get(name)
        how = f"calculated by {shown(maker.op)}" if maker else "missing"
        raise InputError(f"{of} is {how}, so it is not a weight of the file")
    values = widened(name, found)
    if values.ndim != rank or values.shape[0] != directions or not values.size:
        raise InputError(f"{of} is {shape_of(values)}, but needs {rank} axes, first {directions}")
    return values


def _start(described: Described, constants: Constants, node: Node) -> list[Array]:
    """Return the initial state of each direction, and note where it comes from."""
    layer = described.layers[-1]
    directions, H = len(layer.cells), layer.cells[0].hidden_size
    name, of = node.input(5), f"initial_h of {shown(node.short)}"
    found = constants.start(name) if name else np.zeros(1)
    if found is None:
        described.notes.append(_start_from_outside(constants, name, of))
    if found is None or not found.any():
        return [np.zeros(H)] * directions
    values = widened(name, stored(found))
    if values.size == 1:
        values = np.full((directions, 1, H), values.item())
    elif batch_first(node) and values.ndim == 3:
        values = values.swapaxes(0, 1)
    if values.ndim != 3 or (len(values), values.shape[2]) != (directions, H):
        raise InputError(f"{of} is {shape_of(values)}")
    if np.ptp(values, axis=1).any():
        raise InputError(f"{of} differs within the batch")
    described.notes.append(f"h0 is {of}, unless --h0 gives another")
    return [values[n, 0] for n in range(directions)]


def _start_from_outside(constants: Constants, name: str, of: str) -> str:
    """Return the note about an initial state that is an input of the graph.

    Raises:
        InputError: it is calculated from something else.
    """
    source = constants.source(name)
    if source in constants.graph.inputs:
        return f"{of} is not in the file: h0 is 0 unless --h0 gives it"
    by = constants.makers.get(source) or "nothing"
    raise InputError(f"{of} is given by {by}, which is not calculated")


# what comes before and after


def _add_before(described: Described, constants: Constants, first: Node) -> None:
    """Add what x goes through before the first layer."""
    trace = traced(constants, first.inputs[0])
    maker = trace.stopped
    if maker is None and trace.rnn is None:
        before, uses = _dense(constants, trace.layers)
        if not before or before[-1].output_size == described.layers[0].input_size:
            described.before = before
            described.uses |= uses
            return
    if maker is not None and maker.op == "Gather" and not trace.layers:
        name = maker.inputs[0]
        found = constants.value(name)
        if found is not None and len(found.shape) == 2:
            described.embedding = widened(name, found)
            described.uses[name] = "embedding"
            return
    of, what = shown(first.short), maker or trace.rnn or first
    if described.asked.rnn is None:
        raise InputError(
            f"{of} reads {what}, which is not calculated; with --rnn, x is what {of} reads"
        )
    described.notes.append(f"x is what {of} reads, which the file gets of {what}")


@dataclass(frozen=True, eq=False)
class _Head:
    """The layers without a memory that read out a state, and which state that is.

    Attributes:
        dense: the layers, the first one first.
        uses: what their arrays are used as.
        last_state: whether they read the last state, and not the states of all steps.
        step: which of all steps they read; None for each of them.
    """

    dense: list[Readout]
    uses: dict[str, str]
    last_state: bool
    step: int | None


def _read_out(described: Described, constants: Constants, last: Node) -> None:
    """Add the layers that read out the last state."""
    traces = [traced(constants, output) for output in constants.graph.outputs]
    heads = [found for trace in traces if (found := _head(constants, trace, last))]
    by_name = {each.dense[-1].name: each for each in heads}
    if described.asked.head is not None:
        _add_head(described, _cut(heads, described.asked.head), last)
    elif len(by_name) > 1:
        names = ", ".join(map(shown, by_name))
        raise ChoiceError(
            f"has {len(by_name)} outputs that layers give: {names}; "
            "choose one with --head, or --head none"
        )
    elif heads:
        _add_head(described, heads[0], last)
    elif not any(trace.rnn is not None and not trace.layers for trace in traces):  # no states
        stopped = next((trace.stopped for trace in traces if trace.stopped), None)
        what = f"{stopped} after" if stopped else "what comes after"
        raise InputError(
            f"{what} {shown(last.short)} is not calculated; --head none shows the states"
        )


def _head(constants: Constants, trace: Trace, last: Node) -> _Head | None:
    """Return the layers between the last RNN and an output, or None where they are not that."""
    if trace.rnn is not last or not trace.layers:
        return None
    axes = Axes(constants, trace)
    if not axes.followed or axes.names[-1] not in (HIDDEN, BOTH) or DIRECTIONS in axes.names:
        return None
    dense, uses = _dense(constants, trace.layers)
    return _Head(dense, uses, trace.source != last.outputs[0], axes.step)


def _cut(heads: list[_Head], wanted: str) -> _Head:
    """Return the head that has the layer that is wanted, as far as that layer."""
    names = [dense.name for head in heads for dense in head.dense]
    name = named(wanted, names, "--head")
    return next(
        replace(head, dense=head.dense[: n + 1])
        for head in heads
        for n, dense in enumerate(head.dense)
        if dense.name == name
    )


def _add_head(described: Described, head: _Head, last: Node) -> None:
    inputs, size = head.dense[0].input_size, described.width
    if inputs != size:
        raise InputError(
            f"{shown(head.dense[0].name)} takes {inputs} values, but the state has {size}"
        )
    described.after = head.dense
    described.uses |= head.uses
    described.final = head.last_state and True in sides_of(last)
    step = -1 if head.last_state else head.step
    if step is not None and not described.final:
        which = {-1: "last step", 0: "first step"}.get(step, f"step with index {step}")
        described.notes.append(f"the file reads out the {which} only; here every step is read out")


def _dense(constants: Constants, nodes: list[Node]) -> tuple[list[Readout], dict[str, str]]:
    """Return the layers that MatMul, Gemm, Add and activations form, and the uses of arrays.

    Raises:
        InputError: they do not form layers.
    """
    found: list[Readout] = []
    uses: dict[str, str] = {}
    for node in nodes:
        last = found[-1] if found else None
        if node.op in ("MatMul", "Gemm"):
            dense, used = _matrix(constants, node)
            if last and last.output_size != dense.input_size:
                raise InputError(f"{node} does not fit the layer before it")
            found.append(dense)
            uses |= used
        elif node.op == "Add" and last and last.b_y is None:
            name = next((n for n in node.inputs if constants.value(n)), node.inputs[-1])
            found[-1] = replace(last, b_y=_vector(constants, name, last.output_size))
            uses[name] = f"by of {shown(last.name)}"
        elif node.op in NODES and last and last.activation is LINEAR:
            found[-1] = replace(last, activation=function_of(node))
        elif node.op == "Add" or node.op in NODES:
            raise InputError(f"{node} is not calculated")
    return found, uses


def _matrix(constants: Constants, node: Node) -> tuple[Readout, dict[str, str]]:
    """Return the layer of a MatMul or of a Gemm: alpha A B + beta C."""
    name, setting = node.inputs[1], node.attributes.get
    constant = constants.value(name)
    if constant is None or len(constant.shape) != 2 or setting("transA"):
        raise InputError(f"{node} does not multiply by a matrix of the file from the right")
    B = widened(name, constant)
    turned = node.op == "MatMul" or not setting("transB")
    W = (B.T if turned else B) * setting("alpha", 1.0)
    stem = name.removesuffix(".weight") if name.endswith(".weight") else node.short
    uses = {name: f"why of {shown(stem)}" + ", transposed" * turned}
    b = None
    if node.op == "Gemm" and node.input(2):
        b = _vector(constants, node.input(2), len(W)) * setting("beta", 1.0)
        uses[node.input(2)] = f"by of {shown(stem)}"
    return Readout(W, b, LINEAR, stem), uses


def _vector(constants: Constants, name: str, size: int) -> Array:
    """Return a bias, (size,), from that many numbers or from one."""
    found = constants.value(name)
    if found is None:
        raise InputError(f"{shown(name)} is added, but is not in the file")
    values = widened(name, found)
    if values.size not in (1, size):
        raise InputError(f"{shown(name)} has {values.size} values, but is added to {size}")
    return np.broadcast_to(values.ravel(), (size,))
