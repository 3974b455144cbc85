"""Local files: what is checked before a library is asked, so that each says the same."""

from __future__ import annotations

import re
from pathlib import Path

from ._driver import OpenMode
from ._errors import (
    FileAccessError,
    FileError,
    FileFormatError,
    FileMissingError,
    FileTakenError,
    UnsupportedError,
)

_CUT_OFF = re.compile(r"truncated file: eof = (\d+), .*stored_eof = (\d+)")
"""What HDF5 says of a file that is shorter than it should be."""

MODES = ("r", "r+", "a", "w", "x")


def require_mode(mode: str) -> None:
    """Refuse a mode that is not one of `OpenMode`.

    Raises
    ------
    FileError
        When it is none.
    """
    if mode not in MODES:
        raise FileError(f"mode {mode!r} is not one of {', '.join(map(repr, MODES))}.")


def require_no_options(library: str, options: dict[str, object]) -> None:
    """Refuse options, for a library that takes none.

    Raises
    ------
    UnsupportedError
        When there is one.
    """
    if options:
        raise UnsupportedError(f"the {library} backend takes no option {', '.join(map(repr, options))}.")


def require_path(path: Path, mode: OpenMode) -> None:
    """Refuse what can be told to fail without opening the file.

    Raises
    ------
    FileMissingError, FileTakenError, FileFormatError, FileError
        As `Driver.open` tells.
    """
    require_mode(mode)
    if "\0" in str(path):
        raise FileError(f"{str(path)!r} cannot be the path of a file: it holds a NUL.")
    try:
        _require_way(path, mode)
    except OSError as error:
        raise error if isinstance(error, FileError) else open_error(path, mode, error) from error


def _require_way(path: Path, mode: OpenMode) -> None:
    if path.is_dir():
        raise FileError(f"{str(path)!r} is a folder, not a file.")
    if mode in ("r", "r+") and not path.exists():
        raise FileMissingError(f"there is no file {str(path)!r}.")
    if not path.parent.is_dir():
        raise FileMissingError(
            f"there is no folder {str(path.parent)!r} to hold {path.name!r}; create it first."
        )
    if mode == "x" and path.exists():
        raise FileTakenError(f"{str(path)!r} exists already; open it with mode 'a', or choose another name.")
    # HDF5 would make a file of it.
    if mode == "r+" and path.stat().st_size == 0:
        raise FileFormatError(f"{str(path)!r} is empty: not an HDF5 file. Create it with mode 'a' or 'w'.")


def open_error(path: Path, mode: OpenMode, error: Exception) -> FileError:
    """Return the error that tells why a library could not open a file.

    Parameters
    ----------
    path, mode
        What was to be opened, and how.
    error
        What the library raised.
    """
    where = repr(str(path))
    if isinstance(error, PermissionError):
        return FileAccessError(f"no permission to open {where} with mode {mode!r}: {error}")
    if isinstance(error, FileNotFoundError) and mode in ("w", "x"):
        return FileError(f"{where} cannot be made: {error}")
    if isinstance(error, FileNotFoundError):
        return FileMissingError(f"there is no file {where}: {error}")
    if isinstance(error, FileExistsError):
        return FileTakenError(
            f"{where} exists already; open it with mode 'a', or choose another name: {error}"
        )
    if isinstance(error, BlockingIOError) or any(
        sign in str(error) for sign in ("lock file", "already open")
    ):
        return FileAccessError(f"{where} is open in another program or object; close it there first: {error}")
    if mode in ("w", "x") or not path.is_file():
        return FileError(f"{where} cannot be opened with mode {mode!r}: {error}")
    if not path.stat().st_size:
        return FileFormatError(f"{where} is empty: not an HDF5 file, nothing was saved in it.")
    if found := _CUT_OFF.search(str(error)):
        there, whole = (int(each) for each in found.groups())
        return FileFormatError(
            f"{where} is damaged, it is cut off: {there:,} of {whole:,} bytes are there. Copy it again from "
            "where it is whole."
        )
    return FileFormatError(f"{where} is not an HDF5 file, or it is damaged: {error}")
