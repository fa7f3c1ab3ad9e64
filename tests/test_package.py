"""The wheel and the sdist: complete, the same twice, and at work outside of the source tree."""

import email.parser
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import rnncalc as package
from calling import ROOT

pytest.importorskip("hatchling", reason="pip install -e '.[package]'")

_BUILD = "from hatchling.build import build_{0}; print(build_{0}({1!r}))"


def tracked() -> list[str]:
    """Return the files of the repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]


def built(kind: str, folder: Path, source: Path = ROOT) -> Path:
    """Build a wheel or an sdist into a folder, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    code = _BUILD.format(kind, str(folder))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=True
    )
    return folder / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("sdist", tmp_path_factory.mktemp("sdist"))


def test_a_wheel_has_the_code_the_manual_and_the_samples(wheel: Path) -> None:
    expected = {name for name in tracked() if name.startswith("rnncalc/")} - {"rnncalc/LICENSE"}
    samples = {name for name in tracked() if name.startswith("sample_configs/")}
    expected |= {name.replace("sample_configs", "rnncalc/samples") for name in samples}
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert {name for name in names if ".dist-info/" not in name} == expected
    assert f"rnncalc-{package.__version__}.dist-info/licenses/rnncalc/LICENSE" in names


def test_an_sdist_has_every_file_of_the_repository(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert names - {"PKG-INFO"} == set(tracked())


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_two_builds_are_identical_to_the_bit(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    once: Path = request.getfixturevalue(kind)

    assert built(kind, tmp_path).read_bytes() == once.read_bytes()


def test_a_wheel_from_the_sdist_is_the_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        # Python before 3.11.4 has no filters
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        archive.extractall(tmp_path)
    (source,) = tmp_path.iterdir()

    assert built("wheel", tmp_path / "dist", source).read_bytes() == wheel.read_bytes()


def test_the_readme_of_an_index_leads_nowhere_that_is_not_there(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("/METADATA"))
        metadata = email.parser.Parser().parsestr(archive.read(name).decode())
    text = metadata.get_payload()

    assert metadata["Version"] == package.__version__
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert isinstance(text, str)
    assert text.startswith("# rnncalc\n")
    assert text.count("](") == text.count("](https://")
    assert "## Why not something else?" in text


@pytest.mark.parametrize("editable", [False, True], ids=["wheel", "editable"])
def test_an_installed_program_has_its_manual_and_its_samples(
    editable: bool, wheel: Path, tmp_path: Path
) -> None:
    python = environment(tmp_path / "env", editable=editable, wheel=wheel)

    def said(*arguments: str) -> str:
        return spoken(python, "-m", "rnncalc", *arguments, folder=tmp_path)

    folder = ROOT / "sample_configs"
    assert said("-V") == f"rnncalc {package.__version__}\n"
    assert said("init", "names") == (folder / "names.toml").read_text()
    assert len(said("init", "--list").splitlines()) == len(list(folder.glob("*.toml")))
    assert said("help", "formats") == (ROOT / "rnncalc" / "manual" / "formats.md").read_text()
    (tmp_path / "model.toml").write_text(said("init"))
    assert "0.851" in said("run", "model.toml")
    home = Path(spoken(python, "-c", "import rnncalc; print(rnncalc.__file__)", folder=tmp_path))
    assert home.is_relative_to(ROOT if editable else tmp_path)
    assert len(list(tmp_path.glob("env/lib/python*/site-packages/rnncalc"))) == (not editable)


def spoken(python: Path, *arguments: str, folder: Path) -> str:
    command = [str(python), "-I", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return str(done.stdout)


def environment(folder: Path, *, editable: bool, wheel: Path) -> Path:
    """Return the Python of an environment in which the package is installed, without downloads.

    What it depends on comes from the environment of this test.
    """
    venv.create(folder, symlinks=True, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    archive = built("editable", folder / "dist") if editable else wheel
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(site)
    import numpy as np

    (site / "others.pth").write_text(f"{Path(np.__file__).parents[1]}\n")
    return folder / "bin" / "python"
