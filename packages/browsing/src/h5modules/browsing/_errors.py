"""What can go wrong when a file is shown."""

from __future__ import annotations

from h5modules.backends import H5ModulesError


class NothingToShowError(H5ModulesError, ValueError):
    """The file or the node holds nothing of the kind that was to be shown."""
