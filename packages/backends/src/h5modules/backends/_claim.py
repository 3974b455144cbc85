"""Who writes a file: a note beside it, locked as long as its writer lives.

The system gives the lock back when the writer ends, however it ends. So a note without a lock tells that a
writer was killed, and does not stop the next one.
"""

from __future__ import annotations

import datetime
import errno
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Self

from ._errors import FileAccessError, FileError
from ._files import require_path
from ._forking import let_go_when_forked
from ._locking import lock
from ._positioned import write_all
from ._sidecars import claim_path, journal_path, part_path
from ._superblock import read_superblock

_ATTEMPTS, _PAUSE = 5, 0.02
"""How often a claim is tried, and seconds in between: somebody may just be looking whether it is held."""

_SILENCE = 30.0
"""Seconds without a change after which the writer of a file that only carries a mark counts as gone."""

_NOTE_BYTES = 512
"""How long every note is; behind it stands how often the structure of the file began and ended to change."""

_BINARY = getattr(os, "O_BINARY", 0)


class FileState(Enum):
    """Whether a file is being written."""

    FINISHED = "finished"
    """Nobody writes it, and the last writer closed it."""
    RUNNING = "running"
    """It is open for writing; or marked so by another program, which changed it in the last half minute."""
    INTERRUPTED = "interrupted"
    """Its writer ended without closing it."""


@dataclass(frozen=True, slots=True)
class FileWriter:
    """The process that has a file open for writing."""

    host: str
    """The machine."""
    pid: int
    """The number of the process."""
    started: datetime.datetime
    """When it opened the file."""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.started:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True, slots=True)
class FileStatus:
    """What can be told of a local file without opening it."""

    state: FileState
    writer: FileWriter | None
    """Who writes it, or wrote it when it was interrupted; None when it is finished, or not known."""
    heartbeat: datetime.datetime
    """When something was last written. Where locks do not reach, as on some network drives, it tells whether
    the writer lives."""
    has_journal: bool
    """Whether a structure change was not applied to its end: other programs may refuse the file until it is
    recovered, or opened for writing."""


def file_status(path: Path | str) -> FileStatus:
    """Tell whether a file is being written, and by whom; nothing is changed, and no writer is held up.

    Parameters
    ----------
    path
        The path of a local file.

    Raises
    ------
    FileMissingError
        When there is no such file.
    FileError
        When it is a folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from h5modules.backends import H5Backend
    >>> with TemporaryDirectory() as folder:
    ...     with H5Backend.open(f'{folder}/scan.h5', 'w'):
    ...         print(file_status(f'{folder}/scan.h5').state.value)
    ...     print(file_status(f'{folder}/scan.h5').state.value)
    running
    finished
    """
    where = Path(path)
    require_path(where, "r")
    changed = where.stat().st_mtime
    state, writer, noted = _by_note(where)
    if state is FileState.FINISHED:
        state = _state_by_mark(where, changed)
    heartbeat = datetime.datetime.fromtimestamp(max(changed, noted)).astimezone()
    return FileStatus(state, writer, heartbeat, journal_path(where).exists())


def state_by_note(path: Path) -> FileState:
    """Tell what the note of a writer of ours says, whatever marks others leave in the file."""
    return _by_note(path)[0]


def _by_note(path: Path) -> tuple[FileState, FileWriter | None, float]:
    """Return what the note beside a file says, of whom, and when it was written, in seconds since 1970."""
    try:
        descriptor = os.open(claim_path(path), os.O_RDONLY | _BINARY)
    except FileNotFoundError:
        return FileState.FINISHED, None, 0.0
    try:
        state = FileState.INTERRUPTED if lock(descriptor, shared=True) else FileState.RUNNING
        return state, _read(descriptor), os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)


def _state_by_mark(path: Path, changed: float) -> FileState:
    """Tell what a file says that another program writes in SWMR mode: it leaves a mark, and no lock."""
    with path.open("rb") as file:
        superblock = read_superblock(file)
    if superblock is None or not superblock.is_flagged:
        return FileState.FINISHED
    return FileState.RUNNING if time.time() - changed < _SILENCE else FileState.INTERRUPTED


class Claim:
    """The right to write a file, held until it is released or the process ends.

    Parameters
    ----------
    path
        Where the note is.
    descriptor
        The note, open and locked.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._changes = 0
        let_go_when_forked(self)

    @classmethod
    def take(cls, path: Path) -> Self:
        """Claim a file.

        Raises
        ------
        FileAccessError
            When somebody else writes it, who is named; or when no note can be left beside it.
        """
        note = claim_path(path)
        writer: FileWriter | None = None
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(_PAUSE)
            descriptor = _open_note(note, path)
            # One that its owner has just taken away is no longer the note of anybody.
            if lock(descriptor) and _is_at(note, descriptor):
                _write(descriptor)
                return cls(note, descriptor)
            writer = _read(descriptor)
            os.close(descriptor)
        who = f" ({writer})" if writer else ""
        raise FileAccessError(
            f"{str(path)!r} is open in another program or object, which writes it{who}; close it there first."
        )

    def note_change(self, is_beginning: bool) -> None:
        """Tell readers that the structure of the file begins to change, or that it is whole again."""
        self._changes += 2 if is_beginning == bool(self._changes % 2) else 1
        write_all(self._descriptor, _NOTE_BYTES, self._changes.to_bytes(8, "little"))

    def release(self) -> None:
        """Take the note away; doing so twice is no error."""
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        if os.name == "posix":
            self._path.unlink(missing_ok=True)  # while it is locked: nobody takes it in between
            os.close(descriptor)
        else:
            os.close(descriptor)
            self._path.unlink(missing_ok=True)

    def let_go(self) -> None:
        """Leave the note: the lock is of the process that this one was forked from, or of nobody any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def structure_version(path: Path | str) -> bytes | None:
    """Return what is the same as long as nobody changes the structure of a file; None while it changes.

    What was read between two equal ones was whole, if the file was opened in between too. Points and rows
    that come change nothing of it.

    Parameters
    ----------
    path
        The path of a local file.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     before = structure_version(tmp_path / 'scan.h5')
    ...     group = file.get_set_group('/', 'Scan')
    ...     file.flush()
    ...     structure_version(tmp_path / 'scan.h5') == before
    False
    """
    where = Path(path)
    try:
        stored = claim_path(where).read_bytes()
    except FileNotFoundError:
        return b""
    is_changing = bool(int.from_bytes(stored[_NOTE_BYTES:], "little") % 2)
    # A change that a killed writer left is read along from its journal.
    return None if is_changing and state_by_note(where) is FileState.RUNNING else stored


@contextmanager
def claimed(path: Path | str) -> Iterator[None]:
    """Keep everybody else from writing a file, as long as a ``with`` block lasts.

    Raises
    ------
    FileAccessError
        When somebody writes it, who is named; or when its folder may not be written.
    """
    claim = Claim.take(Path(path))
    try:
        yield
    finally:
        claim.release()


def _open_note(note: Path, path: Path) -> int:
    try:
        return os.open(note, os.O_RDWR | os.O_CREAT | _BINARY, 0o666)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise FileError(
                f"{str(path)!r} cannot be opened for writing: the names of the files beside it, such as "
                f"{part_path(journal_path(path)).name!r}, would be too long; give it a shorter name."
            ) from error
        raise FileAccessError(
            f"{str(path)!r} cannot be opened for writing: that takes the right to make files in its folder, "
            f"for the note of its writer and the journal of its changes ({error})."
        ) from error


def _is_at(note: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), note.stat())
    except FileNotFoundError:
        return False


def _write(descriptor: int) -> None:
    started = datetime.datetime.now().astimezone().isoformat()
    import socket  # here: readers need no name of a host

    stored = json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "started": started}).encode()
    note = stored.ljust(_NOTE_BYTES) + bytes(8)
    write_all(descriptor, 0, note)  # ext4 waits for the disk after a file was cut to 0


def _read(descriptor: int) -> FileWriter | None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        stored = json.loads(os.read(descriptor, _NOTE_BYTES))
        started = datetime.datetime.fromisoformat(stored["started"])
        return FileWriter(str(stored["host"]), int(stored["pid"]), started)
    except (ValueError, KeyError, TypeError):  # it is being written just now, or its writer never came to it
        return None
