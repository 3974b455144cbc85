"""Plans as TOML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ._axis import LinearAxis, PlanAxis, RepeatAxis
from ._errors import PlanError
from ._order import Order
from ._plan import Plan
from ._spread import RandomAxis, SpiralAxis, TableAxis
from ._table import Table, as_choice, as_list, as_number, as_table, as_text, as_whole, parse, to_toml

_KINDS: dict[str, Callable[[str, Mapping[str, Any]], PlanAxis]] = {
    "linear": LinearAxis.from_table,
    "repeat": RepeatAxis.from_table,
    "table": TableAxis.from_table,
    "spiral": SpiralAxis.from_table,
    "random": RandomAxis.from_table,
}

_PLAN = "plan"
"""The kind of an axis that is a plan within the plan."""

_DEFAULTS: dict[str, Any] = {"order": "sequential", "seed": 0, "settle": 0.0, "averages": 1}


def plan_to_toml(plan: Plan) -> str:
    """Return a plan as TOML."""
    return to_toml(plan_table(plan))


def plan_table(plan: Plan) -> dict[str, Any]:
    """Return a plan as a table of TOML, without what is as by default."""
    values = {name: getattr(plan, name) for name in _DEFAULTS}
    said = {name: value for name, value in values.items() if value != _DEFAULTS[name]}
    if "order" in said:
        said["order"] = str(plan.order)
    return {**said, "axes": [_axis_table(axis) for axis in plan.axes]}


def _axis_table(axis: PlanAxis | Plan) -> dict[str, Any]:
    return {"kind": _PLAN, **plan_table(axis)} if isinstance(axis, Plan) else axis.to_table()


def plan_from_toml(text: str) -> Plan:
    """Return the plan that TOML spells: see `Plan.from_toml`."""
    table = Table(parse(text))
    plan = read_plan(table)
    table.raise_any()
    assert plan is not None  # else there were problems
    return plan


def read_plan(table: Table) -> Plan | None:
    """Read the keys of a plan from a table; None when the table has problems with them."""
    axes = table.get("axes", as_list(_read_axis))
    values = {
        "order": table.get("order", as_choice(map(str, Order)), "sequential"),
        "seed": table.get("seed", as_whole, 0),
        "settle": table.get("settle", as_number, 0.0),
        "averages": table.get("averages", as_whole, 1),
    }
    plan = None
    with table.problems.gathering():
        if axes is not None and None not in values.values():
            plan = Plan(axes, **values)
    return plan


def _read_axis(key: str, value: Any) -> PlanAxis | Plan:
    values = as_table(key, value)
    kinds = as_choice([*_KINDS, _PLAN])
    if "kind" not in values:
        raise PlanError(f"{key}.kind is missing; give one of {', '.join(map(repr, [*_KINDS, _PLAN]))}.")
    kind = kinds(f"{key}.kind", values["kind"])
    if kind != _PLAN:
        axis = _KINDS[kind](key, values)
        if found := axis.problems():
            raise PlanError(*(f"{key}: {problem}" for problem in found))
        return axis
    table = Table(values, key)
    table.get("kind", as_text)
    plan = read_plan(table)
    table.raise_any()
    assert plan is not None  # else there were problems
    return plan
