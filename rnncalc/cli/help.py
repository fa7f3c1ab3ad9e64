"""Help that fits a screen: the flags of a command in groups, without Rich."""

from typing import Any

from typer.core import TyperCommand

NETWORK, SEQUENCE, SHOW, OUTPUT = "Network", "Sequence", "Show", "Output"
PRINTED, LOSS = "Printed values", "Loss"


class Grouped(TyperCommand):
    """A command whose help lists its flags in groups, and in each in the order of the signature.

    A flag's group is its `rich_help_panel`, where Typer would look for it too; the flag `--help`
    has none and is in the last group. What the command is about comes first.
    """

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  # Click's own
        """Write the groups, each with a column as wide as it needs."""
        groups: dict[str, list[tuple[str, str]]] = {name: [] for name in _order(self.name)}
        for parameter in self.get_params(ctx):
            group = getattr(parameter, "rich_help_panel", None) or OUTPUT
            if self.name in ("check", "grad") and parameter.name in ("target", "loss"):
                group = LOSS  # elsewhere a matter of the sequence
            record = parameter.get_help_record(ctx) or ("", "")
            # the text as it was written: Click adds ranges and defaults of its own
            groups.setdefault(group, []).append((record[0], getattr(parameter, "help", "")))
        for group, rows in groups.items():
            if rows:
                with formatter.section(group):
                    formatter.write_dl(rows)


def _order(command: str | None) -> list[str]:
    if command == "check":
        return [PRINTED, NETWORK, SEQUENCE, LOSS, SHOW, OUTPUT]
    return [*([LOSS] if command == "grad" else []), NETWORK, SEQUENCE, SHOW, OUTPUT]
