"""The contracts of import-linter fail when they are broken, and only then.

`lint-imports` on the tree says that nothing is wrong; these tests say that it would notice. Each builds the
packages as empty folders, with a few imports that are allowed or forbidden.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("backends", "saving", "data_saving", "module_saving", "scanning", "browsing", "dashboard", "cli")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make every package of the repository, empty."""
    for package in (
        *(f"h5modules/{each}" for each in LAYERS),
        "h5modules_simulators",
        "pymodaq_plugins_simulated",
    ):
        write(tmp_path / package / "__init__.py")
    return tmp_path


def write(path: Path, line: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "__init__.py").touch()
    # The namespace itself must stay without one.
    (path.parents[1] / "h5modules" / "__init__.py").unlink(missing_ok=True)
    path.write_text(f"{line}\n", "utf-8")


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Check the packages of a folder against the contracts of the repository."""
    # -S: no .pth file, hence none of the packages that are installed from the repository.
    code = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-S", "-c", code, "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    where = os.pathsep.join([str(tree), *{sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}])
    environment = {**os.environ, "PYTHONPATH": where, "PYTHONUTF8": "1", "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def test_what_is_allowed_passes(tree: Path) -> None:
    write(tree / "h5modules/backends/_h5py.py", "import h5py")
    write(tree / "h5modules/backends/_tables.py", "import tables")
    write(tree / "h5modules/backends/_h5pyd.py", "import h5pyd")
    write(tree / "h5modules/saving/_file.py", "import h5modules.backends")
    write(tree / "h5modules/scanning/cli.py", "import typer")
    write(tree / "h5modules/browsing/cli/_tree.py", "import rich.tree")
    write(tree / "h5modules/browsing/qt/_window.py", "import qtpy")
    write(tree / "h5modules/cli/__init__.py", "import typer")
    write(tree / "h5modules/cli/_main.py", "import h5modules.scanning")
    write(tree / "h5modules/cli/demo.py", "import h5modules_simulators")
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


FORBIDDEN = {
    "The packages are layers": [
        ("saving/_file.py", "import h5modules.data_saving"),
        ("backends/_file.py", "from h5modules.saving import anything"),
        ("scanning/_runner.py", "import h5modules.browsing"),
    ],
    "Only its adapter imports an HDF5 library": [
        ("saving/_file.py", "import h5py"),
        ("backends/__init__.py", "import h5py"),
        ("backends/_tables.py", "import h5py"),
        ("backends/_h5py.py", "import h5pyd"),
        ("browsing/_tree.py", "from tables import File"),
        ("../h5modules_simulators/_stage.py", "import h5py"),
    ],
    "Only qt sub-packages import Qt": [
        ("browsing/_tree.py", "from qtpy import QtCore"),
        ("saving/__init__.py", "import pymodaq_gui.parameter"),
        ("../h5modules_simulators/_stage.py", "import PyQt6.QtCore"),
    ],
    "Only cli modules import typer and rich": [
        ("scanning/_runner.py", "import typer"),
        ("browsing/_tree.py", "from rich.tree import Tree"),
        ("../h5modules_simulators/_stage.py", "import rich"),
    ],
    "No layer imports the simulators": [
        ("cli/_main.py", "import h5modules_simulators"),
        ("scanning/_runner.py", "from h5modules_simulators import anything"),
    ],
    "The simulators import no layer": [
        ("../h5modules_simulators/_stage.py", "import h5modules.saving"),
    ],
}


@pytest.mark.parametrize("contract", FORBIDDEN)
def test_what_is_forbidden_fails(tree: Path, contract: str) -> None:
    for module, line in FORBIDDEN[contract]:
        write((tree / "h5modules" / module).resolve(), line)
    done = lint(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout
    assert "1 broken" in done.stdout
    for module, line in FORBIDDEN[contract]:
        importer = Path("h5modules", module).with_suffix("").parts
        dotted = ".".join(importer).removeprefix("h5modules....").removesuffix(".__init__")
        assert f"{dotted} -> {line.split()[1].partition('.')[0]}" in done.stdout


def test_a_package_without_a_place_fails(tree: Path) -> None:
    write(tree / "h5modules/newcomer/_new.py")
    done = lint(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "The packages are layers BROKEN" in done.stdout
    assert "newcomer" in done.stdout
