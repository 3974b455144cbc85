"""A grating turns the spectrometer between points: each point keeps its own wavelengths."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from h5modules.data_saving import DataLoader
from h5modules.scanning import LinearAxis, Plan, run_scan
from h5modules_simulators import make_microscope


def test_each_point_keeps_its_own_wavelengths(tmp_path: Path) -> None:
    microscope = make_microscope(seed=2)
    plan = Plan([LinearAxis("Grating", 500, 600, 3, "nm")])
    path = run_scan(plan, [microscope.grating], [microscope.spectrometer], tmp_path / "scan.h5").path
    where = "/RawData/Scan000/Detector000/Data1D/CH00/Data00"
    with DataLoader(path) as loader:
        for number, center in enumerate((500.0, 550.0, 600.0)):
            (axis,) = loader.load_point(where, (number,)).axes
            np.testing.assert_allclose(axis.get_data().mean(), center)
