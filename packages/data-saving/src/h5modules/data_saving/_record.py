"""The record of points done: which points of a scan were acquired, and in which order."""

from __future__ import annotations

from typing import Any

import numpy as np

from h5modules.backends import CARRAY, GROUP, ArraySpec, NodeError, Where
from h5modules.saving import RECORD_NAME, H5SaverLowLevel

from ._enclosing import enclosing_groups
from ._errors import DataMismatchError

Record = np.ndarray[Any, np.dtype[np.uint32]]

_DTYPE = np.dtype(np.uint32)


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
        group = h5saver.get_node(where)
        if not isinstance(group, GROUP):
            raise NodeError(f"{group.path!r} in {h5saver.filename!r} is no group: it can keep no record.")
        array = _record_in(group)
        if array is None:
            spec = ArraySpec(shape, _DTYPE, placed=h5saver.driver.abilities.placed)
            array = h5saver.create_array(group, RECORD_NAME, spec, "Order in which the points were acquired")
            self._count, self._is_done = 0, np.zeros(shape, bool)
        elif array.shape == shape:
            numbers = array.read()
            self._count, self._is_done = int(numbers.max()), numbers > 0
        else:
            raise DataMismatchError(
                f"{group.path!r} in {h5saver.filename!r} holds a scan of shape {array.shape}, not {shape}; "
                "save this one in another group."
            )
        self._writer = array.writer()
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


def load_record(group: GROUP | None) -> Record | None:
    """Return the record of the scan that a group belongs to; None when it belongs to none that has one."""
    for enclosing in enclosing_groups(group):
        if (array := _record_in(enclosing)) is not None:
            numbers: Record = array.read()
            return numbers
    return None


def covers(record: Record, shape: tuple[int, ...], nav_indexes: tuple[int, ...]) -> bool:
    """Tell whether a record speaks of the first dimensions of an array, which are navigation dimensions."""
    leading = tuple(range(record.ndim))[: len(nav_indexes)]
    return bool(leading) and nav_indexes[: record.ndim] == leading and shape[: record.ndim] == record.shape


def _record_in(group: GROUP) -> CARRAY | None:
    node = group.get_child(RECORD_NAME) if RECORD_NAME in group else None
    return node if isinstance(node, CARRAY) else None
