"""Detectors, actuators and scans, each in a group of its own with its settings."""

from __future__ import annotations

from ._compound import CompoundSaver
from ._data_savers import (
    ActuatorEnlargeableSaver,
    ActuatorExtendedSaver,
    ActuatorSaver,
    ActuatorTimeSaver,
    DataModuleSaver,
    DetectorEnlargeableSaver,
    DetectorExtendedSaver,
    DetectorSaver,
    DetectorTimeSaver,
)
from ._errors import ModuleTitleError
from ._growing import LoggerSaver, OptimizerSaver
from ._module_saver import ModuleSaver
from ._modules import CompoundModule, GroupModuleType, Module, SupportsSaveFilter
from ._scan import ScanSaver
from ._settings import joined_xml, settings_to_xml
from ._timestamps import TIMESTAMPS, ScanClock

__all__ = [
    "ModuleSaver",
    "DetectorSaver",
    "DetectorTimeSaver",
    "DetectorEnlargeableSaver",
    "DetectorExtendedSaver",
    "ActuatorSaver",
    "ActuatorTimeSaver",
    "ActuatorEnlargeableSaver",
    "ActuatorExtendedSaver",
    "ScanSaver",
    "LoggerSaver",
    "OptimizerSaver",
    "DataModuleSaver",
    "CompoundSaver",
    "ScanClock",
    "Module",
    "CompoundModule",
    "SupportsSaveFilter",
    "GroupModuleType",
    "ModuleTitleError",
    "settings_to_xml",
    "joined_xml",
    "TIMESTAMPS",
]
