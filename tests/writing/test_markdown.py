"""Markdown's mathematics reaches whoever typesets it as it was written."""

import re
from html import unescape

import pytest
from markdown_it import MarkdownIt

from calling import ROOT, rnncalc

SAMPLES = ROOT / "sample_configs"
RUNS = {
    "document": ("run", "-c", str(SAMPLES / "document.toml")),
    "two_classes": ("run", "-c", str(SAMPLES / "two_classes.toml")),
    "names": ("run", "-c", str(SAMPLES / "names.toml")),
    "layers": ("run", "-c", str(SAMPLES / "both_directions.toml")),
    "blank": ("run", "-c", str(SAMPLES / "two_classes.toml"), "--blank"),
    "hard_tanh": ("run", "--wxh", "1", "--whh", "1", "--x", "1", "--activation", "hard_tanh"),
    "gradient": (
        *("grad", "-c", str(SAMPLES / "both_directions.toml"), "--learning-rate", "0.1"),
        *("--target", "1 2 3 4 5"),
    ),
    "flow": (
        *("grad", "--wxh", "1 0; 0 1", "--whh", "0.5 1; 1 0.5", "--x", "1 2; 3 4", "--flow"),
        *("--target", "1 2; 3 4"),
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_markdown_leaves_mathematics_as_it_is(name: str) -> None:
    text = rnncalc(*RUNS[name], "-f", "markdown").out
    written = re.findall(r"\$[^$\n]+\$", text)
    read = unescape(re.sub(r"<[^>]*>", "", MarkdownIt("commonmark").enable("table").render(text)))

    assert written
    for formula in written:
        assert formula in read


@pytest.mark.parametrize("name", RUNS)
def test_every_row_of_a_table_has_all_columns(name: str) -> None:
    html = (
        MarkdownIt("commonmark").enable("table").render(rnncalc(*RUNS[name], "-f", "markdown").out)
    )

    for table in re.findall(r"<table>.*?</table>", html, re.DOTALL):
        columns = len(re.findall(r"<th[ >]", table))
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
        assert [row.count("<td") for row in rows] == [columns] * len(rows)


def test_formulas_headers_and_matrices_are_mathematics_and_a_table_has_plain_numbers() -> None:
    assert rnncalc(*RUNS["two_classes"], "--steps", "1", "-f", "markdown").out == (
        "$a_{t} = W_{xh} x_{t} + W_{hh} h_{t-1} + b_{h}$\\\n"
        "$h_{t} = \\tanh(a_{t})$\\\n"
        "$y_{t} = \\operatorname{softmax}(W_{hy} h_{t})$\n"
        "\n"
        "$W_{xh} = \\begin{pmatrix} 0.5 & -0.3 \\cr 0.2 & 0.8 \\cr -0.4 & 0.1 \\end{pmatrix}$, "
        "$W_{hh} = \\begin{pmatrix} 0.6 & -0.2 & 0.3 \\cr 0.1 & 0.7 & -0.1 \\cr -0.3 & 0.4 & 0.5 "
        "\\end{pmatrix}$, $b_{h} = \\begin{pmatrix} 0.1 \\cr -0.2 \\cr 0 \\end{pmatrix}$, "
        "$W_{hy} = \\begin{pmatrix} 0.9 & 0.2 & -0.4 \\cr -0.5 & 0.6 & 0.8 \\end{pmatrix}$, "
        "$h_{0} = 0$\n"
        "\n"
        "| $t$ | $x_{t}$ | $a_{t}$ | $h_{t}$ | $y_{t}$ |\n"
        "| --: | --: | --: | --: | --: |\n"
        "| 1 | 0.8<br>0.3 | 0.410<br>0.200<br>−0.290 | 0.388<br>0.197<br>−0.282 "
        "| **0.691**<br>0.309 |\n"
    )
