"""A scan while it is written: how far it is, and how fast it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from h5modules.backends import GROUP, FileFormatError, FileState, H5Backend, file_status
from h5modules.saving import PointCount, count_points, record_of, recorded_groups

from ._errors import NothingToShowError
from ._opening import is_address, open_to_read
from ._rate import RateMeter
from ._scan_choice import newest_scan

_ATTEMPTS = 10
"""How often opening is tried: for a moment, while a group is made, a file may not be readable."""

INCOMPLETE = "incomplete"
"""The state of a scan that was stopped, or left points out."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan or a log is.

    Attributes
    ----------
    path, title
        The group, and its title.
    acquired, total
        How many points, or rows, there are, and how many there will be; None for a log.
    rate
        Points a second just now; 0 as long as nobody knows.
    state
        ``running``; ``finished`` when all points are acquired, or the file of a log was closed;
        ``incomplete`` when the file was closed before all points were acquired; ``interrupted`` when the
        writer ended without closing it.
    """

    path: str
    title: str
    acquired: int
    total: int | None
    rate: float
    state: str


def iter_progress(
    target: Path | str,
    where: str | None = None,
    interval: float = 1.0,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Progress]:
    """Yield how far a scan is, again and again, until it ends; the file is opened for a moment each time.

    Parameters
    ----------
    target
        A path, or an address ``hdf5://host:port/domain``; of a domain, nobody can tell whether its writer
        lives.
    where
        The group of the scan or the log; the newest of the file when None.
    interval
        Seconds between two looks.
    wait
        Called with the interval.

    Raises
    ------
    NothingToShowError
        When there is no scan with a record of points done, and nobody is writing the file.
    FileError
        When it cannot be read.
    NodeError
        When there is no such group.
    """
    meter = RateMeter()
    while True:
        state = _state(target)  # before the points are counted: the last ones are not missed
        found = _look(target, where, wait)
        if found is None and state != FileState.RUNNING.value:
            raise NothingToShowError(f"{str(target)!r} holds no scan with a record of points done.")
        if found is not None:
            title, count = found
            where = count.path
            rate = meter.rate(where, count.acquired)
            if count.total is not None and count.is_complete:
                state = FileState.FINISHED.value
            elif state == FileState.FINISHED.value and not count.is_complete:
                state = INCOMPLETE
            yield Progress(where, title, count.acquired, count.total, rate, state)
            if state != FileState.RUNNING.value:
                return
        wait(interval)


def _state(target: Path | str) -> str:
    if is_address(target) or not Path(target).exists():
        return FileState.RUNNING.value
    return file_status(target).state.value


def _look(
    target: Path | str, where: str | None, wait: Callable[[float], None]
) -> tuple[str, PointCount] | None:
    for attempt in range(_ATTEMPTS):
        try:
            with open_to_read(target) as file:
                return _count(file, where)
        except FileFormatError:
            if attempt == _ATTEMPTS - 1:
                raise
            wait(0.05)
    return None


def _count(file: H5Backend, where: str | None) -> tuple[str, PointCount] | None:
    if where is None:
        newest = newest_scan(file)
        found = [] if newest is None else list(recorded_groups(file, newest))
        found = found or list(recorded_groups(file))
        if not found:
            return None
        group, record = found[-1]
        return group.title, count_points(group, record)
    node = file.get_node(where)
    held = record_of(node) if isinstance(node, GROUP) else None
    if held is None or not isinstance(node, GROUP):
        raise NothingToShowError(f"{node.path!r} in {file.filename!r} has no record of points done.")
    return node.title, count_points(node, held)
