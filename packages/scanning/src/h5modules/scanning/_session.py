"""A scan's devices and its file, while both are open."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h5modules.backends import H5ModulesError, OpenMode
from h5modules.saving import H5SaverLowLevel, count_points, recorded_groups, view_of

from ._adaptive_plan import AdaptivePlan
from ._calls import Callers
from ._devices import Actuator, Detector
from ._interrupts import InterruptGate
from ._plan import Plan
from ._steering import Steering

if TYPE_CHECKING:
    from ._acquisition import Acquisition, PointTarget
    from ._scan_group import ScanDescription
    from ._station import Station


@dataclass(frozen=True, slots=True)
class ScanSetup:
    """What is scanned, by what, and what the file tells of it.

    Attributes
    ----------
    plan
        Where to go; the devices were checked against it.
    actuators, detectors
        The devices; actuators that the plan does not name stay where they are.
    title, attributes
        Those of the scan's group.
    nexus
        Whether programs that plot NeXus files find the scan: see `H5SaverLowLevel`.
    """

    plan: Plan | AdaptivePlan
    actuators: Sequence[Actuator]
    detectors: Sequence[Detector]
    title: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    nexus: bool | None = None

    @property
    def moved(self) -> tuple[Actuator, ...]:
        """The actuators that the plan moves, slow to fast."""
        by_title = {actuator.title: actuator for actuator in self.actuators}
        return tuple(by_title[name] for name in self.plan.actuators)


@dataclass(frozen=True, slots=True)
class Session:
    """A scan's devices and its file, while both are open: see `open_session`.

    Attributes
    ----------
    setup, steering
        The scan, and what it listens to.
    station, scan
        The devices, as they are called, and as the file describes them.
    h5saver
        The file.
    gate
        Holds Ctrl-C back.
    """

    setup: ScanSetup
    steering: Steering
    station: Station
    scan: ScanDescription
    h5saver: H5SaverLowLevel
    gate: InterruptGate

    def acquisition(self, target: PointTarget) -> Acquisition:
        """Return what acquires points, and saves them there."""
        from ._acquisition import Acquisition

        return Acquisition(len(self.setup.plan), self.station, target, self.steering, self.gate)


@contextmanager
def open_session(setup: ScanSetup, steering: Steering, path: Path, mode: OpenMode) -> Iterator[Session]:
    """Open a file for a scan that was checked.

    A new file in which an error leaves no point is taken away again, so that the scan can be begun again.

    Raises
    ------
    DeviceError
        When a device cannot tell its unit, its axes or its settings; the file was not touched.
    FileError
        When the file cannot be opened.
    KeyboardInterrupt
        In the end, when Ctrl-C was held back and not asked for before.
    """
    # Here and not above: PyMoDAQ's data take a second to import, and planning does without them.
    from ._scan_group import ScanDescription
    from ._station import Station

    control = steering.control
    with Callers(control) as callers:
        plan, moved, detectors = setup.plan, setup.moved, setup.detectors
        station = Station(plan.outline, moved, detectors, steering.policy, callers)
        scan = ScanDescription.of(setup.title, plan, moved, detectors)
        with InterruptGate(control.stop) as gate, _opened(path, mode, setup.nexus) as h5saver:
            if mode == "r+" and view_of(h5saver) is None:
                h5saver.nexus = False  # what was begun without it is gone on with without it
            yield Session(setup, steering, station, scan, h5saver, gate)


@contextmanager
def _opened(path: Path, mode: OpenMode, nexus: bool | None) -> Iterator[H5SaverLowLevel]:
    """Open a file; one that was not there before, and in which an error leaves no point, is gone then."""
    is_new = mode in ("x", "w") and not os.path.lexists(path)
    is_kept = True
    try:
        with H5SaverLowLevel.from_file(path, mode=mode, nexus=nexus) as h5saver:
            try:
                yield h5saver
            except BaseException:  # Ctrl-C too
                is_kept = not is_new or _holds_points(h5saver)
                raise
    except BaseException as error:
        if not is_kept:
            with suppress(OSError):  # where another program reads it, Windows keeps it
                path.unlink()
                error.add_note(f"{str(path)!r} was new and held no point: it was taken away again.")
        raise


def _holds_points(h5saver: H5SaverLowLevel) -> bool:
    try:
        return any(count_points(*found).acquired for found in recorded_groups(h5saver))
    except H5ModulesError:  # a broken disk, say: nobody knows
        return True
