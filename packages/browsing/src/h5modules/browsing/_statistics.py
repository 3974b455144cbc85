"""Numbers that tell what an array is like, read a block at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from h5modules.backends import CARRAY

from ._blocks import iter_blocks
from ._errors import NothingToShowError
from ._scan_view import acquired_points, as_floats, is_drawable
from ._selecting import Selection, part_of, selected_shape

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the values of an array are like; of complex ones, their magnitudes.

    Attributes
    ----------
    count
        How many values there are.
    missing
        How many of them were not acquired, by the record of the scan.
    finite
        How many of the others are finite; the numbers below are theirs, NaN where there are none.
    minimum, maximum, mean, deviation
        Smallest, largest, mean, and standard deviation.
    """

    count: int
    missing: int
    finite: int
    minimum: float
    maximum: float
    mean: float
    deviation: float


def read_statistics(array: CARRAY, selection: Selection) -> Statistics:
    """Return the statistics of a part of an array, of any size, in little memory.

    Parameters
    ----------
    array
        An array of numbers.
    selection
        An index or a slice for each dimension: see `parse_selection`.

    Raises
    ------
    NothingToShowError
        When its values are not numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     array = file.create_carray('/', 'Spectrum', np.array([1.0, 3.0, np.nan]))
    ...     found = read_statistics(array, (slice(0, 3, 1),))
    >>> found.finite, found.mean, found.deviation
    (2, 2.0, 1.0)
    """
    if not is_drawable(array):
        raise NothingToShowError(f"{array.path!r} holds no numbers: its values have no statistics.")
    count, missing, finite, mean, squares = math.prod(selected_shape(selection)), 0, 0, 0.0, 0.0
    low, high = math.inf, -math.inf
    for values, known in _blocks(array, selection):
        missing += int(values.size - known.sum())
        good = values[known & np.isfinite(values)]
        if good.size:
            low, high = min(low, float(good.min())), max(high, float(good.max()))
            finite, mean, squares = _merged((finite, mean, squares), good)
    if not finite:
        return Statistics(count, missing, 0, *[math.nan] * 4)
    return Statistics(count, missing, finite, low, high, mean, math.sqrt(squares / finite))


def _merged(so_far: tuple[int, float, float], values: Array) -> tuple[int, float, float]:
    """Return count, mean and sum of squared deviations of all values, by those of two parts."""
    count, mean, squares = so_far
    total = count + values.size
    with np.errstate(over="ignore", invalid="ignore"):
        here = float(values.mean())
        inner = float(((values - here) ** 2).sum())
        step = here - mean
        return (
            total,
            mean + step * values.size / total,
            squares + inner + step**2 * count * values.size / total,
        )


def _blocks(array: CARRAY, selection: Selection) -> Iterator[tuple[Array, Array]]:
    """Yield values as floats, and which of them were acquired."""
    acquired = acquired_points(array)
    for block in iter_blocks(selected_shape(selection), max(8, array.dtype.itemsize)):
        part = part_of(selection, block)
        values = as_floats(array[part])
        known = np.ones(values.shape, bool)
        if acquired is not None:
            places = acquired[part[: acquired.ndim]]
            known &= places.reshape(places.shape + (1,) * (values.ndim - places.ndim))
        yield values, known
