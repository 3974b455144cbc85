"""A plan in words."""

from __future__ import annotations

from collections.abc import Iterator

from h5modules.scanning._adaptive_plan import AdaptivePlan
from h5modules.scanning._estimate import timing_text
from h5modules.scanning._opening import OpenRecipe
from h5modules.scanning._plan import Plan
from h5modules.scanning._recipe import Recipe


def shape_of(plan: Plan | AdaptivePlan) -> tuple[int, ...]:
    """Return the shape of a scan; of an adaptive one, how many rows there are at most."""
    return plan.shape if isinstance(plan, Plan) else (len(plan),)


def described(recipe: Recipe, opened: OpenRecipe) -> Iterator[str]:
    """Yield what a recipe does, a line each."""
    plan, title = opened.plan, recipe.title
    if isinstance(plan, Plan):
        shape = " x ".join(map(str, plan.shape))
        told = ", ".join(filter(None, (plan.order.value, timing_text(plan))))
        yield f"{title}: {len(plan)} points ({shape}), {told}"
        yield from _lines_of(plan)
    else:
        yield f"{title}: at most {len(plan)} points, chosen by {_observed(recipe.plan, plan)}"
        for name, (low, high) in zip(plan.actuators, plan.bounds, strict=True):
            yield f"  {name}: from {low:g} to {high:g}"
    yield f"  read: {', '.join(each.title for each in opened.detectors)}"


def _observed(named: Plan | AdaptivePlan, titled: AdaptivePlan) -> str:
    """Return the detector that decides: as the plan names it, and its title where that is another."""
    name = named.observe if isinstance(named, AdaptivePlan) else titled.observe
    return name if name == titled.observe else f"{name} ({titled.observe})"


def _lines_of(plan: Plan) -> Iterator[str]:
    for axis in plan.leaves:
        positions = axis.positions()
        for column, name in enumerate(axis.actuators):
            values = positions[:, column]
            yield f"  {name}: {len(axis)} positions from {values.min():g} to {values.max():g}"
