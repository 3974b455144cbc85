"""Devices found by name: packages register them, and a scan names them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ._devices import calling
from ._errors import DeviceError, DeviceUnknownError
from ._problems import suggestion
from ._roles import roles_made_by

GROUP_NAME = "h5modules.devices"
"""The entry-point group in which devices are registered: a name, and a callable that returns the device."""


@dataclass(frozen=True, slots=True)
class RegisteredDevice:
    """A device that can be opened by name.

    Attributes
    ----------
    name
        Its name.
    package
        The distribution that registers it.
    target
        Where its factory is: ``module:name``.
    """

    name: str
    package: str
    target: str


def registered_devices() -> list[RegisteredDevice]:
    """Return the devices that can be opened by name, sorted; nothing of them is imported."""
    found = {
        RegisteredDevice(each.name, _package(each), each.value) for each in entry_points(group=GROUP_NAME)
    }
    return sorted(found, key=lambda each: (each.name, each.package, each.target))


def device_roles(device: RegisteredDevice) -> tuple[str, ...]:
    """Return what a device can be used as: ``actuator``, ``detector``, or both.

    It is imported, and not opened. The answer is empty where that is not known before: when the factory is
    a function that does not say what it returns.

    Raises
    ------
    DeviceFailedError
        When it cannot be imported; the cause is its own error.
    """
    with calling(f"device {device.name!r}", "when it was imported"):
        return roles_made_by(EntryPoint(device.name, device.target, GROUP_NAME).load())


def device_names() -> list[str]:
    """Return the names of the devices that can be opened, sorted."""
    return sorted({each.name for each in entry_points(group=GROUP_NAME)})


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
    DeviceUnknownError
        When no device of that name is registered.
    DeviceError
        When several packages register that name.
    DeviceFailedError
        When it cannot be imported or opened; the cause is its own error.
    """
    found = {each.value: each for each in entry_points(group=GROUP_NAME) if each.name == name}
    if not found:
        raise DeviceUnknownError(f"no device is named {name!r}; {_hint(name)}")
    if len(found) > 1:
        packages = ", ".join(sorted(map(_package, found.values())))
        raise DeviceError(f"the name {name!r} is registered by several packages: {packages}; uninstall one.")
    (point,) = found.values()
    with calling(f"device {name!r}", "when it was opened"):
        return point.load()(**options)


def _hint(name: str) -> str:
    known = device_names()
    if known:
        return suggestion(name, known)
    return f"no installed package registers one in the entry-point group {GROUP_NAME!r}."


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else ""
