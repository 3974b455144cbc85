"""How a file that was claimed is begun or gone on with: it is emptied only once it is known to be free."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ._driver import OpenMode
from ._errors import FileAccessError
from ._journal import drop_journal, finish_journal
from ._locking import lock_data
from ._positioned import write_all
from ._sidecars import journal_path

_BINARY = getattr(os, "O_BINARY", 0)


def open_claimed(path: Path, mode: OpenMode, empty_file: Callable[[], bytes]) -> tuple[int, bool]:
    """Open a file that this process has claimed, with what was left of a change applied; make it if asked to.

    Parameters
    ----------
    path, mode
        What to open, and how; ``'r'`` is none of these modes.
    empty_file
        Gives the bytes of a file with nothing in it.

    Returns
    -------
    descriptor, is_new
        The open file, which other programs may read and not write; and whether it is new and empty.

    Raises
    ------
    FileAccessError
        When another program has it open, to write it or, if it is to be emptied, to read it.
    OSError
        When the system refuses.
    """
    creating = {"r+": 0, "a": os.O_CREAT, "w": os.O_CREAT, "x": os.O_CREAT | os.O_EXCL}[mode]
    descriptor = os.open(path, os.O_RDWR | creating | _BINARY, 0o666)
    try:
        # An empty file too, as a killed process leaves it: HDF5 would make it without being whole meanwhile.
        is_new = mode in ("w", "x") or (mode == "a" and not os.fstat(descriptor).st_size)
        if not lock_data(descriptor, alone=is_new):
            raise open_elsewhere(path)
        if is_new:
            drop_journal(journal_path(path), synced=True)
            if os.fstat(descriptor).st_size:
                os.ftruncate(descriptor, 0)
            write_all(descriptor, 0, empty_file())
        else:
            finish_journal(journal_path(path), descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, is_new


def open_elsewhere(path: Path) -> FileAccessError:
    """Return the error that tells of a writer that is not known."""
    return FileAccessError(f"{str(path)!r} is open in another program or object; close it there first.")
