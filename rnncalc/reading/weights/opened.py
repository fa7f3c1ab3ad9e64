"""A file of weights -> a network, and every choice that had to be made."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from rnncalc.arrays import Array
from rnncalc.errors import InputError, few
from rnncalc.network.activation_names import activation_named
from rnncalc.network.activations import Activation
from rnncalc.network.equations import Rows
from rnncalc.network.model import Network
from rnncalc.reading.weights.choosing import Asked, ChoiceError, FlagError
from rnncalc.reading.weights.contents import Contents
from rnncalc.reading.weights.described import Described
from rnncalc.reading.weights.files import damage_told, read

_G = "output_activation"


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in a file.

    Attributes:
        network: the layers and the readout.
        start: the initial state that the file holds, by the names of its parts, or None.
        embedding: (V, E), a row for each symbol, or None where the first layer reads numbers.
        notes: a sentence for each choice; each begins with the name of the file.
        uses: what each array is here; an array without a use is not in the network.
    """

    network: Network
    start: Rows | None
    embedding: Array | None
    notes: tuple[str, ...]
    uses: Mapping[str, str]


def open_weights(
    path: str, *, replaced: Iterable[str] = (), place: str = "--weights", **asked: str | None
) -> Found:
    """Return the network in the file at `path`. Nothing in the file is run.

    Args:
        path: of an .npz, .safetensors, PyTorch, Keras or ONNX file, told by its first bytes.
        replaced: keys, such as `bh`, whose values a flag gives in place of the file's.
        place: what an error about the file begins with.
        asked: what else flags say about it, as in `Asked`.

    Raises:
        InputError: the file cannot be read or is damaged, or what it holds is not a vanilla RNN,
            or there is a choice that the file leaves open.
    """
    try:
        return _found(read(path), Asked(replaced=frozenset(replaced), **asked))
    except FlagError:
        raise
    except InputError as error:
        raise (error.at(place) if place else error) from None


@dataclass(frozen=True, eq=False)
class Listing:
    """What is in a file, and the network that it is, or the question that it leaves open.

    Attributes:
        contents: the arrays.
        found: the network, or None.
        question: what there is to choose, and with which flag; nothing if it is not open.
    """

    contents: Contents
    found: Found | None
    question: str = ""


def list_weights(path: str, asked: Asked) -> Listing:
    """Return what is in the file at `path`, for a person to look at.

    Raises:
        InputError: as `open_weights`, but several RNNs or heads are an answer and not an error.
    """
    contents = read(path)
    try:
        return Listing(contents, _found(contents, asked))
    except ChoiceError as error:
        return Listing(contents, None, error.message)


def _found(contents: Contents, asked: Asked) -> Found:
    with damage_told(contents.name):
        described = describe(contents, asked)
        network = network_of(described)
    notes = tuple(f"{contents.name}: {note}" for note in described.notes)
    return Found(network, start_of(described), described.embedding, notes, described.uses)


def describe(contents: Contents, asked: Asked) -> Described:
    """Return the network that the names and the configuration of a file describe.

    Raises:
        InputError: it is not a vanilla RNN, or there is a choice that the file leaves open.
    """
    described = Described(contents, asked, _named(asked.activation, "activation"))
    _reader(contents)(described)
    described.note_unused()
    if described.assumed:
        note = "tanh is assumed, as the file does not say; --activation relu changes that"
        described.notes.insert(0, note)
    if g := _named(asked.output_activation, _G):
        if not described.after:
            raise FlagError("--output-activation: there is no output that it could apply to")
        described.after[-1] = replace(described.after[-1], activation=g)
        described.notes = [note for note in described.notes if "--output-activation" not in note]
    return described


def _reader(contents: Contents) -> Callable[[Described], None]:
    """Return what knows the names in a file; the others are not even imported."""
    if "graph" in contents.facts:
        from rnncalc.reading.weights.names_onnx import from_onnx

        return from_onnx
    if "names" in contents.facts:
        from rnncalc.reading.weights.names_keras import from_keras

        return from_keras
    from rnncalc.reading.weights.names_pytorch import from_pytorch, has_pytorch

    if has_pytorch(contents):
        return from_pytorch
    from rnncalc.reading.weights.names_flax import from_flax, has_flax
    from rnncalc.reading.weights.names_own import from_own, has_own

    if has_own(contents):
        return from_own
    if has_flax(contents):
        return from_flax
    if not contents.arrays:
        raise InputError("holds no arrays")
    raise InputError(
        f"holds no RNN that is known; its {len(contents.arrays)} arrays are "
        f"{few(list(contents.arrays))}{_wanted(contents)}"
    )


def _wanted(contents: Contents) -> str:
    """Return how arrays are named here, where a person and no framework has named them."""
    if not all(name.isidentifier() for name in contents.arrays):
        return ""
    book = {"u", "w"} <= {name.lower() for name in contents.arrays}
    letters = "; U, W and V of many books are wxh, whh and why" if book else ""
    return f"; name them wxh, whh, bh, why and by{letters}"


def _named(name: str | None, key: str) -> Activation | None:
    try:
        return activation_named(name, key) if name else None
    except InputError as error:
        raise FlagError(f"--{key.replace('_', '-')}: {error.message}") from None


def start_of(described: Described) -> Rows | None:
    """Return the initial state by the names of its parts: `h`, or `h_l0`, `h_l0_reverse`, ..."""
    if described.start is None:
        return None
    names = [f"h{suffix}" for suffix in described.suffixes()]
    return dict(zip(names, described.start, strict=True))


def network_of(described: Described) -> Network:
    """Return the network that was described; of its readouts each but the last has a name."""
    readouts = [*described.before, *described.after]
    names = _plain_names([each.name for each in readouts])
    if described.after:
        names[-1] = ""
    named = [replace(each, name=name) for each, name in zip(readouts, names, strict=True)]
    before, after = named[: len(described.before)], named[len(described.before) :]
    more = bool(after or described.layers[-1].reverse)  # than the last h
    return Network(described.layers, after, before=before, final=described.final and more)


def _plain_names(names: list[str]) -> list[str]:
    """Return names that a column may have, each one once: `dense_1` for `dense.1`."""
    found: list[str] = []
    for name in names:
        plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "dense"
        numbered = (f"{plain}_{n}" for n in range(2, len(names) + 2))
        found.append(plain if plain not in found else next(n for n in numbered if n not in found))
    return found
