"""Detectors, actuators and scans, each in a group of its own with its settings."""

from __future__ import annotations

from ._data_savers import ActuatorExtendedSaver, ActuatorSaver, DetectorExtendedSaver, DetectorSaver
from ._errors import ModuleTitleError
from ._module_saver import ModuleSaver
from ._modules import GroupModuleType, Module, ScanModule, SupportsSaveFilter
from ._scan import ScanSaver
from ._settings import joined_xml, settings_to_xml
from ._timestamps import TIMESTAMPS, ScanClock

__all__ = [
    "ModuleSaver",
    "DetectorSaver",
    "DetectorExtendedSaver",
    "ActuatorSaver",
    "ActuatorExtendedSaver",
    "ScanSaver",
    "ScanClock",
    "Module",
    "ScanModule",
    "SupportsSaveFilter",
    "GroupModuleType",
    "ModuleTitleError",
    "settings_to_xml",
    "joined_xml",
    "TIMESTAMPS",
]
