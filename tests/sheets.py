"""Sheets of printed values: the right ones by a plain loop, and what the command line says of others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from calling import rnncalc
from plain_loop import F, Matrix, Vector, affine, recur, softmax

Printed = dict[str, list[list[str]]]
"""By quantity, the texts of each step; "?" where nothing is printed."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A network and its inputs; `a`, `h`, `o` and `y` are lists of steps, of a plain loop.

    Where `W_hy` is empty, there is no output.
    """

    W_xh: Matrix
    W_hh: Matrix
    x: Matrix
    b_h: Vector
    h0: Vector
    W_hy: Matrix
    b_y: Vector
    f: str = "tanh"
    g: str = "linear"

    @cached_property
    def _steps(self) -> list[list[list[float]]]:
        return recur(self.W_xh, self.W_hh, self.b_h, self.f, self.h0, self.x)

    @property
    def a(self) -> list[list[float]]:
        return [a for a, _ in self._steps]

    @property
    def h(self) -> list[list[float]]:
        return [h for _, h in self._steps]

    @property
    def o(self) -> list[list[float]]:
        return [affine(self.W_hy, h, self.b_y) for h in self.h]

    @property
    def y(self) -> list[list[float]]:
        return [self.output(o) for o in self.o]

    def output(self, o: Vector) -> list[float]:
        """Return g(o)."""
        return softmax(o) if self.g == "softmax" else [F[self.g](value) for value in o]

    def but(self, **changes: object) -> "Sheet":
        return replace(self, **changes)  # type: ignore[arg-type]

    def values(self, names: str = "ahoy", decimals: int = 4) -> Printed:
        """Return the values of some quantities as they are printed."""
        return {n: [[f"{v:.{decimals}f}" for v in row] for row in getattr(self, n)] for n in names}

    def alone(self, where: str, *texts: str) -> Printed:
        """Return what is printed where nothing is but `texts`, from `where` (`h[1][0]`) on."""
        name, step, component = where.replace("]", "").split("[")
        width = len(self.W_xh) if name in ("a", "h") else len(self.W_hy)
        rows = [["?"] * width for _ in self.x]
        rows[int(step)][int(component) : int(component) + len(texts)] = texts
        return {name: rows}

    def toml(self, printed: Printed) -> str:
        keys = {"wxh": self.W_xh, "whh": self.W_hh, "bh": self.b_h, "h0": self.h0, "x": self.x}
        names = {"activation": self.f}
        if self.W_hy:
            keys |= {"why": self.W_hy, "by": self.b_y}
            names["output_activation"] = self.g
        lines = [f"{key} = {_plain(value)}" for key, value in keys.items()]
        lines += [*(f'{key} = "{name}"' for key, name in names.items()), "[expect]"]
        for name, rows in printed.items():
            cells = [", ".join('"?"' if t == "?" else t for t in row) for row in rows]
            lines.append(f"{name} = [{', '.join(f'[{row}]' for row in cells)}]")
        return "\n".join(lines)

    def marked(self, printed: Printed, *flags: str) -> dict[str, Any]:
        """Return what `check` finds, as its JSON has it."""
        result = rnncalc("check", "-c", "-", "-f", "json", *flags, stdin=self.toml(printed))
        assert result.err == ""
        found: dict[str, Any] = json.loads(result.out)
        return found


def _plain(value: Vector | Matrix | Sequence[object]) -> str:
    return json.dumps([list(v) if isinstance(v, Sequence) else float(v) for v in value])  # type: ignore[arg-type]


def named(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the (id, text) of what is named, for a value or for the whole run."""
    return [(cause["id"], cause["text"]) for cause in found["consistent_with"]]


SCALAR = Sheet(  # the document's
    W_xh=[[0.5]], W_hh=[[0.3]], x=[[1], [2], [3]], b_h=[0.1], h0=[0], W_hy=[[0.4]], b_y=[0.2]
)
VECTOR = Sheet(
    W_xh=[[0.31, -0.42], [0.83, 0.27]],
    W_hh=[[0.52, 0.74], [-0.63, 0.15]],
    x=[[1.0, -1.7], [-0.6, 1.3], [2.2, -0.4], [0.7, 0.9]],
    b_h=[0.12, -0.21],
    h0=[0.55, -0.4],
    W_hy=[[1.21, -0.33], [0.46, 0.92]],
    b_y=[0.34, -0.16],
    g="softmax",
)
