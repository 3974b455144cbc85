"""What a scan asks of its devices, and how devices are found by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any, Protocol, runtime_checkable

from numpy.typing import ArrayLike

from ._errors import DeviceError

GROUP_NAME = "h5modules.devices"
"""The entry-point group in which devices are registered: a name, and a callable that returns the device."""


@runtime_checkable
class Actuator(Protocol):
    """Something that a scan moves.

    Attributes
    ----------
    title
        Its name in the file.
    position
        Where it is.
    """

    title: str

    @property
    def position(self) -> float:
        """Where it is."""

    def move_to(self, value: float) -> None:
        """Move to `value`, and return when it is there."""


@runtime_checkable
class Detector(Protocol):
    """Something that a scan reads.

    Attributes
    ----------
    title
        Its name in the file.
    """

    title: str

    def read(self) -> ArrayLike | Sequence[ArrayLike]:
        """Return the values of one point: a number, an array, or a tuple of arrays of one shape, one a channel."""


@runtime_checkable
class SupportsUnits(Protocol):
    """A device that knows the unit of its values, as `pint` spells it (``'um'``)."""

    units: str


@runtime_checkable
class SupportsLimits(Protocol):
    """An actuator that knows how far it goes: lowest and highest position."""

    limits: tuple[float, float]


class SignalAxis(Protocol):
    """One dimension of what a detector reads."""

    label: str
    units: str
    values: Any
    """A 1D array: the coordinate of each value along this dimension."""


@runtime_checkable
class SupportsAxes(Protocol):
    """A detector that knows the axes of its arrays, in the order of their dimensions, and the names of its channels."""

    axes: Sequence[SignalAxis]
    labels: Sequence[str]


@runtime_checkable
class SupportsSettings(Protocol):
    """A device whose settings are saved with the scan: plain values by name."""

    settings: Mapping[str, Any]


def open_device(name: str, **options: Any) -> Any:
    """Return the device registered under `name`.

    Parameters
    ----------
    name
        Its name in the entry-point group ``h5modules.devices``.
    **options
        What its factory takes.

    Raises
    ------
    DeviceError
        When no device of that name is registered.
    """
    found = {point.name: point for point in entry_points(group=GROUP_NAME)}
    if name not in found:
        raise DeviceError(f"no device is named {name!r}; there are {', '.join(sorted(found)) or 'none'}.")
    return found[name].load()(**options)


def device_names() -> list[str]:
    """Return the names of the devices that are registered."""
    return sorted(point.name for point in entry_points(group=GROUP_NAME))


def units_of(device: object) -> str:
    """Return the unit of a device's values; empty when it does not tell."""
    return device.units if isinstance(device, SupportsUnits) else ""


def settings_of(device: object) -> Mapping[str, Any]:
    """Return the settings of a device; empty when it does not tell."""
    return device.settings if isinstance(device, SupportsSettings) else {}
