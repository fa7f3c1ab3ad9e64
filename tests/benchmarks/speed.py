"""How long rnncalc takes, as ratios to other ways to the same values.

    python tests/benchmarks/speed.py

Every ratio is the median of pairs timed one after the other in this process, with one thread each,
so that neither the machine nor what else it is doing counts. Of a short time the best of three in a
row is taken: the first pays for what the other left in the caches. Rows with PyTorch need it.
"""

import io
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from types import ModuleType

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # reads the number of threads when it is imported

from rnncalc import Cell, Network, Readout, Trace, run
from rnncalc.arrays import Array
from rnncalc.network.activations import SOFTMAX
from rnncalc.network.backward import Backward
from rnncalc.network.equations import parameters
from rnncalc.network.gradients import gradients_of, traces_of
from rnncalc.network.losses import LOSSES
from rnncalc.network.objective import with_targets
from rnncalc.network.problem import Problem
from rnncalc.reading.steps import steps_from
from rnncalc.writing.programs import csv_text, jsonl_text
from rnncalc.writing.request import Request

SIZES = ((1, 1, 1), (16, 32, 8), (64, 128, 32), (128, 512, 64))
GRADIENT_SIZES = ((1, 1, 1), (16, 32, 8), (64, 128, 32))
STEPS, ROWS = 1000, 1_000_000
Work = Callable[[], object]


def main() -> None:
    """Print two tables, as Markdown."""
    torch = imported_torch()
    say("| a, h, o and y of every step | to PyTorch | to a plain NumPy loop |\n|---|---|---|\n")
    for sizes in SIZES:
        network, h, x = random_run(*sizes)
        ours, loop = partial(stepped, network, h, x), partial(plain_loop, network, h, x)
        to_torch = f"{ratio(ours, in_torch(torch, network, x), 25, 3):.2f}" if torch else "–"
        to_loop = f"{ratio(ours, loop, 25, 3):.2f}"
        say("| D {}, H {}, K {} ".format(*sizes) + f"| {to_torch} | {to_loop} |\n")
    say("\n| forward and backward, all values kept | to PyTorch |\n|---|---|\n")
    for sizes in GRADIENT_SIZES:
        if torch is None:
            break
        network, h, x = random_run(*sizes)
        theirs = gradients_in_torch(torch, network, x)
        say("| D {}, H {}, K {} ".format(*sizes))
        say(f"| {ratio(partial(differentiated, network, h, x), theirs, 15, 3):.2f} |\n")
    say(f"\n| {ROWS:,} rows | to the floor of the standard library |\n|---|---|\n")
    for name, work, floor in (*readers(), *writers()):
        say(f"| {name} | {ratio(work, floor, 5):.2f} |\n")
    say(f"\n| `check` of {STEPS:,} right steps of 32 units | to `run` |\n|---|---|\n")
    with TemporaryDirectory() as folder:
        for name, check, run_ in checks(Path(folder)):
            say(f"| {name} | {ratio(check, run_, 15):.2f} |\n")


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def ratio(ours: Work, other: Work, rounds: int, best_of: int = 1) -> float:
    """Return the median of the ratios of `rounds` pairs of times."""
    return median(seconds(ours, best_of) / seconds(other, best_of) for _ in range(rounds))


def seconds(work: Work, best_of: int) -> float:
    return min(_seconds(work) for _ in range(best_of))


def _seconds(work: Work) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def random_run(D: int, H: int, K: int) -> tuple[Network, Array, Array]:
    rng = np.random.default_rng(0)
    cell = Cell(rng.normal(size=(H, D)) / D, rng.normal(size=(H, H)) / H, rng.normal(size=H))
    readout = Readout(rng.normal(size=(K, H)) / H, rng.normal(size=K), SOFTMAX)
    return Network(cell, readout), np.zeros(H), rng.normal(size=(STEPS, D))


def stepped(network: Network, h: Array, x: Array) -> None:
    exhaust(run(network, h, [x]))


def plain_loop(network: Network, h: Array, x: Array) -> list[tuple[Array, Array, Array, Array]]:
    """The loop that tutorials write: the equations, with the softmax that does not overflow."""
    (cell,), readout = network.cells, network.readout
    assert readout is not None
    assert cell.b_h is not None
    assert readout.b_y is not None
    steps = []
    for x_t in x:
        a = cell.W_xh @ x_t + cell.W_hh @ h + cell.b_h
        h = np.tanh(a)
        o = readout.W_hy @ h + readout.b_y
        steps.append((a, h, o, softmax(o)))
    return steps


def softmax(o: Array) -> Array:
    e: Array = np.exp(o - np.max(o))
    return e / np.sum(e)


def imported_torch() -> ModuleType | None:
    try:
        torch = import_module("torch")
    except ImportError:
        return None
    torch.set_num_threads(1)
    return torch


def in_torch(torch: ModuleType, network: Network, x: Array) -> Work:
    """Return torch.nn.RNN and its output layer over `x`; it does not give a."""
    D, H, K = network.input_size, network.hidden_size, network.output_size
    rnn, layer = torch.nn.RNN(D, H).double(), torch.nn.Linear(H, K).double()
    given = torch.from_numpy(x)

    def work() -> object:
        with torch.no_grad():
            o = layer(rnn(given)[0])
            return o, torch.softmax(o, -1)

    return work


def differentiated(network: Network, h: Array, x: Array) -> object:
    """Return the gradients of a cross-entropy whose targets are all class 0."""
    target = np.eye(network.output_size)[np.zeros(len(x), dtype=int)]
    backward = Backward(network, with_targets(target, LOSSES["cross_entropy"]))
    return gradients_of(backward, traces_of(backward, network.start(h), x))


def gradients_in_torch(torch: ModuleType, network: Network, x: Array) -> Work:
    """Return the forward pass and `backward()` of the same."""
    D, H, K = network.input_size, network.hidden_size, network.output_size
    rnn, layer = torch.nn.RNN(D, H).double(), torch.nn.Linear(H, K).double()
    given, target = torch.from_numpy(x), torch.zeros(len(x), dtype=torch.long)

    def work() -> object:
        loss = torch.nn.functional.cross_entropy(layer(rnn(given)[0]), target, reduction="sum")
        loss.backward()
        return loss

    return work


def exhaust(pieces: Iterable[object]) -> None:
    deque(pieces, maxlen=0)


def readers() -> Iterator[tuple[str, Work, Work]]:
    """Yield reading rows of one number and of four, and `float()` of each piece of split text."""
    for D in (1, 4):
        rows = np.random.default_rng(1).normal(size=(ROWS, D)).tolist()
        text = "".join(" ".join(map(repr, row)) + "\n" for row in rows)
        lines = text.splitlines(keepends=True)
        parts = ["".join(lines[i : i + 1000]) for i in range(0, ROWS, 1000)]
        yield f"reading rows of {D}", partial(read, text.encode(), D), partial(floats, parts)


def read(data: bytes, input_size: int) -> None:
    exhaust(steps_from(io.BytesIO(data), input_size, "here"))


def floats(parts: list[str]) -> None:
    exhaust(list(map(float, part.split())) for part in parts)


def writers() -> Iterator[tuple[str, Work, Work]]:
    """Yield writing rows of t and five values, and the `repr` of each value joined."""
    one = np.array([[0.5]])
    network = Network(Cell(one, one, one[0]), Readout(one, one[0]))
    x = np.random.default_rng(2).normal(size=(ROWS, 1))
    traces = list(run(network, one[0], [x]))

    def floor() -> None:
        exhaust(" ".join(map(repr, values(trace))) for trace in traces)

    problem, request = Problem(network, network.start(one[0]), x), Request()
    yield "writing JSON Lines", lambda: exhaust(jsonl_text(problem, request, traces)), floor
    yield "writing CSV", lambda: exhaust(csv_text(problem, request, traces)), floor


def checks(folder: Path) -> Iterator[tuple[str, Work, Work]]:
    """Yield `check` of what `run` wrote, and that `run`, each as a command."""
    network, _, x = random_run(8, 32, 4)
    model = [f"{key} = {of.tolist()}\n" for key, of in parameters(network.equations).items()]
    (folder / "model.toml").write_text("".join(model))
    np.savetxt(folder / "x.txt", x)
    given = ["-c", str(folder / "model.toml"), "--x", f"@{folder / 'x.txt'}"]
    for form in ("csv", "json"):
        file = folder / f"run.{form}"
        run_ = partial(command, "run", *given, "-f", form)
        file.write_bytes(run_())
        for answer in ("table", "json"):
            check = partial(command, "check", *given, "--expect", str(file), "-f", answer)
            yield f"{form.upper()}, answered as {answer.replace('json', 'JSON')}", check, run_


def command(*arguments: str) -> bytes:
    """Return what a command writes, as a process of its own, where its start counts too."""
    words = [sys.executable, "-m", "rnncalc", *arguments]
    return subprocess.run(words, capture_output=True, check=True).stdout


def values(trace: Trace) -> Iterator[float]:
    return chain.from_iterable(rows.ravel().tolist() for rows in trace.rows.values())


if __name__ == "__main__":
    main()
