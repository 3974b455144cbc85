"""The arrays of PyTables: made, read and written as a driver has to."""

from __future__ import annotations

import ctypes
import functools
import sys
from contextlib import closing
from typing import Any

import numpy as np
import tables

from ._array_spec import ArraySpec
from ._compression import Compression
from ._driver import Array, Selection
from ._errors import (
    FileClosedError,
    FileError,
)
from ._handles import holds, require_point, require_row
from ._selection import Block, read_selected, write_selected
from ._tables_file import TablesFile
from ._tables_hdf5 import HDF5, LOCK, WHOLE_FILE, explained
from ._tables_types import Layout, create_whole, read_whole, shape_of


def create_leaf(file: TablesFile, path: str, spec: ArraySpec) -> None:
    """Make an array, without values."""
    has_room = spec.enlargeable or (spec.shape != () and 0 not in spec.shape)
    is_packed = spec.checksum or (spec.compression is not None and spec.compression.level > 0)
    if not has_room or not (spec.enlargeable or is_packed or spec.chunks):
        create_whole(file.number, path, spec)
        return
    where, _, name = path.rpartition("/")
    options = {"track_times": False, **_type_options(spec.dtype)}
    if spec.fill_value is not None:
        # An array, for PyTables leaves out a value that is false; and as in the file, for it takes the bytes.
        options["atom"].dflt = np.asarray(spec.fill_value, spec.dtype).view(options["atom"].dtype)
    options |= {"filters": _packing(spec.compression, checksum=spec.checksum), "chunkshape": spec.chunks}
    if not spec.enlargeable:
        file.create_carray(where or "/", name, shape=spec.shape, **options).close()
        return
    with closing(file.create_earray(where or "/", name, shape=(0, *spec.shape[1:]), **options)) as leaf:
        if spec.shape[0]:
            leaf.truncate(spec.shape[0])


def create_rows(file: TablesFile, path: str, dtype: np.dtype[Any], packing: Compression | None) -> None:
    """Make an empty list of rows."""
    where, _, name = path.rpartition("/")
    options = {"filters": _packing(packing, checksum=False), "track_times": False, **_type_options(dtype)}
    file.create_vlarray(where or "/", name, **options).close()


def _type_options(dtype: np.dtype[Any]) -> dict[str, Any]:
    big = dtype.byteorder == ">" or (dtype.byteorder == "=" and sys.byteorder == "big")
    order = ("big" if big else "little") if dtype.itemsize > 1 and dtype.kind in "iufc" else None
    return {"atom": tables.Atom.from_dtype(dtype.newbyteorder("=")), "byteorder": order}


def _packing(compression: Compression | None, *, checksum: bool) -> tables.Filters:
    if compression is None or compression.level == 0:
        return tables.Filters(fletcher32=checksum)
    if compression.name == "gzip":
        return tables.Filters(compression.level, "zlib", shuffle=compression.shuffle, fletcher32=checksum)
    # Blosc sorts by itself.
    return tables.Filters(
        compression.level, "blosc2:zstd", shuffle=False, bitshuffle=compression.shuffle, fletcher32=checksum
    )


def read_leaf(leaf: Any, found: Layout, selection: Selection) -> Any:
    """Return the selected values of an array, or the selected rows of a list."""
    if not found.is_ragged:
        return read_selected(selection, found.shape, found.dtype, functools.partial(_block, leaf, found))
    numbers = np.arange(found.shape[0])
    chosen = read_selected(selection, found.shape, numbers.dtype, numbers.__getitem__)
    if np.ndim(chosen) == 0:
        return _row(found, leaf[int(chosen)])
    is_run = chosen.size > 0 and np.array_equal(chosen, np.arange(chosen[0], chosen[0] + chosen.size))
    rows = leaf.read(int(chosen[0]), int(chosen[-1]) + 1, 1) if is_run else [leaf[int(row)] for row in chosen]
    return [_row(found, row) for row in rows]


def _row(found: Layout, row: Array) -> Array:
    # PyTables leaves the bytes of complex numbers as they are in the file.
    return row.view(found.dtype) if found.dtype.kind == "c" else row.astype(found.dtype, copy=False)


def read_other(dataset: int, found: Layout, selection: Selection) -> Any:
    """Return the selected values of an array that PyTables does not read."""
    return read_selected(
        selection, found.shape, found.dtype, functools.partial(_part, read_whole(dataset, found))
    )


def _part(values: Array, block: Block) -> Array:
    place: Any = (*block, ...)  # with an ellipsis, one value comes as an array too
    part: Array = values[place]
    return part


def write_leaf(leaf: Any, found: Layout, selection: Selection, values: Array) -> None:
    """Write the selected values of an array; `values` have its dtype."""
    read = functools.partial(_block, leaf, found)
    write_selected(selection, found.shape, values, read, functools.partial(_put, leaf))


def _block(leaf: Any, found: Layout, block: Block) -> Array:
    values: Array = np.asarray(leaf[block])
    if found.dtype.kind == "b":
        # PyTables gives bits of any value as booleans, and h5py's booleans as integers.
        return values.view(np.uint8).astype(bool)
    if found.has_spaces:
        values = np.char.rstrip(values, b" ")
    return values.astype(found.dtype, copy=False)


def _put(leaf: Any, block: Block, values: Array) -> None:
    leaf[block] = for_disk(leaf, values)


def for_disk(leaf: Any, values: Array) -> Array:
    """Return values as PyTables takes them, by their address alone: in one piece, in the machine's order."""
    whole = np.asarray(values, values.dtype.newbyteorder("="), order="C")
    return whole.view(leaf.atom.dtype) if leaf.atom.kind == "enum" and whole.dtype.kind == "b" else whole


def append_to(leaf: Any, found: Layout, values: Array) -> None:
    """Add rows to an array, or one row to a list; when that fails, none."""
    length = leaf.nrows
    prepared = for_disk(leaf, values)
    if found.is_ragged and found.dtype.kind == "c":
        prepared = np.asarray(values, found.dtype, order="C").view(prepared.dtype)
    try:
        leaf.append(prepared)
    except tables.HDF5ExtError:
        leaf.truncate(length)
        raise


class LeafWriter:
    """Writes points by an open leaf of PyTables; each is with the operating system when `write` returns.

    Parameters
    ----------
    leaf
        The array.
    dtype
        The dtype of the values.
    where
        What the array is called in messages.
    """

    def __init__(self, leaf: Any, dtype: np.dtype[Any], where: str) -> None:
        self._leaf = leaf
        self._dtype = dtype
        self._where = where
        self._take_shape()

    def __del__(self) -> None:
        with LOCK:  # whoever lets go of it, in whatever thread
            self._leaf.close()

    def _take_shape(self) -> None:
        self._shape = shape_of(self._leaf.object_id)
        self._start, self._step = np.zeros(len(self._shape), np.int64), np.ones(len(self._shape), np.int64)

    def write(self, index: tuple[int, ...], values: Array) -> None:
        # docstring inherited
        with LOCK:
            if not self._leaf._v_isopen:  # noqa: SLF001 - PyTables' name for it
                raise FileClosedError(f"writing point {index} of {self._where} failed: the file is closed.")
            if not holds(self._shape, index):
                self._take_shape()  # it may have grown
            require_point(index, values, self._shape, self._dtype, self._where)
            count = np.array((1,) * len(index) + values.shape, np.int64)
            self._start[: len(index)], self._start[len(index) :] = index, 0
            with explained(f"writing point {index} of {self._where}"):
                # What `leaf[index] = values` comes to, but with the shape that the array has now.
                self._leaf._g_write_slice(self._start, self._step, count, for_disk(self._leaf, values))  # noqa: SLF001
                # Until then HDF5 keeps small writes. PyTables' own flush does not tell when it fails.
                HDF5.H5Fflush(self._leaf.object_id, WHOLE_FILE)


class LeafAppender:
    """Adds rows by an open leaf; each is with the operating system when `append` returns.

    The parameters are those of `LeafWriter`.
    """

    def __init__(self, leaf: Any, dtype: np.dtype[Any], where: str) -> None:
        self._leaf = leaf
        self._dtype = dtype
        self._where = where
        self._writer = LeafWriter(leaf, dtype, where)

    @property
    def length(self) -> int:
        # docstring inherited
        with LOCK:
            return self._shape()[0]

    def _shape(self) -> tuple[int, ...]:
        if not self._leaf._v_isopen:  # noqa: SLF001 - PyTables' name for it
            raise FileClosedError(f"{self._where} cannot be appended to: the file is closed.")
        return shape_of(self._leaf.object_id)

    def append(self, row: Array) -> None:
        # docstring inherited
        with LOCK:
            length, *rest = self._shape()
            require_row(row, tuple(rest), self._dtype, self._where)
            with explained(f"appending to {self._where}"):
                self._resize(length + 1, *rest)
            try:
                self._writer.write((length,), row)
            except FileError:
                self._resize(length, *rest)
                raise

    def _resize(self, *shape: int) -> None:
        HDF5.H5Dset_extent(self._leaf.object_id, (ctypes.c_uint64 * len(shape))(*shape))
