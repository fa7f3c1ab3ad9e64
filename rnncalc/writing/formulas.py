"""The equations of a network as a person writes them: `a_t = W_xh x_t + W_hh h_{t-1} + b_h`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rnncalc.network.activations import LINEAR, Activation
from rnncalc.network.equations import (
    Affine,
    Applied,
    Called,
    Combined,
    Equation,
    Joined,
    Outer,
    Sliced,
    Term,
)
from rnncalc.network.model import Network
from rnncalc.network.naming import at_step, component, label, people, symbol
from rnncalc.writing.request import Request


def product(term: Term) -> str:
    """Return `W_xh x_t`, or `W_hh h_{t-1}`."""
    return f"{symbol(term.key)} {at_step(term.source, term.lag)}"


def called_in(request: Request, name: str, i: int) -> str:
    """Return what a component is called: `h[0]`, `dL/dh[0]`, `dL/dW_hh[0,1]` or `y[e]`."""
    if people(name) == name:
        return request.component(name, i)
    where = request.part(name, i)
    return component(name, where) if where else people(name)


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


def formulas(network: Network) -> list[str]:
    """Return one line per equation, with the functions that the network really uses.

    Layers with the same equations have them once, and below them what each layer reads.
    """
    answers = network.answers  # a final readout answers with the same formula
    equations = [*network.equations, *(each for each in answers if each not in network.equations)]
    inside = {output.name: of for output, of in outputs(equations)}
    shown = [each for each in equations if each not in inside.values()]
    if not network.is_stack:
        return [formula(each, inside.get(each.name)) for each in shown]
    of_layers = [each for each in shown if label(each.name) and not _merges(each)]
    rest = [each for each in shown if each not in of_layers and not _merges(each)]
    read = dict.fromkeys(line for each in network.equations for line in _what_it_reads(each))
    lines = [formula(each, inside.get(each.name)) for each in rest]
    return [*_of_layers(of_layers), *read, *lines]


def _merges(equation: Equation) -> bool:
    return isinstance(equation, Joined | Combined)


def _of_layers(equations: Sequence[Equation]) -> Iterator[str]:
    """Yield the formulas of all layers: those of several layers once, with their labels."""
    found: dict[str, list[str]] = {}
    for each in equations:
        suffix = f"_{label(each.name).replace(' ', '_')}"
        if isinstance(each, Affine):  # its input is its x, whatever that is
            term, *others = each.terms
            each = replace(each, terms=(replace(term, source="x"), *others))  # noqa: PLW2901
        own = formula(each).replace(suffix, "")
        found.setdefault(own, []).append(label(each.name))
    for line, labels in found.items():
        body, _, remark = line.partition("  (")
        remarks = [remark.removesuffix(")")] if remark else []
        yield f"{body}  ({'; '.join([*remarks, ', '.join(labels)])})"


def _what_it_reads(equation: Equation) -> Iterator[str]:
    """Yield the remark on what the first sum of a layer, or the readout, reads."""
    if isinstance(equation, Affine) and label(equation.name):
        source = equation.terms[0].source
        if label(source) and source[0] == "h":
            yield f"x of {label(equation.name).split()[0]} is h of {label(source)}"
    elif _merges(equation):
        reader = "h" if equation.name == "h" else f"x of {label(equation.name)}"
        parts = [f"h of {label(source)}" for source, _ in equation.reads]
        if isinstance(equation, Joined):
            if len(parts) > 1:  # the h of a single direction is that of the last layer
                yield f"{reader} is {' and '.join(parts)}, side by side"
        else:
            yield f"{reader} is {_how(equation)} of {' and '.join(parts)}"


def _how(equation: Equation) -> str:
    assert isinstance(equation, Combined)
    if len(equation.parts) == 1:
        return "the product"
    return "the sum" if equation.parts[0].factor == 1 else "the mean"


def formula(equation: Equation, inside: Affine | None = None) -> str:
    """Return an equation as a line: `dL/dh_t = from o_t + from t+1`.

    Args:
        equation: the equation.
        inside: of an output, the sum that is written inside it.
    """
    return f"{at_step(equation.name)} = {right_side(equation, inside)}"


def right_side(equation: Equation, inside: Affine | None = None) -> str:
    """Return the right side of that line."""
    if isinstance(equation, Affine):
        return _sum(equation)
    if isinstance(equation, Joined):
        return f"[{'; '.join(map(at_step, equation.sources))}]"
    if isinstance(equation, Combined):
        return _combination(equation)
    if not isinstance(equation, Applied):
        return _of_the_backward_pass(equation)
    argument = _sum(inside) if inside else at_step(equation.source)
    is_linear = equation.activation is LINEAR
    return f"{argument}  (linear)" if is_linear else f"{equation.activation.name}({argument})"


def _of_the_backward_pass(equation: Called | Outer | Sliced) -> str:
    if isinstance(equation, Called):
        return equation.formula.symbolic([*map(at_step, equation.sources)])
    if isinstance(equation, Outer):
        return f"{at_step(equation.left)} {at_step(*equation.right)}ᵀ"
    return f"its part of {at_step(equation.source)}"


def _sum(equation: Affine) -> str:
    biases = (symbol(bias.key) for bias in equation.biases)
    return " + ".join([*map(product, equation.terms), *biases])


def _combination(equation: Combined) -> str:
    text = ""
    for part in equation.parts:
        factor = "" if abs(part.factor) == 1 else f"{abs(part.factor):g} "
        product_ = " ".join(at_step(*source) for source in part.sources)
        sign = ("−" if part.factor < 0 else "") if not text else " − " if part.factor < 0 else " + "
        text += f"{sign}{factor}{product_}"
    return text
