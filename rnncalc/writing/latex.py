r"""A page as a LaTeX document that compiles as it is: booktabs, \tanh, subscripts."""

import re

from rnncalc.writing.page import Cell, Page, WorkedStep

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
_FUNCTIONS = ("relu", "sigmoid", "linear", "step", "softplus", "softsign", "elu", "softmax")
_LONGEST = 75  # characters of working in a line of a page


def latex_text(page: Page) -> str:
    """Return the page: the formulas, then a table or the working step by step."""
    parts = [_BEFORE, *(_formula(line) for line in page.heading), "\n"]
    as_table = page.columns and (_fits(page) or not page.worked)
    if as_table:
        parts.append(_table(page))
    for at, step in enumerate([] if as_table else page.worked):
        if page.left_out and at == page.gap:
            parts.append(f"\\dots\\ {page.left_out} steps left out\n\n")
        parts.append(_step(step))
    return "".join([*parts, "\\end{document}\n"])


def _fits(page: Page) -> bool:
    """Return whether the table is no wider than a page of paper."""
    widths = (max(len(line) for cell in c.cells for line in cell.lines) for c in page.columns)
    return sum(widths) <= _WIDEST


def math(text: str) -> str:
    """Return a formula or a line of working in LaTeX's mathematics."""
    text = re.sub(r"\b([Wbhaoyx])_(\w+|\{[^}]*\})", r"\1_{\2}", text).replace("{{", "{")
    text = text.replace("}}", "}")
    text = re.sub(r"e\^\(([^)]*)\)", r"e^{\1}", text)
    text = re.sub(r"e\^(−?[\d.]+)", r"e^{\1}", text)
    text = re.sub(r"([\d.])e\+?(-?)0*(\d+)", r"\1 \\cdot 10^{\2\3}", text)
    text = re.sub(rf"\b({'|'.join(_FUNCTIONS)})\(", r"\\operatorname{\1}(", text)
    text = text.replace("hard_tanh(", "\\operatorname{hard\\_tanh}(")
    text = re.sub(r"(?<![\w}])tanh\(", r"\\tanh(", text)
    text = re.sub(r"W_\{(\w+)\} ([xh])(?= )", r"W_{\1} \2", text)
    for plain, command in (("×", "\\times"), ("−", "-"), ("≈", "\\approx")):
        text = text.replace(plain, command)
    return text.replace("the sum of all", "\\textstyle\\sum")


def _formula(line: str) -> str:
    body, _, remark = line.partition("  (")
    if "=" not in line:  # a remark
        return line[0].upper() + line[1:] + "\n\\medskip\n"
    return f"${math(body)}$" + (f" ({remark}" if remark else "") + "\\\\\n"


def _table(page: Page) -> str:
    rows = [[_cell(c) for c in row] for row in zip(*(c.cells for c in page.columns), strict=True)]
    tallest = max(len(cell.lines) for column in page.columns for cell in column.cells)
    end = " \\\\\n\\addlinespace\n" if tallest > 1 else " \\\\\n"
    lines = [" & ".join(row) + end for row in rows]
    if page.left_out:
        text = f"\\multicolumn{{{len(page.columns) - 1}}}{{l}}{{{page.left_out} steps left out}}"
        lines.insert(page.gap, f"\\dots & {text}{end}")
    head = " & ".join(f"${math(column.title)}$" for column in page.columns) + " \\\\\n"
    at_once = max(1, _ROWS_OF_A_PAGE // tallest)
    parts = ["".join(lines[i : i + at_once]) for i in range(0, len(lines), at_once)]
    return "\n".join(_TABLE % ("r" * len(page.columns), head, part) for part in parts)


def _cell(cell: Cell) -> str:
    lines = [
        math(line.strip().replace("-", "−") if "e" not in line else line.strip())
        for line in cell.lines
    ]
    if cell.largest is not None:
        lines[cell.largest] = f"\\mathbf{{{lines[cell.largest]}}}"
    if len(lines) == 1:
        return f"${lines[0]}$"
    body = " \\\\ ".join(lines)
    return f"$\\begin{{bmatrix*}}[r] {body} \\end{{bmatrix*}}$"


def _step(step: WorkedStep) -> str:
    t, _, x = step.title.partition("   ")
    lines = [row for of in step.lines.values() for line in of for row in _rows(line)]
    title = f"\\textbf{{${math(t)}$}} \\quad ${math(x)}$\n"
    if not lines:  # an empty environment is an error
        return f"{title}\n"
    body = " \\\\\n".join(lines)
    return f"{title}\\begin{{align*}}\n{body}\n\\end{{align*}}\n"


def _rows(line: str) -> list[str]:
    """Return the rows of an alignment: broken before its last figure where it is long."""
    label, _, rest = line.partition(" = ")
    if len(line) <= _LONGEST:
        return [f"{math(label)} &= {math(rest)}"]
    at = rest.replace("=", "≈").rindex("≈")
    return [f"{math(label)} &= {math(rest[:at].rstrip())}", f"&{math(rest[at:])}"]
