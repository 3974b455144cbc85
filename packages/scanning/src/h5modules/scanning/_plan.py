"""Where a scan goes: a value, made before anything moves."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ._axis import LinearAxis
from ._devices import Actuator, SupportsLimits, calling, units_of
from ._errors import PlanError
from ._problems import Problems, suggestion


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

    Raises
    ------
    PlanError
        When there is no axis, an axis has no points or is not finite, or an actuator has several.

    Examples
    --------
    >>> plan = Plan([LinearAxis('Stage x', 0, 1, 2), LinearAxis('Stage y', 0, 10, 3)])
    >>> plan.shape, len(plan)
    ((2, 3), 6)
    >>> list(plan)[4]
    Point(index=(1, 1), positions={'Stage x': 1.0, 'Stage y': 5.0})
    """

    axes: tuple[LinearAxis, ...]

    def __init__(self, axes: Iterable[LinearAxis]) -> None:
        object.__setattr__(self, "axes", tuple(axes))
        if found := self._problems():
            raise PlanError(*found)

    def _problems(self) -> list[str]:
        found = [] if self.axes else ["the plan has no axes; give at least one."]
        for axis in self.axes:
            found += axis.problems()
        names = [axis.actuator for axis in self.axes]
        found += [
            f"actuator {name!r} has {names.count(name)} axes; it can have one."
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
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
        numbered = [tuple(enumerate(axis.positions())) for axis in self.axes]
        for combination in itertools.product(*numbered):
            index, positions = zip(*combination, strict=True)
            yield Point(index, dict(zip(self.actuators, positions, strict=True)))

    def check(self, actuators: Sequence[Actuator]) -> None:
        """Make sure that the actuators can do the plan; nothing moves.

        Raises
        ------
        PlanError
            When an actuator is missing, or the plan leaves its limits; all of it is told.
        DeviceFailedError
            When an actuator cannot tell its limits.
        """
        by_title = {actuator.title: actuator for actuator in actuators}
        problems = Problems()
        for axis in self.axes:
            with problems.gathering():
                if axis.actuator not in by_title:
                    hint = suggestion(axis.actuator, by_title)
                    raise PlanError(f"the plan moves {axis.actuator!r}, no actuator has this title; {hint}")
                require_inside(axis, by_title[axis.actuator])
        problems.raise_any()

    def to_toml(self) -> str:
        """Return the plan as TOML, as it is saved with the scan.

        Examples
        --------
        >>> plan = Plan([LinearAxis('Stage x', 0, 1, 2)])
        >>> print(plan.to_toml(), end='')
        [[axes]]
        kind = "linear"
        actuator = "Stage x"
        start = 0.0
        stop = 1.0
        points = 2
        >>> Plan.from_toml(plan.to_toml()) == plan
        True
        """
        return "\n".join(f"[[axes]]\n{axis.to_toml()}" for axis in self.axes)

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Return the plan that TOML spells.

        Raises
        ------
        PlanError
            When it is not TOML, or not a plan.
        """
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PlanError(f"the plan is not TOML: {error}.") from error
        if set(document) != {"axes"} or not _is_list_of_tables(document["axes"]):
            raise PlanError("a plan is a list of tables [[axes]], and nothing else.")
        return cls(LinearAxis.from_table(table) for table in document["axes"])


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(table, dict) for table in value)


def require_inside(axis: LinearAxis, actuator: Actuator) -> None:
    """Make sure that an axis keeps to the limits of its actuator, if it has any.

    Raises
    ------
    PlanError
        When a position lies outside.
    DeviceFailedError
        When the actuator cannot tell its limits.
    """
    with calling(f"actuator {axis.actuator!r}", "when it was asked for its limits"):
        if not isinstance(actuator, SupportsLimits):
            return
        low, high = (float(limit) for limit in actuator.limits)
        units = units_of(actuator)
    positions = np.linspace(axis.start, axis.stop, axis.points)
    outside = int(np.count_nonzero(~((low <= positions) & (positions <= high))))
    if outside:
        raise PlanError(
            f"axis {axis.actuator!r} goes from {axis.start:g} to {axis.stop:g}, "
            f"the limits are {low:g} to {high:g} {units}".rstrip()
            + f": {outside} of {axis.points} positions lie outside."
        )
