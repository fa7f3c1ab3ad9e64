import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncalc.numerals.number import LiteralError
from rnncalc.reading.literals import parse, parse_lines

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("-2", -2.0),
        ("+.5e-3", 0.0005),
        ("1.", 1.0),
        ("1,2,3", [1.0, 2.0, 3.0]),
        ("1, 2 3", [1.0, 2.0, 3.0]),
        (" -1  -2 ", [-1.0, -2.0]),
        ("0.1 0.2; 0.3 0.4", [[0.1, 0.2], [0.3, 0.4]]),
        ("1;2", [[1.0], [2.0]]),
        ("1 2;", [[1.0, 2.0]]),
        ("[1]", [1.0]),
        ("[[0.1, 0.2], [0.3, 0.4]]", [[0.1, 0.2], [0.3, 0.4]]),
        ("[[0.1 0.2]\n [0.3 0.4]]", [[0.1, 0.2], [0.3, 0.4]]),
        ("[]", []),
    ],
)
def test_a_flag_takes_numbers_in_every_form(text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,2,3\n", ([1.0, 2.0, 3.0], True)),
        ("1\n2\n3\n", ([1.0, 2.0, 3.0], False)),
        ("1,2\r\n3,4\r\n", ([[1.0, 2.0], [3.0, 4.0]], False)),
        ("# weights\n\n1 2 # first\n3 4;\n", ([[1.0, 2.0], [3.0, 4.0]], False)),
        ("[[1, 2],\n [3, 4]]\n", ([[1.0, 2.0], [3.0, 4.0]], False)),
    ],
)
def test_in_a_file_a_newline_ends_a_row_too(text: str, value: object) -> None:
    assert parse_lines(text) == value


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "is empty"),
        ("1;;2", 2, "row 2 is empty"),
        ("1,,2", 2, "nothing before the comma"),
        (",1", 0, "nothing before the comma"),
        ("1,", 1, "nothing after the comma"),
        ("[1,]", 3, "nothing after the comma"),
        ("[,1]", 1, "nothing before the comma"),
        ("1 abc", 2, "'abc' is not a number"),
        ("inf", 0, "'inf' is not a number; only finite numbers are"),
        ("-NaN", 0, "'-NaN' is not a number; only finite numbers are"),
        ("1e999", 0, "1e999 is beyond the largest float, 1.8e308"),
        ("1_000", 0, "'1_000' is not a number; write 1000"),
        ("\u22121.5", 0, "'\u22121.5' is not a number: its minus is U+2212; type -, as in -1.5"),
        ("\u0663", 0, "'\u0663' is not a number; only the digits 0 to 9 are"),
        ("0x10", 0, "'0x10' is not a number"),
        ("true", 0, "'true' is not a number"),
        ("[[1], [2]", 0, "this bracket is never closed"),
        ("[1] 2", 4, "text after the closing bracket"),
        ("[1; 2]", 2, "; inside brackets; rows are lists too: [[1, 2], [3, 4]]"),
        ("[[[1]]]", 2, "brackets inside the brackets of a row"),
        ("[" * 100000, 2, "brackets inside the brackets of a row"),
        ("]", 0, "']' is not a number"),
        ("1" * 5000, 0, "1111111111111111111… is beyond the largest float, 1.8e308"),
    ],
)
def test_anything_else_is_refused_by_name_and_place(text: str, position: int, message: str) -> None:
    with pytest.raises(LiteralError) as caught:
        parse(text)

    assert (str(caught.value), caught.value.position) == (message, position)


@given(st.lists(FINITE, min_size=2))
def test_a_number_reads_back_to_the_same_bits(numbers: list[float]) -> None:
    assert repr(parse(" ".join(map(repr, numbers)))) == repr(numbers)
    assert repr(parse(repr(numbers))) == repr(numbers)


@given(st.text(max_size=30))
def test_no_text_is_anything_but_finite_numbers_or_an_error(text: str) -> None:
    try:
        value = parse(text)
    except LiteralError as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017  # either outcome is right
    else:
        assert isinstance(value, float | list)
