"""Curves of the browser: gaps, complex numbers, backgrounds."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from pymodaq_data.data import DataRaw
from qtpy.QtCore import QPointF

from h5modules.backends import H5Backend
from h5modules.browsing.qt.views._curves import CurveView
from h5modules.browsing.qt.views._images import ImageView
from h5modules.browsing.qt.views._scan_maps import ScanView
from h5modules.data_saving import BkgSaver, DataSaverLoader
from h5modules.saving import H5SaverLowLevel

SPECTRA = "/RawData/Scan000/Detector000/Data1D/CH00/Data00"


@pytest.mark.parametrize("kind", [CurveView, ScanView])
def test_a_value_between_gaps_is_seen(tmp_path, make_scan, shown, qtbot, kind):
    values = np.zeros(1_000)
    values[400:600] = np.nan
    values[500] = 1.0
    path = make_scan((2, 3), {"spectrum": lambda index: values})
    with h5py.File(path, "a") as raw:
        raw["curve"] = values
    with H5Backend.open(path) as file:
        view = shown(file, "/curve" if kind is CurveView else SPECTRA, kind)
        plot = view._plot if kind is CurveView else view.curve

        def colours() -> set[str]:
            at = plot.mapFromScene(plot.getPlotItem().vb.mapViewToScene(QPointF(500.0, 1.0)))
            picture = plot.grab().toImage()
            return {picture.pixelColor(at.x() + x, at.y() + y).name() for x in (-1, 0, 1) for y in (-1, 0, 1)}

        qtbot.waitUntil(lambda: "#0072b2" in colours())
        view.restyle()
        assert [item.opts["symbol"] for item in plot.listDataItems()] == [None, "o"]
        assert plot.listDataItems()[1].opts["pen"] is None


@pytest.fixture
def waves(tmp_path):
    """A complex signal, and an image of one, with what lies below them."""
    with H5SaverLowLevel.from_file(tmp_path / "waves.h5") as file:
        paths = []
        for shape in ((4,), (3, 4)):
            group = file.add_generic_group(group_type="data")
            data, below = np.full(shape, 3 + 5j), np.full(shape, 3 + 1j)
            DataSaverLoader(file).add_data(group, DataRaw("wave", units="V", data=[data]))
            BkgSaver(file).add_data(group, DataRaw("bkg", units="V", data=[below]))
            paths.append(f"{group.path}/Data00")
        yield file, paths


def test_complex_numbers_are_shown_by_their_magnitude_which_is_told(waves, shown):
    file, (line, image) = waves
    view = shown(file, line, CurveView)
    assert view._plot.getPlotItem().getAxis("left").labelText == "|wave| (V)"
    view._background.setChecked(True)
    assert view._plot.listDataItems()[0].yData.tolist() == [4.0] * 4
    view = shown(file, image, ImageView)
    assert view.image._colours.axis.labelText == "|wave| (V)"
    assert view.image.image.image.tolist() == np.abs(np.full((3, 4), 3 + 5j)).tolist()
    view._background.setChecked(True)
    assert view.image.image.image.tolist() == np.full((3, 4), 4.0).tolist()


def test_a_background_of_counts_is_subtracted_below_zero(tmp_path, shown):
    with H5SaverLowLevel.from_file(tmp_path / "counts.h5") as file:
        group = file.add_generic_group(group_type="data")
        DataSaverLoader(file).add_data(group, DataRaw("counts", data=[np.full((3, 4), 2, "u2")]))
        BkgSaver(file).add_data(group, DataRaw("bkg", data=[np.full((3, 4), 5, "u2")]))
        view = shown(file, f"{group.path}/Data00")
        view._background.setChecked(True)
        assert view.image.image.image.tolist() == np.full((3, 4), -3.0).tolist()
        assert view.image._colours.axis.labelText == "counts"
