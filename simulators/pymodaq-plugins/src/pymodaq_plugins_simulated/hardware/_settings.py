"""What every plugin asks for, and the microscope that it then looks at."""

from __future__ import annotations

from typing import Any

from h5modules_simulators import BENCH, Microscope

MICROSCOPE_PARAMS: list[dict[str, Any]] = [
    {"title": "Seed", "name": "seed", "type": "int", "value": 0, "min": 0},
    {"title": "Pace (0: no time at all)", "name": "pace", "type": "float", "value": 0.0, "min": 0.0},
]
"""The settings that choose a microscope: its seed, and how many times faster than real its time runs."""


def open_microscope(settings: Any) -> Microscope:
    """Return the microscope of a plugin's settings; all plugins of one seed and pace share it."""
    return BENCH.microscope(int(settings["seed"]), float(settings["pace"]))
