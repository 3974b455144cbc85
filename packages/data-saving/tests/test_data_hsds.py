"""Data on a real HSDS server come back equal, and parts of them are read alone."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.data_saving import (
    DataLoader,
    DataSaverLoader,
    DataToExportExtendedSaver,
    DataToExportSaver,
    DataToExportTimedSaver,
)
from h5modules.data_saving.testing import assert_same_data, points
from h5modules.saving import H5SaverLowLevel


@pytest.fixture
def new_domain(hsds_server):
    """Give what opens a new domain; and again, what opens it to read."""
    options = {
        "backend": "h5pyd",
        "endpoint": hsds_server.endpoint,
        "username": hsds_server.username,
        "password": hsds_server.password,
    }

    def new():
        name = f"{hsds_server.folder}{uuid.uuid4().hex}.h5"
        saver = H5SaverLowLevel.from_file(name, **options)
        return saver, lambda: DataLoader(H5SaverLowLevel.from_file(name, mode="r", **options))

    return new


@settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
@given(point=points(2))
def test_saved_together(new_domain, point):
    saver, again = new_domain()
    with saver:
        DataToExportSaver(saver).add_data("/RawData", point)
    with again() as loader:
        assert_same_data(point, DataToExport("loaded", data=list(loader.load_all().data)))


def test_a_scan_and_a_log(new_domain):
    def point(number):
        axes = [Axis("wavelength", "nm", number + np.arange(4.0) ** 2, index=0)]
        return DataToExport("p", data=[DataRaw("s", origin="D", data=[np.full(4, number)], axes=axes)])

    saver, again = new_domain()
    with saver:
        scan = DataToExportExtendedSaver(saver, (2, 2))
        group, log_group = (saver.add_det_group(saver.raw_group) for _ in range(2))
        log = DataToExportTimedSaver(saver)
        for number, index in enumerate([(0, 0), (1, 1), (1, 0)]):
            scan.add_data(group, point(float(number)), index)
            log.add_data(log_group, point(float(number)))
    with again() as loader:
        where = "/RawData/Detector000/Data1D/CH00/Data00"
        assert loader.load_acquired(where).tolist() == [[True, False], [True, True]]
        data = loader.load_data(where, masked=True)
        assert data[0].mask[0, 1].all()
        assert np.isnan(data[0].data[0, 1]).all()
        lazy = loader.load_data(where, lazy=True)
        assert lazy.isig[2][0].tolist() == [[0, pytest.approx(np.nan, nan_ok=True)], [2, 1]]
        moved = loader.load_point(where, (1, 0)).axes[0].get_data()
        np.testing.assert_array_equal(moved, 2 + np.arange(4.0) ** 2)
        rows = loader.load_data("/RawData/Detector001/Data1D/CH00/EnlData00")
        np.testing.assert_array_equal(rows[0][:, 0], [0, 1, 2])


def test_one_signal(new_domain):
    saver, again = new_domain()
    data = DataRaw("d", units="V", data=[np.arange(12).reshape(3, 4)], exposure=0.5)
    with saver:
        DataSaverLoader(saver).add_data("/RawData", data)
    with again() as loader:
        assert_same_data(data, loader.load_data("/RawData/Data00"))
