"""A checked calculation as JSON and as a table."""

import json

import pytest

from calling import ROOT
from claimed import load, scalar
from rnncalc.writing.marks import json_text, table_text
from rnncalc.writing.request import Request

PUBLISHED = ROOT / "tests" / "published"
DOCUMENT = scalar(h="0.537 0.850 0.952", y="0.415 0.540 0.581")


def test_the_json_is_the_documented_one() -> None:
    found = json.loads("".join(json_text(DOCUMENT.marked())))

    assert [*found] == [
        "figures",
        "counts",
        "first_wrong",
        "consistent_with",
        "largest_difference",
    ]
    assert found["figures"][2] == {
        "where": "h[1][0]",
        "step": 2,
        "component": 0,
        "printed": "0.850",
        "decimals": 3,
        "right": pytest.approx(0.8513711765929612, abs=1e-15),
        "from_printed": pytest.approx(0.8513670847787354, abs=1e-15),
        "verdict": "slip",
        "consistent_with": [
            {"id": "few-units-off", "text": "tanh misread by 1 unit of the last digit"}
        ],
    }
    assert found["counts"] == {"ok": 4, "carried": 1, "cut": 0, "slip": 1}
    assert found["first_wrong"] == "h[1][0]"
    assert found["consistent_with"] == []
    assert found["largest_difference"] == {
        "where": "h[1][0]",
        "size": pytest.approx(0.8513711765929612 - 0.85),
    }


def test_where_all_is_right_nothing_is_first_wrong() -> None:
    found = json.loads("".join(json_text(scalar(h="0.537 0.851 0.952").marked())))

    assert (found["first_wrong"], found["consistent_with"]) == (None, [])


def test_the_first_slip_is_what_the_reader_sees_first() -> None:
    assert table_text(DOCUMENT.marked()) == (
        "First slip: h[0] at step 2: 0.850 printed, 0.851 is right "
        "(perhaps tanh misread by 1 unit of the last digit)\n"
        "\n"
        "step   value   printed   right   verdict   why\n"
        "───────────────────────────────────────────────────────────────────────────────────────────\n"
        "   2   h[0]      0.850   0.851   slip      perhaps tanh misread by 1 unit of the last digit\n"
        "   2   y[0]      0.540   0.541   carried   follows from earlier printed values: 0.5400\n"
        "\n"
        "4 ok, 1 carried, 0 cut, 1 slip\n"
    )


@pytest.mark.parametrize(
    ("h", "sentence"),
    [("0.537 0.851 0.952", "All 3 values are right.\n"), ("? 0.851 ?", "The value is right.\n")],
)
def test_where_all_is_right_one_sentence_says_so(h: str, sentence: str) -> None:
    assert table_text(scalar(h=h).marked()) == sentence


def test_right_values_are_shown_if_they_are_requested() -> None:
    text = table_text(scalar(h="0.537 ? ?").marked(), Request(whole=True))

    assert "   1   h[0]      0.537   0.537   ok" in text


def test_the_right_working_is_shown_with_a_wrong_value() -> None:
    text = table_text(DOCUMENT.marked(), working=lambda mark: [f"the working of {mark.where}"])

    # a carried value has its author's own working, and needs no other
    assert text.count("the working of") == 1
    assert "the working of h[1][0]" in text


def test_what_would_look_alike_is_shown_with_more_digits() -> None:
    # 0.3 is 0.2502, rounded, and a slip all the same
    text = table_text(load(PUBLISHED / "ktu_exam_3step_softmax.toml").marked())

    assert text.startswith("First slip: a[1] at step 2: 0.3 printed, 0.25 is right")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
@pytest.mark.parametrize("path", sorted(PUBLISHED.glob("*.toml")), ids=lambda path: path.stem)
def test_no_line_is_wider_than_the_terminal_and_no_number_is_cut(path: str, width: int) -> None:
    report = load(path).marked()  # type: ignore[arg-type]

    text = table_text(
        report, Request(width=width), working=lambda _: ["0.5 × 2 + 0.3 × 0.537 + 0.1 ≈ 1.261"]
    )

    words = set(text.replace(",", " ").split())
    assert all(len(line) <= width for line in text.splitlines())
    assert {mark.printed.replace("-", "−") for mark in report.not_ok} <= words


def test_no_escape_code_is_written_unless_colour_is_requested() -> None:
    assert "\x1b" not in table_text(DOCUMENT.marked())
    for width in (None, 40):
        text = table_text(DOCUMENT.marked(), Request(width=width, colors="standard"))
        assert text.startswith("\x1b[1;31mFirst slip: ")
        assert text.count("\x1b[1;31m") > 2  # the value as well, in a table and below each other
