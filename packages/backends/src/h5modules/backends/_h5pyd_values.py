"""Values of a dataset on an HSDS server: blocks, rows of differing length, points."""

from __future__ import annotations

import math
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ._driver import Array
from ._errors import ArrayIndexError, ArrayShapeError, ArrayTypeError, FileError, UnsupportedError
from ._h5pyd_http import Request, Server
from ._h5pyd_tree import item
from ._h5pyd_types import Dataset
from ._handles import require_row
from ._raw_values import plain_text
from ._selection import Block

BLOCK_BYTES = 16 * 2**20
"""How much is sent or fetched by one request; the server's limit is near 100 MiB, and not exact."""

ROWS = 1000
"""How many rows of differing length are fetched by one request."""

LARGEST_ROW = 1_000_000
"""How many bytes a row of differing length may take: the server refuses more."""

_COUNT = struct.Struct("<I")


def select(block: Block) -> str:
    """Return how the server spells a block.

    Examples
    --------
    >>> select((slice(0, 4, 2), slice(3, 5, 1)))
    '[0:4:2,3:5]'
    """
    parts = [f"{part.start}:{part.stop}" + (f":{part.step}" if part.step > 1 else "") for part in block]
    return f"[{','.join(parts)}]"


def _selected(block: Block) -> dict[str, str]:
    return {"select": select(block)} if block else {}


def lengths(block: Block) -> tuple[int, ...]:
    """Return the shape of the values in a block."""
    return tuple(len(range(part.start, part.stop, part.step)) for part in block)


def pieces(block: Block, itemsize: int) -> Iterator[tuple[Block, Block]]:
    """Yield parts of a block that are small enough for one request, and where they lie in it.

    Examples
    --------
    >>> [part for part, _ in pieces((slice(0, 4, 1), slice(0, 2**21, 1)), 8)]
    [(slice(0, 1, 1), slice(0, 2097152, 1)), ..., (slice(3, 4, 1), slice(0, 2097152, 1))]
    """
    shape = lengths(block)
    whole = tuple(slice(0, length) for length in shape)
    size = math.prod(shape) * itemsize
    if size <= BLOCK_BYTES or not shape:
        yield block, whole
        return
    axis = next(axis for axis, length in enumerate(shape) if length > 1)
    at_once = max(1, shape[axis] * BLOCK_BYTES // size)
    for start in range(0, shape[axis], at_once):
        stop = min(start + at_once, shape[axis])
        cut = block[axis]
        part = slice(cut.start + start * cut.step, cut.start + (stop - 1) * cut.step + 1, cut.step)
        for inner, place in pieces((*block[:axis], part, *block[axis + 1 :]), itemsize):
            here = slice(place[axis].start + start, place[axis].stop + start)
            yield inner, (*place[:axis], here, *place[axis + 1 :])


class Values:
    """The values of one dataset.

    Parameters
    ----------
    server
        Where they are.
    dataset
        The dataset, with its shape as it is now.
    """

    def __init__(self, server: Server, dataset: Dataset) -> None:
        self._server = server
        self.dataset = dataset
        self._request = item(dataset.id, "value")

    def read_block(self, block: Block) -> Array:
        """Return the values of a block."""
        dtype = self.dataset.dtype
        parts = list(pieces(block, dtype.itemsize))
        if len(parts) == 1:
            return self._read_piece(block)
        held: Array = np.empty(lengths(block), dtype)
        for part, place in parts:
            held[place] = self._read_piece(part)
        return held

    def _read_piece(self, block: Block) -> Array:
        shape, dtype = lengths(block), self.dataset.dtype
        stored = self.fetch(block)
        if len(stored) != math.prod(shape) * dtype.itemsize:
            raise FileError(
                f"the server {self._server.endpoint} sent {len(stored)} bytes for a block of shape {shape} "
                f"and dtype {dtype}; read it again."
            )
        return np.frombuffer(bytearray(stored), dtype).reshape(shape)

    def fetch(self, block: Block) -> bytes:
        """Return the bytes of a block that is small enough for one request."""
        return self._server.send(Request("GET", self._request, _selected(block), is_for_values=True)).content

    def write_block(self, block: Block, values: Array) -> None:
        """Write the values of a block."""
        for part, place in pieces(block, self.dataset.dtype.itemsize):
            # Of an array without dimensions, a part would be a scalar, and bytes lose their zeros at the end.
            self.put(part, (values[place] if place else values).tobytes())

    def put(self, block: Block, stored: bytes) -> None:
        """Write the bytes of a block that is small enough for one request."""
        self._server.send(Request("PUT", self._request, _selected(block), stored))

    # Rows of differing length

    def read_rows(self, block: Block) -> Array:
        """Return rows, or texts, of a block as an array of objects."""
        held: Array = np.empty(lengths(block), object)
        for part, place in pieces(block, BLOCK_BYTES // ROWS):
            rows = self._rows(self.fetch(part), math.prod(lengths(part)))
            flat: Array = np.empty(len(rows), object)
            for number, row in enumerate(rows):
                flat[number] = row
            held[place] = flat.reshape(lengths(part))
        return held

    def _rows(self, stored: bytes, count: int) -> list[Any]:
        parse: Callable[[bytes], Any] = plain_text if self.dataset.is_text else self._row
        rows = []
        position = 0
        try:
            for _ in range(count):
                (size,) = _COUNT.unpack_from(stored, position)
                position += _COUNT.size
                rows.append(parse(stored[position : position + size]))
                position += size
        except (struct.error, ValueError) as error:
            raise FileError(
                f"the server {self._server.endpoint} sent rows that end too early: {error}."
            ) from error
        if position != len(stored):
            raise FileError(f"the server {self._server.endpoint} sent {len(stored)} bytes for {count} rows.")
        return rows

    def _row(self, stored: bytes) -> Array:
        return np.frombuffer(bytearray(stored), self.dataset.dtype)


class Growth:
    """Adds rows to growing datasets, and knows how long they should be.

    The server makes room and fills it by one request. Should it break off in between, because it is busy, the
    length tells whether the room was made: the same rows are neither lost nor added twice.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lengths: dict[str, int] = {}
        self._lock = threading.Lock()  # threads that share a file would spoil what is known of the length

    def note(self, dataset: Dataset) -> None:
        """Remember how long a dataset is."""
        if dataset.may_grow and dataset.shape:
            self._lengths[dataset.id] = dataset.shape[0]

    def length(self, dataset: Dataset) -> int:
        """Return how many rows a dataset has."""
        with self._lock:
            known = self._lengths.get(dataset.id)
            return self._shape(dataset)[0] if known is None else known

    def _shape(self, dataset: Dataset) -> list[int]:
        stored = self._server.get(item(dataset.id, "shape")).json()["shape"]["dims"]
        return [int(length) for length in stored]

    def append(self, dataset: Dataset, values: Array) -> None:
        """Add rows, all of one length."""
        row_bytes = max(1, math.prod(values.shape[1:]) * values.itemsize)
        at_once = max(1, BLOCK_BYTES // row_bytes)
        for start in range(0, len(values), at_once):
            part = np.ascontiguousarray(values[start : start + at_once])
            with self._lock:
                self._append(dataset, len(part), part.tobytes())

    def append_row(self, dataset: Dataset, row: Array) -> None:
        """Add one row of its own length.

        Raises
        ------
        UnsupportedError
            When it is too long.
        """
        stored = np.ascontiguousarray(row).tobytes()
        if len(stored) > LARGEST_ROW:
            raise UnsupportedError(
                f"a row of {len(stored)} bytes is too long for the server (at most {LARGEST_ROW}); save it "
                "as an array of its own."
            )
        with self._lock:
            self._append(dataset, 1, _COUNT.pack(len(stored)) + stored)

    def _append(self, dataset: Dataset, count: int, stored: bytes) -> None:
        before = self._lengths.pop(dataset.id, None)
        # Not sent again by itself: the rows would be there twice.
        sent = Request("PUT", item(dataset.id, "value"), {"append": count}, stored, repeat=False)
        reply = self._server.send(sent, (503,))
        if reply.status == 503:
            self._finish(dataset, count, stored, before)
        if before is not None:
            self._lengths[dataset.id] = before + count

    def _finish(self, dataset: Dataset, count: int, stored: bytes, before: int | None) -> None:
        """Add rows to which the server said that it is busy, perhaps after making room for them."""
        shape = self._shape(dataset)
        if before is None or shape[0] not in (before, before + count):
            raise FileError(
                f"the server {self._server.endpoint} was too busy to append {count} rows; whether it made "
                "room for them is not known. Read the array's length before trying again."
            )
        if shape[0] == before:
            grown = [before + count, *shape[1:]]
            self._server.put(item(dataset.id, "shape"), {"shape": grown})
        rest = tuple(slice(0, length, 1) for length in shape[1:])
        Values(self._server, dataset).put((slice(before, before + count, 1), *rest), stored)


class PointWriter:
    """Writes points of a dataset, each by one request; it has returned when the point is on the server.

    Parameters
    ----------
    values
        The values of the dataset.
    where
        What it is called in a message.
    refresh
        Called for the dataset as it is now, when an index lies beyond what is known of a growing one.
    before
        Called before each point; what it raises, stops the point.
    """

    def __init__(
        self, values: Values, where: str, refresh: Callable[[], Dataset], before: Callable[[], None]
    ) -> None:
        self._values = values
        self._dataset = values.dataset
        self._where = where
        self._refresh = refresh
        self._before = before

    def write(self, index: tuple[int, ...], values: Array) -> None:
        # docstring inherited
        self._before()
        shape = self._dataset.shape
        if self._dataset.may_grow and index and len(index) <= len(shape) and index[0] >= shape[0]:
            self._dataset = replace(self._dataset, shape=self._refresh().shape)
            shape = self._dataset.shape
        self._require_inside(index, shape)
        rest = shape[len(index) :]
        kind = getattr(values, "dtype", type(values).__name__)
        if kind != self._dataset.dtype:
            raise ArrayTypeError(f"{self._where} holds {self._dataset.dtype}; {kind} values do not fit.")
        if values.shape != rest:
            raise ArrayShapeError(
                f"point {index} of {self._where} has shape {rest}; {values.shape} does not fit."
            )
        if values.size:
            point = tuple(slice(int(place), int(place) + 1, 1) for place in index)
            block = (*point, *(slice(0, length, 1) for length in rest))
            self._values.write_block(block, values.reshape(lengths(block)))

    def _require_inside(self, index: tuple[int, ...], shape: tuple[int, ...]) -> None:
        fits = len(index) <= len(shape) and all(
            np.issubdtype(type(place), np.integer) and 0 <= place < length
            for place, length in zip(index, shape, strict=False)
        )
        if not fits:
            raise ArrayIndexError(f"{index} is no point of {self._where}, which has the shape {shape}.")


class RowAppender:
    """Adds rows to a dataset, each by one request; it has returned when the row is on the server.

    Parameters
    ----------
    growth
        What knows how long the dataset is.
    dataset
        The dataset.
    where
        What it is called in a message.
    before
        Called before each row; what it raises, stops the row.
    """

    def __init__(self, growth: Growth, dataset: Dataset, where: str, before: Callable[[], None]) -> None:
        self._growth = growth
        self._dataset = dataset
        self._where = where
        self._before = before

    @property
    def length(self) -> int:
        # docstring inherited
        self._before()
        return self._growth.length(self._dataset)

    def append(self, row: Array) -> None:
        # docstring inherited
        self._before()
        require_row(row, self._dataset.shape[1:], self._dataset.dtype, self._where)
        self._growth.append(self._dataset, row[np.newaxis])
