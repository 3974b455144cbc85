"""Where a scan is saved, made sure of before anything moves."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from h5modules.backends import (
    FileAccessError,
    FileError,
    FileFormatError,
    FileMissingError,
    FileTakenError,
    OpenMode,
    get_driver,
    local_path,
)
from h5modules.saving import with_h5_suffix

from ._problems import Problems


@dataclass(frozen=True, slots=True)
class Output:
    """The file a scan is saved in.

    Attributes
    ----------
    path
        The file; ``.h5`` is added where no suffix speaks of h5.
    append
        Add the scan to the file if it is there.
    overwrite
        Replace the file if it is there.
    nexus
        Whether programs that plot NeXus files find what is saved: see `H5SaverLowLevel`.

    Examples
    --------
    >>> Output(tmp_path / 'scan').path.name
    'scan.h5'
    """

    path: Path
    append: bool = False
    overwrite: bool = False
    nexus: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", with_h5_suffix(local_path(self.path)))

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
            When the folder or the file cannot be written, or another program has the file open.
        FileFormatError
            When the file to be added to is not HDF5.
        PlanError
            When more than one thing is wrong.
        """
        problems = Problems()
        with problems.gathering():
            if self.append and self.overwrite:
                raise FileError(
                    "a file is added to (append, --append) or replaced (overwrite, --overwrite), not both."
                )
        with problems.gathering():
            self._check_path()
        problems.raise_any()

    def _check_path(self) -> None:
        path = self.path
        if path.is_dir():
            raise FileError(f"{str(path)!r} is a folder; name a file.")
        if not path.parent.is_dir():
            raise FileMissingError(f"there is no folder {str(path.parent)!r}; create it first.")
        if not path.exists():
            _require_writable(path.parent)
        elif self.append or self.overwrite:
            self._require_file()
        else:
            raise FileTakenError(_taken(path))

    def _require_file(self) -> None:
        """Make sure that the file can be opened to be changed.

        The driver alone is used: a file opened by it stays as it is. HDF5 would empty a file that is to be
        replaced before it finds that another program has it open.
        """
        try:
            with self.path.open("r+b") as file:
                is_empty = not file.read(1)
        except OSError as error:
            raise FileAccessError(f"{str(self.path)!r} cannot be changed: {error.strerror}.") from error
        if is_empty and self.append:
            raise FileFormatError(
                f"{str(self.path)!r} is empty, not an HDF5 file; replace it with overwrite (--overwrite)."
            )
        try:
            get_driver("h5py").open(self.path, "r+").close()
        except FileFormatError:
            if self.append:
                raise

    @property
    def mode(self) -> OpenMode:
        """How to open the file."""
        if self.overwrite:
            return "w"
        return "a" if self.append else "x"


def _taken(path: Path) -> str:
    """Tell that a file is there: what can be gone on with in it comes first, for whom a kill left it."""
    from ._resuming import how_to_go_on  # here and not above: most files are new, and h5py takes its time

    hint = how_to_go_on(path)
    return (
        f"{str(path)!r} exists already{f': {hint}; or' if hint else ';'} add to it with append (--append), "
        "replace it with overwrite (--overwrite), or choose another name."
    )


def _require_writable(folder: Path) -> None:
    # Asking the system for permissions misleads (Windows, network drives, root): only writing tells.
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FileAccessError(f"nothing can be written in {str(folder)!r}: {error.strerror}.") from error
