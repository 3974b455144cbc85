"""The arrays of PyTables: made, read and written as a driver has to."""

from __future__ import annotations

import functools
import sys
from typing import Any

import numpy as np
import tables

from ._compression import Compression
from ._driver import Array, ArraySpec, Selection
from ._errors import (
    ArrayIndexError,
    ArrayShapeError,
    ArrayTypeError,
    FileClosedError,
    FileError,
)
from ._selection import Block, read_selected, row_positions, write_selected
from ._tables_hdf5 import HDF5, LOCK, WHOLE_FILE, Hdf5Error, reason
from ._tables_types import Layout, read_whole


def create_leaf(file: tables.File, where: str, name: str, spec: ArraySpec) -> Any:
    """Make an array, without values; it is closed by the caller."""
    has_room = spec.enlargeable or (spec.shape != () and 0 not in spec.shape)
    is_packed = spec.checksum or (spec.compression is not None and spec.compression.level > 0)
    options = {"track_times": False, **_type_options(spec.dtype)}
    if spec.fill_value is not None:
        # As an array: PyTables leaves out a fill value that is false.
        options["atom"].dflt = np.asarray(spec.fill_value, options["atom"].dtype)
    packing = {"filters": _packing(spec.compression, checksum=spec.checksum), "chunkshape": spec.chunks}
    if spec.enlargeable:
        leaf = file.create_earray(where, name, shape=(0, *spec.shape[1:]), **options, **packing)
        if spec.shape[0]:
            leaf.truncate(spec.shape[0])
        return leaf
    if has_room and (is_packed or spec.chunks or spec.fill_value is not None):
        return file.create_carray(where, name, shape=spec.shape, **options, **packing)
    leaf = file.create_array(where, name, shape=spec.shape, **options)
    if spec.fill_value is not None and spec.shape == ():
        leaf[...] = spec.fill_value
    elif spec.placed and has_room:
        # Such an array takes its place in the file in one piece, when its first value is written.
        leaf[(0,) * len(spec.shape)] = np.zeros((), leaf.dtype)
    return leaf


def create_rows(
    file: tables.File, where: str, name: str, dtype: np.dtype[Any], compression: Compression | None
) -> Any:
    """Make an empty list of rows; it is closed by the caller."""
    packing = _packing(compression, checksum=False)
    return file.create_vlarray(where, name, filters=packing, track_times=False, **_type_options(dtype))


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
    positions = row_positions(selection, found.shape[0])
    if isinstance(positions, int):
        return leaf[positions].astype(found.dtype, copy=False)
    start = positions[0] if positions else 0
    if positions == list(range(start, start + len(positions))):
        rows = leaf.read(start, start + len(positions), 1)
    else:
        rows = [leaf[position] for position in positions]
    return [row.astype(found.dtype, copy=False) for row in rows]


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
    leaf[block] = _for_disk(leaf, values)


def _for_disk(leaf: Any, values: Array) -> Array:
    return values.view(leaf.atom.dtype) if leaf.atom.kind == "enum" and values.dtype == bool else values


def append_to(leaf: Any, values: Array) -> None:
    """Add rows to an array, or one row to a list; when that fails, none."""
    length = leaf.nrows
    try:
        leaf.append(_for_disk(leaf, values))
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
        self._shape = tuple(map(int, leaf.shape))

    def write(self, index: tuple[int, ...], values: Array) -> None:
        # docstring inherited
        rest = self._shape[len(index) :]
        if len(index) > len(self._shape) or not all(
            0 <= place < length for place, length in zip(index, self._shape, strict=False)
        ):
            raise ArrayIndexError(f"{index} is outside {self._where}, of shape {self._shape}.")
        if values.dtype != self._dtype:
            raise ArrayTypeError(f"{self._where} holds {self._dtype}, not {values.dtype}.")
        if values.shape != rest:
            raise ArrayShapeError(f"a point of {self._where} has shape {rest}, not {values.shape}.")
        with LOCK:
            if not self._leaf._v_isopen:  # noqa: SLF001 - PyTables' name for it
                raise FileClosedError(f"writing point {index} of {self._where} failed: the file is closed.")
            try:
                self._leaf[index or ...] = _for_disk(self._leaf, values)
                # Until then HDF5 keeps small writes. PyTables' own flush does not tell when it fails.
                HDF5.H5Fflush(self._leaf.object_id, WHOLE_FILE)
            except (tables.HDF5ExtError, Hdf5Error) as error:
                message = f"writing point {index} of {self._where} failed: {reason(error)}."
                raise FileError(message) from error

    def close(self) -> None:
        """Give the leaf back; closing twice is no error."""
        self._leaf.close()
