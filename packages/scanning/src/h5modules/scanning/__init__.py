"""A headless DAQ_Scan: a plan, devices, and a runner that moves, reads and saves."""

from __future__ import annotations

from ._adaptive import resume_adaptive, run_adaptive
from ._adaptive_plan import AdaptivePlan
from ._axis import LinearAxis, PlanAxis, RepeatAxis
from ._background import RunningScan, in_background
from ._calls import CallLimits
from ._control import ScanControl
from ._devices import (
    Actuator,
    Detector,
    Device,
    SignalAxis,
    SupportsAxes,
    SupportsClose,
    SupportsLabels,
    SupportsLimits,
    SupportsPoints,
    SupportsReadTime,
    SupportsSettings,
    SupportsTravelTime,
    SupportsTrigger,
    SupportsUnits,
)
from ._errors import (
    DeviceError,
    DeviceFailedError,
    DeviceTimeoutError,
    DeviceUnknownError,
    PlanError,
    ScanAbortedError,
    ScanResumeError,
)
from ._estimate import estimated_seconds
from ._functions import FunctionActuator, FunctionDetector
from ._live_plot import LivePlot
from ._log_progress import DeviceProgress, LogProgress
from ._log_recipe import LogRecipe, load_log_recipe
from ._log_rule import LogRule, Sampling
from ._logger import log_devices
from ._opening import DeviceOpener, OpenRecipe
from ._order import Order
from ._output import Output
from ._picture import draw_path
from ._plan import Plan, Point
from ._policy import FailurePolicy, OnFailure
from ._progress import Progress
from ._recipe import DeviceUse, Recipe, load_recipe
from ._registry import RegisteredDevice, device_names, device_roles, open_device, registered_devices
from ._resuming import saved_recipe
from ._runner import ScanResult, resume_scan, run_scan
from ._spread import RandomAxis, SpiralAxis, TableAxis

__all__ = [
    "run_scan",
    "resume_scan",
    "run_adaptive",
    "resume_adaptive",
    "AdaptivePlan",
    "in_background",
    "RunningScan",
    "log_devices",
    "LogRule",
    "Sampling",
    "LogRecipe",
    "load_log_recipe",
    "LogProgress",
    "DeviceProgress",
    "Plan",
    "Order",
    "PlanAxis",
    "LinearAxis",
    "RepeatAxis",
    "TableAxis",
    "SpiralAxis",
    "RandomAxis",
    "Point",
    "Recipe",
    "DeviceUse",
    "load_recipe",
    "saved_recipe",
    "DeviceOpener",
    "OpenRecipe",
    "estimated_seconds",
    "draw_path",
    "LivePlot",
    "Progress",
    "ScanResult",
    "ScanControl",
    "FailurePolicy",
    "OnFailure",
    "CallLimits",
    "Output",
    "Device",
    "Actuator",
    "Detector",
    "FunctionActuator",
    "FunctionDetector",
    "SignalAxis",
    "SupportsLimits",
    "SupportsUnits",
    "SupportsAxes",
    "SupportsLabels",
    "SupportsSettings",
    "SupportsClose",
    "SupportsTrigger",
    "SupportsPoints",
    "SupportsTravelTime",
    "SupportsReadTime",
    "open_device",
    "device_names",
    "registered_devices",
    "device_roles",
    "RegisteredDevice",
    "PlanError",
    "DeviceError",
    "DeviceUnknownError",
    "DeviceFailedError",
    "DeviceTimeoutError",
    "ScanAbortedError",
    "ScanResumeError",
]
