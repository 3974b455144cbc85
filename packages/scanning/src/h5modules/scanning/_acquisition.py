"""One scan while it runs: point after point, saved, told, and noted in the log."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pymodaq_data.data import DataDistribution, DataRaw, DataToExport

from h5modules.backends import FileError, H5ModulesError
from h5modules.data_saving import DataMismatchError

from ._errors import DeviceFailedError
from ._interrupts import InterruptGate
from ._plan import Plan, Point
from ._policy import OnFailure
from ._progress import Progress
from ._scan_group import ScanGroup
from ._station import Station
from ._steering import Steering


class Acquisition:
    """One scan, while it runs.

    Parameters
    ----------
    plan
        Where to go.
    station
        The devices.
    group
        Where points are saved.
    steering
        What the scan listens to.
    gate
        Holds Ctrl-C back; it is let pass while devices and the callback are at work.
    """

    def __init__(
        self, plan: Plan, station: Station, group: ScanGroup, steering: Steering, gate: InterruptGate
    ) -> None:
        self._plan = plan
        self._station = station
        self._group = group
        self._steering = steering
        self._gate = gate
        self._units = station.units
        self._distribution = DataDistribution.spread if plan.is_spread else DataDistribution.uniform

    def run(self, steps: Iterable[int] | None = None, before: int = 0) -> Progress:
        """Go through the points; how it ended is told in the file's log, and as a note on the error.

        Parameters
        ----------
        steps
            The steps of the plan to go through; all by default.
        before
            How many points were saved before.
        """
        progress = Progress(before, len(self._plan), 0.0, before=before)
        steps = range(len(self._plan)) if steps is None else steps
        try:
            for latest in self._points(steps, progress):
                progress = latest
                if self._steering.callback is not None:
                    with self._gate.passing():
                        self._steering.callback(progress)
            self._gate.release()  # raises when Ctrl-C stopped it
        except BaseException as error:  # Ctrl-C too
            self._note_stop(progress, error)
            raise
        self._group.log(_how_it_ended(progress))
        return progress

    def approach(self, step: int) -> None:
        """Go to the point of a step without measuring, each actuator from where it last came from.

        The next point is so come to as it would have been without a break, play in a thread included.
        """
        when = self._describe(step, point := self._plan.point(step))
        with self._gate.passing():
            self._station.prepare(step + 1, when)
            self._station.move(_places_before(self._plan, step), when)
            self._station.move(point.positions, when)

    def _points(self, steps: Iterable[int], progress: Progress) -> Iterator[Progress]:
        """Acquire points, telling before the first and after each how far it is."""
        yield progress
        start = time.perf_counter()
        for step in steps:
            with self._gate.passing():
                if not self._steering.control.wait_to_go_on():
                    return
            is_saved = self._acquire(step)
            seconds = time.perf_counter() - start
            done, skipped = progress.done + is_saved, progress.skipped + (not is_saved)
            progress = Progress(done, progress.total, seconds, skipped, progress.before)
            yield progress

    def _acquire(self, step: int) -> bool:
        """Measure and save one point, again when it fails; return whether it is saved."""
        policy, tries = self._steering.policy, 0
        while True:
            try:
                self._acquire_once(step)
            except DeviceFailedError as error:
                self._station.forget()
                if tries < policy.retries:
                    tries += 1
                    self._group.log(f"again: {error}")
                elif policy.on_failure is OnFailure.stop:
                    raise
                else:
                    self._group.log(f"skipped: {error}")
                    return False
            else:
                return True

    def _acquire_once(self, step: int) -> None:
        point = self._plan.point(step)
        when = self._describe(step, point)
        with self._gate.passing():
            self._station.prepare(step + 1, when)
            self._station.move(point.positions, when)
            signals = self._station.measure(when)
        if not self._group.is_made:  # not before: a scan that cannot even begin leaves no group
            self._require_room(signals)
            self._group.make(self._plan, self._units)
        try:
            self._group.saver.add_data(
                DataToExport("point", data=signals), point.index, distribution=self._distribution
            )
        except DataMismatchError as error:
            raise DeviceFailedError(f"a detector changed what it returns {when}: {error}") from error

    def _describe(self, step: int, point: Point) -> _PointLabel:
        return _PointLabel(step + 1, len(self._plan), point, self._units)

    def _require_room(self, signals: Sequence[DataRaw]) -> None:
        """Refuse a scan that cannot fit on the disk, rather than let it end in the middle of the night."""
        needed = len(self._plan) * sum(values.nbytes for signal in signals for values in signal.data)
        folder = Path(self._group.filename).absolute().parent
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise FileError(
                f"the scan needs {needed / 1e9:.3g} GB, and {free / 1e9:.3g} GB are free in {str(folder)!r}; "
                "make room, or scan fewer points."
            )

    def _note_stop(self, progress: Progress, error: BaseException) -> None:
        points = f"{progress.done} of {progress.total} points"
        reason = "the user" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
        error.add_note(f"{points} are saved in {self._group.filename} {self._group.node}".rstrip())
        try:
            self._group.log(f"stopped after {points} by {reason}")
        except H5ModulesError as unlogged:  # a full disk, say: what stopped the scan matters more
            error.add_note(f"The log of the file does not tell: {unlogged}")


def _how_it_ended(progress: Progress) -> str:
    if progress.done == progress.total:
        return f"all {progress.total} points done in {progress.seconds:.3f} s"
    points = f"{progress.done} of {progress.total} points"
    if progress.done + progress.skipped < progress.total:
        return f"stopped after {points} by the user"
    return f"{points} done in {progress.seconds:.3f} s, {progress.skipped} skipped"


@dataclass(frozen=True, slots=True)
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


def _places_before(plan: Plan, step: int) -> dict[str, float]:
    """Return where each actuator was before it came to its place at a step; that place, if it never moved."""
    here = plan.point(step).positions
    came_from: dict[str, float] = {}
    for earlier in range(step - 1, -1, -1):
        for name, position in plan.point(earlier).positions.items():
            if position != here[name]:
                came_from.setdefault(name, position)
        if len(came_from) == len(here):
            break
    return {**here, **came_from}
