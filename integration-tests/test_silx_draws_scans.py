"""The window of silx picks the right drawing for what was saved: it is asked, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from pymodaq_data.data import DataDistribution, DataRaw, DataToExport

from h5modules.data_saving import (
    DataSaverLoader,
    DataToExportEnlargeableSaver,
    DataToExportExtendedSaver,
    DataToExportTimedSaver,
    make_axis,
)
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
    height, width = (
        make_axis(label, "mm", np.arange(4.0 + n), n) for n, label in enumerate(["up", "across"])
    )
    frame = DataRaw("frame", origin="Camera", data=[np.arange(20.0).reshape(4, 5)], axes=[height, width])
    values = [np.ones(1), np.full(1, 2.0)]
    both = DataRaw("both", origin="Diode", data=values, errors=values, labels=["left", "right"])
    scans = {
        "Line": (power, (6,), [x], "uniform"),
        "Map": (power, (2, 3), [], "uniform"),
        "Cloud": (power, (6,), [x, y], "spread"),
        "Spectra": (spectrum, (6,), [x], "uniform"),
        "Spectra of a map": (spectrum, (2, 3), [], "uniform"),
        "Frames": (frame, (3,), [], "uniform"),
        "Channels": (both, (6,), [x], "uniform"),
    }
    with H5SaverLowLevel.from_file(tmp_path / "scans.h5") as saver:
        for name, (signal, shape, axes, distribution) in scans.items():
            group = saver.get_set_group("/RawData", name)
            writer = DataToExportExtendedSaver(saver, shape)
            writer.add_nav_axes(group, axes)
            for index in np.ndindex(shape):
                point = DataToExport("point", data=[signal])
                writer.add_data(group, point, index, DataDistribution[distribution])
        DataSaverLoader(saver).add_data(saver.get_set_group("/RawData", "Snapshot"), frame)
        adaptive = DataToExportEnlargeableSaver(saver, ["x", "y"], ["um", "um"])
        group = saver.get_set_group("/RawData", "Adaptive")
        for place in ([0.0, 0.0], [1.0, 0.5], [0.3, 0.8]):
            adaptive.add_data(group, DataToExport("point", data=[power]), place)
        wide = DataRaw("wide", origin="Spectrometer", data=[np.ones(64)])
        spectra = DataToExportTimedSaver(saver)
        for _ in range(3):
            spectra.add_data(saver.get_set_group("/RawData", "Spectra log"), DataToExport("row", data=[wide]))
        shutil.copy(saver.filename, tmp_path / "running.h5")
        log = DataToExportTimedSaver(saver)
        for _ in range(3):
            log.add_data(saver.get_set_group("/RawData", "Log"), DataToExport("row", data=[power]))
    drawn = {
        "/": "Curve",
        "NeXus/Line": "Curve",
        "NeXus/Map": "Image",
        "NeXus/Cloud": "Scatter",
        "NeXus/Spectra": "Image",
        "NeXus/Spectra_of_a_map": "Curve",
        "NeXus/Frames": "Image",
        "NeXus/Channels": "Curve",
        "NeXus/Snapshot": "Image",
        "NeXus/Adaptive": "Scatter",
        "NeXus/Spectra_log": "Image",
        "NeXus/Log": "Curve",
    }
    assert views(tmp_path / "scans.h5", list(drawn)) == drawn
    # as it was while rows came: there was room for more of their times than of the spectra
    assert views(tmp_path / "running.h5", ["NeXus/Spectra_log"]) == {"NeXus/Spectra_log": "Image"}


def views(path: Path, names: list[str]) -> dict[str, str]:
    """Return which view the window of silx picks for each node."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(path), *names],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_API": "pyqt6"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
