"""The shape of chunks of a packed scan."""

from __future__ import annotations

import math
from collections.abc import Sequence

from h5modules.backends import CARRAY

CHUNK_BYTES = 2**16
"""How large a chunk is, about: smaller ones pack worse, of larger ones more is unpacked for nothing."""


def chunks_for_both(array: CARRAY) -> tuple[int, ...] | None:
    """Return chunks of which a point and the map of a pixel need about as many values.

    Parameters
    ----------
    array
        The signal of a scan; its attribute ``nav_indexes`` tells which dimensions are the scan's.

    Returns
    -------
    The length of a chunk along each dimension; None for other arrays, which the library cuts as it likes.
    """
    info = array.info
    nav, dimensions = array.attrs.get("nav_indexes"), range(len(info.shape))
    if (
        isinstance(nav, tuple)
        and 0 < len(nav) < len(dimensions)
        and set(nav) < set(dimensions)
        and min(info.shape)
    ):
        return balanced_chunks(info.shape, nav, info.dtype.itemsize)
    return None


def balanced_chunks(shape: Sequence[int], nav_indexes: Sequence[int], itemsize: int) -> tuple[int, ...]:
    """Return chunks of which a point and the map of a pixel need about as many values.

    With n values of the scan's dimensions in a chunk and s of the signal's, a point of S values needs the n S
    values of its chunks, a map of N points N s: they are as many where n / s = N / S.

    Parameters
    ----------
    shape
        The shape of the array, of 1 or more along each dimension.
    nav_indexes
        Which dimensions are the scan's.
    itemsize
        Bytes of a value.

    Examples
    --------
    >>> balanced_chunks((40, 40, 128, 128), (0, 1), 2)
    (7, 8, 24, 24)
    >>> balanced_chunks((100, 1024), (0,), 8)
    (28, 289)
    >>> balanced_chunks((10, 10), (0,), 8)
    (10, 10)
    """
    most = CHUNK_BYTES // itemsize
    points = math.prod(shape[index] for index in nav_indexes)
    values = math.prod(shape) // points
    in_nav = min(max(math.sqrt(most * points / values), most / values, 1), points, most)
    in_signal = min(most / in_nav, values)
    signal = [index for index in range(len(shape)) if index not in nav_indexes]
    lengths = {**_cut(shape, nav_indexes, in_nav), **_cut(shape, signal, in_signal)}
    return tuple(lengths[index] for index in range(len(shape)))


def _cut(shape: Sequence[int], dimensions: Sequence[int], wanted: float) -> dict[int, int]:
    """Return lengths along some dimensions whose product is about what is wanted: the same part of each."""
    lengths = {}
    left = sorted(dimensions, key=lambda index: shape[index])
    while left:
        index = left.pop(0)  # the shortest first: what it cannot give, the others do
        part = (wanted / math.prod(shape[each] for each in (index, *left))) ** (1 / (len(left) + 1))
        lengths[index] = min(max(int(shape[index] * part), 1), shape[index])
        wanted /= lengths[index]
    return lengths
