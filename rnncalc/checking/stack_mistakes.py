"""Mistakes that only a stack or a second direction has, made at every step alike."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.mistakes import Case, Suspect, in_parameters
from rnncalc.network.equations import Affine, Equation, Joined, Term, ahead, parameters


def stack_suspects(equations: Sequence[Equation]) -> tuple[Suspect, ...]:
    """Return the mistakes that can be made with these layers, none for a single one."""
    sums = [each for each in equations if isinstance(each, Affine)]
    if sum(_recurrent(each) is not None for each in sums) < 2:
        return ()
    return (*_in_every_layer(sums), *_SUSPECTS)


def _recurrent(equation: Equation) -> Term | None:
    """Return the term of a sum that reads another step, or None."""
    terms = equation.terms if isinstance(equation, Affine) else ()
    return next((term for term in terms if term.lag), None)


def _in_every_layer(sums: Sequence[Affine]) -> Iterator[Suspect]:
    """Yield the mistakes in a weight or bias that a port makes in every layer and direction."""
    keys: dict[str, list[str]] = defaultdict(list)
    for each in sums:
        for key in parameters([each]):
            keys[key.partition("_")[0]].append(key)
    for base, some in keys.items():
        if len(some) > 1:
            symbol = f"{base[0].replace('w', 'W')}_{base[1:]}"
            if base[0] == "w":
                text = f"{symbol} of every layer transposed"
                yield Suspect(f"{base}-transposed", text, base, in_parameters(some, np.transpose))
            else:
                text = f"{symbol} of every layer left out"
                yield Suspect(f"{base}-missing", text, base, in_parameters(some, np.zeros_like))


def _fed_with_x(case: Case) -> Iterator[Case]:
    """Yield the case in which every layer reads x, and not what the one below it gives."""
    equations = tuple(map(_reading_x, case.equations))
    sizes = {term.weight.shape[1] for e in equations for term in _terms(e) if term.source == "x"}
    if sizes == {case.x.shape[1]} and equations != case.equations:
        yield replace(case, equations=equations)


def _terms(equation: Equation) -> tuple[Term, ...]:
    return equation.terms if isinstance(equation, Affine) else ()


def _reading_x(equation: Equation) -> Equation:
    if not isinstance(equation, Affine) or _recurrent(equation) is None:
        return equation
    if all(term.lag or term.source == "x" for term in equation.terms):
        return equation
    terms = tuple(term if term.lag else replace(term, source="x") for term in equation.terms)
    return replace(equation, terms=terms)


def _one_state(case: Case) -> Iterator[Case]:
    """Yield the case in which each layer continues with the state that the one before left.

    A port that keeps a single h: layer 1 reads the h that layer 0 has just written and, at the next
    step, layer 0 reads that of the last layer.
    """
    layers = [(each, term) for each in case.equations if (term := _recurrent(each))]
    sizes = {each.size for each, _ in layers}
    if len(layers) < 2 or len(sizes) > 1 or ahead(case.equations):
        return
    states = [term.source for _, term in layers]
    new = {}
    for n, (each, term) in enumerate(layers):
        assert isinstance(each, Affine)
        other = replace(term, source=states[n - 1], lag=0 if n else term.lag)
        new[each.name] = replace(each, terms=(each.terms[0], other))
    equations = tuple(new.get(each.name, each) for each in case.equations)
    yield replace(case, equations=equations)


def _starts_exchanged(case: Case) -> Iterator[Case]:
    """Yield the case in which each direction starts with the state of the other."""
    start = dict(case.start)
    for name in case.start:
        other = f"{name}_reverse"
        if other in start and start[name].shape == start[other].shape:
            start[name], start[other] = case.start[other], case.start[name]
    if any(not np.array_equal(start[name], case.start[name]) for name in start):
        yield replace(case, start=start)


def _weights_exchanged(case: Case) -> Iterator[Case]:
    """Yield the case in which each direction has the weights and biases of the other."""
    sums = {each.name: each for each in case.equations if _recurrent(each)}
    new: dict[str, Equation] = {}
    for name, each in sums.items():
        other = sums.get(f"{name}_reverse")
        if isinstance(each, Affine) and isinstance(other, Affine) and each.size == other.size:
            new[name], new[other.name] = _weighted(each, other), _weighted(other, each)
    if new:
        equations = tuple(new.get(each.name, each) for each in case.equations)
        yield replace(case, equations=equations)


def _weighted(equation: Affine, other: Affine) -> Affine:
    """Return an equation with the weights and biases of another one that reads as much."""
    pairs = zip(equation.terms, other.terms, strict=True)
    terms = tuple(replace(term, weight=its.weight) for term, its in pairs)
    return replace(equation, terms=terms, biases=other.biases)


def _directions_exchanged(case: Case) -> Iterator[Case]:
    """Yield the case in which the backward state comes before the forward one."""
    equations = tuple(
        replace(each, sources=each.sources[::-1], sizes=each.sizes[::-1])
        if isinstance(each, Joined)
        else each
        for each in case.equations
    )
    if _joins(case):
        yield replace(case, equations=equations)


def _interleaved(case: Case) -> Iterator[Case]:
    """Yield the case in which the components of two directions alternate."""
    if _joins(case):
        yield replace(case, equations=tuple(map(_alternating, case.equations)))


def _alternating(equation: Equation) -> Equation:
    if not isinstance(equation, Joined) or len(equation.sources) < 2:
        return equation
    places = np.eye(equation.size)
    terms = [
        Term(f"order{k}", places[:, k::2], source) for k, source in enumerate(equation.sources)
    ]
    return Affine(equation.name, tuple(terms))


def _joins(case: Case) -> bool:
    """Return whether two directions of one size are side by side somewhere."""
    joined = [e for e in case.equations if isinstance(e, Joined) and len(e.sources) > 1]
    return bool(joined) and all(len({*each.sizes}) == 1 for each in joined)


def _reads_forward(case: Case) -> Iterator[Case]:
    """Yield the case in which both directions read from the first step."""
    if ahead(case.equations):
        equations = tuple(
            replace(e, terms=tuple(replace(t, lag=-abs(t.lag)) for t in e.terms))
            if isinstance(e, Affine)
            else e
            for e in case.equations
        )
        yield replace(case, equations=equations)


def _not_turned_back(case: Case) -> Iterator[Case]:
    """Yield the case whose backward states are in the order in which they were calculated.

    The input is beside itself in reverse order, and what reads backwards becomes what reads that
    half forward. Only of a layer that reads x: what others read is not turned around.
    """
    backward = [e for e in case.equations if (term := _recurrent(e)) and term.lag > 0]
    reading = [e for e in backward if any(term.source == "x" for term in _terms(e))]
    if not backward or len(reading) < len(backward):
        return
    names = {each.name for each in backward}
    equations = tuple(_doubled(each, each.name in names) for each in case.equations)
    both = np.hstack((case.x, case.x[::-1]))
    yield replace(case.reading(both), equations=equations)


def _doubled(equation: Equation, turned: bool) -> Equation:
    if not isinstance(equation, Affine):
        return equation
    return replace(equation, terms=tuple(_half(term, turned) for term in equation.terms))


def _half(term: Term, turned: bool) -> Term:
    if term.source == "x":
        nothing = np.zeros_like(term.weight)
        halves: tuple[Array, Array] = (nothing, term.weight) if turned else (term.weight, nothing)
        return replace(term, weight=np.hstack(halves))
    return replace(term, lag=-1) if turned and term.lag else term


_SUSPECTS = (
    Suspect("layers-fed-with-x", "every layer fed with x, not with the one below", "", _fed_with_x),
    Suspect("one-state", "one state for all layers, overwritten by each", "", _one_state),
    Suspect("h0-exchanged", "h_0 of the other direction", "", _starts_exchanged),
    Suspect(
        "direction-weights-exchanged",
        "the weights of the forward and the backward direction exchanged",
        "",
        _weights_exchanged,
    ),
    Suspect(
        "directions-exchanged",
        "the backward state listed before the forward one",
        "",
        _directions_exchanged,
    ),
    Suspect(
        "directions-interleaved",
        "the components of the two directions listed in turn",
        "",
        _interleaved,
    ),
    Suspect("both-forward", "the backward direction reads forward", "", _reads_forward),
    Suspect(
        "reverse-not-turned-back",
        "the backward half listed in the order of its calculation, the last step first",
        "",
        _not_turned_back,
    ),
)
