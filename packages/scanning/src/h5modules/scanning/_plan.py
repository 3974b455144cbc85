"""Where a scan goes: a value, made before anything moves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from ._axis import PlanAxis, is_finite, is_whole, plain_float, plain_int
from ._errors import PlanError
from ._order import MOST_SHUFFLED, Order, Visit, visit
from ._spread import seed_problems

_MOST_POINTS = 1_000_000_000


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
    positions: dict[str, float]


@dataclass(frozen=True)
class Plan:
    """A scan: its axes, slow to fast, and the order in which their grid is visited.

    A plan may stand among the axes of another: at each step of the slower axes it is gone through whole, in
    its own order. Where an axis is a list of places (a table, a spiral, places at random), the scan is saved
    as one list of places; else as a grid.

    Parameters
    ----------
    axes
        The axes, or plans.
    order
        In which order the grid of the axes is visited. Where values are saved does not depend on it.
    seed
        For a random order.
    settle
        Seconds to wait when all actuators have arrived, before the detectors are read.
    averages
        How often the detectors are read at each point. Above 1 their mean is saved, and its standard error as
        error bars.

    Raises
    ------
    PlanError
        When there is no axis, an axis has no points or is not finite, an actuator has several, or another
        argument cannot be; all of it is told.

    Examples
    --------
    >>> from h5modules.scanning import LinearAxis
    >>> plan = Plan([LinearAxis('Stage x', 0, 1, 2), LinearAxis('Stage y', 0, 10, 3)])
    >>> plan.shape, len(plan)
    ((2, 3), 6)
    >>> plan.point(4)
    Point(index=(1, 1), positions={'Stage x': 1.0, 'Stage y': 5.0})
    """

    axes: tuple[PlanAxis | Plan, ...]
    order: Order = Order.sequential
    seed: int = 0
    settle: float = 0.0
    averages: int = 1

    def __init__(
        self,
        axes: Iterable[PlanAxis | Plan],
        order: Order | str = Order.sequential,
        *,
        seed: int = 0,
        settle: float = 0.0,
        averages: int = 1,
    ) -> None:
        values = {"axes": tuple(axes), "seed": plain_int(seed), "averages": plain_int(averages)}
        for name, value in {**values, "order": order, "settle": plain_float(settle)}.items():
            object.__setattr__(self, name, value)
        if found := self._problems():
            raise PlanError(*found)
        object.__setattr__(self, "order", Order(order))

    def _problems(self) -> list[str]:
        found = [] if self.axes else ["the plan has no axes; give at least one."]
        for axis in self.axes:
            found += _problems_inside(axis) if isinstance(axis, Plan) else axis.problems()
        names = [name for axis in self.leaves for name in axis.actuators]
        found += [
            f"actuator {name!r} has {names.count(name)} axes; it can have one."
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
        return found + self._value_problems() + ([] if found else self._size_problems())

    def _value_problems(self) -> list[str]:
        found = seed_problems("the plan", self.seed)
        if self.order not in list(Order):
            found.append(f"the order is {self.order!r}; give one of {', '.join(map(repr, map(str, Order)))}.")
        if not is_finite(self.settle) or self.settle < 0:
            found.append(f"settle is {self.settle!r}; give seconds, 0 or more.")
        averages: object = self.averages
        if not is_whole(averages) or averages < 1:
            found.append(f"averages is {self.averages!r}; give a whole number, 1 or more.")
        return found

    def _size_problems(self) -> list[str]:
        found, count = [], math.prod(len(axis) for axis in self.leaves)
        most = MOST_SHUFFLED if self.order in (Order.random, Order.spiral) else _MOST_POINTS
        if count > most:
            found.append(f"the plan has {count} points; give at most {most}.")
        if self.order == Order.spiral and len(self.axes) != 2:
            found.append(f"a spiral order needs two axes, the plan has {len(self.axes)}.")
        return found

    @cached_property
    def leaves(self) -> tuple[PlanAxis, ...]:
        """All axes, slow to fast, those of plans within the plan among them."""
        return tuple(
            leaf for axis in self.axes for leaf in (axis.leaves if isinstance(axis, Plan) else (axis,))
        )

    @property
    def actuators(self) -> tuple[str, ...]:
        """The titles of the actuators, slow to fast."""
        return tuple(name for axis in self.leaves for name in axis.actuators)

    @property
    def outline(self) -> Plan:
        """The plan itself: all its places are known."""
        return self

    @property
    def is_spread(self) -> bool:
        """Whether the points are saved as one list of places, not as a grid."""
        return any(axis.is_spread for axis in self.leaves)

    @cached_property
    def grid(self) -> tuple[int, ...]:
        """The number of steps along each axis."""
        return tuple(len(axis) for axis in self.leaves)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the scan in a file: that of the grid, or the number of places."""
        return (len(self),) if self.is_spread else self.grid

    def __len__(self) -> int:
        return math.prod(self.grid)

    def __iter__(self) -> Iterator[Point]:
        return map(self.point, range(len(self)))

    def point(self, step: int) -> Point:
        """Return the point that is visited at a step, 0 for the first."""
        cell = self.cell(step)
        positions = {name: places[cell[number]] for name, number, places in self._columns}
        return Point(cell if not self._is_list else self._place(cell), positions)

    def cell(self, step: int) -> tuple[int, ...]:
        """Return the step of each axis at a step of the plan, 0 for the first."""
        if not self._is_nested:
            return self._visit(step)
        steps: list[int] = []
        for axis, number in zip(self.axes, self._visit(step), strict=True):
            steps.extend(axis.cell(number) if isinstance(axis, Plan) else (number,))
        return tuple(steps)

    def _place(self, cell: tuple[int, ...]) -> tuple[int]:
        """Return the index of a cell in the list of all places."""
        place = 0
        for number, length in zip(cell, self.grid, strict=True):
            place = place * length + number
        return (place,)

    @cached_property
    def _is_list(self) -> bool:
        return self.is_spread

    @cached_property
    def _is_nested(self) -> bool:
        return any(isinstance(axis, Plan) for axis in self.axes)

    @cached_property
    def _visit(self) -> Visit:
        return visit(self.order, tuple(len(axis) for axis in self.axes), self.seed)

    @cached_property
    def _columns(self) -> tuple[tuple[str, int, list[float]], ...]:
        """The title of each actuator, the number of its axis, and its positions along it."""
        return tuple(
            (name, number, places)
            for number, axis in enumerate(self.leaves)
            for name, places in zip(axis.actuators, axis.positions().T.tolist(), strict=True)
        )

    def renamed(self, titles: Mapping[str, str]) -> Self:
        """Return the plan with other titles of its actuators; those that are no key of `titles` stay."""
        return replace(self, axes=tuple(axis.renamed(titles) for axis in self.axes))

    def to_toml(self) -> str:
        """Return the plan as TOML, as it is saved with the scan.

        Examples
        --------
        >>> from h5modules.scanning import LinearAxis
        >>> plan = Plan([LinearAxis('Stage x', 0, 1, 2)], settle=0.5)
        >>> print(plan.to_toml(), end='')
        settle = 0.5
        <BLANKLINE>
        [[axes]]
        kind = "linear"
        actuator = "Stage x"
        start = 0.0
        stop = 1.0
        points = 2
        >>> Plan.from_toml(plan.to_toml()) == plan
        True
        """
        from ._plan_toml import plan_to_toml

        return plan_to_toml(self)

    @classmethod
    def from_toml(cls, text: str) -> Plan:
        """Return the plan that TOML spells.

        Raises
        ------
        PlanError
            When it is not TOML, or not a plan; all that is wrong is told, each with its key.
        """
        from ._plan_toml import plan_from_toml

        return plan_from_toml(text)


def _problems_inside(plan: Plan) -> list[str]:
    is_plain = (plan.settle, plan.averages) == (0, 1)
    return [] if is_plain else ["settle and averages belong to the outermost plan, not to one within it."]
