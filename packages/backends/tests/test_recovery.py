"""Files that a killed writer left: found whole by our reader, made whole for everybody by `recover`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5modules.backends import (
    ArraySpec,
    FileAccessError,
    FileFormatError,
    FileMissingError,
    FileState,
    get_driver,
    recover,
)
from h5modules.backends._journal import Journal, write_journal
from h5modules.backends._sidecars import claim_path, journal_path
from h5modules.backends._superblock import read_superblock

# `flush` of a dataset leaves the end of the file, as the superblock has it, far behind.
SWMR = """
import os, signal, sys
import h5py, numpy as np
file = h5py.File(sys.argv[1], 'w', libver='v110' and ('v110', 'v110'), userblock_size=int(sys.argv[2]))
data = file.create_dataset('data', (0, 500), maxshape=(None, 500), chunks=(1, 500), dtype='f8')
file.swmr_mode = True
for number in range(200):
    data.resize(number + 1, axis=0)
    data[number] = number
    data.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""

KILLED = """
import os, signal, sys
import numpy as np
from h5modules.backends import ArraySpec, get_driver
file = get_driver('h5py').open(sys.argv[1], 'w')
file.create_array('/data', ArraySpec((5, 100), np.dtype('f8'), placed=True))
writer = file.writer('/data')
for number in range(5):
    writer.write((number,), np.full(100, float(number)))
file.create_array('/lost', ArraySpec((1000,), np.dtype('f8')), np.ones(1000))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scan.h5"


def run(code: str, *arguments: object) -> None:
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=False, timeout=60)


@pytest.mark.parametrize("user_block", [0, 1024])
def test_a_file_that_a_swmr_writer_left(path: Path, user_block: int) -> None:
    run(SWMR, path, user_block)
    expected = np.repeat(np.arange(200.0), 500).reshape(200, 500)
    with pytest.raises(OSError, match=r"already open for write|not closed"):
        h5py.File(path, "r")
    before = path.read_bytes()
    reader = get_driver("h5py").open(path, "r")
    np.testing.assert_array_equal(reader.read("/data"), expected)
    reader.close()
    assert path.read_bytes() == before
    with pytest.raises(FileAccessError, match="recover"):
        get_driver("h5py").open(path, "r+")
    assert path.read_bytes() == before
    found = recover(path)
    assert (found.flags_cleared, found.journal_applied, found.state) == (True, False, FileState.FINISHED)
    assert found.bytes_found > 0
    assert not found.was_whole
    assert recover(path).was_whole
    for mode in ("r", "r+"):
        with h5py.File(path, mode) as raw:
            np.testing.assert_array_equal(raw["data"][...], expected)
    assert [each.name for each in path.parent.iterdir()] == ["scan.h5"]


def test_a_file_that_our_writer_left(path: Path) -> None:
    run(KILLED, path)
    expected = np.repeat(np.arange(5.0), 100).reshape(5, 100)
    with h5py.File(path, "r") as raw:
        assert list(raw) == ["data"]
        np.testing.assert_array_equal(raw["data"][...], expected)
    found = recover(path)
    assert found.state is FileState.INTERRUPTED
    assert not found.was_whole
    assert recover(path).was_whole
    driver = get_driver("h5py").open(path, "r+")
    driver.create_array("/more", ArraySpec((3,), np.dtype("f8"), placed=True))
    np.testing.assert_array_equal(driver.read("/more"), np.zeros(3))
    np.testing.assert_array_equal(driver.read("/data"), expected)
    driver.close()


def test_a_structure_change_is_finished(path: Path) -> None:
    with h5py.File(path, "w") as raw:
        raw.attrs["title"] = "before"
    before = path.read_bytes()
    with h5py.File(path, "r+") as raw:
        raw.attrs["title"] = "afterwards"
        raw["data"] = np.arange(10.0)
    after = path.read_bytes()
    replaced = before.ljust(len(after), b"\0")
    write_journal(journal_path(path), Journal(len(after), (), ((0, after),), ((0, replaced),)))
    path.write_bytes(after[: len(after) // 2] + replaced[len(after) // 2 :])  # killed in the middle of it
    torn = path.read_bytes()
    reader = get_driver("h5py").open(path, "r")
    assert reader.read_attribute("/", "title") == "afterwards"
    reader.close()
    assert path.read_bytes() == torn
    assert recover(path).journal_applied
    assert path.read_bytes() == after
    assert [each.name for each in path.parent.iterdir()] == ["scan.h5"]


def test_a_journal_of_a_file_that_was_replaced_is_dropped(path: Path) -> None:
    with h5py.File(path, "w") as raw:
        raw["new"] = np.arange(100.0)
    before = path.read_bytes()
    journal = Journal(5000, ((100, 500),), ((0, bytes(800)),), ((0, b"\xff" * 800),))
    for doing in ("r", "recover", "r+"):
        write_journal(journal_path(path), journal)
        if doing == "recover":
            assert not recover(path).journal_applied
        else:
            get_driver("h5py").open(path, doing).close()  # type: ignore[arg-type]
        with h5py.File(path) as raw:
            assert raw["new"][...].tolist() == list(range(100))
    assert len(before) == path.stat().st_size
    assert [each.name for each in path.parent.iterdir()] == ["scan.h5"]


def test_a_file_that_is_too_short_is_filled_up(path: Path) -> None:
    with h5py.File(path, "w") as raw:
        raw["data"] = np.arange(1000.0)
    size = path.stat().st_size
    os.truncate(path, size - 800)
    assert recover(path).bytes_missing == 800
    with h5py.File(path, "r") as raw:
        np.testing.assert_array_equal(raw["data"][:900], np.arange(900.0))


def test_what_cannot_be_recovered(path: Path) -> None:
    with pytest.raises(FileMissingError, match="no file"):
        recover(path)
    path.write_text("no HDF5, but some text that is long enough to be looked at, for a while at least")
    with pytest.raises(FileFormatError, match="not an HDF5 file"):
        recover(path)
    path.unlink()
    driver = get_driver("h5py").open(path, "w")
    with pytest.raises(FileAccessError, match="open in another program or object"):
        recover(path)
    driver.close()
    assert not claim_path(path).exists()


def test_superblocks_of_every_version(tmp_path: Path) -> None:
    for version, bounds in enumerate([("earliest", "v108"), None, ("v108", "v108"), ("v110", "v110")]):
        if bounds is None:  # version 1 comes with a setting of its own
            continue
        path = tmp_path / f"version{version}.h5"
        with h5py.File(path, "w", libver=bounds, userblock_size=512) as raw:
            raw["data"] = np.arange(100.0)
        with path.open("rb") as file:
            found = read_superblock(file)
        assert found is not None
        assert (found.start, found.version, found.is_flagged) == (512, version, False)
        assert found.end == path.stat().st_size
        assert found.mended(found.end) == found.stored[: len(found.mended(0))]
