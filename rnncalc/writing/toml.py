"""A problem as TOML that runs again to the same figures."""

from rnncalc.arrays import Array
from rnncalc.network.problem import Problem


def toml_text(problem: Problem) -> str:
    """Return every quantity of the problem as a key of a TOML file, every digit of it."""
    cell, readout = problem.network.cell, problem.network.readout
    lines = [
        f"wxh = {_matrix(cell.W_xh)}",
        f"whh = {_matrix(cell.W_hh)}",
        f"bh = {_list(cell.b_h)}",
    ]
    if readout:
        lines += [f"why = {_matrix(readout.W_hy)}", f"by = {_list(readout.b_y)}"]
    lines.append(f"h0 = {_list(problem.h0)}")
    lines.append(
        "# x comes from standard input" if problem.x is None else f"x = {_matrix(problem.x)}"
    )
    lines.append(f'activation = "{cell.activation.name}"')
    if readout:
        lines.append(f'output_activation = "{readout.activation.name}"')
    return "\n".join(lines) + "\n"


def _list(vector: Array) -> str:
    return repr(vector.tolist())


def _matrix(rows: Array) -> str:
    """A row a line, so that it reads as the matrix it is; numbers only, in one line."""
    if rows.shape[1] == 1 or len(rows) == 1:
        return repr(rows.tolist())
    return "[\n" + "".join(f"    {_list(row)},\n" for row in rows) + "]"
