"""A file that takes the place of another: never of one that somebody writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ._claim import FileState, FileWriter, claimed, file_status
from ._errors import FileAccessError, FileError, FileTakenError
from ._files import open_error, require_path
from ._journal import drop_journal
from ._locking import lock_data
from ._sidecars import journal_path

_SHOWN = 40
"""How many letters of its name a file has while it is written: with more the name may be too long."""


@contextmanager
def replacement(
    final: Path | str, *, source: Path | str | None = None, overwrite: bool = False
) -> Iterator[Path]:
    """Give the path to write a file at; at the end of the block it gets its final name, or is gone.

    Parameters
    ----------
    final
        The final name, of a local file.
    source
        The file that is copied; None when it is none of this machine.
    overwrite
        Whether to replace a file of that name.

    Raises
    ------
    FileTakenError
        When there is a file of that name, and it is not to be replaced.
    FileAccessError
        When it is `source` itself, or somebody writes it, or its folder may not be written.
    FileMissingError
        When there is no folder to hold it.
    FileError
        When there is a folder of that name, or no file of that name can be made.

    Examples
    --------
    >>> with replacement(tmp_path / 'notes.txt') as beside:
    ...     _ = beside.write_text('whole')
    >>> [each.name for each in tmp_path.iterdir()]
    ['notes.txt']
    """
    where = Path(final)
    require_path(where, "w")
    _require_free(where, source, overwrite=overwrite)
    # Written beside and renamed when complete: nobody finds half a file under the final name.
    beside = where.with_name(hidden_name(where.name))
    _require_possible(where, beside)
    try:
        yield beside
        with beside.open("rb+") as written:
            os.fsync(written.fileno())
        _require_free(where, source, overwrite=overwrite)
        replace_file(beside, where)
    except OSError as error:
        raise error if isinstance(error, FileError) else _cannot_be_made(where, error) from error
    finally:
        beside.unlink(missing_ok=True)


def _require_free(final: Path, source: Path | str | None, *, overwrite: bool) -> None:
    if not final.exists():
        return
    if not overwrite:
        raise taken_error(final)
    if source is not None and final.samefile(source):
        raise own_copy_error(final)
    require_unwritten(final)


def hidden_name(name: str) -> str:
    """Return the name that a file of that name has while it is written."""
    return f".{name[:_SHOWN]}.{os.urandom(4).hex()}.part"


def taken_error(target: Path | str) -> FileTakenError:
    """Return the error that tells that there is a file which is not to be replaced."""
    return FileTakenError(
        f"{str(target)!r} exists already; choose another name, or overwrite it (overwrite=True, --overwrite)."
    )


def own_copy_error(target: Path | str) -> FileAccessError:
    """Return the error that tells that a file was to take its own place."""
    return FileAccessError(f"{str(target)!r} is the file that is open: its copy cannot replace it.")


def _require_possible(final: Path, beside: Path) -> None:
    """Make the file, and take it away: what is in the way is told of the final name."""
    try:
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        beside.unlink()
    except OSError as error:
        raise _cannot_be_made(final, error) from error


def _cannot_be_made(path: Path, error: OSError) -> FileError:
    kind = FileAccessError if isinstance(error, PermissionError) else FileError
    return kind(f"{str(path)!r} cannot be made: {error.strerror or error}.")


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
        journal = journal_path(final)  # of the file itself, when the path is a link to it
        complete.replace(final)
        drop_journal(journal)


def _written(path: Path, writer: FileWriter | None = None) -> FileAccessError:
    who = f" ({writer})" if writer else ""
    return FileAccessError(
        f"{str(path)!r} is open in another program or object, which writes it{who}: it is not replaced. "
        "Close it there first, or choose another name."
    )
