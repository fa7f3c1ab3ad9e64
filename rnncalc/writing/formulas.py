"""The equations of a network as a person writes them: `a_t = W_xh x_t + W_hh h_{t-1} + b_h`."""

from collections import Counter
from collections.abc import Sequence

from rnncalc.network.activations import LINEAR, Activation
from rnncalc.network.equations import Affine, Applied, Equation, Term


def symbol(key: str) -> str:
    """Return the symbol of a weight or a bias: `W_xh` for `wxh`, `b_h` for `bh`."""
    return f"{key[0].replace('w', 'W')}_{key[1:]}"


def product(term: Term) -> str:
    """Return `W_xh x_t`, or `W_hh h_{t-1}`."""
    step = f"{{t{term.lag:+}}}" if term.lag else "t"
    return f"{symbol(term.key)} {term.source}_{step}"


def outputs(equations: Sequence[Equation]) -> list[tuple[Applied, Affine]]:
    """Return each output with the sum that it is a function of, and that is written inside it.

    An output is a function that nothing else is calculated from, nor from its sum.
    """
    sums = {each.name: each for each in equations if isinstance(each, Affine)}
    readers = Counter(source for each in equations for source, _ in each.reads)
    return [
        (each, sums[each.source])
        for each in equations
        if isinstance(each, Applied) and not readers[each.name] and readers[each.source] == 1
    ]


def functions(equations: Sequence[Equation]) -> dict[str, Activation]:
    """Return the function of each quantity that is one: `{"h": tanh, "y": softmax}`."""
    return {each.name: each.activation for each in equations if isinstance(each, Applied)}


def formulas(equations: Sequence[Equation]) -> list[str]:
    """Return one line per equation, with the functions that the network really uses."""
    inside = {output.name: of for output, of in outputs(equations)}
    shown = (each for each in equations if each not in inside.values())
    return [f"{each.name}_t = {_right_side(each, inside.get(each.name))}" for each in shown]


def _right_side(equation: Equation, inside: Affine | None) -> str:
    if isinstance(equation, Affine):
        return _sum(equation)
    argument = _sum(inside) if inside else f"{equation.source}_t"
    if equation.activation is LINEAR:
        return f"{argument}  (linear)"
    return f"{equation.activation.name}({argument})"


def _sum(equation: Affine) -> str:
    biases = (symbol(bias.key) for bias in equation.biases)
    return " + ".join([*map(product, equation.terms), *biases])
