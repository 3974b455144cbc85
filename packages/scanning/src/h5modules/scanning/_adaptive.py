"""Scans that choose their places on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h5modules.backends import OpenMode
from h5modules.saving import H5SaverLowLevel

from ._adaptive_plan import AdaptivePlan
from ._calls import Callers
from ._checks import check_devices
from ._control import ScanControl
from ._devices import Actuator, Detector
from ._errors import PlanError
from ._functions import Values, as_detector
from ._interrupts import InterruptGate
from ._learner import Learner
from ._output import Output
from ._policy import STOP, FailurePolicy
from ._problems import Problems
from ._progress import Progress
from ._runner import ScanResult
from ._steering import Steering

if TYPE_CHECKING:
    from ._acquisition import Acquisition
    from ._adaptive_group import AdaptiveGroup


def run_adaptive(  # noqa: PLR0913 - each is one thing that a user says
    plan: AdaptivePlan,
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector | Callable[[], Values]],
    path: Path | str,
    *,
    append: bool = False,
    overwrite: bool = False,
    title: str = "Adaptive scan",
    callback: Callable[[Progress], object] | None = None,
    control: ScanControl | None = None,
    policy: FailurePolicy = STOP,
    attributes: Mapping[str, Any] | None = None,
) -> ScanResult:
    """Run a scan whose next place is chosen by what was measured before, and save it row by row.

    Parameters
    ----------
    plan
        The box, the most points, and what decides.
    actuators, detectors, path, append, overwrite, title, callback, control, policy, attributes
        As for `run_scan`.

    Returns
    -------
    The file, the scan's group in it, and how many points were measured. The total is the most that there may
    be; where enough was known earlier, as many as there are.

    Raises
    ------
    PlanError
        When the extra ``adaptive`` is not installed, no detector has the title that decides, and as for
        `run_scan`.
    DeviceError, FileError, ScanAbortedError, KeyboardInterrupt
        As for `run_scan`.
    """
    readers = tuple(map(as_detector, detectors))
    output = Output(Path(path), append=append, overwrite=overwrite)
    problems = Problems()
    with problems.gathering():
        _check(plan, actuators, readers)
    with problems.gathering():
        output.check()
    problems.raise_any()
    setup = _Setup(plan, _moved(plan, actuators), readers, title, attributes or {})
    return _run(setup, Steering(control or ScanControl(), policy, callback), output.path, output.mode)


def resume_adaptive(  # noqa: PLR0913 - each is one thing that a user says
    plan: AdaptivePlan,
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector | Callable[[], Values]],
    path: Path | str,
    *,
    callback: Callable[[Progress], object] | None = None,
    control: ScanControl | None = None,
    policy: FailurePolicy = STOP,
) -> ScanResult:
    """Go on with the last adaptive scan of a file: what it observed is learned again, then it chooses on.

    The actuators first go to the last two places, so that they come to the next as they would have.

    Parameters
    ----------
    plan, actuators, detectors
        As for `run_adaptive`; the same as the scan was begun with.
    path
        The file.
    callback, control, policy
        As for `run_scan`.

    Raises
    ------
    ScanResumeError
        When the file holds no adaptive scan, or it has another plan or other devices; nothing was moved.
    PlanError, FileError, DeviceError, ScanAbortedError, KeyboardInterrupt
        As for `run_adaptive`.
    """
    readers = tuple(map(as_detector, detectors))
    _check(plan, actuators, readers)
    setup = _Setup(plan, _moved(plan, actuators), readers, title="")
    return _run(setup, Steering(control or ScanControl(), policy, callback), Path(path), "r+")


@dataclass(frozen=True, slots=True)
class _Setup:
    """What is scanned, by what, and what the file tells of it."""

    plan: AdaptivePlan
    actuators: tuple[Actuator, ...]
    detectors: tuple[Detector, ...]
    title: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


def _check(plan: AdaptivePlan, actuators: Sequence[Actuator], detectors: Sequence[Detector]) -> None:
    problems = Problems()
    with problems.gathering():
        check_devices(plan.outline, actuators, detectors)
    with problems.gathering():
        if plan.observe not in [getattr(each, "title", "") for each in detectors]:
            raise PlanError(f"the plan observes {plan.observe!r}, no detector has this title.")
    with problems.gathering():
        Learner(plan)
    problems.raise_any()


def _moved(plan: AdaptivePlan, actuators: Sequence[Actuator]) -> tuple[Actuator, ...]:
    by_title = {actuator.title: actuator for actuator in actuators}
    return tuple(by_title[name] for name in plan.actuators)


def _run(setup: _Setup, steering: Steering, path: Path, mode: OpenMode) -> ScanResult:
    """Run a scan that was checked; mode ``r+`` goes on with the last one of the file."""
    # Here and not above: PyMoDAQ's data take a second to import.
    from ._acquisition import Acquisition
    from ._adaptive_group import AdaptiveGroup
    from ._scan_group import ScanDescription
    from ._station import Station

    plan, control = setup.plan, steering.control
    with Callers(control) as callers:
        station = Station(plan.outline, setup.actuators, setup.detectors, steering.policy, callers)
        scan = ScanDescription.of(setup.title, plan, setup.actuators, setup.detectors)
        with InterruptGate(control.stop) as gate, H5SaverLowLevel.from_file(path, mode=mode) as h5saver:
            group = AdaptiveGroup(scan, plan, station.units, h5saver, setup.attributes)
            acquisition = Acquisition(len(plan), station, group, steering, gate)
            progress = _go_on(acquisition, group) if mode == "r+" else acquisition.run(group.points())
            if group.is_satisfied:
                progress = replace(progress, total=progress.done + progress.skipped)
            return ScanResult(Path(h5saver.filename), group.node, progress)


def _go_on(acquisition: Acquisition, group: AdaptiveGroup) -> Progress:
    done, places = group.find()
    group.log(f"resumed at point {done + 1}")
    if places:
        acquisition.approach(done, places)
    return acquisition.run(group.points(done), done)
