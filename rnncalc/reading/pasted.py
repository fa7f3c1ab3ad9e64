r"""What other programs print, in our notation; every character stays in its place.

`tensor([[7., 7.]], grad_fn=<AddBackward0>)` becomes `       [[7., 7.]]`, and the rows of a LaTeX
matrix, `0.1 & 0.2 \\ 0.3 & 0.4`, become `0.1 , 0.2 ;  0.3 , 0.4`.
"""

import re

# Compiled only when they are needed, so that a start without them is faster. None of them begins
# where another match of it could begin within its reach, so that each takes linear time.
_TENSORFLOW = r"<tf\.[^\[\]<]*?numpy=|>\s*$"
_DETAIL = (  # , dtype=float32 or , grad_fn=<AddBackward0>
    r"(?:,\s*)?\b(?:dtype|device|grad_fn|requires_grad|shape|size|layout|weak_type)\s*="
    r"\s*(?:<[^<>\[\]]*>|\([^()\[\]]*\)|'[^'\n]*'|[\w.]+)"
)
_CALL = r"(?:Parameter containing:\s*)?(?<![\w.])[A-Za-z_][\w.]*\(|\)"
_LATEX = (  # \begin{bmatrix}, \left[ and \hline say nothing about the numbers
    r"\\(?:begin|end)\s*\{[^{}]*\}(?:\{[^{}]*\}|\[[lcr]\])?"
    r"|\\(?:left|right)\s*\\?[()\[\]{}|.]|\\hline\b|(?<!\\)\\[\[\]]|\$"
)
_ROW_END = r"\\\\?(?:\[[0-9.]+[a-z]{2}\])?(?=[\s0-9.+-]|$)"  # "\\" in a shell is a single one


def as_notation(text: str) -> str:
    """Return `text` without what programs print around numbers."""
    quoted = re.fullmatch(r"(\s*)([\"'])([^\"']*)\2(\s*)", text, re.ASCII) if text else None
    if quoted:
        text = f"{quoted[1]} {quoted[3]} {quoted[4]}"
    if "(" in text:
        text = _without_calls(text)
    return _without_latex(text) if "\\" in text or "&" in text else text


def is_call(text: str) -> bool:
    """Return whether `text` begins as NumPy, PyTorch or TensorFlow print an array."""
    return bool(re.match(r"\s*(?:Parameter containing:|<tf\.|[A-Za-z_][\w.]*\()", text))


def _without_calls(text: str) -> str:
    for pattern in (_TENSORFLOW, _DETAIL):
        text = re.sub(pattern, _blank, text)
    return re.sub(_CALL, _blank, text) if text.count("(") == text.count(")") else text


def _without_latex(text: str) -> str:
    text = re.sub(_LATEX, _blank, text).replace("&", ",")
    return re.sub(_ROW_END, lambda end: ";" + " " * (len(end[0]) - 1), text)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
