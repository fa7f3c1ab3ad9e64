"""The command: `rnncalc`, or `python -m rnncalc`."""

import gc
import os
import sys


def main() -> None:
    """Run the command line, and leave with its exit status."""
    # One BLAS thread: a third of NumPy's start is spent on making more, no matrix here is worth
    # them, and the values must not depend on how many cores there are.
    if not {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"} & os.environ.keys():
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
    if sys.stdout is not None:
        sys.stdout.reconfigure(newline="\n")  # type: ignore[union-attr]  # on every system
    gc.disable()  # all that a start imports is there to stay: looking for garbage is a tenth of it
    try:
        status = _main(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    except MemoryError:  # not even what reports it could be imported
        os.write(2, b"Error: out of memory\n")
        status = 2
    _leave(status)


def _main(arguments: list[str]) -> int:
    from rnncalc.cli.output import status_of, write

    if arguments in (["--version"], ["-V"]):  # the one answer that needs no Typer
        from rnncalc import __version__

        return status_of(lambda: write([f"rnncalc {__version__}\n"]))

    def action() -> int:
        from rnncalc.cli.app import main as cli_main

        return cli_main(arguments)

    return status_of(action)


def _leave(status: int) -> None:
    """End the process without tearing NumPy down first, which takes a tenth of a small run."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError, AttributeError):  # contextlib would cost a start its time
            pass  # what could not be written was said before; Typer may have wrapped a None
    os._exit(status)


if __name__ == "__main__":
    main()
