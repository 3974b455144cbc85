"""PyMoDAQ's own loaders read what is written here."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from pymodaq_data.data import Axis, DataDistribution, DataRaw, DataToExport
from pymodaq_data.h5modules.data_saving import DataLoader as PeerLoader
from pymodaq_data.h5modules.data_saving import DataSaverLoader as PeerSaverLoader
from pymodaq_data.h5modules.saving import H5SaverLowLevel as PeerFile

from h5modules.data_saving import DataLoader, DataSaverLoader, DataToExportExtendedSaver, DataToExportSaver
from h5modules.saving import H5SaverLowLevel


@pytest.fixture(autouse=True)
def ignored_warnings():
    """Let PyMoDAQ warn about what it does itself: axes that it makes up, dimensions that it sets."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def compare(theirs, ours):
    assert (theirs.name, theirs.units, theirs.origin) == (ours.name, ours.units, ours.origin)
    assert (theirs.labels, theirs.timestamp) == (ours.labels, ours.timestamp)
    assert theirs.distribution.name == ours.distribution.name
    assert tuple(theirs.nav_indexes) == tuple(ours.nav_indexes)
    for left, right in zip(theirs.data, ours.data, strict=True):
        np.testing.assert_array_equal(left, right)
        assert left.dtype == right.dtype
    for axis in ours.axes:
        (same,) = [
            other
            for other in theirs.axes
            if (other.index, other.spread_order) == (axis.index, axis.spread_order)
        ]
        assert (same.label, same.units) == (axis.label, axis.units)
        np.testing.assert_allclose(same.get_data(), axis.get_data())
    assert (theirs.errors is None) is (ours.errors is None)
    for left, right in zip(theirs.errors or (), ours.errors or (), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.fixture(params=["h5py", "tables"])
def writer(request):
    return request.param


@pytest.fixture(params=["h5py", "tables"])
def peer_file(request):
    """Give what opens a file with PyMoDAQ."""

    def opened(path):
        file = PeerFile(backend=request.param)
        file.open_file(str(path), "r")
        return file

    return opened


def test_plain_data(tmp_path, make_point, writer, peer_file):
    path = tmp_path / "plain.h5"
    with H5SaverLowLevel.from_file(path, backend=writer) as saver:
        DataToExportSaver(saver).add_data("/RawData", make_point(2))
    with DataLoader(path) as loader:
        paths = [node.path for node in loader.walk_nodes() if node.name == "Data00"]
        ours = {where: loader.load_data(where, load_all=True) for where in paths}
    assert len(ours) == 5
    for kind in (PeerLoader, PeerSaverLoader):
        peer = kind(peer_file(path))
        for where, data in ours.items():
            theirs = peer.load_data(where, load_all=True)
            compare(theirs, data)
            if data.name == "power":
                assert theirs.exposure == 0.5
        peer.close_file()


@pytest.mark.parametrize("distribution", list(DataDistribution), ids=lambda kind: kind.name)
def test_scans(tmp_path, make_point, distribution, writer, peer_file):
    path, shape = tmp_path / "scan.h5", (2, 3) if distribution is DataDistribution.uniform else (6,)
    with H5SaverLowLevel.from_file(path, backend=writer) as saver:
        points = DataToExportExtendedSaver(saver, shape)
        if len(shape) == 2:
            axes = [Axis(f"nav {n}", "um", np.arange(float(k)), index=n) for n, k in enumerate(shape)]
        else:
            positions = np.arange(6.0) ** 2
            axes = [Axis(f"nav {n}", "um", positions * (n + 1), index=0, spread_order=n) for n in range(2)]
        group = saver.add_det_group(saver.add_scan_group())
        points.add_nav_axes(group, axes)
        for number, index in enumerate(np.ndindex(*shape)):
            points.add_data(group, make_point(number), index, distribution)
    with DataLoader(path) as loader:
        ours = {data.name: data for data in loader.load_all().data}
    peer = PeerLoader(peer_file(path))
    for data in ours.values():
        compare(peer.load_data(data.path, load_all=True), data)
    found = peer.load_data_from_name_origin("spectrum", "Spectrometer")
    np.testing.assert_array_equal(found[0], ours["spectrum"][0])
    peer.close_file()


@pytest.mark.parametrize("units", ["1", "nm", "", "counts", "1/s"])
def test_units_that_json_could_read(tmp_path, units):
    path = tmp_path / "units.h5"
    with DataSaverLoader(path) as saver:
        saver.add_data("/RawData", DataRaw("d", units=units, data=[np.ones(3)]))
    peer = PeerLoader(path)
    assert peer.load_data("/RawData/Data00").units == units
    peer.close_file()


def test_a_dimension_of_length_one_is_kept_here(tmp_path):
    # PyMoDAQ drops it, and with it the meaning of the axes.
    path = tmp_path / "row.h5"
    data = DataRaw("row", data=[np.ones((1, 5))], axes=[Axis("x", "um", np.arange(5.0), index=1)])
    with DataSaverLoader(path) as saver:
        saver.add_data("/RawData", data)
    with DataLoader(path) as loader:
        assert loader.load_data("/RawData/Data00") == data


def test_equal_names_in_several_scans_all_come_back_here(tmp_path):
    path = tmp_path / "scans.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        for number in range(3):
            point = DataToExport("p", data=[DataRaw("a", origin="A", data=[np.array([float(number)])])])
            DataToExportSaver(saver).add_data(saver.add_scan_group(), point)
    with DataLoader(path) as loader:
        assert [data[0][0] for data in loader.load_all().data] == [0.0, 1.0, 2.0]
    peer = PeerLoader(path)
    assert len(peer.load_all("/RawData")) == 1
    peer.close_file()


def test_second_names_are_loaded_by_nobody(tmp_path, writer, peer_file):
    loaded = []
    for nexus in (True, False):
        path = tmp_path / f"nexus{nexus}.h5"
        with H5SaverLowLevel.from_file(path, backend=writer, nexus=nexus) as saver:
            scan = saver.add_scan_group(title="scan")
            for group in (saver.add_act_group(scan, "Stage"), saver.add_det_group(scan, "Diode")):
                points = DataToExportExtendedSaver(saver, (3,))
                points.add_nav_axes(group, [Axis("Stage", "um", np.arange(3.0), index=0)])
                data = DataRaw("value", origin=group.title, data=[np.array([1.0])])
                points.add_data(group, DataToExport("point", data=[data]), (0,))
            assert ("NeXus" in saver.root()) is nexus
        file = peer_file(path)
        loaded.append([(each.origin, each.shape) for each in PeerLoader(file).load_all("/").data])
        file.close_file()
    shown, plain = loaded
    assert shown == plain
    assert len(plain) == 2
