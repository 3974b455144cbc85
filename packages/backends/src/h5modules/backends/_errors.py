"""The errors of h5modules: each says what went wrong, where, and what to do.

Every class derives from `H5ModulesError` and from the built-in exception that a caller would expect, so that
``except KeyError`` keeps working in a script that never heard of this package.
"""

from __future__ import annotations


class H5ModulesError(Exception):
    """Root of every error that h5modules raises on purpose."""


class BackendUnknownError(H5ModulesError, ValueError):
    """No backend of that name is registered."""


class BackendMissingError(H5ModulesError, ImportError):
    """The backend is known, its library is not installed."""


class UnsupportedError(H5ModulesError, TypeError):
    """The library behind this file cannot do what was asked; nothing was written."""


class FileError(H5ModulesError, OSError):
    """A file cannot be opened, read, written or closed."""


class FileMissingError(FileError, FileNotFoundError):
    """The file, or the folder it should lie in, does not exist."""


class FileTakenError(FileError, FileExistsError):
    """The file exists already and was not to be replaced."""


class FileAccessError(FileError, PermissionError):
    """The file or its folder may not be read or written."""


class FileFormatError(FileError):
    """The file is not HDF5, or it is damaged."""


class DiskSpaceError(FileError):
    """There is not enough room on the disk."""


class FileClosedError(H5ModulesError, ValueError):
    """No file is open behind this object."""


class FileReadOnlyError(H5ModulesError, PermissionError):
    """The file was opened for reading only."""


class NodeError(H5ModulesError, LookupError):
    """There is no such node, or it is not of the kind that was asked for."""


class NodeExistsError(H5ModulesError, ValueError):
    """A node of that name exists already."""


class NodeNameError(H5ModulesError, ValueError):
    """The name cannot be the name of a node."""


class ArrayShapeError(H5ModulesError, ValueError):
    """Values do not have the shape that the array asks for."""


class ArrayTypeError(H5ModulesError, TypeError):
    """Values do not have the dtype that the array asks for, or one that HDF5 cannot hold."""


class ArrayIndexError(H5ModulesError, IndexError):
    """An index lies outside the array."""


class AttributeMissingError(H5ModulesError, KeyError):
    """The node has no attribute of that name."""

    def __str__(self) -> str:
        # KeyError shows the repr of its argument; a message should read as one.
        return Exception.__str__(self)


class AttributeValueError(H5ModulesError, TypeError):
    """The value cannot be kept in an attribute."""


class UndecodableError(H5ModulesError, ValueError):
    """A stored value is not in a form that can be read without running code."""


class AttributeWarning(UserWarning):
    """An attribute could not be decoded; its stored text is returned instead."""
