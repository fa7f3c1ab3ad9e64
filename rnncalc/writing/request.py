"""What a person asks for, as one record that is passed on whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from rnncalc.errors import InputError

Item = TypeVar("Item")

MOST_DECIMALS = 17
"""Which tell a float from all others; more of them would be invented."""

PROGRAMS = ("json", "jsonl", "csv")
"""The formats that programs read."""

if TYPE_CHECKING:  # a start does without NumPy
    from rnncalc.arrays import Array
    from rnncalc.reading.choice import Choice
    from rnncalc.reading.texts import Stdin


@dataclass(frozen=True, eq=False)
class Request:
    """The options of a command.

    Attributes:
        format: `table`, `json`, ...
        steps: the steps to show or, for `check`, those that were printed; None for all.
        only: the quantities to show, in the order of calculation; none for the usual ones.
        components: the components to show of those of which not all are.
        generated: N, how many steps are appended at most; 0 for none.
        temperature: o is divided by it and a symbol drawn, or None for the largest o.
        seed: of the draws.
        names: of the components of a quantity, where they have names.
        one_hot: whether an input of ones and zeros selects a column of the first weight.
        work: whether the substitutions are shown.
        by_hand: whether each value is rounded when it is written down.
        float32: whether it is calculated in single precision or, for `check`, was.
        decimals: of the values in tables, and by hand.
        enough: whether a quantity has more decimals if all its values would read 0.000.
        finer: the decimals of those quantities.
        precision: the decimals that were asked for, or None.
        standalone: whether LaTeX is a document, and not a fragment.
        blank: whether it is an exercise, whose results are left empty.
        hidden: the quantities that are left empty in an exercise.
        plot: whether the states are drawn over time.
        whole: whether every row is shown that a table may leave out.
        width: columns of the terminal, or None for as wide as it comes.
        plain: whether only ASCII can be shown.
        colors: Rich's name for the available colours, such as `truecolor`, or None.
        stream: blocks of steps (n, D), for a problem without steps.
        stdin: opens standard input, or None where no file can be read from it.
    """

    format: str = "table"
    steps: "Choice | None" = None
    only: tuple[str, ...] = ()
    components: Mapping[str, Sequence[int]] = field(default_factory=dict)
    generated: int = 0
    temperature: float | None = None
    seed: int = 0
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    one_hot: bool = False
    work: bool = False
    by_hand: bool = False
    float32: bool = False
    decimals: int = 3
    enough: bool = False
    finer: Mapping[str, int] = field(default_factory=dict)
    precision: int | None = None
    standalone: bool = False
    blank: bool = False
    hidden: frozenset[str] = frozenset()
    plot: bool = False
    whole: bool = False
    width: int | None = None
    plain: bool = False
    colors: str | None = None
    stream: "Iterable[Array]" = ()
    stdin: "Stdin | None" = None

    def shows(self, name: str) -> bool:
        """Return whether a quantity is shown."""
        return not self.only or name in self.only

    def components_of(self, name: str, all_of_them: list[Item]) -> list[Item]:
        """Return the components of a quantity that are shown."""
        chosen = self.components.get(name)
        return all_of_them if chosen is None else [all_of_them[i] for i in chosen]

    def component(self, name: str, i: int) -> str:
        """Return what a component is called: `h[0]`, or `y[e]` where outputs have names."""
        return f"{name}[{self.part(name, i)}]"

    def part(self, name: str, i: int) -> str:
        """Return what that has in its brackets."""
        return self.names[name][i] if name in self.names else str(i)

    def places(self, name: str) -> int:
        """Return the decimals of a quantity."""
        return self.finer.get(name, self.decimals)


def refuse_conflicts(options: Request) -> None:
    """Refuse options that exclude each other, or that the format has no place for.

    Raises:
        InputError: it says which.
    """
    name = options.format
    if options.by_hand and options.float32:
        raise InputError("--by-hand and --float32 exclude each other")
    if options.work and name == "csv":
        raise InputError("--work is not available with csv; use jsonl")
    if options.standalone and name != "latex":
        raise InputError(f"--standalone is not available with {name}; use -f latex")
    if options.blank and name in PROGRAMS:
        raise InputError(
            f"--blank is not available with {name}; use table, markdown, latex, html, svg or toml"
        )
    if name == "toml" and not options.blank:
        raise InputError(
            "-f toml is for an exercise, with --blank; run --show-config prints a problem as TOML"
        )
