"""Where a scan goes: a value, made before anything moves."""

from __future__ import annotations

import itertools
import json
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ._devices import Actuator, SupportsLimits
from ._errors import PlanError


@dataclass(frozen=True, slots=True)
class LinearAxis:
    """Equally spaced positions of one actuator.

    Attributes
    ----------
    actuator
        The title of the actuator.
    start, stop
        The first and the last position, in the actuator's unit.
    points
        How many positions.

    Examples
    --------
    >>> LinearAxis('stage_x', 0, 1, 3).positions()
    (0.0, 0.5, 1.0)
    """

    actuator: str
    start: float
    stop: float
    points: int

    def positions(self) -> tuple[float, ...]:
        """Return all positions."""
        return tuple(float(value) for value in np.linspace(self.start, self.stop, self.points))

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
        LinearAxis(actuator='stage_x', start=-20.0, stop=20.0, points=41)
        """
        actuator, _, numbers = text.partition("=")
        try:
            start, stop, points = numbers.split(":")
            return cls(actuator.strip(), float(start), float(stop), int(points))
        except ValueError:
            raise PlanError(f"{text!r} is not an axis; write ACTUATOR=START:STOP:POINTS, as in stage_x=-20:20:41.") from None

    def problems(self) -> list[str]:
        """Return what is wrong with the axis, a line each."""
        found = []
        if not self.actuator:
            found.append("an axis names no actuator.")
        if not (isinstance(self.points, int) and self.points >= 1):
            found.append(f"axis {self.actuator!r} has {self.points!r} points; it needs at least 1.")
        if not (math.isfinite(self.start) and math.isfinite(self.stop)):
            found.append(f"axis {self.actuator!r} goes from {self.start} to {self.stop}: not finite.")
        return found


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a plan.

    Attributes
    ----------
    index
        Its place in the scan's shape.
    positions
        Where each actuator is to be, by title.
    """

    index: tuple[int, ...]
    positions: Mapping[str, float]


@dataclass(frozen=True)
class Plan:
    """A scan over a grid: the first axis is the slowest.

    Parameters
    ----------
    axes
        One for each actuator.

    Examples
    --------
    >>> plan = Plan([LinearAxis('stage_x', 0, 1, 2), LinearAxis('stage_y', 0, 10, 3)])
    >>> plan.shape, len(plan)
    ((2, 3), 6)
    >>> list(plan)[4]
    Point(index=(1, 1), positions={'stage_x': 1.0, 'stage_y': 5.0})
    """

    axes: tuple[LinearAxis, ...]

    def __init__(self, axes: Iterable[LinearAxis]) -> None:
        object.__setattr__(self, "axes", tuple(axes))
        found = self._problems()
        if found:
            raise PlanError("\n".join(found))

    def _problems(self) -> list[str]:
        found = [] if self.axes else ["the plan has no axes; give at least one."]
        for axis in self.axes:
            found.extend(axis.problems())
        names = [axis.actuator for axis in self.axes]
        for name in sorted({name for name in names if names.count(name) > 1}):
            found.append(f"actuator {name!r} has {names.count(name)} axes; it can have one.")
        return found

    @property
    def actuators(self) -> tuple[str, ...]:
        """The titles of the actuators, slow to fast."""
        return tuple(axis.actuator for axis in self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of positions along each axis."""
        return tuple(axis.points for axis in self.axes)

    def __len__(self) -> int:
        return math.prod(self.shape)

    def __iter__(self) -> Iterator[Point]:
        indexed = [tuple(enumerate(axis.positions())) for axis in self.axes]
        for combination in itertools.product(*indexed):
            positions = {name: value for name, (_, value) in zip(self.actuators, combination, strict=True)}
            yield Point(tuple(number for number, _ in combination), positions)

    def check(self, actuators: Sequence[Actuator]) -> None:
        """Make sure that the actuators can do the plan; nothing moves.

        Raises
        ------
        PlanError
            With a line for each actuator that is missing, or whose limits the plan exceeds.
        """
        by_title = {actuator.title: actuator for actuator in actuators}
        found = []
        for axis in self.axes:
            actuator = by_title.get(axis.actuator)
            if actuator is None:
                known = ", ".join(map(repr, by_title)) or "none"
                found.append(f"the plan moves {axis.actuator!r}, which is not there; there are {known}.")
            elif isinstance(actuator, SupportsLimits):
                found.extend(_outside(axis, actuator.limits))
        if found:
            raise PlanError("\n".join(found))

    def to_toml(self) -> str:
        """Return the plan as TOML, as it is saved with the scan.

        Examples
        --------
        >>> plan = Plan([LinearAxis('stage_x', 0, 1, 2)])
        >>> Plan.from_toml(plan.to_toml()) == plan
        True
        """
        tables = []
        for axis in self.axes:
            name = json.dumps(axis.actuator)  # a JSON text is a TOML text
            lines = [f"actuator = {name}", f"start = {float(axis.start)!r}", f"stop = {float(axis.stop)!r}"]
            tables.append("\n".join(["[[axes]]", 'kind = "linear"', *lines, f"points = {axis.points}"]))
        return "\n\n".join(tables) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Return the plan that TOML spells.

        Raises
        ------
        PlanError
            When it is not TOML, or not a plan.
        """
        try:
            tables: list[dict[str, Any]] = tomllib.loads(text)["axes"]
            axes = [
                LinearAxis(str(table["actuator"]), float(table["start"]), float(table["stop"]), int(table["points"]))
                for table in tables
            ]
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise PlanError(f"this is not a plan ({type(error).__name__}: {error}).") from error
        return cls(axes)


def _outside(axis: LinearAxis, limits: tuple[float, float]) -> list[str]:
    low, high = limits
    outside = [(number, value) for number, value in enumerate(axis.positions()) if not low <= value <= high]
    if not outside:
        return []
    number, value = outside[0]
    return [
        f"{len(outside)} of {axis.points} positions of {axis.actuator!r} lie outside its limits {low:g} .. {high:g}; "
        f"the first is {value:g}, number {number}."
    ]
