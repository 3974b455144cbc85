"""The stage below the microscope."""

from __future__ import annotations

from typing import Any

from pymodaq.control_modules.move_utility_classes import comon_parameters_fun

from h5modules_simulators import Microscope, StageAxis
from pymodaq_plugins_simulated.hardware._microscope import MICROSCOPE_PARAMS
from pymodaq_plugins_simulated.hardware.actuator import ActuatorShell


class DAQ_Move_SimulatedStage(ActuatorShell):  # noqa: N801 - PyMoDAQ finds it by this name
    """The stage that carries the sample: axes X and Y, in um."""

    is_multiaxes = True
    _axis_names: Any = ["X", "Y"]
    _controller_units = "um"
    _epsilons = 0.001
    params = [
        *comon_parameters_fun(is_multiaxes, axis_names=_axis_names, epsilon=_epsilons),
        *MICROSCOPE_PARAMS,
    ]

    def device(self, microscope: Microscope) -> StageAxis:
        """Return the actuator that the settings name."""
        return microscope.stage.x if self.axis_name == "X" else microscope.stage.y


if __name__ == "__main__":
    from pymodaq.control_modules.daq_move_ui.instance import main

    main(__file__)
