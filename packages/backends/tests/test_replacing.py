"""Files that take the place of others: never of one that somebody writes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.backends import (
    FileAccessError,
    FileError,
    FileState,
    FileTakenError,
    H5Backend,
    file_status,
    replacement,
    require_unwritten,
)
from h5modules.backends._sidecars import claim_path, journal_path

OURS = "from h5modules.backends import H5Backend; file = H5Backend.open(path, 'w', {!r})"

WRITERS = {
    "h5py": OURS.format("h5py"),
    "tables": OURS.format("tables"),
    "h5py by hand": "import h5py; file = h5py.File(path, 'w')",
    "PyTables by hand": "import tables; file = tables.open_file(path, 'w')",
    "SWMR": "import h5py; file = h5py.File(path, 'w', libver='latest'); file['a'] = 1; file.swmr_mode = True",
}


@contextmanager
def written(path: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """Have another process write a file, as long as the block lasts."""
    code = f"import sys; path = sys.argv[1]; {how}; file.flush(); print('open', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    try:
        yield process
    finally:
        process.communicate()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.h5"
    with H5Backend.open(path, "w") as file:
        file.create_carray("/", "Data", np.arange(3))
    return path


@pytest.mark.parametrize("writer", WRITERS)
def test_a_file_that_is_written_is_not_replaced(tmp_path: Path, source: Path, writer: str) -> None:
    target = tmp_path / "run.h5"
    with written(target, WRITERS[writer]), H5Backend.open(source) as file:
        before = target.stat().st_ino
        with pytest.raises(FileAccessError, match=r"run\.h5' is open in another.*not replaced"):
            file.save_file_as(target, overwrite=True)
        with pytest.raises(FileAccessError, match="is not replaced"):
            require_unwritten(target)
        assert target.stat().st_ino == before
    with H5Backend.open(source) as file:
        file.save_file_as(target, overwrite=True)
    with h5py.File(target) as raw:
        assert list(raw) == ["Data"]
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


@pytest.mark.parametrize("library", ["h5py", "tables"])
def test_a_file_that_this_process_writes_is_not_replaced(tmp_path: Path, source: Path, library: str) -> None:
    with (
        H5Backend.open(tmp_path / "run.h5", "w", library) as run,
        H5Backend.open(source) as file,
    ):
        with pytest.raises(FileAccessError, match="is not replaced"):
            file.save_file_as(tmp_path / "run.h5", overwrite=True)
        run.create_carray("/", "Later", np.arange(3))
    with h5py.File(tmp_path / "run.h5") as raw:
        assert list(raw) == ["Later"]


def test_who_begins_to_write_meanwhile_keeps_the_file(tmp_path: Path) -> None:
    target = tmp_path / "run.h5"
    target.write_bytes(b"old")
    (run,) = _filled(target, lambda: H5Backend.open(target, "w"), FileAccessError)
    run.close_file()
    with h5py.File(target) as raw:
        assert list(raw) == []
    _filled(tmp_path / "new.h5", lambda: (tmp_path / "new.h5").write_bytes(b"somebody's"), FileTakenError)
    assert (tmp_path / "new.h5").read_bytes() == b"somebody's"


def _filled(target: Path, meanwhile: Callable[[], Any], refusal: type[FileError]) -> list[Any]:
    """Fill a file while something else happens, which makes that it is refused its place."""
    did = []
    overwrite = target.exists()

    def fill() -> None:
        with replacement(target, overwrite=overwrite) as beside:
            beside.write_bytes(b"new")
            did.append(meanwhile())

    with pytest.raises(refusal):
        fill()
    return did


def test_nothing_of_a_killed_writer_stays_beside_what_replaced_its_file(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "run.h5"
    with written(target, WRITERS["h5py"]) as process:
        process.kill()
    journal_path(target).write_bytes(b"of the old file")
    assert file_status(target).state is FileState.INTERRUPTED
    with H5Backend.open(source) as file:
        file.save_file_as(target, overwrite=True)
    assert file_status(target).state is FileState.FINISHED
    assert not claim_path(target).exists()
    assert not journal_path(target).exists()


def test_a_file_that_cannot_be_made_is_told_by_its_own_name(tmp_path: Path, source: Path) -> None:
    too_long = tmp_path / ("x" * 250 + ".h5")
    with H5Backend.open(source) as file:
        file.save_file_as(too_long)
        with pytest.raises(FileError, match="File name too long"):
            file.save_file_as(tmp_path / ("x" * 300))
        if Path("/proc").is_dir():
            with pytest.raises(FileError, match="^'/proc/x.h5' cannot be made"):
                file.save_file_as("/proc/x.h5")
    if os.geteuid():
        tmp_path.chmod(0o500)
        with pytest.raises(FileAccessError, match="cannot be made"), replacement(tmp_path / "y.h5"):
            pass
        tmp_path.chmod(0o700)
