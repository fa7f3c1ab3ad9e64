"""Train sample_configs/translation_*.toml; `python -m training.translation` in tests, two minutes.

Every English sentence of a small grammar and its German translation; a fourth is held out. The first
of a few starts is kept with which at most two of those come out wrong.
"""

import itertools
import sys

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
    padded,
    rounded,
    run,
    weights,
)

HIDDEN = 24
PRONOUNS = {"i": "ich", "you": "du", "he": "er", "she": "sie", "we": "wir", "they": "sie"}
PERSON = {"i": 0, "you": 1, "he": 2, "she": 2, "we": 3, "they": 3}
VERBS = {
    "see": ("sehe", "siehst", "sieht", "sehen"),
    "love": ("liebe", "liebst", "liebt", "lieben"),
    "buy": ("kaufe", "kaufst", "kauft", "kaufen"),
}
WILL = ("werde", "wirst", "wird", "werden")
NOUNS = {
    "dog": ("Hund", 0),
    "ball": ("Ball", 0),
    "cat": ("Katze", 1),
    "flower": ("Blume", 1),
    "book": ("Buch", 2),
    "car": ("Auto", 2),
}
ARTICLES = {"the": ("den", "die", "das"), "a": ("einen", "eine", "ein")}
BEGIN, END = "<s>", "</s>"

ENCODER = """\
# Translation, first half: the encoder reads an English sentence; its last state is the sentence.
# The decoder, translation_decoder.toml, begins with that state and writes German:
#   h=$(rnncalc run -c translation_encoder.toml --x "we love a cat" -f json | jq -c .steps[-1].h)
#   rnncalc run -c translation_decoder.toml --h0 "$h" --generate 8 --only text
# Trained on {seen} of the {all} sentences of a small grammar by tests/training/translation.py.
# Of the {held_out} others, {right} are translated without a mistake.
"""
DECODER = """\
# Translation, second half: the decoder writes German, word by word, from the state of the encoder.
# translation_encoder.toml says how to use it and how both were trained; this h0 is
# the encoder's state after "she will buy the car".
"""


def pairs() -> list[tuple[str, str]]:
    found = []
    for who, verb, the, noun in itertools.product(PRONOUNS, VERBS, ARTICLES, NOUNS):
        forms, person = VERBS[verb], PERSON[who]
        german, gender = NOUNS[noun]
        object_ = f"{ARTICLES[the][gender]} {german}"
        ending = "s" if person == 2 else ""
        found.append(
            (f"{who} {verb}{ending} {the} {noun}", f"{PRONOUNS[who]} {forms[person]} {object_}")
        )
        future = f"{PRONOUNS[who]} {WILL[person]} {object_} {forms[3]}"
        found.append((f"{who} will {verb} {the} {noun}", future))
    return found


def words_of(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(word for text in texts for word in text.split()))


class Task:
    """The vocabularies of both languages, and batches of sentences."""

    def __init__(self, everything: list[tuple[str, str]]) -> None:
        self.english = words_of([english for english, _ in everything])
        self.german = [BEGIN, END, *words_of([german for _, german in everything])]

    def read(self, some: list[str]) -> tuple[Array, Positions]:
        """Return English sentences as x (T, B, D), and the number of words of each (B,)."""
        texts = [[self.english.index(word) for word in text.split()] for text in some]
        positions, inside = padded(texts, 0)
        return np.eye(len(self.english))[positions], inside.sum(axis=0).astype(int)

    def written(self, some: list[str]) -> tuple[Array, Positions, Array]:
        """Return x (T, B, D) of the decoder, the next words (T, B), 1.0 until the text ends."""
        texts = [[self.german.index(w) for w in f"{BEGIN} {text} {END}".split()] for text in some]
        positions, inside = padded(texts, 1)
        return np.eye(len(self.german))[positions[:-1]], positions[1:], inside[1:]

    def translate(self, encoder: Parameters, decoder: Parameters, some: list[str]) -> list[str]:
        x, lengths = self.read(some)
        h = run(encoder, x)[0][lengths, np.arange(len(some))]
        chosen = np.zeros(len(some), dtype=int)
        found: list[list[str]] = [[] for _ in some]
        for _ in range(8):
            states, o = run(decoder, np.eye(len(self.german))[chosen][None], h)
            h, chosen = states[-1], o[0].argmax(axis=-1)
            for text, position in zip(found, chosen, strict=True):
                text.append(self.german[position])
        return [" ".join(itertools.takewhile(lambda word: word != END, text)) for text in found]


def halves(p: Parameters) -> tuple[Parameters, Parameters]:
    encoder = {key.removeprefix("e."): p[key] for key in p if key.startswith("e.")}
    return encoder, {key.removeprefix("d."): p[key] for key in p if key.startswith("d.")}


def train(task: Task, seen: list[tuple[str, str]], seed: int) -> Parameters:
    rng = np.random.default_rng(seed)

    def gradients(p: Parameters, _: int) -> Parameters:
        encoder, decoder = halves(p)
        some = [seen[i] for i in rng.integers(len(seen), size=32)]
        x, lengths = task.read([english for english, _ in some])
        h, _o = run(encoder, x)
        ends = lengths, np.arange(len(some))
        y, target, inside = task.written([german for _, german in some])
        states, o = run(decoder, y, h[ends])
        _loss, do = cross_entropy(o, target, inside / inside.sum())
        of_decoder = backward(decoder, y, states, do, None)
        dh = np.zeros_like(h[1:])
        dh[lengths - 1, np.arange(len(some))] = of_decoder["h0"]
        of_encoder = backward(encoder, x, h, None, dh)
        found = {f"e.{key}": value for key, value in of_encoder.items()}
        return found | {f"d.{key}": value for key, value in of_decoder.items()}

    first = initial(rng, len(task.english), HIDDEN)
    second = initial(rng, len(task.german), HIDDEN, len(task.german))
    start = {f"e.{key}": value for key, value in first.items()}
    start |= {f"d.{key}": value for key, value in second.items()}
    return adam(start, gradients, 12_000, 0.01, decay=0.01)


def listed(words: list[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def main() -> None:
    everything = pairs()
    order = np.random.default_rng(5).permutation(len(everything))
    held_out = [everything[i] for i in order[: len(order) // 4]]
    seen = [everything[i] for i in order[len(order) // 4 :]]
    task = Task(everything)
    for seed in range(1, 6):
        encoder, decoder = halves(rounded(train(task, seen, seed), 2))
        found = task.translate(encoder, decoder, [english for english, _ in held_out])
        right = sum(a == b for a, (_, b) in zip(found, held_out, strict=True))
        sys.stdout.write(f"seed {seed}: {right} of {len(held_out)}\n")
        if right >= len(held_out) - 2:
            break
    counts = {"seen": len(seen), "all": len(everything), "held_out": len(held_out)}
    head = ENCODER.format(right=right, **counts) + f"vocabulary = [{listed(task.english)}]\n"
    sentence = "she will buy the car"
    text = head + f'x = "{sentence}"\n' + weights(encoder)
    (SAMPLES / "translation_encoder.toml").write_text(text)
    x, _ = task.read([sentence])
    h0 = ", ".join(f"{value:.3f}" for value in run(encoder, x)[0][-1, 0])
    keys = f'vocabulary = [{listed(task.german)}]\nx = ["{BEGIN}"]\nstop = "{END}"\nh0 = [{h0}]\n'
    (SAMPLES / "translation_decoder.toml").write_text(DECODER + keys + weights(decoder))
    lines = [f"{english}\t{german}\n" for english, german in held_out]
    (DATA / "translation_held_out.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
