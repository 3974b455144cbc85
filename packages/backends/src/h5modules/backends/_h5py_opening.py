"""How files are opened through h5py: to be read plainly, to be written on a journaled file."""

from __future__ import annotations

import io
import os
import time
from functools import cache, partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import h5py
from h5py import h5f, h5fd, h5p

from ._claim import Claim, FileState, state_by_note
from ._claimed_opening import open_claimed, open_elsewhere
from ._driver import OpenMode
from ._errors import FileAccessError
from ._journal import Journal, read_journal
from ._journaled_file import JournaledFile
from ._locking import lock_data
from ._sidecars import journal_path
from ._superblock import FLAGGED_SINCE, Superblock, read_superblock

_PATIENCE = 0.5
"""Seconds that a writer gets to finish a change of the structure, before its journal is read along."""

_BINARY = getattr(os, "O_BINARY", 0)


class OpenFile(NamedTuple):
    """A file of h5py, and the file object that it lives on; None where it lives on a path."""

    file: h5py.File
    store: JournaledFile | None


def open_to_read(path: Path) -> OpenFile:
    """Open a file that is there for reading; not a byte of it is changed, and no writer is held up.

    A structure change that was not applied to its end is read along, and what a killed writer left in the
    superblock is looked over.

    Raises
    ------
    FileAccessError
        When a program that is not ours has it open for writing, other than in SWMR mode.
    """
    with path.open("rb") as file:
        if not lock_data(file.fileno(), alone=False):
            raise open_elsewhere(path)
        superblock = read_superblock(file)
        journal = _left_journal(path, file.fileno())
    if journal is None and not (superblock and superblock.is_flagged):
        return OpenFile(open_plainly(path), None)
    store = JournaledFile(os.open(path, os.O_RDONLY | _BINARY))
    try:
        if journal is not None:
            store.show(journal)
        _mend(store, read_superblock(cast(BinaryIO, store)))
        return OpenFile(_on(store, path, h5f.ACC_RDONLY), store)
    except BaseException:
        store.close()
        raise


def _left_journal(path: Path, descriptor: int) -> Journal | None:
    """Return the journal of a change that was not applied to its end.

    Whoever writes it gets a moment to apply it: what is read along is read as long as the file is open.
    """
    end = time.monotonic() + _PATIENCE
    while (journal := read_journal(journal_path(path), descriptor)) is not None:
        if state_by_note(path) is not FileState.RUNNING or time.monotonic() > end:
            break
        time.sleep(0.001)
    return journal


def open_to_write(path: Path, mode: OpenMode, *, synced: bool) -> OpenFile:
    """Open or create a file for writing, on a journaled file.

    Raises
    ------
    FileAccessError
        When another writer has it open, or a writer that was killed left it in a state that HDF5 refuses.
    """
    claim = Claim.take(path)
    try:
        claim.note_change(True)
        descriptor, is_new = open_claimed(path, mode, _empty_file)
        claim.note_change(False)
    except BaseException:
        claim.release()
        raise
    store = JournaledFile(
        descriptor,
        journal_path(path),
        synced=synced,
        on_change=claim.note_change,
        on_close=claim.release,
        on_abandon=claim.let_go,
    )
    try:
        if not is_new:
            superblock = read_superblock(cast(BinaryIO, store))
            _require_closed(superblock, path)
            _mend(store, superblock)
            if superblock is not None and superblock.version >= FLAGGED_SINCE:
                store.before_commit = partial(_unflag, store)
        return OpenFile(_on(store, path, h5f.ACC_RDWR), store)
    except BaseException:
        store.close()
        raise


def open_plainly(path: Path) -> h5py.File:
    """Open a file for reading as every program does."""
    try:
        return h5py.File(h5f.open(os.fsencode(path), h5f.ACC_RDONLY, fapl=_file_access()))
    except OSError as error:
        if "locking flag" not in str(error):
            raise
        return h5py.File(path, "r")  # this process has it open by h5py, with locks: HDF5 wants them here too


def _require_closed(superblock: Superblock | None, path: Path) -> None:
    if superblock is not None and superblock.is_flagged:
        raise FileAccessError(
            f"{str(path)!r} is open in another program, or was when that was killed. Close it there; if "
            "it does not run any more, call recover() on the file first."
        )


def _mend(store: JournaledFile, superblock: Superblock | None) -> None:
    """Keep HDF5 from refusing a file, and from writing over what it does not know to be taken."""
    if superblock is None:
        return
    size = store.seek(0, os.SEEK_END)
    if superblock.is_flagged or size > superblock.end:
        store.seek(superblock.start)
        store.write(superblock.mended(size))


def _unflag(store: JournaledFile) -> None:
    """Keep HDF5 from telling others that the file is open: they may read it, and writers are kept apart."""
    superblock = read_superblock(cast(BinaryIO, store))
    if superblock is not None and superblock.is_flagged:
        store.seek(superblock.start)
        store.write(superblock.mended(superblock.end))


def _on(store: JournaledFile | io.BytesIO, path: Path, flags: int) -> h5py.File:
    access = _file_access()
    access.set_fileobj_driver(h5fd.fileobj_driver, store)
    if flags == h5f.ACC_RDWR:
        # HDF5 keeps no chunk: rows are written past it, and a chunk that cannot be written when its array is
        # closed ends the process (HDF5 2.0).
        access.set_cache(0, 0, 0, 0.0)
    return _LinkedFile(h5f.open(os.fsencode(path), flags, fapl=access))


class _LinkedFile(h5py.File):  # type: ignore[misc]
    """A file on a file object: links to other files are opened by path, not on that file object too."""

    @property
    def _lapl(self) -> Any:
        return _link_access()


@cache
def _link_access() -> Any:
    access = h5p.create(h5p.LINK_ACCESS)
    access.set_elink_fapl(_file_access())
    return access


@cache
def _empty_file() -> bytes:
    content = io.BytesIO()
    access = _file_access()
    access.set_fileobj_driver(h5fd.fileobj_driver, content)
    h5f.create(b"empty", h5f.ACC_TRUNC, fapl=access).close()
    return content.getvalue()


def _file_access() -> Any:
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    # The earliest format is the one that every HDF5 program opens, also after its writer was killed.
    access.set_libver_bounds(h5f.LIBVER_EARLIEST, h5f.LIBVER_LATEST)
    # Without the sieve buffer what is read of a contiguous array is what is there now.
    access.set_sieve_buf_size(0)
    # A reader holds up no writer, whichever program it is.
    access.set_file_locking(False, False)
    return access
