"""What the actuator plugins have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from pymodaq.control_modules.move_utility_classes import DAQ_Move_base, DataActuatorType
from pymodaq.utils.data import DataActuator

from h5modules_simulators import Microscope

from ._microscope import MicroscopePlugin, SharedMicroscope


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

    def ini_stage(self, controller: SharedMicroscope | None = None) -> tuple[str, bool]:
        """Find the microscope: by the settings, or the master's; tell PyMoDAQ the limits."""
        if not self._find_microscope(controller):
            return "the master of this controller is not initialized", False
        # Limits the user made narrower stay: they lie within those of the device.
        if not self.settings["bounds", "is_bounds"]:
            low, high = sorted(self._told(limit).value(self.axis_unit) for limit in self._device.limits)
            self.settings.child("bounds", "min_bound").setValue(low)
            self.settings.child("bounds", "max_bound").setValue(high)
            self.settings.child("bounds", "is_bounds").setValue(True)
        return f"simulated {self._device.title}", True

    @property
    def _device(self) -> SimulatedActuator:
        return self.device(self.microscope)

    def _told(self, position: float) -> DataActuator:
        """Return a position of the device as the user's scaling tells it."""
        told = self.get_position_with_scaling(DataActuator(data=position, units=self.axis_unit))
        # Anew: what was calculated with calls its units by another letter.
        return DataActuator(self._title, data=told.value(self.axis_unit), units=self.axis_unit)

    def get_actuator_value(self) -> DataActuator:
        """Return where the encoder says it is, in the user's scaling."""
        return self._told(self._device.position)

    def move_abs(self, value: DataActuator) -> None:
        """Move to a position within the limits, in the user's scaling, and settle."""
        wanted = DataActuator(self._title, data=value.value(self.axis_unit), units=self.axis_unit)
        self.target_value = self.check_bound(wanted)  # which takes the units to be those of the axis
        self._device.move_to(self.set_position_with_scaling(self.target_value).value(self.axis_unit))

    def move_rel(self, value: DataActuator) -> None:
        """Move by a distance: see `move_abs`."""
        self.move_abs(self.get_actuator_value() + value)

    def move_home(self) -> None:
        """Move to where the device has its 0, or to the limit nearest to it."""
        low, high = self._device.limits
        home = self._told(min(max(0.0, low), high)).value(self.axis_unit)
        if self.settings["bounds", "is_bounds"]:
            home = min(max(home, self.settings["bounds", "min_bound"]), self.settings["bounds", "max_bound"])
        self.move_abs(DataActuator(self._title, data=home, units=self.axis_unit))
        self.move_done()

    def poll_moving(self) -> None:
        """Report the end of a move: it was over when `move_abs` returned."""
        self.move_done(self.get_actuator_value())

    def stop_motion(self) -> None:
        """Report where it is: a move is over before it could be stopped."""
        self.move_done()

    def close(self) -> None:
        """Leave the microscope to the other plugins."""
