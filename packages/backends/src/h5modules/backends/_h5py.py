"""The driver over h5py: local files, and everything that only h5py does in its own way."""

from __future__ import annotations

import atexit
from collections.abc import Hashable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self
from weakref import WeakSet

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
from ._h5py_appender import BlockAppender, address, has_blocks, open_uncached
from ._h5py_files import array_options, copy_object, copy_root, filter_options
from ._h5py_opening import OpenFile, open_plainly, open_to_read, open_to_write
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
from ._journaled_file import JournaledFile
from ._placed import PlacedArray
from ._raw_values import checked_attribute
from ._selection import Block, ReadBlock, read_selected, write_selected
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


_unclosed: WeakSet[H5pyDriver] = WeakSet()
"""Files that are open for writing: HDF5 would close them when Python, in which they live, is gone."""


@atexit.register
def _close_all() -> None:
    with ExitStack() as closing:
        for driver in list(_unclosed):
            closing.callback(driver.close)


class H5pyDriver(Driver):
    """A local HDF5 file, through h5py."""

    library: ClassVar[str] = "h5py"

    def __init__(self, opened: OpenFile, filename: str, *, writable: bool) -> None:
        self._file, self._store = opened
        if writable:
            _unclosed.add(self)
        self._filename = filename
        self._writable = writable
        self._appenders: dict[int, BlockAppender] = {}
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
            opened = open_to_read(path) if mode == "r" else open_to_write(path, mode, synced=False)
        except H5ModulesError:
            raise
        except _FAILURES as error:
            raise open_error(path, mode, error) from error
        return cls(opened, str(path), writable=mode != "r")

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
        with self._explained("closing"), ExitStack() as closing:
            if self._store is not None:
                closing.callback(self._store.close)
            if self.is_open:
                closing.callback(self._file.close)
                if self._writable:
                    closing.callback(self._file.flush)
                    closing.callback(self._trim)

    def flush(self) -> None:  # docstring inherited
        self._require_open()
        with self._explained("flushing"):
            self._file.flush()

    def _trim(self) -> None:
        """Let every array end with its last row, as it is when it is copied, or the file closed."""
        for appender in self._appenders.values():
            appender.trim()

    def _stored(self) -> JournaledFile:
        if self._store is None:
            raise FileReadOnlyError(f"the file {self._filename!r} was opened for reading.")
        return self._store

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
            longest = self._stored().longest
            dataset = self._file.create_dataset(path, shape=spec.shape, dtype=spec.dtype, **options)
            dataset.attrs["CLASS"] = (NodeKind.EARRAY if spec.enlargeable else NodeKind.CARRAY).value
            if spec.enlargeable:
                dataset.attrs["EXTDIM"] = np.int32(0)
            if values is not None and values.size:
                self._put_all(dataset, spec, values)
            elif spec.fill_value is None and (place := dataset.id.get_offset()) is not None:
                room = min(longest - place, spec.size)
                if room > 0:  # HDF5 gives the room of what was deleted to others, with what it held
                    self._stored().clear(place, room)

    def _put_all(self, dataset: h5py.Dataset, spec: ArraySpec, values: Array) -> None:
        """Write the values of a new array: by one write to its place, where nothing refers to that yet."""
        place = dataset.id.get_offset()
        if place is None or place < self._stored().committed:
            dataset[...] = values
            return
        placed = self._placed(layout(dataset), dataset.name)
        if placed is not None:
            placed.write_block(tuple(slice(0, length, 1) for length in spec.shape), values)

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
            self._trim()
            copy_object(node.id, self._file.id, target)

    def copy_to(self, path: str, other: H5pyDriver, new_path: str) -> None:
        """Copy to another file, whatever it is; see `SupportsDirectCopy`."""
        node = self.raw(path)
        with self._explained(f"copying {path!r} of"):
            self._trim()
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
            found = layout(node)
        appender = self._appender_of(found)
        return found if appender is None else replace(found, shape=(appender.length, *found.shape[1:]))

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
            values = read_selected(selection, found.shape, dtype, self._read_block(found, path))
        one_row = is_ragged and not (isinstance(values, np.ndarray) and values.dtype.kind == "O")
        return list(values) if is_ragged and not one_row else values

    def _read_block(self, found: Layout, path: str) -> ReadBlock:
        if self._store is None or found.dataset.chunks is not None or not found.dataset.is_virtual:
            return found.read_block
        return partial(self._read_virtual, path)

    def _read_virtual(self, path: str, block: Block) -> Array:
        """Read values that lie in other files, which HDF5 would look for in the file object of this one."""
        self._file.flush()
        with open_plainly(Path(self._filename)) as file:
            return layout(file[key(path)]).read_block(block)

    def write(self, path: str, selection: Selection, values: Any) -> None:  # docstring inherited
        found = self._layout(path)
        self._require_writable()
        if found.problem or found.kind is NodeKind.VLARRAY or found.dtype.kind == "O":
            reason = found.problem or "rows of a ragged array are appended, never replaced"
            raise UnsupportedError(f"{path!r} in {self._filename!r} cannot be written: {reason}.")
        array = fit_values(values, found.dtype, repr(path))
        placed = self._placed(found, path)
        write_block = placed.write_block if placed is not None else found.write_block
        with self._explained(f"writing {path!r} in"):
            write_selected(selection, found.shape, array, found.read_block, write_block)
            if self._appender_of(found) is not None:
                self._file.flush()

    def _placed(self, found: Layout, path: str) -> PlacedArray | None:
        """Return the place of an array that lies in one piece; None for others."""
        dataset = found.dataset
        place = dataset.id.get_offset() if dataset.chunks is None and not dataset.external else None
        store = self._stored()
        if place is None or dataset.is_virtual:
            return None
        where = f"{path!r} in {self._filename!r}"
        array = PlacedArray(store, place, found.shape, found.dtype, where, dataset.id)
        if store.has_changes_in(place, array.size):
            self.flush()
        return array

    def _appender_of(self, found: Layout) -> BlockAppender | None:
        """Return what adds rows to an array, if anybody does."""
        if not self._appenders or found.kind is not NodeKind.EARRAY:
            return None
        return self._appenders.get(address(found.dataset.id))

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
        if (appender := self._appender_of(found)) is not None:
            for row in array:
                appender.append(np.asarray(row))
            return
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
        with self._explained(f"flushing {path!r} in"):
            self._file.flush()  # the array is there, whatever happens, before it has a point
        placed = self._placed(found, path)
        if placed is not None:
            return placed
        where = f"{path!r} in {self._filename!r}"
        shape = partial(self._shape_now, found)
        return HandleWriter(found.dataset.id, found.dtype, where, shape, self._file.flush)

    def _shape_now(self, found: Layout) -> tuple[int, ...]:
        appender = self._appender_of(found)
        shape = tuple(found.dataset.shape)
        return shape if appender is None else (appender.length, *shape[1:])

    def appender(self, path: str) -> Appender:  # docstring inherited
        found = self._layout(path)
        self._require_writable()
        if found.problem or found.kind is not NodeKind.EARRAY or found.dtype.kind == "O":
            raise NodeError(f"{path!r} in {self._filename!r} is not an array that grows by fixed rows.")
        if (known := self._appender_of(found)) is not None:
            return known
        where = f"{path!r} in {self._filename!r}"
        node = address(found.dataset.id)
        dtype, dataset = found.dtype, found.dataset.id
        del found  # HDF5 keeps values as it was told when an array was first opened
        with self._explained(f"opening {path!r} in"):
            if has_blocks(dataset):
                del dataset
                dataset = open_uncached(self._file, key(path))
                if dataset is not None:
                    made = BlockAppender(dataset, self._stored(), dtype, where, self._file.flush)
                    return self._appenders.setdefault(node, made)
        return HandleAppender(self.raw(path).id, dtype, where, self._file.flush)

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
