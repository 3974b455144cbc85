"""Opening what a user names: a file of this machine, or a domain of a server."""

from __future__ import annotations

from pathlib import Path

from h5modules.backends import BackendMissingError, H5Backend, backends_available, get_driver, is_address
from h5modules.saving import GroupedFile

_LOCAL = "h5py"
"""What opens files of this machine: the backend that is always there."""


def backend_for(target: Path | str) -> str:
    """Return the name of the backend that opens a file, or a domain.

    Raises
    ------
    BackendMissingError
        When a domain is named, and no backend that reaches servers is installed.
    """
    if not is_address(target):
        return _LOCAL
    for name in backends_available:
        if get_driver(name).abilities.served:
            return name
    raise BackendMissingError(
        f'{str(target)!r} lies on a server. Try: pip install "h5modules-backends[h5pyd]"'
    )


def open_to_read(target: Path | str) -> H5Backend:
    """Open a file, or a domain of a server, for reading; use it in a ``with`` block.

    Parameters
    ----------
    target
        The path of a file, whoever wrote it, also while it is being written; or an address
        ``hdf5://host:port/folder/domain.h5``. What to log in with comes from the environment
        (``HS_USERNAME``, ``HS_PASSWORD``) or from the file ``.hscfg``.

    Raises
    ------
    FileMissingError, FileAccessError, FileFormatError
        When it cannot be read.
    BackendMissingError
        When the library that reaches servers is not installed.
    """
    return GroupedFile.open(target, "r", backend_for(target))
