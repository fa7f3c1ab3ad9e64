"""The answer of a readout that is asked once, at the end of the sequence."""

from collections.abc import Iterable, Iterator

from rnncalc.arrays import Array
from rnncalc.network.equations import Rows, columns
from rnncalc.network.model import Network
from rnncalc.network.trace import Trace


def answering(
    network: Network,
    traces: Iterable[Trace],
    answer: Rows,
    decimals: int | None,
    *,
    single: bool,
) -> Iterator[Trace]:
    """Yield the traces of a whole run and, when it has ended, fill in the answer.

    Args:
        network: one with a final readout.
        traces: all of its run.
        answer: gets h (H,), o and y (K,), and what is calculated between them.
        decimals: to which each value is rounded when it is written down by hand, or None.
        single: whether it is calculated in single precision.
    """
    last = None
    for trace in traces:
        yield trace
        last = trace
    if last is not None:
        answer.update(_answered(network, last.rows, decimals, single=single))


def _answered(network: Network, rows: Rows, decimals: int | None, *, single: bool) -> Rows:
    """Return h, o and y of the answer, from the rows (T, n) of a run or of its last block.

    h is the state of the last step, beside that which a backward direction reaches at step 1.
    """
    known = {name: row[None] for name, row in _ends(network, rows).items()}
    equations = network.answers
    if network.is_stack:
        equations = (network.layers[-1].merged("h", tuple(known)), *equations)
    if single:
        from rnncalc.network.float32 import shortest_in_float32

        found = shortest_in_float32(equations, {}, known)
    elif decimals is None:
        found, _ = columns(equations, {}, known)
    else:
        from rnncalc.network.by_hand import written

        places = dict.fromkeys([each.name for each in equations], decimals)
        found = written(equations, {}, known, places)
    return {name: of[0] for name, of in (known | found).items() if name in ("h", *found)}


def _ends(network: Network, rows: Rows) -> dict[str, Array]:
    """Return the state that each direction of the last layer ends in, (H,): backward, at step 1."""
    if not network.is_stack:
        return {"h": rows["h"][-1]}
    number = len(network.layers) - 1
    return {
        f"h_l{number}{direction}": rows[f"h_l{number}{direction}"][min(lag, 0)]
        for direction, lag, _ in network.layers[-1].directions()
    }
