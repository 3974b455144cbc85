"""What can go wrong before the Dashboard is open."""

from __future__ import annotations

from h5modules.backends import H5ModulesError


class DashboardError(H5ModulesError, RuntimeError):
    """PyMoDAQ did not import as a whole, or not with the modules it was served."""


class ServedTooLateError(DashboardError):
    """Modules of PyMoDAQ that were to be served are imported already."""


class VersionError(DashboardError):
    """The installed PyMoDAQ is not one that this package knows."""


class ExperimentMissingError(H5ModulesError, LookupError):
    """There is no experiment of that name."""


class PluginError(H5ModulesError, RuntimeError):
    """A plugin is not there, or cannot be used as a device of a scan."""


class ResumeError(H5ModulesError, RuntimeError):
    """A scan cannot be gone on with."""


class ScanRunningError(H5ModulesError, RuntimeError):
    """The file of a measurement cannot be changed for another as long as points are on their way to it."""
