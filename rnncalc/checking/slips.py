"""What may have gone wrong in one value, step by step and term by term."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.question import Question
from rnncalc.checking.readings import Authored
from rnncalc.checking.report import Cause
from rnncalc.network.activations import ACTIVATIONS, LINEAR, SOFTMAX, Activation
from rnncalc.network.equations import Affine, Applied, Bias, Term
from rnncalc.network.naming import component, people
from rnncalc.numerals.printed import EPSILON, Mask, Printed
from rnncalc.numerals.rounding import fixed, rounded

_READ_OFF = ("linear", "relu", "step", "step0", "hard_tanh", "relu6")
"""Functions that nobody looks up, and so misreads."""


class Guess(NamedTuple):
    """Mistakes of one kind, and the values that they would give.

    Attributes:
        id: of the kind, `term-dropped`.
        values: (m,), what each gives; (m, K) for a softmax, which every mistake changes as a whole.
        text: what the mistake with that index is, for people.
    """

    id: str
    values: Array
    text: Callable[[int], str]


class Place(NamedTuple):
    """One value: row `t`, counted from 0, component `i` of `name`."""

    name: str
    t: int
    i: int


class Part(NamedTuple):
    """A term of a sum: its weight, or a row of it for one component, and what that multiplies."""

    term: Term
    weights: Array
    values: Array

    @property
    def total(self) -> float:
        """The sum of the products."""
        return float(self.weights @ self.values)

    def text(self, k: int) -> str:
        """Return product `k` as people write it: `0.3 × h[0]`."""
        return f"{self.weights[k]:g} × {component(self.term.source, str(k))}"


def is_of_a_term(id_: str) -> bool:
    """Return whether a slip is a mistake in a single term or bias of a sum."""
    return id_ in ("term-dropped", "term-twice", "sign-turned", "recurrence-missing") or (
        id_.startswith("b") and id_.endswith(("-missing", "-twice"))
    )


def sum_guesses(
    question: Question, own: Authored, equation: Affine, t: int, i: int
) -> Iterator[Guess]:
    """Yield the mistakes in one component of a sum, made with the author's own values."""
    # the recurrent term comes first: its mistakes are the likelier ones
    terms = sorted(equation.terms, key=lambda term: not term.lag)
    parts = [Part(term, term.weight[i], _due(question, own, term, t)) for term in terms]
    total = sum(part.total for part in parts) + float(equation.bias[i])
    size = sum(float(np.abs(p.weights * p.values).sum()) for p in parts) + abs(equation.bias[i])
    for guess in _of_sum(question, own, equation, parts, (t, i, total)):
        # what is only the rounding of a sum is zero on paper, and a step function would tell
        zero = np.abs(guess.values) <= 8 * EPSILON * size
        yield guess._replace(values=np.where(zero, 0.0, guess.values))


def vector_guesses(question: Question, own: Authored, equation: Affine, t: int) -> Iterator[Guess]:
    """Yield the mistakes in a whole sum, (1, n), where each of its components counts."""
    parts = [Part(term, term.weight, _due(question, own, term, t)) for term in equation.terms]
    total = np.asarray(sum(part.weights @ part.values for part in parts) + equation.bias)
    for bias in equation.biases:
        if bias.vector.any():
            yield single(f"{bias.key}-missing", total - bias.vector, f"{bias.symbol} left out")
            yield single(f"{bias.key}-twice", total + bias.vector, f"{bias.symbol} added twice")
    for part in parts:
        yield from _source_guesses(question, own, part, t, total)
        if len(part.weights) == len(part.weights.T) > 1:
            turned = total + (part.weights.T - part.weights) @ part.values
            id_, text = f"{part.term.key}-transposed", f"{part.term.symbol} transposed"
            yield single(id_, turned, text)


def _of_sum(
    question: Question,
    own: Authored,
    equation: Affine,
    parts: list[Part],
    place: tuple[int, int, float],
) -> Iterator[Guess]:
    t, i, total = place
    yield from _product_guesses(parts, total)
    for bias in equation.biases:
        yield from _bias_guesses(bias, float(bias.vector[i]), total)
    for part in parts:
        yield from _recurrence_guesses(part, total)
    for part in parts:
        yield from _source_guesses(question, own, part, t, total)
    for part in parts:
        yield from _column_guesses(part, i, total)


def _due(question: Question, own: Authored, term: Term, t: int, lag: int = 0) -> Array:
    """Return the row that a term reads, or the one at a further lag from it."""
    if term.source in question.given:
        row: Array = question.given[term.source][t + lag]  # which no sum reads with a lag
        return row
    return own.before(term.source, t, term.lag + lag)


def _product_guesses(parts: list[Part], total: float) -> Iterator[Guess]:
    # dropping a product that is zero changes nothing
    some = [(p, k) for p in parts for k in np.flatnonzero(p.weights * p.values).tolist()]
    each = np.array([part.weights[k] * part.values[k] for part, k in some])
    names = [part.text(k) for part, k in some]
    # the recurrence of a single unit is one product, and that mistake has a name of its own
    alone = bool(some) and some[0][0].term.lag != 0 and len(some[0][0].weights) == 1
    if alone:
        yield single(
            "recurrence-missing", total - each[0], f"{names[0]} left out, the recurrent term"
        )
    left = slice(1, None) if alone else slice(None)
    yield Guess("term-dropped", total - each[left], lambda k: f"{names[left][k]} left out")
    yield Guess("term-twice", total + each, lambda k: f"{names[k]} added twice")
    yield Guess("sign-turned", total - 2 * each, lambda k: f"{names[k]} with the wrong sign")


def _bias_guesses(bias: Bias, value: float, total: float) -> Iterator[Guess]:
    if value:
        named = f"the bias {value:g}"
        yield single(f"{bias.key}-missing", total - value, f"{named} left out")
        yield single(f"{bias.key}-twice", total + value, f"{named} added twice")
        yield single("sign-turned", total - 2 * value, f"{named} with the wrong sign")


def _recurrence_guesses(part: Part, total: float) -> Iterator[Guess]:
    # of a single unit the recurrence is one product, and was that already
    if part.term.lag and len(part.weights) > 1:
        memory = part.total
        yield single("recurrence-missing", total - memory, "the recurrent terms left out")
        text = "the recurrent terms with the wrong sign"
        yield single("sign-turned", total - 2 * memory, text)


def _source_guesses(
    question: Question, own: Authored, part: Part, t: int, total: float | Array
) -> Iterator[Guess]:
    """Yield the mistakes that take another vector than the one that is due."""
    term, due = part.term, t + part.term.lag
    further = term.lag or -1  # a direction that reads backwards comes from later steps
    beyond = 1 if term.source in question.start else 0
    if -beyond <= due + further < len(question.x) + beyond:
        older = part.weights @ (_due(question, own, term, t, further) - part.values)
        kind = "previous-input" if term.source == "x" else "previous-state"
        of = due + further + 1
        named = people(term.source)
        text = f"{named} of step {of} used instead of {named} of step {due + 1}"
        yield single(kind, total + older, text)
    source = question.equation(term.source)
    if isinstance(source, Applied) and not term.lag and source.activation is not LINEAR:
        inner = part.weights @ (own.own[source.source][t] - part.values)
        text = f"{source.activation.name} left out: {source.source} used instead of {term.source}"
        yield single("activation-forgotten", total + inner, text)


def _column_guesses(part: Part, i: int, total: float) -> Iterator[Guess]:
    weight = part.term.weight
    if weight.shape[0] == weight.shape[1]:
        swapped = total + float((weight[:, i] - part.weights) @ part.values)
        text = f"column {i} of {part.term.symbol} used instead of its row {i}"
        yield single("row-for-column", swapped, text)


def function_guesses(equation: Applied, inner: Array, i: int) -> Iterator[Guess]:
    """Yield the mistakes in one component of a function of `inner` (n,)."""
    f, name = equation.activation, equation.source
    if f is LINEAR:
        return
    softmax = f is SOFTMAX
    forgotten_id = "softmax-missing" if softmax else "activation-forgotten"
    yield single(forgotten_id, inner[i], f"{f.name} left out: {name}[{i}] as it is")
    yield single(
        "softmax-twice" if softmax else "activation-twice", f(f(inner))[i], f"{f.name} twice"
    )
    named = {"": inner[i]}
    for other in ACTIVATIONS.values():
        if other in (f, LINEAR) or other.output_only or (softmax and other.name != "sigmoid"):
            continue
        value = other(inner[i : i + 1])[0]
        # a relu of a positive number leaves it as it is; relu6 and step0 are nearly relu and step
        if value not in (named[""], named.get(other.name[:-1])):
            named[other.name] = value
            id_ = "softmax-is-sigmoid" if softmax else f"activation-{other.name}"
            yield single(id_, value, f"{other.name} instead of {f.name}")


def through_function(equation: Applied, inner: Array, k: int, guess: Guess) -> Guess:
    """Return a mistake in component `k` of `inner` (n,), with what the function makes of it."""
    if equation.activation is not SOFTMAX:
        return guess._replace(values=equation.activation(guess.values))
    rows = np.tile(inner, (len(guess.values), 1))
    rows[:, k] = guess.values
    return guess._replace(values=SOFTMAX(rows))


def reading_guesses(printed: Printed, expected: float, f: Activation | None) -> Iterator[Guess]:
    """Yield the mistakes in reading or writing down a value that was right.

    Args:
        printed: the one value.
        expected: what should have been written.
        f: the function it was read off, or None for a sum.
    """
    value, decimals = float(printed.values), int(printed.decimals)
    if not isfinite(expected * 1e6):  # it follows from values as large as floats are
        return
    text = fixed(expected, max(decimals, 0))
    yield single("sign-of-figure", -expected, f"{text} with the wrong sign")
    if _exchanged(text, fixed(value, max(decimals, 0))):
        yield single("digits-exchanged", value, f"digits of {text} exchanged")
    for places in (-3, -2, -1, 1, 2, 3):
        if _moved(value, expected, decimals, places):
            yield single("point-moved", value, f"{text} with its point moved")
    # of two decimals a few units are a large part of the value, and of seven nobody reads them off
    few = 1 if decimals == 2 else 5 if 3 <= decimals <= 6 else 0
    off = (value - float(text)) * 10.0**decimals
    units = abs(round(off)) if isfinite(off) else 0
    if f is not None and f.name not in _READ_OFF and 0 < units <= few:
        by = f"{units} unit{'s' if units > 1 else ''} of the last digit"
        yield single("few-units-off", value, f"{f.name} misread by {by}")


def _exchanged(text: str, other: str) -> bool:
    """Return whether two digits next to each other in `text` are exchanged in `other`."""
    if len(text) != len(other):
        return False
    places = [k for k, c in enumerate(text) if c.isdigit()]
    for left, right in pairwise(places):
        swapped = list(text)
        swapped[left], swapped[right] = text[right], text[left]
        if text[left] != text[right] and "".join(swapped) == other:
            return True
    return False


def _moved(value: float, expected: float, decimals: int, places: int) -> bool:
    """Return whether `value` is `expected` with its point moved, and has the digits to show it."""
    unit = 10.0**-decimals
    if abs(value) < 10 * unit:
        return False
    # the digits may have been moved after the rounding
    moved = [expected * 10.0**places, float(rounded(expected, max(decimals, 0))) * 10.0**places]
    return any(abs(value - each) <= unit * 0.51 for each in moved)


def single(id_: str, value: float | Array, text: str) -> Guess:
    """Return one mistake, with the value or the row (n,) that it gives."""
    return Guess(id_, np.array([value]), lambda _: text)


def causes_of(
    guesses: Iterable[Guess], fit: Callable[[Array], Mask]
) -> Iterator[tuple[Cause, Array]]:
    """Yield the guesses that `fit`, each with the values it gives."""
    every = [*guesses]
    for rank in (1, 2):  # to ask for many values at once is much faster
        some = [guess for guess in every if guess.values.ndim == rank]
        places = [(guess, k) for guess in some for k in range(len(guess.values))]
        found = np.flatnonzero(fit(np.concatenate([g.values for g in some]))) if some else ()
        for guess, k in (places[n] for n in found):
            yield Cause(guess.id, guess.text(k)), guess.values[k]
