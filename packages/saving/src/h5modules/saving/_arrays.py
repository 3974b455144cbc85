"""What an array that is to be saved is like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from h5modules.backends import ArrayShapeError, ArraySpec, ArrayTypeError, Compression

Array = np.ndarray[Any, Any]


OWN_CHUNK_BYTES = 4096
"""A point that takes at least as much gets a chunk of its own where it is packed; smaller ones share some."""


@dataclass(frozen=True, slots=True)
class ArrayRequest:
    """An array that somebody asks for: the values, or what is to come.

    Attributes
    ----------
    values
        The values; None when they are to come.
    array_type, data_shape
        The dtype and shape of what is to come: of one row when the array is enlargeable, of one point in a
        scan, else of all.
    scan_shape
        The shape of the scan; None when it is not in a scan.
    enlargeable
        Whether it grows along a new first dimension.
    fill_value
        What values not yet written read as; None is 0, or what is usual in scans.
    """

    values: Array | None
    array_type: DTypeLike | None
    data_shape: tuple[int, ...]
    scan_shape: tuple[int, ...] | None
    enlargeable: bool
    fill_value: Any

    def spec(
        self, compression: Compression | None, *, can_place: bool, scan_fill: float | None = None
    ) -> ArraySpec:
        """Return the description of the array.

        Room for values to come is placed where the library can: what is written there needs no other byte of
        the file to change, so that nothing written can be lost. What is packed cannot be placed.

        Parameters
        ----------
        compression
            How it is packed; None, or the level 0, is not at all.
        can_place
            Whether the library can place arrays.
        scan_fill
            The usual fill value in scans, for floats and complex numbers.

        Raises
        ------
        ArrayTypeError
            When neither values nor a dtype were given, or HDF5 cannot hold the dtype.
        """
        if self.values is None and self.array_type is None:
            raise ArrayTypeError(
                "give the values of the array (array_to_save), or what is to come: its dtype (array_type) "
                "and shape (data_shape)."
            )
        dtype = np.dtype(self.array_type) if self.values is None else self.values.dtype
        if self.enlargeable:
            return ArraySpec((0, *self.data_shape), dtype, enlargeable=True, compression=compression)
        if self.values is not None:
            return ArraySpec(self.values.shape, dtype, compression=compression)
        return self._room(dtype, compression, can_place, scan_fill)

    def _room(
        self, dtype: np.dtype[Any], compression: Compression | None, can_place: bool, scan_fill: float | None
    ) -> ArraySpec:
        shape, fill = self.data_shape, self.fill_value
        if self.scan_shape is not None:
            shape = in_scan(shape, self.scan_shape)
            if fill is None and dtype.kind in "fc":
                fill = scan_fill
        if compression is None or not compression.level:
            return ArraySpec(shape, dtype, fill_value=fill, placed=can_place)
        chunks = self._chunks(shape, dtype)
        return ArraySpec(shape, dtype, fill_value=fill, chunks=chunks, compression=compression)

    def _chunks(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[int, ...] | None:
        point = self.data_shape
        if not self.scan_shape or 0 in shape or math.prod(point) * dtype.itemsize < OWN_CHUNK_BYTES:
            return None
        return (*[1] * len(self.scan_shape), *point)


def require_shape(shape: tuple[int, ...] | None) -> tuple[int, ...]:
    """Return a shape as a tuple; None is the shape of a single value.

    Raises
    ------
    ArrayShapeError
        When a length is negative.
    """
    lengths = tuple(int(length) for length in shape or ())
    if any(length < 0 for length in lengths):
        raise ArrayShapeError(f"an array cannot have the shape {lengths}: lengths are 0 or more.")
    return lengths


def in_scan(shape: tuple[int, ...], scan_shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of a scan of arrays of that shape; one value, of shape ``(1,)``, adds no dimension.

    Examples
    --------
    >>> in_scan((16,), (3, 4)), in_scan((1,), (3, 4))
    ((3, 4, 16), (3, 4))
    """
    return scan_shape if shape == (1,) else (*scan_shape, *shape)
