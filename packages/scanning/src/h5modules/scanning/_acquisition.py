"""One scan while it runs: point after point, saved, told, and noted in the log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from pymodaq_data.data import DataToExport

from h5modules.data_saving import DataMismatchError

from ._errors import DeviceFailedError
from ._interrupts import InterruptGate
from ._plan import Point
from ._policy import OnFailure
from ._progress import Progress
from ._station import Station
from ._steering import Steering
from ._stopping import note_stop

NumberedPoint = tuple[int, Point]
"""A point, and which it is: 1 for the first of the scan."""


class PointTarget(Protocol):
    """Where points are saved: a group of an open file."""

    @property
    def filename(self) -> str:
        """The path of the file."""

    @property
    def node(self) -> str:
        """The path of the group; empty as long as there is none."""

    def save(self, point: Point, data: DataToExport) -> None:
        """Save a point, in a new group if it is the first."""

    def log(self, message: str) -> None:
        """Add a line to the file's log."""


class Acquisition:
    """One scan, while it runs.

    Parameters
    ----------
    total
        How many points there are at most.
    station
        The devices.
    target
        Where points are saved.
    steering
        What the scan listens to.
    gate
        Holds Ctrl-C back; it is let pass while devices and the callback are at work.
    """

    def __init__(
        self, total: int, station: Station, target: PointTarget, steering: Steering, gate: InterruptGate
    ) -> None:
        self._total = total
        self._station = station
        self._target = target
        self._steering = steering
        self._gate = gate
        self._units = station.units

    def run(self, points: Iterable[NumberedPoint], before: int = 0) -> Progress:
        """Go through the points; how it ended is told in the file's log, and as a note on the error.

        Parameters
        ----------
        points
            The points; each is asked for when the one before is saved.
        before
            How many points were saved before.
        """
        try:
            return self._run(points, before)
        finally:
            with suppress(DeviceFailedError):  # one that failed may do so here as well; it was told of
                self._station.prepare(0, "after the last point")

    def _run(self, points: Iterable[NumberedPoint], before: int) -> Progress:
        progress = Progress(before, self._total, 0.0, before=before)
        try:
            for latest in self._acquired(points, progress):
                progress = latest
                if self._steering.callback is not None:
                    with self._gate.passing():
                        self._steering.callback(progress)
            self._gate.release()  # raises when Ctrl-C stopped it
        except BaseException as error:  # Ctrl-C too
            saved = f"{progress.done} of {progress.total} points"
            node = self._target.node
            note_stop(error, saved, node and f"{self._target.filename} {node}", self._target.log)
            raise
        self._target.log(self._how_it_ended(progress))
        return progress

    def approach(self, number: int, places: Sequence[dict[str, float]]) -> None:
        """Go to places one after the other, without measuring; the point of that number is at the last.

        The next point is so come to as it would have been without a break, play in a thread included.
        """
        when = self._describe(number, Point((), places[-1]))
        with self._gate.passing():
            self._station.prepare(number, when)
            for place in places:
                self._station.move(place, when)

    def _acquired(self, points: Iterable[NumberedPoint], progress: Progress) -> Iterator[Progress]:
        """Acquire points, telling before the first and after each how far it is."""
        yield progress
        start = time.perf_counter()
        for number, point in points:
            with self._gate.passing():
                if not self._steering.control.wait_to_go_on():
                    return
            data = self._acquire(number, point)
            seconds = time.perf_counter() - start
            is_saved = data is not None
            done, skipped = progress.done + is_saved, progress.skipped + (not is_saved)
            saved = point if is_saved else None
            progress = Progress(done, progress.total, seconds, skipped, progress.before, saved, data)
            yield progress

    def _acquire(self, number: int, point: Point) -> DataToExport | None:
        """Measure and save one point, again when it fails; return what was saved."""
        policy, tries = self._steering.policy, 0
        while True:
            try:
                return self._acquire_once(number, point)
            except DeviceFailedError as error:
                self._station.forget()
                if tries < policy.retries:
                    tries += 1
                    self._target.log(f"again: {error}")
                elif policy.on_failure is OnFailure.stop:
                    raise
                else:
                    self._target.log(f"skipped: {error}")
                    return None

    def _acquire_once(self, number: int, point: Point) -> DataToExport:
        when = self._describe(number, point)
        with self._gate.passing():
            self._station.prepare(number, when)
            self._station.move(point.positions, when)
            data = self._station.measure(when)
        try:
            self._target.save(point, data)
        except DataMismatchError as error:
            raise DeviceFailedError(f"a detector changed what it returns {when}: {error}") from error
        return data

    def _describe(self, number: int, point: Point) -> _PointLabel:
        return _PointLabel(number, self._total, point, self._units)

    def _how_it_ended(self, progress: Progress) -> str:
        seconds = f"in {progress.seconds:.3f} s"
        if progress.done == progress.total:
            now = f", {progress.done - progress.before} of them now" if progress.before else ""
            return f"all {progress.total} points done{now} {seconds}"
        points = f"{progress.done} of {progress.total} points"
        if self._steering.control.is_stopping and progress.done + progress.skipped < progress.total:
            return f"stopped after {points} by the user"
        return f"{points} done {seconds}" + (f", {progress.skipped} skipped" if progress.skipped else "")


@dataclass(slots=True)
class _PointLabel:
    """Which point it is, for messages; it is made a text only when there is one."""

    number: int
    total: int
    point: Point
    units: Mapping[str, str]

    def __str__(self) -> str:
        places = (
            f"{name} = {value:g} {self.units[name]}".rstrip() for name, value in self.point.positions.items()
        )
        return f"at point {self.number} of {self.total} ({', '.join(places)})"
