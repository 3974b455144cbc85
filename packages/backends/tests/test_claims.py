"""Who writes a file: one writer at a time, and what is told of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5modules.backends import (
    ArraySpec,
    FileAccessError,
    FileState,
    file_status,
    get_driver,
    replace_file,
    require_unwritten,
)
from h5modules.backends._sidecars import claim_path

WRITER = """
import sys, time
import numpy as np
from h5modules.backends import get_driver
file = get_driver(sys.argv[2]).open(sys.argv[1], 'w')
file.create_group('/Scan000')
file.flush()
print('open', flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scan.h5"


LIBRARIES = ["h5py", "tables"]


def start_writer(path: Path, library: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), library], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


@pytest.mark.parametrize("other", LIBRARIES)
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_killed_writer_is_told_from_a_living_one(path: Path, library: str, other: str) -> None:
    process = start_writer(path, library)
    try:
        status = file_status(path)
        assert status.state is FileState.RUNNING
        assert status.writer is not None
        assert status.writer.pid == process.pid
        assert abs(status.heartbeat.timestamp() - time.time()) < 60
        written = path.read_bytes()
        for mode in ("a", "r+", "w"):
            began = time.perf_counter()
            with pytest.raises(FileAccessError, match=f"process {process.pid} on .*, since"):
                get_driver(other).open(path, mode)  # type: ignore[arg-type]
            assert time.perf_counter() - began < 2
        assert path.read_bytes() == written
    finally:
        process.kill()
        process.communicate()
    assert file_status(path).state is FileState.INTERRUPTED
    assert file_status(path).writer == status.writer
    again = get_driver(other).open(path, "r+")
    assert again.child_names("/") == ["Scan000"]
    again.close()
    assert file_status(path).state is FileState.FINISHED


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_finished_file_has_nothing_beside_it(path: Path, library: str) -> None:
    driver = get_driver(library).open(path, "w")
    assert file_status(path).state is FileState.RUNNING
    driver.close()
    assert file_status(path).state is FileState.FINISHED
    assert file_status(path).writer is None
    assert [each.name for each in path.parent.iterdir()] == ["scan.h5"]


@pytest.mark.parametrize("other", LIBRARIES)
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("mode", ["r+", "a", "w"])
def test_one_writer_in_a_process(path: Path, mode: str, library: str, other: str) -> None:
    first = get_driver(library).open(path, "w")
    first.create_group("/Scan000")
    with pytest.raises(FileAccessError, match=rf"^'.*scan\.h5' is open in .*process {os.getpid()} "):
        get_driver(other).open(path, mode)  # type: ignore[arg-type]
    (path.parent / "link.h5").symlink_to(path)
    with pytest.raises(FileAccessError, match="open in another"):
        get_driver(other).open(path.parent / "link.h5", mode)  # type: ignore[arg-type]
    first.close()
    with h5py.File(path) as raw:
        assert list(raw) == ["Scan000"]


def run(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run code in another process, without our packages; HDF5 lets nobody open a file twice in one."""
    code = f"import sys, h5py; path = sys.argv[1]; {code}"
    return subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60)


def test_everybody_may_read_what_is_written(path: Path) -> None:
    writer = get_driver("h5py").open(path, "w")
    writer.create_array("/Data", ArraySpec((3,), np.dtype("f8"), placed=True))
    points = writer.writer("/Data")
    points.write((1,), np.array(2.0))
    reader = get_driver("h5py").open(path, "r")
    for number in range(3):
        points.write((number,), np.array(number + 1.0))
        assert reader.read("/Data", number) == number + 1
    assert run("print(h5py.File(path, 'r')['Data'][...])", path).stdout == "[1. 2. 3.]\n"
    assert "unable to lock file" in run("h5py.File(path, 'r+')", path).stderr
    reader.close()
    writer.close()


def test_a_reader_does_not_stop_a_writer(path: Path) -> None:
    get_driver("h5py").open(path, "w").close()
    reader = get_driver("h5py").open(path, "r")
    get_driver("h5py").open(path, "r+").close()
    assert run("h5py.File(path, 'r+')['more'] = 1", path).returncode == 0
    reader.close()


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("how", ["r", "r+"])
def test_a_file_that_a_program_has_open_is_not_emptied(path: Path, library: str, how: str) -> None:
    with h5py.File(path, "w") as raw:
        raw["data"] = 1
    with h5py.File(path, how) as raw:
        with pytest.raises(FileAccessError, match="open in another program"):
            get_driver(library).open(path, "w")
        assert raw["data"][()] == 1
    with h5py.File(path) as raw:
        assert raw["data"][()] == 1
    assert not claim_path(path).exists()


def test_a_forked_process_does_not_hold_the_claim(path: Path) -> None:
    if not hasattr(os, "fork"):
        return
    driver = get_driver("h5py").open(path, "w")
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        os.close(write_end)
        os.read(read_end, 1)  # until the parent closes its end
        os._exit(0)
    driver.close()
    get_driver("h5py").open(path, "r+").close()
    os.close(write_end)
    os.close(read_end)
    os.waitpid(child, 0)


OTHERS = {
    "h5py backend": "from h5modules.backends import H5Backend as B; f = B.open(sys.argv[1], 'a', 'h5py')",
    "tables backend": "from h5modules.backends import H5Backend as B; f = B.open(sys.argv[1], 'a', 'tables')",
    "h5py": "import h5py; f = h5py.File(sys.argv[1], 'a'); f.attrs['x'] = 1; f.flush()",
    "swmr": "import h5py; f = h5py.File(sys.argv[1], 'a', libver='latest'); f.swmr_mode = True",
}


@pytest.mark.parametrize("by", OTHERS)
def test_what_somebody_writes_is_not_replaced(path: Path, by: str) -> None:
    with h5py.File(path, "w", libver="latest" if by == "swmr" else None) as raw:
        raw["old"] = 1
    new = path.with_name("new.h5")
    new.write_bytes(b"new")
    code = f"import sys, time; {OTHERS[by]}; print('open', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        try:
            for refused in (lambda: require_unwritten(path), lambda: replace_file(new, path)):
                with pytest.raises(FileAccessError, match="writes it.*not replaced"):
                    refused()
            assert new.read_bytes() == b"new"
        finally:
            process.kill()
    if by != "swmr":  # its mark tells for half a minute
        require_unwritten(path)
        replace_file(new, path)
        assert path.read_bytes() == b"new"
        assert list(path.parent.iterdir()) == [path]


def test_what_is_read_is_replaced(path: Path) -> None:
    with h5py.File(path, "w") as raw:
        raw["old"] = 1
    new = path.with_name("new.h5")
    new.write_bytes(b"new")
    require_unwritten(new.with_name("none.h5"))
    with h5py.File(path) as raw:
        replace_file(new, path)
        assert raw["old"][()] == 1
    replace_file(path, new)
    assert new.read_bytes() == b"new"
