"""Which file a path means, and where it lies."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TypeAlias
from urllib.parse import urlsplit

Target: TypeAlias = Path | str
"""The path of a file; or the address of a domain, which is a text."""


def with_h5_suffix(path: Path) -> Path:
    """Return `path` with ``.h5`` added, unless its suffix speaks of HDF5 or NeXus already.

    Examples
    --------
    >>> with_h5_suffix(Path('scan')).name, with_h5_suffix(Path('scan.hdf5')).name
    ('scan.h5', 'scan.hdf5')
    """
    suffix = path.suffix.lower()
    is_hdf5 = "h5" in suffix or "hdf" in suffix or suffix == ".nxs"
    return path if is_hdf5 else path.with_name(f"{path.name}.h5")


def file_meant(target: Target, *, is_new: bool, is_local: bool) -> Target:
    """Return the file that a user means by `target`.

    A file that is there under that very name is meant, unless a new one is to be made: HDF5 files of other
    programs have all kinds of suffixes. What is not a file of this machine has the name it was given.
    """
    if not is_local:
        return target
    path = Path(target)
    return path if (not is_new and path.is_file()) or not path.name else with_h5_suffix(path)


def folder_of(target: Target, *, is_local: bool) -> Path | PurePosixPath:
    """Return the folder that holds a file, or a domain on its server.

    Examples
    --------
    >>> folder_of('http://localhost:5101/home/ada/scan.h5', is_local=False)
    PurePosixPath('/home/ada')
    """
    return Path(target).parent if is_local else _domain(target).parent


def name_in_folder(target: Target, *, is_local: bool) -> str:
    """Return the name of a file, or of a domain."""
    return Path(target).name if is_local else _domain(target).name


def _domain(target: Target) -> PurePosixPath:
    return PurePosixPath(urlsplit(str(target)).path)
