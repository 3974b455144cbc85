"""What can go wrong between data and nodes."""

from __future__ import annotations

from h5modules.backends import H5ModulesError


class DataMismatchError(H5ModulesError, ValueError):
    """Data do not agree with what was saved before them: other signals, channels, shapes or dtypes."""


class DataNodeError(H5ModulesError, ValueError):
    """The node does not hold what was asked for."""


class ScanIndexError(H5ModulesError, IndexError):
    """A point lies outside the scan."""


class DataAttributeError(H5ModulesError, ValueError):
    """An extra attribute of the data has a name that the file layout uses itself."""
