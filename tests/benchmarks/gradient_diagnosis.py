"""How often the mistake in a backward pass is named: `python tests/benchmarks/gradient_diagnosis.py`.

Random networks of one layer, of two, and of two directions, whose gradients a loop of their own
calculates with one mistake put in (or none, or one more in the forward pass), rounded to 5 decimals.
`named`: the mistake is among those named. `alone`: no other is, except one that gives the very same
values. Numbers after the script are the networks per kind of mistake, and the seed.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))

from mistaken_gradient import (
    IDS,
    SHAPES,
    Rows,
    Setup,
    alike,
    as_printed,
    audit_of,
    cases,
    names_of,
    possible,
    random_setup,
    report_of,
    run,
)
from rnncalc.checking.backward_mistakes import backward_suspects
from rnncalc.checking.mistakes import Case


def twin(s: Setup, rows: Rows, names: list[str], id_: str) -> bool:
    """Return whether another mistake gives the very same values."""
    net, audit = audit_of(s)
    case = Case(
        audit.equations,
        audit.beyond(net.start()),
        {"x": s.x, **audit.given},
        printed=as_printed(rows, names, len(s.x)),
    )
    every = [each for each in backward_suspects(case.equations, case.given) if each.id == id_]
    changed = [each.run() for suspect in every for each in suspect.change(case)]
    return any(alike(rows, each, names, 1e-9) for each in changed)


def say(*words: object) -> None:
    """Write a line, at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def one_mistake(rng: np.random.Generator, count: int, shape: str) -> None:
    """Print how often one mistake is named, and named alone."""
    made, named, alone = Counter[str](), Counter[str](), Counter[str]()
    instead: dict[str, Counter[str]] = {}
    for wrong in IDS:
        id_ = wrong.partition(" ")[0]
        for _, (s, rows, names) in zip(range(count), cases(rng, wrong, shape), strict=False):
            found = [cause.id for cause in report_of(s, rows, names).consistent_with]
            others = [other for other in found if other != id_ and not twin(s, rows, names, other)]
            is_named = id_ in found or twin(s, rows, names, id_)
            made[wrong] += 1
            named[wrong] += id_ in found
            alone[wrong] += id_ in found and not others
            if not (id_ in found and not others):
                instead.setdefault(wrong, Counter())[f"{is_named:d} " + " ".join(found)] += 1
    total = sum(made.values())
    say(
        f"{shape}: {total} networks, named {sum(named.values()) / total:.2%}, "
        f"alone {sum(alone.values()) / total:.2%}"
    )
    for wrong in IDS:
        if alone[wrong] < made[wrong]:
            say(
                f"    {wrong}: {named[wrong]} named, {alone[wrong]} alone of {made[wrong]};",
                instead[wrong].most_common(4),
            )


def without_mistake(rng: np.random.Generator, count: int, shape: str) -> None:
    """Print how many right values are called something else."""
    wrong = Counter[str]()
    for _ in range(count):
        s = random_setup(rng, shape)
        rows, decimals = run(s), int(rng.integers(3, 7))
        names = names_of(s, rows, everything=bool(rng.random() < 0.5))
        wrong.update(mark.verdict for mark in report_of(s, rows, names, decimals).not_ok)
    say(f"{shape}: {count} networks without a mistake; values that are not right: {dict(wrong)}")


def two_mistakes(rng: np.random.Generator, count: int, shape: str) -> None:
    """Print how often one mistake in each pass is named together."""
    said = Counter[str]()
    wrong = [id_ for id_ in IDS if id_ not in ("gradient-clipped", "first-step-only")]
    while said.total() < count:
        s, forward = random_setup(rng, shape), str(rng.choice(["whh-transposed", "bh-missing"]))
        id_ = str(rng.choice(wrong))
        if not possible(s, id_):
            continue
        rows = run(s, id_, forward)
        names = names_of(s, rows, everything=bool(rng.random() < 0.5))
        parts = run(s, "", forward), run(s, id_), run(s)
        if any(alike(rows, part, names, 1e-4) for part in parts) or alike(*parts[::2], ["h"], 1e-4):
            continue
        found = [cause.id for cause in report_of(s, rows, names).consistent_with]
        true = f"{forward}+{id_.partition(' ')[0]}"
        kind = "the pair" if true in found else ("another" if found else "none")
        said["the pair alone" if found == [true] else kind] += 1
    say(f"{shape}: {count} networks with a mistake in each pass: {dict(said)}")


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    generator = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 13)
    for shape_ in SHAPES:
        one_mistake(generator, size, shape_)
    for shape_ in SHAPES:
        without_mistake(generator, 10 * size, shape_)
        two_mistakes(generator, 5 * size, shape_)
