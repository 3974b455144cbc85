"""What can go wrong when files are served."""

from __future__ import annotations

from h5modules.backends import H5ModulesError

UNREADABLE = (H5ModulesError, OSError, RuntimeError, ValueError, TypeError, LookupError, MemoryError)
"""What comes of a damaged file, where the library is asked past the backends too."""


class NotServedError(H5ModulesError, LookupError):
    """There is no such file among those that are served."""


class OutsideError(H5ModulesError, PermissionError):
    """What was asked for lies in another file, where a link or an array of the file leads to."""


class TooLargeError(H5ModulesError, ValueError):
    """More was asked for than is sent at once."""


class ReaderError(H5ModulesError, RuntimeError):
    """The process that read a file took too long, or ended."""


class BusyError(H5ModulesError, RuntimeError):
    """So much is asked for that a request would wait for long."""


class ServingError(H5ModulesError, OSError):
    """The files cannot be served there."""
