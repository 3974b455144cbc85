"""One log while it runs: readings when they are due, saved, told, and what fails left out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pymodaq_data.data import DataRaw

from h5modules.data_saving import DataMismatchError

from ._control import ScanControl
from ._errors import DeviceFailedError
from ._interrupts import InterruptGate
from ._log_file import LogFiles
from ._log_progress import LogProgress
from ._log_rule import LogRule
from ._logged import LoggedDevice, LogStation
from ._policy import FailurePolicy, OnFailure
from ._stopping import note_stop


@dataclass(frozen=True, slots=True)
class Listening:
    """What a log listens to while it runs, and whom it tells.

    Attributes
    ----------
    gate
        Holds Ctrl-C back.
    control
        The buttons.
    policy
        What to do when a device fails.
    callback
        Called after each reading.
    """

    gate: InterruptGate
    control: ScanControl
    policy: FailurePolicy
    callback: Callable[[LogProgress], object] | None


class LogRun:
    """One log, while it runs.

    Parameters
    ----------
    station
        The devices.
    files
        Where rows go to.
    rule
        How long to log.
    listening
        What it listens to.
    """

    def __init__(self, station: LogStation, files: LogFiles, rule: LogRule, listening: Listening) -> None:
        self._station = station
        self._files = files
        self._rule = rule
        self._listening = listening
        self._began = time.monotonic()

    def run(self) -> LogProgress:
        """Read and save until it is over; how it ended is told in the file's log, and on the error."""
        try:
            self._record()
        except BaseException as error:  # Ctrl-C too
            where = f"{self._files.path} {self._files.node}"
            note_stop(error, f"{self._progress().rows} readings", where, self._files.note)
            raise
        progress = self._progress()
        self._files.note(f"log ends after {progress.rows} readings")
        return progress

    def _progress(self) -> LogProgress:
        devices = tuple(device.progress for device in self._station.devices)
        rows, failed = sum(each.rows for each in devices), sum(each.failed for each in devices)
        elapsed = time.monotonic() - self._began
        return LogProgress(self._files.path, rows, failed, elapsed, devices, self._files.node)

    def _record(self) -> None:
        listening, station = self._listening, self._station
        station.begin(self._began)
        while True:
            if self._files.begin_next_if_full():
                station.begin(time.monotonic())  # each file is whole: it begins with a row of every device
            self._read_once()
            if listening.callback is not None:
                with listening.gate.passing():
                    listening.callback(self._progress())
            with listening.gate.passing():
                next_time = station.next_time
                is_over = self._rule.seconds is not None and next_time - self._began > self._rule.seconds
                if is_over or listening.control.wait_for_stop(next_time - time.monotonic()):
                    return

    def _read_once(self) -> None:
        """Read the devices that are due, and save a row of each."""
        when = time.time()
        with self._listening.gate.passing():
            readings = list(self._station.read(time.monotonic()))
        for device, reading in readings:
            error = reading if isinstance(reading, DeviceFailedError) else self._save(device, reading, when)
            if error is not None:
                self._leave_out(device, error)

    def _save(self, device: LoggedDevice, signal: DataRaw, when: float) -> DeviceFailedError | None:
        """Save a row of a device, if it is wanted; return what is wrong with it."""
        is_saved = device.is_wanted(signal)
        title = device.progress.title
        if is_saved:
            try:
                self._files.add(signal, when)
            except DataMismatchError as error:
                return DeviceFailedError(f"{title!r} changed what it returns while it was logged: {error}")
        if failures := device.note(signal, is_saved=is_saved):
            self._files.note(f"{title!r} answers again, after {failures} readings that failed")
        return None

    def _leave_out(self, device: LoggedDevice, error: DeviceFailedError) -> None:
        if self._listening.policy.on_failure is OnFailure.stop:
            raise error
        if device.note_failure():  # once: a device that is away for a night must not fill the disk
            self._files.note(f"left out until it answers again: {error}")
