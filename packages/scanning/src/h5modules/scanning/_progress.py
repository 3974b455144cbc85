"""How far a scan has come."""

from __future__ import annotations

import math
from dataclasses import dataclass


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
    """

    done: int
    total: int
    seconds: float
    skipped: int = 0
    before: int = 0

    @property
    def rate(self) -> float:
        """Points a second; 0 as long as no time has passed."""
        return (self.done - self.before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Time until all points are done, at this rate; infinite as long as there is none."""
        left = self.total - self.done - self.skipped
        return left / self.rate if self.rate else math.inf
