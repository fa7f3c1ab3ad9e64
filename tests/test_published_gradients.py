"""Worked gradients by others: what is right comes out as printed, what is wrong is found."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from calling import ROOT, rnncalc
from test_published import as_printed

PUBLISHED = sorted((ROOT / "tests" / "published_gradients").glob("*.json"))
NAMES = {"direct": "dh_output", "carry": "dh_next", "fprime": "slope", "loss_t": "loss"}
NOT_OURS = ("J", "loss_after_no_by")  # the author's loss after has the old b_y


def quantity(entry: dict[str, Any]) -> str:
    kind, _, key = entry["quantity"].partition(".")
    table = {"grad": "gradients.", "new": "updated.", "step": "d"}
    return f"{table[kind]}{key}" if key else NAMES.get(str(kind), str(kind))


def listed(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(listed, value))}]"
    return '"?"' if value is None else str(value)


def problem(example: dict[str, Any]) -> list[str]:
    lines = [
        f"{key} = {json.dumps(value)}"
        for key, value in example["params"].items()
        if key not in ("activation", "output")
    ]
    lines += [f"x = {json.dumps(example['x'])}", f"target = {listed(example['targets'])}"]
    lines += [f'activation = "{example["activation"]}"', f'loss = "{example["loss"]}"']
    lines += [f'output_activation = "{example["output"]}"']
    if example["learning_rate"]:
        lines.append(f"learning_rate = {example['learning_rate']}")
    return lines


def expected(example: dict[str, Any]) -> list[str]:
    steps: dict[str, dict[int, Any]] = {}
    tables: dict[str, list[str]] = {"gradients": [], "updated": []}
    for entry in example["figures"]:
        name = quantity(entry)
        table, _, key = name.partition(".")
        if key:
            tables[table].append(f"{key} = {listed(entry['published'])}")
        elif entry["t"] is not None:
            steps.setdefault(name, {})[entry["t"]] = entry["published"]
        elif name == "loss" and not any(f["quantity"] == "loss_t" for f in example["figures"]):
            steps["loss"] = {0: entry["published"]}
    count = example["sizes"]["steps"]
    lines = ["[expect]"]
    for name, rows in steps.items():
        if name in NOT_OURS:
            continue
        value = rows[0] if 0 in rows else [rows.get(t) for t in range(1, count + 1)]
        lines.append(f"{name} = {listed(value)}")
    for table, entries in tables.items():
        lines += [f"[expect.{table}]", *entries] if entries else []
    return lines


def flat(value: Any) -> list[Any]:
    return [v for part in value for v in flat(part)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_every_right_value_comes_out_to_its_printed_digits(path: Path, tmp_path: Path) -> None:
    example = json.loads(path.read_text())
    file = tmp_path / "example.toml"
    file.write_text("\n".join(problem(example)))
    shares = "dwxh,dwhh,dh_output,dh_next,slope,a,h,o,y,do,dh,da"
    shares += "" if example["output"] != "linear" else ",dy"
    found = json.loads(rnncalc("grad", "-c", str(file), "-f", "json", "--only", shares).out)
    steps = {step["t"]: step for step in found["steps"]}
    bad = {(b["quantity"], b["t"], b["component"]) for b in example["known_bad"]}
    checked = 0

    for entry in example["figures"]:
        name, t = quantity(entry), entry["t"]
        if name in NOT_OURS:
            continue
        table, _, key = name.partition(".")
        if key:
            right = found[table][key]
        elif name == "loss":
            right = found["loss"]["value"] if t is None else found["loss"]["per_step"][t - 1]
        else:
            right = steps[t][name]
        pairs = zip(flat(entry["published"]), flat(right), flat(entry["right"]), strict=True)
        for i, (printed, ours, theirs) in enumerate(pairs):
            assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-14)
            if not {(entry["quantity"], t, None), (entry["quantity"], t, i)} & bad:
                assert as_printed(ours, Decimal(printed)), (name, t, i)
                checked += 1
    assert checked >= 8


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_check_finds_every_wrong_value_and_calls_no_right_one_wrong(
    path: Path, tmp_path: Path
) -> None:
    example = json.loads(path.read_text())
    file = tmp_path / "example.toml"
    file.write_text("\n".join(problem(example) + expected(example)))
    result = rnncalc("check", "-c", str(file), "-f", "json")
    assert result.err == ""
    marks = json.loads(result.out)["figures"]
    bad = {(b["quantity"], b["t"]): b["kind"] for b in example["known_bad"]}
    printed = {quantity(f) + ("" if f["t"] else "!"): f for f in example["figures"]}
    names = {quantity(f): f["quantity"] for f in example["figures"]} | {"loss.total": "loss"}
    assert printed

    for mark in marks:
        name = mark["where"].partition("[")[0]
        whole = "." in name
        kind = bad.get((names[name], None if whole else mark["step"]), "right")
        if name == "gradients.why" and "hello" in path.stem:
            kind = "carried" if mark["component"] == 9 else "right"
        assert (mark["verdict"] == "slip") == (kind == "slip"), mark
        assert (mark["verdict"] == "ok") == (kind == "right"), mark


def test_a_slope_used_twice_is_named(tmp_path: Path) -> None:
    example = json.loads((ROOT / "tests/published_gradients/walkthrough_pm1.json").read_text())
    file = tmp_path / "example.toml"
    file.write_text("\n".join(problem(example) + expected(example)))

    out = rnncalc("check", "-c", str(file)).out.splitlines()

    assert out[0] == (
        "First slip: dL/da[0] at step 2: −0.087 printed, −0.160 is right "
        "(perhaps f' of step t+1 used twice)"
    )
