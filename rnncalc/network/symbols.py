"""Symbols: the names of one-hot inputs, or of the rows of an embedding, and of the outputs."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property


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
