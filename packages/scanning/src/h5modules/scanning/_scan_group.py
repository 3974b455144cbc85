"""The group of one scan in its file: made at the first point, or found to go on with."""

from __future__ import annotations

import datetime
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pymodaq_data.data import Axis, DataDistribution, DataToExport

from h5modules.backends import CARRAY, GROUP, FileError
from h5modules.module_saving import ScanSaver, settings_to_xml
from h5modules.saving import BEGUN_NAME, RECORD_NAME, H5SaverLowLevel

from ._adaptive_plan import AdaptivePlan
from ._axis import PlanAxis
from ._devices import Actuator, Detector, Device, calling, settings_of
from ._errors import PlanError, ScanResumeError
from ._exact import exact_axis
from ._plan import Plan, Point
from ._plan_differences import told_differences
from ._resuming import PLAN_NAME

if TYPE_CHECKING:
    from ._session import Session


@dataclass(frozen=True, slots=True)
class DeviceModule:
    """A device, as the saver of a scan wants to see it."""

    title: str
    xml: str

    def settings_xml(self) -> str:
        """Return its settings as XML."""
        return self.xml


@dataclass(frozen=True, slots=True)
class ScanDescription(DeviceModule):
    """A scan, as its saver wants to see it."""

    detectors: tuple[DeviceModule, ...]
    actuators: tuple[DeviceModule, ...]

    @classmethod
    def of(
        cls,
        title: str,
        plan: Plan | AdaptivePlan,
        actuators: Sequence[Actuator],
        detectors: Sequence[Detector],
    ) -> ScanDescription:
        """Return the description of a scan; the devices are asked for their settings.

        Raises
        ------
        DeviceFailedError
            When one cannot tell them.
        """
        settings: dict[str, Any] = {"plan": plan.to_toml(), "points": len(plan)}
        return cls(
            title,
            settings_to_xml(settings),
            tuple(map(device_module, detectors)),
            tuple(map(device_module, actuators)),
        )


def device_module(device: Device) -> DeviceModule:
    """Return a device as its saver wants to see it; it is asked for its settings.

    Raises
    ------
    DeviceFailedError
        When it cannot tell them.
    """
    with calling(f"device {device.title!r}", "when it was asked for its settings"):
        return DeviceModule(device.title, settings_to_xml(settings_of(device)))


class ScanGroup:
    """Where one scan is saved.

    Parameters
    ----------
    plan
        Where it goes.
    session
        Its devices and its file.
    """

    def __init__(self, plan: Plan, session: Session) -> None:
        self._scan = session.scan
        self._plan = plan
        self._units = session.station.units
        self._h5saver = session.h5saver
        self._attributes = session.setup.attributes
        self._distribution = DataDistribution.spread if plan.is_spread else DataDistribution.uniform
        self._saver = ScanSaver(session.scan, session.h5saver)
        self.node = ""

    @property
    def filename(self) -> str:
        """The path of the file."""
        return str(self._h5saver.filename)

    def save(self, point: Point, data: DataToExport) -> None:
        """Save a point; the group is made at the first.

        Raises
        ------
        FileError
            When it cannot be written, or the whole scan has no room on the disk.
        DataMismatchError
            When it is not like the first.
        """
        if not self.node:  # not before: a scan that cannot even begin leaves no group
            self._require_room(data)
            self._make()
        self._saver.add_data(data, point.index, distribution=self._distribution)

    def _make(self) -> None:
        """Make the group, with the plan and its axes."""
        plan = self._plan
        self._saver.set_scan_shape(plan.shape)
        group = self._saver.get_set_node(new=True)
        self.node = group.path
        group.attrs.write({PLAN_NAME: plan.to_toml(), BEGUN_NAME: time.time(), **self._attributes})
        self._saver.add_nav_axes(list(_nav_axes(plan, self._units)))
        self.log(f"{len(plan)} points of shape {plan.shape}")

    def _require_room(self, data: DataToExport) -> None:
        """Refuse a scan that cannot fit on the disk, rather than let it end in the middle of the night."""
        needed = len(self._plan) * sum(values.nbytes for signal in data.data for values in signal.data)
        folder = Path(self.filename).absolute().parent
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise FileError(
                f"the scan needs {needed / 1e9:.3g} GB, and {free / 1e9:.3g} GB are free in {str(folder)!r}; "
                "make room, or scan fewer points."
            )

    def find(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Take the last scan of the file; return which of its points are acquired, in the scan's shape.

        Raises
        ------
        ScanResumeError
            When there is none, or it was made by another plan or other devices.
        """
        group = self._saver.get_last_node()
        if group is None or RECORD_NAME not in group:
            raise ScanResumeError(f"{self.filename!r} holds no scan that could be gone on with.")
        if not self._was_made_by_plan(group):
            raise other_plan(group, self.filename, self._plan)
        require_devices(self._h5saver, group, self._scan)
        record = group.get_child(RECORD_NAME)
        assert isinstance(record, CARRAY)  # the layout says so
        self._saver.set_scan_shape(self._plan.shape)
        self.node = self._saver.get_set_node().path
        return np.asarray(record.read()) > 0

    def _was_made_by_plan(self, group: GROUP) -> bool:
        text = str(group.attrs.get(PLAN_NAME, ""))
        if text == self._plan.to_toml():  # an axis of the caller's own cannot be read back
            return True
        try:
            return Plan.from_toml(text) == self._plan
        except PlanError:
            return False

    def log(self, message: str) -> None:
        """Add a line to the file's log, with the time and the scan."""
        log_line(self._h5saver, f"{self.node.rpartition('/')[2]} {self._scan.title}".strip(), message)


def other_plan(group: GROUP, filename: str, plan: Plan | AdaptivePlan) -> ScanResumeError:
    """Return the error that a scan was made by another plan, with what differs."""
    told = told_differences(str(group.attrs.get(PLAN_NAME, "")), plan.to_toml())
    return ScanResumeError(
        f"{group.path!r} in {filename!r} was made by another plan" + (f": {told}." if told else ".")
    )


def log_line(h5saver: H5SaverLowLevel, who: str, message: str) -> None:
    """Add a line to the log of a file: the time, who, and what."""
    now = datetime.datetime.now().astimezone().isoformat(sep=" ", timespec="milliseconds")
    h5saver.add_log(f"{now} {who}: {message}")


def require_devices(h5saver: H5SaverLowLevel, group: GROUP, scan: ScanDescription) -> None:
    """Make sure that a group was made with the devices of a scan.

    Raises
    ------
    ScanResumeError
        When it was made with others.
    """
    for kind, wanted in (("actuator", scan.actuators), ("detector", scan.detectors)):
        held = sorted(each.title for each in h5saver.get_groups(group, kind))
        titles = sorted(each.title for each in wanted)
        if held != titles:
            raise ScanResumeError(
                f"{group.path!r} in {h5saver.filename!r} was made with the {kind}s {held}, not {titles}."
            )


def _nav_axes(plan: Plan, units: Mapping[str, str]) -> Iterator[Axis]:
    """Return the axes of a scan: one for each dimension of a grid, or all along one list of places."""
    if not plan.is_spread:
        for index, axis in enumerate(plan.leaves):
            yield exact_axis(*_label(axis, units), _values(axis), index)
        return
    cells = np.indices(plan.grid).reshape(len(plan.grid), -1)
    order = 0
    for axis, steps in zip(plan.leaves, cells, strict=True):
        positions = axis.positions()
        for column, name in enumerate(axis.actuators):
            yield exact_axis(name, units[name], positions[steps, column], 0, order)
            order += 1


def _label(axis: PlanAxis, units: Mapping[str, str]) -> tuple[str, str]:
    return (axis.actuators[0], units[axis.actuators[0]]) if axis.actuators else ("Repetition", "")


def _values(axis: PlanAxis) -> np.ndarray[Any, np.dtype[np.float64]]:
    positions = axis.positions()
    return positions[:, 0] if positions.shape[1] else np.arange(1.0, len(axis) + 1)
