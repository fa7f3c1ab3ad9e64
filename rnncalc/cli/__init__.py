"""The command line: the only room that knows Typer, standard streams and exit statuses."""


def main(arguments: list[str]) -> int:
    """Run the command line on `arguments` and return the exit status."""
    from rnncalc.cli.app import main as app_main

    return app_main(arguments)
