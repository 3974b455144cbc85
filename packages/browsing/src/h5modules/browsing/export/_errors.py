"""What can go wrong in an export."""

from __future__ import annotations

from h5modules.backends import H5ModulesError


class FormatUnknownError(H5ModulesError, ValueError):
    """There is no format of that name, or for that ending of a file's name."""


class FormatMismatchError(H5ModulesError, ValueError):
    """The format cannot hold what the node holds."""


class ExportTargetError(H5ModulesError, OSError):
    """The target cannot be written, or exists already."""


class ExporterWarning(UserWarning):
    """A format that another package brings cannot be used."""


class NotAcquiredWarning(UserWarning):
    """A format cannot tell which points were not acquired."""
