"""Which files are served, and under which names."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from h5modules.backends import FileMissingError

from ._errors import NotServedError

SUFFIXES = (".h5", ".hdf5", ".hdf", ".he5", ".nxs", ".nx5")
"""How the names of files end that are served."""

_MOST = 20_000
"""How many files are listed."""

_FORBIDDEN = frozenset("\\:\0")
"""What no part of a name holds: on some system it would lead elsewhere."""


class ServedFiles:
    """Folders and files, whose names are all that a browser gets to see and may ask for.

    Parameters
    ----------
    places
        Folders, which are served with what lies below, and files.

    Raises
    ------
    FileMissingError
        When one of them is not there.

    Examples
    --------
    >>> (tmp_path / 'monday').mkdir()
    >>> (tmp_path / 'monday' / 'scan.h5').touch()
    >>> served = ServedFiles([tmp_path])
    >>> list(served)
    ['monday/scan.h5']
    >>> served.find('monday/../../secret.h5')
    Traceback (most recent call last):
      ...
    h5modules.browsing.web._errors.NotServedError: no file 'monday/../../secret.h5' is served.
    """

    def __init__(self, places: Sequence[Path | str]) -> None:
        self._tops: dict[str, Path] = {}
        for place in map(Path, places):
            if not place.exists():
                raise FileMissingError(f"there is no file and no folder {str(place)!r}.")
            top = place.resolve()
            alone = len(places) == 1 and top.is_dir()
            self._tops["" if alone else self._free_name(top.name or "root")] = top

    @property
    def tops(self) -> tuple[Path, ...]:
        """The places themselves, without links."""
        return tuple(self._tops.values())

    def _free_name(self, name: str) -> str:
        stem, dot, suffix = name.rpartition(".") if name.lower().endswith(SUFFIXES) else (name, "", "")
        number, free = 1, name
        while free in self._tops:
            number += 1
            free = f"{stem}-{number}{dot}{suffix}"
        return free

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the files that are there now, folder by folder."""
        count = 0
        for prefix, top in self._tops.items():
            for relative in _below(top):
                name = "/".join(filter(None, (prefix, relative)))
                if self._found(name) is None:
                    continue
                yield name
                count += 1
                if count == _MOST:
                    return

    def find(self, name: str) -> Path:
        """Return the path of the file of a name, without links.

        Raises
        ------
        NotServedError
            When no file of that name is served, whatever there may be.
        """
        path = self._found(name)
        if path is None:
            raise NotServedError(f"no file {name!r} is served.")
        return path

    def _found(self, name: str) -> Path | None:
        place = self._place(name)
        if place is None:
            return None
        try:
            path = place.resolve(strict=True)
            is_file = stat.S_ISREG(path.stat().st_mode)
        except (OSError, RuntimeError, ValueError):  # not there, a ring of links, a name that no system takes
            return None
        is_inside = any(path.is_relative_to(top) for top in self._tops.values())
        return path if is_file and is_inside and path.name.lower().endswith(SUFFIXES) else None

    def _place(self, name: str) -> Path | None:
        """Return where a file of that name would be, links not followed."""
        parts = name.split("/")
        if any(part.startswith(".") or not part or _FORBIDDEN & set(part) for part in parts):
            return None
        if "" in self._tops:
            return self._tops[""].joinpath(*parts)
        top = self._tops.get(parts[0])
        return None if top is None else top.joinpath(*parts[1:])


def _below(top: Path) -> Iterator[str]:
    """Yield the names of the files below a folder, as seen from there; an empty one for a file."""
    if top.is_file():
        yield ""
        return
    for folder, below, names in os.walk(top):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES):
                yield Path(folder, name).relative_to(top).as_posix()
