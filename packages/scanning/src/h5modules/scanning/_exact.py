"""PyMoDAQ's data objects, kept from changing what they are given."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from pymodaq_data.data import Axis

from ._errors import DeviceError

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


def require_known_unit(whose: str, units: str) -> None:
    """Refuse a unit that PyMoDAQ's data would drop without a word.

    Raises
    ------
    DeviceError
        When pint does not know it.
    """
    message = f"the unit {units!r} of {whose} is unknown to pint; give one that it knows, or none."
    try:
        kept = Axis("", units, np.arange(2.0)).units
    except Exception as error:  # pint stumbles over some texts, each in its own way
        raise DeviceError(message) from error
    if kept != units:
        raise DeviceError(message)


def exact_axis(label: str, units: str, values: Array, index: int, spread_order: int = 0) -> Axis:
    """Return an axis that keeps its values.

    PyMoDAQ's replaces them by a line where the steps differ by less than 1e-8, even if the steps themselves
    are smaller: delays of nanoseconds, in seconds.
    """
    if values.size == 1:  # it would take the mean of no steps, with a warning
        line = {"offset": float(values[0]), "scaling": 1.0, "size": 1}
        return Axis(label, units, index=index, spread_order=spread_order, **line)
    axis = Axis(label, units, values, index=index, spread_order=spread_order)
    axis.data = values
    return axis
