"""A headless DAQ_Scan: a plan, devices, and a runner that moves, reads and saves."""

from __future__ import annotations

from ._devices import (
    Actuator,
    Detector,
    SignalAxis,
    SupportsAxes,
    SupportsLimits,
    SupportsSettings,
    SupportsUnits,
    device_names,
    open_device,
)
from ._errors import DeviceError, PlanError
from ._output import Output
from ._plan import LinearAxis, Plan, Point
from ._progress import Progress
from ._runner import ScanResult, run_scan

__all__ = [
    "run_scan",
    "Plan",
    "LinearAxis",
    "Point",
    "Progress",
    "ScanResult",
    "Output",
    "Actuator",
    "Detector",
    "SignalAxis",
    "SupportsLimits",
    "SupportsUnits",
    "SupportsAxes",
    "SupportsSettings",
    "open_device",
    "device_names",
    "PlanError",
    "DeviceError",
]
