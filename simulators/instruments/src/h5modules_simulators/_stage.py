"""The stage that carries the sample: two axes, moved one by one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from ._drift import NO_DRIFT, Drift
from ._errors import SettingError, require_within
from ._settings import Setting, check_not_negative

_STEPS_PER_UM = 1000
"""Encoder steps per um. Places are whole steps: the readback repeats, and the noise has an exact key."""

_TICK = 0.05
"""Longest time in s between two updates of the readback on the way."""


class StageAxis:
    """One axis of the stage: an actuator.

    A move blocks until the axis has arrived and settled. With the defaults it is over at once. While it
    lasts, another thread reads the position on the way; a move that is interrupted (an error out of `sleep`)
    leaves the axis where it had got to.

    Parameters
    ----------
    title
        Name of the axis, for messages and files.
    limits
        Lowest and highest position in um, on the grid of the encoder (0.001 um).
    speed
        In um/s; 0 moves at once.
    settling_time
        In s, waited after each move.
    acceleration
        In um/s^2, to reach the speed and to brake; 0 reaches it at once.
    backlash
        In um: how far the axis turns, after a change of direction, before the sample follows.
    sleep
        What waits: a clock of your own makes tests fast.

    Raises
    ------
    SettingError
        If the limits are not two rising places on the grid, or speed or settling time are below zero.

    Examples
    --------
    >>> axis = StageAxis("Stage x", limits=(-50.0, 50.0))
    >>> axis.move_to(12.3456)
    >>> axis.position
    12.346
    >>> axis.move_to(51.0)
    Traceback (most recent call last):
        ...
    h5modules_simulators._errors.OutOfLimitsError: 'Stage x' cannot move to 51.0 um: outside its limits ...
    """

    units: str = "um"
    """Units of position and limits."""

    def __init__(  # noqa: PLR0913 - what makes an axis
        self,
        title: str,
        limits: tuple[float, float] = (-50.0, 50.0),
        *,
        speed: float = 0.0,
        settling_time: float = 0.0,
        acceleration: float = 0.0,
        backlash: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        check_not_negative(title, acceleration=acceleration, backlash=backlash)
        self._title = title
        self._limits = _parse_limits(title, limits)
        self._acceleration = float(acceleration)
        self._play = _to_steps(backlash)
        self.speed = speed
        self.settling_time = settling_time
        self._sleep = sleep
        low, high = self._limits
        self._steps = _to_steps(min(max(0.0, low), high))
        self._sample_steps = self._steps
        self._arrivals = 0

    @property
    def title(self) -> str:
        """Name of the axis."""
        return self._title

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest position, in um."""
        return self._limits

    @property
    def speed(self) -> float:
        """Speed in um/s; 0 moves at once."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        check_not_negative(self._title, speed=value)
        self._speed = float(value)

    @property
    def settling_time(self) -> float:
        """Time waited after each move, in s."""
        return self._settling_time

    @settling_time.setter
    def settling_time(self, value: float) -> None:
        check_not_negative(self._title, settling_time=value)
        self._settling_time = float(value)

    @property
    def position(self) -> float:
        """Where the encoder says the axis is, in um."""
        return self._steps / _STEPS_PER_UM

    @property
    def steps(self) -> int:
        """The same as `position`, in steps of the encoder."""
        return self._steps

    @property
    def sample_steps(self) -> int:
        """Where the sample is, in steps of the encoder: behind the axis by up to the backlash."""
        return self._sample_steps

    @property
    def arrivals(self) -> int:
        """How many moves have ended, moves to the same place included."""
        return self._arrivals

    @property
    def settings(self) -> dict[str, Setting]:
        """What describes the axis, in um and s."""
        low, high = self._limits
        return {
            "limit_low": low,
            "limit_high": high,
            "speed": self._speed,
            "settling_time": self._settling_time,
            "acceleration": self._acceleration,
            "backlash": self._play / _STEPS_PER_UM,
            "encoder_step": 1 / _STEPS_PER_UM,
        }

    def move_to(self, value: float) -> None:
        """Move to a position, and return when the axis has settled there.

        Parameters
        ----------
        value
            Position in um; the axis goes to the nearest step of its encoder.

        Raises
        ------
        OutOfLimitsError
            If it lies outside the limits, or is not a number. Nothing moves then.
        """
        require_within(self._title, value, self.limits, self.units)
        self._travel(_to_steps(value))
        if self._settling_time > 0:
            self._sleep(self._settling_time)
        self._arrivals += 1

    def travel_time(self, start: float, stop: float) -> float:
        """Return how long a move from `start` to `stop` (um) lasts until it has settled, in s."""
        return self._ramp(abs(stop - start)) + self._settling_time

    def _ramp(self, distance: float) -> float:
        """Return the time of a move: speed up, run, brake; a short move never reaches the speed."""
        if self._speed == 0:
            return 0.0
        if self._acceleration == 0:
            return distance / self._speed
        to_speed = self._speed**2 / self._acceleration
        if distance < to_speed:
            return 2 * math.sqrt(distance / self._acceleration)
        return distance / self._speed + self._speed / self._acceleration

    def _travel(self, target: int) -> None:
        start = self._steps
        duration = self._ramp(abs(target - start) / _STEPS_PER_UM)
        ticks = math.ceil(duration / _TICK)
        for tick in range(1, ticks + 1):
            self._sleep(duration / ticks)
            self._go(start + round((target - start) * tick / ticks))
        self._go(target)

    def _go(self, steps: int) -> None:
        self._steps = steps
        # The sample is dragged by whichever end of the play touches it.
        self._sample_steps = min(max(self._sample_steps, steps - self._play), steps)


class Stage:
    """The position of the sample below the optical axis, moved by two axes.

    Parameters
    ----------
    x, y
        The two axes.
    drift
        How the sample drifts below the optical axis.

    Examples
    --------
    >>> stage = Stage(StageAxis("Stage x"), StageAxis("Stage y"))
    >>> stage.x.move_to(2.5)
    >>> stage.position
    (2.5, 0.0)
    """

    def __init__(self, x: StageAxis, y: StageAxis, drift: Drift = NO_DRIFT) -> None:
        self._x = x
        self._y = y
        self._drift = drift

    @property
    def x(self) -> StageAxis:
        """The axis that moves along the columns of an image."""
        return self._x

    @property
    def y(self) -> StageAxis:
        """The axis that moves along the rows of an image."""
        return self._y

    @property
    def position(self) -> tuple[float, float]:
        """Where the encoders say that the axes are, (x, y) in um."""
        return self._x.position, self._y.position

    def seen_at(self, point: int) -> tuple[float, float]:
        """Return the place of the sample under the optical axis at a point of a scan, (x, y) in um."""
        dx, dy = self._drift.at(point)
        x, y = self.place
        return x / _STEPS_PER_UM + dx, y / _STEPS_PER_UM + dy

    @property
    def place(self) -> tuple[int, int]:
        """Where the sample is without drift, in steps of the encoders."""
        return self._x.sample_steps, self._y.sample_steps

    @property
    def arrivals(self) -> int:
        """How many moves have ended on the two axes."""
        return self._x.arrivals + self._y.arrivals


def _parse_limits(title: str, limits: tuple[float, float]) -> tuple[float, float]:
    low, high = float(limits[0]), float(limits[1])
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise SettingError(f"{title!r}: limits {limits!r} must be two finite, rising positions")
    for limit in (low, high):
        # Off the grid, the step nearest to an allowed position could lie outside the limits.
        if _to_steps(limit) / _STEPS_PER_UM != limit:
            raise SettingError(f"{title!r}: limit {limit!r} must be a multiple of 1/{_STEPS_PER_UM} um")
    return low, high


def _to_steps(value: float) -> int:
    return round(float(value) * _STEPS_PER_UM)
