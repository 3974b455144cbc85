"""One scan while it runs: move, read, save."""

from __future__ import annotations

import datetime
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.backends import FileError, H5ModulesError
from h5modules.data_saving import DataMismatchError
from h5modules.module_saving import ScanSaver, settings_to_xml
from h5modules.saving import H5SaverLowLevel

from ._devices import Actuator, Detector, Device, calling, settings_of
from ._errors import DeviceFailedError
from ._exact import exact_axis
from ._interrupts import InterruptGate
from ._plan import Plan, Point
from ._problems import Problems
from ._progress import Progress
from ._reading import ActuatorReading, DetectorReading

Callback = Callable[[Progress], object]
"""What is told how far a scan has come."""


@dataclass(frozen=True, slots=True)
class _DeviceModule:
    """A device, as the saver of a scan wants to see it."""

    title: str
    xml: str

    def settings_xml(self) -> str:
        return self.xml


@dataclass(frozen=True, slots=True)
class _ScanModule(_DeviceModule):
    detectors: tuple[_DeviceModule, ...]
    actuators: tuple[_DeviceModule, ...]


class Acquisition:
    """One scan, while it runs.

    Parameters
    ----------
    plan, title
        Where to go, and the scan's title.
    actuators
        What is moved: one for each axis of the plan, in its order.
    detectors
        What is read.

    Raises
    ------
    PlanError, DeviceError
        When devices cannot tell their units, axes or settings, or what they tell is of no use.
    """

    def __init__(
        self, plan: Plan, actuators: Sequence[Actuator], detectors: Sequence[Detector], title: str
    ) -> None:
        self._plan = plan
        self._title = title
        self.node = ""
        self._actuators: dict[str, ActuatorReading] = {}
        self._detectors: list[DetectorReading] = []
        problems = Problems()
        for actuator in actuators:
            with problems.gathering():
                self._actuators[actuator.title] = ActuatorReading(actuator)
        for detector in detectors:
            with problems.gathering():
                self._detectors.append(DetectorReading(detector))
        with problems.gathering():
            self._module = _scan_module(title, plan, actuators, detectors)
        problems.raise_any()

    def run(self, h5saver: H5SaverLowLevel, gate: InterruptGate, callback: Callback | None) -> Progress:
        """Go through all points; how it ended is told in the file's log, and as a note on the error.

        Parameters
        ----------
        h5saver
            The open file.
        gate
            Holds Ctrl-C back; it is let pass while devices and the callback are at work.
        callback
            Called before the first point and after each.
        """
        self._h5saver = h5saver
        progress = Progress(0, len(self._plan), 0.0)
        try:
            for latest in self._points(gate):
                progress = latest
                if callback is not None:
                    with gate.passing():
                        callback(progress)
        except BaseException as error:  # Ctrl-C too
            self._note_stop(progress, error)
            raise
        self._log(f"all {progress.total} points done in {progress.seconds:.3f} s")
        return progress

    def _make_group(self) -> None:
        self._saver = ScanSaver(self._module, self._h5saver)
        self._saver.set_scan_shape(self._plan.shape)
        group = self._saver.get_set_node(new=True)
        self.node = group.path
        group.attrs["plan"] = self._plan.to_toml()
        self._saver.add_nav_axes(self._nav_axes())
        self._log(f"{len(self._plan)} points of shape {self._plan.shape}")

    def _points(self, gate: InterruptGate) -> Iterator[Progress]:
        """Acquire all points, telling before the first and after each how far it is."""
        total = len(self._plan)
        yield Progress(0, total, 0.0)
        start = time.perf_counter()
        for number, point in enumerate(self._plan, start=1):
            self._acquire(point, number, gate)
            yield Progress(number, total, time.perf_counter() - start)

    def _acquire(self, point: Point, number: int, gate: InterruptGate) -> None:
        when = self._describe(point, number)
        with gate.passing():
            signals = self._measure(point.positions, when)
        if number == 1:  # not before: a scan that cannot even begin leaves no group
            self._require_room(signals)
            self._make_group()
        try:
            self._saver.add_data(DataToExport("point", data=signals), point.index)
        except DataMismatchError as error:
            raise DeviceFailedError(f"a detector changed what it returns {when}: {error}") from error

    def _measure(self, positions: Mapping[str, float], when: str) -> list[DataRaw]:
        for name, value in positions.items():
            self._actuators[name].move(value, when)
        places = [actuator.read(when) for actuator in self._actuators.values()]
        return places + [detector.read(when) for detector in self._detectors]

    def _describe(self, point: Point, number: int) -> str:
        places = (
            f"{name} = {value:g} {self._actuators[name].units}".rstrip()
            for name, value in point.positions.items()
        )
        return f"at point {number} of {len(self._plan)} ({', '.join(places)})"

    def _require_room(self, signals: Sequence[DataRaw]) -> None:
        """Refuse a scan that cannot fit on the disk, rather than let it end in the middle of the night."""
        needed = len(self._plan) * sum(values.nbytes for signal in signals for values in signal.data)
        folder = Path(self._h5saver.filename).absolute().parent
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise FileError(
                f"the scan needs {needed / 1e9:.3g} GB, and {free / 1e9:.3g} GB are free in {str(folder)!r}; "
                "make room, or scan fewer points."
            )

    def _note_stop(self, progress: Progress, error: BaseException) -> None:
        points = f"{progress.done} of {progress.total} points"
        reason = "the user" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
        error.add_note(f"{points} are saved in {self._h5saver.filename} {self.node}".rstrip())
        try:
            self._log(f"stopped after {points} by {reason}")
        except H5ModulesError as unlogged:  # a full disk, say: what stopped the scan matters more
            error.add_note(f"The log of the file does not tell: {unlogged}")

    def _log(self, message: str) -> None:
        now = datetime.datetime.now().astimezone().isoformat(sep=" ", timespec="milliseconds")
        scan = f"{self.node.rpartition('/')[2]} {self._title}".strip()
        self._h5saver.add_log(f"{now} {scan}: {message}")

    def _nav_axes(self) -> list[Axis]:
        return [
            exact_axis(name, self._actuators[name].units, np.asarray(axis.positions()), index)
            for index, (name, axis) in enumerate(zip(self._plan.actuators, self._plan.axes, strict=True))
        ]


def _scan_module(
    title: str, plan: Plan, actuators: Sequence[Actuator], detectors: Sequence[Detector]
) -> _ScanModule:
    axes: dict[str, Any] = {
        axis.actuator: {"start": axis.start, "stop": axis.stop, "points": axis.points} for axis in plan.axes
    }
    xml = settings_to_xml({"plan": axes, "points": len(plan)})
    return _ScanModule(title, xml, tuple(map(_module, detectors)), tuple(map(_module, actuators)))


def _module(device: Device) -> _DeviceModule:
    with calling(f"device {device.title!r}", "when it was asked for its settings"):
        return _DeviceModule(device.title, settings_to_xml(settings_of(device)))
