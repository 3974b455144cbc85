"""What an array that is to be saved is like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from h5modules.backends import ArrayShapeError, ArraySpec, ArrayTypeError, Compression

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class ArrayRequest:
    """An array that somebody asks for: the values, or what is to come.

    Attributes
    ----------
    values
        The values; None when they are to come.
    array_type, data_shape
        The dtype and shape of what is to come: of one row when the array is enlargeable, else of all.
    enlargeable
        Whether it grows along a new first dimension.
    fill_value
        What values not yet written read as; None is 0.
    """

    values: Array | None
    array_type: DTypeLike | None
    data_shape: tuple[int, ...]
    enlargeable: bool
    fill_value: Any

    def spec(self, compression: Compression | None, *, can_place: bool) -> ArraySpec:
        """Return the description of the array.

        Room for values to come is placed where the library can: what is written there needs no other byte of
        the file to change, so that nothing written can be lost. It is not packed then.

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
        packing = None if can_place else compression
        return ArraySpec(
            self.data_shape, dtype, compression=packing, fill_value=self.fill_value, placed=can_place
        )


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
