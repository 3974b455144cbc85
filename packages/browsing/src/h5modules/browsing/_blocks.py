"""Arrays of any size, a part at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

BLOCK_BYTES = 16 * 2**20
"""How many bytes of an array are held at once."""


def iter_blocks(
    shape: tuple[int, ...], itemsize: int, most: int = BLOCK_BYTES, whole: int = 0
) -> Iterator[tuple[slice, ...]]:
    """Yield the parts of an array, in order, each of at most so many bytes and with all dimensions.

    Parameters
    ----------
    shape, itemsize
        What the array is like.
    most
        The size of a part, in bytes.
    whole
        How many of the last dimensions are not divided, whatever their size.

    Examples
    --------
    >>> [block[0] for block in iter_blocks((5, 2), 8, most=32)]
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    >>> list(iter_blocks((3, 0), 8))
    []
    """
    if 0 in shape:
        return iter(())
    steps = list(shape)
    for dimension, length in enumerate(shape[: max(0, len(shape) - whole)]):
        row = max(1, math.prod(shape[dimension + 1 :]) * itemsize)
        steps[dimension] = max(1, min(length, most // row))
        if row <= most:
            break
    parts = (
        [slice(start, min(start + step, length)) for start in range(0, length, step)]
        for length, step in zip(shape, steps, strict=True)
    )
    return itertools.product(*parts)
