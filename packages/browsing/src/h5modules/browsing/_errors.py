"""What can go wrong when a file is shown."""

from __future__ import annotations

from h5modules.backends import H5ModulesError


class NothingToShowError(H5ModulesError, ValueError):
    """The file or the node holds nothing of the kind that was to be shown."""


class LibraryMissingError(H5ModulesError, ImportError):
    """A library that an extra brings is not installed."""


class PictureError(H5ModulesError, OSError):
    """The picture cannot be saved there, or not in that format."""


class SelectionError(H5ModulesError, ValueError):
    """What was to be selected of an array is no selection, or lies outside."""


class SettingsError(H5ModulesError, ValueError):
    """The settings of a node are not the XML that settings are kept in."""


class DisplayMissingError(H5ModulesError, OSError):
    """There is no display to show a window on."""
