"""The Python interface: a problem that is run, differentiated and checked, also in a notebook."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnncalc as package
from calling import ROOT, rnncalc
from rnncalc import InputError, load
from rnncalc.reading.in_python import in_python

SAMPLES = ROOT / "sample_configs"
DOCUMENT = load(SAMPLES / "document.toml")
TWO_CLASSES = load(SAMPLES / "two_classes.toml")


def test_a_run_has_the_arrays_of_a_plain_loop() -> None:
    result = TWO_CLASSES.run()

    assert TWO_CLASSES.x is not None
    assert [result[name].shape for name in "xahoy"] == [(3, 2), (3, 3), (3, 3), (3, 2), (3, 2)]
    h = np.zeros(3)
    (cell,) = TWO_CLASSES.network.cells
    for x, found in zip(TWO_CLASSES.x, result.h, strict=True):
        h = np.tanh(cell.W_xh @ x + cell.W_hh @ h + cell.b_h)
        assert found == pytest.approx(h, rel=1e-15)


def test_x_may_be_a_flat_list_where_there_is_one_input() -> None:
    wanted = DOCUMENT.run().h

    for x in ([1, 2, 3], (1, 2, 3), [[1], [2], [3]], np.array([1.0, 2.0, 3.0]), "1 2 3"):
        assert (DOCUMENT.run(x).h == wanted).all()
    assert DOCUMENT.run([4]).h.shape == (1, 1)


def test_h0_may_be_left_out_or_given() -> None:
    # tanh(0.5 + 0.3 × 0.5 + 0.1) = tanh(0.75)
    assert DOCUMENT.run([1], h0=[0.5]).h[0, 0] == pytest.approx(np.tanh(0.75))
    assert DOCUMENT.run([1]).h[0, 0] == pytest.approx(np.tanh(0.6))


def test_symbols_are_inputs_too() -> None:
    names = load(SAMPLES / "names.toml")

    assert names.run("anna").y.shape == (4, 27)
    assert names.run(["a", "n"]).y.shape == (2, 27)


def test_by_hand_each_value_is_rounded() -> None:
    # the document's own values; only its h_2 is a slip
    assert DOCUMENT.run(by_hand=True).y.ravel().tolist() == [0.415, 0.54, 0.581]


COMMAND = ("-c", str(SAMPLES / "two_classes.toml"))


@pytest.mark.parametrize(
    ("shown", "arguments"),
    [
        (lambda result: result.table(), ()),
        (lambda result: result.work(), ("--work",)),
        (lambda result: result.to_markdown(), ("-f", "markdown")),
        (lambda result: result.to_markdown(work=True), ("-f", "markdown", "--work")),
        (lambda result: result.to_latex(), ("-f", "latex")),
        (lambda result: result.to_latex(standalone=True), ("-f", "latex", "--standalone")),
        (lambda result: result.to_html(), ("-f", "html")),
    ],
)
@pytest.mark.parametrize("command", ["run", "grad"])
def test_a_page_is_that_of_the_command_line(
    command: str, shown: Any, arguments: tuple[str, ...]
) -> None:
    target = "1 0; 0 1; 1 0"
    more = ("--target", target) if command == "grad" else ()
    result = TWO_CLASSES.run() if command == "run" else TWO_CLASSES.grad(target)

    assert shown(result) == rnncalc(command, *COMMAND, *more, *arguments).out


def test_a_gradient_is_that_of_finite_differences() -> None:
    target = [0.5, None, 1]
    gradient = DOCUMENT.grad(target, learning_rate=0.1)

    def loss(whh: float) -> float:
        h, total = 0.0, 0.0
        for x, t in zip([1, 2, 3], target, strict=True):
            h = np.tanh(0.5 * x + whh * h + 0.1)
            total += 0 if t is None else (0.4 * h + 0.2 - t) ** 2 / 2
        return total

    slope = (loss(0.3 + 1e-6) - loss(0.3 - 1e-6)) / 2e-6
    assert gradient.loss == pytest.approx(loss(0.3))
    assert gradient.gradients["whh"][0, 0] == pytest.approx(slope, rel=1e-6)
    assert gradient.updated["whh"][0, 0] == pytest.approx(0.3 - 0.1 * slope)
    assert gradient.dh.shape == (3, 1)
    assert {*gradient.gradients} == {"wxh", "whh", "bh", "why", "by", "h0"}


def test_values_are_checked_by_what_was_printed() -> None:
    slip = DOCUMENT.check({"h": ["0.537", "0.850", None]})

    assert not slip.all_right
    assert not slip
    assert slip.table().startswith("First slip: h[0] at step 2: 0.850 printed, 0.851 is right")
    assert DOCUMENT.check({"h": "0.537 0.851 ?"}).all_right
    assert DOCUMENT.check({"h": DOCUMENT.run().h}).all_right
    assert DOCUMENT.check({"y": [0.41, 0.54, 0.58]}, atol=0.01).all_right


def test_the_values_of_the_file_are_checked_if_no_others_are_given() -> None:
    printed = load(SAMPLES / "document_as_printed.toml").check()

    assert printed.table() == rnncalc("check", str(SAMPLES / "document_as_printed.toml")).out


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: DOCUMENT.run([[1, 2]]),
            "x: step 1 has 2 values, but wxh has 1 column, so every step needs 1",
        ),
        (lambda: DOCUMENT.run("a"), "x: 'a' is not a number"),
        (lambda: DOCUMENT.check({"z": [1]}), "z: unknown key; known are a, h, o, y"),
        (lambda: DOCUMENT.check({"h": ["a", 1, 1]}), "h: 'a' is not a number"),
        (
            lambda: DOCUMENT.grad([1]),
            "1 target, but x has 3 steps; give one for each, and None where there is none",
        ),
        (DOCUMENT.grad, "there are no targets; give them: grad([0.5, None, 1])"),
        (
            DOCUMENT.check,
            'there are no values; give them: check({"h": ["0.537", "0.851"]})',
        ),
        (
            lambda: TWO_CLASSES.run([1, 2, 3]),
            "separate the steps, as in [[1, 2], [3, 4]] ([[1, 2]] is one step)",
        ),
        (
            lambda: DOCUMENT.check({"h": [1]}),
            "h: 1 step, but x has 3; None stands for a step that was not printed",
        ),
        (
            lambda: load(SAMPLES / "document.toml", activation="softmax"),
            'activation: softmax is for the output only; use output_activation="softmax"',
        ),
        (
            lambda: load(SAMPLES / "document.toml", foo="x"),
            "foo: unknown setting; known are activation, output_activation, readout, weights, "
            "rnn, head, loss, stop",
        ),
    ],
)
def test_what_does_not_fit_is_an_input_error(call: Any, message: str) -> None:
    with pytest.raises(InputError) as error:
        call()

    assert message in str(error.value)


@pytest.mark.parametrize(
    ("said", "in_words_of_python"),
    [
        ("choose one with --head, or --head none", 'choose one with head, or head="none"'),
        ("give --bh to replace both", "give bh to replace both"),
        ('type for example --target "? ? 1"', "type for example target=[None, None, 1]"),
        ('as in "0.1 -0.2; 0.3 0.4"', "as in [[0.1, -0.2], [0.3, 0.4]]"),
        ("--by-hand and --float32 exclude each other", "by_hand and float32 exclude each other"),
        ("'--x' is not in the vocabulary", "'--x' is not in the vocabulary"),
        ("/a--b/c: is empty", "/a--b/c: is empty"),
        ('write symbols in quotes, as in "1"', 'write symbols in quotes, as in "1"'),
    ],
)
def test_an_error_is_in_the_words_of_python(said: str, in_words_of_python: str) -> None:
    @in_python
    def call() -> None:
        raise InputError(said, key="x", lines=("1 2", "^"))

    with pytest.raises(InputError) as error:
        call()

    assert (error.value.message, error.value.key) == (in_words_of_python, "x")
    assert error.value.lines == ("1 2", "^")


def test_a_network_without_inputs_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text("wxh = 1\nwhh = 1\n")
    network = load(tmp_path / "model.toml")

    with pytest.raises(InputError, match=re.escape("give them: run([1, 2, 3])")):
        network.run()
    assert network.run([1, 2]).h.shape == (2, 1)


def test_an_unknown_quantity_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="there is no z; there are x, a, h, o, y"):
        _ = DOCUMENT.run().z


def test_each_shows_itself_in_a_notebook_without_a_script() -> None:
    shown: list[Any] = [
        DOCUMENT,
        DOCUMENT.run(),
        DOCUMENT.grad([1, 2, 3]),
        DOCUMENT.check({"h": "1 ? ?"}),
    ]

    for each in shown:
        html = each._repr_html_()
        assert "<script" not in html
        assert html.count("<div") == html.count("</div")
    assert "0.851" in shown[1]._repr_html_()
    assert "W_xh = 0.5" in repr(DOCUMENT)


def test_names_are_escaped_in_a_notebook(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        'wxh = [[1, 2]]\nwhh = 0\nvocabulary = ["<b>", "&"]\nx = ["<b>"]\n'
    )
    html = load(tmp_path / "m.toml").run()._repr_html_()

    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_the_interface_is_imported_when_it_is_asked_for() -> None:
    assert package.load is load


CELLS = [
    "import rnncalc\nproblem = rnncalc.load('model.toml')\nproblem",
    "problem.run()",
    "print(problem.run([1, 2]).work())",
    "problem.grad([0.5, None, 1], learning_rate=0.1)",
    "problem.check({'h': ['0.537', '0.850', '0.952']})",
    "from IPython.display import Markdown\nMarkdown(problem.run().to_markdown())",
]


def test_a_notebook_as_in_a_lecture(tmp_path: Path) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    (tmp_path / "model.toml").write_text((SAMPLES / "document.toml").read_text())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])

    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": tmp_path}}
    ).execute()

    outputs = [cell.outputs[0] for cell in notebook.cells]
    shown = [of.get("data", {}).get("text/html", "") for of in outputs]
    assert [bool(html) for html in shown] == [True, True, False, True, True, False]
    assert "0.851" in shown[1]
    assert "tanh(0.6) ≈ 0.537" in outputs[2].text
    assert "First slip" in shown[4]
    assert "$h_{t} = \\tanh(a_{t})$" in outputs[5].data["text/markdown"]


def test_what_the_file_says_of_the_loss_holds_unless_something_else_is_given(
    tmp_path: Path,
) -> None:
    # the numbers of tests/published_gradients/table_bangla.json: y - target and the states
    file = tmp_path / "model.toml"
    file.write_text(
        "wxh = 0.5\nwhh = 0.1\nwhy = 1\nx = [1, 2, 3]\ntarget = [0.5, 1, 1.5]\n"
        'loss = "squared_error"\nreduction = "mean"\nlearning_rate = 0.1\n'
    )
    problem, half = load(file), 0.194

    assert problem.grad().loss == pytest.approx(2 * half / 3, abs=5e-4)
    assert problem.grad([0.5, 1, 1.5]).loss == problem.grad().loss
    assert problem.grad(loss="half_squared_error", reduction="sum").loss == pytest.approx(
        half, abs=5e-4
    )
    assert problem.grad().updated["whh"] != 0.1
    with pytest.raises(InputError, match="3 targets, but x has 2 steps"):
        problem.grad(x=[1, 2])


def test_derivatives_of_the_file_are_used_too(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text("wxh = 0.5\nwhh = 0.1\nwhy = 1\nx = [1, 2, 3]\ndy = [0, 0, 1]\n")

    assert load(file).grad().loss is None
    assert load(file).grad([0, 0, 1]).loss is not None


def test_gradients_are_checked_as_texts_and_a_tolerance_is_one(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    file.write_text("wxh = 0.5\nwhh = 0.1\nwhy = 1\nx = [1, 2, 3]\ntarget = [0.5, 1, 1.5]\n")
    problem = load(file)

    assert problem.check({"gradients": {"whh": [["-0.112"]]}})
    assert not problem.check({"gradients": {"whh": [["-0.212"]]}})
    for limit in (-1.0, float("nan")):
        with pytest.raises(InputError, match="is not a tolerance"):
            problem.check({"h": ["0.462", "?", "?"]}, atol=limit)


@pytest.mark.parametrize("decimals", [-1, 18, 2.5, "3"])
def test_decimals_are_whole_numbers(decimals: Any) -> None:
    for call in (DOCUMENT.run, DOCUMENT.grad):
        with pytest.raises(InputError, match="is not a whole number from 0 to 17"):
            call([1, 2, 3], decimals=decimals)
