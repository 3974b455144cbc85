"""What is in a file as Datasets and trees of xarray, and back."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import xarray
from hypothesis import HealthCheck, Phase, given, settings
from pymodaq_data.data import Axis, DataDistribution, DataRaw, DataToExport, DataWithAxes

from h5modules.backends import FileClosedError
from h5modules.data_saving import (
    BkgSaver,
    DataLoader,
    DataMismatchError,
    DataNodeError,
    DataSaverLoader,
    DataToExportExtendedSaver,
    DataToExportTimedSaver,
)
from h5modules.data_saving.testing import assert_same_data, signals
from h5modules.data_saving.xarray import from_xarray
from h5modules.saving import H5SaverLowLevel


def spectrum(start=500.0):
    axes = [Axis("wavelength", "nm", start + np.arange(4.0) ** 2, index=0)]
    values = np.arange(4.0)
    return DataRaw(
        "spectrum",
        origin="Spectrometer",
        units="V",
        labels=["left", "right"],
        data=[start + values, -values],
        errors=[values, values],
        axes=axes,
        exposure=0.5,
    )


@pytest.fixture
def path(tmp_path):
    """Return a file with a scan of 3 x 2 points without the last, a spread scan and a log."""
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as saver:
        group = saver.add_det_group(saver.add_scan_group(), "Spectrometer")
        writer = DataToExportExtendedSaver(saver, (3, 2))
        axes = [Axis("y", "mm", np.arange(3.0) ** 2, index=0), Axis("x", "um", np.arange(2.0), index=1)]
        writer.add_nav_axes(group, axes)
        for index in list(np.ndindex(3, 2))[:-1]:
            writer.add_data(group, DataToExport("p", data=[spectrum()]), index)
        dark = spectrum()
        dark.errors = None
        BkgSaver(saver).add_data(f"{group.path}/Data1D/CH00", dark)
        group = saver.add_det_group(saver.add_scan_group(), "Spectrometer")
        writer = DataToExportExtendedSaver(saver, (4,))
        places = [
            Axis(name, "mm", np.arange(4.0) ** 2, index=0, spread_order=n) for n, name in enumerate("yx")
        ]
        writer.add_nav_axes(group, places)
        for index in range(4):
            point = DataToExport("p", data=[spectrum(500.0 + index)])
            writer.add_data(group, point, (index,), DataDistribution.spread)
        log = DataToExportTimedSaver(saver)
        group = saver.add_det_group(saver.raw_group, "Diode")
        for number in range(5):
            log.add_data(
                group, DataToExport("p", data=[DataRaw("power", origin="Diode", data=[np.array([number])])])
            )
    return tmp_path / "scan.h5"


GRID, SPREAD, LOG = (
    "/RawData/Scan000/Detector000/Data1D/CH00",
    "/RawData/Scan001/Detector000/Data1D/CH00",
    "/RawData/Detector000/Data0D/CH00",
)


def test_a_tree_of_the_file(path):
    with xarray.open_datatree(path, engine="h5modules") as tree:
        assert {node.path for node in tree.leaves} == {GRID, SPREAD, LOG}
        grid = tree[GRID]
        assert dict(grid.sizes) == {"y": 3, "x": 2, "wavelength": 4}
        assert set(grid.data_vars) == {
            *("left", "left_error", "left_bkg", "right", "right_error", "right_bkg"),
        }
        assert (grid["left"].attrs["units"], grid["wavelength"].attrs["units"]) == ("V", "nm")
        assert (grid.attrs["pymodaq_origin"], grid.attrs["exposure"]) == ("Spectrometer", 0.5)
        assert grid["acquired"].sum() == 5
        assert np.isnan(grid["left"].isel(y=2, x=1)).all()
        frame = grid["left"].sel(y=4.0, x=0.0) - grid["left_bkg"]
        assert (frame == 0).all()
        assert float(grid["left"].sel(y=1, x=1, wavelength=504.0)) == 502.0
        assert tree[LOG]["CH00"].dims == ("time",)
        assert tree[LOG]["CH00"].values.tolist() == [0, 1, 2, 3, 4]


def test_spread_scans_and_axes_that_move(path):
    with xarray.open_dataset(path, engine="h5modules", group=SPREAD) as dataset:
        assert dataset["left"].dims == ("point", "wavelength_index")
        assert (dataset["x"].dims, dataset["y"].dims) == (("point",), ("point",))
        assert dataset["wavelength"].dims == ("point", "wavelength_index")
        assert dataset["wavelength"].isel(point=3).values.tolist() == [503, 504, 507, 512]


def test_values_are_read_when_they_are_computed(path):
    with DataLoader(path) as loader:
        dataset = loader.to_xarray(GRID)
        assert dataset["left"].chunks is not None
        assert float(dataset["left"].mean("wavelength")[0, 0].compute()) == 501.5
        assert loader.to_xarray(GRID, chunks={"y": 1})["left"].chunks[0] == (1, 1, 1)
        assert not loader.to_xarray(GRID, chunks=None)["left"].chunks
    with pytest.raises(FileClosedError):
        dataset["left"].compute()


def test_one_of_several_has_to_be_named(path):
    with pytest.raises(DataNodeError, match=r"3 signals.*Scan000"):
        xarray.open_dataset(path, engine="h5modules")
    with pytest.raises(LookupError, match="Nowhere"):
        xarray.open_dataset(path, engine="h5modules", group="/Nowhere")
    with xarray.open_dataset(path, engine="h5modules", group=f"{LOG}/EnlData00") as dataset:
        assert list(dataset.data_vars) == ["CH00"]
    with xarray.open_dataset(path, engine="h5modules", group=GRID, drop_variables="left") as dataset:
        assert "left" not in dataset.data_vars
    groups = xarray.open_groups(path, engine="h5modules")
    assert set(groups) == {"/", GRID, SPREAD, LOG}
    for dataset in groups.values():
        dataset.close()


@settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
@given(data=signals())
def test_there_and_back(tmp_path, data):
    with H5SaverLowLevel.from_file(tmp_path / "d.h5", new_file=True, backend="memory") as saver:
        DataSaverLoader(saver).add_data("/RawData", data)
        dataset = DataLoader(saver).to_xarray("/RawData/Data00", chunks=None).load()
    back = from_xarray(dataset)
    back.axes = sorted(back.axes, key=lambda axis: (axis.index, axis.spread_order))
    assert_same_data(data, back)


def test_a_selection_goes_back_too(path):
    with DataLoader(path) as loader:
        data = from_xarray(loader.to_xarray(GRID).isel(y=1))
        expected = loader.load_data(f"{GRID}/Data00", load_all=True, lazy=True)[1]
    assert (data.shape, data.nav_indexes, data.labels) == ((2, 4), (0,), ["left", "right"])
    expected.axes = sorted(expected.axes, key=lambda axis: axis.index)
    assert_same_data(expected, data)


def test_labels_that_get_into_the_way_of_others(saver):
    labels = ["a", "a_error", "a", "x/y", ""]
    arrays = [np.full(3, float(number)) for number in range(5)]
    data = DataRaw("d", data=arrays, errors=arrays, labels=labels, axes=[Axis("a", data=np.arange(3.0) ** 2)])
    DataSaverLoader(saver).add_data("/RawData", data)
    dataset = DataLoader(saver).to_xarray("/RawData/Data00")
    assert len(dataset.data_vars) == 10
    assert_same_data(data, from_xarray(dataset))


def test_pymodaq_reads_the_datasets_too(path):
    with DataLoader(path) as loader:
        data = loader.load_data(f"{LOG}/EnlData00")
        theirs = DataWithAxes.from_xarray(loader.to_xarray(LOG, chunks=None).load())
    assert (theirs.name, theirs.origin, theirs.labels) == (data.name, data.origin, data.labels)
    np.testing.assert_array_equal(theirs[0], data[0])


def test_what_others_made():
    array = xarray.DataArray(
        np.ones((2, 3)), dims=("a", "b"), coords={"b": [0.0, 1.0, 5.0], "name": ("a", ["x", "y"])}
    )
    data = from_xarray(array.assign_attrs(units="K"))
    assert (data.name, data.units, data.shape) == ("data", "K", (2, 3))
    assert [(axis.label, axis.index) for axis in data.axes] == [("b", 1)]
    with pytest.raises(DataMismatchError, match="same dimensions"):
        from_xarray(xarray.Dataset({"one": ("a", [1.0]), "two": ("b", [1.0])}))


def test_xarray_is_not_asked_for_without_need():
    # Not looked for itself: pint, which PyMoDAQ needs, imports it where it is installed.
    code = "import sys, h5modules.data_saving; sys.exit('h5modules.data_saving.xarray' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
