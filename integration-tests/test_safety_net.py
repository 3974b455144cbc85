"""What conftest.py at the root promises: a home folder of its own for the tests, and no file left open."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOLD_OPEN = """
import {library}
opened = []
def test_careless(tmp_path):
    opened.append({library}.{call}(tmp_path / "forgotten.h5", "w"))
"""
SHARED = """
import h5py, pytest
@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with h5py.File(tmp_path_factory.mktemp("shared") / "shared.h5", "w") as file:
        yield file
def test_first(shared):
    shared["a"] = 1
def test_second(shared):
    assert shared["a"][()] == 1
"""


def run_pytest(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run a test file under a copy of the conftest of the repository."""
    shutil.copy(ROOT / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (folder / "test_it.py").write_text(code, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_home_folder_is_a_temporary_one() -> None:
    assert Path.home().name.startswith("h5modules-home-")
    assert Path("~").expanduser() == Path.home()


def test_pymodaq_data_writes_into_that_home_folder() -> None:
    importlib.import_module("pymodaq_data.data")
    assert (Path.home() / ".pymodaq").is_dir()


@pytest.mark.parametrize(("library", "call"), [("h5py", "File"), ("tables", "open_file")])
def test_a_file_left_open_fails_the_test(tmp_path: Path, library: str, call: str) -> None:
    done = run_pytest(tmp_path, HOLD_OPEN.format(library=library, call=call))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "left open:" in done.stdout
    assert f"forgotten.h5' ({library})" in done.stdout


def test_a_file_held_by_a_wider_fixture_passes(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SHARED)
    assert done.returncode == 0, done.stdout + done.stderr
