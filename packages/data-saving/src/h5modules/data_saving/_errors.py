"""What can go wrong between data and nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5modules.backends import H5ModulesError

if TYPE_CHECKING:
    from ._queued import QueuedPoint


class DataMismatchError(H5ModulesError, ValueError):
    """Data do not agree with what was saved before them: other signals, channels, shapes, dtypes or axes."""


class DataNodeError(H5ModulesError, ValueError):
    """The node does not hold what was asked for."""


class DataMissingError(DataNodeError, NameError):
    """No data of that name are there; it is a NameError for scripts that know PyMoDAQ's loader."""


class ScanIndexError(H5ModulesError, IndexError):
    """A point lies outside the scan."""


class ScanShapeError(H5ModulesError, ValueError):
    """The shape of a scan is not made of whole numbers above 0."""


class DataAttributeError(H5ModulesError, ValueError):
    """An extra attribute of the data has a name that the file layout uses itself."""


class QueuedPointError(H5ModulesError, OSError):
    """A point that waited in a queue could not be stored.

    Attributes
    ----------
    unsaved
        That point and those behind it, in order: what each was given to `add_data` as.
    """

    def __init__(self, message: str, unsaved: tuple[QueuedPoint, ...] = ()) -> None:
        super().__init__(message)
        self.unsaved = unsaved


class DataWarning(UserWarning):
    """Something about the data cannot be saved, or shown, as it is."""
