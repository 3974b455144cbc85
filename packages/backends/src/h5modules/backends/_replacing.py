"""A file that takes the place of another: never of one that somebody writes."""

from __future__ import annotations

import os
from pathlib import Path

from ._claim import FileState, FileWriter, claimed, file_status
from ._errors import FileAccessError
from ._files import open_error
from ._journal import drop_journal
from ._locking import lock_data
from ._sidecars import journal_path


def require_unwritten(path: Path | str) -> None:
    """Refuse a local file that somebody writes, by any HDF5 library; nothing is changed.

    Where the system locks no open files (Windows), writers other than those of the h5py backend are not seen
    here; there the system itself refuses to replace a file that is open.

    Parameters
    ----------
    path
        The path of a file; none being there is no error.

    Raises
    ------
    FileAccessError
        When somebody writes it, who is named where that is known; or when it may not be read.
    FileError
        When it is a folder.
    """
    where = Path(path)
    if not where.exists():
        return
    status = file_status(where)
    if status.state is FileState.RUNNING:
        raise _written(where, status.writer)
    try:
        with where.open("rb") as file:
            if not lock_data(file.fileno(), alone=False):
                raise _written(where)
    except PermissionError as error:
        raise open_error(where, "r", error) from error


def replace_file(complete: Path, final: Path) -> None:
    """Give a complete file its final name; nobody begins meanwhile to write what it replaces.

    Parameters
    ----------
    complete
        The file, in the folder of the other.
    final
        The path it gets.

    Raises
    ------
    FileAccessError
        When somebody writes what is there; both files stay as they are.
    OSError
        When the system refuses.
    """
    if not final.exists():
        complete.replace(final)
        return
    require_unwritten(final)  # writers in SWMR mode too, who hold no lock
    with claimed(final), final.open("rb") as held:
        if not lock_data(held.fileno(), alone=False):
            raise _written(final)
        if os.name != "posix":
            held.close()  # nothing that is open is replaced there
        complete.replace(final)
        drop_journal(journal_path(final))  # of the file that was replaced


def _written(path: Path, writer: FileWriter | None = None) -> FileAccessError:
    who = f" ({writer})" if writer else ""
    return FileAccessError(
        f"{str(path)!r} is open in another program or object, which writes it{who}: it is not replaced. "
        "Close it there first, or choose another name."
    )
