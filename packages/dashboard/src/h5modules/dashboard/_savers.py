"""The savers of modules as the Dashboard calls them: made for its own objects, the file given later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from h5modules import module_saving
from h5modules.module_saving import ModuleSaver
from h5modules.saving import H5SaverLowLevel

from ._modules import DashboardCompound, DashboardDetector, DashboardModule


class _InDashboard(ModuleSaver):
    """A saver whose module is one of the Dashboard's."""

    _adapter: type[DashboardModule]

    def __init__(self, module: Any, *arguments: Any) -> None:
        self._shown = self._adapter(module)
        super().__init__(self._shown, *arguments)

    @property
    def module(self) -> Any:
        """The module, as the Dashboard knows it."""
        return self._shown.module

    @property
    def h5saver(self) -> Any:
        """The file; None as long as none was given."""
        return self._h5saver

    @h5saver.setter
    def h5saver(self, h5saver: H5SaverLowLevel) -> None:
        self._h5saver = h5saver
        self._module_group = None
        self.update_after_h5changed()

    def update_after_h5changed(self) -> None:
        """Make what depends on the file anew."""
        self._shown.h5saver = self._h5saver
        super().update_after_h5changed()  # type: ignore[safe-super] # a saver stands beside this class


class _OfDetector(_InDashboard):
    _adapter = DashboardDetector


class _OfActuator(_InDashboard):
    _adapter = DashboardModule


class _OfCompound(_InDashboard):
    _adapter = DashboardCompound


class DetectorSaver(_OfDetector, module_saving.DetectorSaver):
    """Saves what a DAQ_Viewer shows."""


class DetectorTimeSaver(_OfDetector, module_saving.DetectorTimeSaver):
    """Saves what a DAQ_Viewer reads, against the time."""


class DetectorEnlargeableSaver(_OfDetector, module_saving.DetectorEnlargeableSaver):
    """Saves what a DAQ_Viewer reads, row by row."""


class DetectorExtendedSaver(_OfDetector, module_saving.DetectorExtendedSaver):
    """Saves what a DAQ_Viewer reads at each point of a scan."""


class ActuatorSaver(_OfActuator, module_saving.ActuatorSaver):
    """Saves where a DAQ_Move is."""


class ActuatorTimeSaver(_OfActuator, module_saving.ActuatorTimeSaver):
    """Saves where a DAQ_Move is, against the time."""


class ActuatorEnlargeableSaver(_OfActuator, module_saving.ActuatorEnlargeableSaver):
    """Saves where a DAQ_Move is, row by row."""


class LoggerSaver(_OfCompound, module_saving.LoggerSaver):
    """Saves what a logger of the Dashboard gets."""


class OptimizerSaver(_OfCompound, module_saving.OptimizerSaver):
    """Saves what an optimizer of the Dashboard gets."""


class ScanSaver(_OfCompound, module_saving.ScanSaver):
    """Saves a DAQ_Scan, which gives the file several times, and tells the shape after the group was made."""

    @property
    def h5saver(self) -> Any:
        """The file; None as long as none was given."""
        return self._h5saver

    @h5saver.setter
    def h5saver(self, h5saver: H5SaverLowLevel) -> None:
        group = self._empty_group
        if group is not None and h5saver is self._h5saver and group.driver is h5saver.driver:
            self.renew_savers()
        else:
            self._h5saver, self._module_group = h5saver, None
            self.update_after_h5changed()

    def initialize_time_array(self, extended_shape: Iterable[int]) -> None:
        """Start the clock of the scan: see `set_scan_shape`, which does."""
        self.set_scan_shape(extended_shape)
