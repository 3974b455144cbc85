from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import pytest

from h5modules.backends import (
    FileAccessError,
    FileError,
    FileFormatError,
    FileMissingError,
    FileTakenError,
    H5ModulesError,
)
from h5modules.scanning import Output, PlanError


@pytest.fixture
def existing(tmp_path: Path) -> Path:
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        file["precious"] = 1
    return path


def refuse(*_arguments: Any, **_options: Any) -> Any:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(("name", "expected"), [("a", "a.h5"), ("a.hdf5", "a.hdf5"), ("a.v2", "a.v2.h5")])
def test_a_suffix_is_added_where_none_speaks_of_h5(tmp_path: Path, name: str, expected: str) -> None:
    assert Output(tmp_path / name).path == tmp_path / expected


def test_a_new_file_passes_and_is_not_made(tmp_path: Path) -> None:
    for output in (Output(tmp_path / "a.h5"), Output(tmp_path / "a.h5", append=True)):
        output.check()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "mode"), [({}, "x"), ({"append": True}, "a"), ({"overwrite": True}, "w")], ids=str
)
def test_the_mode_follows_from_what_is_said(options: dict[str, bool], mode: str) -> None:
    assert Output(Path("a.h5"), **options).mode == mode


def test_a_file_that_exists_is_refused(existing: Path) -> None:
    with pytest.raises(
        FileTakenError, match=r"add to it with append \(--append\), replace it with overwrite \(--overwrite\)"
    ):
        Output(existing).check()


@pytest.mark.parametrize("options", [{"append": True}, {"overwrite": True}], ids=str)
def test_a_file_to_be_changed_is_not_changed_by_the_check(existing: Path, options: dict[str, bool]) -> None:
    before = existing.read_bytes()
    Output(existing, **options).check()
    assert existing.read_bytes() == before


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match=r"there is no folder .*nowhere.*; create it first"):
        Output(tmp_path / "nowhere" / "a.h5").check()


@pytest.mark.parametrize("options", [{}, {"append": True}, {"overwrite": True}], ids=str)
def test_a_folder_is_refused(tmp_path: Path, options: dict[str, bool]) -> None:
    (tmp_path / "a.h5").mkdir()
    with pytest.raises(FileError, match=r"a\.h5' is a folder; name a file"):
        Output(tmp_path / "a.h5", **options).check()


# Permissions do not bind root, under which tests may run: the call that tells is made to refuse.
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(FileAccessError, match=r"nothing can be written in .*: Permission denied"):
        Output(tmp_path / "a.h5").check()


@pytest.mark.parametrize("options", [{"append": True}, {"overwrite": True}], ids=str)
def test_a_file_that_cannot_be_written_is_refused(
    existing: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, bool]
) -> None:
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FileAccessError, match=r"scan\.h5' cannot be changed: Permission denied"):
        Output(existing, **options).check()


def test_what_is_not_hdf5_can_be_replaced_but_not_added_to(tmp_path: Path) -> None:
    path = tmp_path / "notes.h5"
    path.write_text("notes" * 1000, "utf-8")
    with pytest.raises(FileFormatError, match=r"is not an HDF5 file, or it is damaged"):
        Output(path, append=True).check()
    Output(path, overwrite=True).check()


def test_an_empty_file_can_be_replaced_but_not_added_to(tmp_path: Path) -> None:
    path = tmp_path / "empty.h5"
    path.touch()
    with pytest.raises(
        FileFormatError, match=r"is empty, not an HDF5 file; replace it with overwrite \(--overwrite\)"
    ):
        Output(path, append=True).check()
    Output(path, overwrite=True).check()


HOLD = """
import h5py, sys
with h5py.File(sys.argv[1], "r+"):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("options", [{"append": True}, {"overwrite": True}], ids=str)
def test_a_file_that_another_program_writes_is_refused_and_stays(
    existing: Path, options: dict[str, bool]
) -> None:
    command = [sys.executable, "-c", HOLD, str(existing)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(H5ModulesError, match=r"is open in another program"):
            Output(existing, **options).check()
        holder.communicate()
    with h5py.File(existing) as file:
        assert file["precious"][()] == 1


def test_two_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as caught:
        Output(tmp_path / "nowhere" / "a.h5", append=True, overwrite=True).check()
    assert [problem.split(";")[0].split(" '")[0] for problem in caught.value.problems] == [
        "a file is added to (append, --append) or replaced (overwrite, --overwrite), not both.",
        "there is no folder",
    ]
