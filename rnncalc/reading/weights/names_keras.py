"""Keras' configuration and the paths of its weights, of Keras 2 and 3.

In a .keras file the paths count classes: the second SimpleRNN is layers/simple_rnn_1, whatever its
name. In an .h5 file of a whole model the paths have the names of the layers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rnncalc.arrays import Array, shape_of
from rnncalc.errors import InputError, few
from rnncalc.network import more_activations as more
from rnncalc.network.activations import ACTIVATIONS, LINEAR, Activation
from rnncalc.reading.weights.choosing import NO_HEAD, Linear, chosen_head, chosen_rnns, named
from rnncalc.reading.weights.contents import Contents, article_of, shown, widened
from rnncalc.reading.weights.parts import (
    CONCAT,
    Dense,
    Described,
    Half,
    Level,
    checked_half,
    suffixes,
    with_unused,
)

_PASSED = (
    *("InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout"),
    *("AlphaDropout", "ActivityRegularization", "Identity"),
)
_RNNS = ("SimpleRNN", "Bidirectional", "RNN")
_MERGES = ("concat", "sum", "mul", "ave")
_GATED = ("LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU", "LSTMCell", "GRUCell", "ConvLSTM2D")
_MASKS = ("NotEqual", "Any")  # how Keras writes that an Embedding or a Masking skips steps
_FIRST = ("layers/", "_layer_checkpoint_dependencies/", "model_weights/", "")
_LEAVES = {
    "kernel": "wxh",
    "recurrent_kernel": "whh",
    "bias": "bh",
    "embeddings": "embedding",
    "0": "wxh",
    "1": "whh",
    "2": "bh",
}
Config = Mapping[str, Any]


@dataclass(frozen=True)
class _Layer:
    """A layer of the configuration: its name, its class, its settings, where its weights are."""

    name: str
    kind: str
    config: Config
    base: str


@dataclass
class _Chain:
    """What has been put together of the layers so far.

    Attributes:
        to_come: how many of the RNNs have not been added yet.
        flipped: whether the sequence runs from the last step to the first.
        final: whether there is only a last state.
    """

    levels: list[Level] = field(default_factory=list)
    cells: list[dict[str, str]] = field(default_factory=list)
    before: list[Dense] = field(default_factory=list)
    after: list[Dense] = field(default_factory=list)
    embedding: Array | None = None
    to_come: int = 0
    flipped: bool = False
    final: bool = False
    notes: list[str] = field(default_factory=list)
    uses: dict[str, str] = field(default_factory=dict)


def from_keras(
    contents: Contents, rnn: str | None, head: str | None, *, activation_given: bool
) -> Described:
    """Return the network that a configuration of Keras describes.

    Args:
        contents: of the file.
        rnn: which of the recurrent layers; all of them unless given.
        head: the last Dense to be calculated; `none` for none.
        activation_given: whether --activation says what a file without a configuration does not.

    Raises:
        InputError: a layer is not calculated, or there is no configuration.
    """
    if "config" not in contents.facts:
        if not activation_given:
            raise InputError(
                "has weights but no configuration; give the .keras or .h5 of the whole model, "
                "or --activation and --rnn"
            )
        return _bare(contents, rnn, head)
    layers = _wanted(_layers(contents), rnn, head)
    chain = _Chain(to_come=sum(layer.kind in _RNNS for layer in layers))
    try:
        for layer in layers:
            _take(contents, chain, layer)
    except _LayerError as error:
        if chain.to_come:
            raise
        raise InputError(f"{error.message}; --head none shows the states") from None
    chain.final = chain.final and head != NO_HEAD  # which shows the states, step by step
    return with_unused(contents, _described(chain))


def _described(chain: _Chain) -> Described:
    named = zip(suffixes(tuple(chain.levels)), chain.cells, strict=True)
    transposed = {"wxh", "whh"}
    for end, cell in named:
        for key, where in cell.items():
            chain.uses[where] = f"{key}{end}" + ", transposed" * (key in transposed)
    note = "every kernel is transposed: Keras writes (from, to), and rnncalc (to, from)"
    return Described(
        tuple(chain.levels),
        tuple(chain.after),
        tuple(chain.before),
        chain.final,
        None,
        chain.embedding,
        (*chain.notes, note),
        chain.uses,
    )


# the layers, in their order


def _layers(contents: Contents) -> list[_Layer]:
    """Return the layers in the order in which they are calculated."""
    config = contents.facts["config"]
    inner = config["config"]
    listed = inner if isinstance(inner, list) else inner.get("layers")
    if not isinstance(listed, list):
        raise InputError(f"is a {shown(str(config['class_name']))}, whose layers are not listed")
    layers = {layer.name: layer for layer in _placed(contents, listed)}
    if config["class_name"] == "Sequential":
        return list(layers.values())
    return [layers[name] for name in _path(inner, listed)]


def _placed(contents: Contents, listed: Sequence[Config]) -> Iterator[_Layer]:
    """Yield the layers, with where their weights are."""
    counts: dict[str, int] = {}
    by_name = {name: path for path, name in contents.facts["names"].items() if path.count("/") == 1}
    for each in listed:
        kind, config = str(each["class_name"]), each["config"]
        if kind in ("Sequential", "Functional", "Model"):
            raise InputError(f"has a model within the model, a {kind}, which is not calculated")
        name = str(config.get("name") or each.get("name"))
        snake = _snake(kind)
        number = counts.get(snake, 0)
        counts[snake] = number + 1
        counted = f"{snake}_{number}" if number else snake
        known = (by_name.get(name, ""), *(f"{first}{counted}" for first in _FIRST[:2]))
        named = (f"{first}{name}" for first in _FIRST[2:])
        yield _Layer(name, kind, config, _base(contents, (*known, *named)))


def _base(contents: Contents, places: Sequence[str]) -> str:
    """Return the first of the places that holds anything."""
    return next(
        (
            place
            for place in places
            if place and any(name.startswith(f"{place}/") for name in contents.arrays)
        ),
        "",
    )


def _snake(kind: str) -> str:
    """Return `simple_rnn` for SimpleRNN, as Keras does."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _path(inner: Config, listed: Sequence[Config]) -> list[str]:
    """Return the names from the input to the output of a model that is a single chain."""
    named = {str(each.get("name") or each["config"]["name"]): each for each in listed}
    masks = {name for name, each in named.items() if each["class_name"] in _MASKS}
    outputs = _ends(inner["output_layers"])
    if len(outputs) != 1:
        raise InputError(f"has {len(outputs)} outputs, so it has a branch, which is not calculated")
    path = [outputs[0]]
    while sources := [each for each in _sources(named[path[-1]]) if each not in masks]:
        if len(sources) != 1 or len(path) > len(named):
            raise InputError(f"has a branch before {shown(path[-1])}, which is not calculated")
        path.append(sources[0])
    if path[-1] not in _ends(inner["input_layers"]):
        raise InputError(f"has {shown(path[-1])}, which does not read the input")
    return path[::-1]


def _ends(ends: Any) -> list[str]:
    """Return the names in ["out", 0, 0], or in a list of such."""
    if ends and isinstance(ends[0], str):
        return [ends[0]]
    return [str(each[0]) for each in ends]


def _sources(layer: Config) -> list[str]:
    """Return the names of the layers that a layer reads; Keras 2 and 3 write them differently."""
    found: list[str] = []
    for node in layer.get("inbound_nodes") or []:
        if isinstance(node, dict):
            found += _histories([node.get("args"), node.get("kwargs")])
        else:
            found += [str(each[0]) for each in node]
            found += [n for each in node if len(each) > 3 for n in _histories(each[3])]
    return found


def _histories(value: Any) -> list[str]:
    """Return the layers of all tensors in the arguments of a layer."""
    if isinstance(value, dict):
        if "keras_history" in value:
            return [str(value["keras_history"][0])]
        return [name for each in value.values() for name in _histories(each)]
    if isinstance(value, list):
        return [name for each in value for name in _histories(each)]
    return []


def _wanted(layers: list[_Layer], rnn: str | None, head: str | None) -> list[_Layer]:
    """Return the layers that are to be calculated.

    Raises:
        FlagError: --rnn or --head names none of them.
    """
    recurrent = [n for n, layer in enumerate(layers) if layer.kind in _RNNS]
    if not recurrent:
        gated = [layer for layer in layers if layer.kind in _GATED]
        for layer in gated:
            raise _gated(layer.name, layer.kind)
        kinds = few([layer.kind for layer in layers])
        raise InputError(f"has no SimpleRNN; its layers are {kinds}")
    if rnn is not None:
        names = chosen_rnns({layers[n].name: "" for n in recurrent}, rnn)
        if names != [layers[n].name for n in recurrent]:
            return [layer for layer in layers if layer.name in names]
    last = recurrent[-1]
    if head == NO_HEAD:
        return layers[: last + 1]
    if head is None:
        return layers
    dense = [
        layer.name for layer in layers[last + 1 :] if layer.kind in ("Dense", "TimeDistributed")
    ]
    name = named(head, dense, "--head")
    return layers[: 1 + [layer.name for layer in layers].index(name)]


def _gated(name: str, kind: str) -> InputError:
    return InputError(
        f"{shown(name)} is {article_of(kind)} {kind}; only a vanilla RNN is calculated"
    )


# one layer after the other


def _take(contents: Contents, chain: _Chain, layer: _Layer) -> None:
    """Add a layer to the chain."""
    kind = layer.kind
    if kind in _PASSED:
        return
    if kind in _GATED:
        raise _gated(layer.name, kind)
    if kind in _RNNS:
        _take_rnn(contents, chain, layer)
    elif kind == "Dense":
        _take_dense(contents, chain, layer, layer.config)
    elif kind == "TimeDistributed":
        inner = layer.config["layer"]
        if inner["class_name"] != "Dense" or chain.final:
            raise _not_calculated(layer, inner["class_name"])
        _take_dense(contents, chain, layer, inner["config"])
    elif kind == "Embedding" and not chain.levels and not chain.before:
        _take_embedding(contents, chain, layer)
    elif kind == "Masking":
        value = layer.config.get("mask_value", 0.0)
        chain.notes.append(
            f"{shown(layer.name)} is left out: Keras skips a step that is {value} throughout, "
            "and every step is calculated here; leave such steps out of x"
        )
    elif not (kind == "Flatten" and chain.final):
        _take_function(contents, chain, layer)


class _LayerError(InputError):
    """A layer is not calculated."""


def _not_calculated(layer: _Layer, inner: str = "") -> InputError:
    of = f" of a {shown(str(inner))}" if inner else ""
    article = article_of(layer.kind)
    what = f"{shown(layer.name)} is {article} {shown(layer.kind)}{of}, which is not calculated"
    return _LayerError(what)


def _arrays(contents: Contents, layer: _Layer) -> dict[str, dict[str, str]]:
    """Return the names of the arrays of a layer: by direction, and by our key."""
    found: dict[str, dict[str, str]] = {}
    for name in contents.arrays:
        if layer.base and name.startswith(f"{layer.base}/"):
            *groups, leaf = name[len(layer.base) + 1 :].split("/")
            key = _LEAVES.get(leaf.partition(":")[0])
            reverse = any(g.startswith("backward_") for g in groups)
            forward = any(g.startswith("forward_") for g in groups)
            side = "reverse" if reverse and not forward else "forward"
            if key:
                found.setdefault(side, {})[key] = name
    return found


def _take_embedding(contents: Contents, chain: _Chain, layer: _Layer) -> None:
    arrays = _arrays(contents, layer).get("forward", {})
    name = arrays.get("embedding") or arrays.get("wxh")
    if name is None:
        raise InputError(f"has no weights of {shown(layer.name)}")
    chain.embedding = _matrix(contents, name)
    chain.uses[name] = "embedding"
    if layer.config.get("mask_zero"):
        chain.notes.append(
            f"{shown(layer.name)} masks symbol 0: Keras skips such a step, "
            "and every step is calculated here; leave such steps out of x"
        )


def _matrix(contents: Contents, name: str) -> Array:
    found = widened(name, contents.arrays[name])
    if found.ndim != 2 or not found.size:
        raise InputError(f"{shown(name)} is {shape_of(found)}, but must be a matrix")
    return found


def _take_dense(contents: Contents, chain: _Chain, layer: _Layer, config: Config) -> None:
    dense, used = _dense(contents, layer, _activation(contents, layer.name, config))
    taken = chain.after if chain.levels else chain.before
    size = taken[-1].W.shape[0] if taken else None
    if not taken and chain.levels:
        size = chain.levels[-1].output_size
    if not taken and not chain.levels and chain.embedding is not None:
        raise InputError(f"{shown(layer.name)} reads an embedding, which is not calculated")
    if size not in (None, dense.W.shape[1]):
        raise InputError(
            f"{shown(layer.name)} takes {dense.W.shape[1]} values, but is given {size}"
        )
    taken.append(dense)
    chain.uses |= used


def _dense(
    contents: Contents, layer: _Layer, activation: Activation | None
) -> tuple[Dense, dict[str, str]]:
    arrays = _arrays(contents, layer).get("forward", {})
    kernel = arrays.get("wxh")
    if kernel is None:
        raise InputError(f"has no weights of {shown(layer.name)}")
    bias = arrays.get("bh") or (arrays.get("whh") if kernel.endswith("/0") else None)
    W = _matrix(contents, kernel).T
    b = None if bias is None else widened(bias, contents.arrays[bias])
    if b is not None and b.shape != (len(W),):
        raise InputError(f"{shown(bias or '')} is {shape_of(b)}, but must be {len(W)} values")
    end = f" of {shown(layer.name)}"
    used = {kernel: f"why{end}, transposed"} | ({bias: f"by{end}"} if bias else {})
    return Dense(layer.name, W, b, activation), used


def _take_rnn(contents: Contents, chain: _Chain, layer: _Layer) -> None:
    if chain.final or chain.after:
        raise InputError(f"{shown(layer.name)} reads what is not a sequence of states")
    if layer.kind == "Bidirectional":
        level, cells = _both(contents, chain, layer)
        inner = layer.config["layer"]["config"]
    else:
        level, cells = _one(contents, chain, layer)
        inner = layer.config
    sequences = inner.get("return_sequences", False)
    if layer.kind != "Bidirectional" and inner.get("go_backwards"):
        _flip(chain, layer, sequences=sequences)
    chain.levels.append(level)
    chain.cells += cells
    chain.to_come -= 1
    chain.final = not sequences


def _flip(chain: _Chain, layer: _Layer, *, sequences: bool) -> None:
    chain.flipped = not chain.flipped
    if sequences:
        chain.notes.append(
            f"{shown(layer.name)} reads backwards, and Keras gives its sequence reversed; "
            "here every state is shown at the step of its x"
        )


def _one(contents: Contents, chain: _Chain, layer: _Layer) -> tuple[Level, list[dict[str, str]]]:
    """Return a layer in one direction, in which a sequence that was turned is read backwards."""
    config = layer.config
    if layer.kind == "RNN":
        _refuse_cell(layer, config["cell"])
        config = config["cell"]["config"]
    arrays = _arrays(contents, layer).get("forward", {})
    half = _half(contents, layer, arrays, config, chain)
    backwards = bool(layer.config.get("go_backwards")) != chain.flipped
    return (Level(None, half) if backwards else Level(half)), [arrays]


def _refuse_cell(layer: _Layer, cell: Config) -> None:
    kind = str(cell["class_name"]) if isinstance(cell, dict) else "list of cells"
    if kind in _GATED:
        raise _gated(layer.name, kind.removesuffix("Cell"))
    if kind not in ("SimpleRNNCell", "SimpleRNN"):
        raise _not_calculated(layer, kind)


def _both(contents: Contents, chain: _Chain, layer: _Layer) -> tuple[Level, list[dict[str, str]]]:
    """Return a layer in both directions."""
    config = layer.config
    merge, forward = config.get("merge_mode"), config["layer"]
    backward = config.get("backward_layer") or forward
    for each in (forward, backward):
        _refuse_cell(layer, each)
    if merge not in _MERGES:
        raise InputError(f"{shown(layer.name)} has merge_mode {merge}, which is not calculated")
    if forward["config"].get("go_backwards") or chain.flipped:
        raise InputError(f"{shown(layer.name)} reads a reversed sequence, which is not calculated")
    arrays = _arrays(contents, layer)
    cells = [arrays.get(side, {}) for side in ("forward", "reverse")]
    halves = [
        _half(contents, layer, cell, each["config"], chain)
        for cell, each in zip(cells, (forward, backward), strict=True)
    ]
    if merge != CONCAT and len({half.sizes for half in halves}) > 1:
        raise InputError(f"{shown(layer.name)} merges directions of different sizes")
    return Level.of(halves, merge), cells


def _half(
    contents: Contents, layer: _Layer, arrays: dict[str, str], config: Config, chain: _Chain
) -> Half:
    if "wxh" not in arrays or "whh" not in arrays:
        raise InputError(f"has no weights of {shown(layer.name)}")
    f = _activation(contents, layer.name, config)
    if f and f.output_only:
        raise InputError(f"{shown(layer.name)} has the activation {f.name}, which needs an output")
    W_xh, W_hh = (_matrix(contents, arrays[key]).T for key in ("wxh", "whh"))
    b_h = widened(arrays["bh"], contents.arrays[arrays["bh"]]) if "bh" in arrays else None
    half = Half(W_xh, W_hh, b_h, activation=f)
    size = chain.levels[-1].output_size if chain.levels else None
    if not chain.levels and chain.before:
        size = chain.before[-1].W.shape[0]
    elif not chain.levels and chain.embedding is not None:
        size = chain.embedding.shape[1]
    return checked_half(half, arrays, size)


# activations


def _take_function(contents: Contents, chain: _Chain, layer: _Layer) -> None:
    """Add an activation that is a layer of its own to the Dense before it."""
    taken = chain.after if chain.levels else chain.before
    kind, config = layer.kind, layer.config
    plain = kind in ("Activation", "Softmax", "ReLU", "LeakyReLU", "ELU")
    if not plain or not taken or taken[-1].activation is not LINEAR:
        raise _not_calculated(layer)
    f = _activation(contents, layer.name, config) if kind == "Activation" else _of_class(layer)
    taken[-1] = replace(taken[-1], activation=f)


def _of_class(layer: _Layer | Any) -> Activation:
    """Return what Softmax, ReLU, LeakyReLU and ELU calculate, when they are layers."""
    config = layer.config
    if layer.kind == "LeakyReLU":
        return more.leaky_relu(float(config.get("negative_slope", config.get("alpha", 0.3))))
    if layer.kind == "ELU":
        return more.elu(float(config.get("alpha", 1.0)))
    if layer.kind == "Softmax" and config.get("axis", -1) in (-1, [-1]):
        return ACTIVATIONS["softmax"]
    extra = [k for k in ("max_value", "negative_slope", "threshold") if config.get(k)]
    if layer.kind == "ReLU" and not extra:
        return ACTIVATIONS["relu"]
    raise _not_calculated(layer)


def _activation(contents: Contents, name: str, config: Config) -> Activation | None:
    """Return the activation of a layer.

    Raises:
        InputError: it is not known; the message names it.
    """
    said = config.get("activation", "linear")
    if isinstance(said, dict):
        inner = said.get("config")
        if isinstance(inner, dict):
            return _of_class(_Layer(name, str(said.get("class_name")), inner, ""))
        said = inner or said.get("class_name")
    version = str(contents.facts.get("version", ""))
    found = _known(version).get(str(said or "linear"))
    if found is None:
        raise InputError(f"{shown(name)} has the activation {shown(str(said))}, which is not known")
    return found


def _known(version: str) -> dict[str, Activation]:
    """Return the activations of Keras by their names; hard_sigmoid changed with version 3."""
    old = version[:2] in ("1.", "2.")
    same = ("tanh", "relu", "sigmoid", "linear", "softplus", "softsign", "elu", "selu", "relu6")
    plain = more.WITHOUT_PARAMETERS
    known = {name: ACTIVATIONS[name] for name in (*same, "hard_tanh", "softmax")}
    known |= {name: plain[name] for name in ("exponential", "silu", "mish", "log_sigmoid")}
    return known | {
        "swish": plain["silu"],
        "gelu": plain["gelu(erf)"],
        "tanh_shrink": plain["tanh_shrink"],
        "log_softmax": plain["log(softmax)"],
        "leaky_relu": more.leaky_relu(0.2),
        "hard_sigmoid": more.hard_sigmoid(0.2, 0.5) if old else more.hard_sigmoid(1 / 6, 0.5),
        "hard_silu": more.hard_silu(1 / 6, 0.5),
        "hard_swish": more.hard_silu(1 / 6, 0.5),
        "celu": more.celu(1.0),
        "soft_shrink": more.soft_shrink(0.5),
        "hard_shrink": more.hard_shrink(0.5),
        "squareplus": more.squareplus(4.0),
    }


# weights without a configuration


def _bare(contents: Contents, rnn: str | None, head: str | None) -> Described:
    """Return the network of a file of weights alone: what the shapes of its groups say."""
    groups = _groups(contents)
    recurrent = {b: sizes for b, cell in groups.items() if (sizes := _recurrent(contents, cell))}
    if not recurrent:
        raise InputError(f"has no weights of a SimpleRNN; its arrays are {few([*contents.arrays])}")
    chain = _Chain()
    for base in chosen_rnns(recurrent, rnn):
        layer = _Layer(base, "SimpleRNN", {}, base)
        half = replace(_half(contents, layer, groups[base], {}, chain), activation=None)
        chain.levels.append(Level(half))
        chain.cells.append(groups[base])
    linear = [
        Linear(base, (shape[1], shape[0]))
        for base, cell in groups.items()
        if base not in recurrent and len(shape := contents.arrays[cell["wxh"]].shape) == 2
    ]
    return with_unused(contents, _bare_head(contents, _described(chain), linear, head))


def _recurrent(contents: Contents, cell: dict[str, str]) -> str:
    """Return `D 3, H 4` of the weights of a SimpleRNN, and nothing of others."""
    if "whh" not in cell:
        return ""
    kernel, square = (contents.arrays[cell[key]].shape for key in ("wxh", "whh"))
    fits = len(kernel) == len(square) == 2 and kernel[1] == square[0] == square[1]
    return f"D {kernel[0]}, H {square[0]}" if fits else ""


def _bare_head(
    contents: Contents, described: Described, linear: list[Linear], head: str | None
) -> Described:
    size = described.levels[-1].output_size
    name, notes = chosen_head(linear, size, head, "the last layer")
    described = replace(described, notes=(*described.notes, *notes))
    if name is None:
        return described
    dense, used = _dense(contents, _Layer(name, "Dense", {}, name), LINEAR)
    note = "the output is linear; --output-activation softmax changes that"
    return replace(
        described,
        after=(dense,),
        notes=(*described.notes, note),
        uses={**described.uses, **used},
    )


def _groups(contents: Contents) -> dict[str, dict[str, str]]:
    """Return the arrays that lie side by side, by the path of the layer and by our key."""
    groups: dict[str, dict[str, str]] = {}
    for name in contents.arrays:
        path, _, leaf = name.rpartition("/")
        key = _LEAVES.get(leaf.partition(":")[0])
        base = re.sub("(/cell)?/vars$", "", path)
        if key:
            groups.setdefault(base, {})[key] = name
    return {base: cell for base, cell in groups.items() if "wxh" in cell and base}
