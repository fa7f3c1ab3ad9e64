"""A fragment of LaTeX fits an article and a slide, and a document compiles as it is."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from calling import ROOT, rnncalc

SAMPLES = ROOT / "sample_configs"
TWO_CLASSES = ("run", "-c", str(SAMPLES / "two_classes.toml"), "--steps", "1")
LONG = ("run", "--wxh", "1", "--whh", "0.5", "--x", " ".join(["1"] * 45), "--all", "-f", "latex")

PAGES = {
    "document": ("run", "-c", str(SAMPLES / "document.toml")),
    "two_classes": TWO_CLASSES,
    "working": (*TWO_CLASSES, "--work"),
    "blank": (*TWO_CLASSES, "--work", "--blank"),
    "names": ("run", "-c", str(SAMPLES / "names.toml"), "--work"),
    "layers": ("run", "-c", str(SAMPLES / "both_directions.toml"), "--work"),
    "odd_names": (
        *("run", "--vocabulary", "a_b #%& ~^ {$}", "--x", "a_b #%& {$}", "--whh", "0", "--work"),
        *("--wxh", "1 2 3 4", "--why", "1;2;3;4"),
    ),
    "gradient": (
        *("grad", "-c", str(SAMPLES / "both_directions.toml"), "--work"),
        *("--target", "1 2 3 4 5", "--learning-rate", "0.1", "--loss", "squared_error"),
    ),
    "gradient_of_a_stack": (
        *("grad", "-c", str(SAMPLES / "two_layers.toml"), "--work", "--dh-output", "1 2 3 4"),
    ),
    "gradient_of_both_ends": (
        *("grad", "-c", str(SAMPLES / "both_directions.toml"), "--readout", "final"),
        *("--target", "1", "--work"),
    ),
    "flow": (
        *("grad", "--wxh", "1 0; 0 1", "--whh", "0.5 1; 1 0.5", "--x", "1 2; 3 4", "--flow"),
        *("--target", "1 2; 3 4"),
    ),
}


def fragment(name: str) -> str:
    result = rnncalc(*PAGES[name], "-f", "latex")
    assert result.status == 0, result.err
    return result.out


def test_a_fragment_names_its_packages_and_has_no_preamble() -> None:
    text = fragment("document")

    assert text.startswith("% needs \\usepackage{booktabs,mathtools}\n\\begin{align*}\n")
    assert "\\documentclass" not in text


BACK = ("grad", *TWO_CLASSES[1:3], "--target", "0 ? 1", "-f", "latex")


def test_a_component_is_a_subscript_on_every_line() -> None:
    text = rnncalc(*BACK, "--work", "--learning-rate", "0.1").out
    lefts = [line.partition(" &= ")[0] for line in text.splitlines() if " &= " in line]

    assert not [left for left in lefts if "[" in left]
    for left in (
        r"L_{3}",
        r"(\text{from }o_{3})_{0}",
        r"f'(a_{3,0})",
        r"\mathrm{d}L/\mathrm{d}a_{3,0}",
        r"(\mathrm{d}L/\mathrm{d}W_{xh})_{0}",
        r"(\mathrm{d}L/\mathrm{d}W_{hh})_{0,1}",
    ):
        assert left in lefts
    assert r"$(W_{xh})_{0,1}$ &" in text


def test_a_sum_of_many_products_has_its_component_as_a_subscript() -> None:
    assert r"a_{1,0} &= (W_{xh} x_{t})_{0} + (W_{hh} h_{t-1})_{0} + (b_{h})_{0} =" in fragment(
        "names"
    )


def test_words_and_weights_are_set_as_such() -> None:
    assert (
        r"\mathrm{loss_{1}} &="
        in rnncalc(*PAGES["working"], "--target", "0 ? ?", "-f", "latex").out
    )
    assert "the column of its symbol in $W_{xh}$\n" in fragment("names")
    assert "are shown; -{}-all for all\n" in fragment("names")


def test_what_is_filled_in_has_room() -> None:
    rule = r"\underline{\hspace{3em}}"
    table, working = (rnncalc(*BACK, "--blank", *more).out for more in ((), ("--work",)))

    assert rf"\begin{{pmatrix*}}[r] {rule} \\[1ex] {rule} \end{{pmatrix*}}" in table
    below = [
        line for line in working.splitlines() if line.startswith(r"\mathrm{d}L/\mathrm{d}h_{3")
    ]
    assert {line.endswith(rf"{rule} \\[1ex]") for line in below} == {True}
    assert "[1ex]" not in rnncalc(*BACK, "--work").out


def test_a_document_has_a_preamble_and_an_end() -> None:
    text = rnncalc(*PAGES["document"], "-f", "latex", "--standalone").out

    assert text.startswith("\\documentclass{article}\n")
    assert text.endswith("\\end{document}\n")


@pytest.mark.parametrize(("steps", "table"), [(30, "tabular"), (31, "longtable")])
def test_beyond_30_rows_the_table_of_a_document_breaks_across_pages(steps: int, table: str) -> None:
    x = " ".join(["1"] * steps)
    run = ("run", "--wxh", "1", "--whh", "0.5", "--x", x, "--all", "-f", "latex", "--standalone")

    assert re.findall(r"\\begin\{(\w*table|tabular)\}", rnncalc(*run).out) == [table]


def test_matrices_vectors_and_fractions_are_typeset() -> None:
    table, work = fragment("two_classes"), fragment("working")

    assert "W_{hy} = \\begin{pmatrix*}[r] 0.9 & 0.2 & -0.4 \\\\ -0.5 & 0.6 & 0.8 \\end" in table
    assert "\\begin{pmatrix*}[r] \\mathbf{0.691} \\\\ 0.309 \\end{pmatrix*}$" in table
    # e^0.501 / (e^0.501 + e^-0.302) = 1.650 / 2.390 = 0.691
    assert re.search(r"y_\{1,0\} &= \\frac\{e\^\{0.\d+\}\}\{e\^\{0.\d+\} \+ e\^\{-0.\d+\}\}", work)
    assert re.search(r"\\approx \\frac\{1\.\d+\}\{2\.\d+\} \\approx 0\.691", work)


def test_a_step_names_its_components_by_step_and_index() -> None:
    assert "h_{1,2} &= \\tanh(-0.29) \\approx -0.282" in fragment("working")


def test_of_a_long_vector_the_first_and_last_components_are_shown() -> None:
    ones, zeros = ";".join(["1"] * 17), ";".join([" ".join(["0"] * 17)] * 17)
    run = ("run", "--wxh", ones, "--whh", zeros, "--x", "1", "-f", "latex", "--only", "a")
    five = " \\\\ ".join(["1.000"] * 5)

    assert f"[r] {five} \\\\ \\vdots \\\\ {five} \\end" in rnncalc(*run).out
    assert rnncalc(*run, "--all").out.count("1.000") == 17


ARTICLE = "\\documentclass{article}\n\\usepackage{booktabs,mathtools}\n\\begin{document}\nText.\n%s\nText.\n\\end{document}\n"
SLIDE = "\\documentclass{beamer}\n\\usepackage{booktabs,mathtools}\n\\begin{document}\n\\begin{frame}{A}\n%s\\end{frame}\n\\end{document}\n"


def compiled(text: str, folder: Path) -> str:
    """Return what LaTeX says of a document, whose PDF is in the folder."""
    (folder / "page.tex").write_text(text)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, errors="replace", check=False
    )
    assert (folder / "page.pdf").exists(), done.stdout[-2000:]
    return done.stdout


def has(package: str) -> bool:
    found = shutil.which("kpsewhich")
    return (
        bool(found)
        and not subprocess.run([str(found), package], check=False, capture_output=True).returncode
    )


needs_latex = pytest.mark.skipif(not has("mathtools.sty"), reason="there is no LaTeX")
needs_beamer = pytest.mark.skipif(
    not (has("beamer.cls") and has("pgf.sty")), reason="there is no beamer"
)


@needs_latex
@pytest.mark.parametrize("name", PAGES)
def test_a_fragment_compiles_in_an_article(name: str, tmp_path: Path) -> None:
    compiled(ARTICLE % fragment(name), tmp_path)


@needs_latex
@pytest.mark.parametrize("output_format", ["latex", "markdown"])
def test_nothing_has_two_superscripts(output_format: str) -> None:
    out = rnncalc(*PAGES["gradient_of_a_stack"], "-f", output_format).out

    assert r"{W_{xh}^{\text{l1}}}^{\top}" in out
    assert not re.search(r"\^\{\\text\{[^}]*\}\}\^", out)


@needs_latex
@pytest.mark.parametrize("name", ["document", "two_classes"])
def test_a_fragment_fits_the_lines_of_an_article(name: str, tmp_path: Path) -> None:
    assert "Overfull" not in compiled(ARTICLE % fragment(name), tmp_path)


@needs_beamer
def test_a_fragment_fits_a_slide(tmp_path: Path) -> None:
    assert "Overfull" not in compiled(SLIDE % fragment("document"), tmp_path)


@needs_latex
@pytest.mark.parametrize("name", PAGES)
def test_a_document_compiles(name: str, tmp_path: Path) -> None:
    compiled(rnncalc(*PAGES[name], "-f", "latex", "--standalone").out, tmp_path)


@needs_latex
def test_a_long_table_compiles(tmp_path: Path) -> None:
    compiled(rnncalc(*LONG, "--standalone").out, tmp_path)


@needs_beamer
def test_the_table_of_a_gradient_is_no_wider_than_a_slide(tmp_path: Path) -> None:
    flags = ("--wxh", "0.5", "--whh", "0.1", "--why", "1", "--x", "1,2,3", "--target", "0.5,1,1.5")
    page = rnncalc("grad", *flags, "-f", "latex").out

    assert "Overfull \\hbox" not in compiled(SLIDE % page, tmp_path)
