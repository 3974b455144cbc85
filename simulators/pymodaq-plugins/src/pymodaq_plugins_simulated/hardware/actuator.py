"""What the actuator plugins have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from pymodaq.control_modules.move_utility_classes import DAQ_Move_base, DataActuatorType
from pymodaq.utils.data import DataActuator

from h5modules_simulators import Microscope

from ._microscope import MicroscopePlugin


class SimulatedActuator(Protocol):
    """What is asked of a simulated actuator."""

    @property
    def title(self) -> str:
        """Its name."""

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest position."""

    @property
    def position(self) -> float:
        """Where it is."""

    def move_to(self, value: float) -> None:
        """Move and settle."""


class ActuatorShell(MicroscopePlugin, DAQ_Move_base):  # type: ignore[misc]
    """A PyMoDAQ move plugin around simulated actuators; subclasses say which.

    A move is over when `move_abs` returns: it lasts in the plugin's thread, not in the window's.
    """

    data_actuator_type = DataActuatorType.DataActuator

    @abstractmethod
    def device(self, microscope: Microscope) -> SimulatedActuator:
        """Return the actuator of a microscope."""

    def ini_stage(self, controller: Microscope | None = None) -> tuple[str, bool]:
        """Find the microscope: by the settings, or the master's; tell PyMoDAQ the limits."""
        if (microscope := self._find_microscope(controller)) is None:
            return "the master of this controller is not initialized", False
        device = self.device(microscope)
        low, high = device.limits
        # Limits the user made narrower stay: they lie within those of the device.
        if not self.settings["bounds", "is_bounds"]:
            self.settings.child("bounds", "min_bound").setValue(low)
            self.settings.child("bounds", "max_bound").setValue(high)
            self.settings.child("bounds", "is_bounds").setValue(True)
        return f"simulated {device.title}", True

    @property
    def _device(self) -> SimulatedActuator:
        assert self.controller is not None
        return self.device(self.controller)

    def get_actuator_value(self) -> DataActuator:
        """Return where the encoder says it is."""
        return DataActuator(self._title, data=self._device.position, units=self.axis_unit)

    def move_abs(self, value: DataActuator) -> None:
        """Move to a position within the limits, and settle."""
        value = self.check_bound(value)
        self.target_value = value
        self._device.move_to(value.value(self.axis_unit))

    def move_rel(self, value: DataActuator) -> None:
        """Move by a distance: see `move_abs`."""
        self.move_abs(self.get_actuator_value() + value)

    def move_home(self) -> None:
        """Move to 0, or to the limit nearest to it."""
        low, high = self._device.limits
        self._device.move_to(min(max(0.0, low), high))
        self.move_done()

    def poll_moving(self) -> None:
        """Report the end of a move: it was over when `move_abs` returned."""
        self.move_done(self.get_actuator_value())

    def stop_motion(self) -> None:
        """Report where it is: a move is over before it could be stopped."""
        self.move_done()

    def close(self) -> None:
        """Leave the microscope to the other plugins."""
