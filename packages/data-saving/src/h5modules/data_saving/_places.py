"""Where in a scan: shapes and indexes, checked."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence

from ._errors import ScanIndexError, ScanShapeError


def checked_shape(shape: Iterable[int]) -> tuple[int, ...]:
    """Return the shape of a scan as a tuple.

    Raises
    ------
    ScanShapeError
        When it is empty, or not made of whole numbers above 0.

    Examples
    --------
    >>> checked_shape([3, 4])
    (3, 4)
    """
    try:
        lengths = _whole_numbers(shape)
    except TypeError as error:
        raise ScanShapeError(f"{shape!r} is not the shape of a scan: {error}.") from error
    if not lengths or min(lengths) < 1:
        raise ScanShapeError(
            f"{lengths} is not the shape of a scan: give one length above 0 for each dimension."
        )
    return lengths


def checked_index(indexes: Iterable[int], shape: Sequence[int]) -> tuple[int, ...]:
    """Return `indexes` as a tuple of whole numbers inside a scan.

    Raises
    ------
    ScanIndexError
        When there are too few or too many, one lies outside, or is not a whole number.

    Examples
    --------
    >>> checked_index([0, 2], (2, 3))
    (0, 2)
    """
    try:
        index = _whole_numbers(indexes)
    except TypeError as error:
        raise ScanIndexError(f"{indexes!r} is not a point of a scan: {error}.") from error
    if len(index) != len(shape) or not _lies_inside(index, shape):
        raise ScanIndexError(f"point {index} does not lie in a scan of shape {tuple(shape)}.")
    return index


def _whole_numbers(given: Iterable[int]) -> tuple[int, ...]:
    numbers = tuple(given)
    if bool in map(type, numbers):  # an answer of a comparison, and no place
        raise TypeError("True and False are no whole numbers here")
    return tuple(map(operator.index, numbers))


def _lies_inside(index: Sequence[int], shape: Sequence[int]) -> bool:
    for number, length in zip(index, shape, strict=True):  # noqa: SIM110 - done at each point: `all` takes longer
        if not 0 <= number < length:
            return False
    return True
