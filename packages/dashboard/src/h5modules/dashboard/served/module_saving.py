"""Served as ``pymodaq.utils.h5modules.module_saving``: savers for the Dashboard's own objects."""

from __future__ import annotations

from h5modules.backends import GROUP, Node
from h5modules.dashboard._savers import (
    ActuatorEnlargeableSaver,
    ActuatorSaver,
    ActuatorTimeSaver,
    DetectorEnlargeableSaver,
    DetectorExtendedSaver,
    DetectorSaver,
    DetectorTimeSaver,
    LoggerSaver,
    OptimizerSaver,
    ScanSaver,
)
from h5modules.module_saving import GroupModuleType, ModuleSaver

__all__ = [
    "GroupModuleType",
    "ModuleSaver",
    "DetectorSaver",
    "DetectorTimeSaver",
    "DetectorEnlargeableSaver",
    "DetectorExtendedSaver",
    "ActuatorSaver",
    "ActuatorTimeSaver",
    "ActuatorEnlargeableSaver",
    "ScanSaver",
    "LoggerSaver",
    "OptimizerSaver",
    "GROUP",
    "Node",
]
