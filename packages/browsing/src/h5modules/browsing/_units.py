"""Values in other units, as pint converts them for PyMoDAQ's data."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from ._scan_view import Array

Convert: TypeAlias = Callable[[Array], Array]
"""Makes of values in some units those in others."""


def conversion(units: str, into: str) -> Convert | None:
    """Return what makes of values in some units those in others; None where there is no such thing.

    Units that pint does not know go with themselves alone, and so do values without units. An angle is no
    number and a count no percent, although pint has all of them without a dimension: hertz do not become
    radians in a second.

    Examples
    --------
    >>> import numpy as np
    >>> conversion('mm', 'um')(np.array([1.0, 2.5]))
    array([1000., 2500.])
    >>> conversion('V', 'mW') is None, conversion('', 'mW') is None, conversion('counts', '%') is None
    (True, True, True)
    """
    if units == into:
        return lambda values: values
    if not units or not into:
        return None
    from pymodaq_data import Q_, ureg  # slow to import, and most have the same units

    try:
        if ureg.get_root_units(units)[1] != ureg.get_root_units(into)[1]:
            return None
    except Exception:  # noqa: BLE001 - pint raises about anything at a text that it cannot parse
        return None

    def convert(values: Array) -> Array:
        with np.errstate(all="ignore"):  # of nothing there are no decibels
            return np.asarray(Q_(values, units).m_as(into))

    return convert
