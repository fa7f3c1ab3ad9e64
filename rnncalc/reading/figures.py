"""A number that remembers how it was written."""


class Figure(float):
    """A float with the text it was read from: `0.850` and `0.85` are different statements.

    Attributes:
        text: as it was written.
    """

    text: str

    def __new__(cls, text: str) -> "Figure":
        """Read `text` as `float` does."""
        figure = super().__new__(cls, text)
        figure.text = text
        return figure
