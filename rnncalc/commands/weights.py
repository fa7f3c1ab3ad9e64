"""`rnncalc weights`: a file of weights -> what is in it."""

from rnncalc.reading.weights.choosing import Asked
from rnncalc.reading.weights.opened import list_weights
from rnncalc.writing.weights import listing_text


def texts(path: str, asked: Asked, width: int | None) -> list[str]:
    """Return the text of the answer.

    Raises:
        InputError: the file cannot be read or is damaged, or nothing in it can be calculated.
    """
    return [listing_text(list_weights(path, asked), width)]
