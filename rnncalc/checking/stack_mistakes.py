"""Mistakes that only a stack or a second direction has, made at every step alike."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.mistakes import (
    PLAIN,
    Case,
    Change,
    Suspect,
    in_parameters,
    recurrent_states,
    recurrent_sums,
)
from rnncalc.network.activations import Activation
from rnncalc.network.equations import (
    Affine,
    Applied,
    Equation,
    Joined,
    Outer,
    Term,
    ahead,
    parameters,
    with_parameters,
)
from rnncalc.network.naming import symbol

_NOTHING = np.zeros(0)

Ways = Callable[[Sequence[str]], Iterator[tuple[dict[str, str], str]]]
"""From the layers to which layer each has its parameters of, and what is to be said of it."""


def stack_suspects(equations: Sequence[Equation]) -> tuple[Suspect, ...]:
    """Return the mistakes that can be made with these layers, none for a single one."""
    if len(recurrent_sums(equations)) < 2:
        return ()
    return (*_in_every_layer(equations), *_SUSPECTS, *_in_one_layer(equations))


def _in_every_layer(equations: Sequence[Equation]) -> Iterator[Suspect]:
    """Yield the mistakes in a weight or bias that a port makes in every layer and direction."""
    keys: dict[str, list[str]] = defaultdict(list)
    for key in parameters(equations):
        keys[_base_of(key)].append(key)
    for base, some in keys.items():
        if len(some) > 1:
            change, did, done = _DONE_TO[base[0]]
            text = f"{symbol(base)} of every layer {done}"
            yield Suspect(f"{base}-{did}", text, in_parameters(some, change), base)


_DONE_TO: dict[str, tuple[Callable[[Array], Array], str, str]] = {
    "w": (np.transpose, "transposed", "transposed"),
    "b": (np.zeros_like, "missing", "left out"),
}


def _in_one_layer(equations: Sequence[Equation]) -> Iterator[Suspect]:
    """Yield another activation in one layer or direction alone."""
    for state in recurrent_states(equations):
        layer = state.name.partition("_")[2]
        for f in PLAIN:
            if f is not state.activation:
                text = f"{f.name} as the activation of layer {layer}"
                yield Suspect(f"activation_{layer}-{f.name}", text, partial(_activated, state, f))


def _activated(state: Applied, f: Activation, case: Case) -> Iterator[Case]:
    if state in case.equations:
        yield case.with_equations(replace(state, activation=f))


def _fed_with_x(case: Case) -> Iterator[Case]:
    layers = [each for each, _ in recurrent_sums(case.equations)]
    inputs = [term for each in layers for term in each.terms if not term.lag]
    fit = all(term.weight.shape[1] == case.x.shape[1] for term in inputs)
    if fit and any(term.source != "x" for term in inputs):
        yield case.with_equations(*(_with_terms(each, _reading_x) for each in layers))


def _reading_x(term: Term) -> Term:
    return term if term.lag else replace(term, source="x")


def _with_terms(equation: Affine, change: Callable[[Term], Term]) -> Affine:
    return replace(equation, terms=tuple(map(change, equation.terms)))


def _one_state(case: Case) -> Iterator[Case]:
    """Yield the case in which each layer continues with the state that the one before left.

    A port that keeps a single h: layer 1 reads the h that layer 0 has just written and, at the next
    step, layer 0 reads that of the last layer.
    """
    layers = recurrent_sums(case.equations)
    sizes = {each.size for each, _ in layers}
    if len(layers) < 2 or len(sizes) > 1 or ahead(case.equations):
        return
    new = []
    for n, (each, term) in enumerate(layers):
        state = replace(term, source=layers[n - 1][1].source, lag=0 if n else term.lag)
        new.append(replace(each, terms=(each.terms[0], state)))
    yield case.with_equations(*new)


def _layers_exchanged(bases: Collection[str]) -> Change:
    """Return the mistake of a port in which two layers have some weights or biases exchanged."""

    def ways(layers: Sequence[str]) -> Iterator[tuple[dict[str, str], str]]:
        for one, other in combinations(layers, 2):
            yield {one: other, other: one}, f" ({one} and {other})"

    return partial(_of_other_layers, bases, ways)


def _layers_same(bases: Collection[str]) -> Change:
    """Return the mistake of a port in which every layer has those of one."""

    def ways(layers: Sequence[str]) -> Iterator[tuple[dict[str, str], str]]:
        for one in layers:
            yield dict.fromkeys(layers, one), f" ({one})"

    return partial(_of_other_layers, bases, ways)


def _of_other_layers(bases: Collection[str], ways: Ways, case: Case) -> Iterator[Case]:
    """Yield the cases in which layers have the weights and biases of others, where shapes allow."""
    sums = [each for each, _ in recurrent_sums(case.equations)]
    old = parameters(sums)
    layers = list(dict.fromkeys(_layer_of(key) for key in old))
    for sources, detail in ways(layers):
        taken = dict(_taken(old, bases, sources))
        if not taken or any(
            old.get(its, _NOTHING).shape != old[k].shape for k, its in taken.items()
        ):
            continue
        other = {_base_of(k) for k, its in taken.items() if not np.array_equal(old[k], old[its])}
        # what changes less is the mistake of a smaller kind
        if other and (other == {*bases} or other not in _SETS):
            new = with_parameters(sums, {k: old[its] for k, its in taken.items()})
            yield replace(case.with_equations(*new), detail=detail)


def _taken(
    keys: Iterable[str], bases: Collection[str], sources: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the key of each weight or bias of those layers, and that of what replaces it."""
    for key in keys:
        layer = _layer_of(key)
        if _base_of(key) in bases and layer in sources:
            yield key, key.replace(f"_{layer}", f"_{sources[layer]}")


def _base_of(key: str) -> str:
    """Return the name of a weight or bias without its layer, `whh` for `whh_l0_reverse`."""
    return key.partition("_")[0]


def _layer_of(key: str) -> str:
    """Return the layer of a weight or bias, `l0` for `whh_l0_reverse`."""
    return key.split("_")[1]


def _starts_exchanged(case: Case) -> Iterator[Case]:
    old, new = case.start, dict[str, Array]()
    for name in old:
        other = f"{name}_reverse"
        if other in old and old[name].shape == old[other].shape:
            new |= {name: old[other], other: old[name]}
    if any(not np.array_equal(row, old[name]) for name, row in new.items()):
        yield replace(case, start=old | new)


def _weights_exchanged(case: Case) -> Iterator[Case]:
    sums = {each.name: each for each, _ in recurrent_sums(case.equations)}
    new: list[Affine] = []
    for name, each in sums.items():
        other = sums.get(f"{name}_reverse")
        if other and each.size == other.size:
            new += _weighted(each, other), _weighted(other, each)
    if new:
        yield case.with_equations(*new)


def _weighted(equation: Affine, other: Affine) -> Affine:
    """Return an equation with the weights and biases of another one that reads as much."""
    pairs = zip(equation.terms, other.terms, strict=True)
    terms = tuple(replace(term, weight=its.weight) for term, its in pairs)
    return replace(equation, terms=terms, biases=other.biases)


def _directions_exchanged(case: Case) -> Iterator[Case]:
    some = _joined(case)
    if some:
        turned = (replace(e, sources=e.sources[::-1], sizes=e.sizes[::-1]) for e in some)
        yield case.with_equations(*turned)


def _interleaved(case: Case) -> Iterator[Case]:
    some = _joined(case)
    if some:
        yield case.with_equations(*map(_alternating, some))


def _alternating(equation: Joined) -> Affine:
    places = np.eye(equation.size)
    terms = (Term(f"order{k}", places[:, k::2], of) for k, of in enumerate(equation.sources))
    return Affine(equation.name, tuple(terms))


def _joined(case: Case) -> list[Joined]:
    """Return where two directions are side by side; none if one of them has another size."""
    found = [e for e in case.equations if isinstance(e, Joined) and len(e.sources) > 1]
    return found if all(len({*each.sizes}) == 1 for each in found) else []


def _reads_forward(case: Case) -> Iterator[Case]:
    if ahead(case.equations):
        sums = (each for each, term in recurrent_sums(case.equations) if term.lag > 0)
        yield case.with_equations(*(_with_terms(each, _from_before) for each in sums))


def _from_before(term: Term) -> Term:
    return replace(term, lag=-abs(term.lag))


def _not_turned_back(case: Case) -> Iterator[Case]:
    """Yield the case whose backward states are in the order in which they were calculated.

    The input is beside itself in reverse order, and what reads backwards becomes what reads that
    half forward. Only of a layer that reads x: what others read is not turned around. Where x is
    read for the gradient of W_xh too, it cannot be beside itself.
    """
    backward = [each for each, term in recurrent_sums(case.equations) if term.lag > 0]
    if any(isinstance(each, Outer) and each.right[0] == "x" for each in case.equations):
        return
    if backward and all(any(term.source == "x" for term in e.terms) for e in backward):
        sums = (each for each in case.equations if isinstance(each, Affine))
        new = (_with_terms(each, partial(_half, turned=each in backward)) for each in sums)
        both = np.hstack((case.x, case.x[::-1]))
        yield case.reading(both).with_equations(*new)


def _half(term: Term, *, turned: bool) -> Term:
    if term.source == "x":
        nothing = np.zeros_like(term.weight)
        halves: tuple[Array, Array] = (nothing, term.weight) if turned else (term.weight, nothing)
        return replace(term, weight=np.hstack(halves))
    return replace(term, lag=-1) if turned and term.lag else term


_NAMED: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("the weights and biases", ("wxh", "whh", "bh", "bxh", "bhh")),
    "wxh-": ("W_xh", ("wxh",)),
    "whh-": ("W_hh", ("whh",)),
    "bh-": ("b_h", ("bh",)),
    "bxh-": ("b_xh", ("bxh",)),
    "bhh-": ("b_hh", ("bhh",)),
    "recurrent-": ("W_hh and b_hh", ("whh", "bhh")),
}
_SETS = [{*bases} for _, bases in _NAMED.values()]

_SUSPECTS = (
    Suspect("layers-fed-with-x", "every layer fed with x, not with the one below", _fed_with_x),
    Suspect("one-state", "one state for all layers, overwritten by each", _one_state),
    *(
        Suspect(
            f"{kind}layers-exchanged", f"{named} of two layers exchanged", _layers_exchanged(bases)
        )
        for kind, (named, bases) in _NAMED.items()
    ),
    *(
        Suspect(
            f"{kind}layers-same", f"{named} of one layer used in every layer", _layers_same(bases)
        )
        for kind, (named, bases) in _NAMED.items()
    ),
    Suspect("h0-exchanged", "h_0 of the other direction", _starts_exchanged),
    Suspect(
        "direction-weights-exchanged",
        "the weights of the forward and the backward direction exchanged",
        _weights_exchanged,
    ),
    Suspect(
        "directions-exchanged",
        "the backward state listed before the forward one",
        _directions_exchanged,
    ),
    Suspect(
        "directions-interleaved",
        "the components of the two directions listed in turn",
        _interleaved,
    ),
    Suspect("both-forward", "the backward direction reads forward", _reads_forward),
    Suspect(
        "reverse-not-turned-back",
        "the backward half listed in the order of its calculation, the last step first",
        _not_turned_back,
    ),
)
