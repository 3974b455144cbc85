"""Whether actuators can do a plan: they are there, in its units, and reach all of its places."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ._axis import PlanAxis, Positions
from ._devices import Actuator, SupportsLimits, calling, units_of
from ._errors import PlanError
from ._order import Order
from ._plan import Plan
from ._problems import Problems, suggestion

Outside = np.ndarray[tuple[int], np.dtype[np.bool_]]
"""Which positions of an axis lie outside of the limits."""


def check_actuators(plan: Plan, actuators: Sequence[Actuator]) -> None:
    """Make sure that actuators can do a plan; nothing moves.

    Raises
    ------
    PlanError
        When an actuator is missing or has another unit, or the plan leaves its limits; all of it is told.
    DeviceFailedError
        When an actuator cannot tell its limits.
    """
    by_title = {actuator.title: actuator for actuator in actuators}
    problems = Problems()
    for number, axis in enumerate(plan.leaves):
        for column, name in enumerate(axis.actuators):
            with problems.gathering():
                require_able(plan, number, column, _found(name, by_title))
    problems.raise_any()


def require_able(plan: Plan, number: int, column: int, actuator: Actuator) -> None:
    """Make sure that an actuator can do its part of a plan: column `column` of the axis of that number.

    Raises
    ------
    PlanError, DeviceFailedError
        As `check_actuators`.
    """
    _require_units(plan.leaves[number], actuator)
    _require_inside(plan, number, column, actuator)


def _found(name: str, by_title: Mapping[str, Actuator]) -> Actuator:
    if name not in by_title:
        hint = suggestion(name, by_title)
        raise PlanError(f"the plan moves {name!r}, no actuator has this title; {hint}")
    return by_title[name]


def _require_units(axis: PlanAxis, actuator: Actuator) -> None:
    with calling(f"actuator {actuator.title!r}", "when it was asked for its unit"):
        units = units_of(actuator)
    if axis.units and axis.units != units:
        raise PlanError(
            f"axis {actuator.title!r} is in {axis.units!r}, its actuator moves in {units!r}; "
            "give its positions in this unit."
        )


def _require_inside(plan: Plan, number: int, column: int, actuator: Actuator) -> None:
    """Make sure that one column of the axis of that number keeps to the limits of its actuator, if any."""
    with calling(f"actuator {actuator.title!r}", "when it was asked for its limits"):
        if not isinstance(actuator, SupportsLimits):
            return
        low, high = (float(limit) for limit in actuator.limits)
        units = units_of(actuator)
    positions = plan.leaves[number].positions()[:, column]
    outside = ~((low <= positions) & (positions <= high))
    if outside.any():
        step, value = _first(plan, number, outside, positions)
        raise PlanError(
            f"axis {actuator.title!r} goes to {value:g} at point {step + 1}, "
            f"the limits are {low:g} to {high:g} {units}".rstrip()
            + f": {np.count_nonzero(outside)} of {positions.size} positions lie outside."
        )


def _first(plan: Plan, number: int, outside: Outside, positions: Positions) -> tuple[int, float]:
    """Return the first step of a plan at which an axis is outside, and where it is then."""
    step = _first_step(plan, number, outside)
    return step, float(positions[plan.cell(step)[number]])


def _first_step(plan: Plan, number: int, outside: Outside) -> int:
    if plan.order not in (Order.sequential, Order.back_and_forth):
        return next(step for step in range(len(plan)) if outside[plan.cell(step)[number]])
    # Both begin with each slower axis at its start: no need to go through billions of points.
    owners = [
        (place, leaf)
        for place, axis in enumerate(plan.axes)
        for leaf in range(len(axis.leaves) if isinstance(axis, Plan) else 1)
    ]
    place, leaf = owners[number]
    axis = plan.axes[place]
    first = _first_step(axis, leaf, outside) if isinstance(axis, Plan) else int(np.argmax(outside))
    return first * math.prod(len(faster) for faster in plan.axes[place + 1 :])
