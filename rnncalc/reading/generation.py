"""`--generate N`, `--temperature T` and `--seed S` -> how a sequence is continued."""

from typing import NamedTuple

from rnncalc.errors import InputError, quote
from rnncalc.network.generate import Generation
from rnncalc.network.problem import Problem
from rnncalc.network.symbols import Inputs, Vocabulary
from rnncalc.reading.flags import Typed, temperature, whole_number

_MOST = 1_000_000


class Appended(NamedTuple):
    """What is typed about the steps that are appended.

    Attributes:
        generated: N, how many they are at most; 0 for none.
        temperature: o is divided by it and a symbol drawn, or None for the largest o.
        seed: of the draws.
    """

    generated: int = 0
    temperature: float | None = None
    seed: int = 0


def appended(typed: Typed) -> Appended:
    """Return what is typed about the steps that are appended.

    Raises:
        InputError: a value is not one, or belongs to another flag that is not given.
    """
    if "generate" not in typed:
        for key in ("temperature", "seed"):
            if key in typed:
                raise InputError(f"--{key}: is for --generate, which is not given")
        return Appended()
    steps = whole_number(typed, "generate", 1) or 0
    if steps > _MOST:
        raise InputError(f"--generate: at most {_MOST:,} steps are appended")
    if "seed" in typed and "temperature" not in typed:
        raise InputError(
            "--seed: is for --temperature; type --temperature 1 too, or the largest o is chosen"
        )
    return Appended(steps, temperature(typed), whole_number(typed, "seed", 0) or 0)


def generation_of(problem: Problem, given: Appended, *, text_only: bool) -> Generation | None:
    """Return how symbols are continued; None where nothing is appended, or y is the next x.

    Args:
        problem: what is continued.
        given: what is typed about it.
        text_only: whether the symbols alone are shown.

    Raises:
        InputError: the network cannot, or there is no text.
    """
    if not given.generated:
        if text_only:
            raise InputError("--only text: there is no text without --generate")
        return None
    _refuse_network(problem)
    if problem.inputs is None:
        _refuse_values(problem, given, text_only=text_only)
        return None
    positions = _rows_of_outputs(problem, problem.inputs)
    how = given.temperature, given.seed, problem.stop
    return Generation(given.generated, problem.inputs, positions, *how)


def _refuse_network(problem: Problem) -> None:
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


def _refuse_values(problem: Problem, given: Appended, *, text_only: bool) -> None:
    D, K = problem.network.input_size, problem.network.output_size
    if K != D:
        raise InputError(
            f"--generate: y becomes the next x, but x has {D} components and y has {K}"
        )
    if given.temperature is not None:
        raise InputError("--temperature: is for symbols, but x is numbers; give a vocabulary")
    if text_only:
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
