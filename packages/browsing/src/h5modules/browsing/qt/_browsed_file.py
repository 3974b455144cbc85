"""`BrowsedFile`: one file, or domain, that the browser has open."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from qtpy.QtCore import QObject, Signal

from h5modules.backends import (
    FileError,
    FileMissingError,
    FileState,
    file_status,
    is_address,
    structure_version,
)
from h5modules.browsing._opening import backend_for
from h5modules.browsing._tree import size_text
from h5modules.saving import H5SaverLowLevel

from ._jobs import Jobs
from ._rows import date_text

T = TypeVar("T")

_ATTEMPTS, _PAUSE = 10, 0.01
"""How often opening is tried of a file that is written, and the seconds in between."""

_STATES: dict[FileState | None, str] = {
    FileState.RUNNING: "being written",
    FileState.INTERRUPTED: "interrupted",
}


@dataclass(frozen=True, slots=True)
class FileGlance:
    """What a look at a file from outside tells.

    Attributes
    ----------
    state
        Whether it is being written; None for a domain of a server, where nobody knows.
    inode, size, changed
        What tells that it became another one, became shorter, or was written to.
    """

    state: FileState | None
    inode: int = 0
    size: int = 0
    changed: float = 0.0


def glance(target: Path | str) -> FileGlance:
    """Look at a file without opening it.

    Raises
    ------
    FileMissingError
        When it is gone.
    """
    if is_address(target):
        return FileGlance(None)
    path = Path(target)
    state = file_status(path).state
    try:
        told = path.stat()
    except FileNotFoundError as error:
        raise FileMissingError(f"{str(path)!r} is gone.") from error
    return FileGlance(state, told.st_ino, told.st_size, told.st_mtime)


class BrowsedFile(QObject):  # type: ignore[misc] # Qt has no types
    """A file opened for reading in a thread of its own, in which everything but views reads.

    Parameters
    ----------
    target
        A path, or an address ``hdf5://host:port/domain``.
    backend
        The name of the library; None is the one that fits.
    parent
        The object that owns it.

    Attributes
    ----------
    seen
        What was seen of it from outside when it was last looked at; None before.
    version
        The `structure_version` at which it was opened; None where it is not known.
    reason
        Why it is not open; empty otherwise.
    opened, closed
        Emitted when it was opened, also anew; and when it was closed, with the reason where it is an error.
    """

    opened = Signal()
    closed = Signal(str)

    def __init__(self, target: Path | str, backend: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.target = target
        self.reason = ""
        self.seen: FileGlance | None = None
        self.version: bytes | None = None
        self.jobs = Jobs(f"h5-{Path(target).name}", self)
        self._backend = backend
        self._file: H5SaverLowLevel | None = None

    @property
    def name(self) -> str:
        """The last part of the path, or of the address."""
        return str(self.target).replace("\\", "/").rstrip("/").rpartition("/")[2]

    @property
    def backend(self) -> str:
        """The name of the library.

        Raises
        ------
        BackendMissingError
            When it is a domain, and no library is installed that reaches servers.
        """
        return self._backend or backend_for(self.target)

    @property
    def file(self) -> H5SaverLowLevel | None:
        """The open file; None while it is not open."""
        return self._file if self._file is not None and self._file.isopen() else None

    @property
    def size_text(self) -> str:
        """Its size on the disk as people say it; empty where nobody knows."""
        return size_text(self.seen.size) if self.seen is not None and self.seen.size else ""

    @property
    def date_text(self) -> str:
        """When it was last written to; empty where nobody knows."""
        return date_text(self.seen.changed) if self.seen is not None else ""

    @property
    def state_text(self) -> str:
        """Whether it is being written, or was not closed; empty when it is finished."""
        return _STATES.get(self.seen.state, "") if self.seen is not None else ""

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine."""
        return not is_address(self.target)

    def open(self) -> None:
        """Open it in its thread; `opened` or `closed` tells."""
        self.let_go()
        self.jobs.start(self._open_in_thread, self._tell_opened, self.fail)

    def _open_in_thread(self) -> None:
        file = H5SaverLowLevel(backend=self.backend)
        self.seen = glance(self.target)
        self._open_handle(file)
        self._file = file  # here, so that closing finds it even when nobody is told any more

    def _open_handle(self, file: H5SaverLowLevel) -> None:
        for attempt in range(_ATTEMPTS):
            version = structure_version(self.target) if self.is_local else None
            try:
                file.open_file(self.target, "r")
                self.version = version
                return
            except FileError as error:
                if attempt == _ATTEMPTS - 1 or not self._may_come(error):
                    raise
                time.sleep(_PAUSE)

    def _may_come(self, error: FileError) -> bool:
        """Tell whether opening again may help: a writer may be changing the structure just now."""
        if not self.is_local or isinstance(error, FileMissingError):
            return False
        return file_status(self.target).state is FileState.RUNNING

    def _tell_opened(self, _: None) -> None:
        self.reason = ""
        self.opened.emit()

    def reopen(self) -> bool:
        """Open it again, at once, so that what was added is seen; tell whether it was done.

        It is not while its thread reads. Nodes and views keep the same file, which stays theirs. HDF5 shows
        what others added only when all handles of a process were closed.
        """
        file = self.file
        if file is None or not self.jobs.is_idle:
            return False
        try:
            self._open_handle(file)
        except FileError as error:
            self.fail(error)
            return False
        return True

    def read(
        self,
        work: Callable[[H5SaverLowLevel], T],
        done: Callable[[T], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        """Read something in the thread of the file; nothing is done when it is not open."""
        file = self.file
        if file is not None:
            self.jobs.start(lambda: work(file), done, failed)

    def fail(self, error: BaseException) -> None:
        """Close it for a reason, which its row then tells."""
        self.reason = str(error)
        self.let_go()
        self.closed.emit(self.reason)

    def let_go(self) -> None:
        """Close the handle, so that others can have the file; `open` opens it again."""
        if self._file is not None:
            self._file.close_file()

    def close(self) -> None:
        """Close it, and end its thread."""
        self.jobs.close()
        self.let_go()
