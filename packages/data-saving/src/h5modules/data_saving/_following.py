"""Following a scan or a log while another process writes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pymodaq_data.data import DataToExport

from h5modules.backends import (
    GROUP,
    FileFormatError,
    FileState,
    H5ModulesError,
    NodeError,
    ShownInNotebooks,
    file_status,
    structure_version,
)

from ._acquired import AcquiredPoints, acquired_points
from ._assembly import MEASURED, Assembly
from ._errors import DataNodeError, ScanIndexError
from ._loader import DataLoader

_Read = TypeVar("_Read")

_ATTEMPTS, _PAUSE = 20, 0.005
"""How often a file is read again whose writer changed its structure meanwhile, and seconds in between."""

_LONGEST = 1.0
"""Seconds between two looks at a file in which nothing happens."""


@dataclass(frozen=True, slots=True)
class NewPoints(ShownInNotebooks):
    """What came since the last look at a scan or a log.

    Attributes
    ----------
    loader
        The file; open until the next look.
    where
        The path of the group of the scan or the log.
    indexes
        Where the new points are, in the order in which they were acquired.
    acquired, total
        How many points there are by now, and how many the scan has; a log has no total.
    state
        Whether the file was still written when it was looked at.
    version
        The `structure_version` at which the file was opened; None where it is not known.
    """

    loader: DataLoader
    where: str
    indexes: tuple[tuple[int, ...], ...]
    acquired: int
    total: int | None
    state: FileState
    version: bytes | None = None

    def points(self) -> Iterator[tuple[tuple[int, ...], DataToExport]]:
        """Yield each new point: its index, and all signals of the scan there."""
        for index in self.indexes:
            try:
                yield index, self._point(index)
            except ScanIndexError:  # it is being acquired again just now, and comes again when it is done
                continue

    def _point(self, index: tuple[int, ...]) -> DataToExport:
        path = self.loader.h5saver.filename
        try:
            found = _load_point(self.loader, self.where, index)
        except H5ModulesError:
            if _is_steady(path, self.version):
                raise
        else:
            if _is_steady(path, self.version):
                return found
        return read_steadily(path, lambda loader: _load_point(loader, self.where, index))


def _load_point(loader: DataLoader, where: str, index: tuple[int, ...]) -> DataToExport:
    group = loader.get_node(where)
    saver = loader.h5saver
    groups = saver.walk_groups(group) if isinstance(group, GROUP) else ()
    signals = [found for each in groups for found in Assembly.all_in(saver, each, MEASURED)]
    points = [loader.load_point(signal.channels[0], index) for signal in signals]
    return DataToExport("point", data=points)


def _is_steady(path: Path | str, version: bytes | None) -> bool:
    """Tell whether the structure of a file is as it was at `version`, as far as that is known."""
    return version is None or structure_version(path) == version


class PointFollower:
    """Tells what is new in a scan or a log, each time that it is asked.

    Parameters
    ----------
    where
        The path of the group of the scan or the log. It need not be there yet.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._last = -np.inf

    def look(self, loader: DataLoader, state: FileState, version: bytes | None = None) -> NewPoints | None:
        """Return what came since the last look, perhaps nothing; None where nothing tells points yet.

        Parameters
        ----------
        loader
            The file, opened since the points were written that are to be seen.
        state
            What is known of its writer.
        version
            The `structure_version` at which the file was opened; None where it is not known.
        """
        points = _points(loader, self._where)
        if points is None:
            return None
        order = points.order()
        indexes = _newer(order, self._last)
        if indexes:
            self._last = float(np.nanmax(order))
        total = None if points.grows else int(order.size)
        acquired = int(np.count_nonzero(~np.isnan(order)))
        return NewPoints(loader, self._where, indexes, acquired, total, state, version)


def follow(
    path: Path | str, where: str, *, pause: float = 0.02, patience: float = 30.0
) -> Iterator[NewPoints]:
    """Yield what is new in a scan or a log, while another process writes it, until that is over.

    The writer is neither held up nor asked. What is yielded was acknowledged: each point comes once, whole,
    in the order of acquisition. It ends when the writer closes the file, and when it dies: `file_status`
    tells which.

    Parameters
    ----------
    path
        The path of a local file; of h5modules, or a scan that PyMoDAQ writes in SWMR mode.
    where
        The path of the group of the scan or the log. It need not be there yet.
    pause
        Seconds between two looks; longer ones, up to one second, while nothing comes.
    patience
        Seconds to wait for the group, when it is not there yet.

    Raises
    ------
    FileMissingError, FileAccessError, FileFormatError
        When the file cannot be read.
    DataNodeError
        When the file is closed, or the patience is over, and there is no such scan or log in it.

    Examples
    --------
    >>> from pymodaq_data.data import DataRaw, DataToExport
    >>> from h5modules.data_saving import DataToExportTimedSaver
    >>> with DataToExportTimedSaver(tmp_path / 'log.h5') as saver:
    ...     for number in range(3):
    ...         power = DataRaw('power', data=[np.array([float(number)])])
    ...         saver.add_data('/RawData', DataToExport('row', data=[power]))
    >>> for new in follow(tmp_path / 'log.h5', '/RawData'):
    ...     print(new.indexes, new.state.value)
    ((0,), (1,), (2,)) finished
    """
    follower, waited, started = PointFollower(where), pause, time.monotonic()
    while True:
        state = file_status(path).state  # before the look: nothing can come behind a writer that is gone
        with _steady(path, partial(_look, follower, state)) as (follower, new):
            if new is not None and new.indexes:
                waited = pause
                yield new
        if new is None and (state is not FileState.RUNNING or time.monotonic() - started > patience):
            raise DataNodeError(
                f"there is no scan or log that tells its points at {where!r} in {str(path)!r}."
            )
        if state is not FileState.RUNNING:
            return
        time.sleep(waited)
        waited = min(2 * waited, _LONGEST)


def read_steadily(path: Path | str, read: Callable[[DataLoader], _Read]) -> _Read:
    """Return what `read` finds in a file, which another process may be writing.

    When the structure of the file changed while it was read, it is opened and read again; a file whose
    structure changes all the time, twenty times at most.

    Parameters
    ----------
    path
        The path of a local file.
    read
        Called with the opened file, each time; it returns values, and not what reads them later.

    Raises
    ------
    FileMissingError, FileAccessError, FileFormatError
        When the file cannot be read.

    Examples
    --------
    >>> from pymodaq_data.data import DataRaw
    >>> from h5modules.data_saving import DataSaverLoader
    >>> with DataSaverLoader(tmp_path / 'power.h5') as saver:
    ...     saver.add_data('/RawData', DataRaw('power', data=[np.arange(3.0)]))
    >>> read_steadily(tmp_path / 'power.h5', lambda loader: loader.load_all('/').data[0][0])
    array([0., 1., 2.])
    """
    with _steady(path, lambda loader, _: read(loader)) as found:
        return found


@contextmanager
def _steady(path: Path | str, read: Callable[[DataLoader, bytes | None], _Read]) -> Iterator[_Read]:
    """Give what `read` finds in a file whose structure did not change meanwhile; it is open in the block."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE)
        is_last = attempt == _ATTEMPTS - 1
        loader, version = _opened(path)
        with loader:
            try:
                found = read(loader, version)
            except H5ModulesError:
                if is_last or _is_steady(path, version):
                    raise
            else:
                if is_last or _is_steady(path, version):
                    yield found
                    return


def _look(
    follower: PointFollower, state: FileState, loader: DataLoader, version: bytes | None
) -> tuple[PointFollower, NewPoints | None]:
    """Return what came, and the follower that knows of it: a look that has to be repeated changes nothing."""
    looked = copy(follower)
    return looked, looked.look(loader, state, version)


def _opened(path: Path | str) -> tuple[DataLoader, bytes | None]:
    """Open a file that may be written; also return the version of its structure, None if it never rests."""
    for attempt in range(_ATTEMPTS):
        version = structure_version(path)
        is_last = attempt == _ATTEMPTS - 1
        if version is not None or is_last:
            try:
                return DataLoader(path), version
            except FileFormatError:
                if is_last or _is_steady(path, version):
                    raise
        time.sleep(_PAUSE)
    raise AssertionError("unreachable")


def _points(loader: DataLoader, where: str) -> AcquiredPoints | None:
    """Return what tells which points are there; None where there is nothing yet."""
    try:
        group = loader.get_node(where)
    except NodeError:
        return None
    return acquired_points(group) if isinstance(group, GROUP) else None


def _newer(order: np.ndarray[Any, Any], last: float) -> tuple[tuple[int, ...], ...]:
    """Return where points came after `last`, in the order of acquisition."""
    places = np.argwhere(order > last)
    sorting = np.argsort(order[tuple(places.T)], kind="stable")
    return tuple(tuple(map(int, place)) for place in places[sorting])
