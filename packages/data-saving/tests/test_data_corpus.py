"""Every data node of files that PyMoDAQ wrote, as its own loader gives it; where it errs, as saved."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from pymodaq_data.h5modules.data_saving import DataLoader as PeerLoader
from pymodaq_data.h5modules.saving import H5SaverLowLevel as PeerSaver

from h5modules.backends import CARRAY
from h5modules.data_saving import DataLoader
from h5modules.data_saving.testing import differences
from h5modules.saving import H5SaverLowLevel

NAMES = ["v4_h5py", "v4_tables", "v5_h5py", "v5_tables"]
MEASURED = ("data", "data_enlargeable", "bkg", "error")


def nodes(loader, kinds):
    return [
        node.path
        for node in loader.walk_nodes()
        if isinstance(node, CARRAY) and node.attrs.get("data_type") in kinds
    ]


def axes_told(data):
    return sorted((axis.index, axis.spread_order, axis.label, axis.units, axis.size) for axis in data.axes)


@pytest.mark.parametrize(("reader", "all_channels"), [("h5py", True), ("tables", False)])
@pytest.mark.parametrize("name", NAMES)
def test_every_array_is_what_pymodaq_reads(corpus, name, reader, all_channels):
    path = corpus(name)
    before = path.read_bytes()
    with DataLoader(H5SaverLowLevel.from_file(path, mode="r", backend=reader)) as loader:
        ours = {where: loader.load_data(where, load_all=all_channels) for where in nodes(loader, MEASURED)}
    assert path.read_bytes() == before
    assert len(ours) > 20
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = PeerSaver(backend=reader)
        peer.open_file(str(path), "r")
        with PeerLoader(peer) as peer_loader:
            for where, data in ours.items():
                theirs = peer_loader.load_data(where, load_all=all_channels)
                put_right(theirs, data, where, all_channels)
                assert list(differences(theirs, data)) == [], where


def put_right(theirs, ours, where, all_channels):
    """Change what PyMoDAQ loads to what was saved, where it is known to err."""
    theirs.axes = [axis for axis in theirs.axes if axis.label]  # it makes up those that are missing
    if where.endswith("Bkg00"):
        theirs.errors = None  # it gives a background the error bars of its signal
    elif all_channels and where.endswith("Detector000/Data1D/CH00/Data00"):
        theirs.errors = ours.errors  # and loses them when it loads all channels
    if "dtype_bool" in where:  # of the other library it reads numbers: each has its own way to keep them
        theirs.data[0] = theirs.data[0].astype(bool)


@pytest.mark.parametrize("version", ["v4", "v5"])
def test_both_libraries_of_pymodaq_wrote_the_same(corpus, version):
    with DataLoader(corpus(f"{version}_h5py")) as first, DataLoader(corpus(f"{version}_tables")) as second:
        paths = set(nodes(first, MEASURED)) & set(nodes(second, MEASURED))
        assert len(paths) > 20
        for path in paths:
            left, right = first.load_data(path), second.load_data(path)
            assert (left.shape, left[0].dtype, left.name) == (right.shape, right[0].dtype, right.name), path
            assert axes_told(left) == axes_told(right), path


@pytest.mark.parametrize("name", NAMES)
def test_all_of_it(corpus, name):
    with DataLoader(corpus(name)) as loader:
        everything = loader.load_all()
        assert len(everything) > 15
        spectra = [data for data in everything.data if data.name == "spectrum"]
        assert len(spectra) >= 4  # equal names in several groups
        assert [axis.size for axis in loader.axes("/RawData/Scan000/Detector000/NavAxes")] == [5, 4]
        assert loader.load_acquired("/RawData/Scan000/Detector000") is None
        assert len(loader.h5saver.get_set_logger().read()) == 2
        assert loader.raw_group.attrs["tuple_attr"] == (10, 2)


@pytest.mark.parametrize("name", NAMES)
def test_backgrounds_channel_by_channel(corpus, name):
    # PyMoDAQ subtracts the first channel's from all, and lets unsigned counts wrap.
    with DataLoader(corpus(name)) as loader:
        for group in ("Data0D/CH00", "Data0D/CH01", "Data1D/CH00", "Data2D/CH00"):
            for number in range(2):
                group_path = f"/RawData/Detector000/{group}"
                where = f"{group_path}/Data{number:02d}"
                if loader.h5saver.driver.kind(where) is None:
                    continue
                raw, background = (
                    loader.load_data(f"{group_path}/{kind}{number:02d}") for kind in ("Data", "Bkg")
                )
                expected = raw[0].astype(float) - background[0].astype(float)
                np.testing.assert_array_equal(loader.load_data(where, with_bkg=True)[0], expected)


@pytest.mark.parametrize("name", NAMES)
def test_axes_as_data(corpus, name):
    with DataLoader(corpus(name)) as loader:
        for where in nodes(loader, ("axis",)):
            values = loader.get_node(where).read()
            np.testing.assert_array_equal(loader.load_data(where)[0], np.reshape(values, -1))
