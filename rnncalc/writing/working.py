"""The working of a step as a person writes it: every substitution, with the numbers as shown.

A line is a chain of expressions and a result: `0.5 × 2 + 0.3 × 0.537 + 0.1 ≈ 1.261`. `=` means that
nothing was rounded; `≈` means that the result, or a value it was calculated from, was rounded.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from math import exp, fsum, isfinite
from typing import NamedTuple, cast

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.activations import LINEAR, SOFTMAX, Activation
from rnncalc.network.equations import (
    Affine,
    Applied,
    Called,
    Combined,
    Equation,
    Joined,
    Outer,
    Product,
    Sliced,
    Term,
)
from rnncalc.network.naming import component, people, symbol
from rnncalc.numerals.rounding import PAPER, exact, fixed, is_all_of, plain, short
from rnncalc.writing.formulas import outputs, product
from rnncalc.writing.numbers import BLANK, bracketed
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Step

MOST_TERMS = 8
"""Products in a line; if there are more, the sums W x and W h are shown instead."""

_MORE = 20  # decimals that are tried before a number is shown in full
_IN_FULL = 400
_FLOAT_DECIMALS = 17  # beyond, the digits of a float do not decide how a sum is rounded
# each gives back its argument or a constant, or a value at 0 that has few digits
_SELECTING = ("linear", "relu", "relu6", "step", "step0", "hard_tanh")
_ROUND_AT_ZERO = ("tanh", "sigmoid", "elu", "selu")
_LARGE_LOGIT = 10  # from here on nobody writes e^o as a number, but e^(o - max)
_DIVISION = Context(prec=40)

_NUMBER = re.compile(r"−?[0-9.]+(?:e[+-]?[0-9]+)?")

Lines = dict[str, list[str]]
"""The lines of a step: one for each component of a quantity."""


@dataclass(frozen=True)
class Number:
    """A number as it is shown in a line.

    Attributes:
        text: without its sign.
        value: what the text says, with its sign.
        is_exact: whether the text has all digits of the number.
    """

    text: str
    value: Decimal
    is_exact: bool

    @property
    def signed(self) -> str:
        """The number with its sign, on its own."""
        return f"−{self.text}" if self.value < 0 else self.text

    @property
    def factor(self) -> str:
        """The number after a ×: in brackets if it is negative."""
        return f"(−{self.text})" if self.value < 0 else self.text


# neither its sign is given away nor whether there is a logarithm of it
_UNKNOWN = Number(BLANK, Decimal("0.5"), is_exact=False)


def as_given(value: float, request: Request, decimals: int | None = None) -> Number:
    """Return a weight, a bias or an input; by hand in full, so that a line is exact."""
    if request.by_hand:
        text = plain(value)
    else:
        text = short(value, request.decimals if decimals is None else decimals)
    return Number(text.lstrip("-"), number := Decimal(text), number == exact(value))


def _as_found(value: float, name: str, request: Request) -> Number:
    """Return the result of an earlier line: short where nothing is lost, else rounded."""
    if name in request.hidden:
        return _UNKNOWN
    text = plain(value) if request.by_hand else fixed(value, request.places(name))
    lossless = request.by_hand or is_all_of(text, value)
    text = plain(float(text)) if lossless else text
    return Number(text.lstrip("-"), Decimal(text), lossless)


def found_texts(name: str, values: list[float], request: Request) -> list[str]:
    """Return values of earlier lines as the next one writes them: `0.537`, `−1`."""
    with localcontext(PAPER):
        return [_as_found(value, name, request).signed for value in values]


def _result(value: float, decimals: int) -> str:
    """Return the value that a line ends with, with all its decimals."""
    text = fixed(value, decimals)
    return f"−{text[1:]}" if text[0] == "-" else text


def _number(shown: str) -> Decimal:
    return Decimal(shown.replace("−", "-"))


def _line(left: str, result: str, *, same: bool) -> str:
    """Return `0.25 + 0.25 = 0.5`, or `≈` where something was rounded."""
    return f"{left} {'=' if same else '≈'} {result}"


def worked(equations: Sequence[Equation], step: Step, request: Request) -> Lines:
    """Return the lines of equations of one step for every quantity that is shown.

    A linear output equals its sum, so the two are worked once, under the name of the output.
    """
    with localcontext(PAPER):
        found = {
            name: _lines(name, equation, step, request)
            for name, equation in equations_of(equations, request).items()
            if request.shows(name)
        }
    return {name: lines for name, lines in found.items() if lines}


def equations_of(equations: Sequence[Equation], request: Request) -> dict[str, Equation]:
    """Return the equation that is worked for each quantity; that of a linear output is its sum."""
    found: dict[str, Equation] = {each.name: each for each in equations}
    for output, inside in outputs(equations):
        if output.activation is LINEAR:
            found[output.name] = found.pop(inside.name)
            if inside.name in request.only:
                found = {inside.name: inside, **found}
    return found


class Substituted(NamedTuple):
    """A sum with its numbers in: matrices, what each is multiplied by, and what is added.

    Attributes:
        products: for each term its weight, row by row, and the vector.
        biases: each a vector.
        is_exact: whether what is shown gives the result with no digit lost.
    """

    products: list[tuple[list[list[str]], list[str]]]
    biases: list[list[str]]
    is_exact: bool


def substituted(name: str, equation: Affine, step: Step, request: Request) -> Substituted:
    """Return the sum that gives a quantity with its numbers in, only the components shown of it."""
    request = replace(request, one_hot=False)  # the whole matrix is there
    with localcontext(PAPER):
        most = sum(map(len, step.values.values()))
        lines = _worked_lines(equation, step, request, most)
        products = [
            (
                [[as_given(w, request).signed for w in row] for row in term.weight.tolist()],
                [number.signed for number in _shown(term, step, request)],
            )
            for term in equation.terms
        ]
        biases = [
            [as_given(b, request).signed for b in bias.vector.tolist()] for bias in equation.biases
        ]
    rows = [(request.components_of(name, weight), vector) for weight, vector in products]
    added = [request.components_of(name, bias) for bias in biases]
    exact_lines = request.components_of(name, ["≈" not in line for line in lines])
    return Substituted(rows, added, all(exact_lines))


def sum_of(equation: Affine, i: int) -> str:
    """Return `(W_xh x_t)[0] + b_h[0]`, which a line begins with if its products are not shown."""
    names = [product(term) for term in equation.terms]
    names += [symbol(bias.key) for bias in equation.biases]
    if equation.size > 1:
        names = [f"({name})[{i}]" if " " in name else f"{name}[{i}]" for name in names]
    return " + ".join(names)


def _lines(name: str, equation: Equation, step: Step, request: Request) -> list[str]:
    """Return the lines of one equation, whose components are called `name`."""
    if isinstance(equation, Joined | Sliced):  # it says nothing new
        return []
    lines = _worked_lines(equation, step, request)
    if request.hidden:
        lines = [_emptied(line, equation) for line in lines]
    if isinstance(equation, Outer) or len(lines) == 1:
        return lines
    inside = (request.part(name, i) for i in range(len(lines)))
    named = [f"{component(name, of)} = {line}" for of, line in zip(inside, lines, strict=True)]
    return request.components_of(name, named)


def _emptied(line: str, equation: Equation) -> str:
    """Return a line of an exercise: what it results in is left empty, and no sign is known."""
    first, *others = re.split(" [=≈] ", line)
    if _NUMBER.fullmatch(first):  # a constant, such as the slope of a linear activation
        return BLANK
    kept = [first, *others[:-1]] if isinstance(equation, Outer) else [first] if others else []
    empty = [first, *others][len(kept) :]
    texts = [_NUMBER.sub(BLANK, text).replace(" − ", " + ") for text in empty]
    return " = ".join([*kept, *texts])


def _worked_lines(
    equation: Equation, step: Step, request: Request, most: int = MOST_TERMS
) -> list[str]:
    """Return the lines of one equation, without the names of its components."""
    if isinstance(equation, Applied) and equation.activation is SOFTMAX:
        return _softmax_lines(equation, step, request)
    if isinstance(equation, Outer) and equation.size > 1:
        return _outer_lines(equation, step, request)
    results, places = step.values[equation.name], request.places(equation.name)
    pairs = zip(_left_sides(equation, step, request, most), results, strict=True)
    return [_concluded(*pair, places) for pair in pairs]


def _left_sides(equation: Equation, step: Step, request: Request, most: int) -> Iterator["_Addend"]:
    """Yield what the line of each component begins with; no text where the result says it all."""
    if isinstance(equation, Affine):
        yield from _affine(equation, step, request, most)
    elif isinstance(equation, Combined):  # 0.5 × 0.462 + 0.5 × 0.381
        for i in range(equation.size):
            yield _added([_part(part, i, step, request) for part in equation.parts])
    elif isinstance(equation, Outer):
        left = _as_found(step.values[equation.left][0], equation.left, request)
        yield _added([_product(left, _right(equation, step, request)[0])])
    elif isinstance(equation, Called):
        yield from _called(equation, step, request)
    elif isinstance(equation, Applied):
        for value in step.values[equation.source]:
            yield _applied(equation.activation, _as_found(value, equation.source, request))


class _Addend(NamedTuple):
    """A part of a sum as it is written: a product, a bracket of them, or a number."""

    text: str
    is_subtracted: bool
    value: Decimal
    is_exact: bool


def _affine(equation: Affine, step: Step, request: Request, most: int) -> Iterator[_Addend]:
    """Yield `0.5 × 2 + 0.3 × 0.537 + 0.1` for each component; of many terms their sums."""
    widths = (1 if _selected(t, step, request) else t.weight.shape[1] for t in equation.terms)
    if sum(widths) > most:
        yield from _summed(equation, step, request)
        return
    shown = [_shown(term, step, request) for term in equation.terms]
    for i in range(equation.size):
        biases = (as_given(bias.vector[i].item(), request) for bias in equation.biases)
        yield _added([*_products(equation.terms, shown, i, request), *map(_addend, biases)])


def _selected(term: Term, step: Step, request: Request) -> bool:
    """Return whether a term is one of its weights, selected by a one-hot input."""
    if not request.one_hot or term.source != "x" or term.weight.shape[1] == 1:
        return False
    values = step.at(term.source, term.lag)
    return values.count(0) == len(values) - 1 and 1 in values


def _addend(number: Number) -> _Addend:
    return _Addend(number.text, number.value < 0, number.value, number.is_exact)


def _shown(term: Term, step: Step, request: Request) -> list[Number]:
    """Return the components that a weight is multiplied by.

    Of a one-hot input, it is the position of the weight that it selects.
    """
    values = step.at(term.source, term.lag)
    if _selected(term, step, request):
        return [Number("", Decimal(values.index(1)), is_exact=True)]
    if term.source == "x" or (term.lag and term.source in step.given):  # not calculated
        return [as_given(value, request) for value in values]
    return [_as_found(value, term.source, request) for value in values]


def _products(
    terms: Sequence[Term], shown: list[list[Number]], i: int, request: Request
) -> list[_Addend]:
    """Return `(0.1 × 1 + 0.2 × 0) + (0.5 × 0.462 + ...)`: no brackets if there is one part."""
    addends = []
    for term, numbers in zip(terms, shown, strict=True):
        if len(numbers) < term.weight.shape[1]:  # the only one says which weight
            weight = as_given(term.weight[i, int(numbers[0].value)].item(), request)
            addends.append(_addend(weight))
            continue
        weights = (as_given(weight, request) for weight in term.weight[i].tolist())
        products = [_product(*pair) for pair in zip(weights, numbers, strict=True)]
        whole = _added(products)
        in_brackets = len(products) > 1 < len(terms)
        addends += [whole._replace(text=f"({whole.text})")] if in_brackets else products
    return addends


def _product(weight: Number, number: Number) -> _Addend:
    text, value = f"{weight.text} × {number.factor}", weight.value * number.value
    return _Addend(text, weight.value < 0, value, weight.is_exact and number.is_exact)


def _summed(equation: Affine, step: Step, request: Request) -> Iterator[_Addend]:
    """Yield `W_xh x_t + W_hh h_{t-1} + b_h = 0.310 − 0.200 + 0.1` for each component."""
    wholes = [_wholes(term.weight, step.at(term.source, term.lag)) for term in equation.terms]
    for i, result in enumerate(step.values[equation.name]):
        biases = [bias.vector[i].item() for bias in equation.biases]
        places, name = request.places(equation.name), sum_of(equation, i)
        addends = _sums([each[i] for each in wholes], biases, result, places, request)
        total = _added(addends)
        # a number does not explain itself
        yield total._replace(text=f"{name} = {total.text}" if len(addends) > 1 else name)


@dataclass(frozen=True, eq=False)
class _Whole:
    """The sum of a row's products: an estimate, which is off by no more than `error`."""

    weights: Array
    values: list[float]
    estimate: float
    error: float

    def to(self, decimals: int) -> _Addend:
        """Return the sum rounded to `decimals`, as it would be if it were exact."""
        decided = decimals <= _FLOAT_DECIMALS and self._decides(2 * 10.0**decimals)
        whole = exact(self.estimate) if decided else self._exact
        shown = Decimal(fixed(whole, decimals))
        text = fixed(whole, decimals).lstrip("-")
        return _Addend(text, shown < 0, shown, not decided and shown == whole)

    def _decides(self, halves: float) -> bool:
        """Return whether no multiple of half a unit is within the error of the estimate."""
        error, scaled = self.error * halves, self.estimate * halves
        return error < 0.1 and abs(scaled - round(scaled)) > 1e-6 + error

    @cached_property
    def _exact(self) -> Decimal:
        pairs = zip(self.weights.tolist(), self.values, strict=True)
        return sum((exact(weight) * exact(value) for weight, value in pairs), Decimal(0))


def _wholes(weight: Array, values: list[float]) -> list[_Whole]:
    """Return W v, row by row."""
    vector = np.array(values)
    kept = np.flatnonzero(vector)
    with np.errstate(all="ignore"):
        products = weight[:, kept] * vector[kept]
        # what is lost in reading two numbers, in their product and in the sum
        errors = (np.abs(products).sum(axis=1) * (3 * np.finfo(float).eps)).tolist()
    rows = zip(weight[:, kept], products.tolist(), errors, strict=True)
    some = vector[kept].tolist()
    return [_Whole(of, some, fsum(row) if isfinite(e) else 0.0, e) for of, row, e in rows]


def _sums(
    wholes: list[_Whole], biases: list[float], result: float, places: int, request: Request
) -> list[_Addend]:
    """Return `0.310 − 0.200 + 0.1`: each part as a number, exact enough for the total to agree."""
    wanted, half = fixed(result, places), Decimal(5).scaleb(-places - 1)
    tie: list[_Addend] | None = None
    for decimals in (*range(places, places + _MORE), _IN_FULL):
        constants = [_addend(as_given(bias, request, decimals)) for bias in biases]
        addends = [*(whole.to(decimals) for whole in wholes), *constants]
        total = _added(addends).value
        if fixed(total, places) == wanted:
            return addends
        # of a tie, a float may be on the other side
        tie = tie or (addends if abs(total - Decimal(wanted)) <= half else None)
    # or floats are too coarse to agree
    return tie or [*(whole.to(places) for whole in wholes), *constants]


def _added(addends: list[_Addend]) -> _Addend:
    """Return the sum as one addend."""
    first, *others = addends
    signs = (f" {'−' if other.is_subtracted else '+'} {other.text}" for other in others)
    text = "".join(["−" if first.is_subtracted else "", first.text, *signs])
    total = sum((addend.value for addend in addends), Decimal(0))
    return _Addend(text, False, total, all(addend.is_exact for addend in addends))


def _concluded(left: _Addend, result: float, places: int) -> str:
    """Return what a line begins with, and its result."""
    shown = _result(result, places)
    same = left.is_exact and left.value == _number(shown)
    return _line(left.text, shown, same=same) if left.text else shown


def sum_line(parts: list[float], name: str, result: float, request: Request) -> str:
    """Return `−0.274 − 0.179 − 0.037 ≈ −0.489`, of the values of a quantity at several steps."""
    with localcontext(PAPER):
        addends = [_addend(_as_found(value, name, request)) for value in parts]
        return _concluded(_added(addends), result, request.places(name))


def _part(part: Product, i: int, step: Step, request: Request) -> _Addend:
    """Return a product of components, its sign apart."""
    rows = [(source, step.at(source, lag)) for source, lag in part.sources]
    numbers = [_as_found(row[i] if len(row) > 1 else row[0], s, request) for s, row in rows]
    if abs(part.factor) != 1:
        numbers.insert(0, as_given(abs(part.factor), request))
    negative = part.factor < 0
    value = Decimal(-1 if negative else 1)
    for number in numbers:
        value *= number.value
    if len(numbers) == 1:  # a number alone takes its sign into that of the sum
        negative, texts = value < 0, [numbers[0].text]
    else:
        texts = [numbers[0].signed if not negative else numbers[0].factor]
        texts += [number.factor for number in numbers[1:]]
    return _Addend(" × ".join(texts), negative, value, all(n.is_exact for n in numbers))


def _called(equation: Called, step: Step, request: Request) -> Iterator[_Addend]:
    """Yield `1 − 0.537²` for each component, and no text where it is a constant."""
    places, formula = request.places(equation.name), equation.formula
    numbers = [
        [_as_found(value, source, request) for value in step.values[source]]
        for source in equation.sources
    ]
    shown = [np.array([number.value for number in row], dtype=np.object_) for row in numbers]
    right = formula(*cast(list[Array], shown)) if formula.exact else [Decimal(0)] * equation.size
    for i, value in enumerate(step.values[equation.name]):
        text = formula.written(i, numbers)
        read = [of if len(of) == 1 or equation.size == 1 else [of[i]] for of in numbers]
        known = formula.exact and all(number.is_exact for of in read for number in of)
        yield _Addend("" if text == _result(value, places) else text, False, right[i], known)


def _outer_lines(equation: Outer, step: Step, request: Request) -> list[str]:
    """Return `−0.127 × [0.462, 0.3] ≈ [−0.059, −0.038]` for each row of a column times a row."""
    places, (n, m) = request.places(equation.name), equation.shape
    if m > MOST_TERMS:
        return []
    left = [_as_found(value, equation.left, request) for value in step.values[equation.left]]
    right, values = _right(equation, step, request), step.values[equation.name]
    lines = []
    for i in range(n):
        results = [_result(value, places) for value in values[i * m : (i + 1) * m]]
        products = [_product(left[i], each) for each in right]
        pairs = zip(products, results, strict=True)
        same = all(p.is_exact and p.value == _number(result) for p, result in pairs)
        row = bracketed([each.signed for each in right])
        name = f"{people(equation.name)}[{i}]" if n > 1 else people(equation.name)
        whole = f"{name} = {left[i].signed} × {row}"
        lines.append(_line(whole, bracketed(results), same=same))
    return lines


def _right(equation: Outer, step: Step, request: Request) -> list[Number]:
    return _shown(Term(equation.name, np.empty((1, 1)), *equation.right), step, request)


def _applied(function: Activation, argument: Number) -> _Addend:
    """Return `tanh(1.261)`, and no text of a linear function."""
    text = "" if function is LINEAR else f"{function.name}({argument.signed})"
    value = _value(function, argument.value)
    return _Addend(text, False, value, argument.is_exact and value.is_finite())


def _value(function: Activation, argument: Decimal) -> Decimal:
    """Return the function of just this argument if no digit is lost, else NaN."""
    if function.name == "softsign":
        value = Fraction(argument) / (1 + abs(Fraction(argument)))
        quotient = Decimal(value.numerator) / value.denominator
        return quotient if Fraction(quotient) == value else Decimal("NaN")
    finite = function.name in _SELECTING or (not argument and function.name in _ROUND_AT_ZERO)
    if finite or (function.name == "elu" and argument > 0):
        return exact(float(function(np.array([float(argument)]))[0]))
    return Decimal("NaN")


def _softmax_lines(equation: Applied, step: Step, request: Request) -> list[str]:
    """Return `e^1.20 / (e^1.20 + e^0.31) ≈ 3.320 / 4.683 ≈ 0.709` for each component."""
    logits = step.values[equation.source]
    numbers = [_as_found(value, equation.source, request) for value in logits]
    largest = max(range(len(logits)), key=lambda i: logits[i])
    # 0.000 / 0.000 would explain nothing
    tiny = max(logits) < 0 and sum(map(exp, logits)) < 10.0 ** (2 - request.decimals)
    shift = (tiny or max(map(abs, logits)) > _LARGE_LOGIT) and not request.hidden
    taken = logits[largest] if shift else 0.0
    exponents = [_exponent(n, numbers[largest] if shift else None) for n in numbers]
    powers = [exp(value - taken) for value in logits]
    total = fsum(powers)
    below = f"({' + '.join(exponents)})" if len(exponents) <= MOST_TERMS else "the sum of all"
    no_rounding = all(value == taken for value in logits) and all(n.is_exact for n in numbers)
    lines = []
    for exponent, power, value in zip(exponents, powers, step.values[equation.name], strict=True):
        shown = _result(value, request.places(equation.name))
        quotient, of = _quotient(power, total, shown, request.places(equation.name))
        first = _line(f"{exponent} / {below}", quotient, same=no_rounding)
        lines.append(_line(first, shown, same=no_rounding and of == Decimal(shown)))
    return lines


def _exponent(logit: Number, largest: Number | None) -> str:
    if largest is None:
        return f"e^{logit.factor}"
    operator = "+" if largest.value < 0 else "−"
    return f"e^({logit.signed} {operator} {largest.text})"


def _quotient(above: float, below: float, shown: str, places: int) -> tuple[str, Decimal]:
    """Return `3.320 / 4.683` and its value, with enough digits to give the result."""
    for decimals in range(places, places + _MORE):
        texts = fixed(above, decimals), fixed(below, decimals)
        value = _DIVISION.divide(Decimal(texts[0]), Decimal(texts[1]) or Decimal(1))
        if fixed(value, places) == shown:
            break
    return " / ".join(texts), value
