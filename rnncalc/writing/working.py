"""The working of a step as a person writes it: every substitution, with the numbers as shown.

A line is a chain of expressions and a result: `0.5 × 2 + 0.3 × 0.537 + 0.1 ≈ 1.261`. It has a `=`
where nothing was rounded, and a `≈` where something was, or where a rounded value was used.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.activations import LINEAR, SOFTMAX, Activation
from rnncalc.network.equations import Affine, Applied, Equation, Term
from rnncalc.network.model import Network
from rnncalc.numerals.rounding import exact, fixed, plain, short
from rnncalc.writing.formulas import outputs, product, symbol
from rnncalc.writing.request import Request
from rnncalc.writing.steps import Step

MOST_TERMS = 8
"""Products in a line; of more, the sums W x and W h are shown instead."""

_RATIONAL = ("linear", "relu", "step", "hard_tanh", "softsign")  # give back what rounding takes
_LARGE_LOGIT = 10  # from here on nobody writes e^o as a number, but e^(o - max)

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


def as_given(value: float, request: Request) -> Number:
    """Return a weight, a bias or an input; by hand in full, so that a line is exact."""
    text = plain(value) if request.by_hand else short(value, request.decimals)
    return _number(text, value)


def _as_found(value: float, request: Request) -> Number:
    """Return the result of an earlier line: short where nothing is lost, else rounded."""
    text = fixed(value, request.decimals)
    return _number(plain(float(text)) if _same(Decimal(text), value) else text, value)


def _result(value: float, request: Request) -> str:
    """Return the value that a line ends with, with all its decimals."""
    return fixed(value, request.decimals).replace("-", "−")


def _number(text: str, value: float) -> Number:
    return Number(text.lstrip("-"), Decimal(text), _same(Decimal(text), value))


def _same(shown: Decimal, value: float) -> bool:
    """Return whether `shown` is all of `value`, but for noise, as in 0.41000000000000003."""
    return abs(float(shown) - value) <= 4 * math.ulp(value)


def worked(network: Network, step: Step, request: Request) -> Lines:
    """Return the lines of one step for every quantity that is shown.

    A linear output and its sum are the same, and worked once, under the name of the output.
    """
    equations: dict[str, Equation] = {each.name: each for each in network.equations}
    for output, inside in outputs(network.equations):
        if output.activation is LINEAR:
            equations[output.name] = equations.pop(inside.name)
            if inside.name in request.only:
                equations = {inside.name: inside, **equations}
    return {
        name: _lines(name, equation, step, request)
        for name, equation in equations.items()
        if request.shows(name)
    }


def _lines(name: str, equation: Equation, step: Step, request: Request) -> list[str]:
    """Return the lines of one equation, whose components are called `name`."""
    results = step.values[equation.name]
    if isinstance(equation, Affine):
        lines = _affine_lines(equation, step, request)
    elif equation.activation is SOFTMAX:
        lines = _softmax_lines(step.values[equation.source], results, request)
    else:
        lines = _applied_lines(equation, step, request)
    if len(lines) == 1:
        return lines
    return [f"{name}[{i}] = {line}" for i, line in enumerate(lines)]


@dataclass(frozen=True)
class _Part:
    """A term of a sum, with its quantity as it is shown, and in full."""

    term: Term
    shown: list[Number]
    values: list[float]


def _part(term: Term, step: Step, request: Request) -> _Part:
    values = step.at(term.source, term.lag)
    given = term.source == "x" or (term.lag and step.t == 1)  # h_0 was given, and not calculated
    show = as_given if given else _as_found
    return _Part(term, [show(value, request) for value in values], values)


class _Addend(NamedTuple):
    """A part of a sum as it is written: a product, a bracket of them, or a number."""

    text: str
    is_subtracted: bool
    value: Decimal
    is_exact: bool


def _affine_lines(equation: Affine, step: Step, request: Request) -> list[str]:
    """Return `0.5 × 2 + 0.3 × 0.537 + 0.1 ≈ 1.261` for each component."""
    parts = [_part(term, step, request) for term in equation.terms]
    few = sum(len(part.shown) for part in parts) <= MOST_TERMS
    names = [product(part.term) for part in parts] + [symbol(b.key) for b in equation.biases]
    lines = []
    for i, result in enumerate(step.values[equation.name]):
        biases = [as_given(float(bias.vector[i]), request) for bias in equation.biases]
        constants = [_Addend(b.text, b.value < 0, b.value, b.is_exact) for b in biases]
        if few:
            lines.append(_concluded(_products(parts, i, request) + constants, result, request))
            continue
        addends = _sums(parts, i, constants, result, request)
        line = _concluded(addends, result, request)
        # a number does not explain itself
        line = f"= {line}" if len(addends) > 1 else line.partition(" ")[2]
        lines.append(f"{_named(names, i, equation.size)} {line}")
    return lines


def _named(names: list[str], i: int, size: int) -> str:
    """Return `(W_xh x_t)[0] + b_h[0]`: which sums are meant, if their products are not shown."""
    if size > 1:
        names = [f"({name})[{i}]" if " " in name else f"{name}[{i}]" for name in names]
    return " + ".join(names)


def _products(parts: list[_Part], i: int, request: Request) -> list[_Addend]:
    """Return `(0.1 × 1 + 0.2 × 0) + (0.5 × 0.462 + ...)`: no brackets if there is one part."""
    addends = []
    for part in parts:
        weights = (as_given(weight, request) for weight in part.term.weight[i].tolist())
        products = [_product(*pair) for pair in zip(weights, part.shown, strict=True)]
        whole = _added(products)
        in_brackets = len(products) > 1 < len(parts)
        addends += [whole._replace(text=f"({whole.text})")] if in_brackets else products
    return addends


def _product(weight: Number, number: Number) -> _Addend:
    text, value = f"{weight.text} × {number.factor}", weight.value * number.value
    return _Addend(text, weight.value < 0, value, weight.is_exact and number.is_exact)


def _sums(
    parts: list[_Part], i: int, constants: list[_Addend], result: float, request: Request
) -> list[_Addend]:
    """Return `0.310 − 0.200 + 0.1`: each part as a number, by hand exact enough for the result."""
    wholes = [_whole(part.term.weight[i], part.values) for part in parts]
    for decimals in range(request.decimals, request.decimals + 40):
        shown = [(Decimal(fixed(whole, decimals)), whole) for whole in wholes]
        addends = [_Addend(f"{abs(n):f}", n < 0, n, n == whole) for n, whole in shown] + constants
        total = fixed(_added(addends).value, request.decimals)
        if not request.by_hand or total == fixed(result, request.decimals):
            break
    return addends


def _whole(weights: Array, values: list[float]) -> Decimal:
    """Return the exact sum of the products."""
    pairs = zip(weights.tolist(), values, strict=True)
    return sum((exact(weight) * exact(value) for weight, value in pairs), Decimal(0))


def _added(addends: list[_Addend]) -> _Addend:
    """Return the sum as one addend."""
    first, *others = addends
    signs = (f" {'−' if other.is_subtracted else '+'} {other.text}" for other in others)
    text = "".join(["−" if first.is_subtracted else "", first.text, *signs])
    total = sum((addend.value for addend in addends), Decimal(0))
    return _Addend(text, False, total, all(addend.is_exact for addend in addends))


def _concluded(addends: list[_Addend], result: float, request: Request) -> str:
    """Return the sum and its result."""
    left, shown = _added(addends), _result(result, request)
    same = left.is_exact and left.value == Decimal(shown.replace("−", "-"))
    return f"{left.text} {'=' if same else '≈'} {shown}"


def _applied_lines(equation: Applied, step: Step, request: Request) -> list[str]:
    """Return `tanh(1.261) ≈ 0.851` for each component; a linear one is its result alone."""
    function = equation.activation
    results = [_result(value, request) for value in step.values[equation.name]]
    if function is LINEAR:
        return results
    lines = []
    for value, result in zip(step.values[equation.source], results, strict=True):
        argument = _as_found(value, request)
        lossless = argument.is_exact and _gives(function, argument.value, result)
        lines.append(f"{function.name}({argument.signed}) {'=' if lossless else '≈'} {result}")
    return lines


def _gives(function: Activation, argument: Decimal, shown: str) -> bool:
    """Return whether the function of just this argument is the result, with no digit lost."""
    rational = function.name in _RATIONAL or not argument
    rational = rational or (function.name == "elu" and argument > 0)
    value = float(function(np.array([float(argument)]))[0])
    return rational and _same(Decimal(shown.replace("−", "-")), value)


def _softmax_lines(logits: list[float], results: list[float], request: Request) -> list[str]:
    """Return `e^1.20 / (e^1.20 + e^0.31) ≈ 3.320 / 4.683 ≈ 0.709` for each component."""
    numbers = [_as_found(value, request) for value in logits]
    largest = max(range(len(logits)), key=lambda i: logits[i])
    # 0.000 / 0.000 would explain nothing
    tiny = max(logits) < 0 and sum(map(math.exp, logits)) < 10.0 ** (2 - request.decimals)
    shift = tiny or max(map(abs, logits)) > _LARGE_LOGIT
    taken = logits[largest] if shift else 0.0
    exponents = [_exponent(n, numbers[largest] if shift else None) for n in numbers]
    powers = [math.exp(value - taken) for value in logits]
    below = f"({' + '.join(exponents)})" if len(exponents) <= MOST_TERMS else "the sum of all"
    no_rounding = all(value == taken for value in logits) and all(n.is_exact for n in numbers)
    sign = "=" if no_rounding else "≈"
    lines = []
    for exponent, power, result in zip(exponents, powers, results, strict=True):
        shown = _result(result, request)
        quotient, value = _quotient(power, math.fsum(powers), shown, request)
        last = "=" if no_rounding and value == Decimal(shown) else "≈"
        lines.append(f"{exponent} / {below} {sign} {quotient} {last} {shown}")
    return lines


def _exponent(logit: Number, largest: Number | None) -> str:
    if largest is None:
        return f"e^{logit.factor}"
    operator = "+" if largest.value < 0 else "−"
    return f"e^({logit.signed} {operator} {largest.text})"


def _quotient(above: float, below: float, shown: str, request: Request) -> tuple[str, Decimal]:
    """Return `3.320 / 4.683` and its value; by hand with enough digits to give the result."""
    for decimals in range(request.decimals, request.decimals + 20):
        texts = fixed(above, decimals), fixed(below, decimals)
        value = Decimal(texts[0]) / (Decimal(texts[1]) or Decimal(1))
        if not request.by_hand or fixed(value, request.decimals) == shown:
            break
    return " / ".join(texts), value
