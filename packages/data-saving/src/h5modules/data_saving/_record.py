"""The record of points done: which points of a scan were acquired, and in which order."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from h5modules.backends import CARRAY, EARRAY, GROUP, NodeError, Where
from h5modules.saving import RECORD_NAME, H5SaverLowLevel, record_of

from ._errors import DataMismatchError
from ._rooms import FixedRoom, GrowingRoom, Room

Record = np.ndarray[Any, np.dtype[np.uint32]]

_DTYPE = np.dtype(np.uint32)


class PointMarks(Protocol):
    """Knows which points are in the file whole."""

    def begin(self, index: tuple[int, ...]) -> None:
        """Tell that the point at `index` is about to be written."""

    def mark(self, index: tuple[int, ...]) -> None:
        """Record that the point at `index` is in the file; call it after its last array was written."""


class PointRecord:
    """Marks points as acquired: 0 is not acquired, n is acquired as the n-th.

    A point that is acquired again is not acquired while it is written, so that a point of which half is new
    is never taken for one.

    Parameters
    ----------
    h5saver
        The file.
    where
        The group of the scan; the record is made there, or found.
    shape
        The shape of the scan.

    Raises
    ------
    DataMismatchError
        When there is a record of another shape.
    """

    def __init__(self, h5saver: H5SaverLowLevel, where: Where, shape: tuple[int, ...]) -> None:
        array, is_new = _found_or_made(h5saver, where, FixedRoom(shape))
        if array.shape != shape or isinstance(array, EARRAY):
            raise DataMismatchError(
                f"{array.path!r} in {h5saver.filename!r} is the record of a scan of shape {array.shape}, not "
                f"{shape}; save this one in another group."
            )
        self._count, self._is_done = 0, np.zeros(shape, bool)
        if not is_new:
            numbers = array.read()
            self._count, self._is_done = int(numbers.max()), numbers > 0
        self._writer = array.writer()
        h5saver.finish_at_close(where)
        self._cell = np.zeros((), _DTYPE)

    @property
    def count(self) -> int:
        """How many points were acquired; one acquired twice counts twice."""
        return self._count

    def begin(self, index: tuple[int, ...]) -> None:
        """Tell that the point at `index` is about to be written."""
        if self._is_done[index]:
            self._write(index, 0)
            self._is_done[index] = False

    def mark(self, index: tuple[int, ...]) -> None:
        """Record that the point at `index` is in the file; call it after its last array was written."""
        self._write(index, self._count + 1)
        self._count += 1
        self._is_done[index] = True

    def _write(self, index: tuple[int, ...], number: int) -> None:
        self._cell[()] = number
        self._writer.write(index, self._cell)


class RowRecord:
    """Marks the rows of a log as acquired: a cell for each row, n for the n-th.

    Parameters
    ----------
    h5saver
        The file.
    where
        The group of the log; the record is made there, or found.

    Raises
    ------
    DataMismatchError
        When there is the record of a scan.
    """

    def __init__(self, h5saver: H5SaverLowLevel, where: Where) -> None:
        room = GrowingRoom()
        array, is_new = _found_or_made(h5saver, where, room)
        if not isinstance(array, EARRAY):
            raise DataMismatchError(
                f"{array.path!r} in {h5saver.filename!r} is the record of a scan; save the log elsewhere."
            )
        self._count = 0 if is_new else rows_acquired(array.read())
        self._rows = room.writer(array)

    @property
    def count(self) -> int:
        """How many rows there are; the next one has this number."""
        return self._count

    def begin(self, index: tuple[int, ...]) -> None:
        """Tell that a row is about to be written: nothing tells of it yet."""

    def mark(self, index: tuple[int, ...]) -> None:
        """Record that the row is in the file; call it after its last array was written."""
        self._rows.write(index, np.array(index[0] + 1, _DTYPE))
        self._count = index[0] + 1


def rows_acquired(record: Record) -> int:
    """Return how many rows a log has, whose record may have been made with room for more.

    Examples
    --------
    >>> rows_acquired(np.array([1, 2, 0, 0], np.uint32))
    2
    """
    return int(np.count_nonzero(record))


def _found_or_made(h5saver: H5SaverLowLevel, where: Where, room: Room) -> tuple[CARRAY, bool]:
    """Return the record in a group, and whether it was made just now."""
    group = h5saver.get_node(where)
    if not isinstance(group, GROUP):
        raise NodeError(f"{group.path!r} in {h5saver.filename!r} is no group: it can keep no record.")
    array = record_of(group)
    if array is not None:
        return array, False
    spec = room.spec((), _DTYPE, can_place=h5saver.driver.abilities.placed)
    return h5saver.create_array(group, RECORD_NAME, spec, "Order in which the points were acquired"), True
