"""Ports of a stack that differ from it in one way each, written as loops: `check` names the way."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from calling import ROOT, rnncalc
from plain_loop import Matrix, Vector, affine, recur

H, T = 3, 7
Rows = list[list[float]]


class Weights:
    """Of two layers in two directions, with two biases each and inputs of the size of a state."""

    def __init__(self, seed: int, D: int = H) -> None:
        r = random.Random(seed)

        def matrix(rows: int, columns: int) -> Rows:
            return [[round(r.uniform(-0.9, 0.9), 2) for _ in range(columns)] for _ in range(rows)]

        self.x = matrix(T, D)
        self.wxh = {
            "l0": matrix(H, D),
            "r0": matrix(H, D),
            "l1": matrix(H, H),
            "top": matrix(H, 2 * H),
        }
        self.whh = {name: matrix(H, H) for name in self.wxh}
        self.bxh = {name: matrix(1, H)[0] for name in self.wxh}
        self.bhh = {name: matrix(1, H)[0] for name in self.wxh}
        self.h0 = {name: matrix(1, H)[0] for name in self.wxh}
        self.why, self.by = matrix(2, 2 * H), matrix(1, 2)[0]

    def layer(self, name: str) -> str:
        keys: dict[str, Matrix | Vector] = {"wxh": self.wxh[name], "whh": self.whh[name]}
        keys |= {"bxh": self.bxh[name], "bhh": self.bhh[name]}
        return "\n".join(f"{key} = {value}" for key, value in keys.items())


def states(
    w: Weights,
    name: str,
    x: Matrix,
    h: Vector | None = None,
    biases: Sequence[str] = ("x", "h"),
    f: str = "tanh",
) -> Rows:
    """Return the states of a layer that reads x from its first row on."""
    b = [w.bxh[name][i] * ("x" in biases) + w.bhh[name][i] * ("h" in biases) for i in range(H)]
    start = w.h0[name] if h is None else h
    return [h for _, h in recur(w.wxh[name], w.whh[name], b, f, start, x)]


def stack_file(w: Weights, path: Path) -> Path:
    lines = [f"x = {w.x}", f"h0 = {[w.h0['l0'], w.h0['l1']]}"]
    for name in ("l0", "l1"):
        lines += ["[[layers]]", w.layer(name)]
    path.write_text("\n".join(lines) + "\n")
    return path


def both_file(w: Weights, path: Path) -> Path:
    lines = [f"x = {w.x}", f"h0 = {[w.h0['l0'], w.h0['r0']]}", f"why = {w.why}", f"by = {w.by}"]
    lines += ['output_activation = "linear"', "[[layers]]", w.layer("l0")]
    lines += ["[layers.reverse]", w.layer("r0")]
    path.write_text("\n".join(lines) + "\n")
    return path


def causes(file: Path, printed: dict[str, Rows]) -> list[str]:
    rounded = {name: [[round(v, 5) for v in row] for row in rows] for name, rows in printed.items()}
    expect = file.with_suffix(".json")
    expect.write_text(json.dumps(rounded))
    result = rnncalc("check", "-c", str(file), "--expect", str(expect), "-f", "json")
    assert result.err == ""
    return [cause["id"] for cause in json.loads(result.out)["consistent_with"]]


def side_by_side(first: Rows, second: Rows) -> Rows:
    return [[*a, *b] for a, b in zip(first, second, strict=True)]


def fed_with_x(w: Weights) -> Rows:
    return states(w, "l1", w.x)


def one_state(w: Weights) -> Rows:
    h, found = w.h0["l1"], []
    for row in w.x:
        h = states(w, "l0", [row], h)[0]
        h = states(w, "l1", [h], h)[0]
        found.append(h)
    return found


def without_the_second_biases(w: Weights) -> Rows:
    return states(w, "l1", states(w, "l0", w.x, biases="x"), biases="x")


def transposed_everywhere(w: Weights) -> Rows:
    for name in w.whh:
        w.whh[name] = [list(column) for column in zip(*w.whh[name], strict=True)]
    return states(w, "l1", states(w, "l0", w.x))


KINDS = ("wxh", "whh", "bxh", "bhh")


def layers_from(*kinds: str, **sources: str) -> Callable[[Weights], Rows]:
    """Return the port whose layers have weights or biases of some kinds from others: l0="l1"."""

    def port(w: Weights) -> Rows:
        for kind in kinds:
            of = getattr(w, kind)
            setattr(w, kind, {**of, **{name: of[other] for name, other in sources.items()}})
        return states(w, "l1", states(w, "l0", w.x))

    return port


EXCHANGED = {"l0": "l1", "l1": "l0"}


def without_one_bias(w: Weights) -> Rows:
    return states(w, "l1", states(w, "l0", w.x), biases="x")


def activated(first: str, second: str) -> Callable[[Weights], Rows]:
    """Return the port whose layers have these activations."""
    return lambda w: states(w, "l1", states(w, "l0", w.x, f=first), f=second)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("port", "id_"),
    [
        (fed_with_x, "layers-fed-with-x"),
        (one_state, "one-state"),
        (without_the_second_biases, "bhh-missing"),
        (without_one_bias, "bhh_l1-missing"),
        (activated("sigmoid", "tanh"), "activation_l0-sigmoid"),
        (activated("tanh", "softsign"), "activation_l1-softsign"),
        (activated("softsign", "softsign"), "activation-softsign"),
        (transposed_everywhere, "whh-transposed"),
        (layers_from(*KINDS, **EXCHANGED), "layers-exchanged"),
        (layers_from("wxh", **EXCHANGED), "wxh-layers-exchanged"),
        (layers_from("whh", **EXCHANGED), "whh-layers-exchanged"),
        (layers_from("bxh", **EXCHANGED), "bxh-layers-exchanged"),
        (layers_from("bhh", **EXCHANGED), "bhh-layers-exchanged"),
        (layers_from("whh", "bhh", **EXCHANGED), "recurrent-layers-exchanged"),
        (layers_from(*KINDS, l1="l0"), "layers-same"),
        (layers_from(*KINDS, l0="l1"), "layers-same"),
        (layers_from("wxh", l1="l0"), "wxh-layers-same"),
        (layers_from("whh", l1="l0"), "whh-layers-same"),
        (layers_from("bhh", l0="l1"), "bhh-layers-same"),
    ],
)
def test_a_stack_that_differs_in_one_way(
    port: Callable[[Weights], Rows], id_: str, seed: int, tmp_path: Path
) -> None:
    file = stack_file(Weights(seed), tmp_path / "stack.toml")

    assert causes(file, {"h_l1": port(Weights(seed))}) == [id_]


def test_layers_of_three_exchanged_and_only_the_output_printed(tmp_path: Path) -> None:
    w = Weights(4)
    order, by = ("l0", "l1", "r0"), w.by
    why = [row[:H] for row in w.why]
    lines = [f"x = {w.x}", f"why = {why}", f"by = {by}", 'output_activation = "linear"']
    for name in order:
        lines += ["[[layers]]", f"wxh = {w.wxh[name]}", f"whh = {w.whh[name]}"]
        lines += [f"bh = {w.bxh[name]}"]
    file = tmp_path / "three.toml"
    file.write_text("\n".join(lines) + "\n")

    def port(sources: dict[str, str]) -> dict[str, Rows]:
        h = w.x
        for name in order:
            other = sources.get(name, name)
            steps = recur(w.wxh[name], w.whh[other], w.bxh[name], "tanh", [0.0] * H, h)
            h = [row for _, row in steps]
        return {"y": [affine(why, row, by) for row in h]}

    assert causes(file, port({})) == []
    assert causes(file, port({"l0": "r0", "r0": "l0"})) == ["whh-layers-exchanged"]
    assert causes(file, port(dict.fromkeys(order, "l1"))) == ["whh-layers-same"]


def directions(w: Weights) -> tuple[Rows, Rows]:
    return states(w, "l0", w.x), states(w, "r0", w.x[::-1])[::-1]


def read_out(w: Weights, h: Rows) -> dict[str, Rows]:
    return {"h": h, "y": [affine(w.why, row, w.by) for row in h]}


def test_no_layer_is_fed_with_x_where_one_reads_two_states_side_by_side(tmp_path: Path) -> None:
    w = Weights(0)  # x is as wide as a state
    lines = [f"x = {w.x}", "[[layers]]", w.layer("l0"), "[layers.reverse]", w.layer("r0")]
    file = tmp_path / "wide.toml"
    file.write_text("\n".join([*lines, "[[layers]]", w.layer("top")]) + "\n")

    assert causes(file, {"h_l1": [[0.5] * H] * T}) == []


def starts_exchanged(w: Weights) -> Rows:
    backward = states(w, "r0", w.x[::-1], w.h0["l0"])[::-1]
    return side_by_side(states(w, "l0", w.x, w.h0["r0"]), backward)


def weights_exchanged(w: Weights) -> Rows:
    forward = states(w, "r0", w.x, w.h0["l0"])
    return side_by_side(forward, states(w, "l0", w.x[::-1], w.h0["r0"])[::-1])


def backward_first(w: Weights) -> Rows:
    return side_by_side(*directions(w)[::-1])


def in_turn(w: Weights) -> Rows:
    rows = zip(*directions(w), strict=True)
    return [[v for pair in zip(*both, strict=True) for v in pair] for both in rows]


def both_forward(w: Weights) -> Rows:
    return side_by_side(states(w, "l0", w.x), states(w, "r0", w.x))


def not_turned_back(w: Weights) -> Rows:
    forward, backward = directions(w)
    return side_by_side(forward, backward[::-1])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("port", "id_"),
    [
        (starts_exchanged, "h0-exchanged"),
        (weights_exchanged, "direction-weights-exchanged"),
        (backward_first, "directions-exchanged"),
        (in_turn, "directions-interleaved"),
        (both_forward, "both-forward"),
        (not_turned_back, "reverse-not-turned-back"),
    ],
)
def test_two_directions_that_differ_in_one_way(
    port: Callable[[Weights], Rows], id_: str, seed: int, tmp_path: Path
) -> None:
    w = Weights(seed, D=2)
    file = both_file(w, tmp_path / "both.toml")

    assert causes(file, {"h": port(w)}) == [id_]
    assert causes(file, read_out(w, port(w))) == [id_]


def test_a_right_port_has_no_cause(tmp_path: Path) -> None:
    w = Weights(0, D=2)

    assert (
        causes(both_file(w, tmp_path / "b.toml"), read_out(w, side_by_side(*directions(w)))) == []
    )


def test_the_manual_lists_these_mistakes() -> None:
    from rnncalc.checking.stack_mistakes import _SUSPECTS

    manual = (ROOT / "rnncalc" / "manual" / "layers.md").read_text()
    rows = [line.split(" | ")[0] for line in manual.splitlines() if line.startswith("| `")]
    listed = [id_ for row in rows for id_ in row.split("`")[1::2]]

    ids = [suspect.id for suspect in _SUSPECTS]
    assert [id_ for id_ in listed if "-" in id_] == [*ids, "activation_l1-relu"]
