"""A web page that needs nothing else: mathematics as MathML, charts as SVG, a style and a script.

The script shows and hides. It calculates nothing, and without it everything can be read.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape

from rnncalc.network.notes import Ending
from rnncalc.network.problem import Problem
from rnncalc.network.trace import Trace
from rnncalc.writing.chart import asset, chart_svg
from rnncalc.writing.given import Given, in_groups
from rnncalc.writing.mathml import math, matrix, row
from rnncalc.writing.request import Request
from rnncalc.writing.sheet import Sheet, sheet_of, shown_of
from rnncalc.writing.typeset import equation_html, working_html
from rnncalc.writing.value_table import tables_html
from rnncalc.writing.worked import Worked

_HALF, _NARROW = 44, 30  # characters of a matrix in half of a page, and on a telephone
_NAV = """\
<div id="go" role="group" aria-label="Choose a step" hidden>
<button type="button" class="back">← Previous</button>
<span class="at" aria-live="polite"></span>
<button type="button" class="on">Next →</button>
<button type="button" class="every" aria-pressed="false">All steps</button>
</div>
"""
_HINT = (
    "Point at a value, tap it, or move to it with the tab key to see how it is calculated; "
    "the arrow keys go through the steps."
)
_HINT_OF_AN_EXERCISE = "The arrow keys go through the steps."


def html_text(problem: Problem, request: Request, traces: Iterable[Trace], end: Ending) -> str:
    """Return the page of a run."""
    shown = shown_of(problem.network, request, traces)
    return page_text(sheet_of(problem, request, shown, end))


def page_text(sheet: Sheet) -> str:
    """Return a page as HTML, in ASCII if nothing else can be written."""
    text = "".join(_parts(sheet))
    return text.encode("ascii", "xmlcharrefreplace").decode() if sheet.request.plain else text


def _parts(sheet: Sheet) -> Iterator[str]:
    style, script = asset("chart.css") + asset("page.css"), asset("page.js")
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}"
    sections = [_network(sheet), _charts(sheet), _steps(sheet), tables_html(sheet), _below(sheet)]
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(sheet.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{escape(sheet.title)}</h1>\n<p>{escape(sheet.about)}</p>\n</header>\n"
    )
    how = "Made with" if sheet.request.hidden else "Calculated by"
    yield f"<main>\n{''.join(sections)}</main>\n<footer><p>{how} rnncalc.</p></footer>\n"
    yield '<div id="working" role="status" hidden></div>\n'
    yield f"<script>{script}</script>\n</body>\n</html>\n"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _network(sheet: Sheet) -> str:
    lines = "\n".join(_heading(line) for line in (*sheet.page.heading, *sheet.page.remarks))
    widest = max((_width(given) for given in sheet.page.given), default=0)
    beside = len(sheet.charts) == 1 and widest <= _HALF
    wide = "" if beside else ' class="wide"'
    return (
        f'<section id="network"{wide}>\n<h2>Network</h2>\n<div class="formulas">\n{lines}\n</div>\n'
        f"{_weights(sheet)}</section>\n"
    )


def _heading(line: str) -> str:
    """Return a formula typeset, or a remark."""
    if " = " not in line:
        sentence = line if line[1:2] == " " else line[:1].upper() + line[1:]
        return f'<p class="remark">{escape(sentence)}</p>'
    return f"<p>{_formula(line)}</p>"


def _formula(line: str) -> str:
    body, _, remark = line.partition("  (")
    where = f' <span class="where">({escape(remark)}</span>' if remark else ""
    return f"{math(body)}{where}"


def _weights(sheet: Sheet) -> str:
    """Return the weights: numbers in a line, small ones typeset, and of large ones their sizes."""
    parts = ["<h3>Weights</h3>\n"]
    for n, (group, some) in enumerate(in_groups(sheet.page.given).items()):
        title = group or ("readout" if n else "")  # behind the layers
        named = f'<p class="where">{escape(title)}</p>\n' if title else ""
        parts.append(f'{named}<div class="weights">\n{"".join(map(_given, some))}</div>\n')
    if sheet.page.origin and not all(each.rows for each in sheet.page.given):
        parts.append(f'<p class="remark">The weights are from {escape(sheet.page.origin)}</p>\n')
    return "".join(parts)


def _given(given: Given) -> str:
    if not given.rows:
        size = given.size.replace(" x ", " × ")
        return f"<p><math>{row(given.symbol)}</math>: {size}</p>\n"
    shown = row(given.rows[0][0]) if given.is_number else matrix(given.rows)
    # what may be wider than a telephone can be moved with the keys
    wide = f' tabindex="0" role="group" aria-label="{escape(given.symbol)}"'
    moves = wide if _width(given) > _NARROW else ""
    return f"<p{moves}><math>{row(f'{given.symbol} =')}{shown}</math></p>\n"


def _width(given: Given) -> int:
    """Return how many characters the widest row of a matrix has, with the space between them."""
    return max((sum(len(text) + 2 for text in each) for each in given.rows), default=0)


def _charts(sheet: Sheet) -> str:
    if not sheet.charts:
        return ""
    several = len(sheet.charts) > 1
    charts = "\n".join(
        f"<figure>{_caption(chart.title) * several}\n{chart_svg(chart, number)}\n</figure>"
        for number, chart in enumerate(sheet.charts)
    )
    kind = ' class="several"' if several else ""
    return f'<section id="charts"{kind}>\n<h2>{escape(sheet.drawn)}</h2>\n{charts}\n</section>\n'


def _caption(title: str) -> str:
    return f"<figcaption>{escape(title)}</figcaption>"


def _steps(sheet: Sheet) -> str:
    if not sheet.worked:
        return ""
    parts = [_step(sheet, of) for of in sheet.worked]
    if sheet.page.left_out:
        parts.insert(sheet.page.gap, f'<p class="gap">{sheet.page.left_out} steps omitted</p>\n')
    hint = _HINT_OF_AN_EXERCISE if sheet.request.hidden else _HINT
    return (
        f'<section id="steps">\n<h2>Step by step</h2>\n<p class="hint">{hint}</p>\n{_NAV}'
        f"{''.join(parts)}</section>\n"
    )


def _step(sheet: Sheet, of: Worked) -> str:
    typeset = "".join(equation_html(sheet, of, name) for name in of.equations)
    working = "".join(working_html(sheet, of, name) for name in of.equations)
    given = f' <span class="given">{escape(", ".join(of.given))}</span>' if of.given else ""
    title = of.title.replace("t =", "<i>t</i> =")
    details = (
        f'<details class="work"><summary>Working</summary><div>{working}</div></details>'
        if working
        else ""
    )
    return (
        f'<article class="step" data-t="{of.key}">\n'
        f'<h3 data-title="{of.title}">{title}{given}</h3>\n'
        f"{typeset}\n{details}\n</article>\n"
    )


def _below(sheet: Sheet) -> str:
    """Return what is known at the end: lines, and matrices."""
    if not (sheet.page.below or sheet.sums):
        return ""
    parts = [f"<p>{escape(line)}</p>\n" for line in sheet.page.below]
    for title, some in sheet.sums:
        parts.append(f"<h3>{escape(title)}</h3>\n")
        parts.append(f'<div class="weights">\n{"".join(map(_given, some))}</div>\n')
    return f'<section id="result">\n<h2>Result</h2>\n{"".join(parts)}</section>\n'
