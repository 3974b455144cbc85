"""The grating drive of the spectrometer."""

from __future__ import annotations

from typing import Any

from pymodaq.control_modules.move_utility_classes import comon_parameters_fun

from h5modules_simulators import GratingDrive, Microscope
from pymodaq_plugins_simulated.hardware._microscope import MICROSCOPE_PARAMS
from pymodaq_plugins_simulated.hardware.actuator import ActuatorShell


class DAQ_Move_SimulatedGrating(ActuatorShell):  # noqa: N801 - PyMoDAQ finds it by this name
    """Turns the spectrometer to another wavelength, in nm."""

    is_multiaxes = False
    _axis_names: Any = ["Wavelength"]
    _controller_units = "nm"
    _epsilons = 0.001
    params = [
        *comon_parameters_fun(is_multiaxes, axis_names=_axis_names, epsilon=_epsilons),
        *MICROSCOPE_PARAMS,
    ]

    def device(self, microscope: Microscope) -> GratingDrive:
        """Return the actuator that the settings name."""
        return microscope.grating


if __name__ == "__main__":
    from pymodaq.control_modules.daq_move_ui.instance import main

    main(__file__)
