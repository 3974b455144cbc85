"""What the detector plugins have in common."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import Any, ClassVar, Protocol

from pymodaq.control_modules.viewer_utility_classes import DAQ_Viewer_base, comon_parameters
from pymodaq.utils.data import Axis, DataFromPlugins, DataToExport

from h5modules_simulators import Microscope, SignalAxis

from ._microscope import MICROSCOPE_PARAMS, MicroscopePlugin, SharedMicroscope

LIVE_PAUSE = 0.02
"""Seconds between the readings of a live view.

Without, a detector that takes no time hands on readings faster than a window takes them, which then works on
them for ever, also when it is closed.
"""


class SimulatedDetector(Protocol):
    """What is asked of a simulated detector."""

    @property
    def title(self) -> str:
        """Its name."""

    @property
    def units(self) -> str:
        """Units of what it reads."""

    @property
    def labels(self) -> tuple[str, ...]:
        """One name for each array."""

    @property
    def axes(self) -> tuple[SignalAxis, ...]:
        """The axes of each array that is read."""

    def read(self) -> Any:
        """Return one array for each label."""


class DetectorShell(MicroscopePlugin, DAQ_Viewer_base):  # type: ignore[misc]
    """A PyMoDAQ viewer plugin around a simulated detector; subclasses say which."""

    params = [*comon_parameters, *MICROSCOPE_PARAMS]
    dim: ClassVar[str]

    @abstractmethod
    def device(self, microscope: Microscope) -> SimulatedDetector:
        """Return the detector of a microscope."""

    def ini_detector(self, controller: SharedMicroscope | None = None) -> tuple[str, bool]:
        """Find the microscope: by the settings, or the master's."""
        if not self._find_microscope(controller):
            return "the master of this controller is not initialized", False
        return f"simulated {self.device(self.microscope).title}", True

    def grab_data(self, Naverage: int = 1, **kwargs: Any) -> None:  # noqa: N803 - PyMoDAQ's name
        """Read once and hand it on; PyMoDAQ averages."""
        if kwargs.get("live"):
            time.sleep(LIVE_PAUSE)
        device = self.device(self.microscope)
        data = DataFromPlugins(
            device.title,
            data=list(device.read()),
            dim=self.dim,
            labels=list(device.labels),
            units=device.units,
            axes=self._axes(device),
            **self._navigation(),
        )
        self.dte_signal.emit(DataToExport(device.title, data=[data]))

    def _axes(self, device: SimulatedDetector) -> list[Axis]:
        return [
            Axis(axis.label, units=axis.units, data=axis.values, index=index)
            for index, axis in enumerate(device.axes)
        ]

    def _navigation(self) -> dict[str, Any]:
        return {}

    def stop(self) -> str:
        """Do nothing: a reading is over by itself."""
        return ""

    def close(self) -> None:
        """Leave the microscope to the other plugins."""
