"""Savers and loaders of data over a real HSDS server: the same calls, the same data."""

from __future__ import annotations

import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.backends.testing import hsds_domain, hsds_server
from h5modules.data_saving import (
    DataLoader,
    DataMismatchError,
    DataToExportEnlargeableSaver,
    DataToExportExtendedSaver,
    DataToExportSaver,
    DataToExportTimedSaver,
    make_axis,
)
from h5modules.data_saving.testing import assert_same_data
from h5modules.saving import H5SaverLowLevel

__all__ = ["hsds_domain", "hsds_server"]


def point(number: float, start: float = 500.0) -> DataToExport:
    wavelength = Axis("wavelength", "nm", start + np.arange(6.0), index=0)
    spectrum = DataRaw(
        "spectrum",
        origin="Spectrometer",
        units="V",
        data=[np.full(6, number), np.full(6, number, np.uint16)],
        labels=["left", "right"],
        errors=[np.full(6, 0.1), np.full(6, 0.2)],
        axes=[wavelength],
        exposure=0.5,
    )
    frame = DataRaw("frame", origin="Camera", data=[np.full((2, 3), number) * (1 + 1j)])
    return DataToExport(
        "point",
        data=[DataRaw("power", origin="Diode", units="mW", data=[np.array([number])]), spectrum, frame],
    )


@pytest.fixture
def open_domain(hsds_server, hsds_domain):
    """Open the same domain again and again."""
    return lambda mode="a": H5SaverLowLevel.from_file(
        hsds_domain, mode=mode, backend="h5pyd", **hsds_server.options
    )


def test_plain_data(open_domain):
    saved = point(3.0)
    with open_domain() as saver:
        DataToExportSaver(saver).add_data("/RawData", saved)
    with open_domain("r") as saver:
        found = {data.name: data for data in DataLoader(saver).load_all("/RawData").data}
    assert len(found) == 3
    for data in saved.data:
        assert_same_data(data, found[data.name])


def test_a_scan_that_is_gone_on_with(open_domain):
    navigation = [make_axis("x", "um", np.arange(2.0)), make_axis("y", "um", np.arange(3.0) ** 2, 1)]
    done = {(0, 0): 1.0, (0, 2): 2.0, (1, 1): 3.0}
    for part in (list(done)[:2], list(done)[2:]):
        with open_domain() as file:
            saver = DataToExportExtendedSaver(file, (2, 3))
            group = file.get_set_group("/RawData", "Scan000")
            saver.add_nav_axes(group, navigation)
            for index in part:
                saver.add_data(group, point(done[index]), index)
            with pytest.raises(DataMismatchError, match="has 3 signals, this one 2"):
                saver.add_data(group, DataToExport("less", data=point(0).data[1:]), (0, 1))
    with open_domain("r") as file:
        loader = DataLoader(file)
        spectrum = loader.load_data_from_name_origin("spectrum", "Spectrometer")
        acquired = loader.load_acquired("/RawData/Scan000")
    assert (spectrum.units, spectrum.shape, spectrum.exposure) == ("V", (2, 3, 6), 0.5)
    assert {tuple(index) for index in np.argwhere(acquired).tolist()} == set(done)
    for index in np.ndindex(2, 3):
        assert np.array_equal(spectrum[0][index], np.full(6, done.get(index, np.nan)), equal_nan=True)
    assert [axis.get_data().tolist() for axis in spectrum.axes if axis.index < 2] == [[0, 1], [0, 1, 4]]


def test_logs_and_adaptive_scans(open_domain):
    with open_domain() as file:
        adaptive = DataToExportEnlargeableSaver(file, ["x"], ["um"])
        timed = DataToExportTimedSaver(file)
        first, second = (file.get_set_group("/RawData", name) for name in ("Adaptive", "Log"))
        for number in range(4):
            moved = point(
                float(number), start=500.0 + 10 * (number // 2)
            )  # the spectrometer moves on the way
            moved.timestamp = 1e9 + number
            adaptive.add_data(first, moved, axis_values=[number**2])
            timed.add_data(second, moved)
    with open_domain("r") as file:
        loader = DataLoader(file)
        power = loader.load_data_from_name_origin("power", "Diode", where="/RawData/Adaptive")
        log = loader.load_data_from_name_origin("frame", "Camera", where="/RawData/Log")
        moving = file.get_node("/RawData/Log/Data1D/CH00/PointAxis00").read()
    assert (power[0].tolist(), power.axes[0].get_data().tolist()) == ([0, 1, 2, 3], [0, 1, 4, 9])
    assert log.shape == (4, 2, 3)
    assert log[0][3, 0, 0] == 3 + 3j
    assert log.axes[0].get_data().tolist() == [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3]
    assert moving[:, 0].tolist() == [500, 500, 510, 510]
