"""One HDF5 file, whatever the library behind it.

`H5Backend` opens a file; `Node` and its kinds are what it holds; `Attributes` are read and written as Python
values. Libraries are drivers, found by name in `backends_available`.
"""

from __future__ import annotations

from ._addresses import is_address, local_path
from ._array_spec import ArrayInfo, ArraySpec
from ._attributes import Attributes, encode_attributes
from ._backend import H5Backend
from ._claim import FileState, FileStatus, FileWriter, claimed, file_status, structure_version
from ._codec import RawValue
from ._compression import Compression, CompressionError
from ._copying import MADE_WITH_THE_NODE
from ._driver import Driver, NodeKind, OpenMode, SupportsLinks, SupportsPlaces, SupportsTruncation
from ._durability import Durability
from ._enums import GroupType, NamedEnum, SaveType, UnknownNameError
from ._errors import (
    ArrayIndexError,
    ArrayShapeError,
    ArrayTypeError,
    AttributeMissingError,
    AttributeValueError,
    AttributeWarning,
    BackendMissingError,
    BackendUnknownError,
    DiskSpaceError,
    FileAccessError,
    FileClosedError,
    FileError,
    FileFormatError,
    FileMissingError,
    FileReadOnlyError,
    FileTakenError,
    H5ModulesError,
    NodeError,
    NodeExistsError,
    NodeNameError,
    UndecodableError,
    UnsupportedError,
)
from ._file import LibraryFile
from ._handles import Appender, Writer
from ._node_tree import NodeTree, Where
from ._nodes import CARRAY, EARRAY, GROUP, VLARRAY, Node, StringARRAY, UnreadableNode
from ._paths import child_path
from ._places import Place
from ._recovery import Recovery, recover
from ._registry import backends_available, get_driver
from ._replacing import replace_file, replacement, require_unwritten
from ._showing import ShownInNotebooks, ShowsHtml
from ._swmr import WithoutSwmr

__all__ = [
    "H5Backend",
    "NodeTree",
    "LibraryFile",
    "Node",
    "GROUP",
    "CARRAY",
    "EARRAY",
    "VLARRAY",
    "StringARRAY",
    "UnreadableNode",
    "ShownInNotebooks",
    "ShowsHtml",
    "WithoutSwmr",
    "Attributes",
    "encode_attributes",
    "Where",
    "child_path",
    "OpenMode",
    "SaveType",
    "GroupType",
    "NamedEnum",
    "Compression",
    "backends_available",
    "get_driver",
    "Driver",
    "NodeKind",
    "MADE_WITH_THE_NODE",
    "ArraySpec",
    "ArrayInfo",
    "Writer",
    "SupportsTruncation",
    "is_address",
    "local_path",
    "SupportsPlaces",
    "Place",
    "SupportsLinks",
    "Appender",
    "RawValue",
    "file_status",
    "structure_version",
    "claimed",
    "require_unwritten",
    "replacement",
    "replace_file",
    "FileStatus",
    "FileState",
    "FileWriter",
    "recover",
    "Recovery",
    "Durability",
    "DiskSpaceError",
    "H5ModulesError",
    "ArrayIndexError",
    "ArrayShapeError",
    "ArrayTypeError",
    "AttributeMissingError",
    "AttributeValueError",
    "AttributeWarning",
    "BackendMissingError",
    "BackendUnknownError",
    "CompressionError",
    "FileAccessError",
    "FileClosedError",
    "FileError",
    "FileFormatError",
    "FileMissingError",
    "FileReadOnlyError",
    "FileTakenError",
    "NodeError",
    "NodeExistsError",
    "NodeNameError",
    "UndecodableError",
    "UnknownNameError",
    "UnsupportedError",
]
