"""What an HDF5 library must do for us, and what some can do besides.

A driver is one open file in one library. It knows paths, shapes and raw attribute values; what they mean
(PyMoDAQ's attributes, node classes, text rows) is told above it. To add a library, write one class and
register it under the entry-point group ``h5modules.backends``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Hashable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, TypeAlias, runtime_checkable

import numpy as np

from ._abilities import Abilities
from ._array_spec import ArrayInfo, ArraySpec
from ._codec import RawValue
from ._compression import Compression
from ._errors import FileError, FileMissingError, UndecodableError
from ._handles import Appender, Writer
from ._places import Place

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

OpenMode: TypeAlias = Literal["r", "r+", "a", "w", "x"]
"""``r`` read, ``r+`` change what is there, ``a`` change or create, ``w`` create or replace, ``x`` create."""

Selection: TypeAlias = Any
"""An index as numpy takes it: integers, slices, an ellipsis, lists or boolean masks, or a tuple of these."""

Array: TypeAlias = np.ndarray[Any, Any]


class NodeKind(Enum):
    """What stands at a path; the value is the ``CLASS`` attribute that PyTables and PyMoDAQ know."""

    GROUP = "GROUP"
    CARRAY = "CARRAY"
    """An array of a fixed shape."""
    EARRAY = "EARRAY"
    """An array that grows along its first dimension."""
    VLARRAY = "VLARRAY"
    """A growing list of 1D rows, each of its own length."""
    UNREADABLE = "UNREADABLE"
    """Something that is there and cannot be shown: a broken link, a type without data, an unknown filter."""


@runtime_checkable
class SupportsDirectCopy(Protocol):
    """A driver that can copy to another file of its library by itself, faster and with all that HDF5 knows.

    Broken links, types and filters that cannot be read here go along too.
    """

    def copy_to(self, path: str, other: Any, new_path: str) -> None:
        """Copy a node and all below it to `new_path` in `other`, an open file of the same driver class.

        Hard links stay shared. When `new_path` is ``/``, the children and attributes of the group at `path`
        become those of the empty root of `other`.
        """


@runtime_checkable
class SupportsTruncation(Protocol):
    """A driver that can take rows away from the end of a growing array."""

    def truncate(self, path: str, length: int) -> None:
        """Let an enlargeable array end after `length` rows; it has at least as many.

        Raises
        ------
        NodeError
            When it is not an array that grows by fixed rows, or somebody is adding rows to it.
        ArrayIndexError
            When it has fewer rows.
        """


@runtime_checkable
class SupportsPlaces(Protocol):
    """A driver that tells where in the file the values of an array lie."""

    def places(self, path: str) -> list[Place]:
        """Return the places of the values; none where nothing is stored, or it is not in this file.

        Rows and texts of any length lie elsewhere than the array itself, whose places are told.

        Raises
        ------
        NodeError
            When it is not an array.
        """


@runtime_checkable
class SupportsLinks(Protocol):
    """A driver that tells a link by name from the node itself."""

    def link_target(self, path: str) -> str:
        """Return where the soft or external link at a path leads; empty where the node itself lies."""


class Driver(ABC):
    """One open file in one HDF5 library.

    Paths are absolute, ``/`` is the root; the names in them hold no ``/`` and no NUL, and the callers see to
    it. Every method raises `FileClosedError` when the file is closed, those that write `FileReadOnlyError`
    when it was opened for reading, and those that need a node `NodeError` when it is not there or of another
    kind. What the library itself raises comes out as one of our errors too. But for a `FileError`, an error
    means that nothing was written.

    The conformance suite in `h5modules.backends.testing` checks all that is said here.
    """

    library: ClassVar[str]
    """The name under which the driver is registered."""

    abilities: ClassVar[Abilities] = Abilities()
    """What the library can do, as far as libraries differ."""

    @classmethod
    @abstractmethod
    def open(cls, target: Path | str, mode: OpenMode, **options: Any) -> Self:
        """Open a file, or a domain of a server.

        Raises
        ------
        FileMissingError
            When there is no such file (``r``, ``r+``), or no folder to make it in.
        FileTakenError
            When it exists already (``x``).
        FileAccessError
            When it may not be read or written, or is open elsewhere.
        FileFormatError
            When it is not HDF5, or damaged.
        FileError
            When the mode is unknown, the path leads to a folder, or anything else is in the way.
        UnsupportedError
            When an option is unknown.
        """

    @classmethod
    def delete_file(cls, target: Path | str, **options: Any) -> None:
        """Delete a closed file; it is no error when there is none."""
        Path(target).unlink(missing_ok=True)

    @classmethod
    def rename_file(cls, source: Path | str, target: Path | str, **options: Any) -> None:
        """Give a closed file another name, in the place of one that has it; when that fails, both stay.

        Raises
        ------
        FileMissingError
            When there is no such file.
        FileError
            When the other name is that of a folder, or anything else is in the way.
        """
        try:
            Path(source).replace(target)
        except FileNotFoundError as error:
            raise FileMissingError(f"there is no file {str(source)!r}: {error}") from error
        except OSError as error:
            raise FileError(f"{str(source)!r} cannot be called {str(target)!r}: {error}") from error

    @property
    @abstractmethod
    def filename(self) -> str:
        """The file's path, or the domain's address; also when it is closed."""

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether the file is open."""

    @property
    @abstractmethod
    def writable(self) -> bool:
        """Whether the file was opened for writing."""

    @property
    @abstractmethod
    def handle(self) -> Any:
        """The library's own file object."""

    @abstractmethod
    def close(self) -> None:
        """Write what is pending and close; closing twice is no error."""

    @abstractmethod
    def flush(self) -> None:
        """Hand everything pending to the operating system, or to the server."""

    @abstractmethod
    def raw(self, path: str) -> Any:
        """Return the library's own object at `path`."""

    @abstractmethod
    def kind(self, path: str) -> NodeKind | None:
        """Return what stands at `path`, None when nothing does; the cost does not grow with the group."""

    @abstractmethod
    def identity(self, path: str) -> Hashable:
        """Return what is equal for two paths exactly when they lead to one node (hard links)."""

    @abstractmethod
    def problem(self, path: str) -> str:
        """Return why the node at `path` is `NodeKind.UNREADABLE`, in a few words; empty when it is not."""

    @abstractmethod
    def child_names(self, path: str) -> list[str]:
        """Return the names of a group's children, sorted."""

    def iter_children(self, path: str) -> Iterator[tuple[str, NodeKind]]:
        """Yield name and kind of each child, sorted by name."""
        prefix = "" if path == "/" else path
        for name in self.child_names(path):
            kind = self.kind(f"{prefix}/{name}")
            if kind is not None:
                yield name, kind

    @abstractmethod
    def create_group(self, path: str) -> None:
        """Create a group in an existing one, with its ``CLASS`` attribute.

        Raises
        ------
        NodeExistsError
            When something of that name is there.
        NodeError
            When there is no group to make it in.
        """

    @abstractmethod
    def create_array(self, path: str, spec: ArraySpec, values: Array | None = None) -> None:
        """Create an array with its ``CLASS`` attribute, and write `values` of its shape and dtype when given.

        An array without dimensions, or without room for any value and not enlargeable, is never packed.

        Raises
        ------
        NodeExistsError, NodeError
            See `create_group`.
        UnsupportedError
            When the library has not the ability.
        """

    @abstractmethod
    def create_ragged(self, path: str, dtype: DTypeLike, compression: Compression | None = None) -> None:
        """Create an empty list of 1D rows of `dtype`, with its ``CLASS``; it raises as `create_array`."""

    @abstractmethod
    def delete(self, path: str) -> None:
        """Delete a node and all below it, other than the root; other names of it (hard links) stay."""

    @abstractmethod
    def move(self, source: str, target: str) -> None:
        """Give a node another path in the same file.

        Raises
        ------
        NodeExistsError
            When `target` is taken.
        NodeError
            When there is no group to hold it, or when a group is to move into itself.
        """

    @abstractmethod
    def link(self, source: str, target: str) -> None:
        """Make `target` a second name (a hard link) of the node at `source`; it raises as `move`."""

    @abstractmethod
    def copy(self, source: str, target: str) -> None:
        """Copy a node and all below it in the file; hard links in it stay shared; it raises as `move`."""

    @abstractmethod
    def array_info(self, path: str) -> ArrayInfo:
        """Return shape, dtype and layout of an array; for a ragged one, its length and the dtype of a row."""

    @abstractmethod
    def read(self, path: str, selection: Selection = ...) -> Any:
        """Return the selected values, as numpy would; of a ragged array, a row or a list of rows.

        Raises
        ------
        ArrayIndexError
            When `selection` does not select from the array.
        FileFormatError
            When the file is damaged, or packed with a filter that is not there.
        """

    @abstractmethod
    def write(self, path: str, selection: Selection, values: Any) -> None:
        """Write the selected values, as numpy would, but for casts that would change them.

        Raises
        ------
        ArrayIndexError, ArrayShapeError, ArrayTypeError
            When selection, shape or dtype do not fit.
        UnsupportedError
            When the array is ragged: its rows are appended, never replaced.
        """

    @abstractmethod
    def append(self, path: str, values: Array) -> None:
        """Add `values` of shape ``(n, *row shape)`` to an enlargeable array; one 1D row to a ragged one.

        Raises
        ------
        ArrayShapeError, ArrayTypeError
            When they do not fit.
        NodeError
            When the array is not enlargeable.
        """

    @abstractmethod
    def writer(self, path: str) -> Writer:
        """Return a writer of an array that is not ragged, which stays valid until the file is closed."""

    @abstractmethod
    def appender(self, path: str) -> Appender:
        """Return what adds rows to an enlargeable array that is not ragged, valid until the file is closed.

        Raises
        ------
        NodeError
            When the array is ragged, or does not grow.
        UnsupportedError
            When it holds what can be read and not written.
        """

    @abstractmethod
    def attribute_names(self, path: str) -> list[str]:
        """Return the names of a node's attributes, sorted."""

    @abstractmethod
    def read_attribute(self, path: str, name: str) -> RawValue:
        """Return an attribute as it is stored.

        Raises
        ------
        AttributeMissingError
            When the node has none of that name.
        UndecodableError
            When its type is one that has no Python value, or that could only be read by running code.
        """

    def read_attributes(
        self, path: str, without: Container[str] = ()
    ) -> dict[str, RawValue | UndecodableError]:
        """Return a node's attributes as they are stored, sorted by name; why, for one that has no value.

        Parameters
        ----------
        path
            The node.
        without
            The names of attributes to pass by.
        """
        found: dict[str, RawValue | UndecodableError] = {}
        for name in self.attribute_names(path):
            if name not in without:
                try:
                    found[name] = self.read_attribute(path, name)
                except UndecodableError as error:
                    found[name] = error
        return found

    @abstractmethod
    def write_attributes(self, path: str, values: Mapping[str, RawValue]) -> None:
        """Write attributes, replacing those of the same names, whatever their types were.

        Raises
        ------
        AttributeValueError
            When a name or a value cannot be kept; then none of them was written.
        UnsupportedError
            When the library has not the ability, such as for a text that is too long.
        """

    @abstractmethod
    def delete_attribute(self, path: str, name: str) -> None:
        """Delete an attribute.

        Raises
        ------
        AttributeMissingError
            When the node has none of that name.
        """
