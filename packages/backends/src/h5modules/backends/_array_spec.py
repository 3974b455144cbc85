"""What an array of a file is like: one to be made, and one that is there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._compression import Compression
from ._errors import ArrayShapeError, ArrayTypeError, UnsupportedError
from ._values import fit_values

STORABLE_KINDS = "biufcS"
"""The kinds of numpy dtype that an array is made of: booleans, integers, floats, complex, bytes."""


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """What an array to be created is like.

    Raises
    ------
    ArrayTypeError
        When HDF5 cannot hold the dtype, or the dtype not the fill value.
    ArrayShapeError
        When shape and chunks do not go together.
    UnsupportedError
        When a placed array is to be enlargeable, in chunks, compressed or with checksums as well.

    Attributes
    ----------
    shape
        The shape at creation; the first number may grow when `enlargeable`.
    dtype
        The type of one value: integers, floats, complex, bool, or bytes of a fixed length (``'S8'``).
    enlargeable
        Whether the first dimension has no limit.
    chunks
        The shape of a chunk, or None: the library's choice where chunks are needed.
    compression, checksum
        How chunks are packed; whether each carries a checksum (fletcher32).
    fill_value
        What unwritten values read as; None is 0.
    placed
        Give the whole array its place in the file at once, in one piece: later writes then move nothing but
        values. It excludes `enlargeable`, `compression` and `checksum`.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    enlargeable: bool = False
    chunks: tuple[int, ...] | None = None
    compression: Compression | None = None
    checksum: bool = False
    fill_value: Any = None
    placed: bool = False

    def __post_init__(self) -> None:
        require_storable(self.dtype)
        if self.fill_value is not None:
            fit_values(self.fill_value, self.dtype, "the fill value")
        row = self.shape[1:]
        if self.enlargeable and (not self.shape or 0 in row):
            raise ArrayShapeError(
                f"an array of shape {self.shape} cannot be enlargeable: a row holds no value."
            )
        if self.chunks is not None and not self._takes(self.chunks):
            raise ArrayShapeError(f"chunks of {self.chunks} do not fit an array of shape {self.shape}.")
        if self.placed and (self.enlargeable or self.chunks or self.compression or self.checksum):
            raise UnsupportedError(
                "a placed array is in one piece: not enlargeable, in chunks, compressed or with checksums."
            )

    @property
    def size(self) -> int:
        """How many bytes the values take, unpacked."""
        return math.prod(self.shape) * self.dtype.itemsize

    def _takes(self, chunks: tuple[int, ...]) -> bool:
        if len(chunks) != len(self.shape):
            return False
        limits = [None, *self.shape[1:]] if self.enlargeable else self.shape
        return all(0 < part <= (limit or part) for part, limit in zip(chunks, limits, strict=True))


def require_storable(dtype: np.dtype[Any]) -> None:
    """Refuse a dtype that an array in a file cannot have.

    Raises
    ------
    ArrayTypeError
        When it is of text, objects, dates, records, or bytes without a length.
    """
    if dtype.kind not in STORABLE_KINDS or not dtype.itemsize:
        raise ArrayTypeError(
            f"an array holds numbers, booleans or bytes of a fixed length; {dtype!r} is none of these."
        )


@dataclass(frozen=True, slots=True)
class ArrayInfo:
    """What an array in a file is like; names and meanings are those of `ArraySpec`."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    enlargeable: bool
    chunks: tuple[int, ...] | None
    filters: tuple[str, ...]
    """The name of every filter of the file, known or not."""
    stored_bytes: int
    """What the values take in the file; less than the array's size when packed, or not written yet."""
    compression: Compression | None = None
    """None too where it is packed in a way that `Compression` does not know; `filters` tells."""
    checksum: bool = False
    fill_value: Any = None
    """A numpy scalar, or None where nobody chose one."""

    def spec(self) -> ArraySpec:
        """Return the description that makes such an array anew.

        Raises
        ------
        ArrayTypeError
            When it is of a dtype that only foreign files have, such as a compound.
        """
        chunks = self.chunks
        if (
            chunks is not None
        ):  # a foreign array may grow in other dimensions too, and its chunks be larger than it
            fitted = [min(part, length or part) for part, length in zip(chunks, self.shape, strict=True)]
            chunks = (chunks[0], *fitted[1:]) if self.enlargeable else tuple(fitted)
        return ArraySpec(
            self.shape,
            self.dtype,
            enlargeable=self.enlargeable,
            chunks=chunks,
            compression=self.compression,
            checksum=self.checksum,
            fill_value=self.fill_value,
        )
