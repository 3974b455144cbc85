"""What the tests are tried with, and how results are compared."""

from __future__ import annotations

from typing import Any

import numpy as np

from h5modules.backends._abilities import EXTENDED_FLOATS, Abilities
from h5modules.backends._driver import Driver

Array = np.ndarray[Any, Any]

DTYPES = (
    *("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"),
    *(">i2", ">i4", ">i8", ">u2", ">u4", ">u8", ">f4", ">f8", ">c8", ">c16", "S1", "S8"),
)
"""What every driver keeps in arrays."""

BOOKKEEPING = frozenset({"CLASS", "EXTDIM", "FLAVOR", "NROWS", "PSEUDOATOM", "VERSION"})
"""Attributes that a library may write by itself on every node."""

SHAPES = ((), (1,), (0,), (7,), (0, 3), (2, 3), (3, 0), (1, 1), (2, 3, 4))
"""Without dimensions, with one value, with none, and more."""


def dtypes_for(abilities: Abilities) -> list[np.dtype[Any]]:
    """Return every dtype that a driver of these abilities keeps."""
    more = sorted(EXTENDED_FLOATS, key=str) if abilities.extended_floats else []
    return [*map(np.dtype, DTYPES), *more]


def own_names(file: Driver, path: str) -> list[str]:
    """Return the names of a node's attributes but for those that the library writes by itself."""
    return [name for name in file.attribute_names(path) if name not in BOOKKEEPING]


def sample(dtype: np.dtype[Any], shape: tuple[int, ...]) -> Array:
    """Return values of that dtype and shape, the extreme ones among them.

    Examples
    --------
    >>> sample(np.dtype('i1'), (4,))
    array([   0,    1, -128,  127], dtype=int8)
    """
    return np.resize(np.array(_some(dtype), dtype), shape).astype(dtype)


def _some(dtype: np.dtype[Any]) -> list[Any]:
    if dtype.kind == "b":
        return [True, False, False]
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return [0, 1, limits.min, limits.max, 42]
    if dtype.kind == "f":
        limit = np.finfo(dtype)
        return [0.0, -1.5, np.nan, np.inf, -np.inf, limit.max, limit.tiny, -0.0]
    if dtype.kind == "c":
        return [0j, 1.5 - 2j, complex(np.nan, 1), complex(-np.inf, -0.0), 3]
    return [b"", b"a", b"x" * dtype.itemsize, b"\xff"]


def assert_same_values(actual: Any, expected: Array) -> None:
    """Check that values are equal, of the same shape, and of the same dtype but for the order of bytes."""
    assert isinstance(actual, np.ndarray)
    assert actual.dtype.newbyteorder("=") == expected.dtype.newbyteorder("=")
    assert actual.shape == expected.shape
    assert np.array_equal(actual, expected, equal_nan=expected.dtype.kind in "fc")


def assert_same_rows(actual: Any, expected: list[Array]) -> None:
    """Check that two ragged arrays hold the same rows."""
    assert isinstance(actual, list)
    assert len(actual) == len(expected)
    for one, other in zip(actual, expected, strict=True):
        assert_same_values(one, other)
