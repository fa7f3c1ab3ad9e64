"""A page of the manual in a terminal with colours; anywhere else it is read as it is written."""


def rendered(markdown: str, width: int, colors: str) -> str:
    """Return a page with headings, tables and examples set by Rich.

    Args:
        markdown: the page.
        width: columns of the terminal.
        colors: Rich's name for the colours to use.
    """
    from rich.markdown import Markdown

    from rnncalc.writing.console import console

    page = console(min(width, 100), colors)
    page.print(Markdown(markdown, code_theme="ansi_dark"))
    text: str = page.file.getvalue()  # type: ignore[attr-defined]  # a StringIO, as made there
    return text
