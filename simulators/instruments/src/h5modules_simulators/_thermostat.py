"""A temperature controller: slow, and never quite still."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from ._errors import require_within
from ._modelled import Modelled
from ._noise import keyed_generator
from ._settings import check_not_negative, check_positive, check_seed

_TICKS = 20
"""In how many steps a change is gone through."""


@dataclass(frozen=True)
class ThermostatModel:
    """What a temperature controller is like."""

    title: str = "Thermostat"
    """Name of the device."""
    low: float = 4.0
    """Lowest temperature, in K."""
    high: float = 350.0
    """Highest temperature, in K."""
    time_constant: float = 2.0
    """Time in s in which a difference shrinks to 1/e."""
    tolerance: float = 0.05
    """A temperature is reached when it is that near, in K."""
    noise: float = 0.01
    """Standard deviation of the readback, in K."""
    realtime: bool = False
    """Whether a change lasts as long as it would."""

    def __post_init__(self) -> None:
        check_positive(self.title, low=self.low, span=self.high - self.low, tolerance=self.tolerance)
        check_not_negative(self.title, time_constant=self.time_constant, noise=self.noise)


class Thermostat(Modelled):
    """An actuator: the temperature of the sample, in K. It heats nothing else: detectors do not see it.

    Parameters
    ----------
    model
        What it is like.
    seed
        Seed of the noise.
    sleep
        What waits, if the model is `realtime`.

    Examples
    --------
    >>> thermostat = Thermostat()
    >>> thermostat.move_to(77.0)
    >>> abs(thermostat.position - 77.0) < 0.2
    True
    """

    units: str = "K"
    """Units of position and limits."""

    def __init__(
        self,
        model: ThermostatModel = ThermostatModel(),
        *,
        seed: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._model: ThermostatModel = model
        self._seed = check_seed(seed)
        self._sleep = sleep
        self._temperature = min(max(295.0, model.low), model.high)
        self._point = 0

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest temperature, in K."""
        return self._model.low, self._model.high

    @property
    def position(self) -> float:
        """The temperature as it reads, in K; its noise depends on seed and point of the scan alone."""
        rng = keyed_generator(self._seed, self.title, point=self._point)
        return self._temperature + self._model.noise * float(rng.standard_normal())

    def prepare(self, point: int) -> None:
        """Take note that the point of that number is measured next; 0 is none of a scan."""
        self._point = point

    def travel_time(self, start: float, stop: float) -> float:
        """Return how long a change from `start` to `stop` (K) lasts, in s."""
        model = self._model
        if not model.realtime or abs(stop - start) <= model.tolerance:
            return 0.0
        return model.time_constant * math.log(abs(stop - start) / model.tolerance)

    def move_to(self, value: float) -> None:
        """Go to a temperature in K, and return when it is reached.

        Raises
        ------
        OutOfLimitsError
            If it lies outside the limits, or is not a number. Nothing changes then.
        """
        require_within(self.title, value, self.limits, self.units)
        start, tick = self._temperature, self.travel_time(self._temperature, value) / _TICKS
        for number in range(1, _TICKS + 1 if tick else 1):
            self._sleep(tick)
            left = math.exp(-number * tick / self._model.time_constant)
            self._temperature = value + (start - value) * left
        self._temperature = float(value)
