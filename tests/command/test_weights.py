"""rnncalc weights, and a sequence in a .npy file."""

import json
from pathlib import Path

import numpy as np
import pytest

from calling import rnncalc
from weight_files import safetensors

RNN = {"weight_ih_l0": (4, 3), "weight_hh_l0": (4, 4), "bias_ih_l0": (4,), "bias_hh_l0": (4,)}


Float32 = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def arrays(prefix: str = "") -> dict[str, Float32]:
    return {prefix + name: np.full(shape, 0.5, np.float32) for name, shape in RNN.items()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("columns", [60, 40])
def test_in_a_terminal_sentences_break_between_words(
    columns: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = arrays("encoder.rnn.") | {"fc.weight": np.ones((2, 4), np.float32)}
    for held in (one, arrays("encoder.") | arrays("decoder.")):
        (folder / "m.safetensors").write_bytes(safetensors(held))
        whole = rnncalc("weights", "m.safetensors").out
        with monkeypatch.context() as terminal:
            terminal.setattr("rnncalc.cli.app.terminal_width", lambda: columns)
            out = rnncalc("weights", "m.safetensors").out

        assert max(map(len, whole.splitlines())) > 60
        assert max(map(len, out.splitlines())) <= max(columns, 47)  # as wide as the arrays' lines
        assert out.split() == whole.split()


def test_what_is_in_a_file_and_what_was_chosen(folder: Path) -> None:
    more = {"fc.weight": np.ones((2, 4), np.float32), "conv.weight": np.ones((2, 1, 3), np.float32)}
    (folder / "m.safetensors").write_bytes(safetensors(arrays("rnn.") | more))
    result = rnncalc("weights", "m.safetensors")

    assert (result.status, result.err) == (0, "")
    assert (
        result.out
        == """\
m.safetensors: a file of safetensors, 6 arrays

  rnn.weight_ih_l0  4 x 3      float32  wxh
  rnn.weight_hh_l0  4 x 4      float32  whh
  rnn.bias_ih_l0    4          float32  bxh
  rnn.bias_hh_l0    4          float32  bhh
  fc.weight         2 x 4      float32  why
  conv.weight       2 x 1 x 3  float32  not used

The network:
  h: 3 inputs, 4 units, tanh
  y: 4 inputs, 2 outputs, linear

Choices:
  tanh is assumed, as the file does not say; --activation relu changes that
  fc is taken to read out h of rnn, as its shape fits; --head none leaves it out
  the output is linear, as PyTorch's Linear returns it; --output-activation softmax changes that
  not used: conv.weight
"""
    )


def test_what_there_is_to_choose_is_listed(folder: Path) -> None:
    (folder / "m.bin").write_bytes(safetensors(arrays("encoder.") | arrays("decoder.")))
    result = rnncalc("weights", "m.bin")
    last = result.out.splitlines()[-1]

    assert (result.status, result.err) == (0, "")
    assert (
        last == "m.bin holds 2 RNNs: encoder (D 3, H 4), decoder (D 3, H 4); choose one with --rnn"
    )
    assert (
        "\nThe network:\n  h: 3 inputs, 4 units, relu\n"
        in rnncalc("weights", "m.bin", "--rnn", "encoder", "--activation", "relu").out
    )


def test_what_is_not_calculated_is_an_error(folder: Path) -> None:
    (folder / "m.bin").write_bytes(
        safetensors(arrays() | {"weight_hh_l0": np.zeros((16, 4), "f4")})
    )
    result = rnncalc("weights", "m.bin")

    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "Error: m.bin: rnn is an LSTM (weight_hh_l0 is 16 x 4, 4 gates); "
        "only a vanilla RNN is calculated\n"
    )


SMALL = "run --wxh 0.5,-0.5 --whh 0.3 -f json --only h".split()  # noqa: SIM905  # as it is typed


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_sequence_in_an_npy_file(dtype: str, order: str, folder: Path) -> None:
    x = np.array([[1, 2], [3, -4], [0, 1]], dtype, order=order)  # type: ignore[call-overload]
    np.save(folder / "x.npy", x)
    (folder / "x.csv").write_text("1,2\n3,-4\n0,1\n")
    given, right = (rnncalc(*SMALL, "--x", f"@x.{end}") for end in ("npy", "csv"))

    assert (given.status, given.err) == (0, "")
    assert json.loads(given.out)["steps"] == json.loads(right.out)["steps"]


def test_an_npy_file_is_told_by_its_bytes(folder: Path) -> None:
    np.save(folder / "x.npy", np.ones((2, 2)))
    (folder / "x.npy").rename(folder / "x.dat")

    assert rnncalc(*SMALL, "--x", "@x.dat").status == 0


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([{}], object), "x.npy holds pickled Python objects, which are never read; save with np.savez"),
        (np.array([1.0, np.nan]), "x.npy: [1] is nan; every value must be finite"),
        (np.array(["a"]), "x.npy holds str32, not real numbers of at most 64 bits"),
        (np.ones((2, 3)), "x.npy: step 1 has 3 values, but wxh has 2 columns, so every step needs 2"),
    ],
)  # fmt: skip
def test_what_an_npy_file_must_not_hold(array: object, message: str, folder: Path) -> None:
    np.save(folder / "x.npy", array, allow_pickle=True)  # type: ignore[arg-type]

    assert rnncalc(*SMALL, "--x", "@x.npy").err == f"Error: --x: {message}\n"


def test_a_damaged_npy_file(folder: Path) -> None:
    np.save(folder / "x.npy", np.ones((2, 2)))
    (folder / "x.npy").write_bytes((folder / "x.npy").read_bytes()[:-8])

    assert rnncalc(*SMALL, "--x", "@x.npy").err == (
        "Error: --x: x.npy is damaged: expected 32 bytes of numbers, found 24\n"
    )


def test_printed_values_in_an_npy_file(folder: Path) -> None:
    check = [
        "check",
        "--wxh",
        "0.5",
        "--whh",
        "0.3",
        "--x",
        "1,0",
        "--rtol",
        "1e-6",
        "--h",
        "@h.npy",
    ]
    right = np.tanh([0.5, 0.3 * np.tanh(0.5)])
    np.save(folder / "h.npy", right.astype(np.float32))
    assert rnncalc(*check).status == 0

    np.save(folder / "h.npy", right[::-1])
    assert rnncalc(*check).status == 1


def port(of: dict[str, Float32], x: Float32, *forgotten: str) -> str:
    """Return what a port to another language prints: single precision, some arrays left out."""
    W, R, *biases = (np.zeros_like(a) if n in forgotten else a for n, a in of.items())
    h, lines = np.zeros(4, np.float32), ["h[0],h[1],h[2],h[3]"]
    for x_t in x:
        a = biases[0] + biases[1]
        for weights, vector in ((W, x_t), (R, h)):
            for j, value in enumerate(vector):  # the sums of a loop, one term after the other
                a = a + weights[:, j] * value
        h = np.tanh(a)
        lines.append(",".join(f"{v:.9g}" for v in h.tolist()))
    return "\n".join(lines)


@pytest.mark.parametrize("forgotten", ["", "bias_hh_l0", "bias_ih_l0"])
def test_a_long_port_in_single_precision_that_forgets_a_bias(folder: Path, forgotten: str) -> None:
    random = np.random.default_rng(3)
    of = {n: random.normal(size=shape).astype(np.float32) * 0.5 for n, shape in RNN.items()}
    x = random.normal(size=(100, 3)).astype(np.float32)
    np.save("x.npy", x)
    (folder / "m.safetensors").write_bytes(safetensors(of))
    (folder / "port.csv").write_text(port(of, x, forgotten))
    flags = ["--weights", "m.safetensors", "--x", "@x.npy", "--expect", "port.csv", "--float32"]
    first = rnncalc("check", *flags).out.splitlines()[0]

    assert (
        first
        == {
            "": "The port agrees within float32: 400 values checked.",
            "bias_hh_l0": "One mistake explains all values: b_hh left out",
            "bias_ih_l0": "One mistake explains all values: b_xh left out",
        }[forgotten]
    )
