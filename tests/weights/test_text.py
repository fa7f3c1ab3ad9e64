"""Text from a file of weights, against PyTorch's own loop."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from calling import rnncalc

torch = pytest.importorskip("torch")

VOCABULARY = "abcdefghijklmnopqrstuvwxyz .,"
STEPS = 200


def greedy(layers: Sequence[Any], prompt: list[int], embedding: Any = None) -> list[int]:
    """Return the symbols that the loop of a user of PyTorch generates, in float64."""
    rnn, head = layers
    chosen, h, found = prompt, None, list[int]()
    with torch.no_grad():
        for _ in range(STEPS):
            positions = torch.tensor(chosen)
            one_hot = torch.nn.functional.one_hot(positions, len(VOCABULARY)).double()
            x = embedding(positions) if embedding else one_hot
            out, h = rnn(x, h)
            chosen = [int(head(out[-1]).argmax())]
            found += chosen
    return found


@pytest.mark.parametrize("layers", [1, 2])
def test_a_character_model_generates_the_text_of_pytorch(layers: int, tmp_path: Path) -> None:
    torch.manual_seed(layers)
    rnn = torch.nn.RNN(len(VOCABULARY), 64, layers, dtype=torch.float64)
    head = torch.nn.Linear(64, len(VOCABULARY), dtype=torch.float64)
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.mul_(2)  # livelier, but not so chaotic that the last bits decide
    model = torch.nn.ModuleDict({"rnn": rnn, "head": head})
    torch.save(model.state_dict(), tmp_path / "model.pth")
    prompt = "the cat"
    theirs = greedy([rnn, head], [VOCABULARY.index(c) for c in prompt])

    ours = rnncalc(
        *(
            "run",
            "--weights",
            str(tmp_path / "model.pth"),
            "--vocabulary",
            json.dumps([*VOCABULARY]),
        ),
        *("--x", prompt, "--generate", str(STEPS), "--only", "text"),
    )

    assert ours.out == "".join(VOCABULARY[k] for k in theirs) + "\n"
    assert len(set(theirs)) > 3


def test_an_embedding_of_the_file_takes_ids_or_symbols(tmp_path: Path) -> None:
    torch.manual_seed(3)
    embedding = torch.nn.Embedding(len(VOCABULARY), 8, dtype=torch.float64)
    rnn = torch.nn.RNN(8, 32, dtype=torch.float64)
    head = torch.nn.Linear(32, len(VOCABULARY), dtype=torch.float64)
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.mul_(2)
    model = torch.nn.ModuleDict({"embedding": embedding, "rnn": rnn, "head": head})
    torch.save(model.state_dict(), tmp_path / "model.pth")
    theirs = greedy([rnn, head], [2, 0, 19], embedding)
    flags = [
        "run",
        "--weights",
        str(tmp_path / "model.pth"),
        "--generate",
        str(STEPS),
        "--only",
        "text",
    ]

    ids = rnncalc(*flags, "--x", "2,0,19")
    symbols = rnncalc(*flags, "--x", "cat", "--vocabulary", json.dumps([*VOCABULARY]))

    assert ids.out.split() == [str(k) for k in theirs]
    assert symbols.out == "".join(VOCABULARY[k] for k in theirs) + "\n"
