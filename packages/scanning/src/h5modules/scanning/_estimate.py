"""How long a scan will last, before it begins."""

from __future__ import annotations

from collections.abc import Sequence

from ._adaptive_plan import AdaptivePlan
from ._devices import Actuator, Detector, SupportsReadTime, SupportsTravelTime, calling
from ._plan import Plan

_MOST_STEPS = 20_000
"""Of a longer plan the first steps stand for all."""


def timing_text(plan: Plan) -> str:
    """Return how long a plan waits at each point, and how often it reads, in words; empty by default.

    Examples
    --------
    >>> from h5modules.scanning import LinearAxis, Plan
    >>> timing_text(Plan([LinearAxis('x', 0, 1, 2)], settle=0.01, averages=2))
    'settles 0.01 s, mean of 2 readings'
    """
    settle = f"settles {plan.settle:g} s" if plan.settle else ""
    averages = f"mean of {plan.averages} readings" if plan.averages > 1 else ""
    return ", ".join(filter(None, (settle, averages)))


def estimated_seconds(
    plan: Plan | AdaptivePlan, actuators: Sequence[Actuator], detectors: Sequence[Detector]
) -> float:
    """Return how long a scan lasts at least: moves, settling and readings, as far as the devices tell.

    Parameters
    ----------
    plan
        Where to go. Nobody knows the moves of an adaptive plan: they count as none, and all of its points.
    actuators, detectors
        The devices; one that does not tell its times counts as taking none.

    Raises
    ------
    DeviceFailedError
        When a device fails to tell.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from h5modules.scanning import LinearAxis, Plan
    >>> stage = SimpleNamespace(title='x', travel_time=lambda start, stop: abs(stop - start) / 2)
    >>> camera = SimpleNamespace(title='Camera', read_time=0.5)
    >>> estimated_seconds(Plan([LinearAxis('x', 0, 10, 11)]), [stage], [camera])
    10.5
    """
    readings = [0.0]
    for detector in detectors:
        if isinstance(detector, SupportsReadTime):
            with calling(f"detector {detector.title!r}", "when it was asked how long it reads"):
                readings.append(float(detector.read_time))
    if isinstance(plan, AdaptivePlan):
        return len(plan) * max(readings)
    return len(plan) * (plan.settle + max(readings) * plan.averages) + _travel(plan, actuators)


def _travel(plan: Plan, actuators: Sequence[Actuator]) -> float:
    travellers = {each.title: each for each in actuators if isinstance(each, SupportsTravelTime)}
    if not travellers:
        return 0.0
    steps = min(len(plan), _MOST_STEPS)
    before, seconds = plan.point(0).positions, 0.0
    with calling("an actuator", "when it was asked how long it moves"):
        for step in range(1, steps):
            positions = plan.point(step).positions
            moves = ((each, before[title], positions[title]) for title, each in travellers.items())
            seconds += max(
                each.travel_time(start, stop) if start != stop else 0.0 for each, start, stop in moves
            )
            before = positions
    return seconds * (len(plan) - 1) / max(1, steps - 1)
