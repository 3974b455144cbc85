"""A grating drive: it turns the spectrometer to other wavelengths."""

from __future__ import annotations

import time
from collections.abc import Callable

from ._errors import require_within
from ._settings import Setting, check_not_negative


class GratingDrive:
    """An actuator: the wavelength in the middle of the spectrometer's sensor.

    The axis of the spectrometer moves with it.

    Parameters
    ----------
    title
        Name of the device.
    position
        Where it stands first, in nm.
    limits
        Lowest and highest wavelength, in nm.
    speed
        In nm/s; 0 moves at once.
    sleep
        What waits.

    Examples
    --------
    >>> grating = GratingDrive()
    >>> grating.move_to(600)
    >>> grating.position
    600.0
    """

    units: str = "nm"
    """Units of position and limits."""

    def __init__(
        self,
        title: str = "Grating",
        *,
        position: float = 580.0,
        limits: tuple[float, float] = (350.0, 950.0),
        speed: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        check_not_negative(title, speed=speed)
        self._title = title
        self._limits = float(limits[0]), float(limits[1])
        self._position = float(position)
        self._speed = float(speed)
        self._sleep = sleep

    @property
    def title(self) -> str:
        """Name of the device."""
        return self._title

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest wavelength, in nm."""
        return self._limits

    @property
    def position(self) -> float:
        """The wavelength in the middle of the sensor, in nm."""
        return self._position

    @property
    def settings(self) -> dict[str, Setting]:
        """Its speed, in nm/s."""
        return {"speed": self._speed}

    def travel_time(self, start: float, stop: float) -> float:
        """Return how long a move from `start` to `stop` (nm) lasts, in s."""
        return abs(stop - start) / self._speed if self._speed else 0.0

    def move_to(self, value: float) -> None:
        """Turn to a wavelength in nm, and return when it is there.

        Raises
        ------
        OutOfLimitsError
            If it lies outside the limits, or is not a number. Nothing moves then.
        """
        require_within(self._title, value, self.limits, self.units)
        self._sleep_for(self.travel_time(self._position, value))
        self._position = float(value)

    def _sleep_for(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)
