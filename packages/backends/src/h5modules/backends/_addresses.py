"""What a user names: a file of this machine, or a domain of a server."""

from __future__ import annotations

import re
from pathlib import Path

from ._errors import FileError

_ADDRESS = re.compile(r"(hdf5|https?)://", re.IGNORECASE)

_WAS_ADDRESS = re.compile(r"(hdf5|https?):[/\\]+", re.IGNORECASE)
"""The same, also where it was made a path: that takes two slashes for one."""


def is_address(target: Path | str) -> bool:
    """Tell whether a domain of a server is named, rather than a file.

    Examples
    --------
    >>> is_address('hdf5://127.0.0.1:5101/home/ada/scan.h5'), is_address('scan.h5')
    (True, False)
    """
    return isinstance(target, str) and _ADDRESS.match(target) is not None


def local_path(target: Path | str) -> Path:
    """Return the path of a file or a folder of this machine.

    Raises
    ------
    FileError
        When it is the address of a server.

    Examples
    --------
    >>> local_path('data/scan.h5').name
    'scan.h5'
    """
    if _WAS_ADDRESS.match(str(target)):
        raise FileError(
            f"{str(target)!r} lies on a server, and a file of this machine is needed; h5modules copy brings "
            "files there, and domains here."
        )
    return Path(target)
