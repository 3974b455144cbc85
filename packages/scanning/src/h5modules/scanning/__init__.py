"""A headless DAQ_Scan: a plan, devices, and a runner that moves, reads and saves."""

from __future__ import annotations

from ._axis import LinearAxis
from ._devices import (
    Actuator,
    Detector,
    Device,
    SignalAxis,
    SupportsAxes,
    SupportsClose,
    SupportsLabels,
    SupportsLimits,
    SupportsSettings,
    SupportsUnits,
)
from ._errors import DeviceError, DeviceFailedError, DeviceUnknownError, PlanError
from ._output import Output
from ._plan import Plan, Point
from ._progress import Progress
from ._registry import RegisteredDevice, device_names, open_device, registered_devices
from ._runner import ScanResult, run_scan

__all__ = [
    "run_scan",
    "Plan",
    "LinearAxis",
    "Point",
    "Progress",
    "ScanResult",
    "Output",
    "Device",
    "Actuator",
    "Detector",
    "SignalAxis",
    "SupportsLimits",
    "SupportsUnits",
    "SupportsAxes",
    "SupportsLabels",
    "SupportsSettings",
    "SupportsClose",
    "open_device",
    "device_names",
    "registered_devices",
    "RegisteredDevice",
    "PlanError",
    "DeviceError",
    "DeviceUnknownError",
    "DeviceFailedError",
]
