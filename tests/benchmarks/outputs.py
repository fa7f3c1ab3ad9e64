"""Hold a refactoring to the same output, byte for byte.

`python tests/benchmarks/outputs.py record FILE` writes down what a few thousand commands answer:
exit status, standard output and standard error. `compare FILE` gives the same commands once more,
with the input files as they were then, and prints what differs; `--like TEXT` gives only those
whose arguments contain TEXT. Of rnncalc nothing is known here but `rnncalc.cli.main`.
"""

import argparse
import io
import json
import os
import random
import shlex
import struct
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import asdict, dataclass, replace
from difflib import unified_diff
from functools import cache
from itertools import chain, cycle, product
from math import floor, fsum
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as rnncalc.__main__ does
ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))

import typer  # noqa: E402  # it is known only now where plain_loop is
from rich.style import Style  # noqa: E402

from plain_loop import F, affine, softmax  # noqa: E402
from rnncalc.cli import main as rnncalc  # noqa: E402

# most of a small run's time goes into making the commands anew, always the same ones
typer.main.get_command = cache(typer.main.get_command)

Rows = list[list[float]]
Files = dict[str, str]
ANY_BYTES = "surrogateescape"  # so that a text can hold, and JSON keep, what is not UTF-8
COPIED = ("sample_configs/*.toml", "tests/published/*.toml", "tests/bad/*.toml")


@dataclass(frozen=True)
class Command:
    """A command line, and what it is given in.

    Attributes:
        arguments: the words after `rnncalc`.
        stdin: what standard input holds, or None where it is closed.
        columns: of the terminal that standard output is, or 0 where it is a pipe.
        variables: of the environment; there are no others.
        encoding: of standard output, or nothing where that is closed.
        typed: whether standard input is a terminal too.
    """

    arguments: list[str]
    stdin: str | None = ""
    columns: int = 0
    variables: str = ""
    encoding: str = "utf-8"
    typed: bool = False

    def answer(self) -> dict[str, object]:
        """Return the exit status, standard output and standard error."""
        out = Stream(io.BytesIO(), self.encoding or "utf-8", newline="\n", write_through=True)
        given = Stream(io.BytesIO((self.stdin or "").encode(errors=ANY_BYTES)), "utf-8")
        out.is_terminal, given.is_terminal, err = bool(self.columns), self.typed, io.StringIO()
        stdin = None if self.stdin is None else given
        for remembered in (Style.parse, Style._add):
            remembered.cache_clear()  # a style keeps the colours that it was first written in
        variables = dict(pair.split("=") for pair in self.variables.split())
        variables["COLUMNS"] = str(self.columns or 80)  # else that of the terminal this runs in
        with (
            patch.multiple(sys, stdin=stdin, stdout=out if self.encoding else None, stderr=err),
            patch.dict(os.environ, variables, clear=True),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("error")  # Python shows one only once: it would depend on --like
            try:
                status: object = rnncalc([*self.arguments])
            except (Exception, SystemExit) as error:  # noqa: BLE001  # that is an answer too
                status = f"{type(error).__name__}: {error}"
        assert isinstance(out.buffer, io.BytesIO)
        text = out.buffer.getvalue().decode(out.encoding, ANY_BYTES)
        return {"status": status, "out": text, "err": err.getvalue()}


class Stream(io.TextIOWrapper):
    """A file in memory that may say that it is a terminal."""

    is_terminal = False

    def isatty(self) -> bool:
        """Return what it was told to."""
        return self.is_terminal


@dataclass(frozen=True)
class Net:
    """A network and its inputs, and how a run of it goes wrong."""

    wxh: Rows
    whh: Rows
    why: Rows
    bh: list[float]
    by: list[float]
    h0: list[float]
    x: Rows
    activation: str = "tanh"
    output_activation: str = ""
    rounded: Callable[[float], float] = float  # what becomes of each value before it is used
    lag: int = 0  # h_{t-1-lag} is used instead of h_{t-1}
    in_place: bool = False
    listed: Callable[[Rows], Rows] = list

    def settings(self, without: str = "") -> dict[str, Any]:
        """Return what is given of it, by the names of the flags and keys."""
        names = "wxh whh bh why by h0 x activation output_activation".split()  # noqa: SIM905
        left_out = {*without.split(), *([] if self.why else ["why", "by", "output_activation"])}
        given = {name: getattr(self, name) for name in names if name not in left_out}
        return {name: value for name, value in given.items() if value}

    def flags(self, without: str = "") -> list[str]:
        """Return it as flags."""
        given = self.settings(without).items()
        texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in given}
        pairs = ((f"--{name.replace('_', '-')}", text) for name, text in texts.items())
        return [*chain.from_iterable(pairs)]

    def toml(self, without: str = "") -> str:
        """Return it as a file."""
        return "".join(f"{k} = {json.dumps(v)}\n" for k, v in self.settings(without).items())

    def step(self, h: list[float], x: list[float]) -> list[list[float]]:
        """Return a, h, o and y of one step."""
        before, a, after = [*h], [], []
        for i, (wx, wh, b) in enumerate(zip(self.wxh, self.whh, self.bh, strict=True)):
            terms = [w * v for w, v in zip([*wx, *wh], [*x, *before], strict=True)]
            a.append(self.rounded(fsum([*terms, b])))
            after.append(self.rounded(F[self.activation](a[-1])))
            before[i] = after[-1] if self.in_place else before[i]
        o = [self.rounded(v) for v in affine(self.why, after, self.by)]
        y = o
        for name in (self.output_activation or "linear").split():
            y = softmax(y) if name == "softmax" else [F[name](v) for v in y]
        return [a, after, o, [self.rounded(v) for v in y]]

    def run(self, wrong: "Net | None" = None, at: int = -1) -> dict[str, Rows]:
        """Return a, h, o and y of every step, of which step `at` is that of `wrong`."""
        states, steps = [self.h0], []
        for t in range(len(self.x)):
            net = wrong if wrong and t == at else self
            steps.append(net.step(states[max(0, t - net.lag)], net.x[t]))
            states.append(steps[-1][1])
        names = "ahoy" if self.why else "ah"
        return {n: self.listed([step["ahoy".index(n)] for step in steps]) for n in names}


def random_net(
    name: object,
    sizes: str,
    digits: int = 2,
    scale: float = 1.0,
    activation: str = "tanh",
    output_activation: str = "",
) -> Net:
    """Return a network of sizes `D H K T`, with numbers of a few digits."""
    r = random.Random(str(name))
    D, H, K, T = map(int, sizes.split())

    def some(rows: int, columns: int) -> Rows:
        return [
            [round(r.uniform(-scale, scale), digits) for _ in range(columns)] for _ in [0] * rows
        ]

    (bh,), (by,), (h0,) = some(1, H), some(1, K), some(1, H)
    weights = some(H, D), some(H, H), some(K, H)
    return Net(*weights, bh, by, h0, some(T, D), activation, output_activation)


def transposed(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def column_major(rows: Rows) -> Rows:
    flat = [*chain.from_iterable(rows)]
    return [flat[i :: len(rows)] for i in range(len(rows))]


def scaled(by: float, *rows: list[float]) -> Rows:
    return [[by * v for v in row] for row in rows]


def float32(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])


MISTAKES: dict[str, Callable[[Net], Net]] = {
    "none": lambda n: n,
    "whh-transposed": lambda n: replace(n, whh=transposed(n.whh)),
    "wxh-transposed": lambda n: replace(n, wxh=transposed(n.wxh)),
    "why-transposed": lambda n: replace(n, why=transposed(n.why)),
    "whh-column-major": lambda n: replace(n, whh=column_major(n.whh)),
    "wxh-column-major": lambda n: replace(n, wxh=column_major(n.wxh)),
    "bh-missing": lambda n: replace(n, bh=scaled(0, n.bh)[0]),
    "bh-twice": lambda n: replace(n, bh=scaled(2, n.bh)[0]),
    "bh-other": lambda n: replace(n, bh=[b + 0.37 for b in n.bh]),
    "by-missing": lambda n: replace(n, by=scaled(0, n.by)[0]),
    "by-twice": lambda n: replace(n, by=scaled(2, n.by)[0]),
    "recurrence-missing": lambda n: replace(n, whh=scaled(0, *n.whh)),
    "sign-turned": lambda n: replace(n, whh=scaled(-1, *n.whh)),
    "term-dropped": lambda n: replace(n, wxh=[[0, *row[1:]] for row in n.wxh]),
    "term-twice": lambda n: replace(n, whh=[[*row[:-1], 2 * row[-1]] for row in n.whh]),
    "term-turned": lambda n: replace(n, wxh=[[-row[0], *row[1:]] for row in n.wxh]),
    "h0-ignored": lambda n: replace(n, h0=scaled(0, n.h0)[0]),
    "reversed": lambda n: replace(n, x=n.x[::-1]),
    "flipped": lambda n: replace(n, listed=lambda rows: rows[::-1]),
    "early": lambda n: replace(n, listed=lambda rows: [*rows[1:], rows[0]]),
    "late": lambda n: replace(n, listed=lambda rows: [rows[-1], *rows[:-1]]),
    "input-early": lambda n: replace(n, x=[*n.x[1:], [0.0] * len(n.x[0])]),
    "input-late": lambda n: replace(n, x=[[0.0] * len(n.x[0]), *n.x[:-1]]),
    "in-place": lambda n: replace(n, in_place=True),
    "float32": lambda n: replace(n, rounded=float32),
    "rounded": lambda n: replace(n, rounded=lambda v: round(v, 2)),
    "previous-state": lambda n: replace(n, lag=1),
    "softmax-missing": lambda n: replace(n, output_activation="linear"),
    "softmax-twice": lambda n: replace(n, output_activation="softmax softmax"),
    "softmax-is-sigmoid": lambda n: replace(n, output_activation="sigmoid"),
    **{f"activation-{f}": lambda n, f=f: replace(n, activation=f) for f in F},  # type: ignore[misc]
}
PAIRS = (
    "whh-transposed bh-missing",
    "wxh-column-major h0-ignored",
    "bh-twice late",
    "reversed by-missing",
    "activation-relu softmax-missing",
    "recurrence-missing softmax-twice",
    "whh-transposed rounded",
    "bh-missing float32",
    "bh-other rounded",
    "bh-other float32",
    "early softmax-is-sigmoid",
    "in-place bh-twice",
)
MISPRINTS: dict[str, Callable[[str], str]] = {
    "exchanged": lambda s: s[:-2] + s[-1] + s[-2],
    "point-moved": lambda s: f"{float(s) * 10:.3f}",
    "sign-of-figure": lambda s: s[1:] if s[0] == "-" else f"-{s}",
    "off-1": lambda s: f"{float(s) + 1e-4:.4f}",
    "off-3": lambda s: f"{float(s) - 3e-4:.4f}",
    "off-9": lambda s: f"{float(s) + 9e-4:.4f}",
    "far-off": lambda s: f"{float(s) + 0.4321:.4f}",
    "short": lambda s: s[:-2],
    "zero": lambda _: "0",
    "nan": lambda _: "nan",
    "inf": lambda _: "-inf",
    "not-printed": lambda _: '"?"',
    "huge": lambda _: "1e308",
    "integer": lambda _: "3",
}
SQUARE = random_net("square", "3 3 3 5", output_activation="softmax")
NETS = {
    "scalar": random_net("scalar", "1 1 1 4", 1),
    "square": SQUARE,
    "oblong": random_net("oblong", "2 3 2 6", output_activation="softmax"),
    "linear": random_net("linear", "2 2 1 4", 1, activation="linear"),
    "closed": random_net("closed", "1 2 0 5", activation="sigmoid"),
    "chaotic": random_net("chaotic", "1 10 0 130", 2, 1.8),
    "wide": random_net("wide", "6 12 10 3", output_activation="softmax"),
    "long": random_net("long", "2 3 2 100", 2, 1.0, "softsign", "softmax"),
    "page": random_net("page", "1 2 1 24", 1, activation="relu"),
}
MARKED_NETS = {
    "scalar": ("all", "one"),
    "square": ("all", "one"),
    "oblong": ("all",),
    "linear": ("all",),
    "closed": ("one",),
}
LONG_NETS = ("chaotic", "long")  # marked with a few mistakes only: each takes half a second
FEW = ("none", "whh-transposed")


def texts(rows: Rows, how: str) -> list[list[str]]:
    return [[format(v, how) if how else repr(v) for v in row] for row in rows]


def expect(printed: dict[str, list[list[str]]]) -> str:
    """Return printed values as a file ends with them."""
    rows = {n: ", ".join(f"[{', '.join(row)}]" for row in f) for n, f in printed.items()}
    return "[expect]\n" + "".join(f"{name} = [{text}]\n" for name, text in rows.items())


def shapes(net: Net) -> list[tuple[int, int]]:
    return [(len(rows), len(rows[0])) for rows in (net.wxh, net.whh, net.why) if rows]


def mistaken() -> Iterator[tuple[str, str]]:
    """Yield files with values that are wrong in every step, or from one step on."""
    decimals = cycle([".4f", "", ".3f", ".9g", ".6f"])
    names = cycle(["ahoy", "hy", "h", "y", "ah", "hy", "ahoy"])
    for ids, (kind, net) in product([*MISTAKES, *PAIRS], NETS.items()):
        wrong = net
        for id_ in ids.split():
            wrong = MISTAKES[id_](wrong)
        ways = ("all",) if kind in LONG_NETS and ids in FEW else MARKED_NETS.get(kind, ())
        for way in ways if shapes(wrong) == shapes(net) else ():
            how, some = "" if kind == "chaotic" else next(decimals), next(names)
            rows, right = wrong.run() if way == "all" else net.run(wrong, 1), net.run()
            seen = any(rows[n] != right[n] for n in rows if n in some)
            printed = {n: texts(of, how) for n, of in rows.items() if n in some or not seen}
            if printed:
                text = net.toml() + expect(printed)
                yield f"{way}/{kind}-{ids.replace(' ', '+')}.toml", text


def misprinted() -> Iterator[tuple[str, str]]:
    """Yield files with one value that is printed wrong, and with all of them truncated."""
    for kind, (name, change) in product(("scalar", "square"), MISPRINTS.items()):
        t = len(name) % 3
        right = {n: texts(rows, ".4f") for n, rows in NETS[kind].run().items()}
        for n in "ahoy":
            printed = right | {n: [[*row] for row in right[n]]}
            printed[n][t][-1] = change(printed[n][t][-1])
            yield f"misprint/{kind}-{name}-{n}{t}.toml", NETS[kind].toml() + expect(printed)
    for (kind, net), decimals in product(NETS.items(), (1, 3, 6)):
        if kind in LONG_NETS and decimals != 3:
            continue
        cut = {
            n: texts([[floor(v * 10**decimals) / 10**decimals for v in row] for row in rows], "")
            for n, rows in net.run().items()
        }
        yield f"misprint/{kind}-cut-{decimals}.toml", net.toml() + expect(cut)


def layouts() -> Iterator[tuple[str, str]]:
    """Yield the values of `square` as programs write them, well and badly."""
    rows = {"x": SQUARE.x, **SQUARE.run(MISTAKES["term-dropped"](SQUARE), 3)}
    steps = [{"t": t, **{n: r[t - 1] for n, r in rows.items()}} for t in range(1, 6)]
    lines = [[str(t), *(f"{v:.9g}" for r in rows.values() for v in r[t - 1])] for t in range(1, 6)]

    def table(title: str, of: list[list[str]] = lines, between: str = ",") -> str:
        titles = ["t", *(title.format(n, i) for n in rows for i in range(3))]
        return "".join(between.join(line) + "\n" for line in [titles, *of])

    yield "ours.json", json.dumps({"network": {}, "arithmetic": "exact", "h0": [0], "steps": steps})
    yield "object.json", json.dumps(rows)
    yield "indented.json", json.dumps(rows, indent=1)
    yield "list.json", json.dumps(steps)
    yield "rows.json", json.dumps(rows["h"])
    yield (
        "columns.json",
        json.dumps([{"t": s["t"], "h[0]": 1, "h[1]": 0, "h[2]": 0.5} for s in steps]),
    )
    yield "lines.jsonl", "".join(json.dumps(step) + "\n" for step in steps)
    yield "some.jsonl", "".join(json.dumps(step) + "\n" for step in steps[1::2])
    yield "backwards.jsonl", "".join(json.dumps(step) + "\n" for step in steps[::-1])
    yield "other.jsonl", "".join(json.dumps({**s, "hidden": [1], "z": 2}) + "\n" for s in steps)
    yield "null.jsonl", json.dumps({"t": 1, "h": [None, 0.5, "?"]}) + "\n"
    yield "nan.jsonl", '{"t": 2, "h": [NaN, Infinity, 0.5]}\n'
    yield "brackets.csv", table("{}[{}]")
    yield "plain.csv", table("{}{}")
    yield "underscores.csv", table("{}_{}")
    yield "quoted.csv", table('"{}[{}]"')
    yield "crlf.csv", table("{}[{}]").replace("\n", "\r\n")
    yield "mark.csv", "\ufeff" + table("{}[{}]")
    yield "tabs.tsv", table("{}{}", between="\t")
    yield "semicolons.csv", table("{}{}", between=";")
    yield "index.csv", "".join(f"{i},{r}\n" for i, r in enumerate(table("{}{}").splitlines()))[1:]
    yield "missing.csv", table("{}{}", lines[::2])
    yield "backwards.csv", table("{}{}", lines[::-1])
    yield "no-x.csv", table("{}{}").replace("x", "u")
    yield "other-x.csv", table("{}{}", [[*line[:2], "7", *line[3:]] for line in lines])
    yield "empty.csv", table("{}{}", [[*line[:5], "", *line[6:]] for line in lines])
    yield "nan.csv", table("{}{}", [[*line[:8], "nan", *line[9:]] for line in lines])
    yield "question.csv", table("{}{}", [[*line[:8], " ? ", *line[9:]] for line in lines])
    yield "rows.txt", "".join(" ".join(line[7:10]) + "\n" for line in lines)
    yield "commas.txt", "# h\n\n" + "".join(",".join(line[7:10]) + " # h\n" for line in lines)
    for n, text in enumerate(BAD_PRINTED):
        yield f"bad-{n}", text


# fmt: off
BAD_PRINTED = (
    "", "[0.5]", "0.5\n0.6\n", "h[0]\n0.5", "t,u\n1,2", "h[0],h[2]\n1,2", "h[0],h[1]\n1", "h\n", "a\n",
    "h[0]\n0.5\n0,5x", "h[0]\nnone", "t,h\n\n\n1,0.5\n2,x", 'h\n"0.7\n62"\n', 'h\n"0.76', "h,h\n1,2",
    "t,h\n١,0.5", "t,h\n1,0.5\n1,0.6", "t,h\n0,0.5", "t,h\nx,0.5", "t,h\n,0.5\n2,1", '{"t": 1}', "[[]]",
    '{"t": 1, "h": [1]}\n{"h": [1]}', '{"t": true, "h": [1]}', '{"h": [0.1], "h": [0.2]}', '{"h": ', "{}",
    '{"steps": 3}', '{"steps": []}', '{"steps": [3]}', '{"h": [1]}\n{"h": 1]}', '[{"h": 1}, 2]', "1 2 x\n",
    '{"u": [1]}', '{"u": [1], "x": [2]}', '{"h": [1, 2]}', '{"h": [[1, 2]]}', '{"h": [["a", 1, 2]]}', "\0",
    '{"h": [[true, {}, []]]}', "t,h\n1," + "1" * 200_000, '{"h": [' + "1" * 500 + "]}", "h\n0e400\n", "\ufeff",
    "t,h\n9999999,1", "[" * 5000, '{"h": [[1e999, 1, 1]]}', '{"h": [[1e-400, 1, 1]]}', "h\n\udcff",
    "\udcff\udcfeh\0", "\x1b[31m,h\n1,2", '{"h": [[1e-99999999999, 1, 1]]}', "t,h\n1,0.762\n", "h\n1e308\n",
)
BAD_LINES = (
    "1 2 3", "1", "[]", "1;2", "[[1, 2]]", "1 nan", "inf 1", "-Infinity 1", "1 1e999", "1 1_000", "NaN NaN",
    "null null", "1 1E-400", "1 0x10", "1 1e", "1 -", "1 1-1", "[1, true]", "1,,2", ",1,2", "1,2,", "[1, 2",
    "[1, 2] 3", "1 \x1b[2J", "1 ١", "1 −2", "t,x", '"x[0]" b', '{"t": 1}', "1\r2", "1 \udcff", "1 \0",
    "1 2" + " " * 140_000, "0,5 1,5", "[1; 2]", "[[[1]]]", "abc", "\ufeff1 2",
)
STREAMS = [
    *(f"1 2\n3 4\n{line}\n5 6\n" for line in BAD_LINES), "", "\n", "# 1\n", "\ufeff", "\udcff\udcfe1\0",
    "1 2\n3 4", "1,2\r\n3,4\r\n", "[1,2]\n[3, 4]\n", "# t\n\n1 2 # a\n\t3 , 4\n", "\ufeff1 2\n",
]
GIVEN = "wxh = 1\nwhh = 1\nx = 1\n"
BAD_TOML = (
    "", "wxh = 1\nwxh = 2", "wxh 1", "wxh = 1 2", "wxh = [1", "wxh = tanh", "wxh = 'a", "[wxh]\na = 1",
    "h = [1]", "hidden = 1", "x = " + "[" * 1000, "wxh = " + "1" * 5000, "wxh = 0x" + "F" * 4000, "\udcff",
    "wxh = " + "1" * 4000 + "\nwhh = 1\nx = 1", "a." * 100 + "b = 1", "wxh = 1\0", "\udcff\udcfe", "by = 1",
    "wxh = 1e-400\nwhh = 1\nx = 1", "wxh = nan\nwhh = 1\nx = 1", "wxh = {}\nwhh = 1\nx = 1", "\ufeffwxh = 1",
    "wxh = []\nwhh = 1\nx = 1", "wxh = [[]]\nwhh = 1\nx = 1", "wxh = [[[1]]]\nwhh = 1\nx = 1", GIVEN,
    f"{GIVEN}activation = []", f"{GIVEN}activation = 'softmax'", f"{GIVEN}output_activation = 'softmax'",
    f"{GIVEN}why = 1\noutput_activation = 'a\\nb'", f"{GIVEN}bh = [1, 2]", f"{GIVEN}by = 1", f"{GIVEN}h0 = '1'",
)
BAD_EXPECT = (
    "", "expect = 3", "[expect]", "[expect]\nh = [1, 2]", "[expect]\nH = [1]", "[expect]\ny = [1]",
    "[expect]\nh = ['a']", "[expect]\nh = ['?']", "[expect]\nx = [1]", "[expect]\nh = ['0.5']",
    "[expect]\nh = [true]", "[expect]\nh = [[1, 2]]", "[expect]\nh = [nan]", "[expect]\nh = [1e999]",
    "[expect]\nh = [1e-400]", "[expect]\nh = [0e-99999999]", "[expect]\nh = [1_0.5]", "[expect]\nh = 0.76",
    "[expect]\na = [1e308]", "[expect]\nh = []", "[expect]\nh = [[]]", "[expect]\nh = [2026-11-23]",
    "[expect.h]\nb = 1", "[[expect]]\nh = 1", "[expect]\nh = [" + "9" * 400 + "]", "[expect]\na = 1\nh = [0.8]",
)
LITERALS = (
    "0.5", "-2", "+.5e-3", "1.", "[1]", "[[1]]", "1;", "1,2,3", "1, 2 3", "1;2", "[]", "[[]]", " ", "", "1;;2",
    "1,,2", ",1", "1,", "[1,]", "[,1]", "1 abc", "inf", "-NaN", "1e999", "1_000", "−1.5", "٣", "0x10", "true",
    "[[1], [2]", "[1] 2", "[1; 2]", "[[[1]]]", "]", "1" * 5000, "1e-400", "0,5 1,5", "1 2; 3", "[[1, 2], [3]]",
    "[1, [2]]", "@", "@nowhere", "@.", "@numbers/row", "@numbers/bad", "@numbers/column", "@numbers/comments",
    "@numbers/empty", "@numbers/latin", "1e308", "1e-300", "0,5", "[red]\x1b[0m", "a\nb", "- 1", "-", "@-",
    "9" * 90 + " x " + "9" * 90, "@\x1b[31m", "–1", "０", "--x", "@a\0b", "@numbers/json",
    "@numbers/none", "@numbers/two", "1 @a",
)
NUMBERS = {
    "row": "1 2\n", "column": "1\n2\n", "comments": "# a\n\n1 # b\n2;\n", "bad": "1 2\n3 x\n", "empty": "",
    "latin": "1 # caf\udce9\n", "json": "[[1, 2],\n [3, 4]]\n", "none": "# nothing\n", "two": "[1] 2 @a",
}
ONE, TWO = "--wxh 0.5 --whh 0.3", '--wxh "0.1 0.2; 0.3 0.4" --whh "0.5 0; 0 0.5"'
MARKED = "check -c sample_configs/document_as_printed.toml"
TYPED = f"""
--help|-h|run --help|run -h|check --help|check -h|activations --help|init --help|--version|activations|init
|rnu|ru|Run|run|check|run run|1|-c|-c model.toml|model.toml|--wxh 0.5|--config=a|--zzz|-x|--|-- run|run --
run --zzz|run --whx 1|run -wxh 1|run -by-hand|run -bh 1|run -h0=1|run --output_activation relu|run --hlep
run -plot|run -format csv|run -vhelp|run --work=1|run --color|run --color red|run -f|run -f xml|run -f=csv
run -p|run -p 18|run -p -1|run -p x|run -p 1.5|run -c|run -c ""|run -c nowhere.toml|run -c .|run -c /dev/zero
run model.toml|run 1|run "\x1b[31m"|run "a b" c|"\x1b[31m"|init 1|init "\x1b[31m"|activations --all|check 1
init --zzz|--version run|run --version|run --wxh|run --wxh --x 1|run --wxh 0.5|run {ONE}|run --x 1|run --whh 1
run {ONE} --x 1 2 3|run {ONE} --x 1 -2 3|run {ONE} --x 1, 2 --bh 1|run {ONE} --x 1 -- 3|run {ONE} --x=1
run {ONE} --x 1 --x 2|run -c a -c b|run -c a --config b|run {ONE} --x 1 -f csv --format=json|run -fcsv -fcsv
run {ONE} --x 1 --steps 1 --steps 2|run {ONE} --x 1 --only h --only h|run {ONE} --x 1 --work --work -p 2 -p 3
run {ONE} --x 1 -fjson|run {ONE} --x 1 -p2|run {ONE} --x 1 --col never|run {ONE} --x 1 --activ relu
run {ONE} --x 1 --activation softmax|run {ONE} --x 1 --activation Tanh|run {ONE} --x 1 --activation ""
run {ONE} --x 1 --activation zzzz|run {ONE} --x 1 --activation "\x1b[31m"|run {ONE} --x 1 --activation logistic
run {ONE} --x 1 --output-activation relu|run {ONE} --x 1 --by 1|run {ONE} --x 1 --why 1 --output-activation a
run {ONE} --x 1 --why "1 2"|run {ONE} --x 1 --why "1;2" --by 1|run {ONE} --x 1 --why "1;2" --by "1 2 3"
run {ONE} --x 1 --bh "1 2"|run {ONE} --x 1 --h0 "1 2"|run {ONE} --x 1 --bh "1;2"|run {ONE} --x "1 2;"
run {TWO} --x "1 2"|run {TWO} --x "1 2;"|run {TWO} --x "1 2; 3"|run {TWO} --x "1 2; 3 4 5"|run {TWO} --x 1
run {TWO} --x "1 2;" --why "1 2"|run {TWO} --x "1 2;" --why "1;2"|run {TWO} --x "1 2;" --why "1 2 3"
run {TWO} --x "1 2;" --bh 1|run {TWO} --x "1 2;" --h0 "1 2 3"|run {TWO} --x "1 2;" --why "1 2; 3 4" --by 1
run --wxh "1 2; 3 4" --whh "1 2 3; 4 5 6" --x 1|run --wxh "1 2; 3 4" --whh 1 --x 1|run --wxh "1 2 3" --whh 1 --x 1
run --wxh "1 2 3; 4 5 6" --whh "1 0 0; 0 1 0; 0 0 1" --x "1 2;"|run --wxh 0,5 --whh 0,3 --x 1
run --wxh "1 2 3" --whh "1 0; 0 1" --x 1|run --wxh "1 2 3" --whh "1 2 3" --x 1
run --wxh "1 2" --whh "0 0; 0 0" --x 1|run --wxh 1 --whh 1 --x 1 --why "1 2; 3 4"
run {TWO} --x "1 2;" --why "1 2; 3 4; 5 6" --by "1 2 3"|run {ONE} --x 1 --wxh @nowhere|run --steps "" --x 1 {ONE}
run --wxh - --whh 1 --x 1|run -c - --x -|run -c - --bh @-|run --wxh @- --whh @- --x -|check -c - --expect -
check {ONE} --x -|check {ONE} --x 1|check {ONE} --x 1 --expect nowhere|check {ONE} --x 1 --quantity h
check {ONE} --x 1 --expect - --quantity z|check {ONE} --x 1 --expect - --quantity y|check {ONE} --x 1 --expct -
check {ONE} --x 1 --expect . --rtol inf|check {ONE} --x 1 --expect - --atol nan|check {ONE} --x 1 --atol -1
check {ONE} --x 1 --rtol x|check {ONE} --x 1 -f csv|check {ONE} --x 1 --expect - --expect -|check --work
check {ONE} --x 1 --expect ""|check {ONE} --x 1 --expect --all|check -c sample_configs/running_sum.toml
check {ONE} --x 1 --expect @a|check {ONE} --x 1 2|{MARKED} --rtol inf|{MARKED} --quantity h|{MARKED} --x 1
check {ONE} --x "1 2" --expect - --quantity h|check {ONE} --x "1 2" --expect - --quantity h --atol 1 -f json
"""
EXTREMES = f"""
{ONE} --x 1e300|{ONE} --x "1e-300 5e-324 -0 0"|{ONE} --x "1e300 -1e300" --activation linear --why 2
--wxh 1e308 --whh 1 --x 10|--wxh 1e200 --whh 1e200 --x "1 1 1" --activation linear|--wxh 0 --whh 0 --x 0 --why 0
--wxh 1e200 --whh 1e200 --x "1 1 1" --activation relu|--wxh 1 --whh 1e-300 --x "1e-10 1e10" --why 3
--wxh 1 --whh 0 --x "1000 -1000 0" --activation linear --why "1; -1; 0"|--wxh "1e308 1e308" --whh 0 --x "1 1;"
--wxh 1 --whh 0 --x "1000 999" --activation linear --why "1;1;1"|--wxh "1e308 -1e308" --whh 0 --x "1 1;"
--wxh 1 --whh 0 --x 1e308 --activation linear --why 10|--wxh -0.0 --whh -1 --x 0 --bh -0.0
--wxh 1 --whh 0 --x "0.5 1.5 2.5 -0.5 0.0005 0.0015 1e15 123456789.125" --activation linear --why 1 --h0 0.1
--wxh 1 --whh 0 --x "710 -710 37 -37 1e-17 0" --why "2;-2" --output-activation softplus --activation elu --by "-0 1e16"
--wxh 0.1 --whh 0.2 --x 0.30000000000000004 --bh 1e-17 --why 123456789012345678 --by 0.1
"""
FORMATS = ["table", "json", "jsonl", "csv", "markdown", "latex", "html", "svg"]
EXTRAS = ["", "--work", "--by-hand", "--plot", "--work --by-hand", "--work --plot", "--plot --by-hand -p 2"]
STEPS = [
    "2", "1:3", "5:", "-1", ":2", "-2:", "-3:-2", "2:-1", "2:99", "0", "1:0", "-0", "3:1", "-1:-2", "99",
    "-99:1", "x", "1:2:3", ":", "1.5", " 2 ", "--all", "",
]
ONLY = [
    "h", "h,y", "y,h", "x", "a,h,o,y", "o", "h, y", "h,h", "z", "H", "h,,y", ",", "hidden", "x,a,h,o,y,t", " ",
]
COLORS = [
    "", "TERM=xterm-256color COLORTERM=truecolor", "TERM=xterm-256color", "TERM=dumb",
    "TERM=xterm-256color NO_COLOR=1", "TERM=xterm FORCE_COLOR=1",
]
# fmt: on
MORE_NETS = {
    f"{'no-bias' if bare else 'full'}-{D}-{H}-{K}-{T}": random_net(
        (H, K), f"{D} {H} {K} {T}", output_activation=g
    ).toml("bh by h0" if bare else "")
    for (H, K), D, T, bare, g in zip(
        product((1, 2, 3, 6, 12), (0, 1, 2, 3, 10)),
        cycle((1, 2, 3, 6)),
        cycle((1, 2, 25, 7, 30, 3, 24)),
        cycle((True, False, False)),
        cycle(("", "softmax", "linear", "sigmoid")),
        strict=False,
    )
}


def files() -> Files:
    """Return the input files of the commands: the text of each by its path."""
    paths = sorted(path for pattern in COPIED for path in ROOT.glob(pattern))
    given = {str(p.relative_to(ROOT)): p.read_text(errors=ANY_BYTES) for p in paths}
    given |= {f"nets/{name}.toml": net.toml() for name, net in NETS.items()}
    given |= {f"more/{name}.toml": text for name, text in MORE_NETS.items()}
    given |= {f"numbers/{name}": text for name, text in NUMBERS.items()}
    return given | dict(mistaken()) | dict(misprinted()) | {f"port/{n}": t for n, t in layouts()}


def typed(text: str, **more: Any) -> Command:  # what a Command takes
    """Return the command that is typed so."""
    return Command(shlex.split(text), **more)


def of_files(given: Files) -> Iterator[Command]:
    """Yield runs of every network that is in a file."""
    kept = [p for p in given if p.split("/")[0] in ("sample_configs", "tests", "nets", "more")]
    for path, extra in product(kept, ("", "--show-config", "--work", "--work --by-hand -f latex")):
        yield typed(f"run -c {path} {extra}")
    for path, f in zip(kept * 3, cycle(FORMATS), strict=False):
        yield typed(f"run -c {path} -f {f}")
    for net, without in product(NETS.values(), ("bh", "by", "h0", "bh by h0", "output_activation")):
        yield Command(["run", *net.flags(without), "--show-config"])
        yield Command(["run", *net.flags(without), "--steps", "1", "--work", "-p", "4"])


def runs() -> Iterator[Command]:
    """Yield what is asked of a run: formats, flags and functions."""
    some = [f"nets/{n}.toml" for n in ("wide", "page", "oblong")]
    some += [f"sample_configs/{n}.toml" for n in ("document", "two_classes")]
    for f, extra, path in product(FORMATS, EXTRAS, some[1:]):
        yield typed(f"run -c {path} -f {f} {extra}")
    for f, steps in product(FORMATS, STEPS):
        yield typed(f"run -c nets/oblong.toml -f {f} --steps='{steps}'")
    for steps, extra in product(STEPS, (*EXTRAS, "-f csv", "-f latex")):
        yield typed(f"run -c nets/long.toml --steps='{steps}' {extra}")
    for only, (f, extra) in product(ONLY, zip(FORMATS, cycle(EXTRAS), strict=False)):
        yield typed(f"run -c nets/oblong.toml -f {f} --only '{only}'")
        yield typed(f"run -c nets/scalar.toml -f {f} --only '{only}' --work")
        yield typed(f"run -c nets/closed.toml -f {f} --only '{only}' --steps 2 {extra}")
    paths, formats = cycle(some), cycle(FORMATS[::-1])
    for p, extra in product(range(18), EXTRAS * 2):
        yield typed(f"run -c {next(paths)} -f {next(formats)} -p {p} {extra}")
    for f, whole, extra in product(FORMATS, ("", "--all"), (*EXTRAS[:4], "--steps 30:80")):
        yield typed(f"run -c nets/long.toml -f {f} {whole} {extra}")
    extras = cycle(("-f json", "--work", "--by-hand --work -f latex", "--plot -p 1"))
    for f, g in product(F, (*F, "softmax")):
        net = replace(NETS["oblong"], activation=f, output_activation=g)
        yield Command(["run", *net.flags(), "-f", "json"])
        yield Command(["run", *net.flags(), *next(extras).split()])
    formats = cycle(FORMATS)
    for words, extra in product(EXTREMES.strip().replace("\n", "|").split("|"), EXTRAS * 2):
        yield typed(f"run {words} {extra} -f {next(formats)}")


def terminals() -> Iterator[Command]:
    """Yield what depends on where the output goes."""
    colors, widths = cycle(COLORS), (40, 80, 200)
    nets = ("sample_configs/two_classes", "nets/long", "nets/wide", "nets/page")
    for path, columns, extra in product(nets, widths, EXTRAS * 2):
        yield typed(f"run -c {path}.toml {extra}", columns=columns, variables=next(colors))
    for color, path, f in product(("always", "never", "auto"), nets[::3], FORMATS):
        text = f"run -c {path}.toml -f {f} --color {color}"
        for columns in (0, 40):
            yield typed(text, columns=columns, variables=COLORS[1])
        yield typed(text, encoding="ascii", variables=COLORS[4])
    marked = (
        "sample_configs/document_as_printed",
        "misprint/square-far-off-a1",
        "all/scalar-bh-twice",
    )
    for path, columns, whole in product(marked, (0, *widths), ("", "--all", "-f json")):
        for color, encoding in (("always", "utf-8"), ("auto", "utf-8"), ("never", "ascii")):
            text = f"check -c {path}.toml {whole} --color {color}"
            yield typed(text, columns=columns, variables=next(colors), encoding=encoding)
    helps = ("--help", "run --help", "check -h", "init", "activations", "run", "-c a")
    for text in (*helps, f"run {ONE} --x '{'1 ' * 99}x'"):
        for columns in (10, *widths):
            yield typed(text, columns=columns)
        yield typed(text, encoding="utf-16")
        yield typed(text, encoding="")
    one = f"{ONE} --x 1"
    for text in (f"run {ONE} --x -", "run -c -", f"run {one} --bh @-", f"check {one} --expect -"):
        yield typed(text, stdin=None)
        yield typed(text, stdin="1\n2\n", typed=True)


def streams() -> Iterator[Command]:
    """Yield what is read from standard input."""
    for text, f in product(STREAMS, ("table", "json", "jsonl", "csv")):
        yield typed(f"run {TWO} --x - -f {f}", stdin=text)
    many = "".join(f"{t % 7 - 3}.{t % 10} {t % 11 / 8}\n" for t in range(9000))
    for steps, f in product(("-1", "4990:5010", "-3:-2", "9001", "2"), FORMATS):
        yield typed(f"run {TWO} --x - -f {f} --steps={steps} --work --why '1 2'", stdin=many)
    for f, steps in zip(FORMATS, STEPS, strict=False):
        yield typed(f"run {TWO} --x - -f {f} --steps={steps} --by-hand", stdin=many[:9000])
    for f in ("table", "latex", "csv", "json"):
        yield typed(f"run {TWO} --x - -f {f} --only h", stdin=many[:30_000])
    grows = "run --wxh 1e100 --whh 1e100 --activation linear --x -"
    for f in FORMATS:
        yield typed(f"{grows} -f {f}", stdin="1\n" * 6)
    for text in (SQUARE.toml(), *BAD_TOML):
        for words in ("run -c -", "run -c - --x '1 2 3;' -f json", "check -c -"):
            yield typed(words, stdin=text)
    for text, f in product(BAD_EXPECT, ("table", "json")):
        yield typed(f"check -c - -f {f}", stdin=f"{GIVEN}{text}\n")


def literals() -> Iterator[Command]:
    """Yield every way of writing numbers, good and bad, in every flag."""
    shape = {"--wxh": "[[1], [2]]", "--whh": "[[0, 1], [1, 0]]", "--x": "1"}
    for text in LITERALS:
        yield Command(["run", *shlex.split(ONE), "--x", text, "-f", "csv"], stdin="1\n2\n")
        yield Command(["run", *shlex.split(TWO), "--x", text, "-f", "csv"], stdin="1 2\n")
        for key in ("--wxh", "--whh", "--bh", "--why", "--h0"):
            flags = chain.from_iterable((shape | {key: text}).items())
            yield Command(["run", *flags, "-f", "csv"], stdin="1 2\n")


def checks(given: Files) -> Iterator[Command]:
    """Yield what is asked of `check`."""
    forms = cycle(
        ("-f json", "", "-f json", "--all", "-f json", "--atol 1e-3", "-f json --rtol 0.01")
    )
    tables = cycle(("", "--all", "--atol 1e-3"))
    port, quantities = "check -c nets/square.toml --expect", cycle("hyh")
    for path in given:
        match path.split("/")[0]:
            case "all" | "misprint" if path[:3] == "all" or "-cut" in path:
                yield typed(f"check -c {path} -f json")
                yield typed(f"check -c {path} {next(tables)}")
            case "one" | "misprint":
                yield typed(f"check -c {path} {next(forms)}")
            case "sample_configs" | "tests":
                for form in ("", "-f json --all", "--atol 0.002", "-f json --rtol 1e-9"):
                    yield typed(f"check -c {path} {form}")
            case "port":
                yield typed(f"{port} {path} {next(forms)}")
                yield typed(f"{port} {path} --quantity {next(quantities)} -f json")
                yield typed(f"{port} - --rtol 1e-7 --all", stdin=given[path])
                yield typed(f"check {ONE} --x 1 --expect - --quantity h", stdin=given[path])


def commands(given: Files) -> list[Command]:
    """Return all commands, each once."""
    lines = TYPED.replace("\n", "|").split("|")
    first = (typed(words, stdin="0.5\n0.6\n") for words in lines)
    parts = (first, of_files(given), runs(), terminals(), streams(), literals(), checks(given))
    return [*{repr(command): command for command in chain(*parts)}.values()]


def answers(given: Files, asked: list[Command]) -> Iterator[dict[str, object]]:
    """Yield the answers, given in a folder that holds the files and nothing else."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for path, text in given.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(text.encode(errors=ANY_BYTES))
        for command in asked:
            yield command.answer()


def record(path: Path) -> int:
    """Write down what all commands answer, and return 0."""
    given = files()
    asked = commands(given)
    entries = [
        {"command": asdict(command), "answer": answer}
        for command, answer in zip(asked, answers(given, asked), strict=True)
    ]
    lines = ",\n".join(map(json.dumps, entries))
    path.write_text(f'{{"files": {json.dumps(given)},\n"entries": [\n{lines}\n]}}\n')
    say(f"{len(asked)} commands recorded")
    return 0


def compare(path: Path, like: str) -> int:
    """Print how the answers differ from those in the record, and return 1 where any does."""
    found = json.loads(path.read_text())
    entries = [e for e in found["entries"] if like in shlex.join(e["command"]["arguments"])]
    asked = [Command(**entry["command"]) for entry in entries]
    differ = 0
    for entry, command, new in zip(entries, asked, answers(found["files"], asked), strict=True):
        if entry["answer"] != new:
            differ += 1
            say(
                f"rnncalc {shlex.join(command.arguments)[:300]}", *differences(entry["answer"], new)
            )
    say(f"{differ} of {len(asked)} commands differ")
    return 1 if differ else 0


def differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield the first lines that differ."""
    for name in ("status", "err", "out"):
        before, after = (str(answer[name]).split("\n") for answer in (old, new))
        changed = [*unified_diff(before, after, n=0, lineterm="")][2:]
        yield from (f"  {name}: {line[:200]}" for line in changed[:12])


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def main() -> int:
    """Record or compare, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("record", "compare"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--like", default="", help="compare only commands that contain this")
    given, started = parser.parse_args(), time.perf_counter()
    path = given.file.resolve()
    status = record(path) if given.action == "record" else compare(path, given.like)
    say(f"{time.perf_counter() - started:.0f} s, {sys.modules['rnncalc'].__file__}")
    return status


if __name__ == "__main__":
    sys.exit(main())
