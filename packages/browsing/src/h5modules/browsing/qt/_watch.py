"""Watching the open files: whether they are written, changed, gone, and what comes in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

from qtpy.QtCore import QObject, QTimer, Signal

from h5modules.backends import FileState, H5ModulesError, NodeError
from h5modules.browsing._rate import RateMeter
from h5modules.data_saving import DataLoader, NewPoints, PointFollower
from h5modules.saving import H5SaverLowLevel, PointCount

from ._browsed_file import BrowsedFile, FileGlance, glance
from ._progress import ScanProgress, newest_progress, recorded_group

INTERVAL = 500
"""Milliseconds between two looks."""

_SERVED = 2.0
"""Seconds between two looks at a domain, which cost requests."""

Look = tuple[tuple[str, PointCount] | None, list[tuple[PointFollower, NewPoints]]]


class Watch(QObject):  # type: ignore[misc] # Qt has no types
    """Looks at files again and again, in their own threads; nothing of them is locked or changed.

    Parameters
    ----------
    sources
        Gives the files.
    parent
        The object that owns it.

    Attributes
    ----------
    changed
        Emitted with a file that was opened again, since there is more in it than before.
    state_changed
        Emitted with a file that began or ceased to be written.
    progressed
        Emitted with a file and the `ScanProgress` of its newest scan.
    points_came
        Emitted with a file and the `NewPoints` of a scan that is followed.
    """

    changed = Signal(object)
    state_changed = Signal(object)
    progressed = Signal(object, object)
    points_came = Signal(object, object)

    def __init__(self, sources: Callable[[], Iterable[BrowsedFile]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sources = sources
        self._meters: dict[BrowsedFile, RateMeter] = {}
        self._counts: dict[BrowsedFile, PointCount] = {}
        self._followed: dict[tuple[BrowsedFile, str], PointFollower] = {}
        self._served_at = 0.0
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to look."""
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def follow(self, nodes: Iterable[tuple[BrowsedFile, str]]) -> None:
        """Follow the scans that nodes belong to: what is there by now is known, what comes is told."""
        self._followed = {}
        for source, path in nodes:
            file = source.file
            if file is None or source.seen is None or source.seen.state is FileState.FINISHED:
                continue
            try:
                group = recorded_group(file.get_node(path))
            except NodeError:  # it is gone, which the next look tells
                continue
            if group is not None and (source, group.path) not in self._followed:
                follower = PointFollower(group.path)
                follower.look(DataLoader(file), FileState.RUNNING, source.version)
                self._followed[source, group.path] = follower

    def forget(self, source: BrowsedFile) -> None:
        """Watch a file no longer."""
        self._meters.pop(source, None)
        self._counts.pop(source, None)
        self._followed = {key: each for key, each in self._followed.items() if key[0] is not source}

    def look(self) -> None:
        """Look at every file whose thread has nothing else to do."""
        served = time.monotonic() - self._served_at >= _SERVED
        if served:
            self._served_at = time.monotonic()
        for source in list(self._sources()):
            if source.jobs.is_idle and (source.is_local or served):
                source.jobs.start(
                    partial(glance, source.target), partial(self._compare, source), partial(_fail, source)
                )

    def _compare(self, source: BrowsedFile, now: FileGlance) -> None:
        before, source.seen = source.seen, now
        if source.file is None:
            if source.reason and now != before:  # it came back, or somebody mended it
                source.open()
            return
        if now == before or not source.is_local:
            if now.state in (None, FileState.RUNNING):
                self._read(source)
            return
        if not source.reopen():
            source.seen = before  # its thread is at work, or it cannot be opened: the next look tells
            return
        if before is not None and now.state is not before.state:
            self.state_changed.emit(source)
        self._read(source)
        self.changed.emit(source)

    def _read(self, source: BrowsedFile) -> None:
        followers = [follower for (each, _), follower in self._followed.items() if each is source]
        state = (source.seen.state if source.seen is not None else None) or FileState.RUNNING
        version = source.version

        def work(file: H5SaverLowLevel) -> Look:
            came = [(each, each.look(DataLoader(file), state, version)) for each in followers]
            return newest_progress(file), [(each, new) for each, new in came if new is not None]

        source.read(work, partial(self._tell, source), _leave_to_next_look)

    def _tell(self, source: BrowsedFile, look: Look) -> None:
        newest, came = look
        state = source.seen.state if source.seen is not None else None
        if newest is not None:
            title, count = newest
            self._note_count(source, count)
            rate = self._meters.setdefault(source, RateMeter()).rate(count.path, count.acquired)
            self.progressed.emit(source, ScanProgress(title, count, state, rate))
        for follower, new in came:
            is_followed = self._followed.get((source, new.where)) is follower  # no other was chosen
            if is_followed and new.indexes:
                self.points_came.emit(source, new)

    def _note_count(self, source: BrowsedFile, count: PointCount) -> None:
        """Open a domain again in which there is more than before: nothing else tells that it was written."""
        if source.is_local or count == self._counts.setdefault(source, count):
            return
        if source.reopen():  # or else the next look does it
            self._counts[source] = count
            self.changed.emit(source)


def _leave_to_next_look(error: BaseException) -> None:
    """Do nothing: what could not be read while the file is changed can be the next time."""


def _fail(source: BrowsedFile, error: BaseException) -> None:
    if isinstance(error, H5ModulesError) and source.file is not None:
        source.fail(error)
