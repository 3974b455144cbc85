"""A whole log as one TOML file: devices by name, how often each is read, when a new file begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ._errors import PlanError
from ._log_rule import LogRule, Sampling
from ._policy import FailurePolicy, OnFailure
from ._problems import Problems, suggestion
from ._recipe import DeviceUse, read_text, read_use
from ._table import Table, as_choice, as_list, as_number, as_switch, as_text, parse


@dataclass(frozen=True, slots=True)
class LogRecipe:
    """A log: registered devices by name, and how they are recorded.

    Attributes
    ----------
    actuators, detectors
        The names of what is recorded: positions of actuators, readings of detectors.
    title
        The title of the log.
    rule
        How often each is read, for how long, and when the next file begins; single devices by name.
    on_failure
        What to do when a reading fails: end the log, or leave the reading out.
    devices
        How devices are used, by name, where that is told.

    Raises
    ------
    PlanError
        When there is nothing to record, a device is named twice, or something is told for one that is not
        recorded.

    Examples
    --------
    >>> recipe = LogRecipe.from_toml('''
    ... detectors = ["photodiode"]
    ... actuators = ["thermostat"]
    ... interval = 0.5
    ... hours = 24
    ...
    ... [devices.thermostat]
    ... interval = 10
    ... timeout = 2.5
    ... ''')
    >>> recipe.rule.sampling('photodiode').interval, recipe.rule.sampling('thermostat').interval
    (0.5, 10.0)
    >>> recipe.rule.longest_file, recipe.devices['thermostat'].limits.timeout
    (86400.0, 2.5)
    """

    actuators: tuple[str, ...]
    detectors: tuple[str, ...]
    title: str = "Log"
    rule: LogRule = field(default_factory=LogRule)
    on_failure: OnFailure = OnFailure.stop
    devices: Mapping[str, DeviceUse] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_named_once(self.actuators, self.detectors, (*self.devices, *self.rule.devices))
        object.__setattr__(self, "on_failure", OnFailure(self.on_failure))

    @classmethod
    def from_toml(cls, text: str) -> LogRecipe:
        """Return the log that TOML spells.

        Raises
        ------
        PlanError
            When it is not TOML, or no log; all that is wrong is told, each with its key.
        """
        recipe, problems = read_log_recipe(text)
        problems.raise_any()
        assert recipe is not None  # else there were problems
        return recipe

    def rule_for(self, titles: Mapping[str, str]) -> LogRule:
        """Return the rule with the titles of devices in place of their names."""
        return replace(self.rule, devices={titles[name]: each for name, each in self.rule.devices.items()})

    def policy_for(self, titles: Mapping[str, str]) -> FailurePolicy:
        """Return what to do when a device fails, with limits by the titles of devices."""
        limits = {titles[name]: use.limits for name, use in self.devices.items()}
        return FailurePolicy(self.on_failure, limits=limits)


def load_log_recipe(path: Path) -> tuple[LogRecipe | None, Problems]:
    """Return the log in a file, as far as it can be read, and what is wrong with it.

    Raises
    ------
    PlanError
        When the file cannot be read, or is not TOML.
    """
    return read_log_recipe(read_text(path))


def read_log_recipe(text: str) -> tuple[LogRecipe | None, Problems]:
    """Return the log that TOML spells, as far as it can be read, and what is wrong with it.

    A log comes back even when something else is wrong, so that its devices can be looked at all the same.
    """
    table = Table(parse(text))
    actuators = table.get("actuators", as_list(as_text), ())
    detectors = table.get("detectors", as_list(as_text), ())
    title = table.get("title", as_text, "Log")
    on_failure = table.get("on_failure", as_choice(map(str, OnFailure)), "stop")
    interval = table.get("interval", as_number, 1.0)
    on_change = table.get("on_change", as_switch, False)
    further = {
        "seconds": table.get("seconds", _as_positive, None),
        "largest_file": _times(table.get("megabytes", _as_positive, None), 1e6),
        "longest_file": _times(table.get("hours", _as_positive, None), 3600),
    }
    children = table.children("devices")
    default = 1.0 if interval is None else interval, bool(on_change)
    samplings = {name: _read_sampling(each, *default) for name, each in children.items()}
    uses = {name: read_use(each) for name, each in children.items()}
    table.refuse_others()
    if actuators is None or detectors is None:
        return None, table.problems
    with table.problems.gathering():
        require_named_once(actuators, detectors, children)
    rule = LogRule()
    names = (*actuators, *detectors)
    sampled = {name: each for name, each in samplings.items() if each and name in names}
    with table.problems.gathering():
        rule = LogRule(*default, **further, devices=sampled)
    used = {name: use for name, use in uses.items() if use is not None and name in names}
    drawn = draft(actuators, detectors, title or "Log", rule, OnFailure(on_failure or "stop"), used)
    return drawn, table.problems


def draft(
    actuators: Sequence[str],
    detectors: Sequence[str],
    title: str,
    rule: LogRule,
    on_failure: OnFailure,
    uses: Mapping[str, DeviceUse],
) -> LogRecipe | None:
    """Return the log without names that come again; None when nothing is left of it."""
    moved = tuple(dict.fromkeys(actuators))
    read = tuple(name for name in dict.fromkeys(detectors) if name not in moved)
    return LogRecipe(moved, read, title, rule, on_failure, uses) if moved or read else None


def require_named_once(actuators: Sequence[str], detectors: Sequence[str], told: Iterable[str]) -> None:
    """Refuse a log of nothing, devices that are named twice, and what is told for others.

    Raises
    ------
    PlanError
        When there is any of that.
    """
    names = (*actuators, *detectors)
    found = [
        f"{name!r} is named {names.count(name)} times; name it once."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if not names:
        found.append("there is nothing to log; name at least one actuator or detector.")
    else:
        found += [
            f"devices.{name} is not logged; {suggestion(name, names)}"
            for name in dict.fromkeys(told)
            if name not in names
        ]
    if found:
        raise PlanError(*found)


def _read_sampling(table: Table, interval: float, on_change: bool) -> Sampling | None:
    """Read how a device is logged; None when something in that is wrong, which the table gathers."""
    tolerance = table.get("tolerance", as_number, 0.0)
    every = table.get("interval", as_number, interval if interval >= 0 else 1.0)
    is_wanted = table.get("on_change", as_switch, on_change or bool(tolerance))
    sampling: Sampling | None = None
    with table.problems.gathering(table.key):
        if None not in (tolerance, every, is_wanted):
            sampling = Sampling(every, is_wanted, tolerance)
    return sampling


def _as_positive(key: str, value: object) -> float:
    number = as_number(key, value)
    if not number > 0:
        raise PlanError(f"{key} is {value!r}; give a number above 0.")
    return number


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
