"""The photodiode of the microscope."""

from __future__ import annotations

from h5modules_simulators import Microscope, Photodiode
from pymodaq_plugins_simulated.hardware.detector import DetectorShell


class DAQ_0DViewer_SimulatedPhotodiode(DetectorShell):  # noqa: N801 - PyMoDAQ finds it by this name
    """The light of the spot under the optical axis, in V."""

    params = DetectorShell.params
    dim = "Data0D"

    def device(self, microscope: Microscope) -> Photodiode:
        """Return the detector of a microscope."""
        return microscope.photodiode


if __name__ == "__main__":
    from pymodaq.control_modules.daq_viewer import main

    main(__file__)
