"""The equations of a step typeset: each as matrix times vector, with its numbers in."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from rnncalc.network.activations import LINEAR, SOFTMAX
from rnncalc.network.equations import Affine, Applied, Called, Combined, Equation, Outer
from rnncalc.network.naming import at_step, is_derivative, people
from rnncalc.writing.formulas import called_in, right_side
from rnncalc.writing.mathml import math, row, vector
from rnncalc.writing.mathml import matrix as matrix_of
from rnncalc.writing.numbers import texts_of
from rnncalc.writing.sheet import Sheet
from rnncalc.writing.worked import Worked
from rnncalc.writing.working import Substituted, found_texts, substituted, sum_of

MOST = 8
"""Components of a vector that is typeset; of a longer one the working has the numbers."""

_LAST_SIGN = re.compile(r"(?:(.*) )?([=≈]) (\S+)$")
_SHADES = 9
_PLUS, _MINUS = '<mo form="infix">+</mo>', '<mo form="infix">−</mo>'
_LEFT, _RIGHT = '<mo stretchy="false">(</mo>', '<mo stretchy="false">)</mo>'


def shade(value: float, scale: float) -> str:
    """Return the class of a state's shade: `p1` to `p9` above 0, `n1` to `n9` below, or ""."""
    level = round(_SHADES * min(1.0, abs(value / scale)))
    return f"{'p' if value > 0 else 'n'}{level}" if level else ""


def equation_html(sheet: Sheet, of: Worked, name: str) -> str:
    """Return the equation of a quantity with its numbers in, and its result; "" if it is large."""
    equation = of.equations[name]
    if not _is_small(equation, of):
        return ""
    if isinstance(equation, Called):
        pieces, sign = _called(of.lines[name], equation)
        return _equation(_symbol_at(of, name), pieces, sign, _result_html(sheet, of, name))
    signs = _LAST_SIGN.search(of.lines[name][0])
    if signs and signs[1] and equation.size == 1 and _is_scalar(equation, of):
        pieces, sign = [row(signs[1])], signs[2]
    elif isinstance(equation, Affine):
        shown = substituted(name, equation, of.step, sheet.request)
        pieces, sign = _sum(shown), "=" if shown.is_exact or sheet.request.hidden else "≈"
    else:
        pieces = [*_right_side(sheet, of, name, equation)]
        sign = "≈" if any("≈" in line for line in of.lines[name]) else "="
    result = _result_html(sheet, of, name)
    if isinstance(equation, Outer) and equation.size > 1 and name not in sheet.request.components:
        result = _as_matrix(sheet, of, name, equation)
    return _equation(_symbol_at(of, name), pieces, sign, result)


def _called(lines: Sequence[str], equation: Called) -> tuple[list[str], str]:
    """Return a function of several quantities with its numbers in, none where it is a constant."""
    if equation.size > 1:
        lines = [line.partition(" = ")[2] for line in lines]
    found = [_LAST_SIGN.search(line) for line in lines]
    if not any(found):
        return [], "="
    pairs = zip(found, lines, strict=True)
    texts = [signs[1] if signs and signs[1] else line for signs, line in pairs]
    pieces = [vector(texts) if len(texts) > 1 else row(texts[0])]
    return pieces, "≈" if any("≈" in line for line in lines) else "="


def _as_matrix(sheet: Sheet, of: Worked, name: str, equation: Outer) -> str:
    """Return the share of a step in the gradient of a matrix."""
    m, texts = equation.shape[1], texts_of(name, of.step.values[name], sheet.request)
    return f"<math>{matrix_of([texts[i : i + m] for i in range(0, len(texts), m)])}</math>"


def _is_small(equation: Equation, of: Worked) -> bool:
    sizes = [len(of.step.at(source, lag)) for source, lag in equation.reads]
    return max(*equation.shape if isinstance(equation, Outer) else [equation.size], *sizes) <= MOST


def _is_scalar(equation: Equation, of: Worked) -> bool:
    return all(len(of.step.at(source, lag)) == 1 for source, lag in equation.reads)


def _symbol_at(of: Worked, name: str) -> str:
    """Return a quantity at its step, `h_3`, as text; of the answer at the end, `h`."""
    if of.key == "end" or _is_share(name):
        return people(name)
    named = re.sub(r"(_t)+$", f"_{of.key}", at_step(name))
    return re.sub(r"^([fg]'\([ao]\w*)\)$", rf"\1_{of.key})", named)


def _is_share(name: str) -> bool:
    """Return whether a quantity is what a step adds to the gradient of a weight or a bias."""
    return is_derivative(name) and name[1] in "wb"


def _sum(shown: Substituted) -> list[str]:
    """Return the terms of a sum, each but the first with the sign before it."""
    first, *others = [
        *(f"{matrix_of(rows)}{vector(of)}" for rows, of in shown.products),
        *map(vector, shown.biases),
    ]
    return [first, *(f"{_PLUS}{term}" for term in others)]


def _right_side(sheet: Sheet, of: Worked, name: str, equation: Equation) -> Iterator[str]:
    """Yield a function of numbers, or a signed sum of products of them."""
    request = sheet.request

    def numbers(source: str, lag: int, *, every: bool = False) -> str:
        texts = found_texts(source, of.step.at(source, lag), request)
        texts = texts if every else request.components_of(name, texts)
        return vector(texts) if len(texts) > 1 else row(texts[0])

    if isinstance(equation, Applied):
        argument = numbers(equation.source, 0, every=equation.activation is SOFTMAX)
        if equation.activation is LINEAR:
            yield argument
        else:
            inside = f"{_LEFT}{argument}{_RIGHT}" if equation.size == 1 else argument
            yield f"{row(equation.activation.name)}{inside}"
    elif isinstance(equation, Combined):
        for n, part in enumerate(equation.parts):
            sign = _MINUS if part.factor < 0 else _PLUS if n else ""
            factor = "" if abs(part.factor) == 1 else row(f"{abs(part.factor):g} × ")
            times = "<mo>⊙</mo>" if equation.size > 1 else "<mo>×</mo>"
            yield f"{sign}{factor}{times.join(numbers(*s) for s in part.sources)}"
    elif isinstance(equation, Outer):
        right = found_texts(equation.right[0], of.step.at(*equation.right), request)
        yield f"{numbers(equation.left, 0, every=True)}{matrix_of([right])}"
    else:
        yield row(right_side(equation))


def _equation(title: str, pieces: Sequence[str], sign: str, result: str) -> str:
    """Return an equation in pieces, between which a narrow screen can break it."""
    if not pieces:  # the result alone
        pieces, title, sign = [row(title)], "", "="
    first, *others = pieces
    shown = [f"{row(title)}<mo>=</mo>{first}" if title else first, *others]
    parts = " ".join(f"<math>{piece}</math>" for piece in shown)
    return (
        f'<div class="eq">{parts} <span class="is"><math><mo>{sign}</mo></math> '
        f"{result}</span></div>\n"
    )


def _result_html(sheet: Sheet, of: Worked, name: str) -> str:
    """Return a value of a step, whose components a person can point at."""
    request, values = sheet.request, of.step.values[name]
    chosen = request.components.get(name, range(len(values)))
    names = request.names.get(name) if len(values) > 1 else None
    cells = []
    shaded = name in sheet.states and name not in request.hidden
    for at, (i, text) in enumerate(zip(chosen, texts_of(name, values, request), strict=True)):
        look = shade(values[i], sheet.page.scale) if shaded else ""
        named = f'<bdi class="name">{escape(names[i])}</bdi>' if names else ""
        cells.append(f'{named}<span class="{f"v {look}".strip()}" data-i="{at}">{text}</span>')
    kind = "vec named" if names else "vec" if len(cells) > 1 else "vec one"
    label = escape(_symbol_at(of, name))
    return (
        f'<span class="{kind}" role="group" aria-label="{label}" data-key="{escape(name)}">'
        f"{''.join(cells)}</span>"
    )


def working_html(sheet: Sheet, of: Worked, name: str) -> str:
    """Return the working of a quantity: what is calculated, then one line for each component."""
    equation = of.equations[name]
    title = people(name) if _is_share(name) else at_step(name)
    said = f"{title} = {right_side(equation)}"
    lines = [*_short_lines(sheet, of, name, equation)]
    return (
        f'<section><p class="of">{math(said)}</p>'
        f'<pre data-key="{escape(name)}" data-name="{escape(_base(sheet, name, equation))}">'
        f"{escape(chr(10).join(lines), quote=False)}</pre></section>"
    )


def _base(sheet: Sheet, name: str, equation: Equation) -> str:
    """Return what a line of working begins with, without the component."""
    if equation.size == 1 or isinstance(equation, Outer):
        return people(name)
    return called_in(sheet.request, name, 0).removesuffix(f"[{sheet.request.part(name, 0)}]")


def _short_lines(sheet: Sheet, of: Worked, name: str, equation: Equation) -> Iterator[str]:
    """Yield the lines without what all of them begin with: `[0] = 0.31 − 0.2 + 0.1 = 0.21`."""
    base = _base(sheet, name, equation)
    if isinstance(equation, Outer):
        for line in of.lines[name]:
            rest = line.removeprefix(base)
            yield rest.lstrip() if rest != line else f"= {line}"
        return
    chosen = sheet.request.components.get(name, range(equation.size))
    for i, line in zip(chosen, of.lines[name], strict=True):
        where = f"[{sheet.request.part(name, i)}]" if equation.size > 1 else ""
        rest = line.removeprefix(f"{base}{where} = ")
        if isinstance(equation, Affine) and rest.startswith(sum_of(equation, i)):
            rest = rest.removeprefix(f"{sum_of(equation, i)} ")
        else:
            rest = f"= {rest}"
        yield f"{where} {rest}".lstrip()
