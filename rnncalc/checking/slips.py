"""What may have gone wrong in one figure, step by step and term by term."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

import numpy as np

from rnncalc.arrays import Array
from rnncalc.checking.readings import Track
from rnncalc.checking.report import Cause
from rnncalc.network.activations import ACTIVATIONS, LINEAR, SOFTMAX, Activation
from rnncalc.network.model import Network
from rnncalc.numerals.printed import Figures, Mask


class Guess(NamedTuple):
    """Mistakes of one kind, and the figures that they would give.

    Attributes:
        id: of the kind, `term-dropped`.
        values: (m,), what each gives; (m, K) for a softmax, which every mistake changes as a whole.
        text: what the mistake with that index is, for people.
    """

    id: str
    values: Array
    text: Callable[[int], str]


class Terms(NamedTuple):
    """One sum, term by term.

    Attributes:
        weights: (n,), those of the recurrence before those of the input.
        values: (n,), what they are multiplied by.
        bias: added to the products.
        names: of the values, `h` and how many, then `x` and how many.
        bias_name: `b_h` or `b_y`.
    """

    weights: Array
    values: Array
    bias: float
    names: tuple[tuple[str, int], ...]
    bias_name: str

    @property
    def products(self) -> Array:
        """(n,), the terms without the bias."""
        return self.weights * self.values

    def text(self, k: int) -> str:
        """Return term `k` as people write it: `0.3 × h[0]`."""
        (first, size), *others = self.names
        name, place = (first, k) if k < size else (others[0][0], k - size)
        return f"{self.weights[k]:g} × {name}[{place}]"


class Place(NamedTuple):
    """One figure: row `t`, counted from 0, component `i` of `name`."""

    name: str
    t: int
    i: int


TERM_IDS = (
    *("term-dropped", "term-twice", "sign-turned", "recurrence-missing"),
    *("bh-missing", "bh-twice", "by-missing", "by-twice"),
)
"""The mistakes in a single term of a sum."""


def sum_guesses(network: Network, x: Array, own: Track, place: Place) -> Iterator[Guess]:
    """Yield the mistakes in the sum that an `a` or an `o` is, from the author's figures `own`."""
    memory = _hidden_terms if place.name == "a" else _output_terms
    terms = memory(network, x, own, place)
    yield from _term_guesses(terms)
    yield from _vector_guesses(network, x, own, place, terms)


def _hidden_terms(network: Network, x: Array, own: Track, place: Place) -> Terms:
    cell, t, i = network.cell, place.t, place.i
    return Terms(
        np.concatenate((cell.W_hh[i], cell.W_xh[i])),
        np.concatenate((own.states[t], x[t])),
        float(cell.b_h[i]),
        (("h", cell.hidden_size), ("x", cell.input_size)),
        "b_h",
    )


def _output_terms(network: Network, _: Array, own: Track, place: Place) -> Terms:
    assert network.readout is not None
    readout, h = network.readout, own.states[place.t + 1]
    bias = float(readout.b_y[place.i])
    return Terms(readout.W_hy[place.i], h, bias, (("h", h.size),), "b_y")


def _term_guesses(terms: Terms) -> Iterator[Guess]:
    products, bias = terms.products, terms.bias
    total = products.sum() + bias
    some = np.flatnonzero(products)  # dropping a term that is zero changes nothing
    each = products[some]
    named = f"the bias {bias:g}"
    # the recurrence of a single unit is one term, and that mistake has a name of its own
    alone = terms.names[0] == ("h", 1) and len(terms.names) == 2
    dropped = "term-dropped"
    if alone and some.size and some[0] == 0:
        text = f"{terms.text(0)} left out, the recurrent term"
        yield _one("recurrence-missing", total - products[0], text)
        yield Guess(dropped, total - each[1:], lambda k: f"{terms.text(some[1:][k])} left out")
    else:
        yield Guess(dropped, total - each, lambda k: f"{terms.text(some[k])} left out")
    yield Guess("term-twice", total + each, lambda k: f"{terms.text(some[k])} added twice")
    yield Guess(
        "sign-turned", total - 2 * each, lambda k: f"{terms.text(some[k])} with its sign turned"
    )
    if bias:
        short = terms.bias_name.replace("_", "")
        yield _one(f"{short}-missing", total - bias, f"{named} left out")
        yield _one(f"{short}-twice", total + bias, f"{named} added twice")
        yield _one("sign-turned", total - 2 * bias, f"{named} with its sign turned")


def _vector_guesses(
    network: Network, x: Array, own: Track, place: Place, terms: Terms
) -> Iterator[Guess]:
    """Yield the mistakes that take another vector, or another row of a matrix, than was due."""
    total = terms.products.sum() + terms.bias
    name, t, i = place
    if name == "o":
        assert network.readout is not None
        yield from _output_vector_guesses(network, own, place, total)
        return
    cell, before = network.cell, own.states[t]
    memory = cell.W_hh[i] @ before
    # of a single unit the recurrence is one term, and was that already
    if network.hidden_size > 1:
        yield _one("recurrence-missing", total - memory, "the recurrent terms left out")
        yield _one("sign-turned", total - 2 * memory, "the recurrent terms with their sign turned")
    if t > 0:
        older = total - memory + cell.W_hh[i] @ own.states[t - 1]
        yield _one("previous-state", older, f"h of step {t - 1} used instead of h of step {t}")
        past = total + cell.W_xh[i] @ (x[t - 1] - x[t])
        yield _one("previous-input", past, f"x of step {t} used instead of x of step {t + 1}")
    swapped = total - memory + cell.W_hh[:, i] @ before
    yield _one("row-for-column", swapped, f"column {i} of W_hh used instead of its row {i}")
    if cell.input_size == cell.hidden_size:
        swapped = total + (cell.W_xh[:, i] - cell.W_xh[i]) @ x[t]
        yield _one("row-for-column", swapped, f"column {i} of W_xh used instead of its row {i}")


def _output_vector_guesses(
    network: Network, own: Track, place: Place, total: float
) -> Iterator[Guess]:
    assert network.readout is not None
    (_, t, i), W_hy = place, network.readout.W_hy
    after = own.states[t + 1]
    older = total + W_hy[i] @ (own.states[t] - after)
    yield _one("previous-state", older, f"h of step {t} used instead of h of step {t + 1}")
    if network.cell.activation is not LINEAR:
        name = network.cell.activation.name
        inner = total + W_hy[i] @ (own.a[t] - after)
        yield _one("activation-forgotten", inner, f"{name} left out: a used instead of h")
    if W_hy.shape[0] == W_hy.shape[1]:
        swapped = total + (W_hy[:, i] - W_hy[i]) @ after
        yield _one("row-for-column", swapped, f"column {i} of W_hy used instead of its row {i}")


def activation_guesses(network: Network, own: Track, place: Place) -> Iterator[Guess]:
    """Yield the mistakes in the function that an `h` or a `y` is of `a` or `o`."""
    name, t, i = place
    if name == "h":
        yield from _function_guesses(network.cell.activation, own.a[t], i, "a")
    elif network.readout is not None:
        yield from _function_guesses(network.readout.activation, own.o[t], i, "o")


def _function_guesses(f: Activation, inner: Array, i: int, name: str) -> Iterator[Guess]:
    if f is LINEAR:
        return
    softmax = f is SOFTMAX
    twice, left_out = f(f(inner))[i], f"{f.name} left out: {name}[{i}] as it is"
    forgotten_id = "softmax-missing" if softmax else "activation-forgotten"
    yield _one(forgotten_id, inner[i], left_out)
    yield _one("softmax-twice" if softmax else "activation-twice", twice, f"{f.name} twice")
    for other in ACTIVATIONS.values():
        if other in (f, LINEAR) or other.output_only or (softmax and other.name != "sigmoid"):
            continue
        value = other(inner[i : i + 1])[0]
        if value != inner[i]:  # a relu of a positive number leaves it as it is, which was named
            id_ = "softmax-is-sigmoid" if softmax else f"activation-{other.name}"
            yield _one(id_, value, f"{other.name} instead of {f.name}")


def through_function(network: Network, x: Array, own: Track, place: Place) -> Iterator[Guess]:
    """Yield the mistakes in an `a` or `o` that is not printed, with the h or y that they give."""
    f = network.cell.activation
    if place.name == "o":
        assert network.readout is not None
        f = network.readout.activation
    for guess in sum_guesses(network, x, own, place):
        yield guess._replace(values=f(guess.values))


def softmax_guesses(
    network: Network, x: Array, own: Track, t: int, hidden: Mask
) -> Iterator[Guess]:
    """Yield the mistakes in each o that is `hidden` (K,), with the whole softmax that they give."""
    for k in np.flatnonzero(hidden):
        for guess in sum_guesses(network, x, own, Place("o", t, int(k))):
            rows = np.tile(own.o[t], (len(guess.values), 1))
            rows[:, k] = guess.values
            yield guess._replace(values=SOFTMAX(rows))


def reading_guesses(printed: Figures, expected: float, f: Activation | None) -> Iterator[Guess]:
    """Yield the mistakes in reading or writing down a figure that was right.

    Args:
        printed: the one figure.
        expected: what should have been written.
        f: the function it was read off, or None for a sum.
    """
    value, decimals = float(printed.values), int(printed.decimals)
    if not isfinite(expected * 1e6):  # it follows from figures as large as floats are
        return
    text = f"{expected:.{max(decimals, 0)}f}"
    yield _one("sign-of-figure", -expected, f"{text} with its sign turned")
    if _exchanged(text, f"{value:.{max(decimals, 0)}f}"):
        yield _one("digits-exchanged", value, f"digits of {text} exchanged")
    for places in (-3, -2, -1, 1, 2, 3):
        if _moved(value, expected, decimals, places):
            yield _one("point-moved", value, f"{text} with its point moved")
    # of two decimals a few units are a large part of the figure, and of seven nobody reads them off
    few = {2: 1, 3: 5, 4: 5, 5: 5, 6: 5}.get(decimals, 0)
    units = abs(round((value - float(text)) * 10.0**decimals)) if few else 0
    if f not in (None, LINEAR) and 0 < units <= few:
        assert f is not None
        off = f"{units} unit{'s' if units > 1 else ''} of the last digit"
        yield _one("few-units-off", value, f"{f.name} misread by {off}")


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
    if places > 0:  # the digits may have been moved after the rounding
        expected = round(expected, decimals) if decimals >= places else expected
        unit *= 10**places
    return bool(abs(value - expected * 10.0**places) <= unit * 0.51)


def _one(id_: str, value: float, text: str) -> Guess:
    return Guess(id_, np.array([value]), lambda _: text)


def causes_of(
    guesses: Iterator[Guess], fit: Callable[[Array], Mask]
) -> Iterator[tuple[Cause, Array]]:
    """Yield the guesses that `fit`, each with the figures it gives."""
    for guess in guesses:
        for k in np.flatnonzero(fit(guess.values)):
            yield Cause(guess.id, guess.text(int(k))), guess.values[k]
