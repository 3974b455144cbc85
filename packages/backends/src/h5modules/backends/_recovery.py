"""Making a file whole that its writer did not close."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ._claim import Claim, FileState, state_by_note
from ._errors import FileAccessError, FileError, FileFormatError
from ._files import open_error, require_path
from ._journal import Journal, finish_journal, write_journal
from ._locking import lock_data
from ._sidecars import journal_path
from ._superblock import read_superblock


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found in a file, and mended."""

    state: FileState
    """Whether one of our writers was killed."""
    journal_applied: bool
    """Whether a structure change was finished that was not applied to its end."""
    flags_cleared: bool
    """Whether the file said that it is open for writing, so that HDF5 refused it."""
    bytes_found: int
    """How many bytes lie beyond what HDF5 knew as the end of the file; they are kept."""
    bytes_missing: int
    """How many bytes the file was shorter than HDF5 knew; they read zero now."""

    @property
    def was_whole(self) -> bool:
        """Whether nothing had to be done."""
        is_closed = self.state is FileState.FINISHED
        return is_closed and not any(
            (self.journal_applied, self.flags_cleared, self.bytes_found, self.bytes_missing)
        )


def recover(path: Path | str) -> Recovery:
    """Finish what a killed writer left, so that every HDF5 program opens the file; nothing is lost by it.

    A structure change of ours that was not applied to its end is applied; a file that a writer in SWMR
    mode, or in a newer format, left marked as open is unmarked, with all bytes that it has. To do it
    again changes nothing, and it can be killed at any moment.

    Parameters
    ----------
    path
        The path of a local file. No program may have it open for writing: of a writer in SWMR mode HDF5 gives
        no sign but the mark.

    Raises
    ------
    FileMissingError
        When there is no such file.
    FileAccessError
        When it is open for writing, or may not be written.
    FileFormatError
        When it is no HDF5 file.
    """
    where = Path(path)
    require_path(where, "r+")
    state = state_by_note(where)
    claim = Claim.take(where)
    try:
        claim.note_change(True)
        descriptor = os.open(where, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            return _mended(where, descriptor, state)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise error if isinstance(error, FileError) else open_error(where, "r+", error) from error
    finally:
        claim.release()


def _mended(path: Path, descriptor: int, state: FileState) -> Recovery:
    if not lock_data(descriptor, alone=False):
        raise FileAccessError(f"{str(path)!r} is open for writing in another program; close it there first.")
    journal = journal_path(path)
    was_applied = finish_journal(journal, descriptor)
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        superblock = read_superblock(file)
    if superblock is None:
        raise FileFormatError(f"{str(path)!r} is not an HDF5 file, or it is damaged.")
    size = os.fstat(descriptor).st_size
    if superblock.is_flagged or size != superblock.end:
        # A structure change too: the mark, and the end of the file, change together.
        mended = superblock.mended(size)
        before = superblock.stored[: len(mended)]
        change = Journal(
            max(size, superblock.end), (), ((superblock.start, mended),), ((superblock.start, before),)
        )
        write_journal(journal, change, synced=True)
        finish_journal(journal, descriptor)
    return Recovery(
        state,
        was_applied,
        superblock.is_flagged,
        max(size - superblock.end, 0),
        max(superblock.end - size, 0),
    )
