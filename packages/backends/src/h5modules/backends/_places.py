"""Where in a file the values of an array lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of an array that lies in a file in one piece, in the order of C.

    Attributes
    ----------
    start, nbytes
        The bytes that it takes in the file.
    origin, shape
        Where in the array its first value belongs, and its shape: that of the array, or of a chunk, which may
        be larger than what is left of the array.
    is_packed
        Whether the bytes are those of a filter, and not the values.
    """

    start: int
    nbytes: int
    origin: tuple[int, ...]
    shape: tuple[int, ...]
    is_packed: bool

    def values_in(self, start: int, end: int, array: tuple[int, ...], itemsize: int) -> int:
        """Return how many values of an array lie in a range of bytes of the file, in part or as a whole.

        Parameters
        ----------
        start, end
            The range.
        array, itemsize
            The shape of the array, and how many bytes a value takes.

        Examples
        --------
        >>> Place(100, 80, (0,), (10,), is_packed=False).values_in(164, 500, (10,), 8)
        2
        """
        low, high = max(start, self.start) - self.start, min(end, self.start + self.nbytes) - self.start
        if low >= high:
            return 0
        room = tuple(
            min(length, whole - first)
            for length, whole, first in zip(self.shape, array, self.origin, strict=True)
        )
        if self.is_packed or (low, high) == (0, self.nbytes):
            return math.prod(room)
        first, last = low // itemsize, -(-high // itemsize)
        if room == self.shape:
            return last - first
        indexes = np.unravel_index(np.arange(first, last), self.shape)
        inside = [index < length for index, length in zip(indexes, room, strict=True)]
        return int(np.count_nonzero(np.logical_and.reduce(inside)))
