"""What the design promises: who may know what, one shape for all commands, and a light start."""

import ast
import subprocess
import sys
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from calling import ROOT
from rnncalc.cli.app import app
from rnncalc.commands import Answer
from rnncalc.network.problem import Problem
from rnncalc.reading.settings import Setting
from rnncalc.writing.request import Request

FLOORS = {
    "errors": 0,
    "arrays": 1,
    "numerals": 2,
    "network": 3,
    "reading": 4,
    "checking": 4,
    "writing": 5,
    "commands": 6,
    "cli": 7,
    "interface": 7,
    "__main__": 8,
}
MODULES = sorted((ROOT / "rnncalc").rglob("*.py"))
COMMANDS = {path.stem for path in MODULES if path.parent.name == "commands"} - {"__init__"}


def imported(path: Path) -> set[str]:
    """Return the rooms and packages that a module imports, at its top or in a function."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_go_down_a_floor(path: Path) -> None:
    room = path.relative_to(ROOT / "rnncalc").parts[0].removesuffix(".py")
    if room == "__init__":
        return
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith("rnncalc.")}

    assert all(FLOORS[other] < FLOORS[room] for other in rooms - {room})


def dotted(path: Path) -> str:
    """Return the name of a module; a package's is that of its folder."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_modules(path: Path) -> set[str]:
    """Return the modules of rnncalc that a module imports, at its top or in a function."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            within = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= within | {node.module or ""}
    return names & {dotted(path) for path in MODULES}


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the names along a cycle, the first again as the last; none where there is no cycle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[::-1]  # graphlib names what is imported before what imports it
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {dotted(path): imported_modules(path) for path in MODULES}
    del graph["rnncalc"]  # __init__ imports what it is asked for, and then only

    assert " imports ".join(cycle(graph)) == ""


def test_a_cycle_is_told_by_its_names() -> None:
    graph = {"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set[str]()}

    assert cycle(graph) == []
    found = cycle(graph | {"d": {"b"}})
    assert found in (["b", "d", "b"], ["d", "b", "d"])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_typer_is_known_to_cli_and_rich_to_writing_alone(path: Path) -> None:
    packages = {name.split(".")[0] for name in imported(path)} - sys.stdlib_module_names

    allowed = {"rnncalc", "numpy"}
    room = path.relative_to(ROOT / "rnncalc").parts[0]
    of_rooms = {
        "cli": {"typer", "rich"},
        "writing": {"rich"},
        "reading": {"h5py", "onnx", "google"},
    }
    assert packages <= allowed | of_rooms.get(room, set())


def streams(path: Path) -> set[str]:
    """Return what a module names of the standard streams, and `isatty` if it asks for that."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "sys":
            found |= {f"sys.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            found |= {ast.unparse(node), node.attr}
    return found & {"sys.stdin", "sys.stdout", "sys.stderr", "isatty"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_standard_streams_are_known_to_cli_alone(path: Path) -> None:
    processes = {"__main__", "hdf5_process"}  # which have streams of their own

    assert path.parent.name == "cli" or path.stem in processes or streams(path) == set()


def test_each_command_has_a_file_and_each_file_is_a_command() -> None:
    registered = {each.name or each.callback.__name__ for each in app.registered_commands}  # type: ignore[union-attr]

    assert registered == COMMANDS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_all_commands_have_one_shape(name: str) -> None:
    module = import_module(f"rnncalc.commands.{name}")
    answer = signature(module.answer)
    takes = [each.annotation for each in answer.parameters.values()]

    assert answer.return_annotation is Answer
    if not hasattr(module, "requested"):
        assert Problem not in takes
        return
    requested = signature(module.requested)
    typed = [Problem, Mapping[str, Setting], Request, Mapping[str, str]]
    assert [each.annotation for each in requested.parameters.values()] == typed
    assert takes == [Problem, requested.return_annotation]


def test_the_command_line_starts_without_numpy_rich_tomllib_or_json() -> None:
    code = "import sys, rnncalc.cli.app; print(*sorted({'numpy', 'rich', 'tomllib', 'json', 'click', 'pydantic', 'importlib.metadata'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "\n"


def test_a_small_run_for_a_program_loads_no_part_of_a_page() -> None:
    code = "import sys, rnncalc.cli.app as app; app.main('run --wxh 0.5 --whh 0.3 --x 1 -f jsonl'.split()); print(*sorted({'rich', 'decimal', 'json', 'tomllib', 'rnncalc.writing.page', 'rnncalc.writing.working'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[1:] == [""]


def test_the_top_folder_holds_only_what_belongs_there() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}

    assert {name for name in top if not name.startswith(".")} == {
        "README.md",
        "pyproject.toml",
        "rnncalc",
        "sample_configs",
        "tests",
    }
