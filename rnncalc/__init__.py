"""A calculator for recurrent neural networks that shows its working.

>>> from rnncalc import Cell, Network, Readout, forward
>>> network = Network(Cell(W_xh=[[0.5]], W_hh=[[0.3]], b_h=[0.1]), Readout(W_hy=[[0.4]]))
>>> forward(network, h=[0.0], x=[[1.0], [2.0], [3.0]]).h.round(3).tolist()
[[0.537], [0.851], [0.952]]
"""

TYPE_CHECKING = False  # as in typing, which would cost --version a third of its time

__version__ = "0.2.0"
__all__ = [
    "ACTIVATIONS",
    "Cell",
    "InputError",
    "Layer",
    "Network",
    "Readout",
    "Trace",
    "forward",
    "load",
    "run",
]

if TYPE_CHECKING:
    from rnncalc.errors import InputError
    from rnncalc.interface import load
    from rnncalc.network.activations import ACTIVATIONS
    from rnncalc.network.cells import Cell, Layer, Readout
    from rnncalc.network.forward import forward, run
    from rnncalc.network.model import Network
    from rnncalc.network.trace import Trace

_HOME = {
    "ACTIVATIONS": "network.activations",
    "Cell": "network.cells",
    "InputError": "errors",
    "Layer": "network.cells",
    "Network": "network.model",
    "Readout": "network.cells",
    "Trace": "network.trace",
    "forward": "network.forward",
    "load": "interface",
    "run": "network.forward",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: the command line starts without NumPy."""
    if name not in _HOME:
        raise AttributeError(f"module 'rnncalc' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"rnncalc.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
