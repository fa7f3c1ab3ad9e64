"""The working of a step as a person writes it: every substitution, with the numbers as printed.

A line is a chain of expressions and a figure: `0.5 × 2 + 0.3 × 0.537 + 0.1 ≈ 1.261`. A `=` stands
where nothing was rounded, a `≈` where something was, or where a rounded figure went in.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from rnncalc.arrays import Array
from rnncalc.network.activations import ACTIVATIONS
from rnncalc.network.model import Network
from rnncalc.numerals.rounding import exact, fixed, plain, short
from rnncalc.writing.steps import Step

MOST_TERMS = 8
"""Products in a line; of more, the sums W x and W h are shown instead."""

_RATIONAL = ("linear", "relu", "step", "hard_tanh", "softsign")  # give back what rounding takes
_LARGE_LOGIT = 10  # from here on e^o is a number that nobody writes; e^(o - max) is


@dataclass(frozen=True)
class Number:
    """A number as it is printed in a line.

    Attributes:
        text: without its sign.
        value: what the text says, with its sign.
        is_exact: whether the text is all of the number.
    """

    text: str
    value: Decimal
    is_exact: bool

    @property
    def signed(self) -> str:
        """The number with its sign, as it stands alone."""
        return f"−{self.text}" if self.value < 0 else self.text

    @property
    def factor(self) -> str:
        """The number behind a ×: a negative one in brackets."""
        return f"(−{self.text})" if self.value < 0 else self.text


@dataclass(frozen=True)
class Paper:
    """How numbers are written.

    Attributes:
        decimals: of a figure.
        by_hand: whether the figures were rounded when they were written down; then what was given
            is written in full, and every line holds to the last digit.
    """

    decimals: int
    by_hand: bool = False

    def given(self, value: float) -> Number:
        """Return a weight, a bias or an input."""
        return _number(plain(value) if self.by_hand else short(value, self.decimals), value)

    def figure(self, value: float) -> Number:
        """Return a figure of an earlier line: short where nothing is lost, else rounded."""
        text = fixed(value, self.decimals)
        return _number(plain(float(text)) if _same(Decimal(text), value) else text, value)

    def result(self, value: float) -> str:
        """Return the figure that a line ends with, with all its decimals."""
        return fixed(value, self.decimals).replace("-", "−")


def _number(text: str, value: float) -> Number:
    return Number(text.lstrip("-"), Decimal(text), _same(Decimal(text), value))


def _same(shown: Decimal, value: float) -> bool:
    """Return whether `shown` is all of `value`, but for noise, as in 0.41000000000000003."""
    return abs(float(shown) - value) <= 4 * math.ulp(value)


Term = tuple[Number, Number]  # weight and value
Lines = dict[str, list[str]]


def worked(network: Network, given_keys: frozenset[str], step: Step, paper: Paper) -> Lines:
    """Return the lines of one step: for each of a, h, o, y one a component.

    Args:
        network: whose step it is.
        given_keys: a bias that was not given has no term.
        step: its figures, and h_{t-1}.
        paper: how numbers are written.
    """
    cell, readout, values = network.cell, network.readout, step.values
    b_h = cell.b_h if "bh" in given_keys else None
    x = [paper.given(value) for value in values["x"]]
    # h_0 was given, and not written down as a figure
    h = [(paper.given if step.t == 1 else paper.figure)(value) for value in step.before]
    parts = [("W_xh x_t", cell.W_xh, x, values["x"]), ("W_hh h_{t-1}", cell.W_hh, h, step.before)]
    lines = {
        "a": _affine_lines("a", parts, "b_h", b_h, values["a"], paper),
        "h": _applied_lines("h", cell.activation.name, values["a"], values["h"], paper),
    }
    if not readout:
        return lines
    b_y = readout.b_y if "by" in given_keys else None
    now = [paper.figure(value) for value in values["h"]]
    output = [("W_hy h_t", readout.W_hy, now, values["h"])]
    g = readout.activation.name
    if g == "linear":  # o and y are the same, and worked once
        return lines | {"y": _affine_lines("y", output, "b_y", b_y, values["o"], paper)}
    lines["o"] = _affine_lines("o", output, "b_y", b_y, values["o"], paper)
    if g == "softmax":
        return lines | {"y": _softmax_lines(values["o"], values["y"], paper)}
    return lines | {"y": _applied_lines("y", g, values["o"], values["y"], paper)}


def _label(name: str, i: int, size: int) -> str:
    return f"{name}[{i}] = " if size > 1 else ""


Part = tuple[str, Array, list[Number], list[float]]  # its name, weights, values as shown, and whole


def _affine_lines(
    name: str,
    parts: list[Part],
    bias_name: str,
    bias: Array | None,
    results: list[float],
    paper: Paper,
) -> list[str]:
    few = sum(len(shown) for _, _, shown, _ in parts) <= MOST_TERMS
    lines = []
    for i, result in enumerate(results):
        constant = None if bias is None else paper.given(float(bias[i]))
        if few:
            groups = [_terms(weights[i], shown, paper) for _, weights, shown, _ in parts]
            text = _products(groups, constant, paper, result)
        else:
            names = [part_name for part_name, *_ in parts] + ([bias_name] if constant else [])
            text = f"{_named(names, i, len(results))} {_sums(parts, i, constant, paper, result)}"
        lines.append(_label(name, i, len(results)) + text)
    return lines


def _named(names: list[str], i: int, size: int) -> str:
    """Return `(W_xh x_t)[0] + b_h[0]`: which sums are meant, where their products are not shown."""
    if size > 1:
        names = [f"({name})[{i}]" if " " in name else f"{name}[{i}]" for name in names]
    return " + ".join(names)


def _terms(weights: Array, shown: list[Number], paper: Paper) -> list[Term]:
    return [(paper.given(w), v) for w, v in zip(weights.tolist(), shown, strict=True)]


def _products(
    groups: list[list[Term]], constant: Number | None, paper: Paper, result: float
) -> str:
    """Return `(0.1 × 1 + 0.2 × 0) + (0.5 × 0.462 + ...) + 0.1 ≈ 0.331`."""
    bracket = any(len(group) > 1 for group in groups) and len(groups) > 1
    signed = [part for group in groups for part in _signed(group, bracket=bracket)]
    numbers = [number for group in groups for term in group for number in term]
    total = sum((w.value * v.value for group in groups for w, v in group), Decimal(0))
    if constant:
        signed.append((constant.value < 0, constant.text))
        numbers.append(constant)
        total += constant.value
    return _concluded(_joined(signed), total, all(n.is_exact for n in numbers), result, paper)


def _signed(group: list[Term], *, bracket: bool) -> list[tuple[bool, str]]:
    """Return the products with whether each is subtracted; those of a bracket as one."""
    products = [(w.value < 0, f"{w.text} × {v.factor}") for w, v in group]
    if bracket and len(products) > 1:
        return [(False, f"({_joined(products)})")]
    return products


def _joined(signed: list[tuple[bool, str]]) -> str:
    (first_negative, first), *others = signed
    text = f"−{first}" if first_negative else first
    return text + "".join(f" {'−' if negative else '+'} {part}" for negative, part in others)


def _concluded(
    left: str, total: Decimal, numbers_are_exact: bool, result: float, paper: Paper
) -> str:
    figure = paper.result(result)
    same = numbers_are_exact and total == Decimal(figure.replace("−", "-"))
    return f"{left} {'=' if same else '≈'} {figure}"


def _sums(parts: list[Part], i: int, constant: Number | None, paper: Paper, result: float) -> str:
    """Return `= 0.310 − 0.200 + 0.1 ≈ 0.210`: each part as a number, with digits enough to hold."""
    wholes = [
        sum(
            (exact(w) * exact(v) for w, v in zip(weights[i].tolist(), values, strict=True)),
            Decimal(0),
        )
        for _, weights, _, values in parts
    ]
    figure = paper.result(result)
    for decimals in range(paper.decimals, paper.decimals + 40):
        shown = [Decimal(fixed(whole, decimals)) for whole in wholes]
        total = sum(shown, constant.value if constant else Decimal(0))
        if not paper.by_hand or fixed(total, paper.decimals).replace("-", "−") == figure:
            break
    signed = [(number < 0, f"{abs(number):f}") for number in shown]
    if constant:
        signed.append((constant.value < 0, constant.text))
    is_exact = shown == wholes and (constant is None or constant.is_exact)
    concluded = _concluded(_joined(signed), total, is_exact, result, paper)
    if len(signed) == 1:  # a number is no explanation of itself
        return concluded.partition(" ")[2]
    return f"= {concluded}"


def _applied_lines(
    name: str, function: str, inner: list[float], results: list[float], paper: Paper
) -> list[str]:
    """Return `tanh(1.261) ≈ 0.851` for each component; a linear one is its figure alone."""
    lines = []
    for i, (value, result) in enumerate(zip(inner, results, strict=True)):
        label, figure = _label(name, i, len(results)), paper.result(result)
        if function == "linear":
            lines.append(label + figure)
            continue
        argument = paper.figure(value)
        left = f"{function}({argument.signed})"
        lossless = argument.is_exact and _gives(function, argument.value, figure)
        lines.append(f"{label}{left} {'=' if lossless else '≈'} {figure}")
    return lines


def _gives(function: str, argument: Decimal, figure: str) -> bool:
    """Return whether the function of just this argument is the figure, with no digit lost."""
    rational = function in _RATIONAL or not argument or (function == "elu" and argument > 0)
    value = float(ACTIVATIONS[function](np.array([float(argument)]))[0])
    return rational and _same(Decimal(figure.replace("−", "-")), value)


def _softmax_lines(logits: list[float], results: list[float], paper: Paper) -> list[str]:
    """Return `e^1.20 / (e^1.20 + e^0.31) ≈ 3.320 / 4.683 ≈ 0.709` for each component."""
    numbers = [paper.figure(value) for value in logits]
    largest = max(range(len(logits)), key=lambda i: logits[i])
    # 0.000 / 0.000 would be no working
    tiny = max(logits) < 0 and sum(map(math.exp, logits)) < 10.0 ** (2 - paper.decimals)
    shift = tiny or max(map(abs, logits)) > _LARGE_LOGIT
    taken = logits[largest] if shift else 0.0
    exponents = [_exponent(n, numbers[largest] if shift else None) for n in numbers]
    powers = [math.exp(value - taken) for value in logits]
    below = f"({' + '.join(exponents)})" if len(exponents) <= MOST_TERMS else "the sum of all"
    no_rounding = all(value == taken for value in logits) and all(n.is_exact for n in numbers)
    lines = []
    for i, result in enumerate(results):
        label, figure = _label("y", i, len(results)), paper.result(result)
        quotient, value = _quotient(powers[i], math.fsum(powers), figure, paper)
        last = "=" if no_rounding and value == Decimal(figure) else "≈"
        left = f"{exponents[i]} / {below}"
        lines.append(f"{label}{left} {'=' if no_rounding else '≈'} {quotient} {last} {figure}")
    return lines


def _exponent(logit: Number, largest: Number | None) -> str:
    if largest is None:
        return f"e^{logit.factor}"
    operator = "+" if largest.value < 0 else "−"
    return f"e^({logit.signed} {operator} {largest.text})"


def _quotient(above: float, below: float, figure: str, paper: Paper) -> tuple[str, Decimal]:
    """Return `3.320 / 4.683` and its value, by hand with digits enough to give the figure."""
    for decimals in range(paper.decimals, paper.decimals + 20):
        texts = fixed(above, decimals), fixed(below, decimals)
        value = Decimal(texts[0]) / (Decimal(texts[1]) or Decimal(1))
        if not paper.by_hand or fixed(value, paper.decimals) == figure:
            break
    return " / ".join(texts), value
