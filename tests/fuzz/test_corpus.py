"""Inputs that once failed, and a few seconds of fuzzing from fixed seeds."""

import json
import random
from pathlib import Path

import pytest

from fuzz.fuzz import HARNESSES, called

CORPUS = json.loads(Path(__file__).with_name("corpus.json").read_text())


@pytest.mark.parametrize("case", CORPUS, ids=[case["why"] for case in CORPUS])
def test_what_once_failed_is_answered_properly(case: dict[str, object]) -> None:
    arguments = case["arguments"]
    assert isinstance(arguments, list)
    result = called(*arguments, stdin=str(case["stdin"]))

    assert "\t" not in result.err


@pytest.mark.parametrize(("name", "seed"), [("printed", 2796)])
def test_a_case_that_once_failed_holds(name: str, seed: int) -> None:
    HARNESSES[name](random.Random(seed))


@pytest.mark.parametrize("name", HARNESSES)
def test_some_cases_of_each_harness_hold(name: str) -> None:
    for seed in range(5 if name == "environment" else 20):  # each of those is a process
        HARNESSES[name](random.Random(seed))
