"""The driver over PyTables: local files, and everything that only PyTables does in its own way."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import tables
from numpy.typing import DTypeLike

from ._abilities import Abilities
from ._array_spec import ArrayInfo, ArraySpec, require_storable
from ._codec import RawValue
from ._compression import Compression
from ._driver import Array, Driver, NodeKind, OpenMode, Selection
from ._errors import (
    ArrayShapeError,
    AttributeMissingError,
    FileClosedError,
    FileError,
    FileFormatError,
    H5ModulesError,
    NodeError,
    UndecodableError,
    UnsupportedError,
)
from ._files import open_error, require_no_options, require_path
from ._filters import compression_of
from ._handles import Appender, Writer
from ._raw_values import encoded
from ._tables_attributes import read_attribute, require_attribute_value, write_attribute
from ._tables_file import TablesFile, seen
from ._tables_hdf5 import (
    DATASET,
    DEFAULT,
    FAILURES,
    HDF5,
    LOCK,
    WHOLE_FILE,
    Hdf5Error,
    address,
    alone,
    attribute_names,
    chunks_of,
    explained,
    filters_of,
    link_names,
)
from ._tables_leaves import (
    LeafAppender,
    LeafWriter,
    append_to,
    create_leaf,
    create_rows,
    for_disk,
    read_leaf,
    read_other,
    write_leaf,
)
from ._tables_types import Layout, fill_value
from ._values import fit_values


class PyTablesDriver(Driver):
    """A local HDF5 file, through PyTables.

    PyTables opens files, packs arrays, and writes and reads them. Attributes, links, copies, and arrays that
    lie in one piece are made by HDF5's own functions, in the library that PyTables has loaded: `_tables_hdf5`
    and `_tables_file` tell why. A writer writes through PyTables, and then has HDF5 hand the point to the
    operating system, since PyTables' files keep small writes back.
    """

    library: ClassVar[str] = "tables"
    abilities: ClassVar[Abilities] = Abilities(compressions=frozenset({"gzip", "blosc2"}))

    def __init__(self, file: TablesFile, filename: str, *, writable: bool) -> None:
        self._file = file
        self._filename = filename
        self._writable = writable

    @classmethod
    def open(cls, target: Path | str, mode: OpenMode, **options: Any) -> Self:
        """Open a local file; see `Driver.open`.

        Parameters
        ----------
        target
            The path of the file.
        mode
            See `OpenMode`.
        **options
            None is known.
        """
        require_no_options(cls.library, options)
        path = Path(target)
        require_path(path, mode)
        with LOCK:
            try:
                file = TablesFile.opened(path, mode)
            except FAILURES as error:
                raise error if isinstance(error, FileError) else open_error(path, mode, error) from error
        return cls(file, str(path), writable=mode != "r")

    # The file

    @property
    def filename(self) -> str:  # docstring inherited
        return self._filename

    @property
    def is_open(self) -> bool:  # docstring inherited
        return bool(self._file.isopen)

    @property
    def writable(self) -> bool:  # docstring inherited
        return self._writable

    @property
    def handle(self) -> TablesFile:  # docstring inherited
        if not self.is_open:
            raise FileClosedError(f"the file {self._filename!r} is closed.")
        return self._file

    def close(self) -> None:  # docstring inherited
        with LOCK:
            if not self.is_open:
                return
            with explained(f"closing {self._filename!r}"):
                try:
                    if self._writable:
                        self.flush()
                finally:
                    self._file.close()

    @alone
    def flush(self) -> None:  # docstring inherited
        HDF5.H5Fflush(self._file.number, WHOLE_FILE)  # PyTables' own does not tell when it fails

    # The tree

    @alone
    def raw(self, path: str) -> Any:  # docstring inherited
        try:
            return self._file.get_node(path)
        except (tables.NoSuchNodeError, UnicodeEncodeError) as error:
            raise NodeError(f"there is no node {path!r} in {self._filename!r}: {error}.") from error

    @alone
    def kind(self, path: str) -> NodeKind | None:  # docstring inherited
        try:
            with self._file.node(path) as node:
                return seen(node, path).kind
        except FAILURES:  # no such node is one of them
            return NodeKind.UNREADABLE if self._file.has_link(path) else None

    @alone
    def identity(self, path: str) -> Hashable:  # docstring inherited
        with self._file.node(path) as node:
            return address(node)

    @alone
    def problem(self, path: str) -> str:  # docstring inherited
        try:
            with self._file.node(path) as node:
                return seen(node, path).problem
        except FAILURES as error:
            if not self._file.has_link(path):
                raise
            match self._file.link(path):
                case tables.link.ExternalLink(target=target):
                    return f"it is a link to {target!r}, in another file, which cannot be followed"
                case tables.link.SoftLink(target=target):
                    return f"it is a link to {target!r}, where nothing is"
            return f"it is damaged: {error}"

    @alone
    def child_names(self, path: str) -> list[str]:  # docstring inherited
        with self._file.group(path) as group:
            return link_names(group)

    @contextmanager
    def _made(self, path: str) -> Iterator[None]:
        """Make a node in the block: whole, or not at all."""
        self._file.require_place(path)
        try:
            yield
        except (H5ModulesError, *FAILURES):
            if self._file.has_link(path):
                self.delete(path)
            raise
        self._file.forget(path)

    @alone
    def create_group(self, path: str) -> None:  # docstring inherited
        with self._made(path):
            where, _, name = path.rpartition("/")
            self._file.create_group(where or "/", name)
            self.write_attributes(path, {"CLASS": NodeKind.GROUP.value})

    @alone
    def create_array(self, path: str, spec: ArraySpec, values: Array | None = None) -> None:
        # docstring inherited
        if why := self.abilities.refusal(spec):
            raise UnsupportedError(f"{path!r} cannot be created through {self.library}: {why}.")
        attributes: dict[str, RawValue] = {"CLASS": NodeKind.CARRAY.value}
        if spec.enlargeable:
            attributes = {"CLASS": NodeKind.EARRAY.value, "EXTDIM": np.int32(0)}
        with self._made(path):
            create_leaf(self._file, path, spec)
            if values is not None and values.size:
                with self._file.leaf(path) as leaf:
                    leaf[...] = for_disk(leaf, values)
            self.write_attributes(path, attributes)

    @alone
    def create_ragged(self, path: str, dtype: DTypeLike, compression: Compression | None = None) -> None:
        # docstring inherited
        row = np.dtype(dtype)
        require_storable(row)
        if why := self.abilities.refusal_of_rows(compression):
            raise UnsupportedError(f"{path!r} cannot be created through {self.library}: {why}.")
        with self._made(path):
            create_rows(self._file, path, row, compression)
            self.write_attributes(path, {"CLASS": NodeKind.VLARRAY.value, "EXTDIM": np.int32(0)})

    @alone
    def delete(self, path: str) -> None:  # docstring inherited
        self._file.require_removable(path)
        HDF5.H5Ldelete(self._file.number, encoded(path), DEFAULT)
        self._file.forget(path)

    @alone
    def move(self, source: str, target: str) -> None:  # docstring inherited
        self._file.require_removable(source)
        self._file.require_outside(source, target)
        self._file.require_place(target)
        HDF5.H5Lmove(*self._from_to(source, target), DEFAULT, DEFAULT)
        self._file.forget(source)
        self._file.forget(target)

    @alone
    def link(self, source: str, target: str) -> None:  # docstring inherited
        with self._file.node(source), self._made(target):
            HDF5.H5Lcreate_hard(*self._from_to(source, target), DEFAULT, DEFAULT)

    @alone
    def copy(self, source: str, target: str) -> None:  # docstring inherited
        with self._file.node(source):
            self._file.require_outside("" if source == "/" else source, target)
            with self._made(target):
                HDF5.H5Ocopy(*self._from_to(source, target), DEFAULT, DEFAULT)

    @alone
    def copy_to(self, path: str, other: PyTablesDriver, new_path: str) -> None:
        """Copy to another file, whatever it is; see `SupportsDirectCopy`."""
        with self._file.node(path) as node:
            file = other.handle
            if new_path == "/":
                file.require_writable()
                file.take_root(node)
                return
            with other._made(new_path):
                HDF5.H5Ocopy(node, b".", file.number, encoded(new_path), DEFAULT, DEFAULT)

    def _from_to(self, source: str, target: str) -> tuple[int, bytes, int, bytes]:
        return self._file.number, encoded(source), self._file.number, encoded(target)

    # Arrays

    @contextmanager
    def _dataset(self, path: str) -> Iterator[tuple[int, Layout]]:
        """Open an array for the time of the block, by its number in HDF5."""
        with self._file.node(path) as node:
            if HDF5.H5Iget_type(node) != DATASET:
                raise NodeError(f"{path!r} in {self._filename!r} is not an array.")
            yield node, seen(node, path)

    @contextmanager
    def _readable(self, path: str) -> Iterator[tuple[int, Layout]]:
        """Open an array that can be shown, for the time of the block, and explain what fails in it."""
        with self._dataset(path) as (node, found):
            if found.problem:
                raise FileFormatError(f"{path!r} in {self._filename!r} cannot be read: {found.problem}.")
            with explained(f"reading {path!r} in {self._filename!r}", FileFormatError):
                yield node, found

    @alone
    def array_info(self, path: str) -> ArrayInfo:  # docstring inherited
        with self._readable(path) as (node, found):
            steps = filters_of(node)
            compression, checksum = compression_of([(step.number, step.options) for step in steps])
            return ArrayInfo(
                shape=found.shape,
                dtype=found.dtype,
                enlargeable=found.kind in (NodeKind.EARRAY, NodeKind.VLARRAY),
                chunks=chunks_of(node),
                filters=tuple(step.name for step in steps),
                stored_bytes=HDF5.H5Dget_storage_size(node),
                compression=compression,
                checksum=checksum,
                fill_value=fill_value(node, found),
            )

    @alone
    def read(self, path: str, selection: Selection = ...) -> Any:  # docstring inherited
        with self._readable(path) as (node, found):
            if not (found.is_ragged or found.is_of_numbers):
                return read_other(node, found, selection)
            with self._file.leaf(path) as leaf:
                return read_leaf(leaf, found, selection)

    @alone
    def write(self, path: str, selection: Selection, values: Any) -> None:  # docstring inherited
        with self._dataset(path) as (_, found):
            self._file.require_writable()
            if not found.is_of_numbers:
                why = found.problem or "rows of a ragged array are appended, never replaced"
                raise UnsupportedError(f"{path!r} in {self._filename!r} cannot be written: {why}.")
            array = fit_values(values, found.dtype, repr(path))
            with self._file.leaf(path) as leaf:
                write_leaf(leaf, found, selection, array)

    @alone
    def append(self, path: str, values: Array) -> None:  # docstring inherited
        with self._dataset(path) as (_, found):
            self._file.require_writable()
            if not (found.is_ragged or (found.is_of_numbers and found.kind is NodeKind.EARRAY)):
                raise NodeError(f"{path!r} in {self._filename!r} is not enlargeable.")
            array = fit_values(values, found.dtype, repr(path))
            if array.ndim != 1 if found.is_ragged else not array.ndim or array.shape[1:] != found.shape[1:]:
                raise ArrayShapeError(
                    f"values of shape {array.shape} do not fit a row of {path!r} ({found.shape[1:]})."
                )
            with self._file.leaf(path) as leaf:
                append_to(leaf, found, array)

    @alone
    def writer(self, path: str) -> Writer:  # docstring inherited
        with self._dataset(path) as (_, found):
            self._file.require_writable()
            if not found.is_of_numbers:
                raise NodeError(f"{path!r} in {self._filename!r} is not an array of fixed rows.")
            leaf = self._file.taken_leaf(path)
            return LeafWriter(leaf, found.dtype, f"{path!r} in {self._filename!r}")

    @alone
    def appender(self, path: str) -> Appender:  # docstring inherited
        with self._dataset(path) as (_, found):
            self._file.require_writable()
            if not found.is_of_numbers or found.kind is not NodeKind.EARRAY:
                raise NodeError(f"{path!r} in {self._filename!r} is not an array that grows by fixed rows.")
            leaf = self._file.taken_leaf(path)
            return LeafAppender(leaf, found.dtype, f"{path!r} in {self._filename!r}")

    # Attributes

    @alone
    def attribute_names(self, path: str) -> list[str]:  # docstring inherited
        with self._file.node(path) as node:
            return attribute_names(node)

    @alone
    def read_attribute(self, path: str, name: str) -> RawValue:  # docstring inherited
        with self._file.node(path) as node:
            self._require_attribute(node, path, name)
            try:
                return read_attribute(node, name)
            except (UndecodableError, Hdf5Error) as error:
                where = f"{path!r} in {self._filename!r}"
                raise UndecodableError(f"attribute {name!r} of {where} cannot be read: {error}.") from error

    @alone
    def write_attributes(self, path: str, values: Mapping[str, RawValue]) -> None:  # docstring inherited
        with self._file.node(path) as node:
            self._file.require_writable()
            for name, value in values.items():
                require_attribute_value(name, value)
            for name, value in values.items():
                write_attribute(node, name, value)
        self._file.forget_attributes(path)

    @alone
    def delete_attribute(self, path: str, name: str) -> None:  # docstring inherited
        self._file.require_writable()
        with self._file.node(path) as node:
            self._require_attribute(node, path, name)
            HDF5.H5Adelete(node, encoded(name))
        self._file.forget_attributes(path)

    def _require_attribute(self, node: int, path: str, name: str) -> None:
        if not name or "\0" in name or not HDF5.H5Aexists(node, encoded(name)):
            raise AttributeMissingError(f"{path!r} in {self._filename!r} has no attribute {name!r}.")
