"""What a person asks for, as one record that is passed on whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

Item = TypeVar("Item")

MOST_DECIMALS = 17
"""Which tell a float from all others; more of them would be invented."""

if TYPE_CHECKING:  # a start does without NumPy
    from rnncalc.numerals.printed import Tolerance


@dataclass(frozen=True)
class Choice:
    """The steps from `first` to `last`, inclusive, counted from 1 or, if negative, from the end.

    Attributes:
        first: 1 where the text begins with a colon.
        last: -1 where the text ends with one.
        text: as it was typed.
    """

    first: int
    last: int
    text: str


@dataclass(frozen=True)
class Request:
    """The options of a command.

    Attributes:
        format: `table`, `json`, ...
        steps: the steps to show or, for `check`, those that were printed; None for all.
        only: the quantities to show, in the order of calculation; none for the usual ones.
        components: the components to show of those of which not all are.
        text_only: whether only the text that is generated is shown.
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
        expect: the file with the printed values, or None.
        quantity: what they are, if the file does not say.
        tolerance: how far a printed value may be off, instead of the rounding that it shows.
    """

    format: str = "table"
    steps: Choice | None = None
    only: tuple[str, ...] = ()
    components: Mapping[str, Sequence[int]] = field(default_factory=dict)
    text_only: bool = False
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
    expect: str | None = None
    quantity: str | None = None
    tolerance: "Tolerance | None" = None

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
