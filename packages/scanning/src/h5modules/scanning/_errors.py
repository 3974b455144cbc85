"""What can be wrong with a scan."""

from __future__ import annotations

from h5modules.backends import H5ModulesError


class PlanError(H5ModulesError, ValueError):
    """The plan cannot be run: all that is wrong with it, a line each."""


class DeviceError(H5ModulesError, LookupError):
    """A device is not there, or does not do what its part in the scan asks for."""
