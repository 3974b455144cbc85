"""What a scan was asked to do, kept with it in its file, so that it can be gone on with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from h5modules.dashboard._errors import ResumeError

PLAN_NAME = "scan_plan"
"""The attribute of a scan's group that holds its plan, as JSON."""


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """Which modules take part in a scan, and where it goes.

    Attributes
    ----------
    actuators, detectors
        The titles of the modules.
    average
        How often the whole scan is repeated.
    scanner
        What PyMoDAQ's scanner tells of itself.
    """

    actuators: list[str]
    detectors: list[str]
    average: int
    scanner: Mapping[str, Any]

    @classmethod
    def of(cls, scan: Any) -> Self:
        """Return the plan that is set in a DAQ_Scan."""
        modules = scan.modules_manager
        told = scan.scanner.to_dict()
        scanner = {name: told[name] for name in told if name not in ("actuators", "selected")}
        average = scan.settings["scan_options", "scan_average"]
        return cls([*modules.selected_actuators_name], [*modules.selected_detectors_name], average, scanner)

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self), default=_plain)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the plan that a text spells.

        Raises
        ------
        ResumeError
            When it spells none.
        """
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise ResumeError(f"the plan of the scan cannot be read: {error}.") from error

    def apply(self, scan: Any) -> None:
        """Set it in a DAQ_Scan.

        Raises
        ------
        ResumeError
            When the Dashboard has not all of its modules; nothing was set.
        """
        modules = scan.modules_manager
        loaded = [each.title for each in modules.modules_all]
        if missing := [title for title in (*self.actuators, *self.detectors) if title not in loaded]:
            names = ", ".join(map(repr, missing))
            raise ResumeError(f"the scan used {names}, which the Dashboard has not; load its experiment.")
        modules.selected_actuators_name = self.actuators
        modules.selected_detectors_name = self.detectors
        scan.scanner.from_dict(
            {**self.scanner, "actuators": modules.actuators_all, "selected": modules.actuators}
        )
        scan.settings["scan_options", "scan_average"] = self.average


def _plain(value: Any) -> Any:
    """Return what JSON can spell in the place of numpy's numbers and arrays."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
