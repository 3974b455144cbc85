"""What can go wrong with the catalogue."""

from __future__ import annotations

from h5modules.backends import H5ModulesError


class CatalogueError(H5ModulesError, OSError):
    """The index cannot be read or written."""


class QueryError(H5ModulesError, ValueError):
    """What is searched for is not understood."""
