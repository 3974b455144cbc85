"""`H5Backend`: one HDF5 file or domain, whatever the library behind it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from ._compression import Compression
from ._driver import Array, ArraySpec, Driver, NodeKind, OpenMode
from ._enums import GroupType
from ._errors import ArrayTypeError, FileClosedError, NodeError, NodeExistsError
from ._nodes import CARRAY, EARRAY, GROUP, VLARRAY, Node, StringARRAY, make_node
from ._paths import child_path, nearest, node_path, require_name
from ._registry import get_driver

Where: TypeAlias = Node | str
"""A node, or its path."""

LAYOUT_VERSIONS = {"pymodaq_version": "5.3.8", "pymodaq_data_version": "5.3.0"}
"""The releases of PyMoDAQ whose file layout is written; its browser reads them from the root."""


class H5Backend:
    """A file that holds groups, arrays and attributes.

    Parameters
    ----------
    backend
        The name of the library: see `backends_available`.

    Examples
    --------
    >>> import numpy as np
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     group = file.get_set_group('/', 'Spectra', title='First try')
    ...     array = file.create_carray(group, 'Raw', np.arange(3.0))
    ...     array.attrs['units'] = 'counts'
    >>> with H5Backend.open(tmp_path / 'scan.h5') as file:
    ...     file.get_node('/Spectra/Raw').read()
    array([0., 1., 2.])
    """

    def __init__(self, backend: str = "h5py") -> None:
        self._driver: Driver | None = None
        self._grown: set[str] = set()
        self.file_path: Path | str | None = None
        self.compression: Compression | None = None
        self.set_backend(backend)

    @classmethod
    def open(cls, path: Path | str, mode: OpenMode = "r", backend: str = "h5py") -> Self:
        """Return an open file, to be used in a ``with`` block."""
        file = cls(backend)
        file.open_file(path, mode)
        return file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close_file()

    # The file

    def set_backend(self, backend: str) -> None:
        """Choose the library, closing the file that is open.

        Raises
        ------
        BackendUnknownError, BackendMissingError
            When it is not registered, or not installed.
        """
        self._driver_class = get_driver(backend)
        self.close_file()
        self.backend = backend

    @property
    def driver(self) -> Driver:
        """The open file in its library.

        Raises
        ------
        FileClosedError
            When no file is open.
        """
        if self._driver is None or not self._driver.is_open:
            where = "" if self.file_path is None else f" ({str(self.file_path)!r} was closed)"
            raise FileClosedError(f"no file is open{where}; call open_file or init_file first.")
        return self._driver

    @property
    def h5file(self) -> Any:
        """The library's own file object; None when no file is open."""
        return self.driver.handle if self.isopen() else None

    @property
    def filename(self) -> str:
        """The path of the open file."""
        return self.driver.filename

    def isopen(self) -> bool:
        """Tell whether a file is open."""
        return self._driver is not None and self._driver.is_open

    def open_file(
        self, fullpathname: Path | str, mode: OpenMode = "r", title: str = "PyMoDAQ file", **options: Any
    ) -> Any:
        """Open a file, closing the one that is open.

        Parameters
        ----------
        fullpathname
            The path of the file, or the domain's.
        mode
            ``'r'``, ``'r+'``, ``'a'``, ``'w'`` or ``'x'``.
        title
            The title of a new file.
        **options
            What the backend's library needs besides.

        Returns
        -------
        The library's own file object.

        Raises
        ------
        FileMissingError, FileTakenError, FileAccessError, FileFormatError
            Each an OSError of its kind.
        """
        self.close_file()
        self._driver = self._driver_class.open(fullpathname, mode, **options)
        self.file_path = fullpathname
        if self._driver.writable and "CLASS" not in self._driver.attribute_names("/"):
            self._describe_root(title)
        return self._driver.handle

    def _describe_root(self, title: str) -> None:
        root = self.root()
        if root.children_name():
            return  # somebody's file, opened to be changed: nothing is written that was not asked for
        now = datetime.datetime.now()
        root.attrs.write(
            {
                "CLASS": NodeKind.GROUP.value,
                "TITLE": title,
                **LAYOUT_VERSIONS,
                "h5modules_version": version("h5modules-backends"),
                "date": now.date().isoformat(),
                "time": now.time().isoformat(),
            }
        )

    def flush(self) -> None:
        """Hand everything written to the operating system, or to the server."""
        if self._driver is None or not self._driver.is_open:
            return
        if self._driver.writable:
            for path in sorted(self._grown):
                Node(self, path).attrs["shape"] = self._driver.array_info(path).shape
            self._grown.clear()
            self._driver.flush()

    def note_growth(self, path: str) -> None:
        """Remember that an array grew: its ``shape`` attribute is brought up to date by `flush` and `close_file`."""
        self._grown.add(path)

    def close_file(self) -> None:
        """Write what is pending and close the file; closing twice is no error."""
        if self._driver is None:
            return
        try:
            self.flush()
        finally:
            self._grown.clear()
            self._driver.close()
            self._driver = None

    def close(self) -> None:
        """Close the file: the same as `close_file`."""
        self.close_file()

    # Finding nodes

    def root(self) -> GROUP:
        """Return the root group."""
        return GROUP(self, "/")

    def get_node(self, where: Where, name: str | None = None) -> Node:
        """Return the node at `where`, or its child `name`.

        Raises
        ------
        NodeError
            When there is none.
        """
        path = node_path(where, name)
        kind = self.driver.kind(path)
        if kind is None:
            raise NodeError(f"there is no node {path!r} in {self.filename!r}{nearest(self.driver, path)}.")
        return make_node(self, path, kind)

    def _get_group(self, where: Where) -> GROUP:
        node = self.get_node(where)
        if not isinstance(node, GROUP):
            raise NodeError(f"{node.path!r} in {self.filename!r} is not a group.")
        return node

    def get_node_name(self, node: Where) -> str:
        """Return the name of a node."""
        return self.get_node(node).name

    def get_node_path(self, node: Where) -> str:
        """Return the path of a node."""
        return self.get_node(node).path

    def get_parent_node(self, node: Where) -> GROUP | None:
        """Return the group that holds a node; None for the root."""
        return self.get_node(node).parent_node

    def get_children(self, where: Where) -> dict[str, Node]:
        """Return the children of a group by name, sorted."""
        return self._get_group(where).children()

    def is_node_in_group(self, where: Where, name: str) -> bool:
        """Tell whether a group has a child of that name, whatever the case of the letters."""
        return name.lower() in (child.lower() for child in self._get_group(where).children_name())

    def get_group_by_title(self, where: Where, title: str) -> GROUP | None:
        """Return the first child group of that title; None when there is none."""
        for child in self.get_children(where).values():
            if isinstance(child, GROUP) and child.title == title:
                return child
        return None

    def walk_nodes(
        self, where: Where = "/", depth: int | None = None, only_groups: bool = False
    ) -> Iterator[Node]:
        """Yield a node and everything below it, parents first, lazily.

        Parameters
        ----------
        where
            Where to start.
        depth
            How many levels below `where` to go down; None is all.
        only_groups
            Whether to leave arrays out.
        """
        node = self.get_node(where)
        if isinstance(node, GROUP) or not only_groups:
            yield node
        if isinstance(node, GROUP):
            yield from self._walk_below(node, depth, only_groups, frozenset())

    def _walk_below(
        self, group: GROUP, depth: int | None, only_groups: bool, above: frozenset[Any]
    ) -> Iterator[Node]:
        identity = self.driver.identity(group.path)
        if depth == 0 or identity in above:  # a hard link may lead back up
            return
        for _, child in group.iter_children():
            if isinstance(child, GROUP):
                yield child
                below = None if depth is None else depth - 1
                yield from self._walk_below(child, below, only_groups, above | {identity})
            elif not only_groups:
                yield child

    def walk_groups(self, where: Where = "/") -> Iterator[GROUP]:
        """Yield a group and all groups below it, parents first."""
        for node in self.walk_nodes(where, only_groups=True):
            if isinstance(node, GROUP):
                yield node

    # Attributes

    def get_attr(self, node: Where, attr_name: str | None = None) -> Any:
        """Return one attribute of a node, or all of them as a dict."""
        attrs = self.get_node(node).attrs
        return attrs.to_dict() if attr_name is None else attrs[attr_name]

    def set_attr(self, node: Where, attr_name: str, attr_value: Any) -> None:
        """Write an attribute of a node."""
        self.get_node(node).attrs[attr_name] = attr_value

    def has_attr(self, node: Where, attr_name: str) -> bool:
        """Tell whether a node has an attribute of that name."""
        return attr_name in self.get_node(node).attrs

    # Making nodes

    def define_compression(self, compression: str, compression_opts: int) -> None:
        """Choose how arrays made from now on are packed.

        Parameters
        ----------
        compression
            ``'gzip'`` (or ``'zlib'``, the same), ``'lz4'``, ``'bitshuffle'``, ``'zstd'`` or ``'blosc2'``.
        compression_opts
            The level, 0 (none) to 9.
        """
        self.compression = Compression(compression, compression_opts)

    def get_set_group(self, where: Where, name: str, title: str = "", **attributes: Any) -> GROUP:
        """Return the group `name` in `where`, made with that title and these attributes if it was not there.

        Raises
        ------
        NodeError
            When there is a node of that name that is not a group.
        """
        path = child_path(where, name)
        kind = self.driver.kind(path)
        if kind is None:
            require_name(name)
            self._get_group(where)
            self.driver.create_group(path)
            GROUP(self, path).attrs.write({"TITLE": str(title), **attributes})
        elif kind is not NodeKind.GROUP:
            raise NodeError(f"{path!r} in {self.filename!r} is not a group.")
        return GROUP(self, path)

    def add_group(
        self,
        group_name: str,
        group_type: GroupType | str | Enum,
        where: Where,
        title: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> GROUP:
        """Return a group of a type, made if it was not there; its name starts with a capital.

        Parameters
        ----------
        group_name
            The name.
        group_type
            What it holds; any text is kept, in small letters.
        where
            The group to make it in.
        title
            Its title.
        metadata
            Further attributes.
        """
        name = group_name if group_name in self._get_group(where) else capitalize(group_name)
        is_new = name not in self._get_group(where)
        group = self.get_set_group(where, name, title)
        if is_new:
            type_name = group_type.name if isinstance(group_type, Enum) else str(group_type)
            group.attrs.write({"type": type_name.lower(), "backend": self.backend, **(metadata or {})})
        return group

    def create_carray(self, where: Where, name: str, obj: Array | None = None, title: str = "") -> CARRAY:
        """Save values as an array of a fixed shape.

        Parameters
        ----------
        where, name
            The group, and the array's name.
        obj
            The values, of any shape.
        title
            Its title.

        Raises
        ------
        NodeExistsError, NodeNameError, ArrayTypeError
            Before anything is written.
        """
        if obj is None:
            raise ArrayTypeError(f"no values were given for {child_path(where, name)!r}.")
        values = np.asarray(obj)
        spec = ArraySpec(values.shape, values.dtype, compression=self.compression)
        return self.create_array(where, name, spec, title, values)

    def create_earray(
        self,
        where: Where,
        name: str,
        dtype: DTypeLike,
        data_shape: tuple[int, ...] | None = None,
        title: str = "",
    ) -> EARRAY:
        """Make an empty array that grows along its first dimension.

        Parameters
        ----------
        where, name
            The group, and the array's name.
        dtype
            The type of a value.
        data_shape
            The shape of a row.
        title
            Its title.
        """
        shape = (0, *(data_shape or ()))
        spec = ArraySpec(shape, np.dtype(dtype), enlargeable=True, compression=self.compression)
        array = self.create_array(where, name, spec, title)
        assert isinstance(array, EARRAY)
        return array

    def create_array(
        self, where: Where, name: str, spec: ArraySpec, title: str = "", values: Array | None = None
    ) -> CARRAY:
        """Make an array from a description; the base of `create_carray` and `create_earray`."""
        path = self._new_path(where, name)
        if spec.dtype.kind not in "biufcS":
            raise ArrayTypeError(
                f"HDF5 arrays hold numbers, booleans or bytes; {spec.dtype} ({path!r}) is none of these."
            )
        self.driver.create_array(path, spec, values)
        array = EARRAY(self, path) if spec.enlargeable else CARRAY(self, path)
        array.attrs.write(self._array_attributes(title, spec.shape, spec.dtype))
        return array

    def create_vlarray(self, where: Where, name: str, dtype: DTypeLike, title: str = "") -> VLARRAY:
        """Make an empty list of rows, each of its own length.

        Parameters
        ----------
        where, name
            The group, and the array's name.
        dtype
            The type of a value; ``'string'`` makes a list of texts.
        title
            Its title.
        """
        path = self._new_path(where, name)
        is_text = isinstance(dtype, str) and dtype == "string"
        row = np.dtype(np.uint8) if is_text else np.dtype(dtype)
        self.driver.create_ragged(path, row, self.compression)
        array = StringARRAY(self, path) if is_text else VLARRAY(self, path)
        array.attrs.write(self._array_attributes(title, (0,), row, subdtype="string" if is_text else ""))
        return array

    def _new_path(self, where: Where, name: str) -> str:
        require_name(name)
        path = child_path(self._get_group(where), name)
        if self.driver.kind(path) is not None:
            raise NodeExistsError(f"{path!r} exists already in {self.filename!r}.")
        return path

    def _array_attributes(
        self, title: str, shape: tuple[int, ...], dtype: np.dtype[Any], subdtype: str = ""
    ) -> dict[str, Any]:
        return {
            "TITLE": str(title),
            "shape": tuple(int(length) for length in shape),
            "dtype": dtype.name,
            "subdtype": subdtype,
            "backend": self.backend,
        }

    def read(self, array: CARRAY | str) -> Any:
        """Return all values of an array."""
        node = self.get_node(array)
        if not isinstance(node, CARRAY):
            raise NodeError(f"{node.path!r} in {self.filename!r} is not an array.")
        return node.read()

    def remove_node(self, where: Where, name: str | None = None) -> None:
        """Delete a node and everything below it."""
        self.driver.delete(self.get_node(where, name).path)


def capitalize(text: str) -> str:
    """Return `text` with its first letter as a capital, the others as they are.

    Examples
    --------
    >>> capitalize('data00')
    'Data00'
    """
    return text[:1].upper() + text[1:]
