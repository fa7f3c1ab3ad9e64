"""Feed rnncalc random input, and hold what it answers against oracles.

    python tests/fuzz/fuzz.py                          # 20 seconds of each harness
    python tests/fuzz/fuzz.py values --seconds 3600    # an hour of one of them
    python tests/fuzz/fuzz.py options --seed 123       # a single case again
    python tests/fuzz/fuzz.py --first 1                # the same cases each time, as .ci/run does

What must always hold: the exit status is 0, 1 or 2, nothing ends in a traceback, an error is one
line, and what is written is valid. The harnesses add oracles of their own. A case that fails is
printed as a command that can be pasted; put it into corpus.json, which the suite replays.
"""

import argparse
import csv
import io
import json
import math
import random
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).parents[1]))

import calling
import evaluator
import plain_loop
import surroundings

Case = Callable[[random.Random], None]
ACTIVATIONS = tuple(plain_loop.F)
FORMATS = ("table", "json", "jsonl", "csv", "markdown", "latex", "html", "svg")


STEPS = {"step", "step0"}  # at 0, rounding decides


class FaultError(AssertionError):
    """What an oracle found wrong, with the command that shows it."""


def called(*arguments: str, stdin: str = "") -> calling.Result:
    """Return the answer to a command, which must be a proper one."""
    try:
        result = calling.rnncalc(*arguments, stdin=stdin)
    except Exception as error:
        raise FaultError(f"{type(error).__name__}: {error}\n  {shown(arguments, stdin)}") from error
    errors = [line for line in result.err.splitlines() if line.startswith("Error: ")]
    expect(result.status in (0, 1, 2), f"status {result.status}", arguments, stdin)
    expect("Traceback" not in result.err, "a traceback", arguments, stdin)
    expect(len(errors) == (result.status == 2), f"errors: {result.err!r}", arguments, stdin)
    return result


def expect(holds: object, message: str, arguments: tuple[str, ...], stdin: str = "") -> None:
    if not holds:
        raise FaultError(f"{message}\n  {shown(arguments, stdin)}")


def shown(arguments: tuple[str, ...], stdin: str) -> str:
    given = f"printf %s {shlex.quote(stdin)} | " if stdin else ""
    return f"{given}rnncalc {shlex.join(arguments)}"


def listed(rows: object) -> str:
    return json.dumps(rows)


def numbers(r: random.Random, *shape: int, digits: int = 2) -> list[object]:
    """Return nested lists of numbers with a few digits."""
    if len(shape) == 1:
        return [round(r.uniform(-2, 2), digits) for _ in range(shape[0])]
    return [numbers(r, *shape[1:], digits=digits) for _ in range(shape[0])]


class Net:
    """A random network as plain lists, its flags, and its values from an independent loop."""

    def __init__(self, r: random.Random) -> None:
        self.D, self.H, self.K = r.randint(1, 3), r.choice([1, 1, 2, 3]), r.choice([0, 1, 2, 3])
        self.T, self.f = r.randint(1, 5), r.choice(ACTIVATIONS)
        self.g = r.choice(("linear", "sigmoid", "softmax")) if self.K > 1 else "linear"
        self.W = {"wxh": numbers(r, self.H, self.D), "whh": numbers(r, self.H, self.H)}
        self.W |= {"bh": numbers(r, self.H)} if r.random() < 0.5 else {}
        self.W |= {"why": numbers(r, self.K, self.H)} if self.K else {}
        self.W |= {"by": numbers(r, self.K)} if self.K and r.random() < 0.5 else {}
        self.W |= {"h0": numbers(r, self.H)} if r.random() < 0.5 else {}
        self.x = numbers(r, self.T, self.D)

    def flags(self) -> list[str]:
        weights = [word for key, of in self.W.items() for word in (f"--{key}", listed(of))]
        g = ["--output-activation", self.g] if self.K else []
        return [*weights, "--x", listed(self.x), "--activation", self.f, *g]

    def values(self) -> list[dict[str, list[float]]]:
        zero = [0.0] * self.H
        W_xh, W_hh, b_h, h0 = (self.W.get(key, zero) for key in ("wxh", "whh", "bh", "h0"))
        steps = plain_loop.recur(W_xh, W_hh, b_h, self.f, h0, self.x)  # type: ignore[arg-type]
        found = [{"a": a, "h": h} for a, h in steps]
        for step in found if self.K else []:
            b_y = self.W.get("by", [0.0] * self.K)
            step["o"] = plain_loop.affine(self.W["why"], step["h"], b_y)  # type: ignore[arg-type]
            g = plain_loop.F.get(self.g)
            step["y"] = [g(v) for v in step["o"]] if g else plain_loop.softmax(step["o"])
        return found


def options(r: random.Random) -> None:
    """Random flags, some of them nonsense: an answer that is valid, or one line that says why."""
    words = [r.choice(("run", "run", "check")), *Net(r).flags()]
    more = [
        "--work",
        "--by-hand",
        "--plot",
        "--all",
        "--steps=2",
        "--steps=-1",
        "--steps=0:1",
        "-c-",
    ]
    more += [
        "--only=h,y",
        "--only=z",
        "-p0",
        "-p17",
        "-px",
        "--color=always",
        "--show-config",
        "--",
    ]
    more += [f"-f{f}" for f in FORMATS] + ["--h=0.5", "--y=?", "--atol=nan", "--expect=-", "stray"]
    words += r.sample(more, r.randint(0, 4))
    for _ in range(r.choice([0, 0, 1, 2])):
        k = r.randrange(1, len(words))
        words[k] = r.choice(
            ["", "-", "@", "[", "1e999", "nan", "\u22121", "1,,2", "\x00", "½", "[[1]]"]
        )
    valid(called(*words, stdin=r.choice(["", "1\n", "wxh = 1", "[1"])), tuple(words))


def valid(result: calling.Result, words: tuple[str, ...]) -> None:
    """Require that what is written is of the format that was asked for."""
    wanted = [f for f in FORMATS if f"-f{f}" in words]
    if result.status or len(wanted) != 1 or "--show-config" in words:
        return
    if wanted == ["json"]:
        json.loads(result.out, parse_constant=float)
    elif wanted == ["jsonl"]:
        found = [json.loads(line).keys() for line in result.out.splitlines()]
        below = {"final", "loss", "text"}  # of the whole run
        expect(all("t" in keys or keys <= below for keys in found), "no t", words)
    elif wanted == ["csv"]:
        rows = list(csv.reader(io.StringIO(result.out, newline="")))
        expect(len({len(row) for row in rows}) == 1, "not rectangular", words)


def values(r: random.Random) -> None:
    """Every value of a run is that of an independent loop, and every line of working is true."""
    net = Net(r)
    decimals = r.choice([1, 2, 3, 4, 6, 9])
    words = ("run", *net.flags(), "-f", "json", "--work", "-p", str(decimals))
    result = called(*words)
    if result.status:  # the working needs no more than the run
        raise FaultError(f"{result.err}\n  {shown(words, '')}")
    for step, right in zip(json.loads(result.out)["steps"], net.values(), strict=True):
        for name, row in right.items():
            near = (
                math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
                for a, b in zip(step[name], row, strict=True)
            )
            stepped = STEPS & {net.f, net.g}
            expect(stepped or all(near), f"{name} of step {step['t']}", words)
        for line in (line for of in step["work"].values() for line in of):
            expect(is_true(line, decimals), f"false: {line}", words)


def is_true(line: str, decimals: int) -> bool:
    """Return whether each = and ≈ of a line of working holds, for numbers that may be rounded."""
    half = 0.5000001 * 10.0**-decimals
    for left, relation, right in evaluator.links(line):
        if "the sum of all" in left:
            continue
        low, high = evaluator.evaluated(left, 0.0 if relation == "=" else half)
        a, b = evaluator.evaluated(right, 1e-12 if relation == "=" else half)
        if low > b or a > high:
            return False
    return True


def printed(r: random.Random) -> None:
    """No right value is called wrong, however a program or a person printed it."""
    net = Net(r)
    if STEPS & {net.f, net.g}:
        return
    p = r.choice([2, 3, 4, 5, 6, 8, 10, 12])
    forms: dict[str, Callable[[float], str]] = {
        "f": lambda v: f"{v:.{p}f}",
        "g": lambda v: f"{v:.{max(p, 6)}g}",
        "round": lambda v: repr(round(v, p)),
        "repr": repr,
    }
    names = [n for n in (("a", "h", "o", "y") if net.K else ("a", "h")) if r.random() < 0.6] or [
        "h"
    ]
    by_hand = r.random() < 0.4
    steps = net.values()
    if by_hand:
        steps = json.loads(
            called("run", *net.flags(), "--by-hand", "-p", str(p), "-f", "json").out
        )["steps"]
    text = forms[r.choice(["f", "repr"] if by_hand else list(forms))]
    rows = {n: ",".join("[" + ",".join(map(text, step[n])) + "]" for step in steps) for n in names}
    given = "{" + ",".join(f'"{n}":[{row}]' for n, row in rows.items()) + "}"
    words = ("check", *net.flags(), "--expect", "-", "-f", "json")
    result = called(*words, stdin=given)
    expect(result.status == 0, f"status {result.status}: {result.err}", words, given)


def files(r: random.Random) -> None:
    """Damaged files: an answer, or one line that says what is wrong."""
    net = Net(r)
    good = "\n".join(f"{key} = {listed(of)}" for key, of in (net.W | {"x": net.x}).items())
    rows = "".join(json.dumps({"t": t, **step}) + "\n" for t, step in enumerate(net.values(), 1))
    if r.random() < 0.5:
        called("run", "-c", "-", stdin=damaged(r, good))
    else:
        called("check", *net.flags(), "--expect", "-", stdin=damaged(r, rows))


def tables(r: random.Random) -> None:
    """Random tables, objects and rows of printed values: an answer, or why not."""
    net = Net(r)
    text = r.choice((table, table, objects, listed_rows))(r)
    more = r.choice(((), (), ("--quantity", "h"), ("--steps", "1"), ("--steps=-1",)))
    called("check", *net.flags(), "--expect", "-", *more, stdin=text)


TITLES = ("t", "h", "h[0]", "h_0", "h1", "h[1]", "a", "x", "y", "", " ", "foo", "h[9]", "steps")
CELLS = ("", " ", "0.5", "0.537", "?", "nan", "1", "2", "h", "1e400", '"', '""', "1/2", "0,5", "[")


def table(r: random.Random) -> str:
    columns = r.choice((0, 1, 1, 2, 3))
    rows = [[r.choice(TITLES) for _ in range(columns)]]
    for _ in range(r.randint(0, 4)):
        cells = columns if r.random() < 0.9 else r.randint(0, 4)
        rows.append([r.choice(CELLS) for _ in range(cells)])
    delimiter, end = r.choice(",;\t"), r.choice(("\n", "\n", "\r\n", "\r"))
    return "".join(delimiter.join(row) + end for row in rows)


def objects(r: random.Random) -> str:
    steps: list[object] = [
        {r.choice(TITLES): anything(r) for _ in range(r.randint(0, 3))}
        for _ in range(r.randint(0, 3))
    ]
    whole: object = r.choice(({"steps": steps}, steps, *steps))
    return r.choice((json.dumps(whole), "\n".join(map(json.dumps, steps))))


def anything(r: random.Random, depth: int = 0) -> object:
    if depth < 4 and r.random() < 0.6:
        items = [anything(r, depth + 1) for _ in range(r.randint(0, 3))]
        return {r.choice(TITLES): item for item in items} if r.random() < 0.2 else items
    return r.choice((0.5, 1, "?", None, True, "", "0.5", 10**400, math.nan, {}, []))


def listed_rows(r: random.Random) -> str:
    rows = [[r.choice(CELLS) for _ in range(r.randint(0, 3))] for _ in range(r.randint(0, 3))]
    return r.choice(("\n", ";", "\n\n")).join(r.choice(" ,").join(row) for row in rows)


def damaged(r: random.Random, text: str) -> str:
    for _ in range(r.randint(1, 4)):
        k, new = (
            r.randrange(len(text) + 1),
            r.choice(['"', "[", "]", ",", "\n", "=", "nan", "1e400", "\t", "é", "{", "?", "-"]),
        )
        text = r.choice([text[:k] + new + text[k:], text[:k] + text[k + r.randint(1, 9) :]])
    return text


def environment(r: random.Random) -> None:
    """Any variables, encodings and failing streams: an exit status, and no traceback."""
    case = surroundings.case(r)
    found = surroundings.fault(case, calling.sh(case.line))
    if found:
        raise FaultError(f"{found}\n  {case.line}")


POOLS = ("helo", "01", "ab c,", "[]\"'{}", "<>&|*_`$%#^~\\", "é漢🙂ß", "\t\n\r\x1b\x00\u202e\u200b")


def symbols(r: random.Random) -> None:
    """Odd vocabularies, texts, targets and labels; what is generated is what its own text gives."""
    pool, longest = r.choice(POOLS) + r.choice(("", r.choice(POOLS))), r.choice((1, 1, 3))

    def made(n: int) -> list[str]:
        words = ("".join(r.choices(pool, k=r.randint(1, longest))) for _ in range(n))
        return list(dict.fromkeys(words))

    vocabulary, H = made(r.randint(1, 6)), r.choice((1, 2, 3, 9))
    V = len(vocabulary)
    K = r.choice((V, V, V, V, 1, 2, 20))
    x = r.choices(vocabulary, k=r.randint(1, 5)) + r.choices((["zz"], []), (1, 9))[0]
    words = ["run", "--vocabulary", json.dumps(vocabulary), "--wxh", listed(numbers(r, H, V))]
    words += ["--whh", listed(numbers(r, H, H)), "--why", listed(numbers(r, K, H))]
    text = r.choice((json.dumps(x), json.dumps(x), "".join(x), " ".join(x)))
    given = r.random() < 0.9
    words += ["--x", text if given else "-", f"-f{r.choice(FORMATS)}"]
    if r.random() < 0.4:
        targets = json.dumps(r.choices([*vocabulary, "?"], k=len(x)))
        words += [
            "--target",
            r.choice((targets, "? " * len(x), "1 " * len(x), listed(numbers(r, len(x), K)))),
        ]
    words += ["--labels", json.dumps(made(K))] if r.random() < 0.15 else []
    words += [r.choice(("--work", "--by-hand", "--all", "--show-config", "--steps=-1"))]
    words = words if r.random() < 0.4 else words[:-1]
    if r.random() < 0.6:
        words += ["--generate", str(r.randint(1, 30))]
        words += ["--temperature", r.choice(("0.5", "1e-300", "1e300"))] if r.random() < 0.5 else []
    valid(called(*words, stdin="" if given else text), tuple(words))
    _continued(words)


def _continued(words: list[str]) -> None:
    """Hold the values of a generated text against those of the same text as x."""
    if "--generate" not in words or "--target" in words or "--show-config" in words:
        return
    plain = [
        word for word in words if not word.startswith(("-f", "--steps", "--work", "--by-hand"))
    ]
    result = called(*plain, "-fjson")
    if result.status or "-" in plain:
        return
    steps = json.loads(result.out)["steps"]
    if {"[", '"'} <= {*json.loads(plain[plain.index("--vocabulary") + 1])}:
        return  # then brackets and quotes are symbols, and no list can be typed
    x = plain.index("--x") + 1
    again = plain[: plain.index("--generate")]
    again[x] = json.dumps([step["symbol"] for step in steps])
    other = json.loads(called(*again, "-fjson").out)["steps"]
    same = [
        {k: v for k, v in step.items() if k not in ("generated", "drawn_from")} for step in steps
    ] == other
    expect(same, "another run of the same text", tuple(words))


HARNESSES: dict[str, Case] = {
    "options": options,
    "values": values,
    "printed": printed,
    "files": files,
    "tables": tables,
    "environment": environment,
    "symbols": symbols,
}


def run(name: str, seeds: Iterator[int], seconds: float) -> int:
    """Run a harness until its time is up, and return how many cases failed."""
    began, tried, faults = monotonic(), 0, 0
    for seed in seeds:
        if monotonic() - began > seconds:
            break
        tried += 1
        try:
            HARNESSES[name](random.Random(seed))
        except Exception as error:  # noqa: BLE001  # an oracle may stumble over what it is given
            faults += 1
            say(f"{name} --seed {seed}: {error}")
    say(f"{name}: {tried} tried, {faults} failed")
    return faults


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the harnesses, and return 1 if any case failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("harness", nargs="*", choices=[[], *HARNESSES], default=[])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, help="run this case alone")
    parser.add_argument("--first", type=int, help="begin with this case, not with a random one")
    given = parser.parse_args()
    anywhere = random.SystemRandom().randrange(10**9)
    start = anywhere if given.first is None else given.first
    faults = 0
    for name in given.harness or HARNESSES:
        seeds = iter([given.seed]) if given.seed is not None else iter(range(start, start + 10**9))
        faults += run(name, seeds, given.seconds)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
