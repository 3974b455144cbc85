"""Log devices against the time, for days."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ._axis import RepeatAxis
from ._calls import Callers
from ._checks import check_roles, require_own_titles
from ._control import ScanControl
from ._devices import Actuator, Detector
from ._errors import DeviceFailedError, PlanError
from ._functions import Values, as_detector
from ._interrupts import InterruptGate
from ._log_rule import LogRule
from ._output import Output
from ._plan import Plan
from ._policy import STOP, FailurePolicy, OnFailure
from ._problems import Problems

if TYPE_CHECKING:
    from ._log_file import LogFiles
    from ._station import Station

_EVERY_SECOND = LogRule()


@dataclass(frozen=True, slots=True)
class LogProgress:
    """How far a log has come.

    Attributes
    ----------
    path
        The file that rows go to.
    rows, failed
        Readings of which something was saved, and those that failed and were left out.
    seconds
        Time since the log was begun.
    """

    path: Path
    rows: int
    failed: int
    seconds: float


def log_devices(  # noqa: PLR0913 - each is one thing that a user says
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector | Callable[[], Values]],
    path: Path | str,
    rule: LogRule = _EVERY_SECOND,
    *,
    append: bool = False,
    overwrite: bool = False,
    title: str = "Log",
    callback: Callable[[LogProgress], object] | None = None,
    control: ScanControl | None = None,
    policy: FailurePolicy = STOP,
) -> LogProgress:
    """Record detectors, and where actuators are, against the time; nothing is moved.

    It ends after `LogRule.seconds`, by Ctrl-C, or by `control`. Each reading is in the file when the next
    begins; memory does not grow.

    Parameters
    ----------
    actuators, detectors
        What is recorded.
    path
        The file; the next ones, if the rule asks for any, are numbered.
    rule
        How often, for how long, and when the next file is begun.
    append
        Go on in the file, with its last log, if it is there.
    overwrite
        Replace the file if it is there.
    title
        The title of the log.
    callback
        Called after each reading.
    control
        The buttons to stop it with.
    policy
        What to do when a device fails: stop, or leave the reading out; time-outs and retries.

    Returns
    -------
    How far it came.

    Raises
    ------
    PlanError
        When there is nothing to record, or a device lacks a method.
    DeviceError, FileError
        As for `run_scan`.

    Examples
    --------
    >>> class Diode:
    ...     title, units = 'Diode', 'V'
    ...     def read(self):
    ...         return 0.5
    >>> log_devices([], [Diode()], tmp_path / 'log.h5', LogRule(interval=0.01, seconds=0.5)).rows > 1
    True
    """
    readers = tuple(map(as_detector, detectors))
    output = Output(Path(path), append=append, overwrite=overwrite)
    problems = Problems()
    with problems.gathering():
        _check(actuators, readers)
    with problems.gathering():
        output.check()
    problems.raise_any()
    # Here and not above: PyMoDAQ's data take a second to import.
    from ._log_file import LogFiles
    from ._scan_group import ScanDescription, device_module
    from ._station import Station

    control = control or ScanControl()
    with Callers(control) as callers:
        station = Station(Plan([RepeatAxis(1)]), actuators, readers, policy, callers)
        modules = tuple(map(device_module, readers)), tuple(map(device_module, actuators))
        log = ScanDescription(title, "", *modules)
        with InterruptGate(control.stop) as gate, LogFiles(output.path, output.mode, log, rule) as files:
            progress = _record(station, files, rule, _Listening(gate, control, policy, callback))
            files.note(f"log ends after {progress.rows} readings")
            gate.forget()  # Ctrl-C is how a log ends
    return progress


@dataclass(frozen=True, slots=True)
class _Listening:
    gate: InterruptGate
    control: ScanControl
    policy: FailurePolicy
    callback: Callable[[LogProgress], object] | None


def _record(station: Station, files: LogFiles, rule: LogRule, listening: _Listening) -> LogProgress:
    begin = next_time = time.monotonic()
    progress = LogProgress(files.path, 0, 0, 0.0)
    while True:
        is_read, is_saved = _read_once(station, files, listening)
        now = time.monotonic()
        rows, failed = progress.rows + is_saved, progress.failed + (not is_read)
        progress = LogProgress(files.path, rows, failed, now - begin)
        if listening.callback is not None:
            with listening.gate.passing():
                listening.callback(progress)
        # Readings that take longer than the interval are not made up for.
        next_time = max(next_time + rule.interval, now)
        is_over = rule.seconds is not None and next_time - begin > rule.seconds
        with listening.gate.passing():
            if is_over or listening.control.wait_for_stop(next_time - now):
                return progress


def _read_once(station: Station, files: LogFiles, listening: _Listening) -> tuple[bool, bool]:
    """Read all devices and save a row; return whether they were read, and whether something was saved."""
    now = time.time()
    try:
        with listening.gate.passing():
            signals = station.measure("while it was logged")
    except DeviceFailedError as error:
        if listening.policy.on_failure is OnFailure.stop:
            raise
        files.note(f"left out: {error}")
        return False, False
    return True, files.add(signals, now)


def _check(actuators: Sequence[Actuator], detectors: Sequence[Detector]) -> None:
    problems = Problems()
    with problems.gathering():
        if not actuators and not detectors:
            raise PlanError("there is nothing to log; give at least one actuator or detector.")
    with problems.gathering():
        check_roles(actuators, detectors)
    problems.raise_any()
    require_own_titles((*actuators, *detectors))
