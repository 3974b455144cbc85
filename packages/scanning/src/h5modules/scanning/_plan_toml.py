"""Plans as TOML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ._adaptive_plan import AdaptivePlan
from ._axis import LinearAxis, PlanAxis, RepeatAxis
from ._errors import PlanError
from ._order import Order
from ._plan import Plan
from ._spread import RandomAxis, SpiralAxis, TableAxis
from ._table import Reader, Table, as_choice, as_list, as_number, as_text, as_whole, parse, to_toml

_Keys = Mapping[str, Reader | tuple[Reader, Any]]

_TEXTS: Reader = as_list(as_text)
_NUMBERS: Reader = as_list(as_number)
_UNITS: _Keys = {"units": (as_text, "")}

_KINDS: dict[str, tuple[Callable[..., PlanAxis], _Keys]] = {
    "linear": (
        LinearAxis,
        {"actuator": as_text, "start": as_number, "stop": as_number, "points": as_whole, **_UNITS},
    ),
    "repeat": (RepeatAxis, {"times": as_whole}),
    "table": (TableAxis, {"actuators": _TEXTS, "rows": as_list(_NUMBERS), **_UNITS}),
    "spiral": (
        SpiralAxis,
        {"actuators": _TEXTS, "center": _NUMBERS, "step": as_number, "points": as_whole, **_UNITS},
    ),
    "random": (
        RandomAxis,
        {
            "actuators": _TEXTS,
            "low": _NUMBERS,
            "high": _NUMBERS,
            "points": as_whole,
            "seed": (as_whole, 0),
            **_UNITS,
        },
    ),
}

ADAPTIVE = "adaptive"
"""The kind of a plan that chooses its places on the way."""

_ADAPTIVE_KEYS: _Keys = {
    "actuators": _TEXTS,
    "low": _NUMBERS,
    "high": _NUMBERS,
    "points": as_whole,
    "observe": as_text,
    "loss": (as_number, 0.0),
    **_UNITS,
}

_PLAN = "plan"
"""The kind of an axis that is a plan within the plan."""

PLAN_KEYS: dict[str, tuple[Reader, Any]] = {
    "order": (as_choice(map(str, Order)), "sequential"),
    "seed": (as_whole, 0),
    "settle": (as_number, 0.0),
    "averages": (as_whole, 1),
}
"""The keys of a plan, but for its axes."""


def plan_to_toml(plan: Plan) -> str:
    """Return a plan as TOML."""
    return to_toml(plan_table(plan))


def plan_table(plan: Plan) -> dict[str, Any]:
    """Return a plan as a table of TOML, without what is as by default."""
    defaults = {name: default for name, (_, default) in PLAN_KEYS.items()}
    values = {**{name: getattr(plan, name) for name in defaults}, "order": str(plan.order)}
    said = {name: value for name, value in values.items() if value != defaults[name]}
    return {**said, "axes": [_axis_table(axis) for axis in plan.axes]}


def actuator_keys(plan: Plan | AdaptivePlan) -> dict[str, str]:
    """Return where each actuator of a plan is named in its TOML.

    Examples
    --------
    >>> plan = Plan([LinearAxis('x', 0, 1, 2), Plan([LinearAxis('y', 0, 1, 2)])])
    >>> actuator_keys(plan)
    {'x': 'axes[0]', 'y': 'axes[1].axes[0]'}
    """
    if isinstance(plan, AdaptivePlan):
        return {name: f"actuators[{number}]" for number, name in enumerate(plan.actuators)}
    keys: dict[str, str] = {}
    for number, axis in enumerate(plan.axes):
        inside = actuator_keys(axis) if isinstance(axis, Plan) else dict.fromkeys(axis.actuators, "")
        keys |= {name: f"axes[{number}].{key}".rstrip(".") for name, key in inside.items()}
    return keys


def _axis_table(axis: PlanAxis | Plan) -> dict[str, Any]:
    return {"kind": _PLAN, **plan_table(axis)} if isinstance(axis, Plan) else axis.to_table()


def plan_from_toml(text: str) -> Plan:
    """Return the plan that TOML spells: see `Plan.from_toml`."""
    table = Table(parse(text))
    plan = read_plan(table)
    table.refuse_others()
    table.problems.raise_any()
    assert plan is not None  # else there were problems
    return plan


def adaptive_plan_from_toml(text: str) -> AdaptivePlan:
    """Return the adaptive plan that TOML spells: see `AdaptivePlan.from_toml`."""
    table = Table(parse(text))
    table.get("kind", as_choice([ADAPTIVE]))
    plan = read_adaptive_plan(table)
    table.refuse_others()
    table.problems.raise_any()
    assert plan is not None  # else there were problems
    return plan


def read_adaptive_plan(table: Table) -> AdaptivePlan | None:
    """Read the keys of an adaptive plan; None when something in them is wrong, which the table gathers."""
    plan: AdaptivePlan | None = table.make(AdaptivePlan, _ADAPTIVE_KEYS)
    return plan


def read_plan(table: Table) -> Plan | None:
    """Read the keys of a plan from a table; what is wrong in them, the table gathers.

    The plan comes back without what is wrong, as far as there is one, so that devices can be looked at: an
    axis that cannot be is one that moves nothing.
    """
    tables = table.tables("axes")
    axes = None if tables is None else [_read_axis(each) or RepeatAxis(1) for each in tables]
    values: dict[str, Any] = {}
    for name, (read, default) in PLAN_KEYS.items():
        said = table.get(name, read, default)
        values[name] = default if said is None else said
    plan = None
    if axes is not None:
        with table.problems.gathering():
            plan = Plan(axes, **values)
    return plan


def _read_axis(table: Table) -> PlanAxis | Plan | None:
    kind = table.get("kind", as_choice([*_KINDS, _PLAN]))
    if kind is None:
        return None
    if kind == _PLAN:
        plan = read_plan(table)
        table.refuse_others()
        return plan
    make, keys = _KINDS[kind]
    axis: PlanAxis | None = table.fill(make, keys)
    if axis is not None and (found := axis.problems()):
        axis = None
        with table.problems.gathering():
            raise PlanError(*(f"{table.key}: {problem}" for problem in found))
    return axis
