"""Evaluates a printed expression, as an interval: each printed number stands for all it rounds."""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

Interval = tuple[Fraction, Fraction]
Slack = Callable[[str], Fraction]
Function = Callable[[Fraction], Fraction | float]

_TOKEN = re.compile(r"\d+(?:\.\d+)?(?:e[+-]\d+)?|[a-z_]+\d?(?=\()|e\^|[-+×/()^]")
_LARGEST = Fraction(10) ** 400  # in place of infinity
_FUZZ = Fraction(1, 10**13)  # relative, of the functions that floats calculate


def _capped(function: Callable[[float], float]) -> Callable[[Fraction], float]:
    """Return a function that takes very large numbers as well."""
    return lambda a: function(max(-1e9, min(1e9, float(a))))


_RATIONAL: dict[str, Function] = {
    "relu": lambda a: max(a, Fraction(0)),
    "step": lambda a: Fraction(a >= 0),
    "softsign": lambda a: a / (1 + abs(a)),
    "hard_tanh": lambda a: max(Fraction(-1), min(Fraction(1), a)),
    "relu6": lambda a: max(Fraction(0), min(Fraction(6), a)),
    "step0": lambda a: Fraction(a > 0),
}
_MONOTONE: dict[str, Function] = _RATIONAL | {
    "tanh": _capped(math.tanh),
    "sigmoid": _capped(lambda a: 1 / (1 + math.exp(-a)) if a > -700 else 0.0),
    "softplus": lambda a: (
        max(a, Fraction(0)) + Fraction(_capped(lambda b: math.log1p(math.exp(-abs(b))))(a))
    ),
    "elu": lambda a: a if a > 0 else _capped(math.expm1)(a),
    # Klambauer et al. (2017)
    "selu": lambda a: (
        1.0507009873554805 * float(a if a > 0 else 1.6732632423543772 * _capped(math.expm1)(a))
    ),
    "e^": lambda a: _LARGEST if a > 700 else _capped(math.exp)(a),
}
_AT_ZERO = {"tanh": Fraction(0), "elu": Fraction(0), "sigmoid": Fraction(1, 2), "e^": Fraction(1)}


def _outwards(value: Fraction | float, direction: int) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(value) * (1 + direction * _FUZZ)


class _Reader:
    def __init__(self, text: str, slack: Slack) -> None:
        self.tokens = _TOKEN.findall(text.replace("−", "-"))
        assert "".join(self.tokens) == re.sub(r"\s", "", text.replace("−", "-")), text
        self.slack = slack

    def take(self, *wanted: str) -> str | None:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else None

    def sum(self) -> Interval:
        low, high = self.product()
        while sign := self.take("+", "-"):
            a, b = self.product()
            low, high = (low + a, high + b) if sign == "+" else (low - b, high - a)
        return low, high

    def product(self) -> Interval:
        ends = self.factor()
        while operator := self.take("×", "/"):
            other = self.factor()
            if operator == "/":
                other = (1 / other[1], 1 / other[0] if other[0] > 0 else _LARGEST)
            products = [a * b for a in ends for b in other]
            ends = min(products), max(products)
        return ends

    def factor(self) -> Interval:
        if self.take("-"):
            low, high = self.factor()
            return -high, -low
        if self.take("("):
            inner = self.sum()
            assert self.take(")")
            return inner
        token = self.tokens.pop(0)
        if token in _MONOTONE:
            low, high = self.factor()
            if low == high == 0 and token in _AT_ZERO:
                return _AT_ZERO[token], _AT_ZERO[token]
            ends = _MONOTONE[token](low), _MONOTONE[token](high)
            directions = [-1 if end > 0 else 1 for end in ends]
            return _outwards(ends[0], directions[0]), _outwards(ends[1], -directions[1])
        return Fraction(token) - self.slack(token), Fraction(token) + self.slack(token)


def interval(text: str, slack: Slack = lambda _: Fraction(0)) -> Interval:
    """Return the lowest and highest value of an expression whose numbers are off by up to `slack`.

    Where they are equal, the value is exact: no float has calculated it.
    """
    reader = _Reader(text, slack)
    value = reader.sum()
    assert not reader.tokens, text
    return value


def evaluated(text: str, slack: float = 0.0) -> tuple[float, float]:
    """Return the lowest and highest value, in floats, if every number is off by up to `slack`."""
    low, high = interval(text, lambda _: Fraction(slack))
    return float(low), float(high)


def links(line: str) -> list[tuple[str, str, str]]:
    """Return the links of a chain: what stands left of a relation, the relation, and right of it."""
    parts = re.split(r" ([=≈]) ", line)
    if re.fullmatch(r"[ahoy](\[\d+\])?", parts[0]):
        parts = parts[2:]
    return [
        (parts[i], parts[i + 1], parts[i + 2])
        for i in range(0, len(parts) - 2, 2)
        if "W_" not in parts[i]
    ]


def printed_number(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))
