"""Files: modes, closing, reopening, and what a closed or a read-only file refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from h5modules.backends._array_spec import ArraySpec
from h5modules.backends._driver import Driver, NodeKind, OpenMode
from h5modules.backends._errors import (
    FileAccessError,
    FileClosedError,
    FileError,
    FileFormatError,
    FileMissingError,
    FileReadOnlyError,
    FileTakenError,
    H5ModulesError,
    UnsupportedError,
)

from ._cases import assert_same_values
from ._fixtures import DriverFixtures, Fingerprint, Opener
from ._raw import RawReader

FLOATS = np.dtype("f8")

# Windows knows no right to read.
FORBIDDEN = [(0o444, "r+"), (0o444, "a"), (0o444, "w"), *([(0o000, "r")] if os.name == "posix" else [])]
"""The rights of a file, and a mode that they forbid."""

READING: dict[str, Callable[[Driver], Any]] = {
    "handle": lambda file: file.handle,
    "raw": lambda file: file.raw("/array"),
    "kind": lambda file: file.kind("/array"),
    "identity": lambda file: file.identity("/array"),
    "problem": lambda file: file.problem("/array"),
    "child_names": lambda file: file.child_names("/"),
    "iter_children": lambda file: list(file.iter_children("/")),
    "array_info": lambda file: file.array_info("/array"),
    "read": lambda file: file.read("/array"),
    "read_rows": lambda file: file.read("/rows"),
    "attribute_names": lambda file: file.attribute_names("/group"),
    "read_attribute": lambda file: file.read_attribute("/group", "units"),
}

WRITING: dict[str, Callable[[Driver], Any]] = {
    "create_group": lambda file: file.create_group("/new"),
    "create_array": lambda file: file.create_array("/new", ArraySpec((3,), FLOATS), np.zeros(3)),
    "create_ragged": lambda file: file.create_ragged("/new", FLOATS),
    "delete": lambda file: file.delete("/group"),
    "move": lambda file: file.move("/group", "/new"),
    "link": lambda file: file.link("/group", "/new"),
    "copy": lambda file: file.copy("/group", "/new"),
    "write": lambda file: file.write("/array", 0, 1.0),
    "append": lambda file: file.append("/growing", np.zeros((1, 2))),
    "append_row": lambda file: file.append("/rows", np.zeros(2)),
    "writer": lambda file: file.writer("/array"),
    "appender": lambda file: file.appender("/growing"),
    "write_attributes": lambda file: file.write_attributes("/group", {"units": "s"}),
    "delete_attribute": lambda file: file.delete_attribute("/group", "units"),
}


def fill(file: Driver) -> None:
    """Write one of everything."""
    file.create_group("/group")
    file.write_attributes("/group", {"units": "nm"})
    file.create_array("/array", ArraySpec((3,), FLOATS), np.arange(3.0))
    file.create_array("/growing", ArraySpec((0, 2), FLOATS, enlargeable=True))
    file.append("/growing", np.ones((2, 2)))
    file.create_ragged("/rows", FLOATS)
    file.append("/rows", np.arange(4.0))


@contextmanager
def refused(kind: type[H5ModulesError], match: str) -> Iterator[None]:
    """Expect an error of ours."""
    with pytest.raises(kind, match=match):
        yield


class FileTests(DriverFixtures):
    """A file as a whole."""

    @pytest.mark.parametrize("mode", ["w", "x", "a"])
    def test_new_file_is_empty_and_open(self, opened: Opener, target: Path | str, mode: OpenMode) -> None:
        file = opened(target, mode)
        assert file.is_open
        assert file.writable
        assert file.filename == str(target)
        assert file.kind("/") is NodeKind.GROUP
        assert file.child_names("/") == []

    @pytest.mark.parametrize("mode", ["r", "r+"])
    def test_missing_file_is_refused(self, opened: Opener, target: Path | str, mode: OpenMode) -> None:
        with pytest.raises(FileMissingError, match=r"no file|not exist|missing|not found"):
            opened(target, mode)
        with pytest.raises(FileNotFoundError):
            opened(target, mode)

    def test_unknown_mode_is_refused(self, opened: Opener, target: Path | str) -> None:
        with pytest.raises(FileError, match="mode 'z'"):
            opened(target, "z")  # type: ignore[arg-type]

    def test_unknown_option_is_refused(self, options: dict[str, Any], target: Path | str) -> None:
        with pytest.raises(UnsupportedError, match="nonsense"):
            self.driver_class.open(target, "w", **options, nonsense=1)

    @pytest.mark.parametrize("mode", ["r", "r+", "a"])
    def test_content_is_kept(
        self, driver: Driver, opened: Opener, target: Path | str, mode: OpenMode
    ) -> None:
        fill(driver)
        driver.close()
        again = opened(target, mode)
        assert again.child_names("/") == ["array", "group", "growing", "rows"]
        assert_same_values(again.read("/array"), np.arange(3.0))
        assert again.read_attribute("/group", "units") == "nm"
        assert again.writable == (mode != "r")

    @pytest.mark.parametrize("mode", ["r+", "a"])
    def test_reopened_file_can_be_changed(
        self, driver: Driver, opened: Opener, target: Path | str, look: RawReader, mode: OpenMode
    ) -> None:
        fill(driver)
        driver.close()
        again = opened(target, mode)
        again.write("/array", 1, 10.0)
        again.append("/growing", np.zeros((1, 2)))
        again.write_attributes("/group", {"units": "um", "new": np.float64(1)})
        again.delete("/rows")
        again.close()
        with look(target) as raw:
            assert sorted(raw.names("/")) == ["array", "group", "growing"]
            assert_same_values(raw.values("/array"), np.array([0.0, 10, 2]))
            assert_same_values(raw.values("/growing"), np.array([[1.0, 1], [1, 1], [0, 0]]))
            assert raw.attributes("/group")["units"] == "um"

    def test_w_replaces(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        fill(driver)
        driver.close()
        assert opened(target, "w").child_names("/") == []

    def test_x_refuses_an_existing_file(
        self, driver: Driver, opened: Opener, target: Path | str, fingerprint: Fingerprint
    ) -> None:
        fill(driver)
        driver.close()
        before = fingerprint(target)
        with pytest.raises(FileTakenError, match="exists"):
            opened(target, "x")
        with pytest.raises(FileExistsError):
            opened(target, "x")
        assert fingerprint(target) == before

    def test_closing_twice_is_no_error(self, driver: Driver, target: Path | str) -> None:
        driver.close()
        driver.close()
        assert not driver.is_open
        assert driver.filename == str(target)

    def test_flush_keeps_the_file_open(self, driver: Driver) -> None:
        fill(driver)
        driver.flush()
        assert_same_values(driver.read("/array"), np.arange(3.0))

    def test_closed_file_refuses_to_flush(self, driver: Driver) -> None:
        driver.close()
        with pytest.raises(FileClosedError, match="closed"):
            driver.flush()

    @pytest.mark.parametrize("doing", [*READING, *WRITING])
    def test_closed_file_refuses(self, driver: Driver, doing: str) -> None:
        fill(driver)
        driver.close()
        with pytest.raises(FileClosedError, match="closed"):
            {**READING, **WRITING}[doing](driver)

    def test_writer_of_a_closed_file_refuses(self, driver: Driver) -> None:
        fill(driver)
        writer = driver.writer("/array")
        driver.close()
        with pytest.raises(FileClosedError, match="closed"):
            writer.write((0,), np.array(1.0))

    def test_appender_of_a_closed_file_refuses(self, driver: Driver) -> None:
        fill(driver)
        appender = driver.appender("/growing")
        driver.close()
        with pytest.raises(FileClosedError, match="closed"):
            appender.append(np.zeros(2))

    @pytest.mark.parametrize("doing", WRITING)
    def test_file_opened_for_reading_refuses(
        self, driver: Driver, opened: Opener, target: Path | str, fingerprint: Fingerprint, doing: str
    ) -> None:
        fill(driver)
        driver.close()
        before = fingerprint(target)
        again = opened(target)
        with pytest.raises(FileReadOnlyError, match="reading"):
            WRITING[doing](again)
        with pytest.raises(PermissionError):
            WRITING[doing](again)
        again.close()
        assert fingerprint(target) == before

    def test_reading_changes_nothing(
        self, driver: Driver, opened: Opener, target: Path | str, fingerprint: Fingerprint
    ) -> None:
        fill(driver)
        driver.close()
        before = fingerprint(target)
        again = opened(target)
        for read in READING.values():
            read(again)
        again.close()
        assert fingerprint(target) == before

    def test_deleted_file_is_gone(
        self, driver: Driver, opened: Opener, options: dict[str, Any], target: Path | str
    ) -> None:
        driver.close()
        self.driver_class.delete_file(target, **options)
        self.driver_class.delete_file(target, **options)
        with pytest.raises(FileMissingError):
            opened(target)

    def test_renamed_file_takes_the_place_of_another(
        self, driver: Driver, opened: Opener, options: dict[str, Any], target: Path | str
    ) -> None:
        driver.create_group("/Old")
        driver.close()
        above, slash, name = str(target).rpartition("/")
        beside = f"{above}{slash}.{name}.part"
        for made in ("First", "Second"):
            complete = opened(beside, "x")
            complete.create_array(f"/{made}", ArraySpec((3,), FLOATS), np.arange(3.0))
            complete.close()
            self.driver_class.rename_file(beside, target, **options)
            renamed = opened(target)
            assert renamed.child_names("/") == [made]
            assert renamed.read(f"/{made}").tolist() == [0, 1, 2]
            renamed.close()
            with pytest.raises(FileMissingError):
                opened(beside)
        with pytest.raises(FileMissingError):
            self.driver_class.rename_file(beside, target, **options)
        again = opened(target)
        assert again.child_names("/") == ["Second"]
        again.close()


class LocalFileTests(DriverFixtures):
    """What holds for files of this machine besides; a test class takes it beside `DriverTests`."""

    @pytest.mark.parametrize("mode", ["w", "x", "a"])
    def test_missing_folder_is_refused(self, opened: Opener, tmp_path: Path, mode: OpenMode) -> None:
        with pytest.raises(FileMissingError, match=r"no folder.*create it first"):
            opened(tmp_path / "nowhere" / "file.h5", mode)

    @pytest.mark.parametrize("mode", ["r", "r+", "a", "w", "x"])
    def test_folder_is_refused(self, opened: Opener, tmp_path: Path, mode: OpenMode) -> None:
        with pytest.raises(FileError, match="is a folder"):
            opened(tmp_path, mode)

    @pytest.mark.parametrize("mode", ["r", "r+", "a"])
    @pytest.mark.parametrize(
        "content", [b"no HDF5, but some text" * 100, b"\x89HDF\r\n\x1a\n"], ids=["text", "signature"]
    )
    def test_other_file_is_refused(
        self, opened: Opener, tmp_path: Path, mode: OpenMode, content: bytes
    ) -> None:
        path = tmp_path / "notes.h5"
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match="not an HDF5 file, or it is damaged"):
            opened(path, mode)
        assert path.read_bytes() == content

    @pytest.mark.parametrize("mode", ["r", "r+"])
    def test_empty_file_is_refused(self, opened: Opener, tmp_path: Path, mode: OpenMode) -> None:
        path = tmp_path / "empty.h5"
        path.touch()
        with pytest.raises(FileFormatError, match="not an HDF5 file"):
            opened(path, mode)
        assert path.read_bytes() == b""

    @pytest.mark.parametrize("mode", ["r", "r+", "a"])
    def test_truncated_file_is_refused(
        self, driver: Driver, opened: Opener, target: Path, mode: OpenMode
    ) -> None:
        fill(driver)
        driver.close()
        whole = target.read_bytes()
        target.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(FileFormatError, match="damaged"):
            opened(target, mode)

    def test_path_as_text(self, opened: Opener, tmp_path: Path) -> None:
        assert opened(str(tmp_path / "file é.h5"), "w").filename == str(tmp_path / "file é.h5")
        assert (tmp_path / "file é.h5").exists()

    def test_nul_in_path_is_refused(self, opened: Opener) -> None:
        with pytest.raises(FileError, match="NUL"):
            opened("a\0b.h5", "w")

    def test_file_open_elsewhere_is_refused(self, driver: Driver, target: Path) -> None:
        fill(driver)
        driver.flush()
        assert self._tried_in_another_program(target, "r+", drop_rights=False) == FileAccessError.__name__

    @pytest.mark.parametrize(("rights", "mode"), FORBIDDEN)
    def test_file_without_the_right(self, driver: Driver, target: Path, rights: int, mode: OpenMode) -> None:
        fill(driver)
        driver.close()
        before = target.read_bytes()
        target.chmod(rights)
        assert self._tried_in_another_program(target, mode, drop_rights=True) == FileAccessError.__name__
        assert target.read_bytes() == before

    def _tried_in_another_program(self, target: Path, mode: OpenMode, *, drop_rights: bool) -> str:
        """Return the class of the error that opening raises in another process, without root's rights."""
        code = (
            "import importlib, os, sys\n"
            "module, name, target, mode, drop = sys.argv[1:]\n"
            "kind = getattr(importlib.import_module(module), name)\n"
            # Rights do not count for root: it becomes nobody, in a folder made open for all before.
            "os.chdir(os.path.dirname(target)); os.chmod('.', 0o755)\n"
            "if drop and hasattr(os, 'geteuid') and os.geteuid() == 0: os.setuid(65534)\n"
            "try: kind.open(os.path.basename(target), mode).close()\n"
            "except Exception as error: print(type(error).__name__)\n"
        )
        driver = self.driver_class
        arguments = [driver.__module__, driver.__name__, str(target), mode, "yes" if drop_rights else ""]
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()
