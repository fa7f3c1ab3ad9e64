"""For Python and notebooks: a problem that is run, differentiated and checked, shown as pages.

    problem = rnncalc.load("model.toml")
    result = problem.run([1, 2, 3])
    result.h                        # (T, H)
    print(result.work())
    problem.grad([0.5, None, 1]).gradients["whh"]
    problem.check({"h": ["0.537", "0.850", "0.952"]})

At the end of a notebook's cell each of them shows itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np

from rnncalc.arrays import Array
from rnncalc.commands import check as checking
from rnncalc.commands import grad as differentiating
from rnncalc.commands import run as running
from rnncalc.errors import InputError
from rnncalc.network import problem as given
from rnncalc.network.equations import Rows
from rnncalc.network.gradients import Descended
from rnncalc.network.notes import Ending
from rnncalc.network.trace import Trace
from rnncalc.reading.in_python import in_python
from rnncalc.reading.loading import settings_of, with_expected, with_objective, with_x
from rnncalc.reading.problem import problem_of
from rnncalc.reading.settings import DIFFERENTIATED, EXPECT, Setting
from rnncalc.writing.fragment import fragment_html, text_html
from rnncalc.writing.request import MOST_DECIMALS, Request


@in_python
def load(path: str | PathLike[str], **settings: str) -> "Problem":
    """Return the problem in a TOML file, or the network in a file of weights, without inputs.

    Args:
        path: of the file.
        settings: names as they would be typed, `activation="relu"`, `rnn="encoder"`, `head="none"`.

    Raises:
        InputError: the file cannot be read, or does not describe a problem; or a setting is
            unknown.
    """
    found = settings_of(path, **settings)
    problem = problem_of(found, with_x=False)
    return Problem(**vars(problem), settings=found)


@dataclass(frozen=True, eq=False, repr=False)
class Problem(given.Problem):
    """A network, its start, and its inputs.

    Attributes:
        settings: what the file says, with the values that it lists under `[expect]`.
    """

    settings: Mapping[str, Setting] = field(default_factory=dict)

    @in_python
    def run(
        self, x: Any = None, h0: Any = None, *, by_hand: bool = False, decimals: int = 3
    ) -> "Result":
        """Return what the network calculates.

        Args:
            x: the inputs, T steps of D numbers, or a flat list where D is 1; or symbols. Those of
                the file, unless given.
            h0: the initial state, (H,), or one row per state of a stack; that of the file.
            by_hand: whether each value is rounded as it is written down.
            decimals: to which, and of what is shown.

        Raises:
            InputError: the inputs do not fit, or the state overflows.
        """
        problem = self._with(x, h0)
        options = Request(by_hand=by_hand, decimals=_places(decimals), enough=not by_hand)
        return Result(problem, running.requested(problem, self.settings, options, {}))

    @in_python
    def grad(
        self,
        target: Any = None,
        x: Any = None,
        *,
        loss: str | None = None,
        reduction: str | None = None,
        learning_rate: float | None = None,
        decimals: int = 3,
    ) -> "Gradient":
        """Return the gradient of a loss, by backpropagation through time.

        Args:
            target: what y should be at each step, and None where there is no target; those of the
                file, unless given.
            x: the inputs, as for `run`.
            loss: its name; that of the file, or the usual one for the output activation.
            reduction: `sum` or `mean` over the steps that have a target; that of the file, or sum.
            learning_rate: of a step of gradient descent; that of the file, or none for no step.
            decimals: of what is shown.

        Raises:
            InputError: the targets do not fit, or a value overflows.
        """
        given = {"target": target, "loss": loss, "reduction": reduction}
        given |= {"learning_rate": learning_rate}
        problem, settings = with_objective(self._with(x, None), self.settings, given)
        if not settings.keys() & DIFFERENTIATED:
            raise InputError("there are no targets; give them: grad([0.5, None, 1])")
        options = Request(decimals=_places(decimals), enough=True)
        return Gradient(
            problem, differentiating.requested(problem, settings, options, {}), settings
        )

    @in_python
    def check(
        self,
        values: Mapping[str, Any] | None = None,
        *,
        by_hand: bool = False,
        atol: float | None = None,
        rtol: float | None = None,
    ) -> "Checked":
        """Return which values are right, and what went wrong in the others.

        Args:
            values: by the names of their quantities: lists of numbers, or texts, which say how
                many decimals were printed; None or "?" where there is none. Those of the file,
                unless given.
            by_hand: whether each value was rounded as it was written down.
            atol: absolute tolerance, instead of rounding.
            rtol: relative tolerance, instead of rounding.

        Raises:
            InputError: there are no values, or they do not fit.
        """
        problem = self._with(None, None)
        if values is None and EXPECT not in self.settings:
            raise InputError('there are no values; give them: check({"h": ["0.537", "0.851"]})')
        settings = self.settings if values is None else with_expected(self.settings, values)
        typed = dict[str, str]()
        for name, limit in (("atol", atol), ("rtol", rtol)):
            if limit is not None and not (isinstance(limit, int | float) and 0 <= limit < np.inf):
                raise InputError(f"{name}: {limit} is not a tolerance, which is at least 0")
            typed |= {} if limit is None else {name: repr(float(limit))}
        request = checking.requested(problem, settings, Request(by_hand=by_hand), typed)
        answer = checking.answer(problem, request)
        return Checked("".join(answer.texts), answer.all_right, answer.notes)

    def _with(self, x: Any, h0: Any) -> given.Problem:
        """Return the problem with other inputs or another start."""
        problem: given.Problem = self if x is None else with_x(self, x)
        if problem.x is None:
            raise InputError("x: there are no inputs; give them: run([1, 2, 3])")
        return problem if h0 is None else replace(problem, start=self.network.start(h0))

    @property
    def h0(self) -> Array | Rows:
        """(H,), the initial state; of a stack by the names of its states."""
        return self.start if self.network.is_stack else self.start["h"]

    def __repr__(self) -> str:
        """Return the formulas, and the sizes."""
        from rnncalc.writing.formulas import formulas
        from rnncalc.writing.side_by_side import about_lines

        return "\n".join([*formulas(self.network), *about_lines(self, Request())])

    def _repr_html_(self) -> str:
        from rnncalc.writing.page import about_page

        return fragment_html([about_page(self, Request())])


class Shown:
    """What is shown as a page, in every format."""

    def table(self) -> str:
        """Return the table, as a terminal shows it."""
        return self._text("table")

    def work(self) -> str:
        """Return the working of every value."""
        return self._text("table", work=True)

    def to_html(self) -> str:
        """Return a web page that needs nothing else."""
        return self._text("html")

    def to_latex(self, *, work: bool = False, standalone: bool = False) -> str:
        """Return a fragment for a paper, or a document."""
        return self._text("latex", work=work, standalone=standalone)

    def to_markdown(self, *, work: bool = False) -> str:
        """Return Markdown with mathematics."""
        return self._text("markdown", work=work)

    def _text(self, name: str, **look: Any) -> str:
        raise NotImplementedError

    @property
    def arrays(self) -> Rows:
        """(T, n) for each quantity."""
        raise NotImplementedError

    def __getitem__(self, name: str) -> Array:
        """Return the array of a quantity."""
        return self.arrays[name]

    def __getattr__(self, name: str) -> Array:
        """Return the array of a quantity: `result.h`, or `gradient.dh`."""
        arrays: Rows = {} if name.startswith("__") or name == "arrays" else self.arrays
        if name not in arrays:
            raise AttributeError(f"there is no {name}; there are {', '.join(arrays)}")
        return arrays[name]

    def __repr__(self) -> str:
        return self.table().rstrip("\n")


@dataclass(frozen=True, eq=False, repr=False)
class Result(Shown):
    """What a network calculates: `result.h`, or `result["h"]`, is the (T, H) array of its states.

    Attributes:
        problem: what was run.
        request: how.
    """

    problem: given.Problem
    request: running.RunRequest

    @cached_property
    @in_python
    def arrays(self) -> Rows:
        """(T, n) for x and for each quantity; of a readout that answers once, (K,)."""
        end = Ending()
        traces = running.traces_of(self.problem, self.request, end)
        return {**_joined(list(traces)), **{n: of for n, of in end.answer.items() if n != "h"}}

    @in_python
    def _text(self, name: str, **look: Any) -> str:
        options = replace(self.request.options, format=name, **look)
        return "".join(running.answer(self.problem, self.request._replace(options=options)).texts)

    def _repr_html_(self) -> str:
        return fragment_html(running.pages_of(self.problem, self.request))


@dataclass(frozen=True, eq=False, repr=False)
class Gradient(Shown):
    """The gradient of a loss: `gradient.dh` is the (T, H) array of dL/dh_t.

    Attributes:
        problem: what was run.
        request: what is differentiated, and how it is shown.
        settings: that say so.
    """

    problem: given.Problem
    request: differentiating.GradRequest
    settings: Mapping[str, Setting]

    @cached_property
    @in_python
    def found(self) -> Descended:
        """All that the backward pass gives."""
        return differentiating.calculated(self.problem, self.request)

    @property
    def loss(self) -> float | None:
        """The loss; None where derivatives were given."""
        return self.found.gradients.loss

    @property
    def gradients(self) -> Rows:
        """dL/dW of each weight and bias by its key, `whh`, and dL/dh_0 as `h0`."""
        starts = self.found.gradients.h0
        named = {"h0": starts["h"]} if set(starts) == {"h"} else starts
        return {**self.found.gradients.by_key, **named}

    @property
    def updated(self) -> Rows:
        """Each weight and bias after the step of descent, if there was one."""
        return dict(self.found.updated)

    @cached_property
    def arrays(self) -> Rows:
        """(T, n) for each quantity of both passes, in time order."""
        return _joined(self.found.traces)

    @in_python
    def _text(self, name: str, **look: Any) -> str:
        options = replace(self.request.options, format=name, **look)
        # anew, since the working needs more than the table
        request = differentiating.requested(self.problem, self.settings, options, {})
        return "".join(differentiating.answer(self.problem, request).texts)

    def _repr_html_(self) -> str:
        return fragment_html(
            differentiating.pages_of(self.problem, self.found, self.request.options)
        )


@dataclass(frozen=True, repr=False)
class Checked:
    """Which values are right.

    Attributes:
        text: what a person reads.
        all_right: whether no value is wrong.
        notes: on what was not checked.
    """

    text: str
    all_right: bool
    notes: Sequence[str]

    def table(self) -> str:
        """Return what is wrong, and why, as a terminal shows it."""
        return self.text

    def __bool__(self) -> bool:
        """Return whether no value is wrong."""
        return self.all_right

    def __repr__(self) -> str:
        return self.text.rstrip("\n")

    def _repr_html_(self) -> str:
        return text_html(self.text)


def _places(decimals: int) -> int:
    if type(decimals) is not int or decimals not in range(MOST_DECIMALS + 1):
        wanted = f"a whole number from 0 to {MOST_DECIMALS}"
        raise InputError(f"decimals: {decimals!r} is not {wanted}")
    return decimals


def _joined(traces: Sequence[Trace]) -> Rows:
    """Return the rows of consecutive traces as one array for each quantity."""
    return {name: np.concatenate([each[name] for each in traces]) for name in traces[0].rows}
