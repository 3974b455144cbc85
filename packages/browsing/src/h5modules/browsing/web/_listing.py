"""The list of files: what is there, its state, and what the catalogue knows of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pebble import ProcessExpired

from h5modules.backends import FileError, FileState, H5ModulesError, file_status
from h5modules.browsing._states import INCOMPLETE
from h5modules.browsing.catalogue import CatalogueError, QueryError

from . import _catalogued
from ._catalogued import Entry
from ._errors import BusyError
from ._readers import FileReaders
from ._served_files import ServedFiles

logger = logging.getLogger(__name__)

_FRESH = 1.0
"""Seconds for which a list is good: many browsers ask for it."""

_AT_ONCE = 20
"""How many files are read into the catalogue by one question."""

_RUNNING = 30.0
"""Seconds for which what is known of a file is good that is being written: it changes all the time."""

_MOST_WORDS = 8

_UNREADABLE = "unreadable"
"""The state of a file that nobody writes, and that cannot be read."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A file that is there."""

    name: str
    path: Path
    state: str
    changed: float
    nbytes: int

    @property
    def is_running(self) -> bool:
        return self.state == FileState.RUNNING.value

    @property
    def stamp(self) -> tuple[str, float, int]:
        return self.state, self.changed, self.nbytes

    def told(self, entry: Entry) -> dict[str, Any]:
        here = {"name": self.name, "state": self._word(entry), "changed": self.changed, "bytes": self.nbytes}
        return {**here, "contents": entry.contents}

    def _word(self, entry: Entry) -> str:
        if self.state != FileState.FINISHED.value:
            return self.state
        # As far as is seen without reading it, it is whole.
        return _UNREADABLE if entry.is_unreadable else INCOMPLETE if entry.is_incomplete else self.state


@dataclass(frozen=True, slots=True)
class _Known:
    """What the catalogue tells of a file, and of which state of the file that is."""

    entry: Entry
    listed: _Listed
    at: float = field(default_factory=time.monotonic)

    def is_of(self, listed: _Listed) -> bool:
        is_young = listed.is_running and self.listed.is_running and time.monotonic() - self.at < _RUNNING
        return is_young or self.listed.stamp == listed.stamp


class Listing:
    """Files with their state, the last changed first, and what the catalogue knows of them.

    Parameters
    ----------
    served
        The files.
    readers
        The processes that read them.
    index
        Where the catalogue is; in the user's cache folder when None.
    """

    def __init__(self, served: ServedFiles, readers: FileReaders, index: Path | None = None) -> None:
        self._served = served
        self._readers = readers
        self._index = index
        self._made = -_FRESH
        self._files: list[_Listed] = []
        self._known: dict[Path, _Known] = {}
        self._wanted = asyncio.Event()
        self._looking = asyncio.Lock()
        self._problem = ""

    async def find(self, search: str = "") -> dict[str, Any]:
        """Return the files in whose names or contents there are all words of a search.

        Parameters
        ----------
        search
            Words, and conditions such as ``exposure>=0.1``.

        Raises
        ------
        QueryError
            When a condition is not understood.
        """
        await self._look()
        self._wanted.set()
        found = self._files
        for word in search.split()[:_MOST_WORDS]:
            paths = await self._paths_with(word)
            found = [each for each in found if word.lower() in each.name.lower() or each.path in paths]
        return {
            "files": [each.told(self._entry(each.path)) for each in found],
            "unread": sum(1 for _ in self._unread()),
            "problem": self._problem,
        }

    async def keep_known(self) -> None:
        """Read what is new or changed into the catalogue, whenever somebody looks at the list; for ever."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            waiting = list(self._unread())
            for start in range(0, len(waiting), _AT_ONCE):
                await self._read_or_tell(waiting[start : start + _AT_ONCE])
            await asyncio.sleep(_FRESH)

    async def _look(self) -> None:
        async with self._looking:
            if time.monotonic() - self._made > _FRESH:
                self._files = await asyncio.to_thread(self._listed)
                self._made = time.monotonic()

    def _listed(self) -> list[_Listed]:
        known = (_described(name, self._served.find) for name in self._served)
        return sorted((each for each in known if each is not None), key=lambda each: -each.changed)

    def _entry(self, path: Path) -> Entry:
        known = self._known.get(path)
        return Entry() if known is None else known.entry

    def _unread(self) -> Iterator[_Listed]:
        for each in self._files:
            known = self._known.get(each.path)
            if known is None or not known.is_of(each):
                yield each

    async def _read_or_tell(self, files: list[_Listed]) -> None:
        try:
            await self._read(files)
        except Exception:  # whatever it is: other files are read all the same
            logger.exception("files could not be read into the catalogue")
            self._known.update({each.path: _Known(Entry(), each) for each in files})

    async def _read(self, files: list[_Listed]) -> None:
        """Read files into the catalogue; those of a bunch that ends its process are read one by one."""
        paths = [each.path for each in files]
        try:
            found = await self._readers.run(_catalogued.read_entries, self._index, paths)
            self._problem = ""
        except (ProcessExpired, TimeoutError) as error:
            if len(files) > 1:
                for each in files:
                    await self._read([each])
                return
            found = {paths[0]: Entry(is_unreadable=isinstance(error, ProcessExpired))}
        except BusyError:
            return
        except CatalogueError:
            # Its message names a path of this machine.
            self._problem = "The catalogue cannot be used: files are found by their names only."
            found = {}
        self._known.update({each.path: _Known(found.get(each.path, Entry()), each) for each in files})

    async def _paths_with(self, word: str) -> set[Path]:
        """Return the files that the catalogue finds, of those that were read with this list."""
        try:
            found = await self._readers.run(_catalogued.find_paths, self._index, self._served.tops, word)
        except QueryError:
            raise
        except (H5ModulesError, ProcessExpired, TimeoutError):
            return set()
        return {path for path in found if self._entry(path).contents is not None}


def _described(name: str, find: Callable[[str], Path]) -> _Listed | None:
    try:
        path = find(name)
        status, size = file_status(path), path.stat().st_size
    except (LookupError, OSError, FileError):  # gone meanwhile
        return None
    return _Listed(name, path, status.state.value, status.heartbeat.timestamp(), size)
