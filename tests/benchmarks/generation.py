"""How fast symbols are generated, against the loop that a user of PyTorch writes.

python tests/benchmarks/generation.py [symbols]; needs torch.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import ModuleType

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402

from rnncalc.arrays import Array  # noqa: E402
from rnncalc.network.cells import Cell, Readout  # noqa: E402
from rnncalc.network.forward import run  # noqa: E402
from rnncalc.network.generate import Generation, appended_symbols, continued  # noqa: E402
from rnncalc.network.model import Network  # noqa: E402
from rnncalc.network.symbols import Inputs, Vocabulary  # noqa: E402

SYMBOLS = 64


def ours(arrays: dict[str, Array], steps: int, temperature: float | None) -> list[int]:
    cell = Cell(arrays["wxh"], arrays["whh"], arrays["bh"])
    net = Network(cell, Readout(arrays["why"], arrays["by"]))
    inputs, found = Inputs(Vocabulary(tuple(map(str, range(SYMBOLS))))), list[int]()
    appended = appended_symbols(
        net.equations, Generation(steps, inputs, range(SYMBOLS), temperature, 0), found.extend
    )
    for _ in continued(partial(run, net, net.start()), [inputs.of([0])], appended):
        pass
    return found


def theirs(
    torch: ModuleType, arrays: dict[str, Array], steps: int, temperature: float | None
) -> list[int]:
    hidden = len(arrays["whh"])
    rnn = torch.nn.RNN(SYMBOLS, hidden, batch_first=True, dtype=torch.float64)
    head = torch.nn.Linear(hidden, SYMBOLS, dtype=torch.float64)
    given = {"weight_ih_l0": "wxh", "weight_hh_l0": "whh", "bias_ih_l0": "bh"}
    state = {key: torch.tensor(arrays[name]) for key, name in given.items()}
    rnn.load_state_dict(state | {"bias_hh_l0": torch.zeros(hidden, dtype=torch.float64)})
    head.load_state_dict(
        {"weight": torch.tensor(arrays["why"]), "bias": torch.tensor(arrays["by"])}
    )
    chosen, h, found = 0, None, list[int]()
    with torch.no_grad():
        for _ in range(steps):
            x = torch.nn.functional.one_hot(torch.tensor([[chosen]]), SYMBOLS).double()
            out, h = rnn(x, h)
            logits = head(out[0, -1])
            if temperature is None:
                chosen = int(logits.argmax())
            else:
                chosen = int(torch.multinomial(torch.softmax(logits / temperature, 0), 1))
            found.append(chosen)
    return found


def seconds(function: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        function()
        best = min(best, time.process_time() - begin)
    return best


def main() -> None:
    steps = int(sys.argv[1]) if sys.argv[1:] else 10_000
    torch = import_module("torch")
    torch.set_num_threads(1)
    for hidden in (16, 128, 512):
        r = np.random.default_rng(hidden)
        shapes = {"wxh": (hidden, SYMBOLS), "whh": (hidden, hidden), "bh": (hidden,)}
        shapes |= {"why": (SYMBOLS, hidden), "by": (SYMBOLS,)}
        arrays = {name: r.normal(size=shape) / hidden**0.5 for name, shape in shapes.items()}
        same = ours(arrays, steps, None) == theirs(torch, arrays, steps, None)
        for temperature in (None, 0.7):
            a = seconds(partial(ours, arrays, steps, temperature))
            b = seconds(partial(theirs, torch, arrays, steps, temperature))
            rule = "greedy" if temperature is None else f"T = {temperature}"
            sys.stdout.write(
                f"{hidden:4} units, {rule}: {a / steps * 1e6:6.1f} us per symbol, "
                f"PyTorch {b / steps * 1e6:6.1f}, {b / a:.1f} times as fast; same: {same}\n"
            )


if __name__ == "__main__":
    main()
