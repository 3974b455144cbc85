"""A scan while it is written: how far it is, and how fast it goes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from h5modules.backends import GROUP, FileFormatError, FileState, H5Backend, file_status, is_address
from h5modules.saving import PointCount, count_points, record_of, recorded_groups

from ._errors import NothingToShowError
from ._opening import open_to_read
from ._rate import RateMeter
from ._scan_choice import newest_scan
from ._scan_view import LOGS, is_log
from ._states import state_word

_ATTEMPTS = 10
"""How often opening is tried: for a moment, while a group is made, a file may not be readable."""


@dataclass(frozen=True, slots=True)
class ModuleProgress:
    """How far a log is with one of its modules.

    Attributes
    ----------
    path, title
        Its group, and its title.
    acquired
        How many rows there are of it.
    rate
        Rows a second just now; 0 as long as nobody knows.
    """

    path: str
    title: str
    acquired: int
    rate: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan or a log is.

    Attributes
    ----------
    path, title
        The group, and its title.
    acquired, total
        How many points, or rows of all modules, there are, and how many there will be; None for a log.
    rate
        Points a second just now; 0 as long as nobody knows.
    state
        ``running``; ``finished`` when all points are acquired, or the file of a log was closed;
        ``incomplete`` when the file was closed before all points were acquired; ``interrupted`` when the
        writer ended without closing it.
    modules
        Of a log whose modules have rows of their own, each of them.
    """

    path: str
    title: str
    acquired: int
    total: int | None
    rate: float
    state: str
    modules: tuple[ModuleProgress, ...] = ()


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
    meters: dict[str, RateMeter] = defaultdict(RateMeter)
    while True:
        state = _state(target)  # before the points are counted: the last ones are not missed
        found = _look(target, where, wait)
        if found is None and state is not FileState.RUNNING:
            raise NothingToShowError(f"{str(target)!r} holds no scan with a record of points done.")
        if found is not None:
            where = found.path
            look = found.told(state, meters)
            yield look
            if look.state != FileState.RUNNING.value:
                return
        wait(interval)


def _state(target: Path | str) -> FileState:
    if is_address(target) or not Path(target).exists():
        return FileState.RUNNING
    return file_status(target).state


def _look(target: Path | str, where: str | None, wait: Callable[[float], None]) -> _Found | None:
    for attempt in range(_ATTEMPTS):
        try:
            with open_to_read(target) as file:
                return _found(file, where)
        except FileFormatError:
            if attempt == _ATTEMPTS - 1:
                raise
            wait(0.05)
    return None


@dataclass(frozen=True, slots=True)
class _Found:
    """What one look at a scan or a log found: the counts of its modules, or its own."""

    path: str
    title: str
    counts: tuple[tuple[str, PointCount], ...]

    def told(self, state: FileState, meters: Mapping[str, RateMeter]) -> Progress:
        acquired = sum(count.acquired for _, count in self.counts)
        total = self.counts[0][1].total
        modules = tuple(
            ModuleProgress(
                count.path, title, count.acquired, meters[count.path].rate(count.path, count.acquired)
            )
            for title, count in self.counts
            if count.path != self.path
        )
        rate = meters[self.path].rate(self.path, acquired)
        word = state_word(state, acquired, total)
        return Progress(self.path, self.title, acquired, total, rate, word, modules)


def _found(file: H5Backend, where: str | None) -> _Found | None:
    node = _newest(file) if where is None else file.get_node(where)
    if node is None:
        return None
    counts = _counts(node) if isinstance(node, GROUP) else ()
    if not counts:
        raise NothingToShowError(f"{node.path!r} in {file.filename!r} has no record of points done.")
    return _Found(node.path, node.title, counts)


def _counts(group: GROUP) -> tuple[tuple[str, PointCount], ...]:
    """Return how much there is of a group, or of each module of a log."""
    if (record := record_of(group)) is not None:
        return ((group.title, count_points(group, record)),)
    if not _has_modules(group):
        return ()
    file = group.to_h5_backend()
    return tuple((each.title, count_points(each, held)) for each, held in recorded_groups(file, group))


def _newest(file: H5Backend) -> GROUP | None:
    newest = newest_scan(file)
    if newest is not None and _counts(newest):
        return newest
    found = [] if newest is None else list(recorded_groups(file, newest))
    found = found or list(recorded_groups(file))
    return found[-1][0] if found else None


def _has_modules(group: GROUP) -> bool:
    # An adaptive scan has them too, but their rows are those of the same points.
    return is_log(group) and group.attrs.get("type") == LOGS[0]
