"""Rows of a growing array, each written to its place past the library.

The array grows by blocks: chunks that take their place in the file when the block is made. So its shape
runs ahead of the rows: those to come are NaN (or the array's fill value; zero for integers, and for rows of
more than 1 KiB). Making a block is a structure change and is committed at once; a row is then one
positioned write, as a point of a placed array is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from h5py import h5d, h5o, h5p
from h5py._objects import phil

from ._array_spec import ArraySpec
from ._driver import Array
from ._errors import FileClosedError, FileError
from ._handles import require_row
from ._interrupts import uninterrupted
from ._journaled_file import JournaledFile
from ._placed import PlacedArray, bytes_of

BLOCK_BYTES = 2**20
"""How large a block is at most, unless one row is larger."""

FILLED_BYTES = 1024
"""How large a row is at most for those to come to be NaN: larger ones are zero, or all was written twice."""

BLOCK_ROWS = 4096
"""How many rows a block has at most."""

ROOM_BYTES = 4 * 2**20
"""How much room for rows of more than `FILLED_BYTES` is made at once, at most, unless one block is larger."""


def block_shape(spec: ArraySpec) -> tuple[int, ...]:
    """Return the shape of the blocks by which a growing array grows: as many rows as fit, one at least.

    Examples
    --------
    >>> block_shape(ArraySpec((0, 1024), np.dtype('f8'), enlargeable=True))
    (128, 1024)
    """
    row = spec.shape[1:]
    fitting = BLOCK_BYTES // (math.prod(row) * spec.dtype.itemsize)
    return (min(max(fitting, 1), BLOCK_ROWS), *row)


class BlockAppender:
    """Adds rows to the blocks of a growing array; one thread at a time may do so.

    Parameters
    ----------
    dataset
        The array, in a file for which HDF5 keeps no chunks.
    store
        The file.
    dtype
        Its dtype, as the file holds it.
    where
        What it is called in messages.
    commit
        Called when a block was made, for the structure of the file to be committed.
    """

    def __init__(
        self,
        dataset: h5d.DatasetID,
        store: JournaledFile,
        dtype: np.dtype[Any],
        where: str,
        commit: Callable[[], None],
    ) -> None:
        self._dataset = dataset
        self._store = store
        self._dtype = dtype
        self._where = where
        self._commit = commit
        plan = dataset.get_create_plist()
        self._rows: int = plan.get_chunk()[0]
        self._ahead = _value_ahead(plan, dtype)
        self._length: int = dataset.shape[0]
        self._row: tuple[int, ...] = tuple(dataset.shape[1:])
        self._row_bytes = math.prod(self._row) * dtype.itemsize
        self._capacity = self._length
        self._block: PlacedArray | None = None
        self._block_end = 0

    @property
    def length(self) -> int:
        # docstring inherited
        return self._length

    def append(self, row: Array) -> None:
        # docstring inherited
        require_row(row, self._row, self._dtype, self._where)
        if self._block is None or self._length == self._block_end:
            with phil, uninterrupted():  # h5py's lock: HDF5 may be writing to the store in another thread
                self._block = self._next_block()
        self._block.write((self._length % self._rows,), row)
        self._length += 1

    def _next_block(self) -> PlacedArray:
        if self._store.closed:
            raise FileClosedError(f"{self._where} cannot be appended to: the file is closed.")
        first = self._length - self._length % self._rows
        try:
            if first + self._rows > self._capacity:
                self._make_room(first)
            start = self._start_of(first)
        except (OSError, RuntimeError, ValueError) as error:
            raise FileError(f"making room for rows of {self._where} failed: {error}") from error
        self._block_end = first + self._rows
        shape = (self._rows, *self._row)
        return PlacedArray(self._store, start, shape, self._dtype, self._where, self._dataset)

    def _start_of(self, row: int) -> int:
        """Return where in the file the block begins that begins with a row."""
        return int(self._dataset.get_chunk_info_by_coord((row, *(0 for _ in self._row))).byte_offset)

    def _make_room(self, first: int) -> None:
        """Make blocks from a row on and commit them: as many as there are, for a commit takes its time."""
        size = self._row_bytes * self._rows
        # Blocks that are filled take room on the disk at once: there is never more than one of them ahead.
        at_once = 1 if self._row_bytes <= FILLED_BYTES else ROOM_BYTES // size
        stop = first + self._rows * max(min(first // self._rows, at_once), 1)
        longest = self._store.longest
        self._dataset.set_extent((stop, *self._row))
        for block in range(first, stop, self._rows):
            self._fill(self._start_of(block), max(self._length - block, 0), longest)
        self._commit()
        self._capacity = stop

    def _fill(self, start: int, held: int, longest: int) -> None:
        """Write what is read of the rows to come of a block, before anything refers to them."""
        row = self._row_bytes
        first, stop = start + held * row, start + self._rows * row
        if row <= FILLED_BYTES:
            values = np.full((self._rows - held, *self._row), self._ahead, self._dtype)
            self._store.seek(first)
            self._store.write(bytes_of(values))
        elif first < longest:  # beyond, nothing was ever written
            self._store.clear(first, min(stop, longest) - first)

    def trim(self) -> None:
        """Let the array end with its last row; the next row makes room again."""
        with phil, uninterrupted():
            if self._capacity != self._length:
                self._block = None  # first: no row goes to its place any more, whatever happens
                self._dataset.set_extent((self._length, *self._row))
                self._capacity = self._length


def _value_ahead(plan: h5p.PropDCID, dtype: np.dtype[Any]) -> Array:
    value = np.zeros((), dtype)
    if plan.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED:
        plan.get_fill_value(value)
    elif dtype.kind in "fc":
        value[...] = np.nan
    return value


def has_blocks(dataset: h5d.DatasetID) -> bool:
    """Tell whether an array that grows consists of blocks, whose rows can be written past the library."""
    plan = dataset.get_create_plist()
    if plan.get_layout() != h5d.CHUNKED or plan.get_nfilters():
        return False
    is_early = plan.get_alloc_time() == h5d.ALLOC_TIME_EARLY
    return bool(is_early and plan.get_chunk()[1:] == tuple(dataset.shape[1:]))


def address(node: Any) -> tuple[int, int]:
    """Return what tells one node from all others: a link may lead to one of another file."""
    info = h5o.get_info(node)
    return int(info.fileno), int(info.addr)
