"""The errors of the simulated instruments."""

from __future__ import annotations


class SimulatorError(Exception):
    """Anything that a simulated instrument refuses or fails to do."""


class OutOfLimitsError(SimulatorError, ValueError):
    """A move was asked to a place outside the limits of the actuator."""


class SettingError(SimulatorError, ValueError):
    """A setting has a value with which the device cannot work."""


class DeviceFaultError(SimulatorError, OSError):
    """A device fails because that was asked for."""


def require_within(title: str, value: float, limits: tuple[float, float], units: str) -> None:
    """Refuse a position outside the limits of an actuator, or one that is no number.

    Raises
    ------
    OutOfLimitsError
        When it is.
    """
    low, high = limits
    if not low <= value <= high:
        raise OutOfLimitsError(
            f"{title!r} cannot move to {value!r} {units}: outside its limits {low!r}..{high!r}; "
            "choose a position within them"
        )
