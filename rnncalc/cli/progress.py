"""A progress bar on standard error, for a person who waits for a long file."""

from collections.abc import Callable, Iterator
from time import monotonic

from rnncalc.arrays import Array

_PATIENCE = 0.5  # seconds before there is anything to show


def watched(blocks: Iterator[Array], size: int, position: Callable[[], int]) -> Iterator[Array]:
    """Yield the blocks of steps (n, D), and show how much of the file has been read.

    Args:
        blocks: the steps, as they are read.
        size: of the file, in bytes.
        position: returns how many of them have been read.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    began, steps = monotonic(), 0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    bar = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,  # or Rich would show the results as messages
        redirect_stderr=False,
    )
    task = bar.add_task("", total=size)
    try:
        for block in blocks:
            yield block
            steps += len(block)
            waited = monotonic() - began
            if waited > _PATIENCE:
                bar.start()
                text = f"{steps:,} steps, {steps / waited:,.0f} a second"
                bar.update(task, completed=position(), description=text)
    finally:
        bar.stop()
