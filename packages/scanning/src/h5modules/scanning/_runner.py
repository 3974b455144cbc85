"""Run a plan: move, read, save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from h5modules.saving import H5SaverLowLevel

from ._checks import check_devices
from ._devices import Actuator, Detector
from ._interrupts import InterruptGate
from ._output import Output
from ._plan import Plan
from ._problems import Problems
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


def run_scan(  # noqa: PLR0913 - each is one thing that a user says
    plan: Plan,
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector],
    path: Path | str,
    *,
    append: bool = False,
    overwrite: bool = False,
    title: str = "Scan",
    callback: Callable[[Progress], object] | None = None,
) -> ScanResult:
    """Run a scan and save it.

    Everything is checked before anything moves or is written, and all that is wrong is told at once. When a
    point is done, its values are in the file: a scan that stops, by an error or by Ctrl-C, keeps all points
    before. The error carries a note that tells how many, and the file's log has a line on it.

    Parameters
    ----------
    plan
        Where to go. An actuator whose position stays the same from one point to the next is not moved again.
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
        Called before the first point and after each.

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
    FileError
        When a point cannot be written, or there is no room for all of them.
    KeyboardInterrupt
        When the user stopped the scan: at once while devices are at work, else when the point is saved.

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
    output = Output(Path(path), append=append, overwrite=overwrite)
    problems = Problems()
    with problems.gathering():
        check_devices(plan, actuators, detectors)
    with problems.gathering():
        output.check()
    problems.raise_any()
    # Here and not above: PyMoDAQ's data take a second to import, and planning does without them.
    from ._acquisition import Acquisition

    by_title = {actuator.title: actuator for actuator in actuators}
    scan = Acquisition(plan, [by_title[name] for name in plan.actuators], detectors, title)
    with InterruptGate() as gate, H5SaverLowLevel.from_file(output.path, mode=output.mode) as h5saver:
        progress = scan.run(h5saver, gate, callback)
    return ScanResult(output.path, scan.node, progress)
