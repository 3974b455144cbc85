"""The window of silx picks the right drawing for what was saved: it is asked, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from pymodaq_data.data import DataDistribution, DataRaw, DataToExport

from h5modules.data_saving import DataToExportExtendedSaver, DataToExportTimedSaver, make_axis
from h5modules.saving import H5SaverLowLevel

LOOK = """
import sys
import h5py
from silx.gui import qt
from silx.gui.data.DataViewer import DataViewer
application = qt.QApplication([])
with h5py.File(sys.argv[1]) as file:
    for name in sys.argv[2:]:
        viewer = DataViewer()
        viewer.setData(file[name])
        application.processEvents()
        print(name, viewer.displayedView().label())
"""


def test_each_measurement_is_drawn_as_what_it_is(tmp_path: Path) -> None:
    wavelength = make_axis("wavelength", "nm", np.linspace(500, 510, 8))
    x, y = (make_axis(label, "um", np.random.default_rng(1).random(6), 0, n) for n, label in enumerate("xy"))
    power = DataRaw("power", origin="Diode", units="mW", data=[np.ones(1)])
    spectrum = DataRaw("spectrum", origin="Spectrometer", data=[np.ones(8)], axes=[wavelength])
    scans = {
        "Line": (power, (6,), [x], "uniform"),
        "Map": (power, (2, 3), [], "uniform"),
        "Cloud": (power, (6,), [x, y], "spread"),
        "Spectra": (spectrum, (6,), [x], "uniform"),
        "Spectra of a map": (spectrum, (2, 3), [], "uniform"),
    }
    with H5SaverLowLevel.from_file(tmp_path / "scans.h5") as saver:
        for name, (signal, shape, axes, distribution) in scans.items():
            group = saver.get_set_group("/RawData", name)
            writer = DataToExportExtendedSaver(saver, shape)
            writer.add_nav_axes(group, axes)
            for index in np.ndindex(shape):
                point = DataToExport("point", data=[signal])
                writer.add_data(group, point, index, DataDistribution[distribution])
        log = DataToExportTimedSaver(saver)
        for _ in range(3):
            log.add_data(saver.get_set_group("/RawData", "Log"), DataToExport("row", data=[power]))
    names = ["Line", "Map", "Cloud", "Spectra", "Spectra_of_a_map", "Log"]
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(tmp_path / "scans.h5"), "/", *(f"NeXus/{name}" for name in names)],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_API": "pyqt6"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    drawn = ["/ Curve", "Line Curve", "Map Image", "Cloud Scatter", "Spectra Image", "Spectra_of_a_map Curve"]
    assert [line.removeprefix("NeXus/") for line in done.stdout.splitlines()] == [*drawn, "Log Curve"]
