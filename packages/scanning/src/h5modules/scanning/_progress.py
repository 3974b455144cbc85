"""How far a scan has come."""

from __future__ import annotations

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
    """

    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Points a second; 0 as long as no time has passed."""
        return self.done / self.seconds if self.seconds > 0 else 0.0
