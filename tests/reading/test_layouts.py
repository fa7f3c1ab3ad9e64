"""Files of other programs -> the values in them."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from printed_example import network, numbers
from rnncalc.errors import InputError
from rnncalc.network.forward import forward
from rnncalc.network.model import Network
from rnncalc.network.problem import Problem
from rnncalc.reading.printed_values import printed_values
from rnncalc.reading.settings import Setting
from rnncalc.reading.tables import Expected, Names, parse_expected
from rnncalc.writing.programs import csv_text, json_text, jsonl_text
from rnncalc.writing.request import Request

NAMES = Names(("x", "a", "h", "o", "y"))
Texts = list[list[str | None]]


def expected(text: str, steps: int, quantity: str | None = None) -> Expected:
    return parse_expected(text, NAMES, steps, quantity)


def printed(found: Expected, of: Network, steps: int) -> dict[str, Texts]:
    """Return the texts of the printed values, as they would be below [expect]."""
    settings = {"expect": Setting(found.values, "")}
    every, _ = printed_values(settings, of, np.zeros((steps, of.input_size)))
    texts = {name: iter(values.texts) for name, values in every.items()}
    return {
        name: [[next(texts[name]) or None for _ in row] for row in values.values]
        for name, values in every.items()
    }


@pytest.mark.parametrize("writer", [json_text, jsonl_text, csv_text])
def test_what_rnncalc_writes_it_reads_back_to_the_same_values(writer: Callable[..., str]) -> None:
    net, x = network(2, 2), numbers([[1], [2], [3]])
    problem = Problem(net, net.start([0.1, -0.2]), x)
    trace = forward(net, [0.1, -0.2], x)

    found = expected("".join(writer(problem, Request(), [trace])), 3)

    assert found.ignored == ()
    assert found.inputs is not None
    assert printed(found, net, 3) == {
        name: [[repr(value) for value in row] for row in trace[name].tolist()]
        for name in ("a", "h", "o", "y")
    }


@pytest.mark.parametrize(
    ("text", "quantity", "rows"),
    [
        ('{"steps": [{"t": 1, "h": [0.850]}, {"t": 2}]}', None, [["0.850"], [None]]),
        ('[{"h": 0.850}, {"h": "?"}]', None, [["0.850"], [None]]),
        ('{"h": [0.850], "y": [1]}\n\n{"h": [2e-1]}\n', "h", [["0.850"], ["2e-1"]]),
        ("t,h[0]\n1,0.850\n2,?\n", None, [["0.850"], [None]]),
        ('"t","h"\n1,0.850\n2,\n', None, [["0.850"], [None]]),
        ("[[0.850], [1]]", "h", [["0.850"], ["1"]]),
        ("[0.850, 1]", "h", [["0.850"], ["1"]]),
        ("0.850\n-1 # the last\n", "h", [["0.850"], ["-1"]]),
        ("0.850; −1.", "h", [["0.850"], ["−1."]]),
        ("[[.850]\n [-1. ]]\n", "h", [[".850"], ["-1."]]),
        ("[.850 ?]", "h", [[".850"], [None]]),
        ("[.850; -1.]", "h", [[".850"], ["-1."]]),  # MATLAB: mat2str(h)
        ("array([[0.850],\n       [-1.   ]], dtype=float32)", "h", [["0.850"], ["-1."]]),
        ("tensor([[[ 0.850],\n         [-1.]]], grad_fn=<TransposeBackward1>)", "h", [["0.850"], ["-1."]]),
        (r"0.850 \\ -1", "h", [["0.850"], ["-1"]]),
        ("“t”,“h”\n1,−0.850\n", None, [["−0.850"], [None]]),
        (",0\n0,0.850\n1,-1.0\n", "h", [["0.850"], ["-1.0"]]),  # pandas: DataFrame(h).to_csv()
        ('[{"0":0.850},{"0":-1.0}]', "h", [["0.850"], ["-1.0"]]),  # to_json(orient="records")
        ('{"hidden": [[0.850], [-1.0]]}', "h", [["0.850"], ["-1.0"]]),
        ('{"hidden": [0.850]}\n{"hidden": [-1.0]}\n', "h", [["0.850"], ["-1.0"]]),
        ("t,state\n2,-1.0\n1,0.850\n", "h", [["0.850"], ["-1.0"]]),
    ],
)  # fmt: skip
def test_other_programs_may_write_less(
    text: str, quantity: str | None, rows: Sequence[Sequence[str | None]]
) -> None:
    assert printed(expected(text, 2, quantity), network(), 2) == {"h": rows}


def test_pandas_counts_the_columns_of_an_array() -> None:
    found = expected(",0,1\n0,0.1,0.2\n1,0.3,0.4\n", 2, "h")

    assert found.values == {"h": [[0.1, 0.2], [0.3, 0.4]]}
    assert found.ignored == ()


@pytest.mark.parametrize(
    "header",
    [
        "t,out0,out1",
        "t,out_0,out_1",
        "t,out[0],out[1]",
        "t,out.0,out.1",
        "out2_0,t,out2_1",
        "t,0,1",
    ],
)
def test_columns_of_any_one_name_are_the_components(header: str) -> None:
    cells = {"t": "{t}", "0": "0.1", "1": "0.2"}
    row = ",".join(
        cells["t" if title == "t" else title.rstrip("]")[-1]] for title in header.split(",")
    )
    found = expected(f"{header}\n{row.format(t=1)}\n{row.format(t=2)}\n", 2, "h")

    assert found.values == {"h": [[0.1, 0.2], [0.1, 0.2]]}
    assert found.ignored == ()


def test_components_of_any_name_may_be_in_any_order_up_to_many() -> None:
    places = sorted(range(12), key=str)  # 0, 1, 10, 11, 2 ...
    header, row = (",".join(f"{start}{n}" for n in places) for start in ("u", "0."))
    rows = expected(f"{header}\n{row}\n", 1, "h").values["h"]

    assert [*map(str, rows[0])] == [str(float(f"0.{n}")) for n in range(12)]


@pytest.mark.parametrize("header", ["u1,u2", "u0,u2", "u0,v1", "u0,w", "1,0", "u0,u00"])
def test_other_columns_are_no_components(header: str) -> None:
    with pytest.raises(InputError, match="none of its names"):
        expected(f",{header}\n1,0.1,0.2\n", 1, "h")


DECIMALS = {
    "0.850": 3,
    "-1.": 0,
    ".5": 1,
    "+2": 0,
    "7": 0,
    "0": 0,
    "-0.000": 3,
    "1e-3": 3,
    "12E+2": -2,
    "0.1e01": 0,
}
JSON = ("0.850", "-0.000", "1e-3", "12E+2", "0.1e01", "7", "0")


@pytest.mark.parametrize("beside", ["0.25", "?"])  # plain numbers alone are read together
@pytest.mark.parametrize(
    ("layout", "text"),
    [("h[0],h[1]\n{},{}\n{},0.5", text) for text in DECIMALS]
    + [("[[{}, {}], [{}, 0.5]]", text) for text in JSON],
)  # fmt: skip
def test_a_value_is_the_same_whatever_is_beside_it(layout: str, text: str, beside: str) -> None:
    file = layout.format(text, f'"{beside}"' if beside == "?" else beside, text)
    settings = {"expect": Setting(expected(file, 2, "h").values, "")}

    found = printed_values(settings, network(2), np.zeros((2, 1)))[0]["h"]

    assert found.texts == (text, "" if beside == "?" else beside, text, "0.5")
    assert found.values[:, 0].tolist() == [float(text)] * 2
    assert found.decimals[:, 0].tolist() == [DECIMALS[text]] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("h\n0.5\n{}", "line 3, h: 0.33333333333333333… has 801 digits; at most 800 are read"),
        ("[0.5, {}]", "h: step 2, value 1: 0.33333333333333333… has 801 digits; at most 800 are read"),
        ('{{"h": [0.5, {}]}}', "h: step 2, value 1: 0.33333333333333333… has 801 digits; at most 800 are read"),
        ("h\n0.5\n1e-400", "h: step 2, value 1: '1e-400' is below the smallest float, 5e-324"),
        ("[0.5, 1e-400]", "h: step 2, value 1: '1e-400' is below the smallest float, 5e-324"),
        ("h\n0.5\n1e400", "h: step 2, value 1: '1e400' is not a finite number"),
        ("[0.5, 1e400]", "h: step 2, value 1: '1e400' is not a finite number"),
        ("h\n0.5\n1e", "line 3, h: '1e' is not a number"),
        ("h\n0.5\n1-1", "line 3, h: '1-1' is not a number"),
        ('[0.5, "0.5"]', "h: step 2, value 1: '0.5' is not a number; write it without quotes"),
        ('[{{"h[0]": "0.5"}}, {{"h[0]": "0.6"}}]', "h: step 1, value 1: '0.5' is not a number; write it without quotes"),
    ],
)  # fmt: skip
def test_a_number_that_no_float_is_is_refused_among_plain_ones(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        printed(expected(text.format("0." + "3" * 800), 2, "h"), network(), 2)

    assert str(caught.value).removeprefix(".") == message


def test_columns_may_be_in_any_order() -> None:
    assert expected("h[1],t,h[0]\n1,1,0.5", 1).values == {"h": [[0.5, 1.0]]}


@pytest.mark.parametrize(
    "text",
    [
        '{"h": [[0.25, 1], ["?", "?"], [0.5, 2]]}',
        "t,h0,h1\n1,0.25,1\n3,0.5,2\n",
        "t\th_0\th_1\n1.0\t0.25\t1\n3.0\t0.5\t2\n",
        "t;h[0];h[1]\r\n1;0.25;1\r\n3;0.5;2\r\n",
        ",t,h[0],h[1]\n0,1,0.25,1\n1,3,0.5,2\n",  # as pandas writes its index
        "\tt\th[0]\th[1]\n0\t1\t0.25\t1\n1\t3\t0.5\t2\n",
        ";t;h[0];h[1]\n0;1;0.25;1\n1;3;0.5;2\n",
        '[{"t": 1, "h[0]": 0.25, "h[1]": 1}, {"t": 3, "h[0]": 0.5, "h[1]": 2}]',  # Miller's JSON
        '{"t": 1, "h": [0.25, 1]}\n{"t": 3, "h": [0.5, 2]}\n',
    ],
)
def test_the_layouts_of_other_programs_are_read(text: str) -> None:
    found = expected(text, 3)

    rows = printed(found, network(2), 3)["h"]
    assert [[float(item) if item else None for item in row] for row in rows] == [
        [0.25, 1],
        [None, None],
        [0.5, 2],
    ]
    assert found.ignored == ()


def test_steps_after_the_last_t_were_not_printed() -> None:
    assert expected("t,h\n1,0.5\n", 3).values == {"h": [[0.5], "?", "?"]}


@pytest.mark.parametrize(
    "text",
    ["h\nnan\n", "h\n-nan(ind)\n", '{"t": 1, "h": [NaN]}', '{"t": 1, "h": [null]}'],
)
def test_what_is_not_a_number_is_a_value(text: str) -> None:
    rows = printed(expected(text, 1), network(), 1)["h"]
    assert [str(item).lower() for item in rows[0]] == ["nan"]


def test_names_that_are_ignored_are_known() -> None:
    found = expected("t,h[0],hidden[1],x[0]\n1,0.5,0.25,1\n", 1)
    assert found.ignored == ("hidden[1]",)
    assert expected('{"t": 1, "h": [0.5], "hidden": [1]}', 1).ignored == ("hidden",)


@pytest.mark.parametrize(
    ("text", "quantity", "message"),
    [
        ("0.5\n0.6", None, "is a plain list of rows; say of what, for example --quantity h"),
        ("[0.5]", None, "is a plain list of rows; say of what, for example --quantity h"),
        ("h[0]\n0.5", "y", "holds no y; it has h"),
        ("t,u\n1,2", None, "none of its names (t, u) is a, h, o, y, or one of their components, such as h[0]"),
        (",1,0\n0,0.1,0.2\n", "h", "none of its names (1, 0) is a, h, o, y, or one of their components, such as h[0]"),
        ('{"hidden": [[1]], "out": [[1]]}', "h", "holds none of a, h, o, y; it has hidden, out"),
        ("h[0],h[2]\n1,2", None, "the columns of h are h[0], h[2], not h[0], h[1], ..."),
        ("h,h\n1,2", None, "the columns of h are h, h, not h[0], h[1], ..."),
        ("h,h[0]\n1,2", None, "the columns of h are h, h[0], not h[0], h[1], ..."),
        (",b\n,1", None, "none of its names (b) is a, h, o, y, or one of their components, such as h[0]"),
        (",,,\n,,,\n", None, "all its cells are empty; a table begins with names, such as t,h[0],h[1]"),
        ('\n""', None, "all its cells are empty; a table begins with names, such as t,h[0],h[1]"),
        ("h\n\n", None, "has names of columns, but no row of values below them"),
        ("h,t\n,\n", None, "has names of columns, but no row of values below them"),
        ("h\n0,537\n", None, "line 2 has 2 values, but the header has 1"),
        ("t;h\n1;0,537\n", None, "line 2, h: '0,537' is not a number; a decimal has a point: 0.537"),
        ("0,5 1,5", "h", "commas and spaces both separate numbers here; a decimal has a point: 0.5 1.5; rows are separated by ;, as in \"0 5; 1 5\"\n  0,5 1,5\n  ^"),
        ("h\n0.5\xa0\n", None, "line 2, h: '0.5\\xa0' is not a number: U+00A0 does not separate numbers; type a space"),
        ("h\n0." + "3" * 800, None, "line 2, h: 0.33333333333333333… has 801 digits; at most 800 are read"),
        ('{"h": [' + "3" * 801 + "]}", None, "3333333333333333333… has 801 digits; at most 800 are read"),
        ("[1, [2, 3], {", "h", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 14 (char 13)"),
        ("[1, 2", "h", "this bracket is never closed\n  [1, 2\n  ^"),
        ("1/2", "h", "'1/2' is a fraction; a printed value is a decimal\n  1/2\n  ^"),
        ('"t"\t"h""-0.48"{\n', None, "line 1: is not CSV: '\\t' expected after '\"'"),
        ("h[0],h[1]\n1", None, "line 2 has 1 value, but the header has 2"),
        ("h[0]\n0.5\n0,5x", None, "line 3 has 2 values, but the header has 1"),
        ("h[0]\nnone", None, "line 2, h[0]: 'none' is not a number"),
        ("t,h\n\n\n1,0.5\n2,x", None, "line 5, h: 'x' is not a number"),
        ('h\n"0.7\n62"\n', None, "line 3, h: '0.7\\n62' is not a number"),
        ('h\n"0.76', None, "line 2: is not CSV: unexpected end of data"),
        ("t,h\n١,0.5", None, "t is '١', but steps are counted 1, 2, 3 and so on"),
        ('{"t": 1}', None, "none of its names (t) is a, h, o, y, or one of their components, such as h[0]"),
        ('{"t": 1, "h": [1]}\n{"h": [1]}', None, "a step has no t, though others have one"),
        ('{"h": [0.1], "h": [0.762]}', None, "'h' is there twice in one object"),
        ('{"steps": 3}', None, '"steps" is not a list of steps'),
        ('{"h": [1]}\n{"h": 1]}', None, "line 2: is not JSON: Expecting ',' delimiter: line 1 column 8 (char 7)"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_values_is_refused(
    text: str, quantity: str | None, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        expected(text, 1, quantity)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text", ["|h|\n|-|\n|" + "1<br>" * 1_000_000, "h," + "," * 1_000_000, "h\n" + "\n" * 1_000_001, "".join(f'{{"h[{i}]":1}}\n' for i in range(1001))]
)  # fmt: skip
def test_cells_of_a_table_count_though_they_are_empty(text: str) -> None:
    with pytest.raises(InputError, match=r"^a table of 1,00[0-9],00[0-9] cells, but at most 1,000"):
        expected(text, 1)


def test_an_object_of_many_keys_is_read_in_linear_time() -> None:
    keys = ",".join(f'"k{i}":1' for i in range(100_000))
    started = time.process_time()

    with pytest.raises(InputError, match="'z' is there twice in one object"):
        expected(f'{{{keys},"z":1,"z":2}}', 1)

    assert time.process_time() - started < 5  # the square of 100,000 would take minutes


def test_lines_of_markdown_are_read_in_linear_time() -> None:
    started = time.process_time()

    found = expected("|h|\n|-|\n" + "|1|\n" * 50_000, 50_000)
    with pytest.raises(InputError, match="none of its names"):
        expected("|u|\n|-|\nu\n" * 25_000, 1)

    assert len(found.values["h"]) == 50_000
    assert time.process_time() - started < 5  # the square of 100,000 would take minutes
