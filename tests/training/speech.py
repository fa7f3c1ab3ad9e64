"""Train sample_configs/speech.toml; `python -m training.speech` in tests, about a minute.

JapaneseVowels (M. Kudo, J. Toyama and M. Shimbo, 1999), as the package `sktime` 1.2.0 has it: nine
men say the vowels "ae"; an utterance is 7 to 29 frames of 12 cepstrum coefficients. The package's
own division: 270 utterances to train on, 370 to test.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from training.elman import (
    DATA,
    SAMPLES,
    Array,
    Parameters,
    Positions,
    adam,
    backward,
    cross_entropy,
    initial,
    rounded,
    run,
    toml,
    weights,
)

HIDDEN = 16
HEAD = """\
# Who is speaking: nine men say "ae" (JapaneseVowels; Kudo, Toyama and Shimbo, 1999; from sktime 1.2.0).
# A step is a frame of 12 cepstrum coefficients; y at the last frame is the answer. 16 units.
# Trained on 270 utterances by tests/training/speech.py; of the 370 test utterances, {right} come out right.
# x is a test utterance of speaker 3; below it, as comments, are two more, of speakers 1 and 7.
labels = "1 2 3 4 5 6 7 8 9"
"""

Utterance = tuple[Array, int]  # frames (T, 12), and the speaker from 0


def utterances(part: str) -> list[Utterance]:
    spec = find_spec("sktime")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent / "datasets" / "data" / "JapaneseVowels"
    text = (folder / f"JapaneseVowels_{part}.ts").read_text()
    found = []
    for line in text.split("@data\n")[1].splitlines():
        *channels, label = line.split(":")
        frames = np.array([[float(value) for value in channel.split(",")] for channel in channels])
        found.append((frames.T.round(3), int(label) - 1))
    return found


def batch(some: list[Utterance]) -> tuple[Array, Positions, Array]:
    """Return x (T, B, 12), speakers (T, B) and the weights of the loss (T, B), late frames most."""
    steps = max(len(frames) for frames, _ in some)
    x = np.zeros((steps, len(some), 12))
    weight = np.zeros((steps, len(some)))
    for b, (frames, _) in enumerate(some):
        x[: len(frames), b] = frames
        weight[: len(frames), b] = np.arange(1, len(frames) + 1) ** 2
    target = np.tile([speaker for _, speaker in some], (steps, 1))
    return x, target, weight / weight.sum()


def train(seen: list[Utterance], seed: int) -> Parameters:
    rng = np.random.default_rng(seed)

    def gradients(p: Parameters, _: int) -> Parameters:
        x, target, weight = batch([seen[i] for i in rng.integers(len(seen), size=30)])
        x = x + rng.normal(size=x.shape) * 0.1  # so that it does not learn the utterances by heart
        h, o = run(p, x)
        _loss, do = cross_entropy(o, target, weight)
        return backward(p, x, h, do, None)

    return adam(initial(rng, 12, HIDDEN, 9), gradients, 6_000, 0.01, decay=0.02)


def right(p: Parameters, some: list[Utterance]) -> int:
    return sum(int(run(p, f[:, None])[1][-1, 0].argmax()) == speaker for f, speaker in some)


def main() -> None:
    seen, held_out = utterances("TRAIN"), utterances("TEST")
    p = rounded(train(seen, 1), 2)
    found = right(p, held_out)
    sys.stdout.write(f"{right(p, seen)} of {len(seen)}, {found} of {len(held_out)}\n")
    of_three, of_one, of_seven = (
        next(frames for frames, speaker in held_out if speaker == number - 1)
        for number in (3, 1, 7)
    )
    others = "".join(
        f"# speaker {number}: x = {json.dumps(frames.tolist())}\n"
        for number, frames in ((1, of_one), (7, of_seven))
    )
    text = HEAD.format(right=found) + toml("x", of_three) + others + weights(p)
    (SAMPLES / "speech.toml").write_text(text)
    some = [held_out[i] for i in range(0, len(held_out), 5)]
    lines = [json.dumps({"speaker": s + 1, "x": frames.tolist()}) + "\n" for frames, s in some]
    (DATA / "speech_held_out.jsonl").write_text("".join(lines))


if __name__ == "__main__":
    main()
