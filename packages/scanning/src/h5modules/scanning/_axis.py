"""One axis of a plan: the positions that one actuator, or several together, go through."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeGuard

import numpy as np

from ._errors import PlanError

Positions = np.ndarray[Any, np.dtype[np.float64]]

MOST_POINTS = 10_000_000
"""More than that along one axis is a slip of the finger, and would fill the memory before it is found."""


class PlanAxis(Protocol):
    """A row of steps; at each, every actuator of the axis has a position.

    An axis is a frozen value. `LinearAxis` is one; so is any value of yours that has what follows.
    """

    @property
    def actuators(self) -> tuple[str, ...]:
        """The titles of the actuators that it moves."""

    @property
    def units(self) -> str:
        """The unit of its positions; empty when it is not said: then the actuators' own."""

    @property
    def is_spread(self) -> bool:
        """Whether its steps are a list of places, not a line of a grid."""

    def __len__(self) -> int:
        """Return the number of steps."""

    def positions(self) -> Positions:
        """Return all positions: one row a step, one column an actuator."""

    def problems(self) -> list[str]:
        """Return what is wrong with it, a sentence each."""

    def renamed(self, titles: Mapping[str, str]) -> Self:
        """Return it with other titles of its actuators; those that are no key stay."""

    def to_table(self) -> dict[str, Any]:
        """Return it as a table of TOML, with its ``kind``."""


@dataclass(frozen=True, slots=True)
class LinearAxis:
    """Equally spaced positions of one actuator.

    Attributes
    ----------
    actuator
        The title of the actuator.
    start, stop
        The first and the last position, in the actuator's unit; the same to measure repeatedly at one place.
    points
        How many positions.
    units
        The unit of `start` and `stop`; where it is said, the actuator must have it.

    Examples
    --------
    >>> LinearAxis('Stage x', 0, 1, 3).positions()
    array([[0. ],
           [0.5],
           [1. ]])
    """

    actuator: str
    start: float
    stop: float
    points: int
    units: str = ""

    def __post_init__(self) -> None:
        # numpy's numbers are welcome; what is no number stays as it is, and `problems` tells.
        object.__setattr__(self, "start", plain_float(self.start))
        object.__setattr__(self, "stop", plain_float(self.stop))
        object.__setattr__(self, "points", plain_int(self.points))

    @property
    def actuators(self) -> tuple[str, ...]:
        """The one actuator."""
        return (self.actuator,)

    @property
    def is_spread(self) -> bool:
        """A line is a side of a grid."""
        return False

    def __len__(self) -> int:
        return self.points

    def positions(self) -> Positions:
        """Return all positions, shape (points, 1); a single one lies at `start`."""
        return np.linspace(self.start, self.stop, self.points)[:, None]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the axis that ``ACTUATOR=START:STOP:POINTS`` spells.

        Raises
        ------
        PlanError
            When it is spelt otherwise.

        Examples
        --------
        >>> LinearAxis.parse('stage_x=-20:20:41')
        LinearAxis(actuator='stage_x', start=-20.0, stop=20.0, points=41, units='')
        """
        actuator, _, numbers = text.rpartition("=")
        try:
            start, stop, points = numbers.split(":")
            return cls(actuator.strip(), float(start), float(stop), int(points))
        except ValueError:
            message = f"{text!r} is not an axis; write ACTUATOR=START:STOP:POINTS, as in stage_x=-20:20:41."
            raise PlanError(message) from None

    def problems(self) -> list[str]:
        """Return what is wrong with the axis, a sentence each."""
        found = [] if self.actuator else ["an axis names no actuator."]
        found += points_problems(f"axis {self.actuator!r}", self.points)
        if not all(map(is_finite, (self.start, self.stop))):
            found.append(
                f"axis {self.actuator!r} goes from {self.start!r} to {self.stop!r}; give finite numbers."
            )
        return found

    def renamed(self, titles: Mapping[str, str]) -> Self:
        """Return the axis with another title of its actuator, where `titles` has one."""
        return replace(self, actuator=titles.get(self.actuator, self.actuator))

    def to_table(self) -> dict[str, Any]:
        """Return the axis as a table of TOML."""
        table = {"kind": "linear", "actuator": self.actuator}
        numbers = {"start": self.start, "stop": self.stop, "points": self.points}
        return {**table, **numbers, **with_units(self.units)}


@dataclass(frozen=True, slots=True)
class RepeatAxis:
    """The same again and again: the last axis of a plan repeats each point, the first one the whole scan.

    Attributes
    ----------
    times
        How often.
    """

    times: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", plain_int(self.times))

    @property
    def actuators(self) -> tuple[str, ...]:
        """None: nothing moves."""
        return ()

    @property
    def units(self) -> str:
        """A repetition has no unit."""
        return ""

    @property
    def is_spread(self) -> bool:
        """Repetitions are a side of a grid."""
        return False

    def __len__(self) -> int:
        return self.times

    def positions(self) -> Positions:
        """Return an array of shape (times, 0)."""
        return np.empty((self.times, 0))

    def problems(self) -> list[str]:
        """Return what is wrong with the axis, a sentence each."""
        return points_problems("a repetition", self.times)

    def renamed(self, titles: Mapping[str, str]) -> Self:
        """Return the axis as it is: it names no actuator."""
        return self

    def to_table(self) -> dict[str, Any]:
        """Return the axis as a table of TOML."""
        return {"kind": "repeat", "times": self.times}


def points_problems(name: str, points: object) -> list[str]:
    """Return what is wrong with a number of points."""
    if not is_whole(points):
        return [f"{name} has {points!r} points; give a whole number."]
    if points < 1:
        return [f"{name} has {points} points; give at least 1."]
    return [f"{name} has {points} points; give at most {MOST_POINTS}."] if points > MOST_POINTS else []


def with_units(units: str) -> dict[str, str]:
    """Return the key ``units`` of a table; nothing when they are not said."""
    return {"units": units} if units else {}


def plain_float(value: Any) -> Any:
    """Return a number as Python's own; what is no number as it is."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return value


def plain_int(value: Any) -> Any:
    """Return a whole number as Python's own; what is none as it is."""
    try:
        return value if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return value


def is_whole(value: object) -> TypeGuard[int]:
    """Tell whether a value is a whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_finite(value: object) -> bool:
    """Tell whether a value is a finite float."""
    return isinstance(value, float) and math.isfinite(value)
