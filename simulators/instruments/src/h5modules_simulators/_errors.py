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
