"""One file per command, all of one shape.

    request = requested(problem, settings, options, typed)
    answer(problem, request) -> Answer

`requested` parses and validates all that was typed, before the work, into one record that is passed
on whole. A command without a problem takes the few things that were typed as they are:
`answer(name)`.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Answer(NamedTuple):
    """What a command answers.

    Attributes:
        texts: the text in parts; of a stream they come as it is read.
        notes: on what was not done, for standard error.
        all_right: whether no value is wrong.
    """

    texts: Iterable[str]
    notes: tuple[str, ...] = ()
    all_right: bool = True
