"""Parts of arrays: what an index with whole numbers, slices and an ellipsis selects."""

from __future__ import annotations

import operator
from types import EllipsisType
from typing import Any, TypeAlias

from h5modules.backends import ArrayIndexError

Part: TypeAlias = tuple[int | slice, ...]
"""A whole number or a slice for each dimension; numbers and the ends of slices lie inside the array."""


def whole_part(shape: tuple[int, ...]) -> Part:
    """Return the part that is everything."""
    return tuple(slice(0, length, 1) for length in shape)


def parse_part(selection: Any, shape: tuple[int, ...], what: str) -> Part:
    """Return what an index selects, one item for each dimension.

    Parameters
    ----------
    selection
        A whole number, a slice, an ellipsis, or a tuple of these; dimensions that are not named are whole.
    shape
        The shape of the array.
    what
        What is indexed, for the error.

    Raises
    ------
    ArrayIndexError
        When there are more items than dimensions, a number lies outside, or an item is something else.

    Examples
    --------
    >>> parse_part((..., -1), (3, 4), 'the scan')
    (slice(0, 3, 1), 3)
    """
    items: list[Any] = list(selection) if isinstance(selection, tuple) else [selection]
    named = [item for item in items if item is not Ellipsis]
    if len(named) > len(shape) or len(items) - len(named) > 1:
        raise ArrayIndexError(f"{selection!r} does not select from {what}, of shape {shape}.")
    at = next((place for place, item in enumerate(items) if item is Ellipsis), len(items))
    missing: list[slice | EllipsisType] = [slice(None)] * (len(shape) - len(named))
    full = [*items[:at], *missing, *items[at + 1 :]]
    return tuple(_parse_item(item, length, what) for item, length in zip(full, shape, strict=True))


def _parse_item(item: Any, length: int, what: str) -> int | slice:
    if isinstance(item, slice):
        try:
            start, stop, step = item.indices(length)
        except (TypeError, ValueError) as error:
            raise ArrayIndexError(f"{item!r} does not select from {what}: {error}.") from error
        return slice(start, None if stop < 0 else stop, step)
    try:
        if isinstance(item, bool):
            raise TypeError("True and False are no whole numbers here")
        index = operator.index(item)
    except TypeError as error:
        raise ArrayIndexError(
            f"{item!r} does not select from {what}: give whole numbers and slices; load the smallest block "
            "that holds what you need for anything else."
        ) from error
    if not -length <= index < length:
        raise ArrayIndexError(f"{index} lies outside {what}: the dimension has the length {length}.")
    return index % length


def part_shape(part: Part, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of what a part selects; a whole number adds no dimension.

    Examples
    --------
    >>> part_shape((slice(0, 3, 2), 1), (3, 4))
    (2,)
    """
    return tuple(
        len(range(*item.indices(length)))
        for item, length in zip(part, shape, strict=True)
        if isinstance(item, slice)
    )


def kept_dimensions(part: Part) -> dict[int, int]:
    """Return for each dimension that a part keeps the number that it has afterwards.

    Examples
    --------
    >>> kept_dimensions((0, slice(None), slice(None)))
    {1: 0, 2: 1}
    """
    kept = [dimension for dimension, item in enumerate(part) if isinstance(item, slice)]
    return {dimension: number for number, dimension in enumerate(kept)}
