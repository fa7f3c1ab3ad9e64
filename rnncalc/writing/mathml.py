"""Formulas, matrices and lines of working as MathML, which every browser typesets by itself."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from rnncalc.network.activations import ACTIVATIONS
from rnncalc.writing.numbers import BLANK

_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    r"|(?P<derivative>d[A-Za-z]\w*(?:\{[^}]*\})?/d[A-Za-z]\w*(?:\{[^}]*\})?)"
    r"|(?P<name>[A-Za-z]+(?:_(?:\{[^}]*\}|[A-Za-z0-9]+))*)"
    r"|\^(?P<power>\([^)]*\)|\{[^}]*\}|−?[\d.]+|_+|\w)"
    r"|(?P<blank>_+)"
    r"|(?P<raised>[²ᵀ'])"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.ASCII,
)
_LAYER = re.compile(r"_(l[0-9]+(?:_reverse)?)(?=_|$)", re.ASCII)
_BELOW = re.compile(r"\{([^}]*)\}|([^_{}]+)")
_RAISED = {"²": "<mn>2</mn>", "ᵀ": "<mi>T</mi>", "'": "<mo>′</mo>"}
_FACTOR = ("</msub>", "</msup>", "</msubsup>", "</mn>", "</mi>", "</mfrac>")
_TIMES = "<mo>\u2062</mo>"  # is not seen, but read out
_OF = "<mo>\u2061</mo>"


def math(text: str) -> str:
    """Return a formula or a line of working as an element of a page."""
    return f'<math display="inline">{row(text)}</math>'


def row(text: str) -> str:
    """Return what `text` says, such as `W_xh x_t + 0.5 × 2`, as the inside of such an element."""
    parts: list[str] = []
    spaced = False
    for found in _TOKEN.finditer(text):
        kind, token = found.lastgroup, found[found.lastgroup or 0]
        if kind in ("power", "raised") and parts:
            above = (
                _RAISED[token] if kind == "raised" else f"<mrow>{row(token.strip('({})'))}</mrow>"
            )
            parts[-1] = f"<msup>{parts[-1]}{above}</msup>"
        elif kind != "space":
            part = _part(token, kind, text[found.end() : found.end() + 1])
            if token in "−-" and (not parts or parts[-1].endswith((">(</mo>", "=</mo>", "×</mo>"))):
                part = '<mo form="prefix">−</mo>'
            if spaced and parts and parts[-1].endswith(_FACTOR) and part.endswith(_FACTOR):
                parts.append(_TIMES)
            parts.append(part)
        spaced = kind == "space"
    return "".join(parts)


def _part(token: str, kind: str | None, after: str) -> str:
    """Return one token, before the character `after`."""
    if kind in ("number", "blank"):
        return number(token)
    if kind == "derivative":
        above, _, below = token.partition("/")
        return f"<mfrac>{_differential(above)}{_differential(below)}</mfrac>"
    if kind == "name" and token in ACTIVATIONS and after in ("(", ""):
        return f"<mi>{escape(token)}</mi>{_OF}"
    if kind == "name":
        return symbol(token) if len(token) == 1 or "_" in token else _word(token)
    if token == "½":
        return "<mfrac><mn>1</mn><mn>2</mn></mfrac>"
    fixed = ' stretchy="false"' if token in "()[]" else ""
    return f"<mo{fixed}>{escape(token.replace('-', '−'))}</mo>"


def _differential(token: str) -> str:
    return f'<mrow><mi mathvariant="normal">d</mi>{symbol(token[1:])}</mrow>'


def _word(token: str) -> str:
    return f"<mtext>\u00a0{escape(token)}\u00a0</mtext>"


def symbol(name: str) -> str:
    """Return a name such as `h_{t-1}` or `W_hh_l0`, with its subscripts, and its layer above."""
    layer = _LAYER.search(name)
    base, _, below = _LAYER.sub("", name).partition("_")
    letter = f"<mi>{escape(base)}</mi>"
    above = f"<mtext>{layer[1].replace('_', ' ')}</mtext>" if layer else ""
    if below and above:
        return f"<msubsup>{letter}{_subscript(below)}{above}</msubsup>"
    if below:
        return f"<msub>{letter}{_subscript(below)}</msub>"
    return f"<msup>{letter}{above}</msup>" if above else letter


def _subscript(below: str) -> str:
    texts = [inner or outer for inner, outer in _BELOW.findall(below)]
    parts = [
        row(text) if re.search(r"\W|\d", text) else f"<mi>{escape(text)}</mi>" for text in texts
    ]
    return f"<mrow>{'<mo>,</mo>'.join(parts)}</mrow>"


def number(text: str) -> str:
    """Return a number, which may have a minus sign and an exponent."""
    mantissa, _, exponent = text.replace("-", "−").partition("e")
    if not exponent:
        return f"<mn>{mantissa}</mn>"
    power = exponent.lstrip("+").replace("−0", "−").lstrip("0")
    return f"<mrow><mn>{mantissa}</mn><mo>×</mo><msup><mn>10</mn><mn>{power}</mn></msup></mrow>"


def matrix(rows: Iterable[Sequence[str]]) -> str:
    """Return a matrix of numbers or expressions, given as texts; the page's style has brackets."""
    lines = (f"<mtr>{''.join(map(_entry, each))}</mtr>" for each in rows)
    return f'<mtable class="m">{"".join(lines)}</mtable>'


def vector(texts: Iterable[str]) -> str:
    """Return a column vector of numbers or expressions, given as texts."""
    return matrix([text] for text in texts)


def _entry(text: str) -> str:
    look = ' class="blank"' if BLANK in text else ""  # with room to write above the rule
    return f"<mtd{look}>{row(text) if ' ' in text else number(text)}</mtd>"
