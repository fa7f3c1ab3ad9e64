"""The web page says what JSON says, needs nothing else, and nothing breaks out of it."""

import json
import re
from base64 import b64encode
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calling import ROOT, rnncalc
from networks import network
from pages import read, tables, typeset, working

SAMPLES = sorted((ROOT / "sample_configs").glob("*.toml"))
TWO_CLASSES = ("-c", str(ROOT / "sample_configs" / "two_classes.toml"))
BACK = ("grad", *TWO_CLASSES, "--target", "1 0; 0 1; 1 0")
HOSTILE = ["</pre><script>x()</script>", "\"onmouseover='alert(2)'", "<b>&amp;", "]]> = 1"]


def rounding(value: float, decimals: int) -> str:
    quantum = Decimal(1).scaleb(-decimals)
    text = f"{Decimal(repr(value)).quantize(quantum, ROUND_HALF_UP):f}"
    return re.sub(r"^-(0(?:\.0+)?)$", r"\1", text).replace("-", "−")


def page_of(*arguments: str) -> str:
    result = rnncalc(*arguments, "-f", "html")
    assert (result.status, result.err) == (0, "")
    return result.out


def steps_of(*arguments: str) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = json.loads(rnncalc(*arguments, "-f", "json").out)["steps"]
    return steps


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_value_of_a_sample_is_the_rounding_of_the_jsons(sample: Path) -> None:
    run = ("run", "-c", str(sample))
    page, steps = read(page_of(*run)), steps_of(*run)
    values = {
        (key, str(step["t"]), i): value
        for step in steps
        for key, row in step.items()
        if isinstance(row, list) and key not in ("x", "target")
        for i, value in enumerate(row)
        if isinstance(value, float)
    }

    shown = {cell: text for cell, text in tables(page).items() if cell in values}
    results = {cell: text for cell, text in typeset(page).items() if cell in values}

    # a state is named once: in a stack, h only repeats those of the layers
    assert {key for key, *_ in shown} >= {"a", "h"} or any("_l0" in key for key, *_ in shown)
    assert len({t for _, t, _ in shown}) == len(steps)
    assert shown == {cell: rounding(values[cell], 3) for cell in shown}
    assert results == {cell: rounding(values[cell], 3) for cell in results}


@pytest.mark.parametrize("seed", range(8))
def test_every_value_of_a_random_network_is_the_rounding_of_the_jsons(seed: int) -> None:
    arguments = network(seed, digits=1)
    decimals = int(arguments[arguments.index("-p") + 1])
    shown = tables(read(page_of("run", *arguments)))

    for step in steps_of("run", *arguments):
        for key in {"a", "h", "y"} & step.keys():
            for i, value in enumerate(step[key]):
                assert shown[key, str(step["t"]), i] == rounding(value, decimals)


@pytest.mark.parametrize("seed", range(8))
def test_the_working_is_that_of_the_json(seed: int) -> None:
    run = ("run", *network(seed))
    found = working(read(page_of(*run)))

    for step in steps_of(*run, "--work"):
        for key, lines in step["work"].items():
            # the sums that a long line begins with are said once, above all of them
            wanted = [re.sub(r"(\] =) \(W_.*?\] (= |≈ )", r"\1 \2", line) for line in lines]
            shown = found[key, str(step["t"])]
            short = [re.sub(r"\] = (W|\(W).*? = ", "] = ", line) for line in lines]
            assert len(shown) == len(wanted)
            for line, full, cut in zip(shown, lines, short, strict=True):
                named = full if "[" in full.partition(" = ")[0] else f"{key} = {full}"
                result = re.split(" [=≈] ", full)[-1]
                assert re.split(" [=≈] ", line)[-1] == result
                assert line in (named, cut) or line.split(" ", 1)[1] in named


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", *TWO_CLASSES),
        ("run", *TWO_CLASSES, "--only", "h[1],y", "--by-hand"),
        ("run", *TWO_CLASSES, "--blank"),
        ("run", *TWO_CLASSES, "--all", "--plot", "--work"),
        ("run", "-c", str(ROOT / "sample_configs" / "names.toml"), "--generate", "5"),
        ("run", "--wxh", "1", "--whh", "1", "--x", " ".join("1" * 300)),
        (*BACK,),
        (*BACK, "--learning-rate", "0.1", "--only", "dh,dwhh"),
        (*BACK, "--flow"),
        (*BACK, "--blank"),
    ],
    ids=" ".join,
)
def test_a_page_is_well_formed_and_refers_to_nothing_outside(arguments: tuple[str, ...]) -> None:
    text = page_of(*arguments)
    page = read(text)

    (root,) = page.all("html")
    assert root.attributes["lang"] == "en"
    assert page.all("title")[0].text
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text)
    assert not page.all("link") + page.all("img") + page.all("iframe")
    assert not [e for e in page.all() if {"href", "src", "style"} & e.attributes.keys()]
    assert not [name for e in page.all() for name in e.attributes if name.startswith("on")]
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))


def test_only_the_script_and_the_style_of_the_page_are_allowed_in_it() -> None:
    page = read(page_of("run", *TWO_CLASSES))
    (policy,) = (e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes)
    (style,), (script,) = page.all("style"), page.all("script")

    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    digests = {
        f"{e.tag}-src": f"'sha256-{b64encode(sha256(e.text.encode()).digest()).decode()}'"
        for e in (style, script)
    }
    assert allowed == {"default-src": "'none'", **digests}


def test_hostile_names_are_text(tmp_path: Path) -> None:
    file = tmp_path / "hostile.toml"
    numbers = "wxh = [1, 2]\nwhh = [[0, 0], [0, 0]]\nwhy = [[1, 0], [0, 1], [1, 1], [2, 0]]\n"
    names = f"x = [1, 2]\nlabels = {json.dumps(HOSTILE)}\ntarget = {json.dumps(HOSTILE[:2])}\n"
    file.write_text(numbers + names)
    page = read(page_of("run", "-c", str(file)))
    script = page.all("script")

    assert len(script) == 1
    assert not page.all("b")
    heads = [th.text for th in page.all("th")]
    assert heads.count(HOSTILE[0]) == heads.count(HOSTILE[1]) == 2  # of o and of y
    # each step has the line of each output, at its place
    for t in ("1", "2"):
        lines = working(page)["y", t]
        assert [line.split(" e^")[0] for line in lines] == [f"y[{name}] =" for name in HOSTILE]


def test_symbols_of_the_input_are_escaped() -> None:
    run = ("run", "--vocabulary", "<>&", "--wxh", "1 2 3", "--whh", "1", "--x", "<&>")
    page = read(page_of(*run))

    assert [tables(page)["symbol", str(t), 0] for t in (1, 2, 3)] == ["<", "&", ">"]


def test_the_answer_of_a_final_readout_is_that_of_the_json() -> None:
    numbers = ("--wxh", "1 0.5; -1 2", "--whh", "0.5 0; 0.1 0.2", "--why", "1 -1; 0.5 2")
    run = ("run", *numbers, "--readout", "final", "--labels", "left right", "--x", "0.5 1; 1 1")
    page, final = read(page_of(*run)), json.loads(rnncalc(*run, "-f", "json").out)["final"]

    right = {("end", key, i): rounding(v, 3) for key, of in final.items() for i, v in enumerate(of)}
    cells, results = tables(page), typeset(page)
    assert {(t, key, i): text for (key, t, i), text in cells.items() if t == "end"} == right
    shown = {(t, key, i): text for (key, t, i), text in results.items() if t == "end"}
    assert shown == {cell: text for cell, text in right.items() if cell[1] != "h"}
    assert working(page)["y", "end"][0].startswith("y[left] = e^")


def test_targets_are_shown_as_they_are_given() -> None:
    run = ("run", "--wxh", "1", "--whh", "1", "--why", "1; -1", "--x", "1 2 3")
    page = read(page_of(*run, "--target", "? ?; 0.5 -1; ? ?", "--loss", "squared_error"))

    shown = {key: text for key, text in tables(page).items() if key[0] == "target"}
    assert [*shown.values()] == ["", "", "0.5", "−1", "", ""]


def test_two_layers_of_50_units_over_100_steps_are_less_than_two_megabytes(
    tmp_path: Path,
) -> None:
    r = np.random.default_rng(0)

    def matrix(rows: int, columns: int) -> str:
        return json.dumps(np.round(r.normal(size=(rows, columns)) * 0.2, 4).tolist())

    layers = "".join(
        f"[[layers]]\nwxh = {matrix(50, n)}\nwhh = {matrix(50, 50)}\nbh = {matrix(1, 50)[1:-1]}\n"
        for n in (10, 50)
    )
    file = tmp_path / "large.toml"
    file.write_text(f"x = {matrix(100, 10)}\nwhy = {matrix(5, 50)}\n{layers}")

    text = page_of("run", "-c", str(file))

    assert len(text.encode()) < 2_000_000
    page = read(text)
    assert {t for _, t, _ in tables(page)} == {str(t) for t in range(1, 101)}
    lines = working(page)
    assert all(len(lines[f"a_l{n}", str(t)]) == 50 for n in (0, 1) for t in range(1, 101))


def test_of_a_very_long_sequence_the_first_and_last_steps_are_shown() -> None:
    run = ("run", "--wxh", "1", "--whh", "0", "--x", " ".join(["1"] * 1000))
    page = read(page_of(*run))

    shown = [tr.attributes["data-t"] for tr in page.all("tbody")[0].all("tr") if not tr.classes]
    assert shown == [str(t) for t in (*range(1, 11), *range(991, 1001))]
    (gap,) = page.all("tr", "gap")
    assert gap.text == "980 steps omitted"
    assert len(page.all("article", "step")) == 20


def test_matrices_and_vectors_are_typeset_row_by_row() -> None:
    run = ("run", "--wxh", "1 2; -3 0.5", "--whh", "0 0; 0 0", "--x", "4 5;")
    page = read(page_of(*run))

    def rows(table: Any) -> list[list[str]]:
        return [[td.text for td in tr.all("mtd")] for tr in table.all("mtr")]

    weights = [rows(m) for m in page.all("section")[0].all("mtable")]
    assert weights == [[["1", "2"], ["−3", "0.5"]], [["0", "0"], ["0", "0"]]]
    (step,) = page.all("article", "step")
    first = step.all("div", "eq")[0]
    # a = [1 2; -3 0.5] [4; 5] + 0 = [14; -9.5]
    assert [rows(m) for m in first.all("mtable")[:2]] == [weights[0], [["4"], ["5"]]]
    assert [v.text for v in first.all("span", "v")] == ["14.000", "−9.500"]
    assert [mo.text for mo in first.all("mo") if mo.text in "=≈"] == ["=", "="]


def test_a_rounded_result_is_not_called_equal() -> None:
    run = ("run", "--wxh", "0.33333; 1", "--whh", "0 0; 0 0", "--x", "1", "-p", "2")
    first, second = read(page_of(*run)).all("div", "eq")

    assert [[mo.text for mo in of.all("mo")][-1] for of in (first, second)] == ["≈", "≈"]


def test_a_state_has_a_shade_by_its_size_and_sign() -> None:
    run = ("run", "--wxh", "1", "--whh", "0", "--activation", "linear", "--x", "8 4 -8 0.1")
    page = read(page_of(*run))

    cells = [tr.all("td") for tr in page.all("tbody")[0].all("tr")]
    shades = [[c for c in row[2].classes if c != "first"] for row in cells]
    assert shades == [["p9"], ["p4"], ["n9"], []]
    assert not [c for row in cells for c in row[1].classes if c != "first"]  # a has none


def test_the_chart_has_axes_numbers_and_the_names_of_components() -> None:
    page = read(page_of("run", *TWO_CLASSES))

    (chart,) = page.all("svg")
    texts = [text.text for text in chart.all("text")]
    assert texts == ["−1", "−0.5", "0", "0.5", "1", "1", "2", "3", "step t", "h[0]", "h[1]", "h[2]"]
    (line, *_) = (path for path in chart.all("g", "line")[0].all("path"))
    heights = [float(y) for y in re.findall(r" (-?[\d.]+)", line.attributes["d"])]
    values = [step["h"][0] for step in steps_of("run", *TWO_CLASSES)]
    slope = np.polyfit(values, heights, 1)
    assert slope[0] < 0  # up is more
    assert np.allclose(np.polyval(slope, values), heights, atol=0.06)


def test_an_exercise_gives_nothing_away() -> None:
    page, solved = (page_of("run", *TWO_CLASSES, *more) for more in (("--blank",), ()))
    given = {key for key in tables(read(solved)) if key[0] == "x"}

    assert {text for key, text in tables(read(page)).items() if key not in given} == {"_____"}
    assert not read(page).all("svg")
    body, answers = page.partition("</style>")[2], tables(read(solved))
    results = {text for key, text in answers.items() if key not in given}
    assert not [text for text in results if text in body]
    assert not [e for e in read(page).all() if {"top", "p4", "n4", "p3", "n3"} & {*e.classes}]


def test_an_exercise_says_nothing_of_values_that_are_not_there() -> None:
    page, solved = (page_of("run", *TWO_CLASSES, *more) for more in (("--blank",), ()))

    assert "to see how it is calculated" in solved
    assert "Calculated by rnncalc" in solved
    assert "to see how it is calculated" not in page
    assert "Calculated by rnncalc" not in page


def test_what_is_filled_in_below_each_other_has_room() -> None:
    page = read(page_of(*BACK, "--blank"))

    empty = [td for td in page.all("mtd") if "_" in td.text]
    assert len(empty) > 20
    assert {" ".join(td.classes) for td in empty} == {"blank"}


def test_a_page_of_gradients_has_the_forward_pass_in_time_order() -> None:
    page = read(page_of(*BACK))
    forward, found = page.all("table", "values")[0], tables(page)

    assert [tr.attributes["data-t"] for tr in forward.all("tr")[2:]] == ["1", "2", "3"]
    for step in steps_of("run", *TWO_CLASSES):
        for key in "ahy":
            for i, value in enumerate(step[key]):
                assert found[key, str(step["t"]), i] == rounding(value, 3)
    assert [found["target", str(t), 0] for t in (1, 2, 3)] == ["1", "0", "1"]


def test_a_step_of_gradients_has_numbers_in_place_of_names() -> None:
    (last, *_) = read(page_of(*BACK)).all("article", "step")
    lines = [line.text.replace("\u00a0", "") for line in last.all("div", "eq")]

    # of the run: y_3 = (0.613, 0.387), h_3 = (0.268, 0.646, −0.284), and the target is class 0
    assert [line.split("≈")[0].replace(" ", "") for line in lines[:2]] == [
        "L3=−ln(0.613)",
        "dLdo3=0.613−10.387−0",
    ]
    (slope,) = [line for line in lines if line.startswith("f′")]
    assert slope.replace(" ", "").startswith("f′(a3)=1−0.26821−0.64621−(−0.284)2≈")
    assert not [line for line in lines if "target" in line or "ht" in line]


def test_a_step_without_a_target_has_its_results_alone() -> None:
    target = ("grad", *TWO_CLASSES, "--target", "1 0; ?; 1 0")
    step = read(page_of(*target)).all("article", "step")[1]
    lines = [line.text.replace(" ", "") for line in step.all("div", "eq")]

    assert lines[:2] == ["L2=0.000", "dLdo2=0.0000.000"]


@pytest.mark.parametrize(("digits", "is_wide"), [(9, False), (10, True)])
def test_weights_that_are_wider_than_half_a_page_have_all_of_it(digits: int, is_wide: bool) -> None:
    # in Chromium, 1000 pixels wide, four columns of nine characters just fit beside the chart
    row = " ".join([f"0.{'1' * (digits - 2)}"] * 4)
    weights = ("--wxh", "1;1;1;1", "--whh", "; ".join([row] * 4), "--x", "1 2", "-p", "9")
    page = read(page_of("run", *weights))

    (network,) = (s for s in page.all("section") if s.attributes.get("id") == "network")
    assert ("wide" in network.classes) == is_wide


def test_the_readout_of_a_stack_has_a_title() -> None:
    page = read(page_of("run", "-c", str(ROOT / "sample_configs" / "both_directions.toml")))
    titles = [p.text for p in page.all("p", "where")]

    assert titles == ["l0", "l0 reverse", "readout"]


def test_the_gradients_are_the_roundings_of_the_jsons() -> None:
    page = read(page_of(*BACK))
    found = {**typeset(page), **tables(page)}
    answer = json.loads(rnncalc(*BACK, "-f", "json").out)

    for step in answer["steps"]:
        for key in ("do", "dh", "da"):
            for i, value in enumerate(step[key]):
                assert found[key, str(step["t"]), i] == rounding(value, 3)
    sums = [
        m
        for s in page.all("section")
        if s.attributes.get("id") == "result"
        for m in s.all("mtable")
    ]
    shown = [[td.text for td in m.all("mtd")] for m in sums]
    for key in ("wxh", "whh", "bh", "why"):
        assert [rounding(float(v), 3) for v in np.ravel(answer["gradients"][key])] in shown


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_a_page_says_the_same_in_every_encoding(encoding: str) -> None:
    out = rnncalc("run", *TWO_CLASSES, "-f", "html", encoding=encoding).out

    assert encoding == "utf-8" or out.isascii()
    assert tables(read(out)) == tables(read(page_of("run", *TWO_CLASSES)))


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def full(color: str) -> str:
    return color if len(color) == 7 else "#" + "".join(c * 2 for c in color[1:])


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_text_has_enough_contrast_on_every_shade(scheme: int) -> None:
    style = read(page_of("run", *TWO_CLASSES)).all("style")[0].text
    root = re.findall(r":root\{(.*?)\}", style, re.DOTALL)[scheme]
    colors = dict(re.findall(r"--(\w+):([^;}]+)", root))
    back, front = full(colors["bg"]), full(colors["fg"])
    shades = re.findall(r"\.[pn]\d\{background:rgb\(var\(--(\w+)\)/(\d+)%\)\}", style)

    assert len(shades) == 18
    for name, share in shades:
        over = [*map(int, colors[name].split())]
        under = [int(back[i : i + 2], 16) for i in (1, 3, 5)]
        mixed = (
            o * int(share) / 100 + u * (1 - int(share) / 100)
            for o, u in zip(over, under, strict=True)
        )
        shade = "#" + "".join(f"{round(c):02x}" for c in mixed)
        assert contrast(front, shade) >= 4.5
    for name in ("fg", "dim", "accent", *(f"c{n}" for n in range(8))):
        assert contrast(full(colors[name]), back) >= 4.5, name
        assert contrast(full(colors[name]), full(colors["card"])) >= 4.5 or name[0] == "c"
