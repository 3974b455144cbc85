"""A whole measurement as one TOML file: the plan, the devices by name, what to do when one fails."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ._calls import CallLimits
from ._errors import PlanError
from ._plan import Plan
from ._plan_toml import plan_table, read_plan
from ._policy import OnFailure
from ._problems import Problems
from ._table import (
    Table,
    as_choice,
    as_list,
    as_number,
    as_table,
    as_text,
    as_whole,
    parse,
    to_toml,
)


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """How a device is opened, and what it may take.

    Attributes
    ----------
    options
        What its factory takes, by name.
    limits
        Its time-out and retries.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    limits: CallLimits = field(default_factory=CallLimits)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A measurement: a plan and detectors that name registered devices, and how these are used.

    Attributes
    ----------
    plan
        Where to go; its actuators are named as they are registered.
    detectors
        The names of the detectors.
    title
        The title of the scan.
    on_failure, retries
        What to do with a point at which a device fails, and how often it is measured again before.
    devices
        How devices are used, by name; those that are not named are opened without options, and may take all
        the time they need.

    Raises
    ------
    PlanError
        When a detector is named twice, none is named, or `devices` names one that is not used.

    Examples
    --------
    >>> recipe = Recipe.from_toml('''
    ... detectors = ["photodiode"]
    ...
    ... [[axes]]
    ... kind = "linear"
    ... actuator = "stage_x"
    ... start = -20
    ... stop = 20
    ... points = 41
    ...
    ... [devices.photodiode]
    ... timeout = 2.5
    ... ''')
    >>> recipe.plan.shape, recipe.devices['photodiode'].limits
    ((41,), CallLimits(timeout=2.5, retries=0))
    """

    plan: Plan
    detectors: tuple[str, ...]
    title: str = "Scan"
    on_failure: OnFailure = OnFailure.stop
    retries: int = 0
    devices: Mapping[str, DeviceUse] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if found := [*_problems(self.plan, self.detectors, self.devices)]:
            raise PlanError(*found)
        object.__setattr__(self, "on_failure", OnFailure(self.on_failure))

    def to_toml(self) -> str:
        """Return the recipe as TOML."""
        devices = {name: _use_table(use) for name, use in self.devices.items()}
        policy = {"on_failure": str(self.on_failure), "retries": self.retries}
        plan, detectors = plan_table(self.plan), list(self.detectors)
        return to_toml({"title": self.title, "detectors": detectors, **policy, **plan, "devices": devices})

    @classmethod
    def from_toml(cls, text: str) -> Recipe:
        """Return the recipe that TOML spells.

        Raises
        ------
        PlanError
            When it is not TOML, or no recipe; all that is wrong is told, each with its key.
        """
        recipe, problems = read_recipe(text)
        problems.raise_any()
        assert recipe is not None  # else there were problems
        return recipe


def load_recipe(path: Path | str) -> tuple[Recipe | None, Problems]:
    """Return the recipe in a file, as far as it can be read, and what is wrong with it.

    Raises
    ------
    PlanError
        When the file cannot be read, or is not TOML.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"the plan {str(path)!r} cannot be read: {error}.") from error
    return read_recipe(text)


def read_recipe(text: str) -> tuple[Recipe | None, Problems]:
    """Return the recipe that TOML spells, as far as it can be read, and what is wrong with it.

    A recipe comes back even when keys are unknown or detectors are named twice, so that its devices can be
    looked at all the same.
    """
    table = Table(parse(text))
    plan = read_plan(table)
    names = table.get("detectors", as_list(as_text))
    further = {
        "title": table.get("title", as_text, "Scan"),
        "on_failure": table.get("on_failure", as_choice(map(str, OnFailure)), "stop"),
        "retries": table.get("retries", as_whole, 0),
    }
    devices = {name: _read_use(each) for name, each in table.children("devices").items()}
    table.refuse_others()
    uses = {name: use for name, use in devices.items() if use is not None}
    said = {name: value for name, value in further.items() if value is not None}
    recipe = None if names is None else draft_recipe(plan, names, table.problems, said, uses)
    return recipe, table.problems


def draft_recipe(
    plan: Plan | None,
    detectors: Sequence[str],
    problems: Problems,
    further: Mapping[str, Any],
    devices: Mapping[str, DeviceUse] | None = None,
) -> Recipe | None:
    """Return a recipe of what was said, without what is wrong with it, which is gathered.

    Parameters
    ----------
    plan, detectors, devices
        As of `Recipe`; without a plan or detectors there is none.
    problems
        Where to gather what is wrong.
    further
        Other attributes of `Recipe`.
    """
    devices = devices or {}
    with problems.gathering():
        if found := [*_problems(plan, detectors, devices)]:
            raise PlanError(*found)
    recipe = None
    with problems.gathering():
        if plan is not None and detectors:
            used = {name: use for name, use in devices.items() if name in (*detectors, *plan.actuators)}
            recipe = Recipe(plan, tuple(dict.fromkeys(detectors)), devices=used, **further)
    return recipe


def _problems(plan: Plan | None, detectors: Sequence[str], devices: Iterable[str]) -> Iterator[str]:
    if not detectors:
        yield "the scan has no detectors; give at least one."
    for name in dict.fromkeys(detectors):
        if detectors.count(name) > 1:
            yield f"detector {name!r} is named {detectors.count(name)} times; name it once."
    for name in devices:
        if plan is not None and name not in (*detectors, *plan.actuators):
            yield f"devices.{name} is used by no axis and is no detector."


def _read_use(table: Table) -> DeviceUse | None:
    options = table.get("options", as_table, {})
    # No time-out is no number: infinity stands for it while the table is read.
    limits: CallLimits | None = table.fill(
        _limits, {"timeout": (as_number, math.inf), "retries": (as_whole, 0)}
    )
    return None if limits is None or options is None else DeviceUse(options, limits)


def _limits(timeout: float, retries: int) -> CallLimits:
    return CallLimits(None if timeout == math.inf else timeout, retries)


def _use_table(use: DeviceUse) -> dict[str, Any]:
    timeout = {} if use.limits.timeout is None else {"timeout": use.limits.timeout}
    retries = {"retries": use.limits.retries} if use.limits.retries else {}
    return {**timeout, **retries, **({"options": use.options} if use.options else {})}
