"""Scans that choose their places on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from h5modules.saving import H5SaverLowLevel

from ._adaptive_plan import AdaptivePlan
from ._calls import Callers
from ._checks import check_devices
from ._control import ScanControl
from ._devices import Actuator, Detector
from ._errors import PlanError
from ._functions import Values, as_detector
from ._interrupts import InterruptGate
from ._output import Output
from ._plan import Plan
from ._policy import STOP, FailurePolicy
from ._problems import Problems
from ._progress import Progress
from ._runner import ScanResult
from ._spread import TableAxis
from ._steering import Steering

if TYPE_CHECKING:
    from pymodaq_data.data import DataRaw

    from ._station import Station


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
) -> ScanResult:
    """Run a scan whose next place is chosen by what was measured before, and save it row by row.

    Parameters
    ----------
    plan
        The box, the most points, and what decides.
    actuators, detectors, path, append, overwrite, title, callback, control
        As for `run_scan`.
    policy
        Time-outs and retries of devices; a point that fails for good ends the scan.

    Returns
    -------
    The file, the scan's group in it, and how many points were measured; the total is the most.

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
        # The corners of the box tell whether all of it lies within the limits.
        check_devices(Plan([TableAxis(plan.actuators, [plan.low, plan.high])]), actuators, readers)
    with problems.gathering():
        if plan.observe not in [getattr(each, "title", "") for each in readers]:
            raise PlanError(f"the plan observes {plan.observe!r}, no detector has this title.")
    with problems.gathering():
        output.check()
    learner = None
    with problems.gathering():
        learner = _learner(plan)
    problems.raise_any()
    from ._station import Station

    steering = Steering(control or ScanControl(), policy, callback)
    by_title = {each.title: each for each in actuators}
    moved = tuple(by_title[name] for name in plan.actuators)
    with Callers(steering.control) as callers:
        station = Station(Plan([TableAxis(plan.actuators, [plan.low])]), moved, readers, policy, callers)
        with (
            InterruptGate(steering.control.stop) as gate,
            H5SaverLowLevel.from_file(output.path, mode=output.mode) as h5saver,
        ):
            rows = _Rows(plan, station, h5saver, title, (moved, readers))
            progress = _learn(plan, learner, rows, steering, gate)
            gate.release()
    return ScanResult(output.path, rows.node, progress)


class _Rows:
    """Measures at a place, and saves what was measured as the next row."""

    def __init__(
        self,
        plan: AdaptivePlan,
        station: Station,
        h5saver: H5SaverLowLevel,
        title: str,
        devices: tuple[Sequence[Actuator], Sequence[Detector]],
    ) -> None:
        from h5modules.module_saving import OptimizerSaver

        from ._scan_group import ScanDescription, device_module

        moved, read = devices
        modules = tuple(map(device_module, read)), tuple(map(device_module, moved))
        units = [station.units[name] for name in plan.actuators]
        scan = ScanDescription(title, "", *modules)
        self._plan, self._station = plan, station
        self._saver = OptimizerSaver(scan, plan.actuators, units, h5saver)
        self.node = ""

    def measure(self, place: Sequence[float], number: int) -> list[DataRaw]:
        """Go to a place and measure there."""
        when = f"at point {number} ({', '.join(f'{value:g}' for value in place)})"
        self._station.prepare(number, when)
        self._station.move(dict(zip(self._plan.actuators, place, strict=True)), when)
        return self._station.measure(when)

    def save(self, place: Sequence[float], signals: Sequence[DataRaw]) -> float:
        """Save a row; return what was observed."""
        from pymodaq_data.data import DataToExport

        from ._scan_group import PLAN_NAME

        if not self.node:  # not before: a scan that cannot even begin leaves no group
            group = self._saver.get_set_node(new=True)
            group.attrs[PLAN_NAME] = self._plan.to_toml()
            self.node = group.path
        self._saver.add_data(DataToExport("row", data=list(signals)), axis_values=list(place))
        (observed,) = (signal for signal in signals if signal.origin == self._plan.observe)
        return float(np.mean(observed.data[0]))


def _learn(
    plan: AdaptivePlan, learner: Any, rows: _Rows, steering: Steering, gate: InterruptGate
) -> Progress:
    start, progress = time.perf_counter(), Progress(0, plan.points, 0.0)
    while progress.done < plan.points and (progress.done < 2 or learner.loss() > plan.loss):
        with gate.passing():
            if not steering.control.wait_to_go_on():
                break
            (asked,), _ = learner.ask(1)
            place = tuple(float(value) for value in np.atleast_1d(asked))
            signals = rows.measure(place, progress.done + 1)
        learner.tell(asked, rows.save(place, signals))
        progress = Progress(progress.done + 1, plan.points, time.perf_counter() - start)
        if steering.callback is not None:
            with gate.passing():
                steering.callback(progress)
    return progress


def _learner(plan: AdaptivePlan) -> Any:
    try:
        import adaptive
    except ImportError as error:
        message = 'adaptive scans need a library; try: pip install "h5modules-scanning[adaptive]"'
        raise PlanError(message) from error
    if len(plan.actuators) == 1:
        return adaptive.Learner1D(None, bounds=plan.bounds[0])
    if len(plan.actuators) == 2:
        return adaptive.Learner2D(None, bounds=plan.bounds)
    return adaptive.LearnerND(None, bounds=plan.bounds)
