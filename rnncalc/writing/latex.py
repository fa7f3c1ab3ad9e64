r"""A page as a LaTeX document that compiles as it is: booktabs, \tanh, subscripts."""

import re
from collections.abc import Iterable, Iterator

from rnncalc.network.activations import ACTIVATIONS
from rnncalc.writing.entry import Entry
from rnncalc.writing.page import Page, WorkedStep, omitted, rows_of

_BEFORE = r"""\documentclass{article}
\usepackage[margin=2cm]{geometry}
\usepackage{booktabs,mathtools}
\setlength{\parindent}{0pt}
\allowdisplaybreaks
\begin{document}
"""
_TABLE = r"""\begin{center}
\begin{tabular}{%s}
\toprule
%s\midrule
%s\bottomrule
\end{tabular}
\end{center}
"""
_ROWS_OF_A_PAGE = 40
_WIDEST = 95  # characters of the columns of a table, in all
_FUNCTION = re.compile(rf"\b({'|'.join(ACTIVATIONS)})\(")
_COMMANDS = {
    "×": "\\times",
    "−": "-",
    "≈": "\\approx",
    "ᵀ": "^{\\top}",
    "²": "^2",
    "½": "\\tfrac12",
    "Σ": "\\textstyle\\sum",
    "   ": "\\quad ",
}
_LONGEST = 75  # characters of working on a line of a page


def latex_text(pages: Iterable[Page]) -> str:
    """Return the parts of a page: the formulas, then a table or the working step by step."""
    parts = [part for page in pages for part in _parts(page)]
    return "".join([_BEFORE, *parts, "\\end{document}\n"])


def _parts(page: Page) -> Iterator[str]:
    if page.heading:
        yield from (_formula(line) for line in (*page.heading, *page.remarks))
        yield "\n"
    as_table = page.columns and (_fits(page) or not page.worked)
    if as_table:
        yield _table(page)
    for line in page.below:
        yield f"{in_text(line)}\n\n"
    for at, step in enumerate([] if as_table else page.worked):
        if page.left_out and at == page.gap:
            yield f"\\dots\\ {omitted(page)}\n\n"
        yield _step(step)


def _fits(page: Page) -> bool:
    """Return whether the table is no wider than a page of paper."""
    widths = (max(len(line) for entry in c.entries for line in entry.lines) for c in page.columns)
    return sum(widths) <= _WIDEST


def in_text(text: str) -> str:
    """Return a sentence or a symbol in LaTeX's text."""
    commands = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    return "".join(commands.get(c, f"\\{c}" if c in "&%$#_{}" else c) for c in text)


def math(text: str) -> str:
    """Return a formula or a line of working in LaTeX's mathematics."""
    text = _FUNCTION.sub(_operator, text)
    text = re.sub(r"\b([A-Za-z]+)_(\w+|\{[^}]*\})", r"\1_{\2}", text, flags=re.ASCII)
    text = re.sub(r"\bln ?(?=[(y])", r"\\ln ", text)
    text = re.sub(r"\btarget", r"\\text{target}", text)
    text = text.replace("{{", "{").replace("}}", "}")
    text = re.sub(r"e\^\(([^)]*)\)", r"e^{\1}", text)
    text = re.sub(r"e\^(−?[\d.]+)", r"e^{\1}", text)
    text = re.sub(r"([\d.])e\+?(-?)0*(\d+)", r"\1 \\cdot 10^{\2\3}", text)
    text = re.sub(r"from (above|o_\{t\}|t[+−]1)(?: \(([^)]*)\))?", _from, text)
    for plain, command in _COMMANDS.items():
        text = text.replace(plain, command)
    return text.replace("the sum of all", "\\textstyle\\sum")


def _from(origin: re.Match[str]) -> str:
    """Return what a state gets from another quantity or step, as text."""
    of = f"\\ ({origin[2]})" if origin[2] else ""
    where = "\\text{above}" if origin[1] == "above" else origin[1]
    return f"\\text{{from }}{where}{of}"


def _operator(function: re.Match[str]) -> str:
    if function[1] == "tanh":  # the only one that LaTeX knows
        return "\\tanh("
    return f"\\operatorname{{{function[1]}}}(".replace("_", "\\_")


def _formula(line: str) -> str:
    body, _, remark = line.partition("  (")
    if "=" not in line:  # a remark
        sentence = line if line[1:2] == " " else line[0].upper() + line[1:]
        return f"{in_text(sentence)}\n\\medskip\n"
    return f"${math(body)}$" + (f" ({remark}" if remark else "") + "\\\\\n"


def _table(page: Page) -> str:
    rows = [[_entry(entry) for entry in row] for row in rows_of(page.columns)]
    tallest = max(len(entry.lines) for column in page.columns for entry in column.entries)
    end = " \\\\\n\\addlinespace\n" if tallest > 1 else " \\\\\n"
    lines = [" & ".join(row) + end for row in rows]
    if page.left_out:
        text = f"\\multicolumn{{{len(page.columns) - 1}}}{{l}}{{{omitted(page)}}}"
        lines.insert(page.gap, f"\\dots & {text}{end}")
    titles = (f"${math(column.title)}$ {column.group}".rstrip() for column in page.columns)
    head = " & ".join(titles) + " \\\\\n"
    at_once = max(1, _ROWS_OF_A_PAGE // tallest)
    parts = ["".join(lines[i : i + at_once]) for i in range(0, len(lines), at_once)]
    return "\n".join(_TABLE % ("r" * len(page.columns), head, part) for part in parts)


def _entry(entry: Entry) -> str:
    lines = [
        math(line.strip().replace("-", "−") if "e" not in line else line.strip())
        for line in entry.lines
    ]
    if entry.names:
        names = (f"\\texttt{{{in_text(name)}}}" if name else "" for name in entry.names)
        lines = [
            f"{name}\\ {line}" if line else name for name, line in zip(names, lines, strict=True)
        ]
    if entry.largest is not None:
        lines[entry.largest] = f"\\mathbf{{{lines[entry.largest]}}}"
    if len(lines) == 1:
        return f"${lines[0]}$"
    body = " \\\\ ".join(lines)
    return f"$\\begin{{bmatrix*}}[r] {body} \\end{{bmatrix*}}$"


def _step(step: WorkedStep) -> str:
    t, _, x = step.title.partition("   ")
    lines = [row for line in step.lines for row in _rows(line)]
    title = f"\\textbf{{${math(t)}$}} \\quad ${math(x)}$\n" if x else f"\\textbf{{{t}}}\n"
    if not lines:  # an empty environment is an error
        return f"{title}\n"
    body = " \\\\\n".join(lines)
    return f"{title}\\begin{{align*}}\n{body}\n\\end{{align*}}\n"


def _rows(line: str) -> list[str]:
    """Return the rows of an alignment: a long line is broken before its result."""
    label, _, rest = line.partition(" = ")
    if len(line) <= _LONGEST:
        return [f"{math(label)} &= {math(rest)}"]
    at = rest.replace("=", "≈").rfind("≈")
    if at < 0:
        return [f"{math(label)} &= {math(rest)}"]
    return [f"{math(label)} &= {math(rest[:at].rstrip())}", f"&{math(rest[at:])}"]
