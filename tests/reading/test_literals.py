"""Numbers and lists as they are typed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncalc.numerals.number import LiteralError, printed
from rnncalc.reading.literals import parse, parse_lines

MIXED = "nested brackets and ; exclude each other: [[1, 2], [3, 4]] or [1 2; 3 4]"
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
        ("[0.1 0.2; 0.3 0.4]", [[0.1, 0.2], [0.3, 0.4]]),
        ("[0.1, 0.2;\n 0.3, 0.4;]", [[0.1, 0.2], [0.3, 0.4]]),
        ("[1; 2]", [[1.0], [2.0]]),
        ("[1 2;]", [[1.0, 2.0]]),
        ("[1 2; 3 4]\n[5 6; 7 8]", [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]),
        ("[1 2; 3 4] [5]", [[[1.0, 2.0], [3.0, 4.0]], [5.0]]),
        ("[]", []),
        ("1\n2\n3", [1.0, 2.0, 3.0]),
        ("[1, 2]\n[3, 4]", [[1.0, 2.0], [3.0, 4.0]]),
        ("[1, 2]\n3 4", [[1.0, 2.0], [3.0, 4.0]]),
        ("[[[1], [2]]]", [[[1.0], [2.0]]]),
        ("7. .5", [7.0, 0.5]),
        ("1/2 -3/4", [0.5, -0.75]),
        ("\u22121.5 2e\u22121", [-1.5, 0.2]),
        ("“1 2 3”", [1.0, 2.0, 3.0]),
        ("'1 2'", [1.0, 2.0]),
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
        ("[1, 2; # first\n 3, 4]\n", ([[1.0, 2.0], [3.0, 4.0]], False)),
        ("[[1, 2],\n [3, 4]]\n", ([[1.0, 2.0], [3.0, 4.0]], False)),
    ],
)
def test_in_a_file_a_newline_ends_a_row_too(text: str, value: object) -> None:
    assert parse_lines(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "array([[0.1, 0.2],\n       [0.3, 0.4]])",
        "np.array([[0.1, 0.2], [0.3, 0.4]], dtype=np.float32)",
        "tensor([[0.1000, 0.2000],\n        [0.3000, 0.4000]], grad_fn=<AddmmBackward0>)",
        "tensor([[0.1, 0.2], [0.3, 0.4]], device='cuda:0', dtype=torch.float64)",
        "Parameter containing:\ntensor([[0.1, 0.2],\n        [0.3, 0.4]], requires_grad=True)",
        "tf.Tensor(\n[[0.1 0.2]\n [0.3 0.4]], shape=(2, 2), dtype=float32)",
        "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\narray([[0.1, 0.2],\n       [0.3, 0.4]], dtype=float32)>",
        "Array([[0.1, 0.2],\n       [0.3, 0.4]], dtype=float32)",
        "[array([0.1, 0.2]), array([0.3, 0.4])]",
        "[[np.float64(0.1), np.float64(0.2)], [np.float64(0.3), np.float64(0.4)]]",
        "0.1\t0.2\n0.3\t0.4",
        "0.1\t0.2\r\n0.3\t0.4\r\n",
        r"0.1 & 0.2 \\ 0.3 & 0.4",
        r"0.1 & 0.2 \ 0.3 & 0.4",  # as a shell passes it on from double quotes
        "0.1 & 0.2 \\\\\n0.3 & 0.4 \\\\\n",
        r"\begin{bmatrix} 0.1 & 0.2 \\ 0.3 & 0.4 \end{bmatrix}",
        r"$\left[\begin{array}{cc} 0.1 & 0.2 \\[2pt] \hline 0.3 & 0.4 \end{array}\right]$",
        r"\[\begin{pmatrix}0.1&0.2\\0.3&0.4\end{pmatrix}\]",
    ],
)
def test_what_other_programs_print_is_read(text: str) -> None:
    assert parse(text) == [[0.1, 0.2], [0.3, 0.4]]
    assert parse_lines(text) == ([[0.1, 0.2], [0.3, 0.4]], False)


def test_a_row_of_latex_is_a_matrix_of_one_row_and_a_column_is_one() -> None:
    assert parse(r"1 & 2 \\") == [[1.0, 2.0]]
    assert parse(r"1 \\ 2") == [[1.0], [2.0]]


def test_a_printed_value_keeps_its_text_and_may_be_missing() -> None:
    value = parse("0.850 ?; nan -.5", printed)

    assert isinstance(value, list)
    rows = [[getattr(item, "text", item) for item in row] for row in value if isinstance(row, list)]
    assert rows == [["0.850", "?"], ["nan", "-.5"]]
    assert str(parse("12 nan", printed)) == "[12.0, nan]"


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "is empty"),
        ("1;;2", 2, "row 2 is empty"),
        ("1,,2", 2, "nothing before the comma"),
        (",1", 0, "nothing before the comma"),
        ("1,", 1, "nothing after the comma"),
        ("[1,]", 2, "nothing after the comma"),
        ("[,1]", 1, "nothing before the comma"),
        ("1 abc", 2, "'abc' is not a number"),
        ("inf", 0, "'inf' is not a number; only finite numbers are"),
        ("-NaN", 0, "'-NaN' is not a number; only finite numbers are"),
        ("1e999", 0, "1e999 is beyond the largest float, 1.8e308"),
        ("1_000", 0, "'1_000' is not a number; write 1000"),
        ("\u20131.5", 0, "'\u20131.5' is not a number: its minus is U+2013; type -, as in -1.5"),
        (
            "1\u20282",
            0,
            "'1\\u20282' is not a number: U+2028 does not separate numbers; type a space",
        ),
        (
            "1\u00a02",
            0,
            "'1\\xa02' is not a number: U+00A0 does not separate numbers; type a space",
        ),
        (
            "1 \u3000 2",
            2,
            "'\\u3000' is not a number: U+3000 does not separate numbers; type a space",
        ),
        ("1 “2", 2, "'\"2' is not a number"),
        ("1 «2", 2, "'«2' is not a number; straight quotes belong around a list: \"1 0; 0 1\""),
        ("1/0", 0, "'1/0' is not a number"),
        ("0.5/2", 0, "'0.5/2' is not a number"),
        ("1 ... 2", 2, "'...' is not a number; values were left out here when it was printed"),
        (
            "0,5 1,5",
            0,
            'commas and spaces both separate numbers here; a decimal has a point: 0.5 1.5; rows are separated by ;, as in "0 5; 1 5"',
        ),
        ("0,5 1", 0, "commas and spaces both separate numbers here; a decimal has a point: 0.5"),
        (
            "1; 0,5 1,5",
            3,
            "commas and spaces both separate numbers here; a decimal has a point: 0.5 1.5",
        ),
        (r"1 & 0,5", 0, "commas and spaces both separate numbers here; a decimal has a point: 0.5"),
        (
            f"1,{'1' * 9999} 2,1",
            0,
            'commas and spaces both separate numbers here; a decimal has a point: 1.11111111111111111… 2.1; rows are separated by ;, as in "1 11111111111111111…; 2 1"',
        ),
        (f"1,0{'1' * 9999}", 0, "a decimal has a point: 1.01111111111111111…"),
        ("1; -0,5", 3, "a decimal has a point: -0.5"),
        ("0,05", 0, "a decimal has a point: 0.05"),
        ("1 & & 2", 4, "nothing before the comma"),
        ("tensor([1, 2]", 0, "'tensor(' is not a number"),
        ("1 [2]", 2, "text before the opening bracket"),
        ("0." + "3" * 800, 0, "0.33333333333333333… has 801 digits; at most 800 are read"),
        ("\u0663", 0, "'\u0663' is not a number; only the digits 0 to 9 are"),
        ("0x10", 0, "'0x10' is not a number"),
        ("true", 0, "'true' is not a number"),
        ("[[1], [2]", 0, "this bracket is never closed"),
        ("[1] 2", 4, "text after the closing bracket"),
        ("[[1 2; 3 4]]", 5, MIXED),
        ("[[1 2]; [3 4]]", 6, MIXED),
        ("[1 2; [3 4]]", 6, MIXED),
        ("[1 2;; 3 4]", 5, "row 2 is empty"),
        ("[1 2,; 3 4]", 4, "nothing after the comma"),
        ("[1 2; 3 4", 0, "this bracket is never closed"),
        (
            "1,0 0,1 1,1 2,1 3,1",
            0,
            'commas and spaces both separate numbers here; a decimal has a point: 1.0 0.1; rows are separated by ;, as in "1 0; 0 1; 1 1; 2 1; ..."',
        ),
        ("[[[[1]]]]", 3, "brackets nested more than three deep"),
        ("[" * 100000, 3, "brackets nested more than three deep"),
        ("]", 0, "']' is not a number"),
        ("1" * 400, 0, "1111111111111111111… is beyond the largest float, 1.8e308"),
        ("1" * 5000, 0, "1111111111111111111… has 5000 digits; at most 800 are read"),
        ("1" * 1_000_000 + "x", 0, "'11111111111111111111111111111…' is not a number"),
    ],
)
def test_anything_else_is_refused_by_name_and_place(text: str, position: int, message: str) -> None:
    with pytest.raises(LiteralError) as caught:
        parse(text)

    assert (str(caught.value), caught.value.position) == (message, position)


@pytest.mark.parametrize(
    "text",
    [
        f"({unit * (100_000 // len(unit))}!"
        for unit in (
            " ", "\n ", ", ", "a.", "a", "a ", "_(", ">", "> ", "<tf.", "dtype=", "dtype=<", "shape=(",
            "device='", "dtype ", "Parameter containing: ", "\\begin{", "\\begin ", "\\[", "\\[1", "\\left",
            "'", '"', "-1", "+0,", "0,0", "0,", "1e", "nan(",
        )
    ],
    ids=lambda text: repr(text[1:20]),
)  # fmt: skip
def test_any_text_is_read_in_linear_time(text: str) -> None:
    started = time.process_time()

    with pytest.raises(LiteralError):
        parse(text)

    assert time.process_time() - started < 2  # the square of 100,000 would take minutes


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
