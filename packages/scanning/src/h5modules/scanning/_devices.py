"""What a scan asks of its devices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from numpy.typing import ArrayLike

from ._errors import DeviceFailedError


class Device(Protocol):
    """Anything with a title: its name in the file, and in messages."""

    @property
    def title(self) -> str:
        """Its name in the file; no two devices of a scan share one."""


@runtime_checkable
class Actuator(Device, Protocol):
    """Something that a scan moves."""

    @property
    def position(self) -> float:
        """Where it is."""

    def move_to(self, value: float, /) -> object:
        """Move to `value`, and return when it is there."""


@runtime_checkable
class Detector(Device, Protocol):
    """Something that a scan reads."""

    def read(self) -> ArrayLike | Sequence[ArrayLike]:
        """Return the values of one point: a number, an array, or one array for each channel.

        A tuple holds channels, and so does a list of arrays; all channels have one shape. A list of plain
        numbers is one array. Shapes and dtypes are the same at every point.
        """


@runtime_checkable
class SupportsUnits(Protocol):
    """A device that knows the unit of its values, as `pint` spells it (``'um'``)."""

    @property
    def units(self) -> str:
        """The unit."""


@runtime_checkable
class SupportsLimits(Protocol):
    """An actuator that knows how far it goes."""

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and the highest position."""


class SignalAxis(Protocol):
    """One dimension of what a detector reads."""

    @property
    def label(self) -> str:
        """What changes along it."""

    @property
    def units(self) -> str:
        """The unit of its values."""

    @property
    def values(self) -> ArrayLike:
        """The coordinates along this dimension: one number for each place."""


@runtime_checkable
class SupportsAxes(Protocol):
    """A detector that knows the axes of its arrays."""

    @property
    def axes(self) -> Sequence[SignalAxis]:
        """One axis for each dimension, in their order; none for a single value."""


@runtime_checkable
class SupportsLabels(Protocol):
    """A detector that knows the names of its channels."""

    @property
    def labels(self) -> Sequence[str]:
        """One name for each channel."""


@runtime_checkable
class SupportsSettings(Protocol):
    """A device whose settings are saved with the scan."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Plain values by name; a mapping among them is a group of settings."""


@runtime_checkable
class SupportsClose(Protocol):
    """A device that is to be closed; the command line closes those that it opened by name."""

    def close(self) -> object:
        """Let go of the hardware."""


@runtime_checkable
class SupportsTrigger(Protocol):
    """A detector that can begin to measure before it is read: all are triggered, then all are read."""

    def trigger(self) -> object:
        """Begin to measure, and return at once; `read` waits and returns the values."""


@runtime_checkable
class SupportsPoints(Protocol):
    """A device that wants to know which point comes: a simulated one, whose noise depends on it."""

    def prepare(self, point: int, /) -> object:
        """Take note that the point of that number is measured next; 1 is the first, 0 comes after all."""


@runtime_checkable
class SupportsTravelTime(Protocol):
    """An actuator that knows how long its moves last."""

    def travel_time(self, start: float, stop: float, /) -> float:
        """Return the seconds of a move."""


@runtime_checkable
class SupportsReadTime(Protocol):
    """A detector that knows how long a reading lasts."""

    @property
    def read_time(self) -> float:
        """Seconds from the trigger until the values are there."""


@contextmanager
def calling(who: str, when: object) -> Iterator[None]:
    """Turn whatever a device raises in the block into an error that tells who and when.

    Parameters
    ----------
    who
        The device, as in a sentence: ``detector 'Camera'``.
    when
        What it was asked, as the end of "... failed".

    Raises
    ------
    DeviceFailedError
        From the device's own error.

    Examples
    --------
    >>> with calling("detector 'Camera'", "at point 3 of 9"):
    ...     raise OSError('no answer')
    Traceback (most recent call last):
        ...
    h5modules.scanning._errors.DeviceFailedError: detector 'Camera' failed at point 3 of 9: OSError: no answer
    """
    try:
        yield
    except Exception as error:
        raise failure(who, when, error) from error


def failure(who: str, when: object, error: BaseException) -> DeviceFailedError:
    """Return the error that tells who failed, when, and why; see `calling`.

    Parameters
    ----------
    who
        The device, as in a sentence.
    when
        What it was asked; it is made a text only here.
    error
        The device's own error.
    """
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return DeviceFailedError(f"{who} failed {when}: {reason}")


def units_of(device: object) -> str:
    """Return the unit of a device's values; empty when it does not tell."""
    return str(device.units) if isinstance(device, SupportsUnits) else ""


def settings_of(device: object) -> Mapping[str, Any]:
    """Return the settings of a device; empty when it does not tell."""
    return device.settings if isinstance(device, SupportsSettings) else {}
