"""The spectrometer of the microscope."""

from __future__ import annotations

from h5modules_simulators import Microscope, Spectrometer
from pymodaq_plugins_simulated.hardware.detector import DetectorShell


class DAQ_1DViewer_SimulatedSpectrometer(DetectorShell):  # noqa: N801 - PyMoDAQ finds it by this name
    """The spectrum of the spot under the optical axis, in counts over nm."""

    params = DetectorShell.params
    dim = "Data1D"

    def device(self, microscope: Microscope) -> Spectrometer:
        """Return the detector of a microscope."""
        return microscope.spectrometer


if __name__ == "__main__":
    from pymodaq.control_modules.daq_viewer import main

    main(__file__)
