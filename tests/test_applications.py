"""The trained samples, on data that they have not seen, calculated with rnncalc itself."""

import json
import math
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import rnncalc as package
from calling import ROOT, rnncalc
from rnncalc.network.forward import forward
from rnncalc.network.problem import Problem

SAMPLES, DATA = ROOT / "sample_configs", ROOT / "tests" / "data"


def lines_of(name: str) -> list[str]:
    return (DATA / name).read_text().splitlines()


def run(sample: str, *arguments: str) -> dict[str, Any]:
    result = rnncalc("run", "-c", str(SAMPLES / f"{sample}.toml"), *arguments, "-f", "json")
    assert result.err == ""
    found: dict[str, Any] = json.loads(result.out)
    return found


@cache
def problem(sample: str) -> Problem:
    return package.load(str(SAMPLES / f"{sample}.toml"))


def outputs(sample: str, words: Sequence[str]) -> list[list[float]]:
    """Return y of each step, without the start of a command for each of many texts."""
    of = problem(sample)
    assert of.inputs is not None
    assert of.inputs.vocabulary is not None
    x = of.inputs.of([of.inputs.vocabulary.positions[word] for word in words])
    found: list[list[float]] = forward(of.network, of.start, x).y.tolist()
    return found


def test_names_are_unseen_and_cost_what_the_comment_says() -> None:
    losses = []
    for name in lines_of("names_held_out.txt"):
        y = outputs("names", f".{name}")
        symbols = ".abcdefghijklmnopqrstuvwxyz"
        losses += [-math.log(row[symbols.index(c)]) for row, c in zip(y, f"{name}.", strict=True)]
    mean = math.fsum(losses) / len(losses)

    assert mean < 2.18  # a scouted network of this size
    assert f"loss is {mean:.2f} nats per letter" in (SAMPLES / "names.toml").read_text()


def test_a_name_is_generated_letter_by_letter_until_it_ends() -> None:
    found = run("names", "--generate", "12", "--temperature", "0.7", "--seed", "5")

    text = found["text"]
    assert text.isalpha()
    assert 2 < len(text) <= 12
    assert "".join(step["symbol"] for step in found["steps"]) == f".{text}"
    assert [step.get("generated", False) for step in found["steps"]] == [False] + [True] * len(text)


def test_most_names_end_in_time_and_have_vowels() -> None:
    path = str(SAMPLES / "names.toml")
    names = [
        rnncalc(
            "run", "-c", path, *f"--generate 12 --temperature 0.7 --only text --seed {s}".split()
        ).out.strip()
        for s in range(40)
    ]

    assert len(set(names)) > 30
    assert sum(len(name) < 12 for name in names) > 30
    assert all(set(name) & set("aeiouy") for name in names)


@pytest.mark.parametrize("bits", [40, 500])
def test_parity_is_exact_on_long_strings(bits: int) -> None:
    r = random.Random(bits)
    for _ in range(50):
        text = [r.choice("01") for _ in range(bits)]
        y = outputs("parity", text)
        parity = [text[: t + 1].count("1") % 2 for t in range(bits)]
        assert [int(row[1] > row[0]) for row in y] == parity


def test_parity_is_named() -> None:
    steps = run("parity", "--x", "1 1 0 1", "--target", "odd even even odd")["steps"]

    assert [step["best"] for step in steps] == ["odd", "even", "even", "odd"]
    assert [step["target"] for step in steps] == ["odd", "even", "even", "odd"]


def test_the_sentiment_of_unseen_sentences_comes_out_right() -> None:
    lines = [line.split("\t") for line in lines_of("sentiment_held_out.txt")]
    right = sum(
        problem_labels("sentiment")[
            max(range(2), key=outputs("sentiment", text.split())[-1].__getitem__)
        ]
        == label
        for label, text in lines
    )

    assert len(lines) == 200
    assert right >= 198


def problem_labels(sample: str) -> tuple[str, ...]:
    labels = problem(sample).labels
    assert labels is not None
    return labels.symbols


def test_unseen_sentences_are_translated_by_encoder_and_decoder() -> None:
    pairs = [line.split("\t") for line in lines_of("translation_held_out.txt")]
    encoder, decoder = problem("translation_encoder"), problem("translation_decoder")
    assert encoder.inputs is not None
    assert encoder.inputs.vocabulary is not None
    right = 0
    for english, german in pairs:
        words = encoder.inputs.vocabulary.positions
        x = encoder.inputs.of([words[word] for word in english.split()])
        h = forward(encoder.network, encoder.start, x).h[-1]
        found, word = list[str](), "<s>"
        while word != "</s>" and len(found) < 8:
            assert decoder.inputs is not None
            assert decoder.inputs.vocabulary is not None
            x = decoder.inputs.of([decoder.inputs.vocabulary.positions[word]])
            trace = forward(decoder.network, h, x)
            h, word = trace.h[-1], problem_labels("translation_decoder")[int(trace.o[-1].argmax())]
            found.append(word)
        right += " ".join(found) == f"{german} </s>"

    assert (len(pairs), right) == (108, 107)


def test_a_translation_takes_two_commands() -> None:
    state = run("translation_encoder", "--x", "they will see a flower")["steps"][-1]["h"]
    arguments = ["--h0", json.dumps(state), "--generate", "8", "--only", "text"]
    result = rnncalc("run", "-c", str(SAMPLES / "translation_decoder.toml"), *arguments)

    assert result.out == "sie werden eine Blume sehen\n"


def test_a_prompt_that_ends_at_the_stop_symbol_has_no_text_beyond_it() -> None:
    found = run("translation_decoder", "--generate", "8")

    assert found["text"] == "sie wird das Auto kaufen"
    assert len(found["steps"]) == 6  # <s> and five words


def test_speakers_of_unseen_utterances_are_told_apart() -> None:
    of, right = problem("speech"), 0
    utterances = [json.loads(line) for line in lines_of("speech_held_out.jsonl")]
    for utterance in utterances:
        y = forward(of.network, of.start, utterance["x"]).y[-1]
        right += problem_labels("speech")[int(y.argmax())] == str(utterance["speaker"])

    assert len(utterances) == 74
    assert right >= 68


def test_the_sample_of_speech_is_of_speaker_three() -> None:
    assert run("speech")["steps"][-1]["best"] == "3"


def test_the_forecast_beats_the_same_month_of_the_last_year() -> None:
    passengers = [float(line.split(",")[1]) for line in lines_of("airline.csv")[1:]]
    steps = run("forecast", "--generate", "23")["steps"]
    forecast, last = [], passengers[119]
    for step in steps[23:]:
        last *= math.exp(step["y"][0] / 10)
        forecast.append(last)
    true = passengers[120:]

    def off(values: Sequence[float]) -> float:
        return sum(abs(a / b - 1) for a, b in zip(values, true, strict=True)) / len(true)

    assert len(forecast) == 24
    assert off(forecast) < 0.045
    assert off(passengers[108:120] * 2) > 0.15


def test_what_was_held_out_is_not_in_the_samples() -> None:
    assert len(lines_of("names_held_out.txt")) == 517
    assert all(
        Path(SAMPLES / f"{name}.toml").stat().st_size < 16_000
        for name in ("names", "speech", "translation_decoder")
    )
