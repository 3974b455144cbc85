"""What every plugin asks for, and the microscope that it then looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from h5modules_simulators import BENCH, Microscope

MICROSCOPE_PARAMS: list[dict[str, Any]] = [
    {"title": "Seed", "name": "seed", "type": "int", "value": 0, "min": 0},
    {"title": "Pace (0: no time at all)", "name": "pace", "type": "float", "value": 0.0, "min": 0.0},
]
"""The settings that choose a microscope: its seed, and how many times faster than real its time runs."""


@dataclass(slots=True)
class SharedMicroscope:
    """What a master hands to its slaves: the microscope it looks at now, also after it went to another.

    Attributes
    ----------
    microscope
        The microscope.
    """

    microscope: Microscope


class MicroscopePlugin:
    """A plugin of an instrument at a microscope; those of one seed and pace share it.

    Attributes
    ----------
    controller
        What holds the microscope: the master's own, or its master's.
    """

    settings: Any
    is_master: bool

    def ini_attributes(self) -> None:
        """Start without a microscope."""
        self.controller: SharedMicroscope | None = None

    def commit_settings(self, param: Any) -> None:
        """Go to another microscope, and the slaves along, when its seed or pace were changed."""
        if param.name() in ("seed", "pace") and self.is_master and self.controller is not None:
            self.controller.microscope = self._own_microscope()

    @property
    def microscope(self) -> Microscope:
        """The microscope that is looked at; the plugin is initialized."""
        assert self.controller is not None
        return self.controller.microscope

    def _own_microscope(self) -> Microscope:
        return BENCH.microscope(int(self.settings["seed"]), float(self.settings["pace"]))

    def _find_microscope(self, controller: SharedMicroscope | None) -> bool:
        """Take the microscope of the settings, or the master's; return False when the master has none yet."""
        self.controller = SharedMicroscope(self._own_microscope()) if self.is_master else controller
        return self.controller is not None
