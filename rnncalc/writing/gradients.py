"""What a page shows of a backward pass: the loss, a table from the last step to the first, sums."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import isfinite

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import counted
from rnncalc.network.backward import FIRST, PART, Backward
from rnncalc.network.equations import Called, Combined, Equation, Outer, Sliced
from rnncalc.network.flow import Way, way_back
from rnncalc.network.gradients import Descended
from rnncalc.network.naming import at_step, is_derivative, label, people, stem_of, symbol
from rnncalc.network.objective import COUNTED
from rnncalc.network.problem import Problem
from rnncalc.network.trace import LOSS, TARGET, Trace
from rnncalc.numerals.rounding import exact, rounded
from rnncalc.writing.columns import Column, aligned_texts, plain_column, with_lines
from rnncalc.writing.console import spelled_out
from rnncalc.writing.entry import Entry
from rnncalc.writing.formulas import formula, right_side
from rnncalc.writing.numbers import BLANK, fixed, short, texts_of
from rnncalc.writing.page import (
    Page,
    WorkedStep,
    about_network,
    fitted,
    in_lines,
    listed,
    on_decimals,
    rounding,
)
from rnncalc.writing.plot import bars
from rnncalc.writing.request import Request
from rnncalc.writing.steps import ENDS, MOST, Excerpt, Step, steps_of
from rnncalc.writing.worked import Worked, worked_step
from rnncalc.writing.working import MOST_TERMS, Lines, sum_line

_MOST_ROWS = 24  # lines of a gradient; more of them nobody reads
_MOST_COLUMNS = 12
_MOST_ADDED = 9  # components of a gradient that are added up, one per line


def reversed_steps(traces: Sequence[Trace], steps: Sequence[int]) -> Iterator[Step]:
    """Yield the steps, counted from 0, from the last to the first."""
    for trace in reversed(traces):
        first, end = trace.first - 1, trace.first - 1 + len(trace)
        for t in reversed([t for t in steps if first <= t < end]):
            yield from steps_of(trace.part(t - first, t - first + 1))


def _equations(backward: Backward, request: Request) -> list[Equation]:
    """Return the equations of the backward pass of a step that are worked."""
    equations: list[Equation] = [*backward.beside, *backward.seeds, *backward.back]
    equations += [backward.shares[key] for key in backward.by_step]
    if request.only:
        return [*backward.forward, *equations]
    return [each for each in equations if not _is_alias(each)]


def worked_back(backward: Backward, step: Step, request: Request) -> Worked:
    """Return the backward pass of one step with its working, and what it is given."""
    given = [f"x = {listed(step.values['x'], request)}"]
    if backward.objective.loss and step.values[COUNTED][0]:
        given.append(f"target = {listed(step.values[TARGET], request)}")
    return worked_step(request, step, _equations(backward, request), given)


def _is_alias(equation: Equation) -> bool:
    """Return whether a quantity is another one under its own name."""
    if isinstance(equation, Combined) and len(equation.parts) == 1:
        (part,) = equation.parts
        return part.factor == 1 and len(part.sources) == 1
    return isinstance(equation, Sliced)


def pages(problem: Problem, found: Descended, request: Request, steps: range) -> Iterator[Page]:
    """Yield the pages, whose characters the terminal can show."""
    of = _flow_pages if request.plot else _pages
    shown = of(problem, found, request, steps)
    if not problem.network.readout:  # states have targets
        shown = (_retold(page, lambda text: text.replace("from o_t", "from L")) for page in shown)
    yield from (_retold(page, spelled_out) for page in shown) if request.plain else shown


def _retold(page: Page, said: Callable[[str], str]) -> Page:
    """Return a page with other words, and its columns no narrower."""
    columns = [
        replace(
            with_lines(column, [[*map(said, entry.lines)] for entry in column.entries]),
            title=said(column.title),
            least=column.width,
        )
        for column in page.columns
    ]
    steps = [replace(each, lines=[*map(said, each.lines)]) for each in page.worked]
    return replace(page, heading=[*map(said, page.heading)], columns=columns, worked=steps)


def hidden_in(backward: Backward) -> frozenset[str]:
    """Return the quantities that are left empty in an exercise."""
    names = (each.name for each in backward.calculated)
    return frozenset([*names, *(f"d{key}" for key in backward.shares)])


def _pages(problem: Problem, found: Descended, request: Request, steps: range) -> Iterator[Page]:
    """Yield the table or the working of the steps, then the sums, then a step of descent.

    Args:
        problem: what was run.
        found: the backward pass.
        request: what is shown of it.
        steps: those that are shown, from 0.
    """
    backward = found.backward
    shown = excerpt_back(found, request, steps)
    request = fitted(request, shown, hidden_in(backward))
    names = shown_names(backward, request)
    page = heading(problem, found, request, names)
    some = shown.steps if request.work else []
    found_steps = [worked_back(backward, step, request) for step in some]
    lines = [each.lines for each in found_steps]
    scalar = all(size == 1 for size in backward.sizes.values())
    columns = [] if lines and not scalar else _columns(found, request, shown, names, lines)
    totals = bool(columns) and any(name[1:] in backward.shares for name in names)
    page = replace(page, columns=columns, worked=[*map(in_lines, found_steps)], totals=totals)
    yield replace(page, gap=len(shown.first), left_out=shown.left_out)
    title, sums = _sums(found, request, {*names} if totals else set())
    if sums:
        yield Page(worked=[WorkedStep(title, sums)])
    if found.descent.rate is not None:
        yield _descent(found, request)


def excerpt_back(found: Descended, request: Request, steps: range, most: int = MOST) -> Excerpt:
    """Return the steps to show, from the last to the first: of many, those at either end."""
    if len(steps) <= most or request.whole:
        return Excerpt([*reversed_steps(found.traces, steps)], [], 0)
    first = [*reversed_steps(found.traces, steps[-ENDS:])]
    return Excerpt(first, [*reversed_steps(found.traces, steps[:ENDS])], len(steps) - 2 * ENDS)


def shown_names(backward: Backward, request: Request) -> list[str]:
    """Return the quantities that have a column."""
    if request.only:
        return [*request.only]
    plain = {each.name for each in backward.back if _is_alias(each)}
    names = [name for name in backward.names if name not in plain]
    weights = [f"d{key}" for key in backward.by_step if isinstance(backward.shares[key], Outer)]
    if all(size == 1 for size in backward.sizes.values()):
        names += [name for name in weights if name.startswith(("dwxh", "dwhh"))]
    return names


def heading(problem: Problem, found: Descended, request: Request, names: Sequence[str]) -> Page:
    """Return what is above the table."""
    about = about_network(problem, request)
    formulas = [loss_line(found, request), *_formulas(found.backward)]
    remarks = [*about.remarks, *_remarks(found, request), *on_decimals(names, request)]
    return replace(about, heading=formulas, remarks=remarks)


def _remarks(found: Descended, request: Request) -> Iterator[str]:
    descent = found.descent
    if descent.window:
        yield f"the gradient stops at the start of each window of {counted(descent.window, 'step')}"
    if descent.clip is not None:
        limit = short(descent.clip, request.decimals)
        yield f"each component of a gradient beyond {limit} is clipped to {limit}"
    if request.steps is not None and not request.plot:
        total = counted(sum(map(len, found.traces)), "step")
        yield f"the sums are over all {total}, not only those that are shown"
    yield from rounding(request)


def loss_line(found: Descended, request: Request) -> str:
    """Return the loss: its formula, its value and the steps that it is of."""
    objective, value = found.backward.objective, found.gradients.loss
    if objective.loss is None or value is None:
        (name,) = objective.given
        return f"{at_step(name) if name != 'dh_output' else 'what comes from the loss'} is given"
    size = found.backward.output[2]
    text = objective.loss.text if size > 1 else objective.loss.text.replace("Σ ", "")
    if not found.backward.network.readout:
        text = text.replace("y", "h")
    steps = int(objective.given[COUNTED].sum())
    how = "the mean" if objective.reduction == "mean" else "the sum"
    if steps == 1:
        t = int(objective.given[COUNTED][:, 0].argmax()) + 1
        return f"L = {text} = {shown_value(value, request)}  (at step {t})"
    return f"L = {text} = {shown_value(value, request)}  ({how} over {counted(steps, 'step')})"


def shown_value(value: float, request: Request, at_least: float | None = None) -> str:
    """Return a value with enough decimals not to read 0.000."""
    size = abs(value) if at_least is None else at_least
    return BLANK if request.hidden else fixed(value, _places(size, request))


def _places(size: float, request: Request) -> int:
    if not request.enough or not size or rounded(size, request.decimals):
        return request.decimals
    return min(request.decimals - 1 - exact(size).adjusted(), 17)


def _slopes_of(backward: Backward) -> dict[str, str]:
    """Return the formula of each slope by its name: `1 − h_t²`."""
    return {
        each.name: right_side(each)
        for each in backward.back
        if isinstance(each, Called) and each.name.startswith("slope")
    }


def _formulas(backward: Backward) -> list[str]:
    """Return one line per equation; those of several layers once, with their labels."""
    slopes, found = _slopes_of(backward), dict[str, list[str]]()
    repeated = {
        at_step(each.name): right_side(each)
        for each in backward.back
        if _is_alias(each) and (each.name.startswith("do") or PART in each.name)
    }
    for each in (*backward.beside, *backward.seeds, *backward.back):
        if each.name == LOSS or each.name in slopes or at_step(each.name) in repeated:
            continue
        line = formula(each)
        for name, text in repeated.items():
            line = line.replace(name, text)
        line = line.replace(f" {at_step(FIRST)}", ", at step 1 alone")
        for name, text in slopes.items():
            line = line.replace(at_step(name), f"({text})").removesuffix(" (1)")
        suffix = each.name[len(stem_of(each.name)) :]
        body = line.replace(f" ({label(each.name)})", "").replace(suffix or "\0", "")
        found.setdefault(body, []).append(label(each.name))
    return [
        f"{body}  ({', '.join(labels)})" if labels[0] else body for body, labels in found.items()
    ]


def _columns(
    found: Descended, request: Request, shown: Excerpt, names: list[str], lines: list[Lines]
) -> list[Column]:
    """Return the columns of the steps, whose last row are the sums over them if any is a weight."""
    backward = found.backward
    totals = any(name[1:] in backward.shares for name in names)
    numbers = [str(step.t) for step in shown.steps]
    last = ["sum" if found.descent.clip is None else "clipped"] if totals else []
    columns = [plain_column("t", [*numbers, *last])]
    for column in columns_back(backward, request, shown, names):
        name = column.key
        of = found.gradients.by_key.get(name[1:]) if totals else None
        total = [] if of is None else [of.ravel().tolist()]
        if lines and name in lines[0]:
            shown_rows = [each[name] for each in lines]
            shown_rows += [[shown_value(value, request) for value in row] for row in total]
        else:
            rows = [entry.lines for entry in column.entries]
            rows += [texts_of(name, row, request) for row in total]
            shown_rows = _in_rows(backward, name, request, aligned_texts(name, rows, {}))
        shown_rows += [[""]] if totals and not total else []
        columns.append(replace(column, entries=[*map(Entry, shown_rows)]))
    return columns


def columns_back(
    backward: Backward, request: Request, shown: Excerpt, names: Sequence[str]
) -> list[Column]:
    """Return the columns of a backward pass, with the values of each step."""
    slopes = {name: text for name, text in _slopes_of(backward).items() if text != "1"}
    return [_column(backward, request, shown, name, slopes.get(name, "")) for name in names]


def _column(backward: Backward, request: Request, shown: Excerpt, name: str, slope: str) -> Column:
    size, group = len(shown.steps[0].values[name]), label(name)
    chosen = request.components.get(name, range(size))
    share = backward.shares.get(name[1:]) if is_derivative(name) else None
    title = slope or (people(name) if share else at_step(name))
    if group:  # it is above the title
        title = title.replace(f" ({group})", "").replace(name[len(stem_of(name)) :], "")
    return Column(
        name,
        title,
        [Entry(_texts(name, step, request)) for step in shown.steps],
        group,
        [request.part(name, i) for i in chosen] if size > 1 else [""],
        worked=[i // share.shape[1] for i in chosen] if isinstance(share, Outer) else (),
    )


def _texts(name: str, step: Step, request: Request) -> list[str]:
    """Return the components of a quantity as a table has them; none of a target that is not one."""
    texts = texts_of(name, step.values[name], request)
    return [""] * len(texts) if name == TARGET and not step.values[COUNTED][0] else texts


def _in_rows(
    backward: Backward, name: str, request: Request, texts: list[list[str]]
) -> list[list[str]]:
    """Return the values of a matrix with one line per row of it."""
    share = backward.shares.get(name[1:])
    if not isinstance(share, Outer) or name in request.components:
        return texts
    m = share.shape[1]
    return [[" ".join(row[i : i + m]) for i in range(0, len(row), m)] for row in texts]


def _sums(found: Descended, request: Request, shown: set[str]) -> tuple[str, list[str]]:
    """Return the title and the lines of the gradients that are not in the table's last row."""
    lines: list[str] = []
    worked_too = _are_added_up(found, request)
    for key, of in found.gradients.by_key.items():
        name = f"dL/d{symbol(key)}"
        if worked_too and of.size <= _MOST_ADDED:
            lines += _added_up(found, key, name, request)
        elif f"d{key}" not in shown:
            lines += _matrix_lines(name, of, request)
    for name, row in found.gradients.h0.items() if found.descent.start else ():
        lines += _matrix_lines(f"dL/d{name}_0", row, request)
    return "sums over the steps" + ("" if found.descent.clip is None else ", clipped"), lines


def _are_added_up(found: Descended, request: Request) -> bool:
    """Return whether a sum is shown with what each step adds: few steps, and no clipped sum."""
    few = 1 < sum(map(len, found.traces)) <= MOST_TERMS
    return request.work and not request.hidden and few and found.descent.clip is None


def _added_up(found: Descended, key: str, name: str, request: Request) -> Iterator[str]:
    """Yield `dL/dW_hy = −0.399 + 0 − 0.046 ≈ −0.445` for each component, the last step first."""
    of = found.gradients.by_key[key]
    shares = np.vstack([trace[f"d{key}"] for trace in found.traces])[::-1]
    for k, at in enumerate(np.ndindex(of.shape)):
        where = f"[{','.join(map(str, at))}]" if of.size > 1 else ""
        line = sum_line(shares[:, k].tolist(), f"d{key}", float(of[at]), request)
        yield f"{name}{where} = {line}"


def _matrix_lines(name: str, of: Array, request: Request) -> list[str]:
    """Return a vector in a line, or a matrix in one line per row: `dL/dW_hh[0] = [1, 2]`."""
    places = _places(float(np.abs(of).max()), request)
    if of.size == 1:
        return [f"{name} = {_fixed(float(of.ravel()[0]), places, request)}"]
    if of.ndim == 1:
        return [f"{name} = {_row(of, places, request)}"]
    if len(of) > _MOST_ROWS:
        size = " x ".join(map(str, of.shape))
        if request.hidden:
            return [f"{name} = {size} values"]
        largest = _fixed(float(np.abs(of).max()), places, request)
        return [f"{name} = {size} values, the largest {largest}; -f json writes them all"]
    if len(of) == 1:
        return [f"{name} = [{_row(of[0], places, request)}]"]
    return [f"{name}[{i}] = {_row(row, places, request)}" for i, row in enumerate(of)]


def _fixed(value: float, places: int, request: Request) -> str:
    return BLANK if request.hidden else fixed(value, places)


def _row(row: Array, places: int, request: Request) -> str:
    texts = [_fixed(value, places, request) for value in row.tolist()]
    if len(texts) > _MOST_COLUMNS:
        texts = [*texts[: _MOST_COLUMNS // 2], "...", *texts[-_MOST_COLUMNS // 2 :]]
    return f"[{', '.join(texts)}]"


def descent_lines(found: Descended, request: Request) -> list[str]:
    """Return what a step of descent does, and what becomes of the loss."""
    rate = short(found.descent.rate or 0.0, request.decimals)
    lines = [f"learning rate {rate}: new = old − {rate} × gradient"]
    if found.loss_after is not None and found.gradients.loss is not None:
        before, after = (shown_value(v, request) for v in (found.gradients.loss, found.loss_after))
        lines.append(f"L was {before} and is {after} with the new weights")
    return lines


def _descent(found: Descended, request: Request) -> Page:
    """Return the table of a step of descent: weight, gradient, old, new; and the loss after it."""
    heading = descent_lines(found, request)
    rows: list[tuple[str, ...]] = []
    for key, gradient in found.gradients.by_key.items():
        places = _places(float(np.abs(gradient).max()), request)
        for at in np.ndindex(gradient.shape):
            where = f"[{','.join(map(str, at))}]" if gradient.size > 1 else ""
            values = (gradient[at], found.old[key][at], found.updated[key][at])
            old = short(float(values[1]), request.decimals)
            new = _fixed(float(values[2]), request.decimals, request)
            texts = _fixed(float(values[0]), places, request), old, new
            rows.append((f"{symbol(key)}{where}", *texts))
    if len(rows) > _MOST_ROWS and not request.whole:
        more = "-f json writes the new weights"
        return Page(worked=[WorkedStep(heading[0], [*heading[1:], more])])
    names, *numbers = zip(*rows, strict=True)
    titles = ("gradient", "old", "new")
    columns = [Column("weight", "weight", [Entry([name]) for name in names])]
    columns += [plain_column(*pair) for pair in zip(titles, numbers, strict=True)]
    return Page(heading, columns)


def _flow_pages(
    problem: Problem, found: Descended, request: Request, steps: range
) -> Iterator[Page]:
    """Yield how much of the gradient is left at each step, one table per state, and a plot."""
    ways = [way_back(found, name) for name in found.backward.network.states]
    page, heading = about_network(problem, request), [loss_line(found, request)]
    for way in ways:
        heading, columns = [*heading, flow_heading(way)], flow_columns(way, request, steps)
        yield replace(page, heading=heading, columns=columns)
        page, heading = Page(), []
    yield Page(plot=_flow_plot(ways, steps, plain=request.plain))


def flow_heading(way: Way) -> str:
    """Return what a gradient is multiplied by at each step."""
    size = "" if way.size == 1 else "  (of matrices the largest singular value)"
    return f"{_factor(way)} = diag({way.slope}) {symbol(way.key)}{size}"


def _factor(way: Way) -> str:
    return f"d{way.name}_t/d{way.name}_{{{'t-1' if way.lag < 0 else 't+1'}}}"


def flow_columns(way: Way, request: Request, steps: range) -> list[Column]:
    """Return the sizes of the factors, of their products and of the gradient."""
    of, end = way.name, "T" if way.lag < 0 else "1"
    bar = "" if way.size == 1 else "‖"
    titled = {
        f"{bar}{_factor(way)}{bar}": way.factors,
        f"{bar}d{of}_{end}/d{of}_t{bar}": way.to_end,
        f"|dL/d{of}_t|": way.norms,
    }
    shown = [*reversed(steps)] if way.lag < 0 else [*steps]
    if len(shown) > MOST and not request.whole:
        shown = [*shown[:ENDS], *shown[-ENDS:]]
    columns = [plain_column("t", [str(t + 1) for t in shown])]
    for title, values in titled.items():
        some = values[shown]
        places = _places(float(np.abs(some).max()), request)
        columns.append(plain_column(title, [fixed(value, places) for value in some.tolist()]))
    left = [f"{fixed(100 * v, 1)} %" if isfinite(v) else "" for v in way.left[shown].tolist()]
    return [*columns, plain_column(f"of |dL/d{of}_{end}|", left)]


def _flow_plot(ways: Sequence[Way], steps: range, *, plain: bool) -> list[str]:
    """Return one line of bars per state: the size of dL/dh_t, the first step on the left."""
    lines = [f"|dL/dh_t| from t = {steps[0] + 1} to {steps[-1] + 1}, relative to the largest"]
    width = max(len(way.name) for way in ways)
    for way in ways:
        of = way.norms[steps.start : steps.stop].tolist()
        lines.append(f"{way.name.ljust(width)} {bars(of, max(of), plain=plain)}")
    return lines
