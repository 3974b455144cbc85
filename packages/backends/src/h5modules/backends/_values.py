"""Values on their way into an array: brought to its dtype, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._errors import ArrayShapeError, ArrayTypeError

Array = np.ndarray[Any, Any]


def as_array(values: Any, where: str) -> Array:
    """Return `values` as an array.

    Parameters
    ----------
    values
        Anything that numpy takes for an array.
    where
        What the array is called that they are for, in a message.

    Raises
    ------
    ArrayTypeError
        When some are masked: no file has masks, and what is below a mask is no measurement.
    ArrayShapeError
        When they are rows of differing lengths.
    """
    if np.ma.is_masked(values):
        raise ArrayTypeError(
            f"some of the values for {where} are masked, and files have no masks; give values.filled(number)."
        )
    try:
        return np.asarray(values)
    except (ValueError, TypeError) as error:
        raise ArrayShapeError(f"the values for {where} are not an array: {error}") from error


def fit_values(values: Any, dtype: np.dtype[Any], where: str) -> Array:
    """Return `values` as an array of `dtype`; they keep what they say.

    Parameters
    ----------
    values
        Anything that numpy takes for an array.
    dtype
        The dtype of the array that they are for.
    where
        What that array is called in a message.

    Raises
    ------
    ArrayTypeError
        When a value would become another: a fraction in integers, a number out of range, a text too long; or
        when some are masked.
    ArrayShapeError
        When `values` are rows of differing lengths.

    Examples
    --------
    >>> fit_values([1, 2], np.dtype('u1'), 'Data00')
    array([1, 2], dtype=uint8)
    >>> fit_values(2.5, np.dtype('u1'), 'Data00')
    Traceback (most recent call last):
    ...
    h5modules.backends._errors.ArrayTypeError: Data00 holds uint8; float64 values do not fit.
    """
    array = as_array(values, where)
    if array.dtype == dtype:
        return array
    if array.size and (reason := _misfit(array, dtype)):
        raise ArrayTypeError(f"{where} holds {dtype}; {reason}.")
    try:
        with np.errstate(over="raise"):
            return array.astype(dtype)
    except (FloatingPointError, ValueError, TypeError) as error:
        raise ArrayTypeError(f"{where} holds {dtype}; {array.dtype} values do not fit: {error}") from error


def _misfit(array: Array, dtype: np.dtype[Any]) -> str:
    if array.dtype.kind in "iu" and dtype.kind in "iu":
        low, high = int(array.min()), int(array.max())
        limits = np.iinfo(dtype)
        return "" if limits.min <= low and high <= limits.max else f"{low} to {high} is out of its range"
    if "S" in (array.dtype.kind, dtype.kind):
        if array.dtype.kind != dtype.kind:
            return f"{array.dtype} values do not fit (text is given as bytes)"
        longest = int(np.char.str_len(array).max())
        return "" if longest <= dtype.itemsize else f"a text of {longest} bytes is too long"
    return "" if np.can_cast(array.dtype, dtype, "same_kind") else f"{array.dtype} values do not fit"
