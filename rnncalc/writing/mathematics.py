r"""Formulas and lines of working in the mathematics of TeX, for LaTeX and for Markdown."""

import re

from rnncalc.network.activations import ACTIVATIONS
from rnncalc.writing.numbers import BLANK

_FUNCTION = re.compile(rf"\b({'|'.join(ACTIVATIONS)})\(")
_LAYER = re.compile(r"_(l[0-9]+)(_reverse)?(?![A-Za-z0-9])", re.ASCII)
_DERIVATIVE = re.compile(r"(?<![A-Za-z\\])d(?=[LyohaxWb](?![a-z]))", re.ASCII)
_NAMED = re.compile(r"\b([aohyWb])_([A-Za-z0-9]+)_(\w+|\{[^}]*\})", re.ASCII)
_SUBSCRIPT = re.compile(r"(?<!\\)_(\w+)", re.ASCII)
_EMPTY = "□"
_EXPONENTIAL = r"e\^(?:\([^()]*\)|[^ ()]+)"
_QUOTIENT = re.compile(rf"({_EXPONENTIAL}|−?[\d.]+) / (\(.*\)|[^ ()]+|the sum of all)")
RULE = r"\underline{\hspace{3em}}"
"""In place of a value that is to be filled in."""

_COMMANDS = {
    _EMPTY: RULE,
    "⋮": r"\vdots",
    "×": r"\times",
    "−": "-",
    "≈": r"\approx",
    "ᵀ": r"^{\top}",
    "²": "^2",
    "½": r"\tfrac12",
    "Σ": r"\textstyle\sum",
    "   ": r"\quad ",
    " %": r"\,\%",
    "the sum of all": r"\text{the sum of all}",
}


def math(text: str) -> str:
    """Return a formula or a line of working in TeX's mathematics."""
    parts = re.split(r"( [=≈] )", text.replace(BLANK, _EMPTY))
    text = "".join(_fraction(part) for part in parts)
    text = _FUNCTION.sub(_operator, text)
    text = re.sub(r"from (above|o_\w+|t[+−]1)(?: \(([^)]*)\))?", _from, text)
    text = re.sub(r"‖([^‖]*)‖", r"\\lVert \1 \\rVert", text)
    text = re.sub(r"^(of )?\|([^|]*)\|", _size, text)
    text = _DERIVATIVE.sub(r"\\mathrm{d}", text)
    text = _LAYER.sub(_superscript, text)
    text = _NAMED.sub(_of_a_dense_layer, text)
    text = _SUBSCRIPT.sub(r"_{\1}", text)
    text = re.sub(r"\bln ?(?=[(y])", r"\\ln ", text)
    text = re.sub(r"\bdiag\b", r"\\operatorname{diag}", text)
    text = text.replace("its part of ", r"\text{its part of }")
    text = text.replace(", at step 1 alone", r"\text{, at step 1 alone}")
    text = re.sub(r"h_\{end\}(_\{[^}]*\})?\^\{\\text\{([^}]*)\}\}", r"h\1^{\\text{\2 end}}", text)
    text = re.sub(r"\b(target|loss)(_\{[^}]*\})?", r"\\mathrm{\1\2}", text)
    # Markdown may take an underscore behind a bracket for the start of emphasis
    text = re.sub(r"(\^\{\\text\{[^}]*\}\})(_\{[^}]*\})", r"\2\1", text)
    text = re.sub(r"e\^\(([^)]*)\)", r"e^{\1}", text)
    text = re.sub(rf"e\^(−?[\d.]+|{_EMPTY})", r"e^{\1}", text)
    text = re.sub(r"([\d.])e\+?(-?)0*(\d+)", r"\1 \\cdot 10^{\2\3}", text)
    for plain, command in _COMMANDS.items():
        text = text.replace(plain, command)
    # TeX refuses two superscripts side by side, of a layer and of a transpose or a square
    return re.sub(r"(\w+(?:_\{[^}]*\})?\^\{\\text\{[^}]*\}\})\^", r"{\1}^", text)


def _fraction(part: str) -> str:
    """Return a quotient as a fraction, and anything else as it is."""
    found = _QUOTIENT.fullmatch(part)
    if not found:
        return part
    below = found[2].removeprefix("(").removesuffix(")") if found[2][0] == "(" else found[2]
    return rf"\frac{{{found[1]}}}{{{below}}}"


def _from(origin: re.Match[str]) -> str:
    """Return what a state gets from another quantity or step, as text."""
    where = r"\text{above}" if origin[1] == "above" else origin[1]
    where = re.sub(r"([+−])", r"{\1}", where)  # no space around it
    of = rf"\text{{ ({origin[2]})}}" if origin[2] else ""
    return rf"\text{{from }}{where}{of}"


def _of_a_dense_layer(name: re.Match[str]) -> str:
    """Return `o_t` of a dense layer with its name above: `W_hy`, `o_t` of `dense`."""
    letter, first, second = name.groups()
    above, below = (second, first) if letter in "Wb" else (first, second)
    return rf"{letter}^{{\text{{{above}}}}}_{below}"


def _size(of: re.Match[str]) -> str:
    before = r"\text{of }" if of[1] else ""
    return rf"{before}\lvert {of[2]} \rvert"


def _superscript(layer: re.Match[str]) -> str:
    return rf"^{{\text{{{layer[1]}{' reverse' if layer[2] else ''}}}}}"


def _operator(function: re.Match[str]) -> str:
    if function[1] == "tanh":  # the only one that TeX knows
        return r"\tanh("
    return f"\\operatorname{{{function[1]}}}(".replace("_", r"\_")


def is_formula(line: str) -> bool:
    """Return whether a line of a heading is a formula, and not a sentence."""
    return " = " in line and ":" not in line


def parts_of(line: str) -> tuple[str, str]:
    """Return a formula, and the remark behind it: `linear`, or ""."""
    body, _, remark = line.partition("  (")
    return body, remark.removesuffix(")")


def is_word(title: str) -> bool:
    """Return whether the title of a column is a word, and not a symbol."""
    return len(title) > 1 and title.isalpha() and title.islower()
