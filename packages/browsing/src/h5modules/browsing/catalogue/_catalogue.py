"""`Catalogue`: files found by what they hold."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from h5modules.backends import FileMissingError, H5ModulesError, file_status

from ._contents import FileContents
from ._entries import CataloguedScan, CatalogueEntry, CatalogueUpdate, UnreadFile
from ._index import FileStamp, Index
from ._query import Query
from ._reading import read_files
from ._thumbnails import draw_thumbnail

SUFFIXES = (".h5", ".hdf5", ".hdf", ".he5", ".nxs", ".nx5")
"""How names of the files end that are read."""

_AT_ONCE = 100
"""After how many files the index is written: what was read until then is kept when somebody stops it."""

_NOTHING = Query()


class Catalogue:
    """An index of files in folders: reads each file once, finds it by what it holds.

    Files are opened for reading only, so nobody who writes them is held up. Use it in a ``with`` block, and
    in the thread that made it.

    Parameters
    ----------
    index
        Where the index is; in the user's cache folder when None.

    Raises
    ------
    CatalogueError
        When the index can be neither read nor made.

    Examples
    --------
    >>> from h5modules.browsing.catalogue import Condition, Query
    >>> from h5modules.saving import H5SaverLowLevel
    >>> with H5SaverLowLevel.from_file(tmp_path / 'a.h5') as saver:
    ...     group = saver.add_scan_group(title='GaAs, 4 K')
    ...     group.attrs['temperature'] = 4.0
    >>> with Catalogue(tmp_path / 'index.sqlite') as catalogue:
    ...     update = catalogue.update(tmp_path)
    ...     found = catalogue.search(Query(conditions=(Condition.parse('temperature<10'),)))
    >>> update.read, [entry.path.name for entry in found], found[0].scans[0].title
    (1, ['a.h5'], 'GaAs, 4 K')
    """

    def __init__(self, index: Path | str | None = None) -> None:
        self._index = Index(default_index() if index is None else Path(index))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def update(
        self, folder: Path | str, progress: Callable[[int, int], None] | None = None, processes: int = 1
    ) -> CatalogueUpdate:
        """Read what is new or changed in a folder and below; forget what is gone.

        A file is read again when its size, the time of its last change, the time when it came to its place,
        or whether somebody writes it are not as they were. One that could not be read is tried each time,
        unless it ended the process that read it.

        Parameters
        ----------
        folder
            A folder, or one file.
        progress
            Called with how many files of those to read are done, and how many there are.
        processes
            By how many processes files are read, where there are hundreds to read. They import the main
            module anew: with more than one, what a script does stands below ``if __name__ == "__main__":``.

        Raises
        ------
        FileMissingError
            When there is no such folder; nothing is forgotten then.
        CatalogueError
            When the index cannot be written.
        """
        top = _top(folder)
        walk = _Walk(top)
        stamps = {path: stamp for path in walk.files() if (stamp := _stamp(path)) is not None}
        known = self._index.stamps(top)
        changed = [path for path, stamp in stamps.items() if known.get(path) != stamp.text]
        gone = [path for path in known if path not in stamps and not walk.is_hidden(path)]
        with self._index.changing():
            for path in gone:
                self._index.forget(path)
        with closing(read_files(changed, processes)) as outcomes:
            for start in range(0, len(changed), _AT_ONCE):
                some = changed[start : start + _AT_ONCE]
                with self._index.changing():
                    for number, (path, outcome) in enumerate(zip(some, outcomes, strict=False), start + 1):
                        self._keep(path, stamps[path], outcome)
                        if progress is not None:
                            progress(number, len(changed))
        unread = (*walk.unread, *self._index.problems(top))
        return CatalogueUpdate(len(changed), len(stamps) - len(changed), len(gone), unread)

    def search(self, query: Query = _NOTHING, folder: Path | str | None = None) -> list[CatalogueEntry]:
        """Return the files that match, the newest first; nothing but the index is read.

        Parameters
        ----------
        query
            What to search for.
        folder
            Where to search: a folder and below, or one file; everywhere when None.

        Raises
        ------
        CatalogueError
            When the index cannot be read.
        """
        return self._index.search(query, None if folder is None else Path(folder).resolve())

    def unread(self, folder: Path | str) -> tuple[UnreadFile, ...]:
        """Return the files in a folder and below that could not be read."""
        return self._index.problems(Path(folder).resolve())

    def thumbnail(self, path: Path | str, scan: str | None = None) -> bytes:
        """Return a small picture of a scan, as PNG; it is drawn once, until the file changes.

        Parameters
        ----------
        path
            The file; it is read into the index first when it is not in there as it is.
        scan
            The path of the scan; the newest when None.

        Raises
        ------
        FileError
            When the file cannot be read.
        NodeError
            When there is no such scan.
        NothingToShowError
            When there is nothing to draw.
        LibraryMissingError
            When matplotlib is not installed.
        """
        file = Path(path).resolve()
        self.update(file)
        if scan is None:
            scans = [each for entry in self.search(folder=file) for each in entry.scans]
            scan = max(reversed(scans), key=_begun).path if scans else "/"
        kept = self._index.thumbnail(file, scan)
        if kept is None:
            kept = draw_thumbnail(file, scan)
            self._index.keep_thumbnail(file, scan, kept)
        return kept

    def _keep(self, path: Path, stamp: FileStamp, outcome: FileContents | str) -> None:
        if isinstance(outcome, str):
            self._index.keep_problem(path, stamp, outcome)
        else:
            self._index.keep(path, stamp, outcome)


def default_index() -> Path:
    """Return where the index of the user is."""
    return Path(platformdirs.user_cache_path("h5modules")) / "catalogue.sqlite"


def _top(folder: Path | str) -> Path:
    top = Path(folder).resolve()
    if not top.exists():
        raise FileMissingError(f"there is no folder {str(folder)!r}.")
    return top


class _Walk:
    """A folder, walked through once: its files, and the folders that could not be listed."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self.unread: list[UnreadFile] = []

    def files(self) -> Iterator[Path]:
        if self._top.is_file():
            yield self._top
            return
        for folder, below, names in os.walk(self._top, onerror=self._note):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                    yield Path(folder, name)

    def is_hidden(self, path: Path) -> bool:
        """Tell whether a file lies in a folder that could not be listed: it may still be there."""
        return any(path.is_relative_to(folder.path) for folder in self.unread)

    def _note(self, error: OSError) -> None:
        self.unread.append(UnreadFile(Path(error.filename), f"it cannot be listed: {error.strerror}"))


def _begun(scan: CataloguedScan) -> float:
    return -math.inf if scan.date is None else scan.date.timestamp()


def _stamp(path: Path) -> FileStamp | None:
    """Return what tells whether a file changed; None where it is gone, or no file."""
    try:
        status = path.stat()
        state = file_status(path).state.value
    except (OSError, H5ModulesError):
        return None
    # The third is when it was put there, too: copies may bring the time of their last change along.
    text = f"{status.st_mtime_ns} {status.st_size} {status.st_ctime_ns} {state}"
    return FileStamp(text, status.st_size, state, status.st_mtime)
