"""One scan while it runs: move, read, save."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pymodaq_data.data import Axis, DataToExport

from h5modules.module_saving import ScanSaver, settings_to_xml
from h5modules.saving import H5SaverLowLevel

from ._devices import Actuator, Detector, settings_of, units_of
from ._plan import Plan, Point
from ._progress import Progress
from ._reading import DetectorReading, actuator_reading


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
    """One scan, while it runs."""

    def __init__(
        self,
        plan: Plan,
        actuators: Sequence[Actuator],
        detectors: Sequence[Detector],
        h5saver: H5SaverLowLevel,
        title: str,
    ) -> None:
        self._plan = plan
        self._actuators = {actuator.title: actuator for actuator in actuators}
        self._readings = [DetectorReading(detector) for detector in detectors]
        self._saver = ScanSaver(_scan_module(title, plan, actuators, detectors), h5saver)
        self._saver.set_scan_shape(plan.shape)
        group = self._saver.get_set_node(new=True)
        group.attrs["plan"] = plan.to_toml()
        self._saver.add_nav_axes(_nav_axes(plan, self._actuators))
        self.node = group.path
        self._log(f"{title}: {len(plan)} points of shape {plan.shape}")

    def run(self, callback: Callable[[Progress], None] | None) -> Progress:
        """Go through all points; how it ended is told in the file's log."""
        progress = Progress(0, len(self._plan), 0.0)
        start = time.perf_counter()
        try:
            for done, point in enumerate(self._plan, start=1):
                self._acquire(point)
                progress = Progress(done, len(self._plan), time.perf_counter() - start)
                if callback is not None:
                    callback(progress)
        except BaseException as error:  # a stop by the user too
            self._log(f"stopped after {progress.done} of {progress.total} points: {type(error).__name__}: {error}")
            raise
        self._log(f"all {progress.total} points done in {progress.seconds:.3f} s")
        return progress

    def _log(self, message: str) -> None:
        now = datetime.datetime.now().isoformat(sep=" ", timespec="milliseconds")
        self._saver.h5saver.add_log(f"{now} {self.node.rpartition('/')[2]} {message}")

    def _acquire(self, point: Point) -> None:
        for name, value in point.positions.items():
            self._actuators[name].move_to(value)
        signals = [actuator_reading(actuator) for actuator in self._actuators.values()]
        signals.extend(reading.read() for reading in self._readings)
        self._saver.add_data(DataToExport("point", data=signals), point.index)


def _scan_module(
    title: str, plan: Plan, actuators: Sequence[Actuator], detectors: Sequence[Detector]
) -> _ScanModule:
    axes = {axis.actuator: {"start": axis.start, "stop": axis.stop, "points": axis.points} for axis in plan.axes}
    xml = settings_to_xml({"plan": axes, "points": len(plan)})
    return _ScanModule(title, xml, _modules(detectors), _modules(actuators))


def _modules(devices: Sequence[Actuator] | Sequence[Detector]) -> tuple[_DeviceModule, ...]:
    return tuple(_DeviceModule(device.title, settings_to_xml(settings_of(device))) for device in devices)


def _nav_axes(plan: Plan, actuators: dict[str, Actuator]) -> list[Axis]:
    return [
        Axis(axis.actuator, units_of(actuators[axis.actuator]), np.asarray(axis.positions()), index=index)
        for index, axis in enumerate(plan.axes)
    ]
