"""`H5Backend`: one HDF5 file or domain, whatever the library behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from ._array_spec import ArraySpec
from ._attributes import encode_attributes
from ._compression import Compression
from ._copying import ChunkChoice, Packing, copy_tree
from ._driver import NodeKind
from ._enums import GroupType
from ._errors import ArrayShapeError, ArrayTypeError, NodeError, NodeExistsError
from ._file_copies import Destination, save_file
from ._making import array_attributes, capitalize, whole
from ._node_tree import NodeTree, Where
from ._nodes import CARRAY, EARRAY, GROUP, VLARRAY, Node, StringARRAY
from ._paths import child_path
from ._registry import get_driver
from ._showing import ShownInNotebooks
from ._swmr import WithoutSwmr
from ._values import as_array, fit_values

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


class H5Backend(ShownInNotebooks, WithoutSwmr, NodeTree):
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
        AttributeValueError, UnsupportedError
            When an attribute cannot be kept; then there is no group.
        """
        return self._get_set_group(where, name, {"TITLE": str(title), **attributes})

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

        Raises
        ------
        NodeError
            When there is a node of that name that is not a group.
        AttributeValueError, UnsupportedError
            When an attribute cannot be kept; then there is no group.
        """
        name = group_name if group_name in self._get_group(where) else capitalize(group_name)
        type_name = group_type.name if isinstance(group_type, Enum) else str(group_type)
        attributes = {"TITLE": str(title), "type": type_name.lower(), "backend": self.backend}
        return self._get_set_group(where, name, {**attributes, **(metadata or {})})

    def _get_set_group(self, where: Where, name: str, attributes: Mapping[str, Any]) -> GROUP:
        path = child_path(where, name)
        with self.lock:
            kind = self.driver.kind(path)
            if kind is None:
                self._get_group(where)
                encoded = encode_attributes(attributes, path)
                with whole(self.driver, path):
                    self.driver.create_group(path)
                    self.driver.write_attributes(path, encoded)
            elif kind is not NodeKind.GROUP:
                raise NodeError(f"{path!r} in {self.filename!r} is not a group.")
            return GROUP(self, path)

    def create_carray(self, where: Where, name: str, obj: ArrayLike | None = None, title: str = "") -> CARRAY:
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
        values = as_array(obj, repr(child_path(where, name)))
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
        self.create_array(where, name, spec, title)
        return EARRAY(self, child_path(where, name))

    def create_array(
        self, where: Where, name: str, spec: ArraySpec, title: str = "", values: ArrayLike | None = None
    ) -> CARRAY:
        """Make an array from a description; the base of `create_carray` and `create_earray`.

        Raises
        ------
        ArrayShapeError, ArrayTypeError
            When `values` are not what the description says.
        """
        path = child_path(where, name)
        held = None if values is None else fit_values(values, spec.dtype, repr(path))
        if held is not None and held.shape != spec.shape:
            raise ArrayShapeError(f"values of shape {held.shape} do not fit {path!r}, of shape {spec.shape}.")
        attributes = array_attributes(title, spec.shape, spec.dtype, self.backend)
        encoded = encode_attributes(attributes, path)
        with self._making(where, name):
            self.driver.create_array(path, spec, held)
            self.driver.write_attributes(path, encoded)
        return EARRAY(self, path) if spec.enlargeable else CARRAY(self, path)

    @overload
    def create_vlarray(
        self, where: Where, name: str, dtype: Literal["string"], title: str = ""
    ) -> StringARRAY: ...
    @overload
    def create_vlarray(self, where: Where, name: str, dtype: DTypeLike, title: str = "") -> VLARRAY: ...
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
        path = child_path(where, name)
        is_text = isinstance(dtype, str) and dtype == "string"
        row = np.dtype(np.uint8) if is_text else np.dtype(dtype)
        subdtype = "string" if is_text else ""
        encoded = encode_attributes(array_attributes(title, (0,), row, self.backend, subdtype), path)
        with self._making(where, name):
            self.driver.create_ragged(path, row, self.compression)
            self.driver.write_attributes(path, encoded)
        return StringARRAY(self, path) if is_text else VLARRAY(self, path)

    @contextmanager
    def _making(self, where: Where, name: str) -> Iterator[None]:
        """Make a new node in the block, whole or not at all, while no other thread makes one."""
        with self.lock, whole(self.driver, self._new_path(where, name)):
            yield

    def _new_path(self, where: Where, name: str) -> str:
        path = child_path(where, name)
        self._get_group(where)
        if self.driver.kind(path) is not None:
            raise NodeExistsError(f"{path!r} exists already in {self.filename!r}.")
        return path

    # Changing and copying

    def remove_node(self, where: Where, name: str | None = None) -> None:
        """Delete a node and everything below it."""
        with self.lock:
            path = self.get_node(where, name).path
            self._forget_growth(path)
            self.driver.delete(path)

    def move_node(self, source: Where, target: Where, name: str | None = None) -> Node:
        """Give a node another place, and return it there.

        Parameters
        ----------
        source
            The node.
        target
            The group to move it to.
        name
            Its new name; None is as before.

        Raises
        ------
        NodeError, NodeExistsError
            When one of them does not exist, or the place is taken.
        """
        with self.lock:
            self._tell_shapes()
            old, new = self._places(source, target, name)
            self._forget_growth(old)
            self.driver.move(old, new)
            return self.get_node(new)

    def copy_node(self, source: Where, target: Where, name: str | None = None) -> Node:
        """Copy a node and everything below it in the file; arguments and errors are those of `move_node`."""
        with self.lock:
            self._tell_shapes()
            old, new = self._places(source, target, name)
            self.driver.copy(old, new)
            return self.get_node(new)

    def link_node(self, source: Where, target: Where, name: str | None = None) -> Node:
        """Give a node a second name (a hard link); arguments and errors are those of `move_node`."""
        with self.lock:
            old, new = self._places(source, target, name)
            self.driver.link(old, new)
            return self.get_node(new)

    def _places(self, source: Where, target: Where, name: str | None) -> tuple[str, str]:
        node = self.get_node(source)
        return node.path, self._new_path(target, node.name if name is None else name)

    def copy_to(
        self,
        other: H5Backend,
        source: Where,
        where: Where = "/",
        name: str | None = None,
        *,
        compression: Compression | None = None,
    ) -> Node:
        """Copy a node and everything below it to another open file, of any library.

        Parameters
        ----------
        other
            The file to copy to.
        source
            The node.
        where, name
            The group in `other`, and the name there; None is as before.
        compression
            How arrays are packed in the copy; None is as they are.

        Raises
        ------
        NodeError, NodeExistsError
            When one of them does not exist, or the place is taken.
        UnsupportedError
            When something cannot be copied; then nothing was.
        """
        packing = Packing(compression) if compression else None
        with self.lock:
            self._tell_shapes()
        node = self.get_node(source)
        # One lock, not both: another thread may be copying the other way.
        with other.lock:
            new = other._new_path(where, node.name if name is None else name)
            copy_tree(self.driver, node.path, other.driver, new, packing=packing)
            return other.get_node(new)

    def save_file_as(
        self,
        filenamepath: Path | str,
        backend: str | None = None,
        *,
        overwrite: bool = False,
        compression: Compression | None = None,
        chunks: ChunkChoice | None = None,
        leave_out: bool = False,
        **options: Any,
    ) -> list[str]:
        """Copy the whole file; the copy is there whole or not at all, and this file stays open.

        Parameters
        ----------
        filenamepath
            The path of the copy, or its domain.
        backend
            The library to write it with; None is that of this file.
        overwrite
            Whether to replace a file of that name.
        compression
            How arrays are packed in the copy; None is as they are.
        chunks
            With a compression: called with the path of each array that has no chunks; returns those that it
            gets, or None where the library may choose.
        leave_out
            Leave out what cannot be copied, such as a broken link, rather than refuse all of it.
        **options
            What the library needs besides to open the copy; those of this file where there are none.

        Returns
        -------
        What was left out, and why.

        Raises
        ------
        FileTakenError, FileAccessError, FileError
            When the copy cannot be written.
        UnsupportedError
            When something cannot be copied.
        """
        if self.driver.writable:
            self.flush()
        library = self._driver_class if backend is None else get_driver(backend)
        needed = options or (self._options if library is self._driver_class else {})
        destination = Destination(filenamepath, library, needed, overwrite)
        packing = Packing(compression, chunks) if compression else None
        return save_file(self.driver, destination, packing=packing, leave_out=leave_out)
