"""Which file a path means."""

from __future__ import annotations

from pathlib import Path


def with_h5_suffix(path: Path) -> Path:
    """Return `path` with ``.h5`` added, unless its suffix speaks of h5 already.

    Examples
    --------
    >>> with_h5_suffix(Path('scan')).name, with_h5_suffix(Path('scan.hdf5')).name
    ('scan.h5', 'scan.hdf5')
    """
    suffix = path.suffix.lower()
    return path if "h5" in suffix or "hdf" in suffix else path.with_name(f"{path.name}.h5")


def file_meant(path: Path, *, is_new: bool) -> Path:
    """Return the file that a user means by `path`.

    A file that is there under that very name is meant, unless a new one is to be made: HDF5 files of other
    programs have all kinds of suffixes.
    """
    return path if not is_new and path.is_file() else with_h5_suffix(path)
