"""The PyMoDAQ Dashboard, saving, loading and browsing through h5modules.

`serve` gives PyMoDAQ these modules under the names of its own, before anything of it is imported; nothing of
PyMoDAQ is changed. `start` does so and opens the Dashboard.
"""

from __future__ import annotations

from ._errors import DashboardError, ExperimentMissingError, PluginError, ServedTooLateError, VersionError
from ._serving import SERVED, require_served, serve
from ._starting import require_version, start

__all__ = [
    "serve",
    "require_served",
    "SERVED",
    "start",
    "require_version",
    "DashboardError",
    "ExperimentMissingError",
    "PluginError",
    "ServedTooLateError",
    "VersionError",
]
