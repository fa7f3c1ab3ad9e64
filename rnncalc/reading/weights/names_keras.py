"""Keras' configuration and the paths of its weights, of Keras 2 and 3.

In a .keras file the paths count classes: the second SimpleRNN is layers/simple_rnn_1, whatever its
name. In an .h5 file of a whole model the paths have the names of the layers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rnncalc.errors import InputError, few
from rnncalc.network import more_activations as more
from rnncalc.network.activations import ACTIVATIONS, LINEAR, Activation
from rnncalc.network.cells import MERGES, Cell, Layer, Readout
from rnncalc.reading.weights.choosing import NO_HEAD, Asked, Linear, chosen_rnns, gated, named
from rnncalc.reading.weights.contents import Contents, article_of, shown
from rnncalc.reading.weights.described import Described, Names, layer_of

_PASSED = (
    *("InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout"),
    *("AlphaDropout", "ActivityRegularization", "Identity"),
)
_RNNS = ("SimpleRNN", "Bidirectional", "RNN")
_GATED = ("LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU", "LSTMCell", "GRUCell", "ConvLSTM2D")
_MASKS = ("NotEqual", "Any")  # how Keras writes that an Embedding or a Masking skips steps

# the last part of a path, of Keras 2 and of Keras 3
_CELL = {
    "kernel": "wxh",
    "recurrent_kernel": "whh",
    "bias": "bh",
    "0": "wxh",
    "1": "whh",
    "2": "bh",
}
_DENSE = {"kernel": "why", "bias": "by", "0": "why", "1": "by"}
_EMBEDDING = {"embeddings": "embedding", "0": "embedding"}

Config = Mapping[str, Any]


@dataclass(frozen=True)
class _Layer:
    """A layer of the configuration: its name, its class, its settings.

    Attributes:
        arrays: the names of its arrays by what follows the path of the layer in them.
    """

    name: str
    kind: str
    config: Config
    arrays: Names


def from_keras(described: Described) -> None:
    """Add the network that a configuration of Keras describes.

    Raises:
        InputError: a layer is not calculated, or there is no configuration, and no --activation
            that says what is then missing.
    """
    described.from_to = True
    if "config" in described.contents.facts:
        layers = _wanted(_layers(described.contents), described.asked)
        chain = _Chain(described, sum(layer.kind in _RNNS for layer in layers))
        for layer in layers:
            chain.take(layer)
        described.use_cells()
        described.note_transposed("Keras")
        if described.asked.head == NO_HEAD:
            described.final = False  # so that the states are shown step by step
    elif described.given:
        _bare(described)
    else:
        raise InputError(
            "has weights but no configuration; give the .keras or .h5 of the whole model, "
            "or --activation and --rnn"
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
    """Yield the layers, with their arrays, which are in the first place that holds any."""
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
        places = [f"layers/{counted}", f"_layer_checkpoint_dependencies/{counted}"]
        places = [by_name.get(name, ""), *places, f"model_weights/{name}", name]
        yield _Layer(
            name, kind, config, next(filter(None, (_below(p, contents) for p in places)), {})
        )


def _below(place: str, contents: Contents) -> Names:
    """Return the names of the arrays in a group, by the rest of their path."""
    start = f"{place}/"
    return {n.removeprefix(start): n for n in contents.arrays if place and n.startswith(start)}


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
    if isinstance(value, dict) and "keras_history" in value:
        return [str(value["keras_history"][0])]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [name for each in inner for name in _histories(each)]


def _wanted(layers: list[_Layer], asked: Asked) -> list[_Layer]:
    """Return the layers that are to be calculated.

    Raises:
        FlagError: --rnn or --head names none of them.
    """
    recurrent = [layer.name for layer in layers if layer.kind in _RNNS]
    if not recurrent:
        for layer in layers:
            if layer.kind in _GATED:
                raise gated(layer.name, layer.kind)
        kinds = few([layer.kind for layer in layers])
        raise InputError(f"has no SimpleRNN; its layers are {kinds}")
    if asked.rnn is not None:
        names = chosen_rnns(dict.fromkeys(recurrent, ""), asked.rnn)
        if names != recurrent:
            return [layer for layer in layers if layer.name in names]
    if asked.head is None:
        return layers
    names = [layer.name for layer in layers]
    end = names.index(recurrent[-1]) + 1
    if asked.head != NO_HEAD:
        dense = [each.name for each in layers[end:] if each.kind in ("Dense", "TimeDistributed")]
        end = names.index(named(asked.head, dense, "--head")) + 1
    return layers[:end]


# one layer after the other


@dataclass
class _Chain:
    """What has been put together of the layers so far.

    Attributes:
        described: the network.
        to_come: how many of the RNNs have not been added yet.
        flipped: whether the sequence runs from the last step to the first.
    """

    described: Described
    to_come: int
    flipped: bool = False

    def take(self, layer: _Layer) -> None:
        """Add a layer."""
        kind = layer.kind
        if kind in _GATED:
            raise gated(layer.name, kind)
        if kind in _RNNS:
            self.take_rnn(layer)
        elif kind in ("Dense", "TimeDistributed"):
            self.take_dense(layer)
        elif kind == "Embedding" and self.described.width is None:
            self.take_embedding(layer)
        elif kind == "Masking":
            self.skips(
                f"{shown(layer.name)} is left out",
                f"a step that is {layer.config.get('mask_value', 0.0)} throughout",
            )
        elif kind not in _PASSED and not (kind == "Flatten" and self.described.final):
            self.take_function(layer)

    def not_calculated(self, layer: _Layer, inner: object = "") -> InputError:
        of = f" of a {shown(str(inner))}" if inner else ""
        hint = "" if self.to_come else "; --head none shows the states"
        return InputError(
            f"{shown(layer.name)} is {article_of(layer.kind)} {shown(layer.kind)}{of}, "
            f"which is not calculated{hint}"
        )

    def skips(self, what: str, skipped: str) -> None:
        self.described.notes.append(
            f"{what}: Keras skips {skipped}, "
            "and every step is calculated here; leave such steps out of x"
        )

    def take_embedding(self, layer: _Layer) -> None:
        names = _names_of(layer, _EMBEDDING)["forward"]
        if not names:
            raise _no_weights(layer)
        self.described.embedding = self.described.matrix(names["embedding"]).T
        self.described.uses[names["embedding"]] = "embedding"
        if layer.config.get("mask_zero"):
            self.skips(f"{shown(layer.name)} masks symbol 0", "such a step")

    def take_dense(self, layer: _Layer) -> None:
        described, config, name = self.described, layer.config, shown(layer.name)
        if layer.kind == "TimeDistributed":
            kind, config = config["layer"]["class_name"], config["layer"]["config"]
            if kind != "Dense" or described.final:
                raise self.not_calculated(layer, kind)
        f = self.activation(layer, config)
        names = _names_of(layer, _DENSE)["forward"]
        if "why" not in names:
            raise _no_weights(layer)
        dense, inputs = described.dense(layer.name, names, f), described.width
        if described.embedding is not None and not described.layers:
            raise InputError(f"{name} reads an embedding, which is not calculated")
        if inputs not in (None, dense.input_size):
            raise InputError(f"{name} takes {dense.input_size} values, but is given {inputs}")
        self.taken.append(dense)
        described.use(names, f" of {name}")

    @property
    def taken(self) -> list[Readout]:
        """The layers without a memory that came last, before or after the RNNs."""
        return self.described.after if self.described.layers else self.described.before

    def take_rnn(self, layer: _Layer) -> None:
        described, both = self.described, layer.kind == "Bidirectional"
        if described.final or described.after:
            raise InputError(f"{shown(layer.name)} reads what is not a sequence of states")
        described.layers.append(self.in_both_directions(layer) if both else self.in_one(layer))
        said = layer.config["layer"]["config"] if both else layer.config
        self.to_come -= 1
        described.final = not said.get("return_sequences", False)
        if not both and said.get("go_backwards"):
            self.flipped = not self.flipped
            if not described.final:
                described.notes.append(
                    f"{shown(layer.name)} reads backwards, and Keras gives its sequence reversed; "
                    "here every state is shown at the step of its x"
                )

    def in_one(self, layer: _Layer) -> Layer:
        """Return a layer in one direction: backwards if that turns a flipped sequence back."""
        config = layer.config
        if layer.kind == "RNN":
            self.refuse_cell(layer, config["cell"])
            config = config["cell"]["config"]
        cell = self.cell(layer, _names_of(layer, _CELL)["forward"], config)
        backwards = bool(layer.config.get("go_backwards")) != self.flipped
        return Layer(None, cell) if backwards else Layer(cell)

    def in_both_directions(self, layer: _Layer) -> Layer:
        config, name = layer.config, shown(layer.name)
        merge, forward = config.get("merge_mode"), config["layer"]
        ways = {"forward": forward, "reverse": config.get("backward_layer") or forward}
        for each in ways.values():
            self.refuse_cell(layer, each)
        if merge not in MERGES:
            raise InputError(f"{name} has merge_mode {merge}, which is not calculated")
        if forward["config"].get("go_backwards") or self.flipped:
            raise InputError(f"{name} reads a reversed sequence, which is not calculated")
        names = _names_of(layer, _CELL)
        cells = [self.cell(layer, names[way], each["config"]) for way, each in ways.items()]
        if merge != "concat" and len({(cell.input_size, cell.hidden_size) for cell in cells}) > 1:
            raise InputError(f"{name} merges directions of different sizes")
        return layer_of(cells, merge)

    def refuse_cell(self, layer: _Layer, cell: Config) -> None:
        kind = str(cell["class_name"]) if isinstance(cell, dict) else "list of cells"
        if kind in _GATED:
            raise gated(layer.name, kind.removesuffix("Cell"))
        if kind not in ("SimpleRNNCell", "SimpleRNN"):
            raise self.not_calculated(layer, kind)

    def cell(self, layer: _Layer, names: Names, config: Config) -> Cell:
        if not {"wxh", "whh"} <= set(names):
            raise _no_weights(layer)
        f = self.activation(layer, config)
        if f.output_only:
            name = shown(layer.name)
            raise InputError(f"{name} has the activation {f.name}, which needs an output")
        return self.described.cell(names, f)

    def take_function(self, layer: _Layer) -> None:
        """Add an activation that is a layer of its own to the Dense before it."""
        if not self.taken or self.taken[-1].activation is not LINEAR:
            raise self.not_calculated(layer)
        plain = layer.kind == "Activation"
        f = self.activation(layer, layer.config) if plain else self.of_class(layer)
        self.taken[-1] = replace(self.taken[-1], activation=f)

    def of_class(self, layer: _Layer) -> Activation:
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
        raise self.not_calculated(layer)

    def activation(self, layer: _Layer, config: Config) -> Activation:
        """Return the activation of a layer.

        Raises:
            InputError: it is not known; the message names it.
        """
        said = config.get("activation", "linear")
        if isinstance(said, dict):
            inner = said.get("config")
            if isinstance(inner, dict):
                return self.of_class(_Layer(layer.name, str(said.get("class_name")), inner, {}))
            said = inner or said.get("class_name")
        name = str(said or "linear")
        if name == "hard_sigmoid":  # another one since version 3
            old = str(self.described.contents.facts.get("version", ""))[:2] in ("1.", "2.")
            return more.hard_sigmoid(0.2 if old else 1 / 6, 0.5)
        if name not in _ACTIVATIONS:
            raise InputError(
                f"{shown(layer.name)} has the activation {shown(name)}, which is not known"
            )
        return _ACTIVATIONS[name]


def _names_of(layer: _Layer, leaves: Names) -> dict[str, Names]:
    """Return the names of the arrays of a layer: by direction, and by our key."""
    found: dict[str, Names] = {"forward": {}, "reverse": {}}
    for path, name in layer.arrays.items():
        *groups, leaf = path.split("/")
        reverse = any(group.startswith("backward_") for group in groups)
        forward = any(group.startswith("forward_") for group in groups)
        if key := leaves.get(leaf.partition(":")[0]):
            found["reverse" if reverse and not forward else "forward"][key] = name
    return found


def _no_weights(layer: _Layer) -> InputError:
    return InputError(f"has no weights of {shown(layer.name)}")


_SAME = (  # as here
    *("tanh", "relu", "sigmoid", "linear", "softplus", "softsign", "elu", "selu", "relu6"),
    *("hard_tanh", "softmax", "exponential", "silu", "mish", "log_sigmoid", "tanh_shrink"),
)
_ALL = {**ACTIVATIONS, **more.WITHOUT_PARAMETERS}
_ACTIVATIONS = {
    **{name: _ALL[name] for name in _SAME},
    "swish": _ALL["silu"],
    "gelu": _ALL["gelu(erf)"],
    "log_softmax": _ALL["log(softmax)"],
    "leaky_relu": more.leaky_relu(0.2),
    "hard_silu": more.hard_silu(1 / 6, 0.5),
    "hard_swish": more.hard_silu(1 / 6, 0.5),
    "celu": more.celu(1.0),
    "soft_shrink": more.soft_shrink(0.5),
    "hard_shrink": more.hard_shrink(0.5),
    "squareplus": more.squareplus(4.0),
}


# weights without a configuration


def _bare(described: Described) -> None:
    """Add the network of a file of weights alone: what the shapes of its groups say."""
    arrays = described.contents.arrays
    groups = _groups(arrays)
    sizes = {base: _recurrent(arrays, group) for base, group in groups.items()}
    recurrent = {base: text for base, text in sizes.items() if text}
    if not recurrent:
        raise InputError(f"has no weights of a SimpleRNN; its arrays are {few([*arrays])}")
    bases = chosen_rnns(recurrent, described.asked.rnn)
    described.stack([_by(_CELL, groups[base])] for base in bases)
    described.note_transposed("Keras")
    linear = []
    for base, group in groups.items():
        names = _by(_DENSE, group)
        shape = arrays[names["why"]].shape
        if base not in recurrent and len(shape) == 2:
            linear.append(Linear(base, (shape[1], shape[0]), names))
    described.read_out(linear, "the last layer")


def _groups(arrays: Mapping[str, Any]) -> dict[str, Names]:
    """Return the arrays that lie side by side, by the path of the layer and by their leaf."""
    groups: dict[str, Names] = {}
    for name in arrays:
        path, _, leaf = name.rpartition("/")
        base = re.sub("(/cell)?/vars$", "", path)
        groups.setdefault(base, {})[leaf.partition(":")[0]] = name
    return {base: group for base, group in groups.items() if base and {"kernel", "0"} & set(group)}


def _by(leaves: Names, group: Names) -> Names:
    return {leaves[leaf]: name for leaf, name in group.items() if leaf in leaves}


def _recurrent(arrays: Mapping[str, Any], group: Names) -> str:
    """Return `D 3, H 4` of the weights of a SimpleRNN, and nothing of others."""
    names = _by(_CELL, group)
    if "whh" not in names:
        return ""
    kernel, square = (arrays[names[key]].shape for key in ("wxh", "whh"))
    fits = len(kernel) == len(square) == 2 and kernel[1] == square[0] == square[1]
    return f"D {kernel[0]}, H {square[0]}" if fits else ""
