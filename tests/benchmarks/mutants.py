"""How many small changes to the package the tests notice, room by room.

    python tests/benchmarks/mutants.py network checking --most 60 --seed 1 --jobs 2

A mutant is the package with one operator, constant, condition, result or pair of arguments changed;
it is killed when a test fails or hangs. A room is a folder or a module right below rnncalc/. Every
survivor is listed: a test is missing, or the change makes no difference that anybody could see.
What each test executes, also in processes that it starts, is found out once and kept in the
temporary folder until its file changes, a helper that it imports, or anything outside tests/. In a
copy, a mutant has to pass only the tests that execute its statement; if that is executed by an
import, those that call anything in its module. One that none was seen to execute has to pass all
that start processes: some of these are killed unseen.
"""

import argparse
import ast
import compileall
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import asdict, dataclass
from itertools import accumulate, groupby
from pathlib import Path
from py_compile import PycInvalidationMode
from queue import SimpleQueue
from tempfile import TemporaryDirectory, gettempdir
from time import perf_counter
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MEMORY = 8 * 2**30  # bytes of address space, for a mutant that asks for more and more
EXCHANGED = [(ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)]
PAIRS: list[Any] = [*EXCHANGED, (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.And, ast.Or)]
PAIRS += [(ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.BitAnd, ast.BitOr)]
OTHER = dict(PAIRS) | {two: one for one, two in PAIRS}
SYMMETRIC = {"min", "max", "np.minimum", "np.maximum", "np.array_equal", "isinstance", "cast"}
IN_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
NOT_RUN = {"annotation", "returns", "decorator_list", "bases"}
Part = ast.expr | ast.stmt


@dataclass(frozen=True)
class Mutant:
    """A module with one change, and the lines of the function's statement that it is in, if any."""

    path: str
    says: str
    text: bytes
    lines: range


@dataclass(frozen=True)
class Test:
    """What is known of a test; `calls` are the lines it executes, by the path of the module."""

    id: str
    seconds: float
    fails: bool
    spawns: bool
    calls: dict[str, list[int]]

    @property
    def path(self) -> str:
        """Its file."""
        return self.id.partition("::")[0]


def operators(node: ast.AST) -> Iterator[tuple[Part, Part]]:
    """Yield `node` with what it may become: another operator, or none."""
    match node:
        case ast.Compare(left, ops, comparators):
            for i, op in enumerate(ops):
                new = [*ops[:i], OTHER[type(op)](), *ops[i + 1 :]]
                yield node, ast.Compare(left, new, comparators)
        case ast.BoolOp(op, values):
            yield node, ast.BoolOp(OTHER[type(op)](), values)
        case ast.BinOp(left, op, right) if type(op) in OTHER and not is_text(left, right):
            yield node, ast.BinOp(left, OTHER[type(op)](), right)
        case ast.AugAssign(target, op, value) if type(op) in OTHER and not is_text(value):
            yield node, ast.AugAssign(target, OTHER[type(op)](), value)
        case ast.UnaryOp(ast.USub() | ast.Invert() | ast.Not(), operand):
            yield node, operand


def values(node: ast.AST) -> Iterator[tuple[Part, Part]]:
    """Yield a constant, condition, result or call, with what it may become."""
    match node:
        case ast.Constant(bool(old)):
            yield node, ast.Constant(not old)
        case ast.Constant(int(old)):
            yield node, ast.Constant(old + 1)
        case ast.Constant(float(old)):
            yield node, ast.Constant(old * 2 or 1.0)
        case ast.If(test) | ast.IfExp(test) | ast.comprehension(ifs=[test]):
            kinds = tuple(kind for pair in EXCHANGED for kind in pair)
            if not isinstance(getattr(test, "ops", [None])[0] or test, (*kinds, ast.UnaryOp)):
                yield test, ast.UnaryOp(ast.Not(), test)
        case ast.Return(ast.Name() as name):
            yield name, ast.Constant(None)
        case ast.Call(func, [ast.Name(a) as one, ast.Name(b) as two, *more], keywords):
            if a != b and ast.unparse(func) not in SYMMETRIC:
                yield node, ast.Call(func, [two, one, *more], keywords)


def is_text(*operands: ast.expr) -> bool:
    """Tell whether one is a string, which is only ever added to another, or the None of a type."""
    constants = [q.value for q in operands if isinstance(q, ast.Constant)]
    formatted = any(isinstance(q, ast.JoinedStr) for q in operands)
    return formatted or any(isinstance(value, str | None) for value in constants)


def is_left_out(parent: ast.AST, field: str, child: ast.AST) -> bool:
    """Tell whether a change there says nothing of the tests, or is of the words of an error."""
    match child:
        case ast.Assert() | ast.AnnAssign(_, ast.Name("TypeAlias")) | ast.keyword("strict"):
            return True
        case ast.If(test) | ast.Assign([test]):
            return ast.unparse(test).startswith(("TYPE_CHECKING", "__"))
        case ast.JoinedStr() if isinstance(parent, ast.Call):
            return ast.unparse(parent.func).endswith("Error")
    return field in NOT_RUN


def found(
    node: ast.AST, lines: range, whole: Part | None = None, *, called: bool = False
) -> Iterator[tuple[Part, Part, Part, range]]:
    """Yield each change in `node`, the part to write anew, and the lines of its statement."""
    called = called or isinstance(node, IN_FUNCTION)
    if isinstance(node, ast.stmt):
        body = getattr(node, "body", None)
        end = body[0].lineno if body else (node.end_lineno or 0) + 1
        lines = range(node.lineno, max(node.lineno + 1, end))
    if isinstance(node, ast.JoinedStr):  # before Python 3.12, what is inside has no place
        whole = whole or node
    for old, new in (*operators(node), *values(node)):
        yield old, new, whole or old, lines if called else range(0)
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not is_left_out(node, field, child):
                yield from found(child, lines, whole, called=called)


def difference(old: str, new: str) -> str:
    """Say what becomes of the words that are not the same."""
    one, two = old.split(), new.split()
    while one and two and one[0] == two[0]:
        one, two = one[1:], two[1:]
    while one and two and one[-1] == two[-1]:
        one, two = one[:-1], two[:-1]
    return f"{' '.join(one) or 'nothing'} became {' '.join(two) or 'nothing'}"


def mutants(path: str) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    source = (ROOT / path).read_bytes()
    rows = source.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, rows))]
    for old, new, part, lines in found(ast.parse(source), range(0)):
        text = ast.unparse(deepcopy(part, {id(old): new}))
        text = f"({text})" if isinstance(part, ast.expr) else text
        begin = starts[part.lineno - 1] + part.col_offset
        end = starts[(part.end_lineno or 0) - 1] + (part.end_col_offset or 0)
        row = rows[part.lineno - 1].decode().strip()
        says = f"{path}:{part.lineno}: {difference(ast.unparse(old), ast.unparse(new))}   ({row})"
        yield Mutant(path, says, source[:begin] + text.encode() + source[end:], lines)


def pytest(
    copy: Path, scratch: str, *arguments: str, seconds: float | None = None, **variables: str
) -> int:
    """Return the exit status of pytest in a copy, 1 where the time is not enough."""
    command = [sys.executable, "-m", "pytest", "-q", "--hypothesis-profile=ci"]
    command += [f"--basetemp={scratch}/tmp", "-o", f"cache_dir={scratch}/cache", *arguments]
    environment = os.environ | {"PYTHONPATH": f"{copy}{os.pathsep}{scratch}"} | variables
    with subprocess.Popen(
        command, cwd=copy, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return 1


def failing(scratch: str) -> set[str]:
    """Return the ids of what the last run of pytest found to fail."""
    failed = Path(scratch, "cache/v/cache/lastfailed")
    return {*json.loads(failed.read_text())} if failed.exists() else set()


def learnt(copy: Path, path: str) -> list[Test]:
    """Return what each test of a file executes."""
    with TemporaryDirectory() as scratch:
        shutil.copy(HERE / "calls.py", Path(scratch, "sitecustomize.py"))
        pytest(copy, scratch, path, "-p", "sitecustomize", RNNCALC_TRACED=str(copy / "rnncalc"))
        notes = [json.loads(file.read_text()) for file in Path(scratch).glob("*.notes")]
        if failing(scratch):  # it may be for want of time
            Path(scratch, "sitecustomize.py").unlink()
            pytest(copy, scratch, path)
        fails = failing(scratch)
    seconds, processes = Counter[str](), Counter[str]()
    lines: dict[str, dict[str, set[int]]] = {}
    for test, took, called in (note for of in notes for note in of):
        seconds[test] = max(seconds[test], took)
        processes[test] += 1
        for name, some in called.items():
            module = str(Path(name).relative_to(copy))
            lines.setdefault(test, {}).setdefault(module, set()).update(some)
    return [
        Test(
            id_,
            seconds[id_],
            bool({id_, path} & fails),
            processes[id_] > 1,
            {name: sorted(some) for name, some in lines.get(id_, {}).items()},
        )
        for id_ in seconds
        if id_
    ]


def imported(path: str, helpers: dict[str, str], files: dict[str, bytes]) -> list[str]:
    """Return a test file and the helpers that it imports, and those that they import."""
    found, wanted = list[str](), [path, helpers["conftest"]]
    while wanted:
        found.append(wanted.pop())
        names = re.findall(rb"^ *(?:from|import) (\w+)", files[found[-1]], re.MULTILINE)
        some = (helpers.get(name.decode()) for name in names)
        wanted += {name for name in some if name and name not in (*found, *wanted)}
    return sorted(found)


def prepared(jobs: int, checkout: Path) -> list[Test]:
    """Write a copy of the checkout, and return what is known of the tests that can be used."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.check_output(listing, cwd=ROOT, text=True).split("\0")
    files = {name: (ROOT / name).read_bytes() for name in listed if (ROOT / name).is_file()}
    for name, content in files.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_bytes(content)
    # not by time and length: a mutant may be as young and as long as what it replaces
    by_content = PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(checkout / "rnncalc", quiet=1, invalidation_mode=by_content)
    tests = sorted(name for name in files if Path(name).match("test_*.py"))
    helpers = {Path(n).stem: n for n in files if Path(n).match("tests/*.py") and n not in tests}
    apart = {*tests, *helpers.values(), *(n for n in files if n.startswith("tests/benchmarks/"))}
    others = sorted(of for of in files.items() if of[0] not in apart)

    def known(path: str) -> list[Test]:
        own = [(name, files[name]) for name in imported(path, helpers, files)]
        digest = hashlib.sha256(repr((sys.version, others, own)).encode()).hexdigest()
        kept = Path(gettempdir(), "rnncalc-mutants", f"{digest[:20]}.json")
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(json.dumps([asdict(test) for test in learnt(checkout, path)]))
        return [Test(**one) for one in json.loads(kept.read_text())]

    with ThreadPoolExecutor(jobs) as pool:
        every = [test for some in pool.map(known, tests) for test in some]
    for test in every:
        if test.fails:
            say(f"left out, as it fails without a mutant: {test.id}")
    return every


def executing(mutant: Mutant, tests: list[Test]) -> list[Test]:
    """Return the tests that execute the statement of a mutant."""
    sound = [test for test in tests if not test.fails]
    if not mutant.lines:
        return [test for test in sound if mutant.path in test.calls] or sound
    lines = {*mutant.lines}
    some = [test for test in sound if not lines.isdisjoint(test.calls.get(mutant.path, ()))]
    return some or [test for test in sound if test.spawns]


def in_order(mutant: Mutant, some: list[Test]) -> Iterator[list[Test]]:
    """Yield tests that are run together: those named after the mutant's room come first."""
    room = room_of(mutant.path)

    def rank(test: Test) -> tuple[bool, bool]:
        return room not in Path(test.path).parts, test.spawns

    for _, group in groupby(sorted(some, key=lambda test: (*rank(test), test.seconds)), rank):
        yield [*group]


def is_killed(mutant: Mutant, copy: Path, tests: list[Test]) -> bool:
    """Run the tests that execute a mutant, written into a copy for as long."""
    original = (copy / mutant.path).read_bytes()
    (copy / mutant.path).write_bytes(mutant.text)
    try:
        return any(
            is_failing(copy, some, tests) for some in in_order(mutant, executing(mutant, tests))
        )
    finally:
        (copy / mutant.path).write_bytes(original)


def is_failing(copy: Path, some: list[Test], tests: list[Test]) -> bool:
    """Run some of the tests, and return whether one fails."""
    enough = 30 + sum(test.seconds for test in some)  # they were traced, which is slow
    paths = [*dict.fromkeys(test.path for test in some)]
    picks = [test.id for test in some], [*{test.id for test in tests} - {test.id for test in some}]
    with TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        shutil.copy(HERE / "picked.py", scratch)
        Path(scratch, "picks").write_text(json.dumps(picks))
        options = ("-x", "-p", "picked", *paths)
        status = pytest(copy, scratch, *options, seconds=enough, RNNCALC_PICKED=f"{scratch}/picks")
    if status == 4:
        raise RuntimeError(f"pytest refuses {paths}")
    return status not in (0, 5)  # 5: every test was left out


def copied(checkout: Path, copy: Path) -> Path:
    """Copy the checkout, and make sure that the package of the copy is what is imported."""
    shutil.copytree(checkout, copy)
    command = [sys.executable, "-c", "import rnncalc; print(rnncalc.__file__)"]
    environment = os.environ | {"PYTHONPATH": str(copy)}
    imported = subprocess.check_output(command, cwd=copy.parent, env=environment, text=True)
    if not Path(imported).is_relative_to(copy):
        raise RuntimeError(f"what is imported is {imported}")
    return copy


def room_of(path: str) -> str:
    """Return the folder or the module right below the package."""
    return Path(path).parts[1].removesuffix(".py")


def say(text: str) -> None:
    """Print a line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def chosen(room: str, paths: list[str], most: int, seed: int) -> list[Mutant]:
    """Return some mutants of a room, the same for the same seed."""
    every = [mutant for path in paths for mutant in mutants(path)]
    numbers = random.Random(f"{seed} {room}").sample(range(len(every)), min(most, len(every)))
    return [every[number] for number in sorted(numbers)]


def tried(
    some: list[Mutant], jobs: int, checkout: Path, tests: list[Test]
) -> Iterator[tuple[Mutant, bool]]:
    """Yield each mutant and whether it was killed."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        copies = SimpleQueue[Path]()
        for number in range(jobs):
            copies.put(copied(checkout, Path(folder).resolve() / str(number)))

        def attempt(mutant: Mutant) -> bool:
            copy = copies.get()
            try:
                return is_killed(mutant, copy, tests)
            finally:
                copies.put(copy)

        yield from zip(some, pool.map(attempt, some), strict=True)


def main() -> None:
    """Print the survivors as they are found, and a table of the rooms."""
    paths = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "rnncalc").rglob("*.py"))
    rooms = {room: [*of] for room, of in groupby(paths, room_of)}
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("rooms", nargs="*", choices=rooms, help="all unless given")
    for flag, default in (("--most", 60), ("--seed", 1), ("--jobs", 2)):
        parser.add_argument(flag, type=int, default=default)
    given = parser.parse_args()
    some = [
        m
        for name in given.rooms or rooms
        for m in chosen(name, rooms[name], given.most, given.seed)
    ]
    count, killed = Counter[str](), Counter[str]()
    with TemporaryDirectory() as folder:
        checkout = Path(folder).resolve() / "checkout"
        tests = prepared(given.jobs, checkout)
        start = perf_counter()
        for mutant, is_dead in tried(some, given.jobs, checkout, tests):
            count[room_of(mutant.path)] += 1
            killed[room_of(mutant.path)] += is_dead
            if not is_dead:
                say(mutant.says)
    say(f"\n{'room':12} mutants  killed  per cent")
    for room, n in count.items():
        say(f"{room:12} {n:7} {killed[room]:7} {100 * killed[room] / n:9.0f}")
    say(f"\n{(perf_counter() - start) / max(len(some), 1):.1f} seconds a mutant")


if __name__ == "__main__":
    main()
