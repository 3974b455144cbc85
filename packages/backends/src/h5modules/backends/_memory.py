"""A driver that keeps its files in memory: the fastest, and an example of how a library is added.

The rest of the package knows it by its entry point alone. A file lives as long as the process: closed, it can
be opened again under its name.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike

from ._abilities import Abilities
from ._array_spec import ArrayInfo, ArraySpec, require_storable
from ._codec import RawValue
from ._compression import Compression
from ._copying import copy_tree
from ._driver import Array, Driver, NodeKind, OpenMode, Selection
from ._errors import (
    ArrayShapeError,
    AttributeMissingError,
    FileClosedError,
    FileMissingError,
    FileReadOnlyError,
    FileTakenError,
    NodeError,
    NodeExistsError,
    UnsupportedError,
)
from ._files import require_mode, require_no_options
from ._handles import Appender, Writer
from ._memory_nodes import MemoryAppender, MemoryNode, MemoryWriter, new_group
from ._raw_values import checked_attribute, plain_text
from ._selection import Block, read_selected, row_positions, write_selected
from ._values import fit_values

_files: dict[str, MemoryNode] = {}
"""The root of every file, by name."""


class MemoryDriver(Driver):
    """A file in the memory of this process."""

    library: ClassVar[str] = "memory"
    abilities: ClassVar[Abilities] = Abilities(stored_sizes=False, local=False)

    def __init__(self, root: MemoryNode, filename: str, *, writable: bool) -> None:
        self._root = root
        self._filename = filename
        self._writable = writable
        self._is_open = True

    @classmethod
    def open(cls, target: Path | str, mode: OpenMode, **options: Any) -> Self:
        """Open a file by any name; see `Driver.open`.

        Examples
        --------
        >>> file = MemoryDriver.open('scan', 'w')
        >>> file.create_group('/Scan000')
        >>> file.close()
        >>> MemoryDriver.open('scan', 'r').child_names('/')
        ['Scan000']
        """
        require_mode(mode)
        require_no_options(cls.library, options)
        name = str(target)
        if mode in ("r", "r+") and name not in _files:
            raise FileMissingError(f"there is no file {name!r} in memory.")
        if mode == "x" and name in _files:
            raise FileTakenError(f"{name!r} exists already in memory; open it with mode 'a'.")
        if mode == "w" or name not in _files:
            _files[name] = MemoryNode(NodeKind.GROUP, {})
        return cls(_files[name], name, writable=mode != "r")

    @classmethod
    def delete_file(cls, target: Path | str, **options: Any) -> None:  # docstring inherited
        _files.pop(str(target), None)

    @classmethod
    def rename_file(cls, source: Path | str, target: Path | str, **options: Any) -> None:
        # docstring inherited
        if str(source) not in _files:
            raise FileMissingError(f"there is no file {str(source)!r} in memory.")
        _files[str(target)] = _files.pop(str(source))

    # The file

    @property
    def filename(self) -> str:  # docstring inherited
        return self._filename

    @property
    def is_open(self) -> bool:  # docstring inherited
        return self._is_open

    @property
    def writable(self) -> bool:  # docstring inherited
        return self._writable

    @property
    def handle(self) -> MemoryNode:  # docstring inherited
        self._require_open()
        return self._root

    def close(self) -> None:  # docstring inherited
        self._is_open = False

    def flush(self) -> None:  # docstring inherited
        self._require_open()

    def _require_open(self) -> None:
        if not self._is_open:
            raise FileClosedError(f"the file {self._filename!r} is closed.")

    def _require_writable(self) -> None:
        self._require_open()
        if not self._writable:
            raise FileReadOnlyError(f"the file {self._filename!r} was opened for reading.")

    # The tree

    def _find(self, path: str) -> MemoryNode | None:
        self._require_open()
        node: MemoryNode | None = self._root
        for name in path.split("/"):
            if name:
                node = node.children.get(name) if node is not None else None
        return node

    def raw(self, path: str) -> MemoryNode:  # docstring inherited
        if (node := self._find(path)) is None:
            raise NodeError(f"there is no node {path!r} in {self._filename!r}.")
        return node

    def kind(self, path: str) -> NodeKind | None:  # docstring inherited
        node = self._find(path)
        return node.kind if node is not None else None

    def identity(self, path: str) -> Hashable:  # docstring inherited
        return id(self.raw(path))

    def problem(self, path: str) -> str:  # docstring inherited
        self.raw(path)
        return ""

    def child_names(self, path: str) -> list[str]:  # docstring inherited
        node = self.raw(path)
        if node.kind is not NodeKind.GROUP:
            raise NodeError(f"{path!r} in {self._filename!r} is not a group.")
        return sorted(node.children)

    def _place(self, path: str) -> tuple[MemoryNode, str]:
        """Return the group that a new node will be in, and its name there."""
        self._require_writable()
        if self._find(path) is not None:
            raise NodeExistsError(f"{path!r} exists already in {self._filename!r}.")
        above, _, name = path.rpartition("/")
        group = self.raw(above or "/")
        if group.kind is not NodeKind.GROUP:
            raise NodeError(f"{above!r} in {self._filename!r} is not a group.")
        return group, name

    def create_group(self, path: str) -> None:  # docstring inherited
        group, name = self._place(path)
        group.children[name] = new_group()

    def create_array(self, path: str, spec: ArraySpec, values: Array | None = None) -> None:
        # docstring inherited
        group, name = self._place(path)
        if reason := self.abilities.refusal(spec):
            raise UnsupportedError(f"{path!r} cannot be created through {self.library}: {reason}.")
        kind = NodeKind.EARRAY if spec.enlargeable else NodeKind.CARRAY
        fill_value = spec.fill_value if spec.fill_value is not None else np.zeros((), spec.dtype)
        held: Array = np.full(spec.shape, fit_values(fill_value, spec.dtype, "the fill value"), spec.dtype)
        if values is not None:
            held[...] = values
        length = spec.shape[0] if spec.enlargeable else 0
        told = _attributes_of(kind)
        group.children[name] = MemoryNode(kind, told, spec=spec, values=held, length=length)

    def create_ragged(self, path: str, dtype: DTypeLike, compression: Compression | None = None) -> None:
        # docstring inherited
        group, name = self._place(path)
        row = np.dtype(dtype)
        require_storable(row)
        spec = ArraySpec((0,), row, enlargeable=True, compression=compression)
        group.children[name] = MemoryNode(NodeKind.VLARRAY, _attributes_of(NodeKind.VLARRAY), spec=spec)

    def delete(self, path: str) -> None:  # docstring inherited
        self._require_writable()
        if path == "/":
            raise NodeError(f"the root of {self._filename!r} cannot be deleted.")
        self.raw(path)
        above, _, name = path.rpartition("/")
        del self.raw(above or "/").children[name]

    def move(self, source: str, target: str) -> None:  # docstring inherited
        self._require_writable()
        if source == "/":
            raise NodeError(f"the root of {self._filename!r} cannot be moved.")
        node = self.raw(source)
        if target.startswith(f"{source}/"):
            raise NodeError(f"{source!r} in {self._filename!r} cannot go into itself, to {target!r}.")
        group, name = self._place(target)
        group.children[name] = node
        self.delete(source)

    def link(self, source: str, target: str) -> None:  # docstring inherited
        node = self.raw(source)
        group, name = self._place(target)
        group.children[name] = node

    def copy(self, source: str, target: str) -> None:  # docstring inherited
        self.raw(source)
        self._place(target)
        copy_tree(self, source, self, target)

    # Arrays

    def _array(self, path: str) -> tuple[MemoryNode, ArraySpec]:
        node = self.raw(path)
        if node.spec is None:
            raise NodeError(f"{path!r} in {self._filename!r} is not an array.")
        return node, node.spec

    def array_info(self, path: str) -> ArrayInfo:  # docstring inherited
        node, spec = self._array(path)
        is_ragged = node.kind is NodeKind.VLARRAY
        shape = (len(node.rows),) if is_ragged else node.view().shape
        packed = spec.enlargeable or (bool(spec.shape) and 0 not in spec.shape)
        compression = spec.compression if packed and spec.compression and spec.compression.level else None
        checksum = packed and spec.checksum
        filters = [*([compression.name] if compression else []), *(["fletcher32"] if checksum else [])]
        return ArrayInfo(
            shape=shape,
            dtype=spec.dtype,
            enlargeable=spec.enlargeable,
            chunks=spec.chunks or (tuple(max(length, 1) for length in shape) if filters else None),
            filters=tuple(filters),
            stored_bytes=sum(row.nbytes for row in node.rows) if is_ragged else node.view().nbytes,
            compression=compression,
            checksum=checksum,
            fill_value=spec.fill_value,
        )

    def read(self, path: str, selection: Selection = ...) -> Any:  # docstring inherited
        node, spec = self._array(path)
        if node.kind is not NodeKind.VLARRAY:
            values = node.view()
            return read_selected(
                selection, values.shape, spec.dtype, lambda block: _block(values, block).copy()
            )
        chosen = row_positions(selection, len(node.rows))
        if isinstance(chosen, int):
            return node.rows[chosen].copy()
        return [node.rows[position].copy() for position in chosen]

    def write(self, path: str, selection: Selection, values: Any) -> None:  # docstring inherited
        node, spec = self._array(path)
        self._require_writable()
        if node.kind is NodeKind.VLARRAY:
            raise UnsupportedError(f"{path!r} cannot be written: rows are appended, never replaced.")
        held = node.view()
        array = fit_values(values, spec.dtype, repr(path))
        write_selected(selection, held.shape, array, lambda block: _block(held, block), held.__setitem__)

    def append(self, path: str, values: Array) -> None:  # docstring inherited
        node, spec = self._array(path)
        self._require_writable()
        if not spec.enlargeable:
            raise NodeError(f"{path!r} in {self._filename!r} is not enlargeable.")
        array = fit_values(values, spec.dtype, repr(path))
        if node.kind is NodeKind.VLARRAY and array.ndim == 1:
            node.rows.append(array.copy())
        elif node.kind is NodeKind.EARRAY and array.ndim and array.shape[1:] == spec.shape[1:]:
            node.grow(array)
        else:
            raise ArrayShapeError(f"values of shape {array.shape} do not fit a row of {path!r}.")

    def writer(self, path: str) -> Writer:  # docstring inherited
        node, spec = self._array(path)
        self._require_writable()
        if node.kind is NodeKind.VLARRAY:
            raise NodeError(f"{path!r} in {self._filename!r} is not an array of fixed rows.")
        return MemoryWriter(self, node, spec.dtype, f"{path!r} in {self._filename!r}")

    def appender(self, path: str) -> Appender:  # docstring inherited
        node, _ = self._array(path)
        self._require_writable()
        if node.kind is not NodeKind.EARRAY:
            raise NodeError(f"{path!r} in {self._filename!r} is not an array that grows by fixed rows.")
        return MemoryAppender(self, node, f"{path!r} in {self._filename!r}")

    # Attributes

    def attribute_names(self, path: str) -> list[str]:  # docstring inherited
        return sorted(self.raw(path).attributes)

    def read_attribute(self, path: str, name: str) -> RawValue:  # docstring inherited
        attributes = self.raw(path).attributes
        if name not in attributes:
            raise AttributeMissingError(f"{path!r} in {self._filename!r} has no attribute {name!r}.")
        value = attributes[name]
        return value.copy() if isinstance(value, np.ndarray) else value

    def write_attributes(self, path: str, values: Mapping[str, RawValue]) -> None:  # docstring inherited
        node = self.raw(path)
        self._require_writable()
        node.attributes |= {
            name: _as_read(checked_attribute(name, value, self.abilities)) for name, value in values.items()
        }

    def delete_attribute(self, path: str, name: str) -> None:  # docstring inherited
        self._require_writable()
        self.read_attribute(path, name)
        del self.raw(path).attributes[name]


def _block(values: Array, block: Block) -> Array:
    index: Any = (*block, ...)  # an array without dimensions too stays one
    found: Array = values[index]
    return found


def _as_read(value: str | bytes | Array) -> RawValue:
    if isinstance(value, np.ndarray):
        return value.copy() if value.ndim else value[()]
    return plain_text(value) if isinstance(value, bytes) else value


def _attributes_of(kind: NodeKind) -> dict[str, RawValue]:
    """Return the attributes that an array is made with, which tell PyTables what it is."""
    grows: dict[str, RawValue] = {} if kind is NodeKind.CARRAY else {"EXTDIM": np.int32(0)}
    return {"CLASS": kind.value, **grows}
