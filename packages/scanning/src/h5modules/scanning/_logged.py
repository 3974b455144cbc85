"""The devices of a log, each with a rate of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from pymodaq_data.data import DataRaw

from ._calls import Callers, DeviceCaller, Request, call_each
from ._devices import Actuator, Detector, Device, SupportsTrigger
from ._errors import DeviceFailedError
from ._exact import Array
from ._log_progress import DeviceProgress
from ._log_rule import LogRule, Sampling
from ._policy import FailurePolicy
from ._problems import Problems
from ._reading import ActuatorReading, DetectorReading

_WHEN = "while it was logged"


class LoggedDevice:
    """One device of a log: when it is read next, and what was saved of it.

    Parameters
    ----------
    device
        Its title and unit.
    request
        Who calls it, and what is called.
    to_data
        Turns what it returns into data, or raises `DeviceFailedError`.
    sampling
        How often it is read, and what is saved.
    """

    def __init__(
        self,
        device: DeviceProgress,
        request: Request,
        to_data: Callable[[Any], DataRaw],
        sampling: Sampling,
    ) -> None:
        self.progress = device
        self.request = request
        self.to_data = to_data
        self.next_time = 0.0
        self._sampling = sampling
        self._saved: list[Array] | None = None
        self._failures = 0

    @classmethod
    def of_actuator(cls, actuator: Actuator, caller: DeviceCaller, sampling: Sampling) -> LoggedDevice:
        """Return an actuator, of which its position is logged."""
        reading = ActuatorReading(actuator)
        device = DeviceProgress(actuator.title, reading.units)
        return cls(device, (caller, reading.position), reading.data, sampling)

    @classmethod
    def of_detector(cls, detector: Detector, caller: DeviceCaller, sampling: Sampling) -> LoggedDevice:
        """Return a detector, of which what it reads is logged."""
        reading = DetectorReading(detector)

        def read() -> Any:
            if isinstance(detector, SupportsTrigger):
                detector.trigger()
            return detector.read()

        def to_data(value: Any) -> DataRaw:
            return reading.data(reading.arrays(value, _WHEN))

        return cls(DeviceProgress(detector.title, reading.units), (caller, read), to_data, sampling)

    def schedule(self, now: float) -> None:
        """Set the time of the next reading; readings that take too long are not made up for."""
        self.next_time = max(self.next_time + self._sampling.interval, now)

    def is_wanted(self, signal: DataRaw) -> bool:
        """Tell whether a reading is to be saved."""
        if not self._sampling.on_change or self._saved is None:
            return True
        return not all(map(self._is_like, self._saved, signal.data))

    def _is_like(self, saved: Array, read: Array) -> bool:
        if saved.shape != read.shape:
            return False
        if not self._sampling.tolerance:
            return np.array_equal(saved, read, equal_nan=saved.dtype.kind in "fc")
        return np.allclose(saved, read, rtol=0, atol=self._sampling.tolerance, equal_nan=True)

    def note(self, signal: DataRaw, *, is_saved: bool) -> int:
        """Take note of a reading; return how many before it failed, one after the other."""
        failures, self._failures = self._failures, 0
        if is_saved and self._sampling.on_change:
            self._saved = [np.array(each) for each in signal.data]
        latest = float(np.real(np.mean(signal.data[0])))
        self.progress = replace(self.progress, rows=self.progress.rows + is_saved, latest=latest)
        return failures

    def note_failure(self) -> bool:
        """Take note that a reading failed; return whether it is the first in a row."""
        self.progress = replace(self.progress, failed=self.progress.failed + 1)
        self._failures += 1
        return self._failures == 1

    def begin(self, now: float) -> None:
        """Be due now, and have that reading saved in any case."""
        self.next_time = now
        self._saved = None


class LogStation:
    """The devices of a log; those that are due are read at the same time.

    Parameters
    ----------
    actuators, detectors
        The devices.
    rule
        How often each is read.
    policy
        Time-outs and retries.
    callers
        Makes their calls.

    Raises
    ------
    PlanError, DeviceError
        When devices cannot tell their units or axes, or what they tell is of no use.
    """

    def __init__(
        self,
        actuators: Sequence[Actuator],
        detectors: Sequence[Detector],
        rule: LogRule,
        policy: FailurePolicy,
        callers: Callers,
    ) -> None:
        self.devices: list[LoggedDevice] = []
        problems = Problems()

        def caller_of(device: Device, name: str) -> DeviceCaller:
            limits = policy.limits_of(device.title)
            return callers.add(f"{name} {device.title!r}", device, limits, has_thread=bool(self.devices))

        for actuator in actuators:
            with problems.gathering():
                caller, sampling = caller_of(actuator, "actuator"), rule.sampling(actuator.title)
                self.devices.append(LoggedDevice.of_actuator(actuator, caller, sampling))
        for detector in detectors:
            with problems.gathering():
                caller, sampling = caller_of(detector, "detector"), rule.sampling(detector.title)
                self.devices.append(LoggedDevice.of_detector(detector, caller, sampling))
        problems.raise_any()

    @property
    def next_time(self) -> float:
        """When the next device is due, of the monotonic clock."""
        return min(device.next_time for device in self.devices)

    def begin(self, now: float) -> None:
        """Begin a file: all devices are due, and what they return is saved in any case."""
        for device in self.devices:
            device.begin(now)

    def read(self, now: float) -> Iterator[tuple[LoggedDevice, DataRaw | DeviceFailedError]]:
        """Read the devices that are due, all together; yield each with its data, or its error."""
        due = [device for device in self.devices if device.next_time <= now]
        values = call_each([device.request for device in due], _WHEN)
        for device, value in zip(due, values, strict=True):
            device.schedule(now)
            try:
                yield device, value if isinstance(value, DeviceFailedError) else device.to_data(value)
            except DeviceFailedError as error:
                yield device, error
