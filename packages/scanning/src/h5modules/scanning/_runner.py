"""Run a plan: move, read, save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from h5modules.saving import H5SaverLowLevel

from ._devices import Actuator, Detector
from ._errors import PlanError
from ._output import Output
from ._plan import Plan
from ._progress import Progress


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


def run_scan(
    plan: Plan,
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector],
    path: Path | str,
    *,
    append: bool = False,
    overwrite: bool = False,
    title: str = "Scan",
    callback: Callable[[Progress], None] | None = None,
) -> ScanResult:
    """Run a scan and save it.

    Everything is checked before anything moves or is written. When a point is done, its values are in the file: a
    scan that is interrupted keeps all points before.

    Parameters
    ----------
    plan
        Where to go.
    actuators
        What the plan moves; those it does not name stay where they are and are not saved.
    detectors
        What is read at each point.
    path
        The file; ``.h5`` is added where no suffix speaks of h5.
    append
        Add the scan to the file if it is there.
    overwrite
        Replace the file if it is there.
    title
        The title of the scan.
    callback
        Called after each point.

    Returns
    -------
    The file, the scan's group in it, and how long it took.

    Raises
    ------
    PlanError
        When the plan asks for actuators that are not there, exceeds limits, or there are no detectors.
    FileTakenError, FileMissingError, FileAccessError
        When the file is there (without `append` or `overwrite`), its folder is not, or it cannot be written.
    """
    _check_devices(plan, actuators, detectors)
    output = Output(Path(path), append=append, overwrite=overwrite)
    output.check()
    # Here and not above: PyMoDAQ's data take a second to import, and planning does without them.
    from ._acquisition import Acquisition

    by_title = {actuator.title: actuator for actuator in actuators}
    moved = [by_title[name] for name in plan.actuators]
    with H5SaverLowLevel.from_file(output.path, mode=output.mode, new_file=overwrite) as h5saver:
        scan = Acquisition(plan, moved, detectors, h5saver, title)
        progress = scan.run(callback)
        return ScanResult(output.path, scan.node, progress)


def _check_devices(plan: Plan, actuators: Sequence[Actuator], detectors: Sequence[Detector]) -> None:
    titles = [device.title for device in (*actuators, *detectors)]
    twice = sorted({title for title in titles if titles.count(title) > 1})
    if twice:
        raise PlanError(f"two devices are titled {', '.join(map(repr, twice))}; each needs a title of its own.")
    if not detectors:
        raise PlanError("the scan has no detectors; give at least one.")
    plan.check(actuators)
