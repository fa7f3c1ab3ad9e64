"""Symbols: the names of one-hot inputs, or of the rows of an embedding, and of the outputs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnncalc.arrays import Array
from rnncalc.errors import printable, quote


@dataclass(frozen=True)
class Vocabulary:
    """Symbols in an order that counts: each is its position in one-hot inputs and outputs.

    Attributes:
        symbols: all different, and none of them empty.
    """

    symbols: tuple[str, ...]

    def __len__(self) -> int:
        """Return V, the number of symbols."""
        return len(self.symbols)

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each symbol, from 0."""
        return {symbol: at for at, symbol in enumerate(self.symbols)}

    @cached_property
    def of_characters(self) -> bool:
        """Whether every symbol is one character, so that a text needs no separators."""
        return all(len(symbol) == 1 for symbol in self.symbols)

    def text(self, positions: Iterable[int]) -> str:
        """Return symbols as a text, joined by blanks where symbols are words."""
        return ("" if self.of_characters else " ").join(self.symbols[at] for at in positions)


def shown_symbol(symbol: str) -> str:
    """Return a symbol as it is shown to people: one that cannot be seen is in quotes."""
    shown = printable if symbol.strip() == symbol else quote
    return shown(symbol, 30)


def one_hot(positions: Sequence[int], size: int) -> Array:
    """Return rows (T, size) of zeros, with a one at each position."""
    rows = np.zeros((len(positions), size))
    rows[np.arange(len(positions)), [*positions]] = 1.0
    return rows


@dataclass(frozen=True, eq=False)
class Inputs:
    """What stands for each symbol, or each id, in x.

    Attributes:
        vocabulary: the symbols; None where inputs are ids.
        embedding: (V, D), one row per symbol; None where inputs are one-hot.
    """

    vocabulary: Vocabulary | None
    embedding: Array | None = None

    @property
    def is_one_hot(self) -> bool:
        """Whether an input selects a column of the first weight."""
        return self.embedding is None

    def __len__(self) -> int:
        """Return V, the number of symbols or ids."""
        return len(self.vocabulary or ()) if self.embedding is None else len(self.embedding)

    def of(self, positions: Sequence[int]) -> Array:
        """Return the inputs (T, D) for positions (T,)."""
        if self.embedding is not None:
            return self.embedding[[*positions]]
        return one_hot(positions, len(self))

    def through(self, weight: Array, positions: Sequence[int]) -> Array:
        """Return W x for each position, (T, n), of a weight (n, D)."""
        if self.embedding is not None:
            return self.of(positions) @ weight.T
        return weight.T[[*positions]]

    def name(self, position: int) -> str:
        """Return the symbol at a position, or the id as a text."""
        return self.vocabulary.symbols[position] if self.vocabulary else str(position)
