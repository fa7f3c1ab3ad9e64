"""Evaluates a printed expression, as an interval: each printed number stands for all it rounds."""

import math
import re
from collections.abc import Callable
from decimal import Decimal

Interval = tuple[float, float]

_TOKEN = re.compile(r"\d+(?:\.\d+)?(?:e[+-]\d+)?|[a-z_]+[06]?(?=\()|e\^|[-+×/()^]")
_MONOTONE: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "relu": lambda a: max(a, 0.0),
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "step": lambda a: float(a >= 0),
    "softplus": lambda a: max(a, 0) + math.log1p(math.exp(-abs(a))),
    "softsign": lambda a: a / (1 + abs(a)),
    "elu": lambda a: a if a > 0 else math.expm1(a),
    "hard_tanh": lambda a: max(-1.0, min(1.0, a)),
    "relu6": lambda a: min(max(a, 0.0), 6.0),
    "step0": lambda a: float(a > 0),
    # Klambauer et al. (2017)
    "selu": lambda a: 1.0507009873554805 * (a if a > 0 else 1.6732632423543772 * math.expm1(a)),
    "e^": math.exp,
}


class _Reader:
    def __init__(self, text: str, slack: float) -> None:
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
                other = (1 / other[1], 1 / other[0] if other[0] > 0 else math.inf)
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
            return _MONOTONE[token](low), _MONOTONE[token](high)
        return float(token) - self.slack, float(token) + self.slack


def evaluated(text: str, slack: float = 0.0) -> Interval:
    """Return the lowest and highest value of an expression whose numbers are off by up to `slack`."""
    reader = _Reader(text, slack)
    value = reader.sum()
    assert not reader.tokens, text
    return value


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


def figure(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))
