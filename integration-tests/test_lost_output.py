"""Output that nobody reads, or that has no room: the `h5modules` command as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest

SCAN = "scan run -a stage_x=-5:5:40 -a stage_y=-5:5:40 -d photodiode -o scan.h5"
COMMAND = [sys.executable, "-m", "h5modules.cli"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a file that keeps a small scan."""
    small = "scan run -a stage_x=-5:5:3 -d spectrometer -o small.h5"
    subprocess.run([*COMMAND, *small.split()], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


@pytest.fixture
def unread() -> Iterator[int]:
    """Give the end of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.mark.parametrize(
    "arguments",
    [
        "--help",
        "--version",
        "scan devices",
        "tree small.h5",
        "diff small.h5 small.h5::/RawData",
        "plot small.h5 -t",
        "recover small.h5",
    ],
)
def test_what_has_no_reader_ends_as_other_programs_do(folder: Path, unread: int, arguments: str) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments.split()], cwd=folder, stdout=unread, stderr=subprocess.PIPE, text=True
    )
    assert (done.returncode, done.stderr) == (141, "")


def test_a_refusal_that_nobody_reads_is_as_quiet(folder: Path, unread: int) -> None:
    command = [*COMMAND, "tree", "none.h5"]
    assert subprocess.run(command, cwd=folder, stdout=unread, stderr=unread).returncode == 141


@pytest.mark.parametrize("json", ["", " --json"])
def test_a_scan_goes_on_without_a_reader(folder: Path, unread: int, json: str) -> None:
    done = subprocess.run([*COMMAND, *(SCAN + json).split()], cwd=folder, stdout=unread, stderr=unread)
    assert done.returncode == 0
    with h5py.File(folder / "scan.h5") as file:
        assert (file["RawData/Scan000/Acquired"][()] > 0).all()


def test_a_log_goes_on_without_a_reader(folder: Path, unread: int) -> None:
    arguments = "log -d photodiode --interval 0.05 --seconds 0.3 -o log.h5"
    done = subprocess.run([*COMMAND, *arguments.split()], cwd=folder, stdout=unread, stderr=unread)
    assert done.returncode == 0
    with h5py.File(folder / "log.h5") as file:
        assert len(file["RawData/Datalogger000/Detector000/Acquired"]) > 2


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no such terminals")
def test_a_scan_goes_on_when_its_terminal_is_gone(folder: Path) -> None:
    terminal, inside = os.openpty()
    command = [*COMMAND, *SCAN.split()]
    with subprocess.Popen(command, cwd=folder, stdout=inside, stderr=inside, start_new_session=True) as scan:
        os.close(inside)
        assert os.read(terminal, 1)  # the bar is there: the scan has begun
        os.close(terminal)
        assert scan.wait(timeout=60) == 0
    with h5py.File(folder / "scan.h5") as file:
        assert (file["RawData/Scan000/Acquired"][()] > 0).all()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device plays a full disk")
def test_a_full_disk_is_told_but_stops_no_scan(folder: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        told = subprocess.run(
            [*COMMAND, "tree", "small.h5"], cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True
        )
        scan = subprocess.run([*COMMAND, *SCAN.split()], cwd=folder, stdout=full, stderr=full)
    assert (told.returncode, scan.returncode) == (1, 0)
    assert told.stderr == "Error: the output cannot be written: No space left on device.\n"


@pytest.mark.skipif(os.name == "nt", reason="streams are closed by the shell")
def test_a_command_runs_with_its_streams_closed(folder: Path) -> None:
    shell = f'"{sys.executable}" -m h5modules.cli tree small.h5 >&- 2>&-'
    assert subprocess.run(shell, shell=True, cwd=folder).returncode == 0
