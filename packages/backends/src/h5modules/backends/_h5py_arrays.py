"""The arrays of a file of h5py: making, describing, reading and writing them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np
from h5py import h5d
from h5py._objects import phil
from numpy.typing import DTypeLike

from ._array_spec import ArrayInfo, ArraySpec, require_storable
from ._compression import Compression
from ._driver import Array, NodeKind, Selection
from ._durability import DiskPace, Durability
from ._errors import (
    ArrayIndexError,
    ArrayShapeError,
    DiskSpaceError,
    FileFormatError,
    NodeError,
    UnsupportedError,
)
from ._filters import compression_of
from ._h5py_appender import BlockAppender, address, has_blocks
from ._h5py_chunks import write_block
from ._h5py_file import FAILURES, H5pyFile
from ._h5py_files import array_options, filter_options
from ._h5py_opening import open_plainly
from ._h5py_values import Layout, filters, key, layout, require_checksums
from ._h5py_writer import HandleAppender, HandleWriter
from ._handles import Appender, Writer
from ._placed import PlacedArray
from ._places import Place
from ._selection import Block, ReadBlock, read_selected, write_selected
from ._values import fit_values

_MOST_KNOWN = 32
"""Of how many arrays it is remembered how they are to be seen."""


class Arrays:
    """The arrays of one file; its methods do what those of `Driver` of the same names promise.

    Parameters
    ----------
    file
        The file.
    durability
        When points and rows are to be on the disk itself.
    check_space
        Whether an array is refused that does not fit on the disk.
    """

    def __init__(self, file: H5pyFile, durability: Durability, *, check_space: bool) -> None:
        self._file = file
        self._durability = durability
        self._checks_space = check_space
        self._known: dict[str, Layout] = {}
        self._pace = DiskPace(file.sync, durability) if file.writable and durability.is_synced else None
        self._appenders: dict[tuple[int, int], BlockAppender] = {}
        self._sound: set[tuple[int, int]] = set()
        """Where arrays with checksums lie that were looked through: once is enough, and takes a while."""

    def create(self, path: str, spec: ArraySpec, values: Array | None = None) -> None:
        """Make an array, in a place where none is."""
        options = array_options(spec)
        if spec.placed and values is None and self._checks_space:
            self._require_room(path, spec)
        with phil, self._file.made(path):  # h5py's lock, for the store is written to besides HDF5
            longest = self._file.store.longest
            dataset = self._file.h5.create_dataset(path, shape=spec.shape, dtype=spec.dtype, **options)
            dataset.attrs["CLASS"] = (NodeKind.EARRAY if spec.enlargeable else NodeKind.CARRAY).value
            if spec.enlargeable:
                dataset.attrs["EXTDIM"] = np.int32(0)
            if values is not None and values.size:
                self._put_all(dataset, spec, values)
            elif spec.fill_value is None and (place := dataset.id.get_offset()) is not None:
                room = min(longest - place, spec.size)
                if room > 0:  # HDF5 gives the room of what was deleted to others, with what it held
                    self._file.store.clear(place, room)

    def _require_room(self, path: str, spec: ArraySpec) -> None:
        """Refuse an array that does not fit on the disk, beside what this file was promised before."""
        free = shutil.disk_usage(Path(self._file.name).parent).free
        promised = self._file.store.holes
        if spec.size + promised > free:
            raise DiskSpaceError(
                f"{self._file.where(path)} takes {spec.size:,} bytes, and there is room for "
                f"{max(free - promised, 0):,}: {free:,} are free, of which {promised:,} are kept for arrays "
                "that are not written yet. Make room, or open the file with check_space=False."
            )

    def _put_all(self, dataset: h5py.Dataset, spec: ArraySpec, values: Array) -> None:
        """Write the values of a new array: by one write to its place, where nothing refers to that yet."""
        place = dataset.id.get_offset()
        is_new = place is not None and place >= self._file.store.committed
        placed = self._placed(layout(dataset), dataset.name) if is_new else None
        write = placed.write_block if placed is not None else partial(write_block, layout(dataset))
        write(tuple(slice(0, length, 1) for length in spec.shape), values)

    def create_ragged(self, path: str, dtype: DTypeLike, compression: Compression | None = None) -> None:
        """Make an empty list of rows."""
        self._file.require_place(path)
        row = np.dtype(dtype)
        require_storable(row)
        # Rows are kept in the order of this machine: h5py 3.16 reads others wrongly.
        options = filter_options(compression, checksum=False)
        with self._file.made(path):
            dataset = self._file.h5.create_dataset(
                path, shape=(0,), maxshape=(None,), dtype=h5py.vlen_dtype(row.newbyteorder("=")), **options
            )
            dataset.attrs["CLASS"] = NodeKind.VLARRAY.value
            dataset.attrs["EXTDIM"] = np.int32(0)

    def _layout(self, path: str) -> Layout:
        """Return how an array is to be seen; of a file that is only read, it is remembered for some."""
        self._file.require_open()
        if self._file.writable:
            return self._of_written(path)
        known = self._known.pop(path, None) or self._found(path)
        self._known[path] = known
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return known

    def _of_written(self, path: str) -> Layout:
        held, asked = self._file.held, ("layout", path)
        if asked in held:
            return cast(Layout, held[asked])
        found = self._found(path)
        # Arrays that grow change, and chunks take room for as long as an array is open.
        if found.kind is NodeKind.CARRAY and found.dataset.chunks is None and not found.dataset.is_virtual:
            self._file.known.keep(held, asked, found, found.dataset)
        return found

    def _found(self, path: str) -> Layout:
        node = self._file.raw(path)
        if not isinstance(node, h5py.Dataset):
            raise NodeError(f"{self._file.where(path)} is not an array.")
        with self._file.reading(path):
            found = layout(node)
        appender = self._appender_of(found)
        return found if appender is None else replace(found, shape=(appender.length, *found.shape[1:]))

    def _own(self, path: str) -> Layout:
        """Return an array that may be changed: one of this file, open for writing."""
        found = self._layout(path)
        self._file.require_writable()
        self._file.require_own(found.dataset, path)
        return found

    def _readable(self, path: str) -> Layout:
        found = self._layout(path)
        if found.problem:
            raise FileFormatError(f"{self._file.where(path)} cannot be read: {found.problem}")
        return found

    def info(self, path: str) -> ArrayInfo:
        """Describe an array."""
        found = self._readable(path)
        dataset = found.dataset
        with self._file.reading(path):
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

    def places(self, path: str) -> list[Place]:
        """Return where in the file the values lie: see `SupportsPlaces`."""
        found = self._found(path)
        dataset = found.dataset
        with self._file.reading(path):
            if dataset.is_virtual or dataset.external:
                return []
            if dataset.chunks is not None:
                return _chunk_places(dataset)
            start = dataset.id.get_offset()
            size = int(dataset.id.get_storage_size())
            return (
                []
                if start is None
                else [Place(start, size, (0,) * dataset.ndim, dataset.shape, is_packed=False)]
            )

    def read(self, path: str, selection: Selection = ...) -> Any:
        """Return selected values."""
        found = self._readable(path)
        is_ragged = found.kind is NodeKind.VLARRAY
        dtype = np.dtype(object) if is_ragged else found.dtype
        with self._file.reading(path):
            if found.dataset.fletcher32 and (place := address(found.dataset.id)) not in self._sound:
                require_checksums(found.dataset)
                self._sound.add(place)
            values = read_selected(selection, found.shape, dtype, self._read_block(found, path))
        one_row = is_ragged and not (isinstance(values, np.ndarray) and values.dtype.kind == "O")
        return list(values) if is_ragged and not one_row else values

    def _read_block(self, found: Layout, path: str) -> ReadBlock:
        if not self._file.writable or found.dataset.chunks is not None or not found.dataset.is_virtual:
            return found.read_block
        return partial(self._read_virtual, path)

    def _read_virtual(self, path: str, block: Block) -> Array:
        """Read values that lie in other files, which HDF5 would look for in the file object of this one."""
        self._file.commit()
        with open_plainly(Path(self._file.name)) as file:
            return layout(file[key(path)]).read_block(block)

    def write(self, path: str, selection: Selection, values: Any) -> None:
        """Write selected values: those of an array in one piece to their place, past the library."""
        found = self._own(path)
        if found.problem or found.kind is NodeKind.VLARRAY or found.dtype.kind == "O":
            reason = found.problem or "rows of a ragged array are appended, never replaced"
            raise UnsupportedError(f"{self._file.where(path)} cannot be written: {reason}.")
        array = fit_values(values, found.dtype, repr(path))
        placed = self._placed(found, path)
        write = placed.write_block if placed is not None else partial(write_block, found)
        with self._file.explained(f"writing {path!r} in"):
            write_selected(selection, found.shape, array, found.read_block, write)
            if self._appender_of(found) is not None:
                self._file.commit()

    def _placed(self, found: Layout, path: str) -> PlacedArray | None:
        """Return the place of an array that lies in one piece; None for others."""
        dataset = found.dataset
        place = dataset.id.get_offset() if dataset.chunks is None and not dataset.external else None
        store = self._file.store
        if place is None or dataset.is_virtual:
            return None
        where = self._file.where(path)
        array = PlacedArray(store, place, found.shape, found.dtype, where, dataset.id)
        with phil:
            if store.has_changes_in(place, array.size):
                self._file.commit()
        return array

    def _appender_of(self, found: Layout) -> BlockAppender | None:
        """Return what adds rows to an array, if anybody does."""
        if not self._appenders or found.kind is not NodeKind.EARRAY:
            return None
        return self._appenders.get(address(found.dataset.id))

    def append(self, path: str, values: Array) -> None:
        """Add rows."""
        found = self._own(path)
        is_ragged = found.kind is NodeKind.VLARRAY
        if found.problem or not (is_ragged or found.kind is NodeKind.EARRAY):
            raise NodeError(f"{self._file.where(path)} is not enlargeable.")
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
        with self._file.explained(f"appending to {path!r} in"):
            dataset.resize(length + (1 if is_ragged else len(array)), axis=0)
            try:
                dataset[length if is_ragged else slice(length, None)] = array
            except FAILURES:
                dataset.resize(length, axis=0)
                raise

    def writer(self, path: str) -> Writer:
        """Return what writes points; what was made until then is committed."""
        found = self._own(path)
        if found.problem or found.kind is NodeKind.VLARRAY or found.dtype.kind == "O":
            raise NodeError(f"{self._file.where(path)} is not an array of fixed rows.")
        with self._file.explained(f"flushing {path!r} in"):
            self._file.commit()  # the array is there, whatever happens, before it has a point
        placed = self._placed(found, path)
        if placed is not None:
            return placed if self._pace is None else self._pace.writer(placed)
        where = self._file.where(path)
        shape = partial(self._shape_now, found)
        return HandleWriter(found.dataset.id, found.dtype, where, shape, self._file.commit)

    def _shape_now(self, found: Layout) -> tuple[int, ...]:
        appender = self._appender_of(found)
        shape = tuple(found.dataset.shape)
        return shape if appender is None else (appender.length, *shape[1:])

    def appender(self, path: str) -> Appender:
        """Return what adds rows: to blocks past the library where the array consists of them."""
        found = self._own(path)
        if found.problem or found.kind is not NodeKind.EARRAY or found.dtype.kind == "O":
            raise NodeError(f"{self._file.where(path)} is not an array that grows by fixed rows.")
        with self._file.explained(f"opening {path!r} in"):
            blocks = self._appender_of(found) or self._blocks(found, path)
        if blocks is None:
            where = self._file.where(path)
            return HandleAppender(found.dataset.id, found.dtype, where, self._file.commit)
        return blocks if self._pace is None else self._pace.appender(blocks)

    def _blocks(self, found: Layout, path: str) -> BlockAppender | None:
        dataset = found.dataset.id
        if not has_blocks(dataset):
            return None
        made = BlockAppender(
            dataset, self._file.store, found.dtype, self._file.where(path), self._file.commit
        )
        self._appenders[address(dataset)] = made
        return made

    def truncate(self, path: str, length: int) -> None:
        """Take rows away from the end of an array."""
        found = self._own(path)
        if found.problem or found.kind is not NodeKind.EARRAY or self._appender_of(found) is not None:
            raise NodeError(f"{self._file.where(path)} is not an array whose rows can be taken away.")
        if not 0 <= length <= found.shape[0]:
            raise ArrayIndexError(f"{self._file.where(path)} has {found.shape[0]} rows, not {length}.")
        with self._file.explained(f"cutting {path!r} in"):
            found.dataset.resize(length, axis=0)

    def trim(self) -> None:
        """Let every array end with its last row, as it is when it is copied, or the file closed."""
        for appender in self._appenders.values():
            appender.trim()


def _chunk_places(dataset: h5py.Dataset) -> list[Place]:
    places: list[Place] = []
    is_packed = dataset.id.get_create_plist().get_nfilters() > 0

    def note(chunk: Any) -> None:
        places.append(Place(chunk.byte_offset, chunk.size, chunk.chunk_offset, dataset.chunks, is_packed))

    dataset.id.chunk_iter(note)
    return places
