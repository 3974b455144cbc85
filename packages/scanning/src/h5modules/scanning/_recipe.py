"""A whole measurement as one TOML file: the plan, the devices by name, what to do when one fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ._adaptive_plan import AdaptivePlan
from ._calls import CallLimits
from ._errors import PlanError
from ._plan import Plan
from ._plan_toml import ADAPTIVE, plan_table, read_adaptive_plan, read_plan
from ._policy import OnFailure
from ._problems import Problems, suggestion
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
        Where to go; its devices are named as they are registered.
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
        When a detector is named twice, none is named, `devices` names one that is not used, or an adaptive
        plan observes one that is not read.

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

    plan: Plan | AdaptivePlan
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
        detectors = list(self.detectors)
        plan = self.plan.to_table() if isinstance(self.plan, AdaptivePlan) else plan_table(self.plan)
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
    return read_recipe(read_text(path))


def read_text(path: Path | str) -> str:
    """Return the text of a plan in a file.

    Raises
    ------
    PlanError
        When the file cannot be read.
    """
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"the plan {str(path)!r} cannot be read: {error}.") from error


def read_recipe(text: str) -> tuple[Recipe | None, Problems]:
    """Return the recipe that TOML spells, as far as it can be read, and what is wrong with it.

    A recipe comes back even when keys are unknown or detectors are named twice, so that its devices can be
    looked at all the same.
    """
    table = Table(parse(text))
    kind = table.get("kind", as_choice([ADAPTIVE]), "")
    plan = read_adaptive_plan(table) if kind == ADAPTIVE else read_plan(table)
    is_whole = not table.problems
    names = table.get("detectors", as_list(as_text))
    further = {
        "title": table.get("title", as_text, "Scan"),
        "on_failure": table.get("on_failure", as_choice(map(str, OnFailure)), "stop"),
        "retries": table.get("retries", as_whole, 0),
    }
    devices = {name: read_use(each) for name, each in table.children("devices").items()}
    table.refuse_others()
    uses = {name: use for name, use in devices.items() if use is not None}
    said = {name: value for name, value in further.items() if value is not None}
    if names is None:
        return None, table.problems
    with table.problems.gathering():
        if found := [*_problems(plan if is_whole else None, names, devices)]:
            raise PlanError(*found)
    return _draft(plan, names, table.problems, said, uses), table.problems


def recipe_of(plan: Plan | None, detectors: Sequence[str], problems: Problems, title: str) -> Recipe | None:
    """Return a recipe of what was said, without what is wrong with it, which is gathered in `problems`."""
    with problems.gathering():
        if found := [*_problems(plan, detectors, ())]:
            raise PlanError(*found)
    return _draft(plan, detectors, problems, {"title": title}, {})


def _draft(
    plan: Plan | AdaptivePlan | None,
    detectors: Sequence[str],
    problems: Problems,
    further: Mapping[str, Any],
    devices: Mapping[str, DeviceUse],
) -> Recipe | None:
    recipe = None
    with problems.gathering():
        if plan is not None and detectors:
            read = tuple(dict.fromkeys(detectors))
            if isinstance(plan, AdaptivePlan) and plan.observe not in read:
                plan = replace(plan, observe=read[0])  # it was told; the devices are looked at all the same
            used = {name: use for name, use in devices.items() if name in (*read, *plan.actuators)}
            recipe = Recipe(plan, read, devices=used, **further)
    return recipe


def _problems(
    plan: Plan | AdaptivePlan | None, detectors: Sequence[str], devices: Iterable[str]
) -> Iterator[str]:
    if not detectors:
        yield "the scan has no detectors; give at least one."
    for name in dict.fromkeys(detectors):
        if detectors.count(name) > 1:
            yield f"detectors: {name!r} is named {detectors.count(name)} times; name it once."
    for name in devices:
        if plan is not None and name not in (*detectors, *plan.actuators):
            yield f"devices.{name} is moved by no axis and is no detector."
    if isinstance(plan, AdaptivePlan) and plan.observe not in detectors:
        hint = suggestion(plan.observe, detectors)
        yield f"observe is {plan.observe!r}, which is no detector of the scan; {hint}"


def read_use(table: Table) -> DeviceUse | None:
    """Read how a device is used, the last keys of its table; None when something in them is wrong."""
    options = table.get("options", as_table, {})
    timeout = table.get("timeout", as_number, None)
    retries = table.get("retries", as_whole, 0)
    table.refuse_others()
    use: DeviceUse | None = None
    with table.problems.gathering(table.key):
        use = DeviceUse(options or {}, CallLimits(timeout, retries or 0))
    return use  # noqa: RET504 - the block swallows an error


def _use_table(use: DeviceUse) -> dict[str, Any]:
    timeout = {} if use.limits.timeout is None else {"timeout": use.limits.timeout}
    retries = {"retries": use.limits.retries} if use.limits.retries else {}
    return {**timeout, **retries, **({"options": use.options} if use.options else {})}
