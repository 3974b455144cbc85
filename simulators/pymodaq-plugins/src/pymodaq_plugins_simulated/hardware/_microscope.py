"""What every plugin asks for, and the microscope that it then looks at."""

from __future__ import annotations

from typing import Any

from h5modules_simulators import BENCH, Microscope

MICROSCOPE_PARAMS: list[dict[str, Any]] = [
    {"title": "Seed", "name": "seed", "type": "int", "value": 0, "min": 0},
    {"title": "Pace (0: no time at all)", "name": "pace", "type": "float", "value": 0.0, "min": 0.0},
]
"""The settings that choose a microscope: its seed, and how many times faster than real its time runs."""


class MicroscopePlugin:
    """A plugin of an instrument at a microscope; those of one seed and pace share it.

    Attributes
    ----------
    controller
        The microscope.
    """

    settings: Any
    is_master: bool

    def ini_attributes(self) -> None:
        """Start without a microscope."""
        self.controller: Microscope | None = None

    def commit_settings(self, param: Any) -> None:
        """Go to another microscope when its seed or pace were changed."""
        if param.name() in ("seed", "pace") and self.is_master:
            self.controller = self._own_microscope()

    def _own_microscope(self) -> Microscope:
        return BENCH.microscope(int(self.settings["seed"]), float(self.settings["pace"]))

    def _find_microscope(self, controller: Microscope | None) -> Microscope | None:
        """Take the microscope of the settings, or the master's; None when the master has none yet."""
        self.controller = self._own_microscope() if self.is_master else controller
        return self.controller
