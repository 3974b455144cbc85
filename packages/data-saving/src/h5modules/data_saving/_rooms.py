"""Where the points of a signal go in a file: to a place in a scan of a known shape, or to the next row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from h5modules.backends import CARRAY, EARRAY, Appender, ArraySpec, NodeError, Writer

from ._errors import DataMismatchError

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


FILLED_AT_ONCE = 2**20
"""How large an array is at most, in bytes, whose floats read NaN from the start: it takes no time that one
notices, and a map that is watched by other programs has the right colours."""


class Room(Protocol):
    """What lies in front of a point's own dimensions, and how a point gets there."""

    @property
    def dimensions(self) -> int:
        """How many dimensions it puts in front."""

    def point_shape(self, shape: Shape) -> Shape:
        """Return the shape that a point of values of `shape` has in the file."""

    def array_shape(self, point: Shape, held: Shape) -> Shape:
        """Return the shape that an array of such points has to have, where one of the shape `held` is."""

    def request(self, point: Shape, dtype: np.dtype[Any]) -> dict[str, Any]:
        """Return what to ask `H5SaverLowLevel.add_array` for besides dtype and shape of a point.

        Raises
        ------
        DataMismatchError
            When such points cannot be kept there.
        """

    def spec(self, point: Shape, dtype: np.dtype[Any], *, can_place: bool) -> ArraySpec:
        """Return the description of an array of such points, made without `add_array`."""

    def writer(self, array: CARRAY) -> Writer:
        """Return what writes points to an array."""


@dataclass(frozen=True, slots=True)
class FixedRoom:
    """A scan of a known shape: all of it is made at once.

    Attributes
    ----------
    shape
        The shape of the scan.
    fill_value
        What points not acquired read as in the file, where the dtype can hold it; None is NaN in arrays of up
        to `FILLED_AT_ONCE` bytes, and leaves them 0 in larger ones.
    """

    shape: Shape
    fill_value: float | None = None

    @property
    def dimensions(self) -> int:
        # docstring inherited
        return len(self.shape)

    def point_shape(self, shape: Shape) -> Shape:
        # docstring inherited
        return () if shape == (1,) else shape

    def array_shape(self, point: Shape, held: Shape) -> Shape:
        # docstring inherited
        return (*self.shape, *point)

    def request(self, point: Shape, dtype: np.dtype[Any]) -> dict[str, Any]:
        # docstring inherited
        wanted = self.fill_value
        if wanted is None and math.prod((*self.shape, *point)) * dtype.itemsize <= FILLED_AT_ONCE:
            wanted = math.nan
        fill_value = wanted if _can_hold(dtype, wanted) else None
        return {"fill_value": fill_value, "scan_shape": self.shape, "add_scan_dim": True}

    def spec(self, point: Shape, dtype: np.dtype[Any], *, can_place: bool) -> ArraySpec:
        # docstring inherited
        return ArraySpec((*self.shape, *point), dtype, placed=can_place)

    def writer(self, array: CARRAY) -> Writer:
        # docstring inherited
        return array.writer()


class GrowingRoom:
    """A list of points without end: each is the next row."""

    dimensions: int = 1

    def point_shape(self, shape: Shape) -> Shape:
        # docstring inherited
        return () if shape == (1,) else shape

    def array_shape(self, point: Shape, held: Shape) -> Shape:
        # docstring inherited
        # In logs of PyMoDAQ a row of one value has the shape (1,).
        is_column = not point and held[1:] == (1,)
        return held if is_column else (*held[:1], *point)

    def request(self, point: Shape, dtype: np.dtype[Any]) -> dict[str, Any]:
        # docstring inherited
        if 0 in point:
            raise DataMismatchError(
                f"there is nothing to save in rows of shape {point}: they hold no values."
            )
        return {"enlargeable": True}

    def spec(self, point: Shape, dtype: np.dtype[Any], *, can_place: bool) -> ArraySpec:
        # docstring inherited
        return ArraySpec((0, *point), dtype, enlargeable=True)

    def writer(self, array: CARRAY) -> Writer:
        # docstring inherited
        if not isinstance(array, EARRAY):
            raise NodeError(f"{array.path!r} in {array.to_h5_backend().filename!r} cannot grow.")
        return RowWriter(array)


class RowWriter:
    """Writes the rows of one growing array: the next one is added, what is left of a failed one is replaced.

    A row that failed, or that a process did not live to finish, leaves some of the arrays of a log longer
    than others. The next row of that number takes the place of what is left of it.

    Parameters
    ----------
    array
        The array.
    """

    def __init__(self, array: EARRAY) -> None:
        self._array = array
        self._appender: Appender = array.appender()
        self._length = self._appender.length
        self._writer: Writer | None = None

    def write(self, index: tuple[int, ...], values: Array) -> None:
        """Put `values` in the row of that number, which is at most one more than there are.

        Raises
        ------
        NodeError
            When rows before it are missing, or others were added by somebody else; nothing was written.
        """
        (number,) = index
        length = self._appender.length
        if length != self._length:
            raise self._error(
                f"holds {length} rows, of which {self._length} are known here: somebody else writes to it too"
            )
        if number == length:
            try:
                self._appender.append(values)
            finally:
                self._length = self._appender.length
        elif number < length:
            self._writer = self._writer or self._array.writer()
            self._writer.write(index, values)
        else:
            raise self._error(f"holds {length} rows, and its record tells of {number}: rows are missing")

    def _error(self, what: str) -> NodeError:
        return NodeError(f"{self._array.path!r} in {self._array.to_h5_backend().filename!r} {what}.")


def _can_hold(dtype: np.dtype[Any], value: float | None) -> bool:
    """Tell whether values of a dtype can be `value`: there is no NaN among the integers."""
    if value is None:
        return False
    if dtype.kind in "fc":
        return True
    return dtype.kind in "iu" and float(value).is_integer() and _is_within(dtype, int(value))


def _is_within(dtype: np.dtype[Any], value: int) -> bool:
    limits = np.iinfo(dtype)
    return bool(limits.min <= value <= limits.max)
