"""Writing by an open handle: one point, or one row, after the other, without looking anything up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from ._errors import ArrayIndexError, ArrayShapeError, ArrayTypeError

if TYPE_CHECKING:
    from ._driver import Array


@runtime_checkable
class Writer(Protocol):
    """Writes one array by an open handle: no look-up, no attribute, no listing."""

    def write(self, index: tuple[int, ...], values: Array) -> None:
        """Put `values` at `index`.

        Parameters
        ----------
        index
            One whole number for each leading dimension, inside the array.
        values
            C-contiguous, of the array's dtype, and of the shape of its remaining dimensions.

        Raises
        ------
        ArrayIndexError, ArrayShapeError, ArrayTypeError
            When they are not; nothing was written.
        FileClosedError
            When the file has been closed.
        FileError
            When the file could not be written.
        """


@runtime_checkable
class Appender(Protocol):
    """Adds rows to one enlargeable array by an open handle: no look-up, no attribute, no listing."""

    @property
    def length(self) -> int:
        """How many rows the array holds."""

    def append(self, row: Array) -> None:
        """Add one row.

        Parameters
        ----------
        row
            Of the array's dtype, and of the shape of one row.

        Raises
        ------
        ArrayShapeError, ArrayTypeError
            When it is not; nothing was written.
        FileClosedError
            When the file has been closed.
        FileError
            When the file could not be written.
        """


def holds(shape: tuple[int, ...], index: tuple[int, ...]) -> bool:
    """Tell whether an array has a place for an index; one of no more than its dimensions.

    Examples
    --------
    >>> holds((3, 4), (2,)), holds((3, 4), (3, 0)), holds((3,), (0, 0))
    (True, False, False)
    """
    if len(index) > len(shape):
        return False
    for place, length in zip(index, shape, strict=False):  # noqa: SIM110 - a generator takes twice the time
        if not 0 <= place < length:
            return False
    return True


def require_point(
    index: tuple[int, ...], values: Array, shape: tuple[int, ...], dtype: np.dtype[Any], where: str
) -> None:
    """Refuse what does not fit at an index of an array.

    Parameters
    ----------
    index, values
        What is to be written, and where.
    shape, dtype
        Those of the array.
    where
        What the array is called in messages.

    Raises
    ------
    ArrayIndexError, ArrayShapeError, ArrayTypeError
        When it does not fit.
    """
    if not holds(shape, index):
        raise ArrayIndexError(f"{index} is outside {where}, of shape {shape}.")
    if values.dtype != dtype:
        raise ArrayTypeError(f"{where} holds {dtype}, not {values.dtype}.")
    rest = shape[len(index) :]
    if values.shape != rest:
        raise ArrayShapeError(f"a point of {where} has shape {rest}, not {values.shape}.")


def require_row(row: Array, shape: tuple[int, ...], dtype: np.dtype[Any], where: str) -> None:
    """Refuse a row that is not exactly of the shape and the dtype of an array's rows.

    Parameters
    ----------
    row
        What is to be written.
    shape, dtype
        Those of one row.
    where
        What the array is called in messages.

    Raises
    ------
    ArrayShapeError, ArrayTypeError
        When it does not fit.
    """
    kind = getattr(row, "dtype", type(row).__name__)
    if kind != dtype:
        raise ArrayTypeError(f"{where} holds {dtype}; {kind} values do not fit.")
    if row.shape != shape:
        raise ArrayShapeError(f"a row of {where} has shape {shape}; {row.shape} does not fit.")
