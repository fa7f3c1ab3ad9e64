"""ONNX: RNN nodes, what lies between them, and the layers that read them out."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError
from rnncalc.network.activations import LINEAR
from rnncalc.reading.weights.choosing import (
    NO_HEAD,
    Asked,
    ChoiceError,
    chosen_rnns,
    gated,
    listed,
    named,
)
from rnncalc.reading.weights.contents import Contents, shown, stored, widened
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
from rnncalc.reading.weights.parts import (
    Dense,
    Described,
    Half,
    Level,
    checked_half,
    with_unused,
)
from rnncalc.reading.weights.protobuf import Graph, Node


def from_onnx(contents: Contents, asked: Asked) -> Described:
    """Return the network of a graph; --rnn names the first node of a chain of RNN nodes.

    Raises:
        InputError: there is no RNN node, or something around it is not calculated.
    """
    graph = contents.facts["graph"]
    constants = Constants(graph, {**contents.facts["hidden"], **contents.arrays})
    chains = _chains(constants)
    texts = {name: _sizes(constants, chain) for name, chain in chains.items()}
    chain = [node for name in chosen_rnns(texts, asked.rnn) for node in chains[name]]
    described = _levels(constants, chain)
    described = _before(constants, described, chain[0], asked=asked.rnn is not None)
    return with_unused(contents, _read_out(constants, described, chain[-1], asked.head))


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


def _levels(constants: Constants, chain: list[Node]) -> Described:
    """Return the layers, their initial states, and what was said about them."""
    levels: list[Level] = []
    starts: list[Array] = []
    notes: list[str] = []
    uses: dict[str, str] = {}
    for n, node in enumerate(chain):
        levels.append(_level(constants, node, levels[-1].output_size if levels else None))
        end = f"_l{n}" if len(chain) > 1 else ""
        for at, use in enumerate((f"wxh{end}", f"whh{end}", f"bxh{end} and bhh{end}"), 1):
            if name := node.input(at):
                uses[name] = f"{uses[name]}, {use}" if name in uses else use
        rows, said = _start(constants, node, levels[-1])
        starts += rows
        notes += said
        if node.input(5):
            uses.setdefault(constants.source(node.input(5)), "h0")
        if node.input(4):
            name = shown(node.short)
            notes.append(f"sequence_lens of {name} is not applied: every step is calculated")
    start = tuple(starts) if any(row.any() for row in starts) else None
    return Described(tuple(levels), start=start, notes=tuple(notes), uses=uses)


def _level(constants: Constants, node: Node, size: int | None) -> Level:
    """Return the layer of an RNN node."""
    sides = sides_of(node)
    W, R = (_weight(constants, node, n, len(sides), rank=3) for n in (1, 2))
    B = _weight(constants, node, 3, len(sides), rank=2) if node.input(3) else None
    functions = functions_of(node, len(sides))
    H = R.shape[-1]
    if B is not None and B.shape[1] != 2 * H:
        raise InputError(f"B of {shown(node.short)} has {B.shape[1]} values, but needs {2 * H}")
    halves = []
    for n, f in enumerate(functions):
        b_xh, b_hh = (None, None) if B is None else (B[n, :H], B[n, H:])
        half = Half(W[n], R[n], None, b_xh, b_hh, f)
        halves.append(checked_half(half, {"wxh": "W", "whh": "R", "bxh": "B", "bhh": "B"}, size))
    return Level(None, halves[0]) if sides == (True,) else Level.of(halves)


def _weight(constants: Constants, node: Node, n: int, directions: int, *, rank: int) -> Array:
    """Return input `n` of an RNN node, W, R or B, a constant: (directions, ...)."""
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


def _start(constants: Constants, node: Node, level: Level) -> tuple[list[Array], list[str]]:
    """Return the initial state of each direction, and what is said about it."""
    directions, H = len(level.halves), level.halves[0].sizes[1]
    name, of = node.input(5), f"initial_h of {shown(node.short)}"
    found = constants.start(name) if name else np.zeros(1)
    if found is None or not found.any():
        zeros: list[Array] = [np.zeros(H)] * directions
        return zeros, [] if found is not None else [_start_from_outside(constants, name, of)]
    values = widened(name, stored(found))
    if values.size == 1:
        values = np.full((directions, 1, H), values.item())
    elif batch_first(node) and values.ndim == 3:
        values = values.swapaxes(0, 1)
    if values.ndim != 3 or (len(values), values.shape[2]) != (directions, H):
        raise InputError(f"{of} is {shape_of(values)}")
    if np.ptp(values, axis=1).any():
        raise InputError(f"{of} differs within the batch")
    rows: list[Array] = [values[n, 0] for n in range(directions)]
    return rows, [f"h0 is {of}, unless --h0 gives another"]


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


def _before(constants: Constants, described: Described, first: Node, *, asked: bool) -> Described:
    """Return the network with what x goes through before the first layer."""
    trace = traced(constants, first.inputs[0])
    maker = trace.stopped
    if maker is None and trace.rnn is None:
        before, uses = _dense(constants, trace.layers)
        if not before or len(before[-1].W) == described.levels[0].input_size:
            return replace(described, before=before).noted(uses=uses)
    if maker is not None and maker.op == "Gather" and not trace.layers:
        name = maker.inputs[0]
        found = constants.value(name)
        if found is not None and len(found.shape) == 2:
            described = replace(described, embedding=widened(name, found))
            return described.noted(uses={name: "embedding"})
    of, what = shown(first.short), maker or trace.rnn or first
    if not asked:
        raise InputError(
            f"{of} reads {what}, which is not calculated; with --rnn, x is what {of} reads"
        )
    return described.noted(f"x is what {of} reads, which the file gets of {what}")


@dataclass(frozen=True, eq=False)
class _Head:
    """The layers without a memory that read out a state, and which state that is.

    Attributes:
        dense: the layers, the first one first.
        uses: what their arrays are used as.
        last_state: whether they read the last state, and not the states of all steps.
        step: which of all steps they read; None for each of them.
    """

    dense: tuple[Dense, ...]
    uses: dict[str, str]
    last_state: bool
    step: int | None


def _read_out(
    constants: Constants, described: Described, last: Node, head: str | None
) -> Described:
    """Return the network with the layers that read out the last state."""
    if head == NO_HEAD:
        return described
    traces = [traced(constants, output) for output in constants.graph.outputs]
    heads = [found for trace in traces if (found := _head(constants, trace, last))]
    if head is not None:
        return _with_head(described, _cut(heads, head), last)
    by_name = {each.dense[-1].name: each for each in heads}
    if len(by_name) > 1:
        names = ", ".join(map(shown, by_name))
        raise ChoiceError(
            f"has {len(by_name)} outputs that layers give: {names}; "
            "choose one with --head, or --head none"
        )
    if heads:
        return _with_head(described, heads[0], last)
    if not any(trace.rnn is not None and not trace.layers for trace in traces):  # only states
        stopped = next((trace.stopped for trace in traces if trace.stopped), None)
        what = f"{stopped} after" if stopped else "what comes after"
        raise InputError(
            f"{what} {shown(last.short)} is not calculated; --head none shows the states"
        )
    return described


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


def _with_head(described: Described, head: _Head, last: Node) -> Described:
    inputs, size = head.dense[0].W.shape[1], described.levels[-1].output_size
    if inputs != size:
        raise InputError(
            f"{shown(head.dense[0].name)} takes {inputs} values, but the state has {size}"
        )
    final = head.last_state and True in sides_of(last)
    described = replace(described, after=head.dense, final=final).noted(uses=head.uses)
    if final or not (head.last_state or head.step is not None):
        return described
    step = -1 if head.last_state else head.step
    which = {-1: "last step", 0: "first step"}.get(step or 0, f"step with index {step}")
    return described.noted(f"the file reads out the {which} only; here every step is read out")


def _dense(constants: Constants, nodes: list[Node]) -> tuple[tuple[Dense, ...], dict[str, str]]:
    """Return the layers that MatMul, Gemm, Add and activations form.

    Raises:
        InputError: they do not form layers.
    """
    found: list[Dense] = []
    uses: dict[str, str] = {}
    for node in nodes:
        last = found[-1] if found else None
        if node.op in ("MatMul", "Gemm"):
            dense, used = _matrix(constants, node)
            if last and len(last.W) != dense.W.shape[1]:
                raise InputError(f"{node} does not fit the layer before it")
            found.append(dense)
            uses |= used
        elif node.op == "Add" and last and last.b is None:
            name = next(each for each in node.inputs if constants.value(each) is not None)
            found[-1] = replace(last, b=_vector(constants, name, len(last.W)))
            uses[name] = f"by of {shown(last.name)}"
        elif node.op in NODES and last and last.activation is LINEAR:
            found[-1] = replace(last, activation=function_of(node))
        elif node.op == "Add" or node.op in NODES:
            raise InputError(f"{node} is not calculated")
    return tuple(found), uses


def _matrix(constants: Constants, node: Node) -> tuple[Dense, dict[str, str]]:
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
    return Dense(stem, W, b, LINEAR), uses


def _vector(constants: Constants, name: str, size: int) -> Array:
    """Return a bias, (size,), from that many numbers or from one."""
    found = constants.value(name)
    if found is None:
        raise InputError(f"{shown(name)} is added, but is not in the file")
    values = widened(name, found)
    if values.size not in (1, size):
        raise InputError(f"{shown(name)} has {values.size} values, but is added to {size}")
    return np.broadcast_to(values.ravel(), (size,))
