"""The camera of the microscope."""

from __future__ import annotations

from h5modules_simulators import Camera, Microscope
from pymodaq_plugins_simulated.hardware.detector import DetectorShell


class DAQ_2DViewer_SimulatedCamera(DetectorShell):  # noqa: N801 - PyMoDAQ finds it by this name
    """A picture around the spot under the optical axis, in counts over um."""

    params = DetectorShell.params
    dim = "Data2D"

    def device(self, microscope: Microscope) -> Camera:
        """Return the detector of a microscope."""
        return microscope.camera


if __name__ == "__main__":
    from pymodaq.control_modules.daq_viewer import main

    main(__file__)
