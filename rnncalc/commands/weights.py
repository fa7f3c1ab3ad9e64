"""`rnncalc weights`: a file of weights -> what is in it."""

from rnncalc.commands import Answer
from rnncalc.reading.weights.choosing import Asked
from rnncalc.reading.weights.opened import list_weights
from rnncalc.writing.weights import listing_text


def answer(path: str, asked: Asked, width: int | None) -> Answer:
    """Return what is in the file, in so many columns if there is a terminal.

    Raises:
        InputError: the file cannot be read or is damaged, or nothing in it can be calculated.
    """
    return Answer([listing_text(list_weights(path, asked), width)])
