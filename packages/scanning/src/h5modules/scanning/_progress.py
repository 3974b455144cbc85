"""How far a scan has come."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ._plan import Point

if TYPE_CHECKING:
    from pymodaq_data.data import DataToExport


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan has come.

    Attributes
    ----------
    done, total
        Points saved, and points of the plan.
    seconds
        Time since the first move was begun.
    skipped
        Points that failed, and were left out.
    before
        Points that were saved before the scan was resumed.
    point, data
        The point that was saved just now, and its signals; None where it was left out, and before the first.
        The signals are those of the next point too, with other values: copy what you keep.
    """

    done: int
    total: int
    seconds: float
    skipped: int = 0
    before: int = 0
    point: Point | None = field(default=None, compare=False, repr=False)
    data: DataToExport | None = field(default=None, compare=False, repr=False)

    @property
    def rate(self) -> float:
        """Points a second; 0 as long as no time has passed."""
        return (self.done - self.before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Time until all points are done, at this rate; infinite as long as there is none."""
        left = self.total - self.done - self.skipped
        return left / self.rate if self.rate else math.inf
