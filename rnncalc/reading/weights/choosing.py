"""Which RNN of a file is meant, and which layer reads it out: what was chosen is always said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rnncalc.errors import InputError, counted, nearest, quote
from rnncalc.reading.weights.contents import article_of, shown

NO_HEAD = "none"
_LISTED = 8


@dataclass(frozen=True)
class Asked:
    """What flags, or keys beside `weights`, say about a file.

    Attributes:
        rnn: which RNN is meant.
        head: which layer reads it out; `none` for none.
        activation: f of every layer.
        output_activation: g of the last readout.
        replaced: the keys whose values flags give in place of the file's: `bh`.
    """

    rnn: str | None = None
    head: str | None = None
    activation: str | None = None
    output_activation: str | None = None
    replaced: frozenset[str] = frozenset()


class FlagError(InputError):
    """An error about --rnn or --head and not about the file."""


class ChoiceError(InputError):
    """The file holds several that could be meant; the message lists them and names the flag."""


@dataclass(frozen=True)
class Linear:
    """A matrix that may read out a state.

    Attributes:
        name: of the layer.
        shape: of the matrix as (outputs, inputs).
        names: of its arrays in the file, by ours: `why`, and `by` if it has a bias.
    """

    name: str
    shape: tuple[int, int]
    names: dict[str, str]


def gated(name: str, kind: str, seen: str = "") -> InputError:
    """Return the error for an LSTM or a GRU, with what it was seen by in parentheses."""
    by = f" ({seen})" if seen else ""
    return InputError(
        f"{shown(name)} is {article_of(kind)} {kind}{by}; only a vanilla RNN is calculated"
    )


def chosen_rnns(found: Mapping[str, str], wanted: str | None) -> list[str]:
    """Return the names of the RNNs that are meant: one, or a stack given as `rnn1,rnn2`.

    Args:
        found: what each RNN is, by its name: `{"encoder": "D 3, H 4"}`.
        wanted: the value of --rnn.

    Raises:
        ChoiceError: there are several, and none is named.
        FlagError: there is none of that name.
    """
    if wanted is not None:
        return [named(each.strip(), list(found), "--rnn") for each in wanted.split(",")]
    if len(found) > 1:
        raise ChoiceError(
            f"holds {counted(len(found), 'RNN')}: {listed(found)}; choose one with --rnn"
        )
    return list(found)


def listed(found: Mapping[str, str]) -> str:
    """Return `encoder (D 3, H 4), decoder (D 2, H 4)`, not too many of them."""
    texts = [f"{shown(name)} ({text})" if text else shown(name) for name, text in found.items()]
    more = f" and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return ", ".join(texts[:_LISTED]) + more


def named(wanted: str, known: Sequence[str], flag: str) -> str:
    """Return the one of the known names that is meant; a part up to or from a dot will do.

    Raises:
        FlagError: there is none, or more than one.
    """
    if wanted in known:
        return wanted
    ends = [n for n in known if n.endswith(f".{wanted}") or n.startswith(f"{wanted}.")]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise FlagError(f"{flag}: {quote(wanted)} may be {' or '.join(map(shown, ends[:_LISTED]))}")
    if not known:
        raise FlagError(f"{flag}: no {quote(wanted)}; there is none in the file")
    raise FlagError(f"{flag}: no {quote(wanted)}{nearest(wanted, [*map(shown, known)])}")


def chosen_head(
    found: Sequence[Linear], size: int, wanted: str | None, after: str
) -> tuple[Linear | None, list[str]]:
    """Return the layer that reads out the state, or None, and what to say about it.

    Args:
        found: the matrices that no RNN uses.
        size: of the state that is read out.
        wanted: the value of --head.
        after: the name of the RNN.

    Raises:
        ChoiceError: several fit, and none is named.
        FlagError: there is none of that name, or it does not fit.
    """
    if wanted == NO_HEAD:
        return None, []
    if wanted is not None:
        return _wanted_head(found, size, wanted), []
    fits = [each for each in found if each.shape[1] == size]
    if len(fits) > 1:
        names = ", ".join(shown(each.name) for each in fits[:_LISTED])
        raise ChoiceError(
            f"{len(fits)} Linear layers fit after {shown(after)}: {names}; "
            "choose one with --head, or --head none"
        )
    if fits:
        name = shown(fits[0].name)
        note = f"{name} is taken to read out h of {shown(after)}, as its shape fits"
        return fits[0], [f"{note}; --head none leaves it out"]
    steps = (f"{_misfit(each, size)}{_steps(each, size)}" for each in found[:_LISTED])
    return None, [f"{text}; h is the last thing shown" for text in steps]


def _wanted_head(found: Sequence[Linear], size: int, wanted: str) -> Linear:
    by_name = {each.name: each for each in reversed(found)}
    linear = by_name[named(wanted, [each.name for each in found], "--head")]
    if linear.shape[1] != size:
        raise FlagError(f"--head: {_misfit(linear, size)}")
    return linear


def _misfit(linear: Linear, size: int) -> str:
    outputs, inputs = linear.shape
    return f"{shown(linear.name)} is {outputs} x {inputs}, which fits no state of {size}"


def _steps(linear: Linear, size: int) -> str:
    """Return how many steps of a sequence a matrix may take that takes them all at once."""
    inputs = linear.shape[1]
    return f" ({inputs} = {inputs // size} steps of {size})" if not inputs % size else ""
