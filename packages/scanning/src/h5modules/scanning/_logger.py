"""Log devices against the time, for days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from h5modules.backends import FileTakenError

from ._calls import Callers
from ._checks import check_roles, require_own_titles, require_titles
from ._control import ScanControl
from ._devices import Actuator, Detector
from ._errors import PlanError
from ._functions import Values, as_detector
from ._interrupts import InterruptGate
from ._log_progress import LogProgress
from ._log_rule import LogRule, latest_number, numbered
from ._output import Output
from ._policy import STOP, FailurePolicy
from ._problems import Problems, make_all

_EVERY_SECOND = LogRule()


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
    nexus: bool | None = None,
) -> LogProgress:
    """Record detectors, and where actuators are, against the time; nothing is moved.

    Devices have rows of their own, and a rate of their own where the rule says so; those that are due at the
    same time are read at the same time, and the slowest of them is waited for. It ends after
    `LogRule.seconds`, by Ctrl-C, or by `control`. Each reading is in the file when the next begins; memory
    does not grow.

    Parameters
    ----------
    actuators, detectors
        What is recorded.
    path
        The file; the next ones, if the rule asks for any, are numbered.
    rule
        How often, for how long, and when the next file is begun.
    append
        Go on in the file if it is there: with its last log, or with a new one if that is of other devices.
    overwrite
        Replace the file if it is there.
    title
        The title of the log.
    callback
        Called after each reading.
    control
        The buttons to stop it with.
    policy
        What to do when a device fails: stop, or leave its readings out until it answers again, which the
        file's log tells; time-outs and retries.
    nexus
        Whether programs that plot NeXus files find the log: as for `run_scan`.

    Returns
    -------
    How far it came.

    Raises
    ------
    PlanError
        When there is nothing to record, a device lacks a method, or the rule names one that is not there.
    FileTakenError
        When the file is there, or one of its series (without `append`).
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
    make_all(
        lambda: _check(actuators, readers, rule, policy), output.check, lambda: check_series(output, rule)
    )
    # Here and not above: PyMoDAQ's data take a second to import.
    from ._log_file import LogFiles
    from ._log_run import Listening, LogRun
    from ._logged import LogStation
    from ._scan_group import ScanDescription, device_module

    control = control or ScanControl()
    with Callers(control) as callers:
        station = LogStation(actuators, readers, rule, policy, callers)
        modules = tuple(map(device_module, readers)), tuple(map(device_module, actuators))
        log = ScanDescription(title, "", *modules)
        with (
            InterruptGate(control.stop) as gate,
            LogFiles(output.path, output.mode, log, rule, nexus=nexus) as files,
        ):
            progress = LogRun(station, files, rule, Listening(gate, control, policy, callback)).run()
            gate.forget()  # Ctrl-C is how a log ends
    return progress


def _check(
    actuators: Sequence[Actuator], detectors: Sequence[Detector], rule: LogRule, policy: FailurePolicy
) -> None:
    problems = Problems()
    with problems.gathering():
        if not actuators and not detectors:
            raise PlanError("there is nothing to log; give at least one actuator or detector.")
    with problems.gathering():
        check_roles(actuators, detectors)
    problems.raise_any()
    with problems.gathering():
        require_own_titles((*actuators, *detectors))
    with problems.gathering():
        require_titles(rule.devices, (*actuators, *detectors), "a rate is told")
    with problems.gathering():
        require_titles(policy.limits, (*actuators, *detectors), "a time-out or retries are told")
    problems.raise_any()


def check_series(output: Output, rule: LogRule) -> None:
    """Refuse files of an earlier series, which the log would run into in the middle of the night.

    Raises
    ------
    FileTakenError
        When there is one, and the series is not gone on with.
    """
    if rule.has_series and not output.append and (latest := latest_number(output.path)):
        taken = numbered(output.path, latest)
        raise FileTakenError(
            f"{str(taken)!r} exists already, where the log may go on; go on with that series (append, "
            "--append), move it away, or choose another name."
        )
