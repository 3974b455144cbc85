"""What can be wrong with modules."""

from __future__ import annotations

from h5modules.backends import H5ModulesError


class ModuleTitleError(H5ModulesError, ValueError):
    """Two modules of a scan have the same title, so that their data cannot be told apart."""
