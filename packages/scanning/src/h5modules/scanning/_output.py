"""Where a scan is saved, made sure of before anything moves."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from h5modules.backends import FileAccessError, FileError, FileMissingError, FileTakenError, H5Backend, OpenMode
from h5modules.saving import with_h5_suffix


@dataclass(frozen=True, slots=True)
class Output:
    """The file a scan is saved in.

    Attributes
    ----------
    path
        The file.
    append
        Add the scan to the file if it is there.
    overwrite
        Replace the file if it is there.
    """

    path: Path
    append: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", with_h5_suffix(Path(self.path)))

    def check(self) -> None:
        """Make sure that the file can be written; nothing is changed.

        Raises
        ------
        FileError
            When both `append` and `overwrite` are said, or the path is a folder.
        FileTakenError
            When the file is there, and neither was said.
        FileMissingError
            When its folder is not there.
        FileAccessError
            When the folder or the file cannot be written.
        """
        path = self.path
        if self.append and self.overwrite:
            raise FileError("a file is either added to (append) or replaced (overwrite), not both.")
        if path.is_dir():
            raise FileError(f"{str(path)!r} is a folder, not a file.")
        if not path.parent.is_dir():
            raise FileMissingError(f"there is no folder {str(path.parent)!r}; create it first.")
        if path.exists() and not (self.append or self.overwrite):
            raise FileTakenError(
                f"{str(path)!r} exists already; add a scan to it with append, replace it with overwrite, "
                "or choose another name."
            )
        _require_writable(path.parent)
        if path.exists():
            H5Backend.open(path, "r+").close()

    @property
    def mode(self) -> OpenMode:
        """How to open the file."""
        if self.overwrite:
            return "w"
        return "a" if self.append else "x"


def _require_writable(folder: Path) -> None:
    # Asking the system for permissions misleads (Windows, network drives, root): only writing tells.
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FileAccessError(f"nothing can be written in {str(folder)!r}: {error}") from error
