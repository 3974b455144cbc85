"""Values on their way into a file that holds another dtype, or no masks: kept as they are, or refused."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from h5modules.backends import ArrayTypeError

Array = np.ndarray[Any, Any]


def require_maskless(values: Array, what: object) -> None:
    """Make sure that `without_mask` can keep what a mask says.

    Parameters
    ----------
    values
        The values.
    what
        What they are, for the error message.

    Raises
    ------
    ArrayTypeError
        When values are masked that cannot be NaN.
    """
    if values.dtype.kind not in "fc" and np.ma.is_masked(values):
        raise ArrayTypeError(
            f"{what}: some of its {values.dtype} values are masked, and there is no NaN to tell so in the "
            "file. Save values.filled(number), or values.astype(float), whose masked ones become NaN."
        )


def without_mask(values: Array) -> Array:
    """Return values that `require_maskless` accepted as a plain array, in which masked ones are NaN.

    Examples
    --------
    >>> without_mask(np.ma.array([1.0, 1e20], mask=[False, True]))
    array([ 1., nan])
    """
    return np.asarray(np.ma.filled(values, np.nan) if np.ma.is_masked(values) else values)


def can_hold(dtype: np.dtype[Any], values: Array) -> bool:
    """Tell whether numbers stay what they are as numbers of another dtype.

    Examples
    --------
    >>> can_hold(np.dtype(np.float64), np.array([0])), can_hold(np.dtype(np.int64), np.array([0.5]))
    (True, False)
    """
    if values.dtype == dtype:
        return True
    if values.dtype.kind not in "biufc" or dtype.kind not in "biufc":
        return False
    plain = without_mask(values)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        cast = plain.astype(dtype)
        again = cast.astype(plain.dtype)
    # There and back a negative number may be itself again; and large ones are compared as floats.
    return all(np.array_equal(other, plain, equal_nan=True) for other in (cast, again))
