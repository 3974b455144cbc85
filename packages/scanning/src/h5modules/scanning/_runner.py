"""Run a plan: move, read, save."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h5modules.backends import OpenMode

from ._checks import check_devices
from ._control import ScanControl
from ._devices import Actuator, Detector
from ._functions import Values, as_detector
from ._output import Output
from ._plan import Plan, Point
from ._policy import STOP, FailurePolicy
from ._problems import make_all
from ._progress import Progress
from ._session import ScanSetup, open_session
from ._steering import Steering

if TYPE_CHECKING:
    from ._acquisition import Acquisition
    from ._scan_group import ScanGroup


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan has left.

    Attributes
    ----------
    path
        The file.
    node
        The path of the scan's group in it.
    progress
        Points, time and rate.
    """

    path: Path
    node: str
    progress: Progress

    @property
    def is_complete(self) -> bool:
        """Whether all points of the plan are saved."""
        return self.progress.done == self.progress.total


def run_scan(  # noqa: PLR0913 - each is one thing that a user says
    plan: Plan,
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector | Callable[[], Values]],
    path: Path | str,
    *,
    append: bool = False,
    overwrite: bool = False,
    title: str = "Scan",
    callback: Callable[[Progress], object] | None = None,
    control: ScanControl | None = None,
    policy: FailurePolicy = STOP,
    attributes: Mapping[str, Any] | None = None,
    nexus: bool | None = None,
) -> ScanResult:
    """Run a scan and save it.

    Everything is checked before anything moves or is written, and all that is wrong is told at once. When a
    point is done, its values are in the file: a scan that stops, by an error or by Ctrl-C, keeps all points
    before. The error carries a note that tells how many, and the file's log has a line on it. Ctrl-C ends it
    after the point; hit twice, it drops the point. A new file in which an error leaves no point is taken away
    again, unless `append` is said.

    Parameters
    ----------
    plan
        Where to go. An actuator whose position stays the same from one point to the next is not moved again.
    actuators
        What the plan moves; those it does not name stay where they are and are not saved.
    detectors
        What is read at each point; a plain function is called.
    path
        The file; ``.h5`` is added where no suffix speaks of h5.
    append
        Add the scan to the file if it is there.
    overwrite
        Replace the file if it is there.
    title
        The title of the scan.
    callback
        Called before the first point and after each; an error that it raises ends the scan.
    control
        The buttons to pause, stop or abort it with.
    policy
        What to do when a device fails: time-outs, retries, skip the point or stop.
    attributes
        Further attributes of the scan's group.
    nexus
        Whether programs that plot NeXus files find the scan; they do, unless the environment variable
        ``H5MODULES_NEXUS`` is ``0``.

    Returns
    -------
    The file, the scan's group in it, and how long it took.

    Raises
    ------
    PlanError
        When the plan asks for actuators that are not there or leaves their limits, when there are no
        detectors or a device lacks a method, or when several things are wrong.
    FileTakenError, FileMissingError, FileAccessError, FileFormatError
        When the file is there (without `append` or `overwrite`), its folder is not, or it cannot be written.
    DeviceError
        When a device fails or returns what cannot be saved, before the scan or at a point.
    ScanAbortedError
        When `control` was told to abort.
    FileError
        When a point cannot be written, or there is no room for all of them.
    KeyboardInterrupt
        When Ctrl-C stopped the scan.

    Examples
    --------
    >>> import numpy as np
    >>> from h5modules.scanning import LinearAxis
    >>> class Stage:
    ...     title, units, position = 'Stage', 'mm', 0.0
    ...     def move_to(self, value):
    ...         self.position = value
    >>> class Diode:
    ...     title, units = 'Diode', 'V'
    ...     def read(self):
    ...         return np.exp(-stage.position**2)
    >>> stage = Stage()
    >>> result = run_scan(Plan([LinearAxis('Stage', -1, 1, 5)]), [stage], [Diode()], tmp_path / 'scan.h5')
    >>> result.path.name, result.node, result.progress.done
    ('scan.h5', '/RawData/Scan000', 5)
    """
    readers = tuple(map(as_detector, detectors))
    output = Output(Path(path), append=append, overwrite=overwrite)
    make_all(lambda: check_devices(plan, actuators, readers, policy), output.check)
    setup = ScanSetup(plan, actuators, readers, title, attributes or {}, nexus)
    steering = Steering(control or ScanControl(), policy, callback)
    return _run(plan, setup, steering, output.path, output.mode)


def resume_scan(  # noqa: PLR0913 - each is one thing that a user says
    plan: Plan,
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector | Callable[[], Values]],
    path: Path | str,
    *,
    callback: Callable[[Progress], object] | None = None,
    control: ScanControl | None = None,
    policy: FailurePolicy = STOP,
) -> ScanResult:
    """Go on with the last scan of a file: acquire the points that are not acquired yet.

    The actuators first go to the point before the first that is missing, so that they come to it as they
    would have.

    Parameters
    ----------
    plan, actuators, detectors
        As for `run_scan`; the same as the scan was begun with.
    path
        The file.
    callback, control, policy
        As for `run_scan`.

    Returns
    -------
    The file, the scan's group, and how many points are saved now.

    Raises
    ------
    ScanResumeError
        When the file holds no scan with a point, or it has another plan or other devices; nothing was moved.
    PlanError, FileError, DeviceError, ScanAbortedError, KeyboardInterrupt
        As for `run_scan`.
    """
    readers = tuple(map(as_detector, detectors))
    check_devices(plan, actuators, readers, policy)
    steering = Steering(control or ScanControl(), policy, callback)
    return _run(plan, ScanSetup(plan, actuators, readers), steering, Path(path), "r+")


def _run(plan: Plan, setup: ScanSetup, steering: Steering, path: Path, mode: OpenMode) -> ScanResult:
    """Run a scan that was checked; mode ``r+`` goes on with the last one of the file."""
    with open_session(setup, steering, path, mode) as session:
        from ._scan_group import ScanGroup

        group = ScanGroup(plan, session)
        acquisition = session.acquisition(group)
        if mode == "r+":
            progress = _go_on(acquisition, group, plan)
        else:
            progress = acquisition.run(_numbered(plan, range(len(plan))))
        return ScanResult(Path(session.h5saver.filename), group.node, progress)


def _numbered(plan: Plan, steps: Iterable[int]) -> Iterator[tuple[int, Point]]:
    return ((step + 1, plan.point(step)) for step in steps)


def _go_on(acquisition: Acquisition, group: ScanGroup, plan: Plan) -> Progress:
    is_acquired = group.find()
    missing = (step for step in range(len(plan)) if not is_acquired[plan.point(step).index])
    first = next(missing, None)
    before = int(is_acquired.sum())
    if first is None:
        return Progress(before, len(plan), 0.0, before=before)
    group.log(f"resumed at point {first + 1} of {len(plan)}")
    if first > 0:
        acquisition.approach(first, [_places_before(plan, first - 1), plan.point(first - 1).positions])
    return acquisition.run(_numbered(plan, itertools.chain([first], missing)), before)


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
