"""`rnncalc weights`: what is in a file of weights, what was chosen and why, what is not used."""

from collections.abc import Iterator

from rnncalc.errors import counted, printable
from rnncalc.network.cells import Readout
from rnncalc.network.model import Network
from rnncalc.reading.weights.opened import Listing
from rnncalc.writing.console import wrapped

_WIDEST = 60
_NARROWEST = 20


def listing_text(listing: Listing, width: int | None) -> str:
    """Return the arrays of a file, the network that they form, and every choice.

    Args:
        listing: what is there.
        width: columns of the terminal, in which sentences are wrapped between words; or None.
    """
    contents = listing.contents
    lines = [f"{contents.name}: {contents.kind}, {counted(len(contents.arrays), 'array')}", ""]
    lines += _arrays(listing)
    if listing.found:
        lines += ["", *_network(listing.found.network)]
        if listing.found.embedding is not None:
            symbols, size = listing.found.embedding.shape
            lines.append(
                f"  {symbols} symbols, each a row of {size} numbers that the network reads"
            )
        notes = [note.removeprefix(f"{contents.name}: ") for note in listing.found.notes]
        wrapped = [line for note in notes for line in _wrapped(note, "  ", width)]
        lines += ["", "Choices:", *wrapped] if notes else []
    else:
        lines += ["", *_wrapped(listing.question, "", width)]
    return "".join(f"{line}\n" for line in lines)


def _wrapped(text: str, indent: str, width: int | None) -> list[str]:
    """Return the lines of a sentence; all after its first are indented by two more blanks."""
    width = width and max(width, _NARROWEST)
    return wrapped(text, width, indent, "  ") or [indent]


def _arrays(listing: Listing) -> Iterator[str]:
    """Yield a line per array: its name, shape, type and use."""
    found = listing.found
    rows = [
        (
            printable(name, _WIDEST),
            " x ".join(map(str, each.shape)) or "1",
            each.dtype,
            found.uses.get(name, "not used") if found else "",
        )
        for name, each in listing.contents.arrays.items()
    ]
    widths = [max((len(row[n]) for row in rows), default=0) for n in range(3)]
    for row in rows:
        padded = (text.ljust(width) for text, width in zip(row, widths, strict=False))
        yield f"  {'  '.join((*padded, row[3]))}".rstrip()


def _network(network: Network) -> Iterator[str]:
    """Yield a line per layer and readout: what it reads, gives and applies."""
    yield "The network:"
    for readout in network.before:
        yield _dense(readout)
    for number, layer in enumerate(network.layers):
        for direction, _, cell in layer.directions():
            name = f"h_l{number}{direction}" if network.is_stack else "h"
            way = " backwards" if direction else ""
            sizes = f"{counted(cell.input_size, 'input')}, {counted(cell.hidden_size, 'unit')}"
            yield f"  {name}: {sizes}{way}, {cell.activation.name}"
        if len(layer.cells) > 1:
            yield f"  both directions of layer {number}: {_MERGED[layer.merge]}"
    for readout in network.readouts:
        yield _dense(readout)
    if network.final:
        yield f"  {'the readout answers' if network.readout else 'h is given'} once, at the end"


_MERGED = {
    "concat": "side by side",
    "sum": "added",
    "mul": "multiplied by component",
    "ave": "averaged",
}


def _dense(readout: Readout) -> str:
    inputs, outputs = counted(readout.input_size, "input"), counted(readout.output_size, "output")
    return f"  {readout.output}: {inputs}, {outputs}, {readout.activation.name}"
