"""Plugins of PyMoDAQ as devices of a scan without windows, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from h5modules.data_saving import DataLoader

pytestmark = pytest.mark.slow

SCAN = """
import sys
from pyqtgraph import mkQApp
app = mkQApp()
from h5modules.dashboard import PluginError
from h5modules.dashboard.plugins import PluginActuator, PluginDetector
from h5modules.scanning import LinearAxis, Plan, run_scan
from pymodaq_plugins_simulated.daq_move_plugins.daq_move_SimulatedStage import DAQ_Move_SimulatedStage
from pymodaq_plugins_simulated.daq_viewer_plugins.plugins_0D.daq_0Dviewer_SimulatedPhotodiode import (
    DAQ_0DViewer_SimulatedPhotodiode,
)
from pymodaq_plugins_simulated.daq_viewer_plugins.plugins_1D.daq_1Dviewer_SimulatedSpectrometer import (
    DAQ_1DViewer_SimulatedSpectrometer,
)

stage = PluginActuator.open(DAQ_Move_SimulatedStage, "Stage")
detectors = [
    PluginDetector.open(DAQ_0DViewer_SimulatedPhotodiode),
    PluginDetector.open(DAQ_1DViewer_SimulatedSpectrometer, "Spectrometer"),
]
plan = Plan([LinearAxis("Stage", -6, 6, 5, units="um")])
print(run_scan(plan, [stage], detectors, sys.argv[1]).path, stage.position)
try:
    PluginDetector(detectors[0].plugin, signal="nothing")
except PluginError as error:
    print(error)
"""


def test_plugins_are_scanned_without_a_window(tmp_path):
    command = [sys.executable, "-c", SCAN, str(tmp_path / "scan.h5")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "6.0" in done.stdout
    assert "say which with signal=" in done.stdout
    with DataLoader(tmp_path / "scan.h5") as loader:
        power = loader.load_data_from_name_origin("SimulatedPhotodiode", "SimulatedPhotodiode")
        spectra = loader.load_data_from_name_origin("Spectrometer", "Spectrometer")
    assert (power.shape, power.units) == ((5,), "V")
    assert (spectra.shape, spectra.units) == ((5, 1024), "counts")
    labels = {(axis.label, axis.units) for axis in spectra.axes}
    assert ("Stage", "um") in labels
    assert "nm" in {units for _, units in labels}
