"""The driver over h5py: local files, and everything that only h5py does in its own way."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import h5py
import numpy as np
from h5py import h5d, h5o
from numpy.typing import DTypeLike

from ._codec import RawValue
from ._compression import Compression
from ._driver import (
    Array,
    ArrayInfo,
    ArraySpec,
    Driver,
    NodeKind,
    OpenMode,
    Selection,
    require_storable,
)
from ._errors import (
    ArrayShapeError,
    AttributeMissingError,
    FileClosedError,
    FileError,
    FileFormatError,
    FileReadOnlyError,
    H5ModulesError,
    NodeError,
    NodeExistsError,
    UnsupportedError,
)
from ._files import open_error, require_no_options, require_path
from ._filters import compression_of
from ._h5py_files import array_options, copy_object, copy_root, filter_options, open_id
from ._h5py_values import (
    Layout,
    filters,
    key,
    layout,
    prepared_attribute,
    read_attribute,
    require_checksums,
    text,
)
from ._h5py_writer import HandleAppender, HandleWriter
from ._handles import Appender, Writer
from ._raw_values import checked_attribute
from ._selection import read_selected, write_selected
from ._values import fit_values

_FAILURES = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    MemoryError,
    SystemError,
)
"""What h5py raises when a file is damaged or the disk is full: there is no class that they share."""


class H5pyDriver(Driver):
    """A local HDF5 file, through h5py."""

    library: ClassVar[str] = "h5py"

    def __init__(self, file: h5py.File, filename: str, *, writable: bool) -> None:
        self._file = file
        self._filename = filename
        self._writable = writable
        self._sound: set[int] = set()
        """Where arrays with checksums lie that were looked through: once is enough, and takes a while."""

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
        try:
            file = h5py.File(open_id(os.fsencode(path), mode))
        except _FAILURES as error:
            raise open_error(path, mode, error) from error
        return cls(file, str(path), writable=mode != "r")

    # The file

    @property
    def filename(self) -> str:  # docstring inherited
        return self._filename

    @property
    def is_open(self) -> bool:  # docstring inherited
        return bool(self._file)

    @property
    def writable(self) -> bool:  # docstring inherited
        return self._writable

    @property
    def handle(self) -> h5py.File:  # docstring inherited
        self._require_open()
        return self._file

    def close(self) -> None:  # docstring inherited
        if self.is_open:
            with self._explained("closing"):
                self._file.close()

    def flush(self) -> None:  # docstring inherited
        self._require_open()
        with self._explained("flushing"):
            self._file.flush()

    def _require_open(self) -> None:
        if not self._file:
            raise FileClosedError(f"the file {self._filename!r} is closed.")

    def _require_writable(self) -> None:
        self._require_open()
        if not self._writable:
            raise FileReadOnlyError(
                f"the file {self._filename!r} was opened for reading; open it with mode 'a' or 'r+'."
            )

    @contextmanager
    def _explained(self, doing: str, kind: type[FileError] = FileError) -> Iterator[None]:
        """Turn what the library raises into an error of ours that says what was being done."""
        try:
            yield
        except H5ModulesError:
            raise
        except _FAILURES as error:
            raise kind(f"{doing} {self._filename!r} failed: {error}") from error

    def _reading(self, path: str) -> Any:
        return self._explained(f"reading {path!r} in", FileFormatError)

    # The tree

    def raw(self, path: str) -> Any:  # docstring inherited
        self._require_open()
        try:
            return self._file[key(path)]
        except _FAILURES as error:
            raise NodeError(f"there is no node {path!r} in {self._filename!r}: {error}") from error

    def kind(self, path: str) -> NodeKind | None:  # docstring inherited
        self._require_open()
        try:
            node = self._file[key(path)]
        except _FAILURES:
            return NodeKind.UNREADABLE if self._has_link(path) else None
        if isinstance(node, h5py.Group):
            return NodeKind.GROUP
        try:
            return layout(node).kind if isinstance(node, h5py.Dataset) else NodeKind.UNREADABLE
        except _FAILURES:
            return NodeKind.UNREADABLE

    def identity(self, path: str) -> Hashable:  # docstring inherited
        node = self.raw(path)
        with self._reading(path):
            info = h5o.get_info(node.id)
        return info.fileno, info.addr

    def problem(self, path: str) -> str:  # docstring inherited
        self._require_open()
        try:
            node = self._file[key(path)]
        except _FAILURES as error:
            return self._link_problem(path, error)
        if isinstance(node, h5py.Group):
            return ""
        try:
            return layout(node).problem if isinstance(node, h5py.Dataset) else "it is a type without data"
        except _FAILURES as error:
            return f"it is damaged: {error}"

    def _link_problem(self, path: str, error: Exception) -> str:
        try:
            link = self._file.get(key(path), getlink=True)
        except _FAILURES:
            link = None
        if isinstance(link, h5py.ExternalLink):
            return f"it is a link to {link.path!r} in the file {link.filename!r}, which cannot be followed"
        if isinstance(link, h5py.SoftLink):
            return f"it is a link to {link.path!r}, where nothing is"
        if link is None:
            raise NodeError(f"there is no node {path!r} in {self._filename!r}: {error}") from error
        return f"it is damaged: {error}"

    def _has_link(self, path: str) -> bool:
        try:
            return self._file.get(key(path), getlink=True) is not None
        except _FAILURES:
            return False

    def child_names(self, path: str) -> list[str]:  # docstring inherited
        node = self.raw(path)
        if not isinstance(node, h5py.Group):
            raise NodeError(f"{path!r} in {self._filename!r} is not a group.")
        with self._reading(path):
            return sorted(text(name) for name in node)

    def _require_place(self, path: str) -> None:
        """Refuse to make a node where one is, or where no group can hold it."""
        self._require_writable()
        if path == "/" or self._has_link(path):
            raise NodeExistsError(f"{path!r} exists already in {self._filename!r}.")
        above = path.rpartition("/")[0] or "/"
        if not isinstance(self.raw(above), h5py.Group):
            raise NodeError(f"{above!r} in {self._filename!r} is not a group.")

    def _require_removable(self, path: str) -> None:
        self._require_writable()
        if path == "/" or not self._has_link(path):
            reason = "the root stays where it is" if path == "/" else "it does not exist"
            raise NodeError(f"{path!r} in {self._filename!r} cannot be deleted or moved: {reason}.")

    def _require_outside(self, source: str, target: str) -> None:
        if f"{target}/".startswith(f"{source}/") and source != target:
            raise NodeError(f"{source!r} in {self._filename!r} cannot go into itself, to {target!r}.")

    def create_group(self, path: str) -> None:  # docstring inherited
        self._require_place(path)
        with self._made(path):
            self._file.create_group(path).attrs["CLASS"] = NodeKind.GROUP.value

    def create_array(self, path: str, spec: ArraySpec, values: Array | None = None) -> None:
        # docstring inherited
        self._require_place(path)
        if reason := self.abilities.refusal(spec):
            raise UnsupportedError(f"{path!r} cannot be created through {self.library}: {reason}.")
        options = array_options(spec)
        with self._made(path):
            dataset = self._file.create_dataset(path, shape=spec.shape, dtype=spec.dtype, **options)
            dataset.attrs["CLASS"] = (NodeKind.EARRAY if spec.enlargeable else NodeKind.CARRAY).value
            if spec.enlargeable:
                dataset.attrs["EXTDIM"] = np.int32(0)
            if values is not None and values.size:
                dataset[...] = values

    def create_ragged(self, path: str, dtype: DTypeLike, compression: Compression | None = None) -> None:
        # docstring inherited
        self._require_place(path)
        row = np.dtype(dtype)
        require_storable(row)
        # Rows are kept in the order of this machine: h5py 3.16 reads others wrongly.
        options = filter_options(compression, checksum=False)
        with self._made(path):
            dataset = self._file.create_dataset(
                path, shape=(0,), maxshape=(None,), dtype=h5py.vlen_dtype(row.newbyteorder("=")), **options
            )
            dataset.attrs["CLASS"] = NodeKind.VLARRAY.value
            dataset.attrs["EXTDIM"] = np.int32(0)

    @contextmanager
    def _made(self, path: str) -> Iterator[None]:
        """Make a node whole, or not at all."""
        try:
            with self._explained(f"creating {path!r} in"):
                yield
        except H5ModulesError:
            if self._file and self._has_link(path):
                del self._file[key(path)]
            raise

    def delete(self, path: str) -> None:  # docstring inherited
        self._require_removable(path)
        with self._explained(f"deleting {path!r} in"):
            del self._file[key(path)]

    def move(self, source: str, target: str) -> None:  # docstring inherited
        self._require_removable(source)
        self._require_outside(source, target)
        self._require_place(target)
        with self._explained(f"moving {source!r} in"):
            self._file.move(key(source), target)

    def link(self, source: str, target: str) -> None:  # docstring inherited
        node = self.raw(source)
        self._require_place(target)
        with self._explained(f"linking {source!r} in"):
            self._file[target] = node

    def copy(self, source: str, target: str) -> None:  # docstring inherited
        node = self.raw(source)
        self._require_outside("" if source == "/" else source, target)
        self._require_place(target)
        with self._made(target):
            copy_object(node.id, self._file.id, target)

    def copy_to(self, path: str, other: H5pyDriver, new_path: str) -> None:
        """Copy to another file, whatever it is; see `SupportsDirectCopy`."""
        node = self.raw(path)
        if new_path == "/":
            other._require_writable()
            with other._explained(f"copying {path!r} to"):
                copy_root(node.id, other.handle)
            return
        other._require_place(new_path)
        with other._made(new_path):
            copy_object(node.id, other.handle.id, new_path)

    # Arrays

    def _layout(self, path: str) -> Layout:
        node = self.raw(path)
        if not isinstance(node, h5py.Dataset):
            raise NodeError(f"{path!r} in {self._filename!r} is not an array.")
        with self._reading(path):
            return layout(node)

    def _readable(self, path: str) -> Layout:
        found = self._layout(path)
        if found.problem:
            raise FileFormatError(f"{path!r} in {self._filename!r} cannot be read: {found.problem}")
        return found

    def array_info(self, path: str) -> ArrayInfo:  # docstring inherited
        found = self._readable(path)
        dataset = found.dataset
        with self._reading(path):
            packed = filters(dataset)
            compression, checksum = compression_of([(number, parameters) for number, parameters, _ in packed])
            dcpl = dataset.id.get_create_plist()
            is_filled = dcpl.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED and found.dtype.kind != "O"
            return ArrayInfo(
                shape=found.shape,
                dtype=found.dtype,
                enlargeable=found.kind in (NodeKind.EARRAY, NodeKind.VLARRAY),
                chunks=dataset.chunks,
                filters=tuple(name for _, _, name in packed),
                stored_bytes=int(dataset.id.get_storage_size()),
                compression=compression,
                checksum=checksum,
                fill_value=dataset.fillvalue if is_filled and found.kind is not NodeKind.VLARRAY else None,
            )

    def read(self, path: str, selection: Selection = ...) -> Any:  # docstring inherited
        found = self._readable(path)
        is_ragged = found.kind is NodeKind.VLARRAY
        dtype = np.dtype(object) if is_ragged else found.dtype
        with self._reading(path):
            if (
                found.dataset.fletcher32
                and (address := h5o.get_info(found.dataset.id).addr) not in self._sound
            ):
                require_checksums(found.dataset)
                self._sound.add(address)
            values = read_selected(selection, found.shape, dtype, found.read_block)
        one_row = is_ragged and not (isinstance(values, np.ndarray) and values.dtype.kind == "O")
        return list(values) if is_ragged and not one_row else values

    def write(self, path: str, selection: Selection, values: Any) -> None:  # docstring inherited
        found = self._layout(path)
        self._require_writable()
        if found.problem or found.kind is NodeKind.VLARRAY or found.dtype.kind == "O":
            reason = found.problem or "rows of a ragged array are appended, never replaced"
            raise UnsupportedError(f"{path!r} in {self._filename!r} cannot be written: {reason}.")
        array = fit_values(values, found.dtype, repr(path))
        with self._explained(f"writing {path!r} in"):
            write_selected(selection, found.shape, array, found.read_block, found.write_block)

    def append(self, path: str, values: Array) -> None:  # docstring inherited
        found = self._layout(path)
        self._require_writable()
        is_ragged = found.kind is NodeKind.VLARRAY
        if found.problem or not (is_ragged or found.kind is NodeKind.EARRAY):
            raise NodeError(f"{path!r} in {self._filename!r} is not enlargeable.")
        array = fit_values(values, found.dtype, repr(path))
        if array.ndim != 1 if is_ragged else not array.ndim or array.shape[1:] != found.shape[1:]:
            raise ArrayShapeError(
                f"values of shape {array.shape} do not fit a row of {path!r} ({found.shape[1:]})."
            )
        length = found.shape[0]
        dataset = found.dataset
        with self._explained(f"appending to {path!r} in"):
            dataset.resize(length + (1 if is_ragged else len(array)), axis=0)
            try:
                dataset[length if is_ragged else slice(length, None)] = array
            except _FAILURES:
                dataset.resize(length, axis=0)
                raise

    def writer(self, path: str) -> Writer:  # docstring inherited
        found = self._layout(path)
        self._require_writable()
        if found.problem or found.kind is NodeKind.VLARRAY or found.dtype.kind == "O":
            raise NodeError(f"{path!r} in {self._filename!r} is not an array of fixed rows.")
        return HandleWriter(found.dataset.id, found.dtype, f"{path!r} in {self._filename!r}")

    def appender(self, path: str) -> Appender:  # docstring inherited
        found = self._layout(path)
        self._require_writable()
        if found.problem or found.kind is not NodeKind.EARRAY or found.dtype.kind == "O":
            raise NodeError(f"{path!r} in {self._filename!r} is not an array that grows by fixed rows.")
        return HandleAppender(found.dataset.id, found.dtype, f"{path!r} in {self._filename!r}")

    # Attributes

    def attribute_names(self, path: str) -> list[str]:  # docstring inherited
        node = self.raw(path)
        with self._reading(path):
            return sorted(text(name) for name in node.attrs)

    def _require_attribute(self, path: str, name: str) -> h5py.AttributeManager:
        attributes = self.raw(path).attrs
        with self._reading(path):
            if name and "\0" not in name and key(name) in attributes:
                return attributes
        raise AttributeMissingError(f"{path!r} in {self._filename!r} has no attribute {name!r}.")

    def read_attribute(self, path: str, name: str) -> RawValue:  # docstring inherited
        attributes = self._require_attribute(path, name)
        with self._reading(path):
            return read_attribute(attributes, name, f"{path!r} in {self._filename!r}")

    def write_attributes(self, path: str, values: Mapping[str, RawValue]) -> None:  # docstring inherited
        node = self.raw(path)
        self._require_writable()
        prepared = {
            name: prepared_attribute(checked_attribute(name, value, self.abilities))
            for name, value in values.items()
        }
        with self._explained(f"writing attributes of {path!r} in"):
            for name, (data, dtype) in prepared.items():
                node.attrs.create(name, data, dtype=dtype)

    def delete_attribute(self, path: str, name: str) -> None:  # docstring inherited
        self._require_writable()
        attributes = self._require_attribute(path, name)
        with self._explained(f"deleting an attribute of {path!r} in"):
            del attributes[key(name)]
