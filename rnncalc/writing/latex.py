r"""A page in LaTeX: a fragment for a paper or a slide, or a document that compiles as it is."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rnncalc.writing.columns import Column, rows_of
from rnncalc.writing.entry import Entry
from rnncalc.writing.given import Given, lines_of
from rnncalc.writing.mathematics import RULE, is_formula, is_word, math, parts_of
from rnncalc.writing.numbers import BLANK
from rnncalc.writing.page import Page, WorkedStep, omitted

_FRAGMENT = "% needs \\usepackage{booktabs,mathtools}\n"
_BEFORE = r"""\documentclass{article}
\usepackage[margin=2cm]{geometry}
\usepackage{booktabs,longtable,mathtools}
\setlength{\parindent}{0pt}
\allowdisplaybreaks
\begin{document}
"""
_TABLE = r"""\begin{center}%s
\begin{tabular}{%s}
\toprule
%s\midrule
%s\bottomrule
\end{tabular}
\end{center}
"""
_LONG_TABLE = r"""\begin{longtable}{%s}
\toprule
%s\midrule
\endhead
\bottomrule
\endfoot
%s\end{longtable}
"""
_ROWS_OF_A_PAGE = 30
_MOST_COLUMNS = 7  # of the usual size
_NARROW = "\\small\\setlength{\\tabcolsep}{3pt}"
_MOST_NARROW = 8  # columns; the nine of a gradient are as wide as a slide
_NARROWEST = "\\footnotesize\\setlength{\\tabcolsep}{2pt}"
_WIDEST = 95  # characters of the columns of a table, in all
_LONGEST = 60  # characters of working on a line of a page, or of a slide
_COMPONENT = re.compile(r"^(.*)\[([0-9,]+)\]$", re.DOTALL)
_WEIGHT = re.compile(r"(?<!\S)([Wb]_[a-z]+)(?!\S)", re.ASCII)
_INDEXED = re.compile(r"(\([^()]*\)|\b[Wb]_[a-z]+)\[([0-9]+)\]", re.ASCII)
_ROOM = "[1ex]"  # below a value that is to be filled in
_T = re.compile(r"^t = ([0-9]+)")


def latex_text(pages: Iterable[Page], *, standalone: bool = False) -> str:
    """Return the parts of a page: the formulas, then a table or the working step by step.

    Args:
        pages: the parts.
        standalone: whether it is a document, whose long tables break across pages.
    """
    parts = [part for page in pages for part in _parts(page, standalone=standalone)]
    if standalone:
        return "".join([_BEFORE, *parts, "\\end{document}\n"])
    return "".join([_FRAGMENT, *parts])


def _parts(page: Page, *, standalone: bool) -> Iterator[str]:
    yield from _formulas(page.heading)
    source = f"\\quad\n(from \\texttt{{{_in_text(page.origin)}}})"
    for line in lines_of(page.given, page.origin, _equation, ",\\quad\n", source):
        yield f"{{\\raggedright\\noindent\n{line}\\par}}\n"
    for remark in page.remarks:
        yield _paragraph(_prose(_sentence(remark)))
    as_table = page.columns and (_fits(page) or not page.worked)
    if as_table:
        yield from _tables(page, standalone=standalone)
    for line in page.below:
        yield _paragraph(_in_text(line))
    for at, step in enumerate([] if as_table else page.worked):
        if page.left_out and at == page.gap:
            yield f"\\dots\\ {omitted(page)}\n\n"
        yield _step(step)


def _fits(page: Page) -> bool:
    """Return whether the table is no wider than a page of paper."""
    widths = (max(len(line) for entry in c.entries for line in entry.lines) for c in page.columns)
    return sum(widths) <= _WIDEST


def _in_text(text: str) -> str:
    """Return a sentence or a symbol in LaTeX's text."""
    commands = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    commands |= {"−": "$-$", "×": "$\\times$"}
    parts = (
        "".join(commands.get(c, f"\\{c}" if c in "&%$#_{}" else c) for c in part)
        for part in text.split(BLANK)
    )
    return RULE.join(parts).replace("--", "-{}-")  # no dash


def _prose(text: str) -> str:
    """Return a sentence, in which a weight is a symbol."""
    parts = _WEIGHT.split(text)
    return "".join(f"${math(part)}$" if n % 2 else _in_text(part) for n, part in enumerate(parts))


def _sentence(remark: str) -> str:
    return remark if remark[1:2] == " " else remark[0].upper() + remark[1:]


def _paragraph(text: str) -> str:
    return f"\\par\\smallskip\\noindent {text}\n"


def _formulas(lines: Sequence[str]) -> Iterator[str]:
    """Yield the formulas, aligned on their equals signs; sentences are paragraphs."""
    rows: list[str] = []
    for line in lines:
        if is_formula(line):
            body, remark = parts_of(line)
            left, _, right = body.partition(" = ")
            behind = rf" \quad\text{{({_in_text(remark)})}}" if remark else ""
            rows.append(f"{math(left)} &= {math(right)}{behind}")
        elif rows:
            rows.append(rf"& \text{{{_in_text(line)}}}")
        else:
            yield _paragraph(_in_text(_sentence(line)))
    if rows:
        yield _aligned(rows)


def _aligned(rows: Sequence[str]) -> str:
    body = f"{_line_end(rows)}\n".join(rows)
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}\n"


def _line_end(rows: Iterable[str]) -> str:
    """Return the end of a line: with room to write, if something is to be filled in."""
    return f" \\\\{_ROOM}" if any(RULE in row for row in rows) else " \\\\"


def _equation(given: Given) -> str:
    """Return a number, a matrix, or its size; in braces it does not break."""
    name = math(given.symbol)
    if not given.rows:
        size = given.size.replace("x", "\\times")
        return f"${{{name}\\colon {size}}}$"
    if given.is_number:
        return f"${{{name} = {math(given.rows[0][0])}}}$"
    rows = " \\\\ ".join(" & ".join(map(math, row)) for row in given.rows)
    return f"${{{name} = \\begin{{pmatrix*}}[r] {rows} \\end{{pmatrix*}}}}$"


def _tables(page: Page, *, standalone: bool) -> Iterator[str]:
    """Yield the table: a long one across pages of a document, or else in several parts."""
    rows = [[_entry(entry) for entry in row] for row in rows_of(page.columns)]
    tallest = max(len(entry.lines) for column in page.columns for entry in column.entries)
    is_spaced = tallest > 1 or any(RULE in cell for row in rows for cell in row)
    end = " \\\\\n\\addlinespace\n" if is_spaced else " \\\\\n"
    lines = [" & ".join(row) + end for row in rows]
    if page.left_out:
        text = f"\\multicolumn{{{len(page.columns) - 1}}}{{l}}{{{omitted(page)}}}"
        lines.insert(page.gap, f"\\dots & {text}{end}")
    if page.totals:
        lines[-1] = f"\\midrule\n{lines[-1]}"
    head, spec = _head(page.columns), "r" * len(page.columns)
    size = _size(len(page.columns))
    if standalone and len(lines) * tallest > _ROWS_OF_A_PAGE:
        yield _LONG_TABLE % (spec, head, "".join(lines))
        return
    at_once = max(1, _ROWS_OF_A_PAGE // tallest)
    for begin in range(0, len(lines), at_once):
        yield _TABLE % (size, spec, head, "".join(lines[begin : begin + at_once]))


def _size(columns: int) -> str:
    """Return what makes a table of many columns narrower."""
    if columns <= _MOST_COLUMNS:
        return ""
    return _NARROW if columns <= _MOST_NARROW else _NARROWEST


def _head(columns: Sequence[Column]) -> str:
    titles = [c.title if is_word(c.title) else f"${math(c.title)}$" for c in columns]
    if not any(column.group for column in columns):
        return " & ".join(titles) + " \\\\\n"
    groups = " & ".join(column.group for column in columns)
    return f"{groups} \\\\\n{' & '.join(titles)} \\\\\n"


def _entry(entry: Entry) -> str:
    if len(entry.lines) == 1 and is_word(entry.lines[0].strip()):
        return entry.lines[0].strip()
    lines = [math(_indexed(line.strip())) for line in entry.lines]
    if entry.names:
        names = (f"\\texttt{{{_in_text(name)}}}" if name else "" for name in entry.names)
        lines = [
            f"{name}\\ {line}" if line else name for name, line in zip(names, lines, strict=True)
        ]
    if entry.largest is not None:
        lines[entry.largest] = f"\\mathbf{{{lines[entry.largest]}}}"
    if len(lines) == 1:
        return f"${lines[0]}$" if lines[0] else ""
    body = f"{_line_end(lines)} ".join(lines)
    return f"$\\begin{{pmatrix*}}[r] {body} \\end{{pmatrix*}}$"


def _step(step: WorkedStep) -> str:
    t, _, given = step.title.partition("   ")
    found = _T.match(t)
    lines = [row for line in step.lines for row in _rows(line, found[1] if found else "")]
    title = f"\\textbf{{{_in_text(t)}}}"
    if found:
        title = f"${math(t)}$"
        for part in given.split("   "):
            title += f"\\quad {_known(part)}"
    if not lines:  # an empty environment is an error
        return _paragraph(title)
    return _paragraph(title) + _aligned(lines)


def _known(part: str) -> str:
    """Return what is known of a step, `x = [0.5, −1]` or `x = the, column 3 of W_xh`."""
    name, _, value = part.partition(" = ")
    if re.fullmatch(r"\[?[−\d., e+-]*\]?", value):
        return f"${math(part)}$"
    return f"${math(name)} =$ {_prose(value)}"


def _rows(line: str, t: str) -> list[str]:
    """Return the rows of an alignment: a long line is broken before its result."""
    label, equals, rest = line.partition(" = ")
    if not equals:
        return [rf"& \text{{{_in_text(line)}}}"]
    lines = [_INDEXED.sub(_below, part) for part in _folded(rest)]
    rows = [f"{math(_at(label, t))} &= {math(lines[0])}"]
    return [*rows, *(f"&\\quad {math(line)}" for line in lines[1:])]


def _folded(text: str) -> list[str]:
    """Return a line of working in lines, broken before operators outside of brackets."""
    if len(text) <= _LONGEST:
        return [text]
    lines, depth = [""], 0
    for piece in re.split(r" (?=[=≈+−] )", text):
        joined = f"{lines[-1]} {piece}".lstrip()
        if depth or not lines[-1] or len(joined) <= _LONGEST:
            lines[-1] = joined
        else:
            lines.append(piece)
        depth += piece.count("(") - piece.count(")")
    return lines


def _at(label: str, t: str) -> str:
    """Return `h_{3,0}` for `h[0]` in step 3, `h_3` for `h`, and `(from o_3)_{0}`."""
    if t:
        label = re.sub(r"(?<=[Lo])_t\b", f"_{t}", label)
        label = re.sub(r"^\(([fg]'\([ao])\)\)\[([0-9]+)\]$", rf"\1_{{{t},\2}})", label)
    if not t or not re.fullmatch(r"(dL/d)?[a-z]\w*(\[[0-9]+\])?", label, re.ASCII):
        return _indexed(label)
    found = _COMPONENT.match(label)
    name = found[1] if found else label
    return f"{name}_{{{t},{found[2]}}}" if found else f"{name}_{{{t}}}"


def _indexed(label: str) -> str:
    """Return `(dL/dW_hh)_{0,1}` for `dL/dW_hh[0,1]`; `h[0]` of no step would be h_0."""
    found = _COMPONENT.match(label)
    if not found or not re.match(r"dL/d|\(|[Wb]_", found[1]):
        return label
    return _below(found)


def _below(found: re.Match[str]) -> str:
    """Return a component with its number as a subscript."""
    base = found[1] if found[1][0] == "(" else f"({found[1]})"
    return f"{base}_{{{found[2]}}}"
