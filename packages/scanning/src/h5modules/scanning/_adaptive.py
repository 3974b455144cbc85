"""Scans that choose their places on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h5modules.backends import OpenMode

from ._adaptive_plan import AdaptivePlan
from ._checks import check_devices
from ._control import ScanControl
from ._devices import Actuator, Detector
from ._errors import PlanError
from ._functions import Values, as_detector
from ._learner import Learner
from ._output import Output
from ._policy import STOP, FailurePolicy
from ._problems import make_all
from ._progress import Progress
from ._runner import ScanResult
from ._session import ScanSetup, open_session
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
    nexus: bool | None = None,
) -> ScanResult:
    """Run a scan whose next place is chosen by what was measured before, and save it row by row.

    Parameters
    ----------
    plan
        The box, the most points, and what decides.
    actuators, detectors, path, append, overwrite, title, callback, control, policy, attributes, nexus
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
    make_all(lambda: _check(plan, actuators, readers, policy), output.check)
    setup = ScanSetup(plan, actuators, readers, title, attributes or {}, nexus)
    steering = Steering(control or ScanControl(), policy, callback)
    return _run(plan, setup, steering, output.path, output.mode)


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
    _check(plan, actuators, readers, policy)
    steering = Steering(control or ScanControl(), policy, callback)
    return _run(plan, ScanSetup(plan, actuators, readers), steering, Path(path), "r+")


def _check(
    plan: AdaptivePlan,
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector],
    policy: FailurePolicy,
) -> None:
    def is_read() -> None:
        if plan.observe not in [getattr(each, "title", "") for each in detectors]:
            raise PlanError(f"the plan observes {plan.observe!r}, no detector has this title.")

    make_all(
        lambda: check_devices(plan.outline, actuators, detectors, policy), is_read, lambda: Learner(plan)
    )


def _run(plan: AdaptivePlan, setup: ScanSetup, steering: Steering, path: Path, mode: OpenMode) -> ScanResult:
    """Run a scan that was checked; mode ``r+`` goes on with the last one of the file."""
    with open_session(setup, steering, path, mode) as session:
        from ._adaptive_group import AdaptiveGroup

        group = AdaptiveGroup(plan, session)
        acquisition = session.acquisition(group)
        progress = _go_on(acquisition, group) if mode == "r+" else acquisition.run(group.points())
        if group.is_satisfied:
            progress = replace(progress, total=progress.done + progress.skipped)
        return ScanResult(Path(session.h5saver.filename), group.node, progress)


def _go_on(acquisition: Acquisition, group: AdaptiveGroup) -> Progress:
    done, places = group.find()
    group.log(f"resumed at point {done + 1}")
    if places:
        acquisition.approach(done, places)
    return acquisition.run(group.points(done), done)
