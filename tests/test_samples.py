"""Each sample against its known answer, which its first comment says or a child can work out."""

import json

import pytest

from calling import ROOT, rnncalc

KNOWN = {
    "running_sum": ("h", [[3], [4], [8], [9], [14]]),
    "fibonacci": ("y", [[1], [1], [2], [3], [5], [8], [13], [21]]),
    "decaying_echo": ("h", [[8], [4], [2], [1], [0.5], [0.25]]),
    "two_layers": ("h_l1", [[1], [3], [6], [10]]),
    "both_directions": ("y", [[-8], [-5], [0], [5], [8]]),
    "latch": ("h", [[0], [1], [1], [1], [0], [0]]),
}


def steps(name: str) -> list[dict[str, list[float]]]:
    result = rnncalc("run", "-c", str(ROOT / "sample_configs" / f"{name}.toml"), "-f", "json")
    found: list[dict[str, list[float]]] = json.loads(result.out)["steps"]
    return found


@pytest.mark.parametrize("name", KNOWN)
def test_a_sample_gives_its_known_answer(name: str) -> None:
    quantity, answer = KNOWN[name]

    assert [step[quantity] for step in steps(name)] == answer


def test_the_two_classes_come_out_as_published() -> None:
    # tests/published/i_love_ai_softmax.toml, and the right values of known_wrong.json
    assert steps("two_classes")[-1]["y"] == pytest.approx([0.6125267884, 0.3874732116], abs=1e-10)


def test_every_sample_says_what_it_shows_and_is_tested() -> None:
    samples = {path.stem: path.read_text() for path in (ROOT / "sample_configs").glob("*.toml")}

    assert all(text.startswith("# ") for text in samples.values())
    trained = {"names", "parity", "sentiment", "speech", "forecast"}  # test_applications.py
    trained |= {"translation_encoder", "translation_decoder"}
    trained |= {"gradient", "gradient_with_a_slip"}  # test_grad.py, test_backward.py
    assert set(samples) == trained | {*KNOWN, "two_classes", "document", "document_as_printed"}
