"""Plans as TOML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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

_PLAN = "plan"
"""The kind of an axis that is a plan within the plan."""

PLAN_KEYS: _Keys = {
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
    defaults = {name: read[1] for name, read in PLAN_KEYS.items() if isinstance(read, tuple)}
    values = {**{name: getattr(plan, name) for name in defaults}, "order": str(plan.order)}
    said = {name: value for name, value in values.items() if value != defaults[name]}
    return {**said, "axes": [_axis_table(axis) for axis in plan.axes]}


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


def read_plan(table: Table) -> Plan | None:
    """Read the keys of a plan from a table; None when something in them is wrong, which the table gathers."""
    tables = table.tables("axes")
    axes = None if tables is None else [_read_axis(each) for each in tables]
    values = {
        name: table.get(name, *read) if isinstance(read, tuple) else table.get(name, read)
        for name, read in PLAN_KEYS.items()
    }
    plan = None
    with table.problems.gathering():
        if axes is not None and None not in (*axes, *values.values()):
            plan = Plan([axis for axis in axes if axis is not None], **values)
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
