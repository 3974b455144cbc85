"""The record of points done: which points of a scan were acquired, and in which order."""

from __future__ import annotations

from typing import Any

import numpy as np

from h5modules.backends import CARRAY, GROUP, ArraySpec, Where
from h5modules.saving import RECORD_NAME, H5SaverLowLevel


class PointRecord:
    """Marks points as acquired: 0 is not acquired, n is acquired as the n-th.

    Parameters
    ----------
    h5saver
        The file.
    where
        The group of the scan; the record is made there, or found.
    shape
        The shape of the scan.
    """

    def __init__(self, h5saver: H5SaverLowLevel, where: Where, shape: tuple[int, ...]) -> None:
        group = h5saver.get_node(where)
        if isinstance(group, GROUP) and RECORD_NAME in group:
            array = h5saver.get_node(group, RECORD_NAME)
            assert isinstance(array, CARRAY)
            self._count = int(np.max(array.read(), initial=0))
        else:
            spec = ArraySpec(shape, np.dtype(np.uint32), placed=True)
            array = h5saver.create_array(group, RECORD_NAME, spec, title="Order in which the points were acquired")
            self._count = 0
        self._writer = array.writer()
        self._cell = np.zeros((), np.uint32)

    @property
    def count(self) -> int:
        """How many points were acquired."""
        return self._count

    def mark(self, index: tuple[int, ...]) -> None:
        """Record that the point at `index` is in the file; call it after its last array was written."""
        self._cell[()] = self._count + 1
        self._writer.write(index, self._cell)
        self._count += 1


def load_record(group: GROUP | None) -> np.ndarray[Any, np.dtype[np.uint32]] | None:
    """Return the record of the scan that a group belongs to; None when it belongs to none that has one."""
    while group is not None:
        if RECORD_NAME in group:
            array = group.get_child(RECORD_NAME)
            assert isinstance(array, CARRAY)
            values: np.ndarray[Any, np.dtype[np.uint32]] = array.read()
            return values
        group = group.parent_node
    return None
