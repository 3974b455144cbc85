"""The devices of one scan: moved together, triggered together, read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from operator import is_
from typing import Any

from pymodaq_data.data import DataRaw, DataToExport

from ._averages import RunningMean
from ._calls import Callers, DeviceCaller, DirectCaller, Request, call_together
from ._devices import Actuator, Detector, SupportsPoints, SupportsTrigger
from ._errors import DeviceFailedError
from ._exact import Array
from ._plan import Plan
from ._policy import FailurePolicy
from ._problems import Problems
from ._reading import ActuatorReading, DetectorReading


class Station:
    """The devices of one scan.

    They work at the same time: each is called in a thread of its own, but for one actuator (the last, which
    is the fastest) and one detector (the first). These are called in the thread of the scan, unless they have
    a time-out: it has nothing else to do, and to change threads costs as much as to save a value. Devices
    that return at once share threads too: see `ThreadedCaller`.

    Parameters
    ----------
    plan
        Tells how to wait and to average.
    actuators, detectors
        The devices.
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
        plan: Plan,
        actuators: Sequence[Actuator],
        detectors: Sequence[Detector],
        policy: FailurePolicy,
        callers: Callers,
    ) -> None:
        self._plan = plan
        self._control = callers.control
        self._actuators: dict[str, tuple[ActuatorReading, DeviceCaller]] = {}
        self._detectors: list[tuple[DetectorReading, DeviceCaller]] = []
        problems = Problems()
        for actuator in actuators:
            with problems.gathering():
                reading = ActuatorReading(actuator)
                limits = policy.limits_of(actuator.title)
                is_last = actuator is actuators[-1]
                caller = callers.add(reading.name, actuator, limits, has_thread=not is_last)
                self._actuators[actuator.title] = reading, caller
        for detector in detectors:
            with problems.gathering():
                read = DetectorReading(detector)
                limits = policy.limits_of(detector.title)
                is_first = detector is detectors[0]
                caller = callers.add(read.name, detector, limits, has_thread=not is_first)
                self._detectors.append((read, caller))
        problems.raise_any()
        self._prepare_requests()
        self._point: DataToExport | None = None

    def _prepare_requests(self) -> None:
        """Make what is asked of the devices at each point."""
        self._prepare = [
            (_at_once(caller), device.prepare)
            for caller, device in self._devices()
            if isinstance(device, SupportsPoints)
        ]
        self._triggers: list[Request] = [
            (caller, reading.detector.trigger)
            for reading, caller in self._detectors
            if isinstance(reading.detector, SupportsTrigger)
        ]
        self._reads: list[Request] = [(caller, reading.detector.read) for reading, caller in self._detectors]
        self._positions: list[Request] = [
            (_at_once(caller), reading.position) for reading, caller in self._actuators.values()
        ]

    def _devices(self) -> list[tuple[DeviceCaller, object]]:
        actuators = [(caller, reading.actuator) for reading, caller in self._actuators.values()]
        return [*actuators, *((caller, reading.detector) for reading, caller in self._detectors)]

    @property
    def units(self) -> Mapping[str, str]:
        """The unit of each actuator, by title."""
        return {title: reading.units for title, (reading, _) in self._actuators.items()}

    def prepare(self, number: int, when: object) -> None:
        """Tell devices that want to know it which point comes; 0 when none comes any more."""
        if self._prepare:
            call_together([(caller, partial(tell, number)) for caller, tell in self._prepare], when)

    def move(self, positions: dict[str, float], when: object) -> None:
        """Move actuators that are not there yet, together, and wait until all have arrived.

        Raises
        ------
        DeviceFailedError
            When one fails; all others have arrived.
        """
        moving: list[tuple[ActuatorReading, float]] = []
        requests: list[Request] = []
        for title, value in reversed(positions.items()):  # the last is called in this thread: see call_each
            reading, caller = self._actuators[title]
            if value != reading.target:
                reading.target = None  # a move that fails leaves it anywhere
                moving.append((reading, value))
                requests.append((caller, partial(reading.actuator.move_to, value)))
        if requests:
            call_together(requests, when)
            for reading, value in moving:
                reading.target = value

    def forget(self) -> None:
        """Forget where the actuators are: all are moved again to the next point."""
        for reading, _ in self._actuators.values():
            reading.target = None

    def measure(self, when: object) -> DataToExport:
        """Settle, trigger and read all detectors, and ask the actuators where they are.

        Returns
        -------
        The signals; as long as nothing but values changes, the same object each time.

        Raises
        ------
        DeviceFailedError
            When a device fails or returns what cannot be saved; all others have been waited for.
        """
        self._control.sleep(self._plan.settle)
        if self._plan.averages == 1:
            positions, arrays = self._read(when)
            signals = [read.data(each) for (read, _), each in zip(self._detectors, arrays, strict=True)]
        else:
            positions, means = self._average(when)
            signals = [
                read.data(mean.means, mean.errors)
                for (read, _), mean in zip(self._detectors, means, strict=True)
            ]
        places = [
            reading.data(position)
            for (reading, _), position in zip(self._actuators.values(), positions, strict=True)
        ]
        return self._exported(places + signals)

    def _exported(self, signals: list[DataRaw]) -> DataToExport:
        # Making one takes longer than asking a device.
        if self._point is None or not all(map(is_, signals, self._point.data)):
            self._point = DataToExport("point", data=signals)
        return self._point

    def _average(self, when: object) -> tuple[list[float], list[RunningMean]]:
        means = [RunningMean() for _ in self._detectors]
        positions: list[float] = []
        for _ in range(self._plan.averages):
            positions, arrays = self._read(when)
            for (read, _), mean, channels in zip(self._detectors, means, arrays, strict=True):
                if not mean.accepts(channels):
                    raise DeviceFailedError(f"{read.name} failed {when}: its readings differ in shape.")
                mean.add(channels)
        return positions, means

    def _read(self, when: object) -> tuple[list[float], list[list[Array]]]:
        if self._triggers:
            call_together(self._triggers, when)
        values: list[Any] = call_together([*self._reads, *self._positions], when)
        count = len(self._reads)
        arrays = [
            reading.arrays(value, when)
            for (reading, _), value in zip(self._detectors, values[:count], strict=True)
        ]
        return values[count:], arrays


def _at_once(caller: DeviceCaller) -> DeviceCaller:
    """Return the caller for what a device tells at once: no thread, unless there is a time-out to keep."""
    return caller if caller.limits.timeout else DirectCaller(caller.name, caller.limits)
