"""What chooses the next place of an adaptive scan."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ._adaptive_plan import AdaptivePlan
from ._errors import PlanError

Place = tuple[float, ...]
"""One position for each actuator."""


class Learner:
    """Chooses places in a box, by what was observed at those before.

    Told the same values at the same places in the same order, it chooses the same.

    Parameters
    ----------
    plan
        The box, and when enough is known.

    Raises
    ------
    PlanError
        When the library that it stands on is not installed.
    """

    def __init__(self, plan: AdaptivePlan) -> None:
        self._learner = _learner(plan)
        self._enough = plan.loss
        self._told = 0

    @property
    def is_satisfied(self) -> bool:
        """Whether enough is known."""
        return self._enough > 0 and self._told >= 2 and bool(self._learner.loss() <= self._enough)

    def ask(self) -> Place:
        """Return the next place."""
        (asked,), _ = self._learner.ask(1)
        return tuple(float(value) for value in np.atleast_1d(asked))

    def tell(self, place: Place, value: float) -> None:
        """Take note of what was observed at a place; what is no finite number teaches nothing."""
        if math.isfinite(value):
            self._learner.tell(place[0] if len(place) == 1 else place, value)
            self._told += 1

    def replay(self, rows: Iterable[tuple[Place, float]]) -> None:
        """Learn what an earlier scan observed, in its order: the next place is the one it would have had."""
        for place, value in rows:
            if self.ask() != place:  # another version chooses otherwise: what is known counts all the same
                self._learner.remove_unfinished()
            self.tell(place, value)


def _learner(plan: AdaptivePlan) -> Any:
    try:
        import adaptive
    except ImportError as error:
        message = 'adaptive scans need a library; try: pip install "h5modules-scanning[adaptive]"'
        raise PlanError(message) from error
    if len(plan.actuators) == 1:
        return adaptive.Learner1D(None, bounds=plan.bounds[0])
    if len(plan.actuators) == 2:
        return adaptive.Learner2D(None, bounds=plan.bounds)
    return adaptive.LearnerND(None, bounds=plan.bounds)
