"""The devices of a recipe, opened by their names and closed in the end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from ._adaptive_plan import AdaptivePlan
from ._checks import require_actuator, require_detector, require_own_titles
from ._devices import Actuator, Detector, SupportsClose, failure
from ._limits import require_able
from ._plan import Plan
from ._plan_toml import actuator_keys
from ._policy import FailurePolicy
from ._problems import Problems
from ._recipe import DeviceUse, Recipe
from ._registry import open_device


@dataclass(frozen=True, slots=True)
class OpenRecipe:
    """A recipe whose devices are open.

    Attributes
    ----------
    plan
        The plan, with the titles of its devices.
    actuators, detectors
        The devices.
    policy
        What to do when one fails, with limits by title.
    """

    plan: Plan | AdaptivePlan
    actuators: tuple[Actuator, ...]
    detectors: tuple[Detector, ...]
    policy: FailurePolicy


class DeviceOpener:
    """A ``with`` block in which the devices of a recipe are open.

    Each name is opened once. What goes wrong is gathered in `problems`. A device that fails when it is closed
    warns: what was measured is saved by then.

    Parameters
    ----------
    problems
        Where to gather it.
    """

    def __init__(self, problems: Problems) -> None:
        self._stack = ExitStack()
        self._opened: dict[str, Any] = {}
        self.problems = problems

    def open(self, recipe: Recipe) -> OpenRecipe | None:
        """Open all devices of a recipe and look whether they can do it; None when one cannot be opened."""
        plan, outline = recipe.plan, recipe.plan.outline
        keys = actuator_keys(plan)
        actuators = self.open_as(require_actuator, keys, recipe.devices)
        named = {name: f"detectors[{number}]" for number, name in enumerate(recipe.detectors)}
        detectors = self.open_as(require_detector, named, recipe.devices)
        for number, axis in enumerate(outline.leaves):
            for column, name in enumerate(axis.actuators):
                if name in actuators:
                    with self.problems.gathering(keys[name]):
                        require_able(outline, number, column, actuators[name])
        opened = None
        with self.problems.gathering():
            require_own_titles((*actuators.values(), *detectors.values()))
            if len(actuators) == len(keys) and len(detectors) == len(named):
                titles = {name: device.title for name, device in (actuators | detectors).items()}
                devices = tuple(actuators.values()), tuple(detectors.values())
                opened = OpenRecipe(plan.renamed(titles), *devices, self._policy(recipe))
        return opened

    def open_as(
        self,
        require: Callable[[object], None],
        names: Mapping[str, str],
        uses: Mapping[str, DeviceUse] | None = None,
    ) -> dict[str, Any]:
        """Open devices of one role; those that cannot be opened, or not be used so, are left out.

        Parameters
        ----------
        require
            Refuses a device that cannot be used so: `require_actuator`, `require_detector`.
        names
            Their names, and where each was named: a key, or nothing.
        uses
            How they are opened.
        """
        opened = {}
        for name, key in names.items():
            with self.problems.gathering(key):
                device = self._open(name, (uses or {}).get(name, DeviceUse()))
                require(device)
                opened[name] = device
        return opened

    def _open(self, name: str, use: DeviceUse) -> Any:
        if name not in self._opened:
            device = self._opened[name] = open_device(name, **use.options)
            if isinstance(device, SupportsClose):
                self._stack.callback(_close, name, device)
        return self._opened[name]

    def _policy(self, recipe: Recipe) -> FailurePolicy:
        limits = {self._opened[name].title: use.limits for name, use in recipe.devices.items()}
        return FailurePolicy(recipe.on_failure, recipe.retries, limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()


def _close(name: str, device: SupportsClose) -> None:
    try:
        device.close()
    except Exception as error:  # noqa: BLE001 - it is told, and the other devices are closed
        warnings.warn(
            str(failure(f"device {name!r}", "when it was closed", error)), RuntimeWarning, stacklevel=2
        )
