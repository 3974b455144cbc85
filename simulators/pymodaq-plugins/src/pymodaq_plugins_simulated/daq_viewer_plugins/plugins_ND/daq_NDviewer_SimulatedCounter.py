"""The photon counter of the microscope."""

from __future__ import annotations

from typing import Any

from h5modules_simulators import Microscope, PhotonCounter
from pymodaq_plugins_simulated.hardware.detector import DetectorShell


class DAQ_NDViewer_SimulatedCounter(DetectorShell):  # noqa: N801 - PyMoDAQ finds it by this name
    """The photon counter: photons by place and time of arrival."""

    params = DetectorShell.params
    dim = "DataND"

    def device(self, microscope: Microscope) -> PhotonCounter:
        """Return the detector of a microscope."""
        return microscope.counter

    def _navigation(self) -> dict[str, Any]:
        return {"nav_indexes": (0, 1)}  # each polarisation and colour has a curve of arrivals


if __name__ == "__main__":
    from pymodaq.control_modules.daq_viewer import main

    main(__file__)
