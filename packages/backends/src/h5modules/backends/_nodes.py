"""The nodes of a file: groups and arrays, under the names that PyMoDAQ's users know.

A node is a file and a path. It holds no handle of the library, so it stays good when the file is closed and
opened again, and is cheap to make.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ._array_spec import ArrayInfo
from ._attributes import Attributes
from ._driver import Array, Driver, NodeKind, Selection
from ._errors import ArrayShapeError, ArrayTypeError, NodeError, UndecodableError
from ._handles import Appender, Writer
from ._showing import ShownInNotebooks
from ._strings import row_to_text, text_to_row
from ._values import as_array

if TYPE_CHECKING:
    from ._backend import H5Backend
    from ._node_tree import NodeTree


class Node(ShownInNotebooks):
    """Anything in a file that has a path.

    Parameters
    ----------
    file
        The file it lies in.
    path
        Its path, from the root.
    """

    def __init__(self, file: NodeTree, path: str) -> None:
        self._file = file
        self._path = path

    @property
    def path(self) -> str:
        """The path from the root."""
        return self._path

    @property
    def name(self) -> str:
        """The last part of the path; ``/`` for the root."""
        return self._path.rpartition("/")[2] or "/"

    @property
    def driver(self) -> Driver:
        """The open file in its library."""
        return self._file.driver

    @property
    def backend(self) -> str:
        """The name of the backend."""
        return self._file.backend

    @property
    def node(self) -> Any:
        """The library's own object."""
        return self.driver.raw(self._path)

    @property
    def h5file(self) -> Any:
        """The library's own file object."""
        return self.driver.handle

    def to_h5_backend(self) -> H5Backend:
        """Return the file that the node lies in."""
        return cast("H5Backend", self._file)  # there is no other tree

    @property
    def attrs(self) -> Attributes:
        """The attributes, read and written as Python values."""
        return Attributes(self)

    def get_attr(self, name: str) -> Any:
        """Return the value of an attribute."""
        return self.attrs[name]

    def set_attr(self, name: str, value: Any) -> None:
        """Write an attribute."""
        self.attrs[name] = value

    @property
    def title(self) -> str:
        """The attribute ``TITLE``, empty where there is none that can be read."""
        try:
            return str(self.attrs.get("TITLE", ""))
        except (UndecodableError, NodeError):
            return ""

    @property
    def parent_node(self) -> GROUP | None:
        """The group that holds the node; None for the root."""
        if self._path == "/":
            return None
        return GROUP(self._file, self._path.rpartition("/")[0] or "/")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._path == other._path and self._file is other._file

    def __hash__(self) -> int:
        return hash((id(self._file), self._path))

    def __str__(self) -> str:
        return f"{self._path} ({type(self).__name__}) {self.title!r}"

    def __repr__(self) -> str:
        return str(self)


class UnreadableNode(Node):
    """Something that is there and cannot be shown; its attributes can, where it is not a broken link."""

    @property
    def reason(self) -> str:
        """Why it cannot be shown."""
        return self.driver.problem(self._path)

    def __str__(self) -> str:
        return f"{self._path} (unreadable: {self.reason})"


class GROUP(Node):
    """A node that holds nodes."""

    def children(self) -> dict[str, Node]:
        """Return the children by name, sorted."""
        return dict(self.iter_children())

    def iter_children(self) -> Iterator[tuple[str, Node]]:
        """Yield name and node of each child, sorted by name."""
        prefix = "" if self._path == "/" else self._path
        for name, kind in self.driver.iter_children(self._path):
            yield name, make_node(self._file, f"{prefix}/{name}", kind)

    def children_name(self) -> list[str]:
        """Return the names of the children, sorted."""
        return self.driver.child_names(self._path)

    def get_child(self, name: str) -> Node:
        """Return one child.

        Raises
        ------
        NodeError
            When there is none of that name.
        """
        return self._file.get_node(self, name)

    def find(self, path: str) -> Node | None:
        """Return the node at a path below the group; None when there is none.

        Examples
        --------
        >>> from h5modules.backends import H5Backend
        >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
        ...     scan = file.get_set_group(file.get_set_group('/', 'RawData'), 'Scan000')
        ...     file.root().find('RawData/Scan000') == scan, file.root().find('Scan000')
        (True, None)
        """
        found = f"{self._path.rstrip('/')}/{path}"
        kind = self.driver.kind(found)
        return None if kind is None else make_node(self._file, found, kind)

    def remove_children(self) -> None:
        """Delete everything in the group."""
        for name in self.children_name():
            self.to_h5_backend().remove_node(self, name)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or name in ("", ".", "..") or "/" in name:
            return False
        prefix = "" if self._path == "/" else self._path
        return self.driver.kind(f"{prefix}/{name}") is not None

    def __repr__(self) -> str:
        children = ", ".join(f"{name!r} ({type(child).__name__})" for name, child in self.iter_children())
        return f"{self}\n  children := [{children}]"


class CARRAY(Node):
    """An array of a fixed shape; index it as a numpy array, only what is selected is read."""

    @property
    def info(self) -> ArrayInfo:
        """Shape, dtype and layout."""
        return self.driver.array_info(self._path)

    @property
    def array(self) -> Any:
        """The library's own array object."""
        return self.node

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return self.info.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of one value."""
        return self.info.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    def read(self) -> Any:
        """Return all values as a numpy array."""
        return self.driver.read(self._path)

    def writer(self) -> Writer:
        """Return a writer that puts one point after the other, by an open handle."""
        return self.driver.writer(self._path)

    def __getitem__(self, selection: Selection) -> Any:
        return self.driver.read(self._path, selection)

    def __setitem__(self, selection: Selection, values: Any) -> None:
        with self._file.lock:
            self.driver.write(self._path, selection, values)

    def __len__(self) -> int:
        shape = self.shape
        if not shape:
            raise TypeError(f"{self._path!r} holds one value: it has no length.")
        return shape[0]

    def __repr__(self) -> str:
        info = self.info
        return f"{self}\n  shape := {info.shape}\n  dtype := {info.dtype}"


class EARRAY(CARRAY):
    """An array that grows along its first dimension."""

    def append(self, data: Array, expand: bool = True) -> None:
        """Add one element, or a block of elements, at the end.

        Parameters
        ----------
        data
            One element, of the shape of a row; or a block, of shape ``(n, *row shape)``.
        expand
            Whether a 1D block of n values is taken as n rows of one value, when a row has the shape ``(1,)``.

        Raises
        ------
        ArrayShapeError
            When `data` is neither; nothing was written.
        ArrayTypeError
            When `data` is not a numpy array, or its values would not keep what they say in the array's dtype.
        """
        if not isinstance(data, np.ndarray):
            raise ArrayTypeError(
                f"what is appended to {self._path!r} is a numpy array, not {type(data).__name__}."
            )
        info = self.info
        block = _as_block(data, info.shape[1:], expand)
        if block is None:
            raise ArrayShapeError(
                f"a row of {self._path!r} has shape {info.shape[1:]}; data of shape {data.shape} do not fit."
            )
        self._append(block)

    def _append(self, values: Array) -> None:
        with self._file.lock:  # for where they go depends on how many rows there are
            self.driver.append(self._path, values)
            self._file.note_growth(self._path)

    def appender(self) -> Appender:
        """Return what adds one row after the other, by an open handle; one thread at a time may use it.

        Raises
        ------
        NodeError
            When the rows are of differing length.
        """
        with self._file.lock:
            appender = self.driver.appender(self._path)
            self._file.note_growth(self._path, appender)
            return appender


def _as_block(data: Array, row: tuple[int, ...], expand: bool) -> Array | None:
    if row and data.shape == row:
        return data[np.newaxis]
    if data.shape[1:] == row and data.ndim:
        return data
    if expand and data.ndim == 1 and row == (1,):
        return data[:, np.newaxis]
    return data.reshape(1) if data.ndim == 0 and not row else None


class VLARRAY(EARRAY):
    """A growing list of 1D rows, each of its own length."""

    def append(self, data: Array, expand: bool = True) -> None:
        """Add one row.

        Parameters
        ----------
        data
            1D values of the array's dtype, of any length.
        expand
            Without meaning here.
        """
        row = as_array(data, repr(self._path))
        if row.ndim != 1:
            raise ArrayShapeError(
                f"a row of {self._path!r} has one dimension; data of shape {row.shape} do not fit."
            )
        self._append(row)


class StringARRAY(VLARRAY):
    """A growing list of texts."""

    def append(self, data: Any, expand: bool = True) -> None:
        """Add one text.

        Parameters
        ----------
        data
            A str of any length.
        expand
            Without meaning here.
        """
        super().append(text_to_row(data))

    def read(self) -> list[str]:
        """Return all texts."""
        return [row_to_text(row) for row in super().read()]

    def __getitem__(self, selection: Selection) -> Any:
        rows = super().__getitem__(selection)
        return [row_to_text(row) for row in rows] if isinstance(rows, list) else row_to_text(rows)


_CLASSES: dict[NodeKind, type[Node]] = {
    NodeKind.GROUP: GROUP,
    NodeKind.CARRAY: CARRAY,
    NodeKind.EARRAY: EARRAY,
    NodeKind.VLARRAY: VLARRAY,
    NodeKind.UNREADABLE: UnreadableNode,
}


def make_node(file: NodeTree, path: str, kind: NodeKind) -> Node:
    """Return the node at `path`, of the class that its kind asks for."""
    if kind is NodeKind.VLARRAY and _holds_text(Node(file, path)):
        return StringARRAY(file, path)
    return _CLASSES[kind](file, path)


def _holds_text(node: Node) -> bool:
    try:
        return node.attrs.get("subdtype") == "string" and node.driver.array_info(node.path).dtype == np.uint8
    except UndecodableError:
        return False
