"""What points that were not acquired read as, in programs that know no record of points done.

While a scan runs, room that nobody wrote to reads 0, but in small arrays. Our loaders know better, by the
record. For all others NaN is written there when the scan is over, where the values are floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from h5modules.backends import CARRAY, EARRAY, GROUP, H5Backend, Where

from ._types import RECORD_NAME

Array = np.ndarray[Any, Any]

FILL_LIMIT = 64 * 2**20
"""How many bytes of NaN closing a file may write for one scan: more would take a while, and room on the disk
that the scan never took."""

BLOCK_BYTES = 2**20
"""How many bytes are filled at once, unless a point is larger."""

FILLED = "filled"
"""The attribute of a record that tells that floats read NaN where a point was not acquired."""


@dataclass(frozen=True, slots=True)
class PointCount:
    """How much of a scan or a log was acquired.

    Attributes
    ----------
    path
        The group that holds its record.
    acquired
        How many points, or rows.
    total
        How many points the scan has; None for a log.
    is_filled
        Whether floats read NaN in every program where a point was not acquired.
    """

    path: str
    acquired: int
    total: int | None
    is_filled: bool

    @property
    def is_complete(self) -> bool:
        """Whether no point is missing; a log always is."""
        return self.total is None or self.acquired == self.total

    def __str__(self) -> str:
        if self.total is None:
            return f"{self.path}: {self.acquired} rows"
        return f"{self.path}: {self.acquired} of {self.total} points"


def record_of(group: GROUP) -> CARRAY | None:
    """Return the record of points done in a group; None where there is none."""
    node = group.find(RECORD_NAME)
    return node if isinstance(node, CARRAY) else None


def recorded_groups(file: H5Backend, where: Where = "/") -> Iterator[tuple[GROUP, CARRAY]]:
    """Yield the groups, from `where` downwards, that hold a record, and their records."""
    for group in file.walk_groups(where):
        if (record := record_of(group)) is not None:
            yield group, record


def count_points(group: GROUP, record: CARRAY) -> PointCount:
    """Return how much of the scan or the log in a group was acquired."""
    numbers = record.read()
    acquired = int(np.count_nonzero(numbers))
    if isinstance(record, EARRAY):
        return PointCount(group.path, acquired, None, is_filled=True)
    is_filled = acquired == numbers.size or bool(record.attrs.get(FILLED, False))
    return PointCount(group.path, acquired, int(numbers.size), is_filled)


def fill_points(
    group: GROUP,
    record: CARRAY,
    limit: float = FILL_LIMIT,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> PointCount:
    """Write NaN where points of a scan were not acquired, in its arrays of floats.

    It can be interrupted, and done again.

    Parameters
    ----------
    group, record
        The group of the scan, and its record.
    limit
        How many bytes it may write; nothing is written when it would be more.
    progress
        Called with how many arrays are done, and how many there are.

    Returns
    -------
    What there is of the scan, and whether it is filled.
    """
    count = count_points(group, record)
    if count.is_filled:
        return count
    numbers: Array = record.read()
    missing: Array = numbers == 0
    arrays = list(_arrays_of_floats(group, numbers.shape))
    point_bytes = sum(math.prod(shape[numbers.ndim :]) * dtype.itemsize for _, shape, dtype in arrays)
    if np.count_nonzero(missing) * point_bytes > limit:
        return count
    for done, (array, shape, dtype) in enumerate(arrays):
        _fill(array, missing, math.prod(shape[numbers.ndim :]) * dtype.itemsize)
        progress(done + 1, len(arrays))
    record.attrs[FILLED] = True
    return count_points(group, record)


def _fill(array: CARRAY, missing: Array, point_bytes: int) -> None:
    """Write NaN where points are missing, block by block.

    What was acquired in such a block is written again as it is: a kill changes nothing of it.
    """
    for block in _blocks(missing.shape, point_bytes):
        wanted = missing[block]
        if wanted.all():
            array[block] = np.nan
        elif wanted.any():
            values = array[block]
            values[wanted] = np.nan
            array[block] = values


def _blocks(shape: tuple[int, ...], point_bytes: int) -> Iterator[tuple[int | slice, ...]]:
    """Yield blocks of points that cover a scan, each in one piece and of `BLOCK_BYTES` or one point at most.

    Examples
    --------
    >>> list(_blocks((2, 3), BLOCK_BYTES // 2))
    [(0, slice(0, 2, None)), (0, slice(2, 3, None)), (1, slice(0, 2, None)), (1, slice(2, 3, None))]
    """
    row_bytes = math.prod(shape[1:]) * point_bytes
    if len(shape) > 1 and row_bytes > BLOCK_BYTES:
        for row in range(shape[0]):
            for inside in _blocks(shape[1:], point_bytes):
                yield (row, *inside)
        return
    rows = max(1, BLOCK_BYTES // max(1, row_bytes))
    for start in range(0, shape[0], rows):
        yield (slice(start, min(start + rows, shape[0])),)


def begin_again(group: GROUP) -> None:
    """Take back that a scan is filled, for it is gone on with: a point may be left half written."""
    record = record_of(group)
    if record is not None and FILLED in record.attrs:
        del record.attrs[FILLED]


def _arrays_of_floats(
    group: GROUP, scan_shape: tuple[int, ...]
) -> Iterator[tuple[CARRAY, tuple[int, ...], np.dtype[Any]]]:
    """Yield the arrays of a scan that can hold NaN, down to groups that have a record of their own."""
    for _, node in group.iter_children():
        if isinstance(node, GROUP):
            if record_of(node) is None:
                yield from _arrays_of_floats(node, scan_shape)
        elif isinstance(node, CARRAY) and not isinstance(node, EARRAY):
            info, dimensions = node.info, len(scan_shape)
            nav_indexes = tuple(node.attrs.get("nav_indexes") or ())[:dimensions]
            is_of_scan = info.shape[:dimensions] == scan_shape and nav_indexes == tuple(range(dimensions))
            if is_of_scan and info.dtype.kind in "fc":
                yield node, info.shape, info.dtype
