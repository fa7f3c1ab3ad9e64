"""`rnncalc run --generate`: the steps that are appended to those that are given."""

from collections import deque
from collections.abc import Iterable, Iterator

from rnncalc.arrays import Array
from rnncalc.errors import InputError, quote
from rnncalc.network.generate import (
    Generation,
    Runs,
    appended_singly,
    appended_symbols,
    appended_values,
    continued,
)
from rnncalc.network.notes import Ending, with_probabilities
from rnncalc.network.problem import Problem
from rnncalc.network.symbols import Inputs, Vocabulary
from rnncalc.network.trace import Trace
from rnncalc.writing.request import Request


def refuse_ungenerated(problem: Problem, request: Request) -> None:
    """Refuse to generate where the network cannot, or what is asked for without --generate.

    Raises:
        InputError: it says which.
    """
    if not request.generated:
        if request.text_only:
            raise InputError("--only text: there is no text without --generate")
        return
    network = problem.network
    if not network.streams:
        raise InputError(
            "--generate: a backward direction reads the sequence from its end, which is not known"
        )
    if network.readout is None:
        rows = len(problem.inputs) if problem.inputs else network.input_size
        raise InputError(
            "--generate: chooses by the output, but without why there is none; "
            f"add --why, {rows} x {network.hidden_size}"
        )
    if network.final:
        raise InputError("--generate: needs an output at every step, but readout is final")
    if problem.inputs is None:
        _refuse_values(problem, request)
    else:
        _rows_of_outputs(problem, problem.inputs)


def _refuse_values(problem: Problem, request: Request) -> None:
    D, K = problem.network.input_size, problem.network.output_size
    if K != D:
        raise InputError(
            f"--generate: y becomes the next x, but x has {D} components and y has {K}"
        )
    if request.temperature is not None:
        raise InputError("--temperature: is for symbols, but x is numbers; give a vocabulary")
    if request.text_only:
        raise InputError("--only text: x is numbers; type --only y")


def _rows_of_outputs(problem: Problem, inputs: Inputs) -> list[int]:
    """Return the position of the input that each output stands for."""
    network, labels = problem.network, problem.labels
    if problem.x is not None and problem.spelt is None:
        raise InputError("--generate: continues symbols, but x is rows of numbers")
    if inputs.vocabulary is None:
        if len(inputs) != network.output_size:
            raise InputError(
                f"--generate: an output for each id is needed, but embedding has "
                f"{len(inputs)} rows and why has {network.output_size}"
            )
        return [*range(network.output_size)]
    return _positions(labels, inputs.vocabulary, network.output_size)


def _positions(labels: Vocabulary | None, vocabulary: Vocabulary, outputs: int) -> list[int]:
    if labels is None:
        raise InputError(
            f"--generate: an output for each symbol is needed, but vocabulary has "
            f"{len(vocabulary)} and why has {outputs} rows"
        )
    for label in labels.symbols:
        if label not in vocabulary.positions:
            raise InputError(
                f"--generate: the output {quote(label, 20)} is not in the vocabulary, "
                "so it cannot be the next input"
            )
    return [vocabulary.positions[label] for label in labels.symbols]


def continuing(
    problem: Problem,
    request: Request,
    runs: Runs,
    blocks: Iterable[Array],
    spelt: deque[int],
    end: Ending,
) -> Iterator[Trace]:
    """Return the traces of the given steps, and of those that are appended.

    Args:
        problem: what is continued.
        request: how.
        runs: calculates blocks.
        blocks: (n, D) each, the given steps.
        spelt: gets the positions of the symbols that are appended.
        end: gets those of the outputs that were chosen.
    """
    if problem.inputs is None:
        return continued(runs, blocks, appended_values(request.generated))
    positions = _rows_of_outputs(problem, problem.inputs)
    how = request.temperature, request.seed, problem.stop
    given = Generation(request.generated, problem.inputs, positions, *how)
    text = end.text = []

    def record(chosen: list[int]) -> None:
        text.extend(chosen)
        spelt.extend(positions[k] for k in chosen)

    if request.by_hand or request.float32:  # o is not that of the loop
        appended = appended_singly(given, record)
    else:
        appended = appended_symbols(problem.network.equations, given, record)
    traces = continued(runs, blocks, appended)
    if request.temperature is None:
        return traces
    return with_probabilities(traces, request.temperature)
