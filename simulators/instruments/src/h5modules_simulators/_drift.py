"""Drift: how the sample wanders below the optical axis from point to point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._noise import keyed_generator
from ._settings import check_not_negative, check_positive, check_seed


@dataclass(frozen=True, slots=True)
class Drift:
    """A slow wander, a function of the point of a scan: one that is gone on with drifts on from there.

    Outside of a scan there is none.

    Parameters
    ----------
    amplitude
        How far it goes to either side along each axis, in um.
    period
        After how many points it comes back along x; along y it is 1.3 times as fast.
    seed
        Where on its way it begins.

    Examples
    --------
    >>> Drift(amplitude=0.0).at(100)
    (0.0, 0.0)
    """

    amplitude: float = 0.0
    period: float = 10_000.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_not_negative("drift", amplitude=self.amplitude)
        check_positive("drift", period=self.period)
        check_seed(self.seed)

    def at(self, point: int) -> tuple[float, float]:
        """Return the drift (x, y) at a point, in um; none at point 0."""
        if self.amplitude == 0 or point == 0:
            return 0.0, 0.0
        phases = keyed_generator(self.seed, "drift").random(2)
        turn = point / self.period
        dx, dy = np.sin(2 * np.pi * (turn * np.array([1.0, 1.3]) + phases)) * self.amplitude
        return float(dx), float(dy)


NO_DRIFT = Drift()
"""A sample that stays where it is."""
