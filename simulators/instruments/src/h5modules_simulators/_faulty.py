"""Devices that misbehave: wrapped around good ones."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from ._errors import DeviceFaultError
from ._faults import Faults
from ._settings import Setting
from ._signal_axis import SignalAxis

Arrays = tuple[npt.NDArray[Any], ...]


class SimulatedDevice(Protocol):
    """What all devices of this package have."""

    @property
    def title(self) -> str: ...
    @property
    def units(self) -> str: ...
    @property
    def settings(self) -> dict[str, Setting]: ...


class SimulatedDetector(SimulatedDevice, Protocol):
    """What all detectors of this package have."""

    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def axes(self) -> tuple[SignalAxis, ...]: ...
    @property
    def read_time(self) -> float: ...
    def prepare(self, point: int) -> None: ...
    def read(self) -> Sequence[npt.NDArray[Any]]: ...


class SimulatedActuator(SimulatedDevice, Protocol):
    """What all actuators of this package have."""

    @property
    def limits(self) -> tuple[float, float]: ...
    @property
    def position(self) -> float: ...
    def travel_time(self, start: float, stop: float) -> float: ...
    def move_to(self, value: float) -> None: ...


@runtime_checkable
class SupportsPrepare(Protocol):
    """A device that depends on the point of a scan."""

    def prepare(self, point: int) -> None:
        """Take note that the point of that number is measured next; 0 is none of a scan."""


class FaultLine:
    """Lets faults strike the calls of one device.

    Parameters
    ----------
    title
        The device.
    faults
        What goes wrong.
    sleep
        What waits.
    """

    def __init__(self, title: str, faults: Faults, sleep: Callable[[float], None] = time.sleep) -> None:
        self._title = title
        self._faults = faults
        self._sleep = sleep
        self._released = threading.Event()
        self._is_connected = True
        self._is_told = False
        self._point = 0
        self._calls = 0

    @property
    def point(self) -> int:
        """The point of the scan; outside of one, the number of the call since it was over."""
        return self._point

    def prepare(self, point: int) -> None:
        """Take note of the point that comes; with 0, that none does: calls are counted from here on."""
        self._is_told = point > 0
        if point != self._point:
            self._point, self._calls = point, 0

    def release(self) -> None:
        """Let calls that hang return."""
        self._released.set()

    def connect(self) -> None:
        """Connect the device again."""
        self._is_connected = True

    def strike(self) -> None:
        """Do what goes wrong with a call before its work is done.

        Raises
        ------
        DeviceFaultError, TimeoutError
            When that is what goes wrong.
        """
        if not self._is_told:
            self._point, self._calls = self._point + 1, 0
        self._calls += 1
        if delay := self._faults.delay(self._title, self._point, self._calls):
            self._sleep(delay)
        if self.hits("kill"):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        if self.hits("hang"):
            self._released.wait()
        if self.hits("disconnect"):
            self._is_connected = False
        if not self._is_connected:
            raise DeviceFaultError(f"{self._title!r} is disconnected")
        if self.hits("timeout"):
            self._sleep(self._faults.stall)
            raise TimeoutError(f"{self._title!r} did not answer within {self._faults.stall:g} s")
        if self.hits("error"):
            raise DeviceFaultError(f"{self._title!r} failed on demand")

    def hits(self, kind: str) -> bool:
        """Tell whether a fault of a kind strikes the call that is at work."""
        return self._calls <= self._faults.calls and self._faults.is_hit(kind, self._title, self._point)


class FaultyDetector:
    """A detector that misbehaves.

    Parameters
    ----------
    detector
        The good one that it is made of.
    faults
        What goes wrong.
    sleep
        What waits.

    Examples
    --------
    >>> from h5modules_simulators import Faults, make_microscope
    >>> photodiode = FaultyDetector(make_microscope().photodiode, Faults(error_at=(2,)))
    >>> len(photodiode.read())
    1
    >>> photodiode.read()
    Traceback (most recent call last):
        ...
    h5modules_simulators._errors.DeviceFaultError: 'Photodiode' failed on demand
    """

    def __init__(
        self,
        detector: SimulatedDetector,
        faults: Faults,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._detector = detector
        self.line = FaultLine(detector.title, faults, sleep)

    @property
    def title(self) -> str:
        """Name of the device."""
        return self._detector.title

    @property
    def units(self) -> str:
        """Units of what is read."""
        return self._detector.units

    @property
    def labels(self) -> tuple[str, ...]:
        """One name per channel."""
        return self._detector.labels

    @property
    def axes(self) -> tuple[SignalAxis, ...]:
        """The axes of what is read."""
        return self._detector.axes

    @property
    def settings(self) -> dict[str, Setting]:
        """Those of the good detector."""
        return self._detector.settings

    @property
    def read_time(self) -> float:
        """Time in s that a reading lasts."""
        return self._detector.read_time

    def prepare(self, point: int) -> None:
        """Take note that the point of that number is measured next; 0 is none of a scan."""
        self._detector.prepare(point)
        self.line.prepare(point)

    def read(self) -> Arrays:
        """Return what the good detector reads, unless a fault strikes.

        Raises
        ------
        DeviceFaultError, TimeoutError
            When that is what goes wrong.
        """
        self.line.strike()
        arrays = tuple(self._detector.read())
        if self.line.hits("nan"):
            arrays = tuple(_nothing(array) for array in arrays)
        if self.line.hits("wrong_shape"):
            arrays = tuple(np.concatenate([array, array[:1]]) for array in arrays)
        return arrays


class FaultyActuator:
    """An actuator that misbehaves when it moves.

    Parameters
    ----------
    actuator
        The good one that it is made of.
    faults
        What goes wrong.
    sleep
        What waits.
    """

    def __init__(
        self,
        actuator: SimulatedActuator,
        faults: Faults,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._actuator = actuator
        self.line = FaultLine(actuator.title, faults, sleep)

    @property
    def title(self) -> str:
        """Name of the device."""
        return self._actuator.title

    @property
    def units(self) -> str:
        """Units of position and limits."""
        return self._actuator.units

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest position."""
        return self._actuator.limits

    @property
    def position(self) -> float:
        """Where the good actuator is."""
        return self._actuator.position

    @property
    def settings(self) -> dict[str, Setting]:
        """Those of the good actuator."""
        return self._actuator.settings

    def travel_time(self, start: float, stop: float) -> float:
        """Return how long a move lasts, in s."""
        return self._actuator.travel_time(start, stop)

    def prepare(self, point: int) -> None:
        """Take note that the point of that number is measured next; 0 is none of a scan."""
        if isinstance(self._actuator, SupportsPrepare):
            self._actuator.prepare(point)
        self.line.prepare(point)

    def move_to(self, value: float) -> None:
        """Move the good actuator, unless a fault strikes.

        Raises
        ------
        DeviceFaultError, TimeoutError
            When that is what goes wrong.
        """
        self.line.strike()
        self._actuator.move_to(value)


def _nothing(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.full_like(array, np.nan if array.dtype.kind in "fc" else 0)
