"""A log whose devices are open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h5modules.scanning._checks import require_actuator, require_detector, require_own_titles
from h5modules.scanning._last_log import find_last_log
from h5modules.scanning._log_progress import LogProgress
from h5modules.scanning._log_recipe import LogRecipe
from h5modules.scanning._logger import check_series, log_devices
from h5modules.scanning._opening import DeviceOpener
from h5modules.scanning._output import Output


class OpenLog:
    """A log whose devices are open.

    Parameters
    ----------
    recipe
        The log.
    moved, read
        Its actuators and detectors, by name.
    """

    def __init__(self, recipe: LogRecipe, moved: dict[str, Any], read: dict[str, Any]) -> None:
        self.recipe = recipe
        self.moved = moved
        self.read = read
        self.titles = {name: str(device.title) for name, device in (moved | read).items()}

    def remark(self, target: Output) -> str:
        """Tell that the file holds a log of other devices, and that a new one is begun; else empty."""
        last, devices = find_last_log(target), ([*self.moved.values()], [*self.read.values()])
        return "" if last is None or last.is_of(*devices) else last.told_beside(*devices)

    def run(self, target: Output, show: Callable[[LogProgress], None]) -> LogProgress:
        """Record until it ends."""
        return log_devices(
            [*self.moved.values()],
            [*self.read.values()],
            target.path,
            self.recipe.rule_for(self.titles),
            append=target.append,
            overwrite=target.overwrite,
            nexus=target.nexus,
            title=self.recipe.title,
            callback=show,
            policy=self.recipe.policy_for(self.titles),
        )


def open_log(recipe: LogRecipe | None, opener: DeviceOpener, target: Output) -> OpenLog:
    """Open the devices of a log and look at its file; all that is wrong is told at once."""
    problems = opener.problems
    opened = None
    if recipe is not None:
        keys = [
            {name: f"{role}[{number}]" for number, name in enumerate(names)}
            for role, names in (("actuators", recipe.actuators), ("detectors", recipe.detectors))
        ]
        moved = opener.open_as(require_actuator, keys[0], recipe.devices)
        read = opener.open_as(require_detector, keys[1], recipe.devices)
        with problems.gathering():
            require_own_titles((*moved.values(), *read.values()))
        opened = OpenLog(recipe, moved, read)
        with problems.gathering():
            check_series(target, recipe.rule)
    with problems.gathering():
        target.check()
    problems.raise_any()
    assert opened is not None  # else there were problems
    return opened
