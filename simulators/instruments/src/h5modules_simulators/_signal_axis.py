"""The axis of what a detector gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class SignalAxis:
    """One dimension of the arrays that a detector reads.

    The values are copied and made read-only. Two axes are equal when label, units and values are.

    Examples
    --------
    >>> axis = SignalAxis("wavelength", "nm", [500.0, 501.0])
    >>> axis.values
    array([500., 501.])
    >>> axis == SignalAxis("wavelength", "nm", [500.0, 501.0])
    True
    """

    label: str
    """What is counted along the axis."""
    units: str
    """Units of the values."""
    values: npt.NDArray[np.float64]
    """Shape (n,), float64, read-only."""

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SignalAxis):
            return NotImplemented
        same_text = (self.label, self.units) == (other.label, other.units)
        return same_text and np.array_equal(self.values, other.values)

    def __hash__(self) -> int:
        return hash((self.label, self.units, self.values.tobytes()))
